"""
Backups of the service's database: a file that was compared with its own audit log, and put back
into an empty place alone.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, create_engine, inspect, make_url
from sqlalchemy.exc import SQLAlchemyError

from algebra.errors import Refused, Unavailable
from algebra.system import refused_by_system
from service.audit.checkpoint import Checkpoint
from service.audit.database import opened, whole
from service.operations import postgresql
from service.operations.restored import mark
from service.store.database import Database
from service.store.schema import migrate

SQLITE, POSTGRESQL = b"SQLite format 3\0", b"PGDMP"
"""How the two kinds of backup begin."""


@dataclass(frozen=True, slots=True)
class Kept:
    """
    What a backup holds.

    Attributes
    ----------
    entries : of the audit log
    signed : of them, by its last checkpoint
    """

    entries: int
    signed: int


def backup(database_url: str, out: Path) -> Kept:
    """
    Copy the database while it is used, into one file that its owner alone reads.

    Raises
    ------
    Refused
        `refused.restore_place`: a file stands there; `refused.backup`: the copy is not whole;
        `refused.database_*`: it is of another version of the service.
    Rejected
        `rejected.audit_*`: the log's rows do not belong together.
    Unavailable
        `unavailable.database`, `unavailable.file`, `unavailable.tool`, and as the system says.
    """
    url = make_url(database_url)
    with _beside(out) as copy:
        if url.get_backend_name() == "sqlite":
            _copy(_existing(url), copy)
            kept = _kept(f"sqlite:///{copy}")
            _one_file(copy)
            return kept
        kept = _kept(database_url)
        postgresql.dump(url, copy)
        return kept


def restore(database_url: str, file: Path) -> Kept:
    """
    Put a backup back where nothing is; from then on nothing is accepted until the log is compared
    (`service.operations.restored`).

    Raises
    ------
    Refused
        `refused.restore_place`: there is a database; `refused.backup`: the file is no backup of
        this kind of database, or not whole.
    Rejected, Unavailable
        As `backup`.
    """
    url = make_url(database_url)
    is_sqlite = url.get_backend_name() == "sqlite"
    if _head(file) != (SQLITE if is_sqlite else POSTGRESQL):
        raise Refused("refused.backup", f"{file.name}: no backup of {url.get_backend_name()}")
    if not is_sqlite:
        _require_empty(database_url)
        postgresql.restore(url, file)
        return _marked(database_url)
    place = Path(str(url.database))
    for name in (f"{place.name}-wal", f"{place.name}-shm"):
        if place.with_name(name).exists():
            raise Refused("refused.restore_place", f"{name}: there is a file; none is replaced")
    with _beside(place) as copy:
        _copy(file, copy)
        return _marked(f"sqlite:///{copy}")


def _marked(database_url: str) -> Kept:
    """Of this version of the service, compared, and waiting."""
    with closing(Database(database_url)) as database:
        migrate(database)
        kept = _kept(database_url)
        with database.writing() as session:
            mark(session, database.now)
    return kept


def _kept(database_url: str) -> Kept:
    """How much there is, its rows compared with each other."""
    with opened(database_url) as session:
        log = whole(session)
    signed = [Checkpoint.of(note).size for note in log.checkpoints]
    return Kept(len(log.entries), max(signed, default=0))


# -- SQLite ----------------------------------------------------------------------------------------
def _existing(url: URL) -> Path:
    path = Path(str(url.database))
    if not path.is_file():
        raise Unavailable("unavailable.file", f"database {path.name!a}: no such file")
    return path


def _copy(source: Path, copy: Path) -> None:
    """By SQLite itself, page by page, so that what is written meanwhile is in it or is not."""
    try:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(copy)) as new:
            old.backup(new)
            found = new.execute("PRAGMA integrity_check").fetchone()
            new.commit()
    except sqlite3.Error as error:
        raise Refused("refused.backup", f"{source.name}: {type(error).__name__}") from error
    if found != ("ok",):
        raise Refused("refused.backup", f"{source.name}: SQLite does not find it whole")


def _one_file(copy: Path) -> None:
    """Nothing of it stays in a file beside it."""
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


@contextmanager
def _beside(out: Path) -> Iterator[Path]:
    """A new file that gets its name, which must be free, once the block is done."""
    if out.exists():
        raise Refused("refused.restore_place", f"{out.name}: there is a file; none is replaced")
    folder = None
    try:
        folder = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
        new = folder / out.name
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield new
        with new.open("rb") as written:
            os.fsync(written.fileno())
        os.link(new, out)  # fails where a file came meanwhile
    except FileExistsError:
        raise Refused("refused.restore_place", f"{out.name}: there is a file") from None
    except OSError as error:
        raise refused_by_system(error, out.name, absent="unavailable.folder") from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _head(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            head = stream.read(len(SQLITE))
    except OSError as error:
        raise refused_by_system(error, file.name) from error
    return head[: len(POSTGRESQL)] if head.startswith(POSTGRESQL) else head


def _require_empty(database_url: str) -> None:
    engine = create_engine(database_url)
    try:
        found = inspect(engine).get_table_names()
    except SQLAlchemyError as error:
        raise Unavailable("unavailable.database", f"database: {type(error).__name__}") from error
    finally:
        engine.dispose()
    if found:
        raise Refused("refused.restore_place", f"database: there are {len(found)} tables in it")
