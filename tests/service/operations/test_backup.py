"""Backup and restore: whole or not at all, over nothing, and nothing is accepted after it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.orm import Session
from support.postgres import Cluster

from algebra.errors import Refused, Rejected, Unavailable
from service.audit.database import opened
from service.audit.stored import entries
from service.operations import postgresql
from service.operations.backup import Kept, backup, restore
from service.operations.restored import mark, release, require_released
from service.operations.sections import DatabaseSettings
from service.store.base import Base
from service.store.database import Database
from service.store.schema import migrate
from tests.service.audit.log_world import SIGNER, checkpoint, database, fill
from tests.service.operations.running import SAMPLE, running
from tests.tierproof.conftest import run
from tierproof import audit_file

Capture = pytest.CaptureFixture[str]
KEY = ("--log-key", str(SIGNER.public))


def url(path: Path) -> str:
    return f"sqlite:///{path}"


def code(call: Any) -> str:
    with pytest.raises((Refused, Rejected, Unavailable)) as caught:
        call()
    return str(caught.value.code)


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """A database with all tables, nine entries, seven of them signed."""
    path = tmp_path / "service.sqlite"
    engine = database(path)
    Base.metadata.create_all(engine)
    fill(engine, 7)
    checkpoint(engine)
    fill(engine, 2, start=7)
    engine.dispose()
    return path


def rows(path: Path) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute("SELECT * FROM audit_entries ORDER BY place").fetchall()
    finally:
        connection.close()


def test_a_backup_of_a_database_in_use_is_put_back(full: Path, tmp_path: Path) -> None:
    """In WAL mode, with a reader and an unfinished writer on it."""
    writer = sqlite3.connect(full, isolation_level=None)
    writer.execute("PRAGMA journal_mode=WAL")
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE audit_entries SET time = 0")
    kept, out, back = Kept(9, 7), tmp_path / "a.backup", tmp_path / "back.sqlite"
    assert backup(url(full), out) == kept
    writer.rollback()
    writer.close()
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert restore(url(back), out) == kept
    assert stat.S_IMODE(back.stat().st_mode) == 0o600
    assert rows(back) == rows(full)
    engine = database(back)
    with Session(engine) as session:
        assert code(lambda: require_released(session)) == "unavailable.restored"
    engine.dispose()
    again = tmp_path / "again.backup"  # a backup of a database that waits is one that waits
    assert backup(url(back), again) == kept
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        name.name for name in (full, out, back, again)
    )


def test_nothing_is_replaced(full: Path, tmp_path: Path) -> None:
    out, other = tmp_path / "a.backup", tmp_path / "other.sqlite"
    backup(url(full), out)
    before = (full.read_bytes(), out.read_bytes())
    assert code(lambda: backup(url(full), out)) == "refused.restore_place"
    assert code(lambda: restore(url(full), out)) == "refused.restore_place"
    (tmp_path / "other.sqlite-wal").write_bytes(b"of a database that was here")
    assert code(lambda: restore(url(other), out)) == "refused.restore_place"
    assert (full.read_bytes(), out.read_bytes()) == before and not other.exists()


def test_what_is_not_whole_is_no_backup(full: Path, tmp_path: Path) -> None:
    out, back = tmp_path / "a.backup", tmp_path / "back.sqlite"
    backup(url(full), out)
    whole = out.read_bytes()
    cut, text = tmp_path / "cut", tmp_path / "text"
    cut.write_bytes(whole[: len(whole) // 2])
    text.write_bytes(b"no database")
    for broken in (cut, text):
        assert code(lambda file=broken: restore(url(back), file)) == "refused.backup"
    edited = tmp_path / "edited"
    shutil.copy(out, edited)
    connection = sqlite3.connect(edited)
    connection.execute("UPDATE audit_entries SET time = time + 1 WHERE place = 3")
    connection.commit()
    connection.close()
    assert code(lambda: restore(url(back), edited)) == "rejected.audit_entry"
    assert code(lambda: backup(url(edited), tmp_path / "b")) == "rejected.audit_entry"
    assert code(lambda: restore("postgresql+psycopg://h/x", out)) == "refused.backup"
    assert code(lambda: restore(url(back), tmp_path / "none")) == "unavailable.file"
    assert code(lambda: backup(url(back), tmp_path / "b")) == "unavailable.file"
    assert code(lambda: backup(url(full), tmp_path / "no" / "b")) == "unavailable.folder"
    assert not back.exists() and not (tmp_path / "b").exists()


def test_a_database_without_a_log_is_none_of_ours(tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE t (x)")
    connection.commit()
    connection.close()
    assert code(lambda: backup(url(other), tmp_path / "b")) == "refused.database_behind"


def test_released_by_the_last_checkpoint_alone(full: Path) -> None:
    """An older database, an empty comparison, another log: it stays as it is."""
    engine = database(full)
    with Session(engine) as session, session.begin():
        assert code(lambda: release(session, SIGNER.public, [])) == "refused.not_restored"
        mark(session, 1)
    longer, same = (SIGNER.sign(text) for text in _texts(full))
    with Session(engine) as session, session.begin():
        for kept, expected in (([], "usage.resume"), ([longer], "rejected.audit_cut")):
            assert code(lambda kept=kept: release(session, SIGNER.public, kept)) == expected
        assert code(lambda: require_released(session)) == "unavailable.restored"
        assert release(session, SIGNER.public, [same]).known == 9
    with Session(engine) as session:
        require_released(session)
    engine.dispose()


def _texts(full: Path) -> tuple[str, str]:
    """Checkpoints of a log that went on, and of this one."""
    from service.audit.checkpoint import Checkpoint
    from service.audit.merkle import Growing, leaf_hash
    from tests.service.audit.log_world import entry

    tree, roots = Growing(), []
    for number in range(10):
        tree.append(leaf_hash(entry(number).encode()))
        roots.append(tree.root())
    return tuple(Checkpoint(SIGNER.name, n, roots[n - 1]).text() for n in (10, 9))  # type: ignore[return-value]


# -- the commands, over a service that runs ----------------------------------------------------
def submitted(service: str) -> tuple[int, str]:
    body = json.loads((SAMPLE / "credential.json").read_text())
    answer = httpx.post(f"{service}/verifications", json=body, timeout=60)
    return answer.status_code, answer.json().get("code", answer.json().get("outcome"))


def test_an_old_backup_accepts_nothing_until_its_log_is_compared(
    tmp_path: Path, capsys: Capture
) -> None:
    """It has forgotten the holder: without the state the same credential would count again."""
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    lived, out = first / "service.sqlite", tmp_path / "old.backup"
    key_file = tmp_path / "audit.key"
    key_file.write_text(SIGNER.private_text())
    key_file.chmod(0o600)
    with running(first) as service:
        engine = database(lived)
        fill(engine, 1)  # that there is something to sign, whatever the service writes
        signed = ("audit", "checkpoint", "--database", url(lived), "--key-file", key_file)
        assert run(*signed, "--out", tmp_path / "early") == 0
        assert run("service", "backup", "--database", url(lived), "--out", out) == 0
        assert submitted(service.url) == (200, "accepted")
        fill(engine, 1, start=1)
        engine.dispose()
        assert run(*signed, "--out", tmp_path / "late") == 0
        assert service.stop() == 0
    place = ("--database", url(second / "service.sqlite"))
    assert run("service", "restore", out, *place) == 0
    capsys.readouterr()
    with running(second) as service:
        assert submitted(service.url) == (503, "unavailable.restored")
        ready = httpx.get(f"{service.url}/health/ready").json()
        assert ready["checks"]["restored"] == "unavailable.restored"
        resume = ("service", "resume", *place, *KEY, "--json")
        for kept, status, expected in (
            (("--key-file", key_file), 1, "rejected.audit_cut"),
            (("--checkpoint", tmp_path / "late"), 1, "rejected.audit_cut"),
            ((), 2, "usage.resume"),
        ):
            assert run(*resume, *kept) == status
            assert json.loads(capsys.readouterr().out)["error"]["code"] == expected
        assert submitted(service.url) == (503, "unavailable.restored")
        last = audit_file.read_note(tmp_path / "early")
        assert last.text.split("\n")[0] == SIGNER.name
        assert run(*resume, "--checkpoint", tmp_path / "early") == 0
        assert submitted(service.url) == (200, "accepted")


# -- PostgreSQL's tools ------------------------------------------------------------------------
def test_without_the_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy import make_url

    monkeypatch.setenv("PATH", str(tmp_path))
    place = make_url("postgresql://service:hunter2@localhost/x")
    assert code(lambda: postgresql.dump(place, tmp_path / "b")) == "unavailable.tool"


def test_a_password_is_no_word_of_a_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program of that name writes down what it was given, and fails."""
    from sqlalchemy import make_url

    tool = tmp_path / "pg_dump"
    tool.write_text('#!/bin/sh\necho "$@" > "$0.words"; echo "$PGPASSWORD" > "$0.env"; exit 1\n')
    tool.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    place = make_url("postgresql+psycopg://service:hunter2@localhost/x?host=/run/x")
    with pytest.raises(Refused) as caught:
        postgresql.dump(place, tmp_path / "b")
    assert caught.value.code == "refused.backup" and "hunter2" not in caught.value.message
    words = (tmp_path / "pg_dump.words").read_text()
    assert "hunter2" not in words and "postgresql://service@localhost/x?host=" in words
    assert (tmp_path / "pg_dump.env").read_text().strip() == "hunter2"


def test_a_backup_of_postgresql_is_put_back(postgres: Cluster, tmp_path: Path) -> None:
    """On a server of this machine: rows, log and state; a second restore finds it full."""
    source, place = (
        DatabaseSettings(url=each).full_url() for each in (postgres.database(), postgres.database())
    )
    made = Database(source)
    migrate(made)
    fill(made.engine, 5)
    checkpoint(made.engine)
    made.close()
    out = tmp_path / "service.dump"
    assert backup(source, out) == Kept(5, 5)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600 and out.read_bytes().startswith(b"PGDMP")
    assert restore(place, out) == Kept(5, 5)
    with opened(source) as session:
        before = [leaf.data for leaf in entries(session)]
    with opened(place) as session:
        assert [leaf.data for leaf in entries(session)] == before
        assert code(lambda: require_released(session)) == "unavailable.restored"
    assert code(lambda: restore(place, out)) == "refused.restore_place"
    cut, third = tmp_path / "cut", DatabaseSettings(url=postgres.database()).full_url()
    cut.write_bytes(out.read_bytes()[:2000])
    assert code(lambda: restore(third, cut)) == "refused.backup"
    assert code(lambda: backup(third, tmp_path / "b")) == "refused.database_behind"
