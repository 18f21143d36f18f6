"""Where a database may be, said before the service listens (case 23), and who may read its file."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from algebra.errors import Refused
from service.store import url as module
from service.store.database import Database
from service.store.url import database_url, default_url, make_file
from tests.service.store import store_world as world
from tests.service.store.store_world import said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no url",
        "service.sqlite",
        "sqlite:",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite://host/path",
        "sqlite:///file:uri/x.sqlite?uri=true",
        "sqlite:///file:x",
        "sqlite:////tmp/x?mode=ro",
        "sqlite+aiosqlite:////tmp/x",
        "postgresql+asyncpg://user@host/name",
        "postgresql+psycopg2://user@host/name",
        "mysql://user:secret@host/name",
    ],
)
def test_urls_that_name_no_place(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refused) as caught:
        world.opened(text)
    assert caught.value.code == "refused.config" and "secret" not in caught.value.message
    assert list(tmp_path.iterdir()) == []


def test_a_bare_postgresql_url_is_opened_by_psycopg_3() -> None:
    for text in ("postgresql://user@host/name", "postgresql+psycopg://user@host/name"):
        assert database_url(text).drivername == "postgresql+psycopg"


def in_a_file(folder: Path) -> Path:
    (folder / "file").write_text("here")
    return folder / "file" / "s.sqlite"


def of_another_kind(folder: Path) -> Path:
    (folder / "s.sqlite").write_bytes(b"something else, of some length")
    return folder / "s.sqlite"


@pytest.mark.parametrize(
    ("place", "code"),
    [
        (in_a_file, "unavailable.not_a_folder"),
        (lambda folder: folder / "none" / "s.sqlite", "unavailable.folder"),
        (lambda folder: Path("/proc/none/s.sqlite"), "unavailable.folder"),
        (lambda folder: folder, "unavailable.not_a_file"),
        (of_another_kind, "refused.database_file"),
    ],
)
def test_places_where_no_database_can_be(
    tmp_path: Path, place: Callable[[Path], Path], code: str
) -> None:
    path = place(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert said(lambda: world.opened(f"sqlite:///{path}")) == code
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.os, "access", lambda *_: False)
    assert said(lambda: world.opened(f"sqlite:///{tmp_path}/s.sqlite")) == "unavailable.permission"


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    url = f"postgresql://nobody@/none?host={tmp_path}"
    assert said(lambda: world.opened(url)) == "unavailable.database"


# ---- the file ------------------------------------------------------------------------------------
def modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


@pytest.mark.parametrize("mask", [0, 0o022, 0o077])
def test_the_file_is_its_owners_alone(tmp_path: Path, mask: int) -> None:
    """With what SQLite puts beside it, whatever the mask."""
    before = os.umask(mask)
    try:
        with closing(world.opened(f"sqlite:///{tmp_path}/s.sqlite")) as store:
            world.fill(store)
            assert modes(tmp_path) == dict.fromkeys(
                ("s.sqlite", "s.sqlite-wal", "s.sqlite-shm"), 0o600
            )
    finally:
        os.umask(before)


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/s.sqlite"
    with closing(world.opened(url)) as store:
        world.fill(store)
        for path in tmp_path.iterdir():
            path.chmod(0o644)
        make_file(database_url(url))
        assert set(modes(tmp_path).values()) == {0o600}
        assert store.ping()["policies"] == 1


def test_the_default_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the data folder of the user, which is made; nothing in the working folder."""
    work, data = tmp_path / "work", tmp_path / "data"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("XDG_DATA_HOME", str(data))
    assert default_url() == f"sqlite:///{data}/tierproof/service.sqlite"
    Database(default_url()).close()
    assert modes(data / "tierproof") == {"service.sqlite": 0o600} and list(work.iterdir()) == []
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_url() == f"sqlite:///{tmp_path}/.local/share/tierproof/service.sqlite"
