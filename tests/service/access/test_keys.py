"""API keys in the database and on the command line."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from algebra.errors import Malformed, Refused
from service.access.keys import SCOPES, create, find, key_id_of, listed, opens, revoke
from service.access.tables import ApiKeyRow
from service.audit.tables import EntryRow
from service.store.store import Store
from tierproof.cli import main
from tierproof.commands import service_keys

NOW = 1_700_000_000
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(f"sqlite:///{tmp_path}/keys.sqlite", clock=lambda: NOW)
    yield made
    made.close()


def made(store: Store, **change: Any) -> tuple[str, str]:
    given: dict[str, Any] = {"name": "desk", "scopes": ["verify"], "now": NOW, **change}
    with store.database.writing() as session:
        key, secret = create(session, **given)
    return key.key_id, secret


def test_256_bits_behind_a_public_name(store: Store) -> None:
    key_id, secret = made(store)
    assert re.fullmatch(rf"tpk_{key_id}_[0-9a-f]{{64}}", secret)
    assert key_id_of(secret) == key_id
    assert len({made(store)[1][-64:] for _ in range(50)}) == 50


def test_the_database_holds_no_text_of_a_key(store: Store, tmp_path: Path) -> None:
    _, secret = made(store)
    with store.database.writing() as session:
        rows = session.execute(select(ApiKeyRow.__table__)).all()
        entries = session.scalars(select(EntryRow.text)).all()
        assert secret[21:] not in repr(rows) + repr(entries)
        session.execute(text("SELECT 1"))
    for file in tmp_path.iterdir():
        assert secret[21:].encode() not in file.read_bytes()


def test_a_text_opens_its_own_hash_alone(store: Store) -> None:
    (first, secret), (second, other) = made(store), made(store)
    with store.database.reading() as session:
        assert opens(secret, find(session, first)[1]) and opens(other, find(session, second)[1])
        assert not opens(secret, find(session, second)[1])
        key, digest = find(session, "0" * 16)
        assert key is None and not opens("", digest) and not opens(secret, digest)


def test_making_and_revoking_are_entries_of_the_log(store: Store) -> None:
    key_id, _ = made(store)
    with store.database.writing() as session:
        for _ in range(2):  # the second changes nothing
            assert revoke(session, key_id, NOW + 5).revoked_at == NOW + 5
    with store.database.reading() as session:
        entries = [json.loads(each) for each in session.scalars(select(EntryRow.text))]
    assert entries == [
        {"key_id": key_id, "kind": "api-key", "time": NOW},
        {"key_id": key_id, "kind": "api-key-revoked", "time": NOW + 5},
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""}, {"name": "x" * 65}, {"name": "a\n"}, {"name": "\u00e9"}, {"scopes": []},
        {"scopes": ["all"]}, {"scopes": ["read", "Read"]}, {"expires_at": NOW}, {"daily": 0},
    ],
)  # fmt: skip
def test_a_key_that_none_can_have(store: Store, change: dict[str, Any]) -> None:
    with pytest.raises(Malformed) as error:
        made(store, **change)
    assert error.value.code == "malformed.api_key"
    with store.database.reading() as session:
        assert listed(session) == []


def test_a_name_that_there_is_not(store: Store) -> None:
    with pytest.raises(Refused) as error, store.database.writing() as session:
        revoke(session, "0" * 16, NOW)
    assert error.value.code == "unknown.api_key"


# -- commands --------------------------------------------------------------------------------------
def run(capsys: Capture, *words: str) -> tuple[int, Any, str]:
    status = main([*words, "--json"])
    said = capsys.readouterr()
    return status, json.loads(said.out), said.out + said.err


def test_a_key_by_commands(tmp_path: Path, capsys: Capture) -> None:
    database = ("--database", f"sqlite:///{tmp_path}/service.sqlite")
    scopes = ("--scope", "verify", "--scope", "read")
    _, shown, _ = run(capsys, "keys", "create", *database, "--name", "desk", *scopes)
    secret = shown.pop("api_key")
    assert shown["scopes"] == ["read", "verify"]
    assert shown["expires_at"] - shown["created_at"] == 365 * 86_400
    _, listed_, out = run(capsys, "keys", "list", *database)
    assert listed_ == {"keys": [shown]} and secret[21:] not in out
    _, revoked, out = run(capsys, "keys", "revoke", shown["key_id"], *database)
    assert revoked["revoked_at"] >= shown["created_at"] and secret[21:] not in out
    status, told, _ = run(capsys, "keys", "revoke", "0" * 16, *database)
    assert status == 2 and told["error"]["code"] == "unknown.api_key"


def test_a_key_in_a_file_of_its_own(tmp_path: Path, capsys: Capture) -> None:
    database, out = ("--database", f"sqlite:///{tmp_path}/s.sqlite"), tmp_path / "key"
    words = ("keys", "create", *database, "--name", "a", "--scope", "admin", "--out", str(out))
    _, shown, said = run(capsys, *words, "--no-expiry", "--daily", "7")
    secret = out.read_text().strip()
    assert key_id_of(secret) == shown["key_id"] and secret not in said
    assert "expires_at" not in shown and shown["daily"] == 7
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    status, told, _ = run(capsys, *words)
    assert status == 2 and told["error"]["code"] == "refused.api_key_file"
    assert out.read_text().strip() == secret
    _, after, _ = run(capsys, "keys", "list", *database)
    assert len(after["keys"]) == 1


def test_a_key_whose_file_cannot_be_written_is_not_made(tmp_path: Path, capsys: Capture) -> None:
    database, there = ("--database", f"sqlite:///{tmp_path}/s.sqlite"), tmp_path / "file"
    there.write_text("")
    words = ("keys", "create", *database, "--name", "a", "--scope", "read")
    assert run(capsys, *words, "--out", str(there / "key"))[0] == 2
    assert run(capsys, "keys", "list", *database)[1] == {"keys": []}


def test_the_command_knows_the_scopes_of_the_service() -> None:
    assert service_keys.SCOPES == SCOPES
