"""
Where a database is: what URLs are taken, and the file of one that is SQLite's.

A file is made here, by nobody but this user readable, or refused before the service says that it
listens; SQLite gives its -wal and -shm the same mode.
"""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from algebra.errors import Refused
from algebra.files import make_folder
from algebra.system import refused_by_system

PRIVATE = 0o600
DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
"""What a URL may begin with, and what it is then opened as."""
_MAGIC = b"SQLite format 3\0"


def default_url() -> str:
    """
    A file in the folder of this user's data, which is made if absent: `$XDG_DATA_HOME/tierproof`,
    by default below `~/.local/share`.
    """
    base = os.environ.get("XDG_DATA_HOME", "")
    folder = Path(base) if Path(base).is_absolute() else Path.home() / ".local" / "share"
    return f"sqlite:///{folder / 'tierproof' / 'service.sqlite'}"


def database_url(text: str) -> URL:
    """
    Read a URL: `sqlite:///PATH`, or `postgresql://USER@HOST/NAME` (psycopg 3).

    Raises
    ------
    Refused
        `refused.config`: no URL, another database or driver, or of SQLite one without a file, a
        URI filename or parameters.
    """
    try:
        url = make_url(text)
        driver = DRIVERS[url.drivername]
    except (ArgumentError, KeyError):
        raise _refused("give sqlite:///PATH or postgresql://USER@HOST/NAME") from None
    if driver != "sqlite":
        return url.set(drivername=driver)
    path = url.database or ""
    if path in ("", ":memory:"):
        raise _refused("a database in memory forgets who was accepted; give sqlite:///PATH")
    if path.startswith("file:") or url.query or url.host:
        raise _refused("of SQLite a plain path alone: sqlite:///PATH, sqlite:////FROM/THE/ROOT")
    return url.set(drivername=driver)


def make_file(url: URL) -> None:
    """
    See to it that the file of a SQLite database is there, is one, and is this user's alone. The
    default's folder is made, no other is. Of another database nothing is asked.

    Raises
    ------
    Refused
        `refused.database_file`: the file holds something else.
    Unavailable
        As the system says (`algebra.system`): no such folder, not writable, and so on.
    """
    if url.get_backend_name() != "sqlite":
        return
    path = Path(str(url.database))
    if f"sqlite:///{path}" == default_url():
        make_folder(path.parent)
    try:
        if not path.exists() or path.is_file():
            _make_private(path)
        with path.open("r+b") as file:
            head = file.read(len(_MAGIC))
        _require_writable(path.parent)  # for the files that SQLite puts beside it
    except OSError as error:
        raise refused_by_system(error, path.name, absent="unavailable.folder") from error
    if head not in (b"", _MAGIC):
        raise Refused("refused.database_file", f"database {path.name!a}: no file of SQLite's")


def _make_private(path: Path) -> None:
    """Made empty where absent; where others may read one that is there, they may no more."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE))
    for each in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
        if each.exists() and each.stat().st_mode & 0o777 != PRIVATE:
            each.chmod(PRIVATE)


def _require_writable(folder: Path) -> None:
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(13, os.strerror(13), str(folder))


def _refused(what: str) -> Refused:
    return Refused("refused.config", f"database: {what}", field="database_url")
