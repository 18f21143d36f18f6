"""
Grants that end by time alone: nobody sends a transaction for it, so they are looked for. Each is
told of once ahead of its end, and once when it has ended.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from algebra.errors import TierproofError
from service.webhooks import queue
from service.webhooks.events import Event, GrantEnded, GrantExpiring
from service.webhooks.outbox import emit
from service.webhooks.queue import DAY
from service.webhooks.settings import WebhookSettings
from service.webhooks.worker import Transactions

log = logging.getLogger("tierproof.service.webhooks")
LOOK_BACK_DAYS = 3
"""For an end that nobody was told of: a service that was off for longer does not tell it."""


@dataclass(frozen=True, slots=True)
class Ending:
    """
    A grant that ends by time, and was ended by nobody before.

    Attributes
    ----------
    nullifier, series, policy_id : 0x and 64 lower-case digits
    ends_at : the first second without it
    """

    nullifier: str
    series: str
    policy_id: str
    ends_at: int

    def event(self, now: int) -> Event:
        """What is told of it at a second."""
        ids = {"nullifier": self.nullifier, "series": self.series, "policy_id": self.policy_id}
        if self.ends_at > now:
            return Event(now, GrantExpiring(**ids, expires_at=self.ends_at))
        return Event(self.ends_at, GrantEnded(**ids, why="expired"))


Endings = Callable[[Session, int, int], Iterable[Ending]]
"""Grants that end from one second up to before another, as a session sees them."""


def sweep(session: Session, endings: Endings, now: int, settings: WebhookSettings) -> int:
    """
    Tell what ends; returns how many events are new.

    Parameters
    ----------
    session : in a writing transaction
    endings : of the grants that the service knows
    """
    start, end = now - LOOK_BACK_DAYS * DAY, now + settings.expiring_days * DAY + 1
    events = (each.event(now) for each in endings(session, start, end))
    return sum(emit(session, event, now=now) > 0 for event in _in_order(events))


def _in_order(events: Iterable[Event]) -> Iterator[Event]:
    """Two who sweep at once write the same rows in the same order."""
    yield from sorted(events, key=lambda event: event.id)


class Sweeper:
    """
    Looks from time to time for what ends, and forgets what was told long ago.

    Parameters
    ----------
    database : of the service
    endings : of the grants that it knows
    clock : seconds since 1970
    """

    def __init__(
        self,
        database: Transactions,
        endings: Endings,
        settings: WebhookSettings,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database, self._endings = database, endings
        self._settings, self._clock = settings, clock

    async def run(self) -> None:
        """Sweep until cancelled; one that fails is done again at the next."""
        while True:
            try:
                await asyncio.to_thread(self.once)
            except (TierproofError, SQLAlchemyError) as error:
                log.error("webhooks: sweep: %s", type(error).__name__)
            await asyncio.sleep(self._settings.sweep_seconds)

    def once(self) -> int:
        """One sweep; how many events are new."""
        now = int(self._clock())
        with self._database.writing() as session:
            count = sweep(session, self._endings, now, self._settings)
            queue.clean(session, now - self._settings.keep_days * DAY)
        return count
