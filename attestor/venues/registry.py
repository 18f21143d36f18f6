"""
The venue adapters that there are. An adapter is one module, which holds its entry, and one line
here.
"""

from __future__ import annotations

from algebra.errors import Refused
from attestor.venues import generic_csv, hyperliquid
from attestor.venues.adapter import Adapter

ADAPTERS: tuple[Adapter, ...] = (
    generic_csv.ADAPTER,
    hyperliquid.ADAPTER,
)
"""In the order of the documents."""


def adapter_of(name: str) -> Adapter:
    """The adapter of this name; Refused (`refused.adapter`)."""
    for adapter in ADAPTERS:
        if adapter.name == name:
            return adapter
    names = ", ".join(sorted(adapter.name for adapter in ADAPTERS))
    raise Refused("refused.adapter", f"adapter: {name[:40]!a} is none; there are: {names}")
