"""
Onboarding requests in the database: asked for once, shown by page, and the states that they go
through. Nothing says granted before finality.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from algebra.errors import Refused
from algebra.hexadecimal import hex32
from service.relayer.asked import Asked
from service.relayer.tables import OnboardingRow

VERIFIED, SUBMITTED, INCLUDED = "verified", "submitted", "included"
FINAL, SUPERSEDED, FAILED = "final", "superseded", "failed"
STATES = (VERIFIED, SUBMITTED, INCLUDED, FINAL, SUPERSEDED, FAILED)
AGAIN = (FAILED, SUPERSEDED)
"""States from which the same claim may be asked for again."""


class Transactions(Protocol):
    """The database, as `service.store.database.Database`."""

    @property
    def now(self) -> int:
        """Seconds since 1970."""
        ...

    def reading(self) -> AbstractContextManager[Session]:
        """A session that reads."""
        ...

    def writing(self) -> AbstractContextManager[Session]:
        """A session whose reads cannot change before it commits."""
        ...


class Onboardings:
    """The requests of a database; `owner` is the API key that asks, "" without keys."""

    def __init__(self, database: Transactions) -> None:
        self._database = database

    def add(self, asked: Asked, owner: str) -> dict[str, Any]:
        """
        Store a request that was verified; the same one again is the one that is there, unless it
        came to nothing: then it is tried anew with what is given now.

        Raises
        ------
        Refused
            `refused.onboarding_exists`: another API key asked for it.
        """
        now, database = self._database.now, self._database
        with database.writing() as session:
            row = session.scalar(select(OnboardingRow).where(*_same(asked)))
            if row is None:
                row = OnboardingRow(
                    id=secrets.token_hex(16), chain_id=str(asked.place.chain_id),
                    registry_address=asked.place.registry, policy_id=hex32(asked.policy_id),
                    tier=asked.tier, nullifier=hex32(asked.nullifier), account=asked.account,
                    last_day=asked.last_day, owner=owner, content=asked.content(),
                    state=VERIFIED, asked_at=now, changed_at=now, not_before=0, gas=0, gas_day=0,
                )  # fmt: skip
                session.add(row)
                session.flush()
            elif row.owner != owner:
                raise Refused(
                    "refused.onboarding_exists", "onboarding: asked for by another API key"
                )
            elif row.state in AGAIN:
                row.content, row.asked_at, row.not_before = asked.content(), now, 0
                row.hash = row.act = row.expiry = row.ready_at = None
                move(row, VERIFIED, now)
            return shown(row)

    def get(self, id: str, owner: str | None) -> dict[str, Any]:
        """One request; Refused (`unknown.onboarding`). `owner` None sees all of them."""
        with self._database.reading() as session:
            row = session.scalar(select(OnboardingRow).where(OnboardingRow.id == id))
            if row is None or owner not in (None, row.owner):
                raise Refused("unknown.onboarding", "onboarding: none of this id")
            return shown(row)

    def page(self, owner: str | None, after: int, limit: int) -> list[tuple[int, dict[str, Any]]]:
        """Requests with numbers above `after`, oldest first; each with its number."""
        asked = select(OnboardingRow).where(OnboardingRow.number > after)
        if owner is not None:
            asked = asked.where(OnboardingRow.owner == owner)
        with self._database.reading() as session:
            rows = session.scalars(asked.order_by(OnboardingRow.number).limit(limit)).all()
            return [(row.number, shown(row)) for row in rows]


def move(row: OnboardingRow, state: str, now: int, code: str | None = None) -> None:
    """Into a state, with the reason where there is one."""
    row.state, row.code, row.changed_at = state, code, now


def rows_of(session: Session, ids: Sequence[str]) -> list[OnboardingRow]:
    """The rows of these ids, in their order."""
    found = session.scalars(select(OnboardingRow).where(OnboardingRow.id.in_(ids))).all()
    by_id = {row.id: row for row in found}
    return [by_id[each] for each in ids]


def shown(row: OnboardingRow) -> dict[str, Any]:
    """As the service shows it. `granted` is true from finality on, and not before."""
    return {
        "id": row.id,
        "state": row.state,
        "granted": row.state == FINAL,
        "code": row.code,
        "policy_id": row.policy_id,
        "tier": row.tier,
        "nullifier": row.nullifier,
        "account": row.account,
        "chain_id": int(row.chain_id),
        "registry": row.registry_address,
        "asked_at": row.asked_at,
        "changed_at": row.changed_at,
        "transaction": row.hash,
        "act": row.act if row.state == FINAL else None,
        "expiry": row.expiry if row.state == FINAL else None,
        "ready_at": row.ready_at,
    }


def _same(asked: Asked) -> tuple[Any, ...]:
    row = OnboardingRow
    return (
        row.chain_id == str(asked.place.chain_id),
        row.registry_address == asked.place.registry,
        row.policy_id == hex32(asked.policy_id),
        row.tier == asked.tier,
        row.nullifier == hex32(asked.nullifier),
        row.account == asked.account,
        row.last_day == asked.last_day,
    )
