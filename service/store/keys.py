"""Verifying keys by which the service judges."""

from __future__ import annotations

import json
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from algebra.errors import Refused
from algebra.hexadecimal import hex32
from service.audit.entries import Entry
from service.audit.log import AuditLog
from service.store.tables import KeyRow
from verifier.ceremonies import why_not


class Key(Protocol):
    """The part of a verifying key that the service reads; `verifier.key.VerifyingKey` has it."""

    @property
    def digest(self) -> bytes:
        """Keccak-256 of the key, 32 bytes."""

    @property
    def size(self) -> int:
        """Class n, rows of the circuit."""

    @property
    def srs_id(self) -> int:
        """200 bits that name the setup (`verifier.ceremonies`)."""

    def to_json(self) -> dict[str, Any]:
        """The object of its key file."""


def check_setup(key: Key, allow_setup: str | None) -> None:
    """Refused (`refused.key_setup`) as `Store.register_key`."""
    if reason := why_not(key.srs_id, allow_setup):
        raise Refused("refused.key_setup", f"key: its setup is {reason}; not for real use")


def register(session: Session, key: Key, now: int) -> None:
    """As `Store.register_key`, in the caller's transaction; its setup is asked before."""
    digest, document = hex32(key.digest), json.dumps(key.to_json())
    if session.get(KeyRow, digest) is None:
        session.add(KeyRow(digest=digest, document=document, size=key.size, registered_at=now))
        AuditLog(session).append(Entry("key", now, {"key_digest": digest, "size": key.size}))


def all_of(session: Session) -> list[tuple[str, dict[str, Any]]]:
    """(digest as hex, document) of all keys, smallest class first."""
    rows = session.scalars(select(KeyRow).order_by(KeyRow.size, KeyRow.digest)).all()
    return [(row.digest, json.loads(row.document)) for row in rows]
