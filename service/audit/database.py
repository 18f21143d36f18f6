"""The database of a service, opened by who looks after its log: it is there, or nothing is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, inspect, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from algebra.errors import Refused, Unavailable
from service.audit.snapshot import Snapshot
from service.audit.stored import anchors, check_nodes, checkpoints, entries
from service.audit.tables import TABLES

WAIT_SECONDS = 15
"""For a writer of the same SQLite file."""


@contextmanager
def transaction(database_url: str) -> Iterator[Session]:
    """
    A session in a transaction, which ends with the block.

    Raises
    ------
    Refused
        `refused.config`: no URL of a database; `refused.audit_absent`: it holds no audit log.
    Unavailable
        `unavailable.file`: there is no such SQLite file; `unavailable.database`.
    """
    try:
        url = make_url(database_url)
        sqlite = url.get_backend_name() == "sqlite"
        if sqlite and not (url.database and Path(url.database).is_file()):
            raise Unavailable("unavailable.file", f"database {url.database!a}: no such file")
        engine = create_engine(url, connect_args={"timeout": WAIT_SECONDS} if sqlite else {})
    except (SQLAlchemyError, ImportError, TypeError) as error:
        raise Refused(
            "refused.config", f"database: {type(error).__name__}; give a SQLAlchemy URL"
        ) from error
    try:
        missing = {table.name for table in TABLES} - set(inspect(engine).get_table_names())
        if missing:
            raise Refused("refused.audit_absent", "database: there is no audit log in it")
        with Session(engine) as session, session.begin():
            yield session
    except SQLAlchemyError as error:
        raise Unavailable("unavailable.database", f"database: {type(error).__name__}") from error
    finally:
        engine.dispose()


def whole(session: Session) -> Snapshot:
    """
    The log, its rows compared with each other; whether its checkpoints hold is for
    `service.audit.verification`. Rejected (`rejected.audit_*`), as `service.audit.stored`.
    """
    check_nodes(session)
    leaves = [leaf.data for leaf in entries(session)]
    return Snapshot(leaves, checkpoints(session), anchors(session))
