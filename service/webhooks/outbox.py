"""
The outbox: an event is written in the transaction of what it tells, with one delivery for each
address that asked for its kind, so that both happen or neither does.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from algebra.errors import Refused
from service.webhooks.events import Event, Test
from service.webhooks.tables import DeliveryRow, EndpointRow, EventRow

ACTIVE, DISABLED, FAILING, GONE = "active", "disabled", "failing", "gone"
"""An address is told; an operator switched it off; it failed for days; it answered 410."""
WAITING, DELIVERED, GIVEN_UP = "waiting", "delivered", "given_up"
"""States of a delivery."""
_INSERT: dict[str, Callable[[type[EventRow]], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


def emit(session: Session, event: Event, *, now: int | None = None) -> int:
    """
    Tell an event to every address that is active and asked for its kind.

    Parameters
    ----------
    session : in the transaction of what the event tells; its commit is the caller's. Call this
        before `AuditLog.append`, which is the last act of a transaction.
    event : told once, however often it is emitted
    now : seconds since 1970, when it may first be sent; the clock of this machine if left out

    Returns
    -------
    How many addresses are told; 0 where it was told before.
    """
    rows = session.execute(
        select(EndpointRow.id, EndpointRow.kinds).where(EndpointRow.state == ACTIVE)
    )
    wanted = [row.id for row in rows if not row.kinds or event.data.kind in row.kinds.split()]
    return _write(session, event, wanted, int(time.time()) if now is None else now)


def emit_test(session: Session, endpoint_id: str, now: int) -> Event:
    """
    Tell one address that it is told; Refused (`unknown.webhook`, `refused.webhook_off`).
    """
    row = session.get(EndpointRow, endpoint_id)
    if row is None:
        raise Refused("unknown.webhook", "webhook: no such address")
    if row.state != ACTIVE:
        raise Refused("refused.webhook_off", f"webhook: it is switched off: {row.state}")
    event = Event(now, Test(endpoint_id=endpoint_id))
    _write(session, event, [endpoint_id], now)
    return event


def _write(session: Session, event: Event, endpoint_ids: list[str], now: int) -> int:
    """The primary key decides who was first: nothing is written for an event that stands."""
    if not endpoint_ids:
        return 0
    row = {"id": event.id, "kind": event.data.kind, "body": event.body().decode("ascii")}
    insert = _INSERT[session.get_bind().dialect.name](EventRow)
    written = session.execute(
        insert.values(**row, created_at=now).on_conflict_do_nothing().returning(EventRow.id)
    )
    if written.first() is None:
        return 0
    session.add_all(
        DeliveryRow(event_id=event.id, endpoint_id=each, state=WAITING, due_at=now, tries=0,
                    changed_at=now)
        for each in endpoint_ids
    )  # fmt: skip
    session.flush()
    return len(endpoint_ids)
