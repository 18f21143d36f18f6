"""
The log in a database: appended in the caller's transaction, each place taken once, proofs out of
few rows, checkpoints that extend each other.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateTable

from algebra.errors import Malformed, Refused, Rejected, Unavailable
from service.audit import log as module
from service.audit import merkle
from service.audit.checkpoint import Checkpoint
from service.audit.entries import KINDS, Entry
from service.audit.log import AuditLog
from service.audit.note import Note, NoteSigner
from service.audit.signing import cosign, last_checkpoint, sign
from service.audit.tables import TABLES, CheckpointRow, EntryRow, NodeRow
from tests.service.audit import log_world as world
from tests.service.audit.test_notes import cosignature, witness


# ---- entries -------------------------------------------------------------------------------------
def test_an_entry_has_one_encoding() -> None:
    entry = Entry("policy", 5, {"policy_id": "0x" + "0a" * 32})
    assert entry.encode() == (
        b'{"kind":"policy","policy_id":"0x' + b"0a" * 32 + b'","time":5}'
    )  # fmt: skip
    for number in range(2 * len(KINDS)):
        assert Entry.parse(world.entry(number).encode()) == world.entry(number)


def test_every_byte_of_an_entry_counts() -> None:
    data = world.entry(2).encode()
    for place in range(len(data)):
        changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        try:
            assert Entry.parse(changed).encode() == changed != data
        except Malformed as error:
            assert error.code == "malformed.audit_entry"


@pytest.mark.parametrize("field", ["proof", "secret", "passphrase", "note", "wallet"])
def test_no_kind_has_room_for_what_is_not_public(field: str) -> None:
    assert all(field not in fields for fields in KINDS.values())
    with pytest.raises(Malformed) as raised:
        Entry("policy", 0, {"policy_id": "0x" + "00" * 32, field: "hidden words"})
    assert "hidden words" not in str(raised.value) and raised.value.fields["part"] == field


@pytest.mark.parametrize(
    ("kind", "time", "fields"),
    [
        ("granted", 0, {}),
        ("policy", -1, {"policy_id": "0x" + "00" * 32}),
        ("policy", True, {"policy_id": "0x" + "00" * 32}),
        ("policy", 1 << 53, {"policy_id": "0x" + "00" * 32}),
        ("policy", 0, {}),
        ("policy", 0, {"policy_id": "0x" + "AA" * 32}),
        ("policy", 0, {"policy_id": 7}),
        ("generation-ended", 0, {"attestor_set": "0x" + "00" * 32, "generation": "1"}),
        ("generation-ended", 0, {"attestor_set": "0x" + "00" * 32, "generation": True}),
    ],
)
def test_no_entry(kind: str, time: int, fields: dict[str, Any]) -> None:
    with pytest.raises(Malformed) as raised:
        Entry(kind, time, fields)
    assert raised.value.code == "malformed.audit_entry"


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{}", b'{"kind":[],"time":0}', b'{"kind":"policy","time":0,"time":0}', b"\xff"],
)
def test_no_text_of_an_entry(data: bytes) -> None:
    with pytest.raises(Malformed) as raised:
        Entry.parse(data)
    assert raised.value.code == "malformed.audit_entry"


# ---- appending -----------------------------------------------------------------------------------
def test_an_entry_and_what_happened_are_one_transaction(tmp_path: Path) -> None:
    engine = world.database(tmp_path / "log.sqlite")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE told (n INTEGER PRIMARY KEY)"))
    with Session(engine) as session, session.begin():
        session.execute(text("INSERT INTO told VALUES (1)"))
        assert AuditLog(session).append(world.entry(0)) == 0
        assert AuditLog(session).append(world.entry(1)) == 1
    for act in ("INSERT INTO told VALUES (2)", "SELECT n FROM told"):
        with pytest.raises(KeyError), Session(engine) as session, session.begin():
            session.execute(text(act))
            AuditLog(session).append(world.entry(2))
            raise KeyError
    with pytest.raises(KeyError), Session(engine) as session, session.begin():
        AuditLog(session).append(world.entry(2))
        raise KeyError
    with Session(engine) as session:
        assert AuditLog(session).size() == 2
        assert session.execute(text("SELECT n FROM told")).all() == [(1,)]


def test_what_the_caller_added_wrongly_is_the_callers_fault(tmp_path: Path) -> None:
    """A conflict of his is not taken for one of the log's, and retried."""
    engine = world.database(tmp_path / "log.sqlite")
    world.fill(engine, 1)
    with pytest.raises(IntegrityError), Session(engine) as session, session.begin():
        session.add(CheckpointRow(size=1, note="a"))
        session.flush()
        session.expunge_all()
        session.add(CheckpointRow(size=1, note="b"))
        AuditLog(session).append(world.entry(1))


def test_writers_at_one_time_take_a_place_each(tmp_path: Path) -> None:
    engine, writers, each = world.database(tmp_path / "log.sqlite"), 4, 6
    places: list[int] = []

    def write(first: int) -> None:
        for number in range(first, first + each):
            with Session(engine) as session, session.begin():
                places.append(AuditLog(session).append(world.entry(number)))

    threads = [threading.Thread(target=write, args=(100 * n,)) for n in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(places) == list(range(writers * each))
    with Session(engine) as session:
        log, tree = AuditLog(session), merkle.Growing()
        for row in session.scalars(select(EntryRow).order_by(EntryRow.place)):
            tree.append(merkle.leaf_hash(row.text.encode()))
        assert tree.root() == log.root(writers * each)


def test_a_place_that_another_took_is_tried_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The primary key decides: who read an old size loses, reads again and goes on."""
    engine = world.database(tmp_path / "log.sqlite")
    world.fill(engine, 3)
    real, stale = AuditLog._next, [2, 1, 2]
    monkeypatch.setattr(AuditLog, "_next", lambda log: stale.pop() if stale else real(log))
    with Session(engine) as session, session.begin():
        assert AuditLog(session).append(world.entry(3)) == 3
    monkeypatch.setattr(AuditLog, "_next", lambda _: 0)
    monkeypatch.setattr(module, "TRIES", 3)
    with pytest.raises(Unavailable) as raised, Session(engine) as session, session.begin():
        AuditLog(session).append(world.entry(7))
    assert raised.value.code == "unavailable.audit_busy"
    with Session(engine) as session:
        assert AuditLog(session).size() == 4


def test_appending_and_proving_touch_few_rows(tmp_path: Path) -> None:
    engine = world.database(tmp_path / "log.sqlite")
    world.fill(engine, 37)
    statements: list[str] = []
    event.listen(
        engine, "before_cursor_execute", lambda *given: statements.append(given[2]), once=False
    )
    with Session(engine) as session, session.begin():
        AuditLog(session).append(world.entry(37))
    assert (
        sum(each.startswith("SELECT") for each in statements) == 2 + 1
    )  # 37 is odd: the leaf before
    with Session(engine) as session:
        statements.clear()
        log = AuditLog(session)
        proof = log.inclusion_proof(5, 38)
        assert len(proof) == 6 and len(statements) <= 8
        merkle.verify_inclusion(log.node(0, 5), 5, 38, proof, log.root(38))
        shown = log.consistency_proof(21, 38)
        merkle.verify_consistency(21, 38, log.root(21), log.root(38), shown)
        count = session.scalar(select(func.count()).select_from(NodeRow))
    assert count == 38 - 3


def test_a_lost_node_stops_the_log(tmp_path: Path) -> None:
    engine = world.database(tmp_path / "log.sqlite")
    world.fill(engine, 7)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_nodes WHERE level = 2"))
    with pytest.raises(Rejected) as raised, Session(engine) as session, session.begin():
        AuditLog(session).append(world.entry(7))
    assert raised.value.code == "rejected.audit_node"


def test_tables_are_plain_sql() -> None:
    for table in TABLES:
        made = str(CreateTable(table).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
        assert "SERIAL" not in made and f"CREATE TABLE {table.name}" in made


# ---- checkpoints ---------------------------------------------------------------------------------
def signed(engine: Any, remembered: Note | None = None, by: NoteSigner = world.SIGNER) -> Note:
    with Session(engine) as session, session.begin():
        return sign(session, by, remembered)


def test_a_checkpoint_is_of_the_log_as_it_is(tmp_path: Path) -> None:
    with world.small_log(tmp_path / "log.sqlite") as engine:
        note = signed(engine)
        with Session(engine) as session:
            log = AuditLog(session)
            expected = Checkpoint(world.SIGNER.name, 7, log.root(7))
            assert Checkpoint.signed_by(note, world.SIGNER.public) == expected
            assert str(last_checkpoint(session)) == str(note)
        assert signed(engine) == note
        world.fill(engine, 1, start=7)
        assert Checkpoint.of(signed(engine)).size == 8
        with Session(engine) as session:
            assert session.scalars(select(CheckpointRow.size)).all() == [3, 5, 7, 8]


def test_nothing_is_no_checkpoint(tmp_path: Path) -> None:
    engine = world.database(tmp_path / "log.sqlite")
    with pytest.raises(Refused) as raised:
        signed(engine)
    assert raised.value.code == "refused.audit_empty"
    with pytest.raises(Refused), Session(engine) as session:
        cosign(session, world.SIGNER.sign("a\n"), (witness(1)[0],))


def test_a_log_that_forgot_is_not_signed(tmp_path: Path) -> None:
    """An old backup, or another log in its place: what the key remembers stands against it."""
    with world.small_log(tmp_path / "log.sqlite") as engine:
        remembered = signed(engine)
    old = world.database(tmp_path / "old.sqlite")
    world.fill(old, 5)
    other = world.database(tmp_path / "other.sqlite")
    world.fill(other, 8, start=1)
    for engine in (old, other):
        with pytest.raises(Refused) as raised:
            signed(engine, remembered)
        assert raised.value.code == "refused.audit_fork" and raised.value.fields["signed"] == 7
        with Session(engine) as session:
            assert last_checkpoint(session) is None
    world.fill(old, 2, start=5)
    assert signed(old, remembered) == remembered
    world.fill(old, 1, start=7)
    assert Checkpoint.of(signed(old, remembered)).size == 8


def test_what_another_key_signed_is_not_gone_on_with(tmp_path: Path) -> None:
    with world.small_log(tmp_path / "log.sqlite") as engine:
        for by in (NoteSigner(world.SIGNER.name, bytes(32)), NoteSigner("b", world.SIGNER.seed)):
            with pytest.raises(Rejected) as raised:
                signed(engine, by=by)
            assert raised.value.code == "rejected.note"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_entries SET text = replace(text, '1', '2'), time = time WHERE place = 7",
        "UPDATE audit_entries SET hash = lower(hex(randomblob(32))) WHERE place = 8",
        "UPDATE audit_nodes SET hash = lower(hex(randomblob(32))) WHERE level = 1 AND place = 3",
        "UPDATE audit_nodes SET hash = lower(hex(randomblob(32))) WHERE level = 2 AND place = 0",
        "DELETE FROM audit_entries WHERE place = 7",
        "DELETE FROM audit_entries WHERE place >= 6",
    ],
)
def test_a_changed_log_is_not_signed(tmp_path: Path, change: str) -> None:
    with world.small_log(tmp_path / "log.sqlite") as engine:
        world.fill(engine, 2, start=7)
        with pytest.raises((Rejected, Refused)) as raised:
            world.altered(engine, change, lambda session: void(sign(session, world.SIGNER, None)))
        assert raised.value.code.split(".")[1].startswith("audit_")
        assert Checkpoint.of(signed(engine)).size == 9


def void(_: object) -> None:
    """For what is called for its errors."""


def test_cosignatures_are_kept_with_the_checkpoint(tmp_path: Path) -> None:
    with world.small_log(tmp_path / "log.sqlite") as engine:
        note, keys = signed(engine), tuple(witness(n)[0] for n in (1, 2))
        for number in (1, 2, 1):
            answer = note.with_signatures([cosignature(number, note.text)])
            with Session(engine) as session, session.begin():
                cosign(session, answer, keys)
        again = signed(engine)
        assert len(again.signatures) == 3 and again.text == note.text
        with pytest.raises(Rejected), Session(engine) as session, session.begin():
            cosign(session, note.with_signatures([cosignature(3, note.text)]), keys)
