"""JSON Schemas of the audit log's files: exports, keys, checkpoints."""

from __future__ import annotations

from tierproof.formats.schemas import Schema, address, document, hexadecimal, listed, record, whole

_NAME = r"[^\s+]{1,255}"
_KEY = r"\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}"


def audit_log() -> Schema:
    """What `tierproof.audit_file` reads and writes."""
    anchor = {
        "chain_id": whole(1, (1 << 256) - 1, "where"),
        "contract": address("the `AuditAnchor`"),
        "sender": address("whose log it is there"),
        "size": whole(1, (1 << 62) - 1, "entries of the checkpoint"),
        "salt": hexadecimal(32, "the chain holds keccak256(salt || the checkpoint's three lines)"),
    }
    entry = {"type": "string", "description": "one JSON object, its leaf's bytes"}
    note = {"type": "string", "description": "a checkpoint as a signed note"}
    return document(
        "audit-log",
        1,
        "A service's audit log. It holds by its checkpoints, which `audit verify` checks.",
        {
            "entries": listed(entry, "in their order"),
            "checkpoints": listed(note, "the smallest first"),
            "anchors": listed(record(anchor, "an anchor"), "salted hashes that were sent"),
        },
    )


def audit_key() -> Schema:
    """What `tierproof.audit_file.read_key` reads; the schema is of the text."""
    return {
        "type": "string",
        "pattern": rf"^PRIVATE\+KEY\+{_NAME}{_KEY}$",
        "description": "The text of the file: a signing key of notes, as Go's sumdb/note has it, "
        "with the log's name. Secret.",
    }


def checkpoint() -> Schema:
    """What `tierproof.audit_file.read_note` reads; the schema is of the text."""
    return {
        "type": "string",
        "pattern": rf"^{_NAME}\n(0|[1-9][0-9]*)\n[A-Za-z0-9+/]{{43}}=\n\n\u2014 ",
        "description": "The text of the file: name of the log, number of entries, root in Base64; "
        "below an empty line the signatures (C2SP signed-note and tlog-checkpoint).",
    }
