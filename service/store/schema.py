"""
The tables of all parts of the service, and the migrations that bring a database to them (Alembic,
run from here: there is no file of settings).

The service migrates its database when it opens it, in the one transaction that writes: of several
processes that start at once the first does it, and the others find it done. Whoever only reads
refuses a database of another version.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, inspect
from sqlalchemy.orm import Session

from algebra.errors import Refused
from service.access import tables as access_tables
from service.audit import tables as audit_tables
from service.follower import tables as follower_tables
from service.operations import tables as operations_tables
from service.relayer import tables as relayer_tables
from service.store import migrations
from service.store import tables as store_tables
from service.store.base import Base
from service.store.database import Database
from service.webhooks import tables as webhook_tables

MIGRATIONS = Path(migrations.__path__[0])
PARTS = (
    access_tables, audit_tables, follower_tables, operations_tables, relayer_tables, store_tables,
    webhook_tables,
)  # fmt: skip
"""Modules whose tables a migrated database has."""
_ALONE = threading.Lock()
"""Alembic keeps what it works on in a variable of its module."""


def metadata() -> MetaData:
    """Of all tables."""
    return Base.metadata


def migrate(database: Database, folder: Path = MIGRATIONS) -> None:
    """
    Bring a database to the newest version.

    Parameters
    ----------
    folder : of the migrations

    Raises
    ------
    Refused
        `refused.database_ahead`: a later version of the service made it;
        `refused.database_foreign`: tables of ours that no migration made.
    Unavailable
        `unavailable.database`.
    """
    script = _script(folder)
    with database.reading() as session:
        done = _heads(session.connection()) == set(script.get_heads())
    if not done:
        database.transact(lambda session: _upgrade(session, script))


def downgrade(database: Database, revision: str, folder: Path = MIGRATIONS) -> None:
    """
    Undo the migrations after one, which `base` names where none is to be left; raises as
    `migrate`. What only the newer tables hold is lost.
    """
    script = _script(folder)

    def down(session: Session) -> None:
        _require_known(_heads(session.connection()), script)
        _run(session.connection(), script, lambda at: script._downgrade_revs(revision, at))

    database.transact(down)


def require_current(session: Session, folder: Path = MIGRATIONS) -> None:
    """
    Return if a database is of this very version.

    Raises
    ------
    Refused
        `refused.database_ahead`; `refused.database_behind`, also where there is no version.
    """
    script = _script(folder)
    heads = _heads(session.connection())
    _require_known(heads, script)
    if heads != set(script.get_heads()):
        raise Refused(
            "refused.database_behind",
            f"database: of version {', '.join(sorted(heads)) or 'none'}, "
            f"not {', '.join(script.get_heads())}",
        )


def _script(folder: Path) -> ScriptDirectory:
    return ScriptDirectory(str(folder))


def _heads(connection: Connection) -> set[str]:
    return set(MigrationContext.configure(connection).get_current_heads())


def _require_known(heads: set[str], script: ScriptDirectory) -> None:
    unknown = heads - {each.revision for each in script.walk_revisions()}
    if unknown:
        raise Refused(
            "refused.database_ahead",
            f"database: of version {', '.join(sorted(unknown))}, which this service does not know",
        )


def _upgrade(session: Session, script: ScriptDirectory) -> None:
    connection = session.connection()
    heads = _heads(connection)
    _require_known(heads, script)
    strangers = set(metadata().tables) & set(inspect(connection).get_table_names())
    if not heads and strangers:
        raise Refused(
            "refused.database_foreign",
            f"database: there is a table {min(strangers)}, and no version of a service",
        )
    _run(connection, script, lambda at: script._upgrade_revs("heads", at))


def _run(
    connection: Connection, script: ScriptDirectory, steps: Callable[[Any], Iterable[Any]]
) -> None:
    """Inside the transaction that the connection is in: all steps count, or none does."""
    options = {"fn": lambda at, _: steps(at), "script": script, "transactional_ddl": True}
    context = MigrationContext.configure(connection, opts=options)
    with _ALONE, Operations.context(context):
        context.run_migrations()
