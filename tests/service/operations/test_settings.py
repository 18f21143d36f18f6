"""Settings: which source wins, what is refused, and that no secret is shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from algebra.errors import Refused
from service.operations.sections import ServerSettings
from service.operations.settings import PREFIX, Settings, load
from tests.tierproof.conftest import run

Capture = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch


def refused(**layers: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        load(**layers)
    assert caught.value.code == "refused.config"
    return caught.value


def test_options_win_over_the_environment_and_that_over_the_file(monkeypatch: Patch) -> None:
    table = {"server": {"host": "file", "port": 1, "body_limit": 2048}, "logs": {"level": "error"}}
    monkeypatch.setenv(f"{PREFIX}SERVER__PORT", "2")
    monkeypatch.setenv(f"{PREFIX}SERVER__HOST", "environment")
    found = load({"server": {"host": "option"}}, table)
    assert (found.server.host, found.server.port, found.server.body_limit) == ("option", 2, 2048)
    assert found.logs.level == "error" and found.verification == Settings().verification
    assert Settings().server == ServerSettings()  # made directly, it reads nothing


@pytest.mark.parametrize(
    ("table", "field", "said"),
    [
        ({"sever": {}}, "sever", "no such setting"),
        ({"server": {"prot": 1}}, "server.prot", "no such setting"),
        ({"server": {"port": 65_536}}, "server.port", "65535"),
        ({"server": {"port": "x"}}, "server.port", "integer"),
        ({"server": {"body_limit": 5}}, "server.body_limit", "1024"),
        ({"server": {"body_seconds": 0}}, "server.body_seconds", "greater"),
        ({"server": {"body_seconds": float("nan")}}, "server.body_seconds", ""),
        ({"verification": {"workers": 0}}, "verification.workers", "1"),
        ({"verification": {"queue_limit": 0}}, "verification.queue_limit", "1"),
        ({"server": {"allow_setup": "development"}}, "server.allow_setup", "typed"),
        ({"database": {"url": "no url"}}, "database.url", "give sqlite:///PATH"),
        (
            {"database": {"url": "sqlite:///file:x.sqlite?uri=true"}},
            "database.url",
            "plain path",
        ),
        ({"database": {"url": "sqlite://"}}, "database.url", "in memory"),
        ({"database": {"url": "mysql://h/x"}}, "database.url", "give sqlite:///PATH"),
        ({"logs": {"format": "xml"}}, "logs.format", "json"),
        ({"telemetry": {"endpoint": "https://user:hunter2@h"}}, "telemetry.endpoint", "pattern"),
    ],
)
def test_refused_in_the_file(table: dict[str, Any], field: str, said: str) -> None:
    error = refused(table=table)
    assert error.fields["field"] == field and said in error.message
    assert "hunter2" not in error.message


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SERVR__PORT", "1", "names no setting"),
        ("SERVER", '{"port": 1}', "names no setting"),
        ("SERVER__", "1", "names no setting"),
        ("SERVER__PROT", "1", "no such setting"),
        ("SERVER__PORT", "hunter2", "integer"),
        ("SERVER__PORT__X", "hunter2", "integer"),
        ("SERVER__ALLOW_SETUP", "development", "typed"),
        ("Server__Allow_Setup", "development", "typed"),
    ],
)
def test_refused_in_the_environment(name: str, value: str, said: str, monkeypatch: Patch) -> None:
    monkeypatch.setenv(f"{PREFIX}{name}", value)
    error = refused()
    assert said in error.message and "hunter2" not in error.message


def test_what_kubernetes_sets_is_none_of_ours(monkeypatch: Patch) -> None:
    monkeypatch.setenv("TIERPROOF_SERVICE_PORT", "tcp://10.0.0.1:8787")
    monkeypatch.setenv("TIERPROOF_SERVICE_HOST", "10.0.0.1")
    assert load() == load(table={}) and load().server.port == 8787


def test_a_setup_is_allowed_by_an_option_alone() -> None:
    options = {"server": {"allow_setup": "development"}}
    assert load(options).server.allow_setup == "development"
    assert "hunter2" in refused(options={"server": {"allow_setup": "hunter2"}}).message


def test_settings_stay_as_they_are() -> None:
    with pytest.raises(ValidationError):
        Settings().server.port = 1  # type: ignore[misc]


# -- secrets -----------------------------------------------------------------------------------
def test_a_password_comes_from_a_file_that_its_owner_alone_reads(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text("p@ss/word\n")
    url = "postgresql://service@db/tierproof"
    table = {"database": {"url": url, "password_file": str(path)}}
    path.chmod(0o640)
    assert "chmod 600" in refused(table=table).message
    path.chmod(0o600)
    found = load(table=table)
    assert found.database.full_url() == "postgresql+psycopg://service:p%40ss%2Fword@db/tierproof"
    assert "p@ss" not in json.dumps(found.shown()) + repr(found) and "%40" not in repr(found)
    path.unlink()
    assert "no such file" in refused(table=table).message


def test_a_password_in_the_url_is_refused_and_not_repeated() -> None:
    error = refused(table={"database": {"url": "postgresql://service:hunter2@db/tierproof"}})
    assert "hunter2" not in error.message and "password_file" in error.message


# -- the command -------------------------------------------------------------------------------
def checked(capsys: Capture, *arguments: object) -> dict[str, Any]:
    assert run("serve", "--check", "--json", *arguments) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert document["outcome"] == "usable"
    settings: dict[str, Any] = document["settings"]
    return settings


def test_check_prints_the_settings_in_force(
    tmp_path: Path, monkeypatch: Patch, capsys: Capture
) -> None:
    """By file, with a path from its folder; nothing is made."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "inner"
    folder.mkdir()
    (folder / "password").write_text("hunter2")
    (folder / "password").chmod(0o600)
    named = folder / "service.toml"
    named.write_text(
        '[serve.database]\nurl = "postgresql://s@db/x"\npassword_file = "password"\n'
        "[serve.server]\nport = 9000\nhost = '::1'\n"
    )
    found = checked(capsys, "--config", named, "--port", 9001)
    assert found["server"]["port"] == 9001 and found["server"]["host"] == "::1"
    assert found["database"]["password_file"] == str(folder / "password")
    assert "hunter2" not in json.dumps(found)
    assert [path.name for path in tmp_path.iterdir()] == ["inner"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[serve.server]\nprot = 1", "refused.config"),
        ("[serve.sever]\nport = 1", "refused.config"),
        ("[serve]\nport = 1", "malformed.config"),
        ("serve = 1", "malformed.config"),
        ("[[serve]]\nport = 1", "malformed.config"),
        ("[serve.database]\npassword_file = 1", "malformed.config"),
    ],
)
def test_a_wrong_file_starts_nothing(text: str, code: str, tmp_path: Path, capsys: Capture) -> None:
    named = tmp_path / "tierproof.toml"
    named.write_text(text)
    place = f"sqlite:///{tmp_path}/s.sqlite"
    assert run("serve", "--json", "--config", named, "--database", place) == 2
    printed = capsys.readouterr()
    assert json.loads(printed.out)["error"]["code"] == code
    assert "listening" not in printed.err and not (tmp_path / "s.sqlite").exists()
