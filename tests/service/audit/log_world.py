"""Logs in SQLite files, a key, witnesses, and entries that are made up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from service.audit.entries import Entry
from service.audit.log import AuditLog
from service.audit.note import NoteSigner
from service.audit.signing import sign
from service.store.database import Database
from service.store.schema import migrate

SIGNER = NoteSigner("audit.example/service", b"\x07" * 32)
TIME = 1_700_000_000


def entry(number: int) -> Entry:
    """One of several kinds, its words made of a number."""
    word, account = f"0x{number + 1:064x}", f"0x{number + 1:040x}"
    place = {"chain_id": "31337", "registry": "0x" + "ab" * 20}
    claim = {"policy_id": word, "tier": number, "root": word, "nullifier": word}
    made: list[tuple[str, dict[str, str | int]]] = [
        ("policy", {"policy_id": word}),
        ("root", {"attestor_set": word, "root": word, "generation": number, **place}),
        ("accepted", {**claim, **place, "account": account, "scope": word, "key_digest": word}),
        ("rejected", {**claim, **place, "account": account, "code": "rejected.equation"}),
    ]
    kind, fields = made[number % len(made)]
    return Entry(kind, TIME + number, fields)


def database(path: Path) -> Engine:
    """A SQLite file with a service's tables."""
    with closing(Database(f"sqlite:///{path}")) as made:
        migrate(made)
    return create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})


def fill(engine: Engine, count: int, *, start: int = 0) -> None:
    """So many entries in one transaction."""
    with Session(engine) as session, session.begin():
        for number in range(start, start + count):
            AuditLog(session).append(entry(number))


def checkpoint(engine: Engine, signer: NoteSigner = SIGNER) -> None:
    """The log as it is, signed."""
    with Session(engine) as session, session.begin():
        sign(session, signer, None)


@contextmanager
def small_log(path: Path) -> Iterator[Engine]:
    """Seven entries, signed at three, five and seven."""
    engine = database(path)
    for start, count in ((0, 3), (3, 2), (5, 2)):
        fill(engine, count, start=start)
        checkpoint(engine)
    try:
        yield engine
    finally:
        engine.dispose()


def altered(
    engine: Engine, change: str, judge: Callable[[Session], None], **values: object
) -> None:
    """What `judge` says of the log with one statement done to it, which is then undone."""
    with Session(engine) as session:
        session.execute(text("BEGIN IMMEDIATE"))
        try:
            session.execute(text(change), values)
            judge(session)
        finally:
            session.rollback()
