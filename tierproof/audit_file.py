"""The files of the audit log: exports, and the key that signs checkpoints."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from algebra.errors import Refused
from algebra.files import read_file, write_atomic
from algebra.private_file import read_private
from policies.files import Reader, read_json
from service.audit.note import Note, NoteSigner, check_name
from service.audit.snapshot import SALT_BYTES, Anchor, Snapshot

FORMAT, VERSION = "tierproof/audit-log", 1
_CODE = "malformed.audit_log"
_CHAIN_LIMIT = 1 << 256


def as_json(log: Snapshot) -> dict[str, Any]:
    """The object of an export, which `load` reads; entries and notes are texts as they are."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "entries": [entry.decode("ascii") for entry in log.entries],
        "checkpoints": [str(note) for note in log.checkpoints],
        "anchors": [
            {
                "chain_id": each.chain_id,
                "contract": each.contract,
                "sender": each.sender,
                "size": each.size,
                "salt": "0x" + each.salt.hex(),
            }
            for each in log.anchors
        ],
    }


def write(log: Snapshot, path: Path) -> None:
    """Whole or not at all; Refused (`refused.audit_file`) where a file stands."""
    _require_free(path)
    write_atomic(path, json.dumps(as_json(log), indent=1).encode() + b"\n")


def load(path: Path) -> Snapshot:
    """
    Read an export, form only; whether it holds is for `service.audit.verification`.

    Raises
    ------
    Malformed
        `malformed.audit_log`, `malformed.note`, `malformed.address`.
    Unavailable
        `unavailable.file`.
    """
    file = Reader(read_json(path, _CODE), "audit log", _CODE)
    file.header(FORMAT, VERSION)
    file.keys("format", "version", "entries", "checkpoints", "anchors")
    return Snapshot(
        [text.encode() for text in _texts(file, "entries")],
        [Note.parse(text.encode()) for text in _texts(file, "checkpoints")],
        [_anchor(each) for each in file.children("anchors")],
    )


def _anchor(file: Reader) -> Anchor:
    file.keys("chain_id", "contract", "sender", "size", "salt")
    return Anchor(
        file.integer("chain_id", 1, _CHAIN_LIMIT - 1),
        file.text("contract"),
        file.text("sender"),
        file.integer("size", 1, (1 << 62) - 1),
        file.hex_bytes("salt", SALT_BYTES),
    )


def _texts(file: Reader, name: str) -> list[str]:
    """A list of texts of any length."""
    listed = file.list(name)
    for place, value in enumerate(listed):
        if not isinstance(value, str):
            raise file.error(f"{name}[{place}]", "not a text")
    return list(listed)


# -- keys and checkpoints --------------------------------------------------------------------------
def create_key(path: Path, name: str) -> NoteSigner:
    """
    A new key for the log of this name, in a file that its owner alone reads.

    Raises
    ------
    Malformed
        `malformed.note_key`: the name.
    Refused
        `refused.audit_file`: a file stands there; a lost key ends a log.
    """
    check_name(name)
    _require_free(path)
    signer = NoteSigner(name, os.urandom(32))
    write_atomic(path, signer.private_text().encode() + b"\n")
    return signer


def read_key(path: Path, *, allow_open: bool = False) -> NoteSigner:
    """The key of a file; Malformed (`malformed.note_key`), and as `read_private`."""
    return NoteSigner.parse(read_private(path, allow_open=allow_open).strip(), path.name)


def remembered(key_file: Path) -> Path:
    """Where a key's last checkpoint is kept, outside the database."""
    return key_file.with_name(f"{key_file.name}.last")


def read_note(path: Path) -> Note:
    """The note of a file; Malformed (`malformed.note`), Unavailable (`unavailable.file`)."""
    return Note.parse(read_file(path))


def _require_free(path: Path) -> None:
    if path.exists():
        raise Refused("refused.audit_file", f"{path.name}: there is a file; none is replaced")
