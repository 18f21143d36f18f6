"""The database of a service, opened by who looks after its log: it is there, or nothing is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy.orm import Session

from algebra.errors import Unavailable
from service.audit.snapshot import Snapshot
from service.audit.stored import anchors, check_nodes, checkpoints, entries
from service.store.database import Database
from service.store.schema import require_current
from service.store.url import database_url, default_url


@contextmanager
def opened(url: str | None, *, writes: bool = False) -> Iterator[Session]:
    """
    A session of a service's database, which reads one state of it, or is the transaction that
    writes; it ends with the block.

    Parameters
    ----------
    url : of the database, by default the one in this user's folder

    Raises
    ------
    Refused
        As `service.store.url.database_url` and `service.store.schema.require_current`.
    Unavailable
        `unavailable.file`: there is no such SQLite file; `unavailable.database`.
    """
    place = database_url(url or default_url())
    file = Path(str(place.database)) if place.get_backend_name() == "sqlite" else None
    if file is not None and not file.exists():
        raise Unavailable("unavailable.file", f"database {str(file)!a}: no such file")
    with closing(Database(place.render_as_string(hide_password=False))) as database:
        with database.writing() if writes else database.reading() as session:
            require_current(session)
            yield session


def whole(session: Session) -> Snapshot:
    """
    The log, its rows compared with each other; whether its checkpoints hold is for
    `service.audit.verification`. Rejected (`rejected.audit_*`), as `service.audit.stored`.
    """
    check_nodes(session)
    leaves = [leaf.data for leaf in entries(session)]
    return Snapshot(leaves, checkpoints(session), anchors(session))
