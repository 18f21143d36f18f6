"""What `tierproof show` says of the audit log's files."""

from __future__ import annotations

from collections import Counter
from typing import Any

from service.audit.checkpoint import Checkpoint
from service.audit.entries import Entry
from tierproof.formats.units import instant


def audit_log(log: Any) -> dict[str, Any]:
    """How much is in it, and of what kind."""
    entries = [Entry.parse(data) for data in log.entries]
    ends = {"first": instant(entries[0].time), "last": instant(entries[-1].time)} if entries else {}
    return {
        "entries": len(entries),
        **ends,
        "kinds": dict(sorted(Counter(each.kind for each in entries).items())),
        "checkpoints": [Checkpoint.of(note).size for note in log.checkpoints],
        "anchors": [
            {"chain_id": each.chain_id, "contract": each.contract, "sender": each.sender,
             "entries": each.size}
            for each in log.anchors
        ],
        "not_checked": "whether it is whole is found by `tierproof audit verify` alone",
    }  # fmt: skip


def audit_key(signer: Any) -> dict[str, Any]:
    """Whose it is, and its public key."""
    return {"log": signer.name, "log_key": str(signer.public), "key": "not shown"}


def checkpoint(note: Any) -> dict[str, Any]:
    """What it says, and who it says signed it."""
    of = Checkpoint.of(note)
    return {
        "log": of.origin,
        "entries": of.size,
        "root": "0x" + of.root.hex(),
        "signatures": [f"{each.name}+{each.id.hex()}" for each in note.signatures],
        "not_checked": "that the signatures hold is found by `tierproof audit verify` alone",
    }
