"""
What is due, and what became of it. A delivery is taken by a lease: whoever dies between sending and
marking leaves one that is due again, so each arrives at least once.

Locks are taken in one order, the address before its deliveries; taking locks deliveries alone, and
passes over those that another process has.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from random import SystemRandom
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from service.webhooks.outbox import ACTIVE, DELIVERED, FAILING, GIVEN_UP, GONE, WAITING
from service.webhooks.sender import Answer
from service.webhooks.settings import WebhookSettings
from service.webhooks.tables import DeliveryRow, EndpointRow, EventRow

MINUTE, HOUR, DAY = 60, 3600, 86_400
WAITS = (
    5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, DAY,
)  # fmt: skip
"""Seconds after each try that failed, as Standard Webhooks has them: ten tries in 75 hours."""
JITTER = 0.2
"""Up to so much of a wait is added, so that what failed together does not come back together."""
LOOKED_AT = 256
"""Deliveries that one look considers."""
_RANDOM = SystemRandom()


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that this process has taken, and what it needs to send it."""

    place: int
    claim: str
    tries: int
    event_id: str
    body: str
    endpoint_id: str
    url: str
    secret: str
    old_secret: str | None


def any_due(session: Session, now: int) -> bool:
    """Whether a look would find something."""
    query = (
        select(DeliveryRow.place)
        .join(EndpointRow, EndpointRow.id == DeliveryRow.endpoint_id)
        .where(*_due(now))
    )
    return session.scalar(query.limit(1)) is not None


def take(
    session: Session, now: int, *, limit: int, busy: Mapping[str, int], settings: WebhookSettings
) -> list[Due]:
    """
    Deliveries that are due, taken until a lease ends that is longer than a sending takes.

    Parameters
    ----------
    session : in a writing transaction
    limit : how many at most
    busy : deliveries that are on their way, by address; none gets more than `at_once_each`
    """
    full = [each for each, count in busy.items() if count >= settings.at_once_each]
    rows = session.execute(
        select(DeliveryRow, EventRow.body, EndpointRow)
        .join(EventRow, EventRow.id == DeliveryRow.event_id)
        .join(EndpointRow, EndpointRow.id == DeliveryRow.endpoint_id)
        .where(
            *_due(now),
            EndpointRow.id.not_in(full),
        )
        .order_by(DeliveryRow.due_at, DeliveryRow.place)
        .limit(LOOKED_AT)
        .with_for_update(skip_locked=True, of=DeliveryRow)
    ).all()
    until, counts = now + lease(settings), dict(busy)
    taken: list[Due] = []
    for row, body, endpoint in rows:
        if len(taken) == limit:
            break
        if counts.get(endpoint.id, 0) < settings.at_once_each and (
            due := _claim(session, row, body, endpoint, now, until)
        ):
            counts[endpoint.id] = counts.get(endpoint.id, 0) + 1
            taken.append(due)
    return taken


def _due(now: int) -> tuple[ColumnElement[bool], ...]:
    return DeliveryRow.state == WAITING, DeliveryRow.due_at <= now, EndpointRow.state == ACTIVE


def lease(settings: WebhookSettings) -> int:
    """Seconds for which a delivery is one process's: twice what sending it takes at most."""
    return 2 * int(settings.whole_seconds) + 30


def _claim(
    session: Session, row: DeliveryRow, body: str, endpoint: EndpointRow, now: int, until: int
) -> Due | None:
    """By the condition of an update, so that of two processes one has it."""
    claim = secrets.token_hex(16)
    done: Any = session.execute(
        update(DeliveryRow)
        .where(
            DeliveryRow.place == row.place,
            DeliveryRow.state == WAITING,
            DeliveryRow.due_at == row.due_at,
        )
        .values(claim=claim, due_at=until, tries=row.tries + 1, changed_at=now)
        .execution_options(synchronize_session=False)
    )
    if not done.rowcount:
        return None
    old = endpoint.old_secret if now < (endpoint.old_until or 0) else None
    return Due(row.place, claim, row.tries + 1, row.event_id, body, endpoint.id, endpoint.url,
               endpoint.secret, old)  # fmt: skip


def settle(
    session: Session, due: Due, answer: Answer, now: int, settings: WebhookSettings
) -> str | None:
    """
    Write what became of a delivery; returns its state, or None where another process has it now.

    An answer of 410 switches the address off, and so does one that fails without a success for
    `switch_off_days`; what waits for it is given up.
    """
    endpoint = _locked(session, due.endpoint_id)
    row = session.get(DeliveryRow, due.place, with_for_update=True, populate_existing=True)
    if endpoint is None or row is None or row.state != WAITING:
        return None
    if answer.success:
        endpoint.failing_since = None
        return _end(row, DELIVERED, answer, now)
    if row.claim != due.claim:
        return None
    if endpoint.failing_since is None:
        endpoint.failing_since = now
    if answer.status == 410:
        return _switched_off(session, endpoint, row, GONE, answer, now)
    if now - endpoint.failing_since >= settings.switch_off_days * DAY:
        return _switched_off(session, endpoint, row, FAILING, answer, now)
    if due.tries > len(WAITS):
        return _end(row, GIVEN_UP, answer, now)
    wait = max(WAITS[due.tries - 1], answer.retry_after)
    row.due_at = now + wait + round(wait * _RANDOM.uniform(0, JITTER))
    row.claim, row.answer, row.changed_at = None, answer.said, now
    return WAITING


def release(session: Session, due: Due, now: int) -> None:
    """Give back what was taken and not sent to its end: it is due at once."""
    session.execute(
        update(DeliveryRow)
        .where(
            DeliveryRow.place == due.place,
            DeliveryRow.claim == due.claim,
            DeliveryRow.state == WAITING,
        )
        .values(claim=None, due_at=now, tries=due.tries - 1)
    )


def switch_off(session: Session, endpoint: EndpointRow, state: str, said: str, now: int) -> None:
    """Tell an address nothing any more; what waits for it is given up."""
    endpoint.state = state
    session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.endpoint_id == endpoint.id, DeliveryRow.state == WAITING)
        .values(state=GIVEN_UP, answer=said, claim=None, changed_at=now)
        .execution_options(synchronize_session="fetch")
    )


def clean(session: Session, before: int) -> None:
    """Forget events that were told before a second, but for those that still wait."""
    waiting = select(DeliveryRow.event_id).where(DeliveryRow.state == WAITING)
    old = select(EventRow.id).where(EventRow.created_at < before, EventRow.id.not_in(waiting))
    ids = session.scalars(old.limit(1000)).all()
    session.execute(delete(DeliveryRow).where(DeliveryRow.event_id.in_(ids)))
    session.execute(delete(EventRow).where(EventRow.id.in_(ids)))


def _locked(session: Session, endpoint_id: str) -> EndpointRow | None:
    """
    The address, which nobody else changes before the commit; `emit` may refer to it meanwhile.
    """
    return session.get(
        EndpointRow, endpoint_id, with_for_update={"key_share": True}, populate_existing=True
    )


def _switched_off(
    session: Session, endpoint: EndpointRow, row: DeliveryRow, state: str, answer: Answer, now: int
) -> str:
    _end(row, GIVEN_UP, answer, now)
    session.flush()
    switch_off(session, endpoint, state, "switched off", now)
    return GIVEN_UP


def _end(row: DeliveryRow, state: str, answer: Answer, now: int) -> str:
    row.state, row.answer, row.claim, row.changed_at = state, answer.said, None, now
    return state
