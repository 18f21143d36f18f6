"""The commands of the webhooks, on a service's database."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.store.database import Database
from service.webhooks.endpoints import Endpoints
from service.webhooks.sealing import read_key
from service.webhooks.signature import Secret
from service.webhooks.tables import EndpointRow
from tests.service.webhooks.hook_world import opened
from tests.tierproof.conftest import run

Capture = pytest.CaptureFixture[str]
URL = "https://hooks.example/a"


class Folder:
    """A service's folder: database, key, and what the commands say there."""

    def __init__(self, path: Path, capsys: Capture) -> None:
        self.path, self._capsys = path, capsys
        self.database: Database = opened(f"sqlite:///{path}/service.sqlite")
        self.url = ("--database", f"sqlite:///{path}/service.sqlite")
        self.key = ("--webhook-key", path / "webhooks.key")
        self.run("keygen", "--out", self.key[1])

    def run(self, name: str, *arguments: object, status: int = 0) -> dict[str, Any]:
        self._capsys.readouterr()
        assert run("webhooks", name, *arguments, "--json") == status
        self.out, self.err = self._capsys.readouterr()
        document: dict[str, Any] = json.loads(self.out)
        return document

    def code(self, name: str, *arguments: object) -> str:
        return str(self.run(name, *arguments, status=2)["error"]["code"])

    def add(self, *more: object) -> dict[str, Any]:
        return self.run("add", URL, *self.url, *self.key, *more)


@pytest.fixture
def folder(tmp_path: Path, capsys: Capture) -> Iterator[Folder]:
    made = Folder(tmp_path, capsys)
    yield made
    made.database.close()


def secret_of(folder: Folder, identity: str) -> Secret:
    with folder.database.reading() as session:
        row = session.get_one(EndpointRow, identity)
        return read_key(Path(folder.key[1])).open(row.secret, identity)


def test_a_life_of_an_address(folder: Folder) -> None:
    made = folder.add("--kind", "move.announced", "--kind", "grant.ended")
    identity, secret = made["webhook"], Secret.parse(made["secret"])
    assert made["kinds"] == ["move.announced", "grant.ended"]
    assert secret_of(folder, identity) == secret
    (row,) = folder.run("list", *folder.url)["webhooks"]
    assert made["secret"] not in folder.out and row["last"] is None and row["state"] == "active"

    event = folder.run("test", identity, *folder.url)["event"]
    (row,) = folder.run("list", *folder.url)["webhooks"]
    assert row["last"] == "webhook.test waiting" and event.startswith("evt_")

    changed = folder.run("rotate", identity, "--keep", 60, *folder.url, *folder.key)
    assert Secret.parse(changed["secret"]) == secret_of(folder, identity) != secret
    assert folder.run("remove", identity, *folder.url) == {"removed": identity}
    assert folder.run("list", *folder.url) == {"webhooks": []}
    for name in ("remove", "test"):
        assert folder.code(name, identity, *folder.url) == "unknown.webhook"


def test_a_secret_goes_into_a_file(folder: Folder) -> None:
    out = folder.path / "secret"
    made = folder.add("--secret-file", out)
    assert "secret" not in made and out.stat().st_mode & 0o077 == 0
    secret = Secret.parse(out.read_text().strip())
    assert secret.text() not in folder.out + folder.err
    assert secret == secret_of(folder, made["webhook"])
    arguments = (URL, *folder.url, *folder.key, "--secret-file", out)
    assert folder.code("add", *arguments) == "refused.webhook_key_file"
    again = (made["webhook"], *folder.url, *folder.key, "--secret-file", out)
    assert folder.code("rotate", *again) == "refused.webhook_key_file"
    assert secret == secret_of(folder, made["webhook"])  # nothing was changed
    assert len(folder.run("list", *folder.url)["webhooks"]) == 1


def test_what_may_be_told(folder: Folder) -> None:
    places = (*folder.url, *folder.key)
    assert folder.code("add", "https://127.0.0.1/", *places) == "refused.webhook_address"
    assert folder.code("add", "https://hooks.example:8443/", *places) == "refused.webhook_port"
    assert folder.code("add", "http://hooks.example/", *places) == "malformed.webhook_url"
    assert folder.code("add", URL, "--kind", "x", *places) == "malformed.webhook_kind"
    assert folder.code("add", URL, "--allow-port", 0, *places) == "refused.webhook_port"
    folder.run("add", "https://hooks.example:8443/", *places, "--allow-port", 8443)
    folder.run("add", "https://127.0.0.1:9/", *places, "--allow-loopback")


def test_the_key_is_the_service_s(folder: Folder) -> None:
    folder.add()
    folder.run("keygen", "--out", folder.path / "other.key")
    other = ("--webhook-key", folder.path / "other.key")
    assert folder.code("add", URL, *folder.url, *other) == "refused.webhook_key"
    mode = stat.S_IMODE((folder.path / "other.key").stat().st_mode)
    assert mode == 0o600
    assert folder.code("keygen", "--out", folder.path / "other.key") == "refused.webhook_key_file"
    (folder.path / "other.key").chmod(0o644)
    assert folder.code("add", URL, *folder.url, *other) == "refused.open_key_file"


def test_the_database_is_there_or_nothing_is_done(folder: Folder) -> None:
    absent = folder.path / "absent.sqlite"
    assert folder.code("list", "--database", f"sqlite:///{absent}") == "unavailable.file"
    assert not absent.exists()
    Database(f"sqlite:///{absent}").close()
    assert folder.code("list", "--database", f"sqlite:///{absent}") == "refused.webhooks_absent"
    with folder.database.reading() as session:
        assert Endpoints(session).page("", 9) == []
