"""Addresses that are told: made, listed, changed and removed by an operator."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, inspect, select
from sqlalchemy.orm import Session

from algebra.errors import Malformed, Refused
from service.webhooks import target
from service.webhooks.events import KINDS
from service.webhooks.outbox import ACTIVE, DISABLED
from service.webhooks.queue import DAY, switch_off
from service.webhooks.sealing import Sealer
from service.webhooks.settings import WebhookSettings
from service.webhooks.signature import Secret
from service.webhooks.tables import TABLES, DeliveryRow, EndpointRow, EventRow

OLD_SECRET_SECONDS = DAY
"""For which the secret before signs too, unless it is said otherwise."""
MOST_OLD_SECRET_SECONDS = 7 * DAY
MOST_ENDPOINTS = 100


@dataclass(frozen=True, slots=True)
class Endpoint:
    """
    An address as it is shown, without its secrets.

    Attributes
    ----------
    id : `ep_` and 32 hexadecimal digits
    url : https
    kinds : of events that it asked for; empty: all
    state : active, disabled, failing, gone
    created_at : seconds since 1970
    failing_since : the first failure since the last success, if there is one
    old_secret_until : while a secret is changed: until when the one before signs too
    """

    id: str
    url: str
    kinds: tuple[str, ...]
    state: str
    created_at: int
    failing_since: int | None
    old_secret_until: int | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """
    What became of an event at an address.

    Attributes
    ----------
    place : grows with each delivery
    state : waiting, delivered, given_up
    answer : the last one: a status of HTTP, or in a word why there was none
    due_at : while it waits, the second of the next try
    """

    place: int
    event_id: str
    kind: str
    state: str
    tries: int
    answer: str | None
    due_at: int | None
    changed_at: int


class Endpoints:
    """
    The addresses as one transaction sees them.

    Parameters
    ----------
    session : in a transaction, whose commit is the caller's
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self, url: str, kinds: Sequence[str], settings: WebhookSettings, sealer: Sealer, now: int
    ) -> tuple[Endpoint, Secret]:
        """
        A new address and its secret, which is shown now and never again.

        Raises
        ------
        Malformed
            `malformed.webhook_url`; `malformed.webhook_kind`: a kind that there is not, or twice.
        Refused
            `refused.webhook_address`, `refused.webhook_port`; `refused.webhook_count`.
        """
        target.parse(url, settings)
        if len(set(kinds)) != len(kinds) or not set(kinds) <= set(KINDS):
            raise Malformed(
                "malformed.webhook_kind", f"webhook: kinds are {', '.join(KINDS)}, none twice"
            )
        count = self._session.scalar(select(func.count()).select_from(EndpointRow)) or 0
        if count >= MOST_ENDPOINTS:
            raise Refused(
                "refused.webhook_count", f"webhook: there are {MOST_ENDPOINTS}, as many as can be"
            )
        secret, identity = Secret.fresh(), "ep_" + secrets.token_hex(16)
        row = EndpointRow(
            id=identity, url=url, kinds=" ".join(kinds), state=ACTIVE, created_at=now,
            secret=sealer.seal(secret, identity),
        )  # fmt: skip
        self._session.add(row)
        self._session.flush()
        return _shown(row), secret

    def get(self, identity: str) -> Endpoint:
        """Refused (`unknown.webhook`) where there is none."""
        return _shown(self._row(identity, lock=False))

    def page(self, after: str, limit: int) -> list[Endpoint]:
        """Those whose id comes after another, in the order of their ids."""
        query = select(EndpointRow).where(EndpointRow.id > after).order_by(EndpointRow.id)
        return [_shown(row) for row in self._session.scalars(query.limit(limit))]

    def rotate(
        self, identity: str, sealer: Sealer, now: int, *, keep: int = OLD_SECRET_SECONDS
    ) -> tuple[Endpoint, Secret]:
        """
        A new secret; the one before signs too for `keep` seconds, 0 to 7 days.

        Raises
        ------
        Malformed
            `malformed.webhook_keep`: out of range.
        Refused
            `unknown.webhook`.
        """
        if not 0 <= keep <= MOST_OLD_SECRET_SECONDS:
            raise Malformed("malformed.webhook_keep", "webhook: an old secret is kept 0 to 7 days")
        row, secret = self._row(identity), Secret.fresh()
        row.old_secret, row.old_until = (row.secret, now + keep) if keep else (None, None)
        row.secret = sealer.seal(secret, identity)
        return _shown(row), secret

    def disable(self, identity: str, now: int) -> Endpoint:
        """Tell it nothing; what waits for it is given up. `unknown.webhook`."""
        row = self._row(identity)
        if row.state == ACTIVE:
            switch_off(self._session, row, DISABLED, "switched off", now)
        return _shown(row)

    def enable(self, identity: str) -> Endpoint:
        """Tell it what happens from now on. `unknown.webhook`."""
        row = self._row(identity)
        row.state, row.failing_since = ACTIVE, None
        return _shown(row)

    def remove(self, identity: str) -> None:
        """Forget it and what was sent to it. `unknown.webhook`."""
        row = self._row(identity)
        self._session.execute(delete(DeliveryRow).where(DeliveryRow.endpoint_id == row.id))
        self._session.delete(row)

    def deliveries(self, identity: str, before: int | None, limit: int) -> list[Delivery]:
        """What was sent to it, newest first, below a place. `unknown.webhook`."""
        self._row(identity, lock=False)
        query = (
            select(DeliveryRow, EventRow.kind)
            .join(EventRow, EventRow.id == DeliveryRow.event_id)
            .where(DeliveryRow.endpoint_id == identity)
            .order_by(DeliveryRow.place.desc())
        )
        if before is not None:
            query = query.where(DeliveryRow.place < before)
        return [_sent(row, kind) for row, kind in self._session.execute(query.limit(limit))]

    def require_key(self, sealer: Sealer) -> None:
        """Return if the key opens every secret that is kept; Refused (`refused.webhook_key`)."""
        for row in self._session.scalars(select(EndpointRow)):
            sealer.open(row.secret, row.id)

    def require_tables(self) -> None:
        """Refused (`refused.webhooks_absent`) where the database is no service's."""
        there = inspect(self._session.connection()).get_table_names()
        if not {table.name for table in TABLES} <= set(there):
            raise Refused("refused.webhooks_absent", "database: there are no webhooks in it")

    def require_none(self) -> None:
        """Refused (`refused.webhook_key`) where addresses are known, which nobody can be told."""
        found = self._session.scalar(select(EndpointRow.id).limit(1))
        if found is not None:
            raise Refused(
                "refused.webhook_key", "webhooks: addresses are known, and there is no key for them"
            )

    def _row(self, identity: str, *, lock: bool = True) -> EndpointRow:
        row = self._session.get(
            EndpointRow, identity, with_for_update={"key_share": True} if lock else None
        )
        if row is None:
            raise Refused("unknown.webhook", "webhook: no such address")
        return row


def _shown(row: EndpointRow) -> Endpoint:
    return Endpoint(
        row.id, row.url, tuple(row.kinds.split()), row.state, row.created_at, row.failing_since,
        row.old_until,
    )  # fmt: skip


def _sent(row: DeliveryRow, kind: str) -> Delivery:
    due = row.due_at if row.state == "waiting" else None
    return Delivery(row.place, row.event_id, kind, row.state, row.tries, row.answer, due,
                    row.changed_at)  # fmt: skip
