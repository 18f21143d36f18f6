"""A small audit log for forgeries: in memory, of the modules of whichever verifier is tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attacks.kit_prover.mutants import Attempt, Verifier
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from algebra import ed25519
from service.audit.tables import TABLES
from service.store.base import Base
from tests.service.audit import log_world

NAME, SEED, OTHER_SEED = "audit.example/service", b"\x07" * 32, b"\x08" * 32
ENTRIES = [log_world.entry(number).encode() for number in range(4)]
PLACE = {"chain_id": 31337, "contract": "0x" + "ab" * 20, "sender": "0x" + "cd" * 20}
SALT = b"\x5a" * 32


def signer(m: Verifier, name: str = NAME, seed: bytes = SEED) -> Any:
    return m.note.NoteSigner(name, seed)


def key(m: Verifier, name: str = NAME, kind: int = 1, seed: bytes = SEED) -> Any:
    return m.note.NoteKey(name, kind, ed25519.public_key(seed))


def root(m: Verifier, entries: Sequence[bytes] = ENTRIES) -> bytes:
    tree = m.merkle.Growing()
    for data in entries:
        tree.append(m.merkle.leaf_hash(data))
    found: bytes = tree.root()
    return found


def checkpoint(
    m: Verifier, size: int = 4, *, of: bytes | None = None, name: str = NAME, seed: bytes = SEED
) -> Any:
    """A note: the log of `size` entries, or another root of as many."""
    text = m.checkpoint.Checkpoint(name, size, of or root(m, ENTRIES[:size])).text()
    return signer(m, seed=seed).sign(text)


def signs(m: Verifier, text: str) -> Any:
    """The note of any text, by the log's key."""
    return signer(m).sign(text)


def anchor(m: Verifier, **change: object) -> Any:
    return m.snapshot.Anchor(**{**PLACE, "size": 4, "salt": SALT, **change})


def head(m: Verifier, note: Any, **change: object) -> Any:
    """What the chain holds after a checkpoint was anchored."""
    of = m.checkpoint.Checkpoint.of(note)
    held = {**PLACE, "size": of.size, "digest": anchor(m).digest(of), **change}
    return m.snapshot.Head(**held)


def log(
    m: Verifier,
    entries: Sequence[bytes] = ENTRIES,
    notes: Sequence[Any] = (),
    anchors: Sequence[Any] = (),
) -> Any:
    return m.snapshot.Snapshot(entries, notes, anchors)


def verifies(
    entries: Sequence[bytes] = ENTRIES, notes: Callable[[Verifier], Sequence[Any]] = lambda _: ()
) -> Attempt:
    """A log as `audit verify` checks it."""
    return lambda m: m.verification.verify(log(m, entries, notes(m)), key(m))


def cosignature(m: Verifier, note: Any, name: str, seed: bytes, *, over: str = "") -> Any:
    """A witness's signature of a note, or of another text."""
    message = f"cosignature/v1\ntime 9\n{over or note.text}".encode()
    signed = (9).to_bytes(8, "big") + ed25519.sign(seed, message)
    return m.note.Signature(name, key(m, name, 4, seed).id, signed)


# -- databases -------------------------------------------------------------------------------------
@contextmanager
def stored(m: Verifier, *changes: str, signed: int = 4, count: int = 4) -> Iterator[Session]:
    """A database with so many entries, `signed` of them under a checkpoint, then changed."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine, TABLES)
    with Session(engine) as session, session.begin():
        for place in range(count):
            if place == signed:
                m.signing.sign(session, signer(m), None)
            m.log.AuditLog(session).append(m.entries.Entry.parse(ENTRIES[place]))
        if signed == count:
            m.signing.sign(session, signer(m), None)
        for change in changes:
            session.execute(text(change))
        session.expire_all()
        yield session
        session.rollback()
    engine.dispose()


def reads(*changes: str) -> Attempt:
    """A database that was changed, as `audit verify` reads and checks it."""

    def attempt(m: Verifier) -> None:
        with stored(m, *changes) as session:
            m.verification.verify(m.database.whole(session), key(m))

    return attempt


def resigns(*changes: str, signed: int = 2, remembered: bool = False) -> Attempt:
    """A database that was changed, signed again; or one that forgot what the key signed."""

    def attempt(m: Verifier) -> None:
        with stored(m, *changes, signed=signed) as session:
            last = checkpoint(m, of=bytes(32)) if remembered else None
            m.signing.sign(session, signer(m), last)

    return attempt


def file(text: str, read: Callable[[Verifier, Path], object]) -> Attempt:
    """What a file holds, read by the verifier's reader."""

    def attempt(m: Verifier) -> None:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "file"
            path.write_text(text)
            read(m, path)

    return attempt
