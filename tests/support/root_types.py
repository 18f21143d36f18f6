"""The signed root as wallet software describes it, written from the contract's type string."""

from __future__ import annotations

ROOT_TYPES = {
    "Root": [
        {"name": "root", "type": "uint256"},
        {"name": "attestorSet", "type": "bytes32"},
        {"name": "generation", "type": "uint32"},
        {"name": "firstDay", "type": "uint32"},
        {"name": "lastDay", "type": "uint32"},
        {"name": "validUntil", "type": "uint64"},
        {"name": "feed", "type": "uint256"},
        {"name": "rules", "type": "bytes32"},
    ]
}
