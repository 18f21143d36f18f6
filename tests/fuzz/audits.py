"""Parsers of the audit log's files, for the table of targets."""

from __future__ import annotations

import json
from pathlib import Path

from service.audit.checkpoint import COSIGNATURE, Checkpoint, Witnesses
from service.audit.merkle import Growing, leaf_hash
from service.audit.note import Note, NoteKey, NoteSigner
from service.audit.snapshot import Snapshot
from service.audit.verification import verify
from tests.service.audit.log_world import SIGNER, entry
from tierproof import audit_file
from tierproof.formats.audit_view import audit_log, checkpoint


def verify_export(path: Path) -> None:
    """An export, shown and verified as `audit verify` does."""
    log = audit_file.load(path)
    verify(log, SIGNER.public)
    audit_log(log)


def read_note(data: bytes) -> None:
    """A note that says that it is a checkpoint, signed by the log and by a witness."""
    note = Note.parse(data)
    witness = NoteKey(SIGNER.name, COSIGNATURE, SIGNER.public.key)
    Witnesses((witness,)).times(note)
    checkpoint(note)
    Checkpoint.signed_by(note, SIGNER.public)


def read_key(data: bytes) -> None:
    """A key of notes, public or secret, as a text."""
    text = data.decode("utf-8", "replace")
    if text.startswith("PRIVATE"):
        assert NoteSigner.parse(text, "key").private_text() == text.strip()
    else:
        assert str(NoteKey.parse(text, "key")) == text.strip()


def note_seeds() -> list[bytes]:
    """The checkpoint of five entries."""
    return [str(note).encode() for note in _log().checkpoints]


def key_seeds() -> list[bytes]:
    """Both halves of a key."""
    return [str(SIGNER.public).encode(), SIGNER.private_text().encode()]


def export_seeds() -> list[bytes]:
    """An export of five entries, without and with its checkpoint."""
    log = _log()
    bare = Snapshot(log.entries, [])
    return [json.dumps(audit_file.as_json(each)).encode() for each in (log, bare)]


def _log() -> Snapshot:
    tree, entries = Growing(), [entry(number).encode() for number in range(5)]
    for data in entries:
        tree.append(leaf_hash(data))
    return Snapshot(entries, [SIGNER.sign(Checkpoint(SIGNER.name, 5, tree.root()).text())])
