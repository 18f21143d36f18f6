"""The API keys of a service's database (docs/reference/service-access.md)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from algebra.errors import Refused
from algebra.extras import libraries
from algebra.files import write_atomic

with libraries("service"):
    from service.access import keys
    from service.store.store import Store


def create(
    database_url: str, *, name: str, scopes: Collection[str], days: int | None, daily: int | None,
    out: Path | None,
) -> dict[str, Any]:  # fmt: skip
    """
    A new key; its text is in the document, or in the file `out`, which its owner alone reads.

    Parameters
    ----------
    days : after which it opens nothing; None: never
    daily : requests a day that verify or hand something over; None: no quota

    Raises
    ------
    Malformed
        `malformed.api_key`, as `service.access.keys.create`.
    Refused
        `refused.api_key_file`: a file stands there.
    """
    if out is not None and out.exists():
        raise Refused("refused.api_key_file", f"{out.name}: there is a file; none is replaced")
    with _opened(database_url) as store, store.database.writing() as session:
        now = store.database.now
        expires_at = None if days is None else now + days * keys.DAY
        made, text = keys.create(
            session, name=name, scopes=scopes, now=now, expires_at=expires_at, daily=daily
        )
        if out is not None:  # before the commit: a key that nobody has is never in the database
            write_atomic(out, text.encode() + b"\n")
    return {**shown(made), **({"api_key": text} if out is None else {"key_file": str(out)})}


def listed(database_url: str) -> list[dict[str, Any]]:
    """Every key that there ever was, oldest first, without its text."""
    with _opened(database_url) as store, store.database.reading() as session:
        return [shown(key) for key in keys.listed(session)]


def revoke(database_url: str, key_id: str) -> dict[str, Any]:
    """A key opens nothing any more, within a second; Refused (`unknown.api_key`)."""
    with _opened(database_url) as store, store.database.writing() as session:
        return shown(keys.revoke(session, key_id, store.database.now))


def shown(key: keys.ApiKey) -> dict[str, Any]:
    """A key as JSON values, without what there is not; times are seconds since 1970."""
    told = {
        "key_id": key.key_id,
        "name": key.name,
        "scopes": list(key.scopes),
        "daily": key.daily,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "last_used": None if key.last_day is None else key.last_day * keys.DAY,
    }
    return {name: value for name, value in told.items() if value is not None}


@contextmanager
def _opened(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    try:
        yield store
    finally:
        store.close()
