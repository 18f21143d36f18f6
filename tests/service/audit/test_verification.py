"""
Whatever is done to a log is found: each byte of each row, each row taken out or put elsewhere, cut
tails, other checkpoints; and it counts up to where somebody else has seen it, and no further.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from algebra.errors import Malformed, Rejected, TierproofError
from algebra.keccak import keccak
from service.audit import stored
from service.audit.checkpoint import Checkpoint, Witnesses
from service.audit.database import whole
from service.audit.merkle import Growing, leaf_hash
from service.audit.note import Note, NoteSigner
from service.audit.snapshot import Anchor, Head, Snapshot
from service.audit.tables import TABLES, AnchorRow
from service.audit.verification import Report, verify, verify_anchor
from tests.service.audit import log_world as world
from tests.service.audit.test_notes import cosignature, witness

KEY = world.SIGNER.public
ANCHOR = Anchor(31337, "0x" + "ab" * 20, "0x" + "cd" * 20, 5, bytes(range(32)))
FIRST = Growing()
for number in range(5):
    FIRST.append(leaf_hash(world.entry(number).encode()))
SENT = Checkpoint(world.SIGNER.name, 5, FIRST.root()).text().encode()
WITNESSES = Witnesses((witness(1)[0], witness(2)[0]), 2)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with world.small_log(tmp_path_factory.mktemp("log") / "log.sqlite") as made:
        with Session(made) as session, session.begin():
            session.add(
                AnchorRow(chain_id="31337", contract=ANCHOR.contract, sender=ANCHOR.sender, size=5,
                          salt=ANCHOR.salt.hex())
            )  # fmt: skip
        yield made


@pytest.fixture(scope="module")
def log(engine: Engine) -> Snapshot:
    with Session(engine) as session:
        return whole(session)


def head(log: Snapshot, size: int = 5, **change: object) -> Head:
    """What the chain holds: the anchor of five, as it was sent."""
    digest = keccak(ANCHOR.salt + SENT)
    held = Head(ANCHOR.chain_id, ANCHOR.contract, ANCHOR.sender, size, digest)
    return replace(held, **change)  # type: ignore[arg-type]


def judge(session: Session) -> None:
    """What `tierproof audit verify` asks of a database and a chain."""
    found = whole(session)
    verify(found, KEY)
    verify_anchor(found, KEY, head(found))


# ---- a whole log ---------------------------------------------------------------------------------
def test_a_whole_log(engine: Engine, log: Snapshot) -> None:
    world.altered(engine, "UPDATE audit_entries SET kind = kind", judge)
    report = verify(log, KEY)
    assert report == Report(7, Checkpoint.of(log.checkpoints[-1]).root, 7, 0, 0)
    assert log.anchors == [ANCHOR]


def test_an_empty_log_and_entries_that_nobody_signed(tmp_path: Path, log: Snapshot) -> None:
    with Session(world.database(tmp_path / "log.sqlite")) as session:
        assert verify(whole(session), KEY).entries == 0
    assert verify(replace(log, checkpoints=log.checkpoints[:2]), KEY).signed == 5


# ---- rows of the database ------------------------------------------------------------------------
Row = tuple[str, str, dict[str, object], dict[str, str]]


def rows(engine: Engine) -> Iterator[Row]:
    """Each row of the log: its table, what picks it, with which values, and all its columns."""
    with Session(engine) as session:
        for table in TABLES:
            picks = " AND ".join(f"{key.name} = :own_{key.name}" for key in table.primary_key)
            for row in session.execute(select(table)).mappings():
                own = {f"own_{key.name}": row[key.name] for key in table.primary_key}
                yield table.name, picks, own, {name: str(value) for name, value in row.items()}


def require_found(engine: Engine, change: str, **values: object) -> bool:
    """False where the database itself does not take the change: two rows cannot be one."""
    try:
        world.altered(engine, change, judge, **values)
    except IntegrityError:
        return False
    except TierproofError as error:
        assert error.code.startswith(("rejected.", "malformed.")), error.code
        return True
    raise AssertionError(f"not found: {change} {values}")


@pytest.mark.parametrize("step", [17, pytest.param(1, marks=pytest.mark.slow)])
def test_every_byte_of_every_row_counts(engine: Engine, step: int) -> None:
    """One bit of each byte in turn: of texts, columns, hashes, notes, salts and places."""
    changes, offset = 0, 0
    for table, picks, own, row in rows(engine):
        for column, value in row.items():
            offset += 5
            for place in range(offset % min(step, len(value)), len(value), step):
                other = value[:place] + chr(ord(value[place]) ^ 1) + value[place + 1 :]
                change = f"UPDATE {table} SET {column} = :other WHERE {picks}"
                changes += require_found(engine, change, other=other, **own)
    assert changes > 3_000 // step


def test_every_row_counts(engine: Engine) -> None:
    """Taken out; written over with another of its table."""
    whole_log = list(rows(engine))
    for table, picks, own, row in whole_log:
        if table == "audit_checkpoints" and row["size"] != "5":
            continue  # without it fewer entries are signed; whoever kept it finds that
        assert require_found(engine, f"DELETE FROM {table} WHERE {picks}", **own)
        for other_table, _, _, other in whole_log:
            keys = {name.removeprefix("own_") for name in own}
            columns = [name for name in row if name not in keys]
            if other_table == table and any(row[name] != other[name] for name in columns):
                values = {name: other[name] for name in columns}
                change = ", ".join(f"{name} = :{name}" for name in columns)
                change = f"UPDATE {table} SET {change} WHERE {picks}"
                assert require_found(engine, change, **own, **values)


def test_surplus_rows(engine: Engine) -> None:
    for change in (
        "INSERT INTO audit_nodes VALUES (1, 3, :hash)",
        "INSERT INTO audit_nodes VALUES (3, 0, :hash)",
        "INSERT INTO audit_entries SELECT 7, time, kind, text, hash FROM audit_entries LIMIT 1",
        "INSERT INTO audit_entries SELECT -1, time, kind, text, hash FROM audit_entries LIMIT 1",
        "INSERT INTO audit_checkpoints SELECT 4, note FROM audit_checkpoints LIMIT 1",
        "INSERT INTO audit_checkpoints VALUES (8, 'x')",
        "INSERT INTO audit_anchors VALUES ('x', 'x', 'x', 1, 'x')",
    ):
        assert require_found(engine, change, hash="00" * 32), change


@pytest.mark.parametrize("read", [1, 2, 3, 7])
def test_however_many_rows_are_read_at_a_time(
    engine: Engine, read: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "ROWS", read)
    world.altered(engine, "UPDATE audit_entries SET kind = kind", judge)
    for table, picks, own, _ in rows(engine):
        if table == "audit_nodes":
            assert require_found(engine, f"UPDATE {table} SET hash = 'x' WHERE {picks}", **own)
            assert require_found(engine, f"DELETE FROM {table} WHERE {picks}", **own)


@pytest.mark.parametrize("kept", range(7))
def test_a_cut_tail(engine: Engine, kept: int) -> None:
    """Entries, with the nodes that they completed; the checkpoint of all seven finds it."""
    gone = [f"DELETE FROM audit_entries WHERE place >= {kept}"]
    gone.append(f"DELETE FROM audit_nodes WHERE (place + 1) << level > {kept}")

    def cut(session: Session) -> None:
        session.execute(text(gone[1]))
        judge(session)

    with pytest.raises(Rejected) as raised:
        world.altered(engine, gone[0], cut)
    assert raised.value.code == "rejected.audit_cut" and "7 were signed" in str(raised.value)


def test_a_cut_tail_with_its_checkpoints(log: Snapshot) -> None:
    """Within the log nothing shows it: whoever kept a checkpoint, or the chain, does."""
    cut = Snapshot(log.entries[:5], log.checkpoints[:2], log.anchors)
    assert verify(cut, KEY).entries == 5
    with pytest.raises(Rejected) as raised:
        verify(cut, KEY, known=log.checkpoints[2:])
    assert raised.value.code == "rejected.audit_cut"
    shorter = Snapshot(log.entries[:3], log.checkpoints[:1], log.anchors)
    with pytest.raises(Rejected) as raised:
        verify_anchor(shorter, KEY, head(shorter))
    assert raised.value.code == "rejected.audit_cut"


# ---- entries, checkpoints ------------------------------------------------------------------------
def refused(log: Snapshot, **change: object) -> str:
    with pytest.raises((Rejected, Malformed)) as raised:
        verify(replace(log, **change), KEY)  # type: ignore[arg-type]
    return raised.value.code


def test_entries_in_another_order_twice_or_left_out(log: Snapshot) -> None:
    for place in range(6):
        before, this, after = log.entries[:place], log.entries[place], log.entries[place + 1 :]
        for other in (
            [*before, after[0], this, *after[1:]],
            [*before, this, this, *after],
            [*before, *after],
            [*before, world.entry(9).encode(), this, *after],
        ):
            assert refused(log, entries=other) in ("rejected.audit_fork", "rejected.audit_cut")
    entries = [*log.entries[:4], b"{}", *log.entries[5:]]
    assert refused(log, entries=entries) == "rejected.audit_entry"


def test_checkpoints_in_another_order_or_twice(log: Snapshot) -> None:
    first, second, third = log.checkpoints
    for other in ([second, first, third], [first, first, third], [third, third]):
        assert refused(log, checkpoints=other) == "rejected.audit_checkpoint"


def test_checkpoints_of_others(log: Snapshot) -> None:
    """Of another key under this name, of this key under another name, of other entries."""
    text = log.checkpoints[2].text
    root = Checkpoint.of(log.checkpoints[2]).root
    signer = world.SIGNER
    renamed = Checkpoint("audit.example/other", 7, root)
    forged = Checkpoint(signer.name, 7, bytes(32))
    for note, code in (
        (NoteSigner(signer.name, bytes(32)).sign(text), "rejected.note"),
        (NoteSigner("audit.example/other", signer.seed).sign(renamed.text()), "rejected.note"),
        (signer.sign(renamed.text()), "rejected.note"),
        (Note(text, log.checkpoints[1].signatures), "rejected.note"),
        (signer.sign("a note\n"), "rejected.audit_checkpoint"),
        (signer.sign(forged.text()), "rejected.audit_fork"),
        (signer.sign(Checkpoint(signer.name, 8, root).text()), "rejected.audit_cut"),
    ):
        assert refused(log, checkpoints=[*log.checkpoints[:2], note]) == code


def test_a_fork_that_the_key_signed_is_found_by_who_kept_a_checkpoint(log: Snapshot) -> None:
    """Database and key rewritten: only what others hold stands against it."""
    entries = [*log.entries[:6], world.entry(40).encode()]
    tree = Growing()
    for each in entries:
        tree.append(leaf_hash(each))
    again = world.SIGNER.sign(Checkpoint(KEY.name, 7, tree.root()).text())
    fork = Snapshot(entries, [*log.checkpoints[:2], again])
    assert verify(fork, KEY, known=log.checkpoints[:2]).known == 5
    with pytest.raises(Rejected) as raised:
        verify(fork, KEY, known=[log.checkpoints[2]])
    assert raised.value.code == "rejected.audit_fork" and raised.value.fields["after"] == 5


# ---- witnesses, chain ----------------------------------------------------------------------------
def test_up_to_where_it_is_witnessed(log: Snapshot) -> None:
    first, second, third = log.checkpoints
    cosigned = [
        first.with_signatures([cosignature(n, first.text) for n in (1, 2)]),
        second.with_signatures([cosignature(n, second.text) for n in (2, 1)]),
        third.with_signatures([cosignature(1, third.text)]),
    ]
    report = verify(replace(log, checkpoints=cosigned), KEY, WITNESSES)
    assert (report.witnessed, report.signed) == (5, 7)
    kept = third.with_signatures([cosignature(n, third.text) for n in (1, 2)])
    assert verify(log, KEY, WITNESSES, [kept]).witnessed == 7
    assert verify(log, KEY, WITNESSES).witnessed == 0
    false = third.with_signatures([cosignature(1, second.text)])
    with pytest.raises(Rejected, match="does not hold"):
        verify(replace(log, checkpoints=[first, second, false]), KEY, WITNESSES)
    with pytest.raises(Malformed):
        verify(log, KEY, Witnesses((KEY,)))


def test_up_to_where_it_is_anchored(log: Snapshot) -> None:
    assert verify_anchor(log, KEY, head(log)) == 5
    assert verify_anchor(log, KEY, head(log, size=0, digest=bytes(32))) == 0
    for change, code in (
        ({"digest": bytes(32)}, "rejected.audit_anchor"),
        ({"size": 7}, "rejected.audit_anchor"),
        ({"size": 8}, "rejected.audit_cut"),
        ({"chain_id": 1}, "rejected.audit_anchor"),
        ({"sender": ANCHOR.contract}, "rejected.audit_anchor"),
        ({"contract": ANCHOR.sender}, "rejected.audit_anchor"),
    ):
        with pytest.raises(Rejected) as raised:
            verify_anchor(log, KEY, head(log, **change))
        assert raised.value.code == code
    for other in (
        replace(log, anchors=[]),
        replace(log, anchors=[replace(ANCHOR, salt=bytes(32))]),
        replace(log, checkpoints=[log.checkpoints[0], log.checkpoints[2]]),
    ):
        with pytest.raises(Rejected) as raised:
            verify_anchor(other, KEY, head(log))
        assert raised.value.code == "rejected.audit_anchor"
