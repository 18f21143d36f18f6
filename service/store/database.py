"""
The service's database: SQLite by default, PostgreSQL by URL, and one rule for both.

One transaction writes at a time. In SQLite it begins with BEGIN IMMEDIATE, in PostgreSQL by an
advisory lock whose waiters have their turns in order. What it reads cannot change before it commits
(attack H2), and no two wait for each other: the audit log, the last act of each, lets one through
at a time in any case.
"""

from __future__ import annotations

import os
import random
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from algebra.errors import Unavailable
from service.store.together import Job, Together
from service.store.url import database_url, make_file

WAIT_SECONDS = 15
"""For the turn to write, a lock, or a free connection; then the database counts as not there."""
TRIES = 8
"""Of one transaction that the database gives up for the sake of another."""
PASSING = frozenset({"40001", "40P01"})
"""SQLSTATE of a serialization failure and of a deadlock: nothing was done, it may pass again."""
WRITER = 0x7469657270726F6F
"""Key of the advisory lock, `tierproo` in ASCII."""
_LONGEST_PAUSE = 0.02
_WRITES = "tierproof_writes"
_RANDOM = random.SystemRandom()
_Result = TypeVar("_Result")


class Database:
    """
    Parameters
    ----------
    url : as `service.store.url.database_url` takes it; the file is made if absent
    clock : seconds since 1970; tests set their own

    Raises
    ------
    Refused, Unavailable
        As `database_url` and `make_file`.
    """

    def __init__(self, url: str, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._url = database_url(url)
        make_file(self._url)
        self.engine = self._made()
        self._line_up()
        self._reader = self._writer = self.engine
        if self.engine.dialect.name == "postgresql":
            self._reader = self.engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        self._writer = self.engine.execution_options(**{_WRITES: True})
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=partial(_begin_anew, weakref.ref(self)))

    def _line_up(self) -> None:
        """Nobody has the turn to write, and nobody waits for it."""
        self._turn = threading.Lock()
        self._together = Together(self._begun, _passes)

    @property
    def now(self) -> int:
        """Seconds since 1970 by the database's clock."""
        return int(self._clock())

    def close(self) -> None:
        """Give back the connections."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """
        A session that reads one state of the database; `unavailable.database` if it does not
        answer.
        """
        try:
            with Session(self._reader) as session:
                yield session
        except SQLAlchemyError as error:
            raise unavailable(error) from error

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """
        A session in the one transaction that writes; it commits with the block, or undoes all of
        it where the block raises.

        Raises
        ------
        Unavailable
            `unavailable.database`: no answer, no turn within `WAIT_SECONDS`, or a row that another
            table does not admit.
        """
        try:
            with self._transaction() as session:
                yield session
        except SQLAlchemyError as error:
            raise unavailable(error) from error

    def transact(self, function: Callable[[Session], _Result]) -> _Result:
        """
        What the function returns of a session as `writing` gives it.

        Functions that wait for the turn to write share a transaction (`service.store.together`).
        One that the database gives up (`PASSING`) is done anew from its start, a few times: a
        function must have no effect but in the session. Raises as `writing`, and what the function
        raises.
        """
        job = Job(function)
        self._together.wait(job)
        taken = self._turn.acquire(timeout=WAIT_SECONDS)
        if not taken:
            self._together.give_up(job)
            raise _no_turn()
        try:
            while not job.done:  # more may wait than one transaction takes
                self._do(self._together.take())
        finally:
            self._turn.release()
        if isinstance(job.error, SQLAlchemyError):
            raise unavailable(job.error) from job.error
        result: _Result = job.answer()
        return result

    def _do(self, jobs: list[Job]) -> None:
        """With the turn: all jobs, each with its result or error afterwards."""
        for tried in range(1, TRIES + 1):
            try:
                self._together.do(jobs)
                break
            except BaseException as error:
                for job in jobs:
                    job.error = error
                if not isinstance(error, SQLAlchemyError) or not _passes(error):
                    break
            time.sleep(_RANDOM.uniform(0, _LONGEST_PAUSE * 2**tried))
        for job in jobs:
            job.done = True

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        """Threads of one process line up here, without a connection each."""
        taken = self._turn.acquire(timeout=WAIT_SECONDS)
        if not taken:
            raise _no_turn()
        try:
            with self._begun() as session:
                yield session
        finally:
            self._turn.release()

    @contextmanager
    def _begun(self) -> Iterator[Session]:
        with Session(self._writer) as session, session.begin():
            session.connection()  # begins, and so takes the lock, before anything is read
            yield session

    def _made(self) -> Engine:
        """Opens nothing yet."""
        if self._url.get_backend_name() == "sqlite":
            engine = create_engine(self._url, pool_size=16, max_overflow=32)
            event.listen(engine, "connect", _sqlite_connection)
            event.listen(engine, "begin", _begin_sqlite)
            return engine
        settings = {"lock_timeout": f"{WAIT_SECONDS}s", "synchronous_commit": "on"}
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        engine = create_engine(
            self._url,
            pool_size=8,
            max_overflow=8,
            pool_pre_ping=True,  # the server may have been started anew
            connect_args={"connect_timeout": WAIT_SECONDS, "options": options},
        )
        event.listen(engine, "begin", _begin_postgresql)
        return engine


def _begin_anew(database: weakref.ref[Database]) -> None:
    """In a forked child: connections and waiting threads are the parent's."""
    if (found := database()) is not None:
        found._line_up()
        found.engine.dispose(close=False)


def _no_turn() -> Unavailable:
    return Unavailable("unavailable.database", "database: other writers took too long")


def unavailable(error: SQLAlchemyError) -> Unavailable:
    """
    The refusal for an error of the database. Without the words of the driver: they hold what was to
    be written.
    """
    return Unavailable(
        "unavailable.database", f"database: {type(error).__name__}; nothing was acknowledged"
    )


def _passes(error: SQLAlchemyError) -> bool:
    return getattr(getattr(error, "orig", None), "sqlstate", None) in PASSING


def _sqlite_connection(connection: Any, _: object) -> None:
    """Transactions begin where `_begin_sqlite` says, not where the driver would have them."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (f"busy_timeout={1000 * WAIT_SECONDS}", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    if cursor.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        cursor.execute("PRAGMA journal_mode=WAL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get(_WRITES):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER})")
