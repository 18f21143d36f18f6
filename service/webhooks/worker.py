"""The worker: takes what is due, sends it, writes what became of it, until it is cancelled."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from algebra.errors import TierproofError
from service.webhooks import queue
from service.webhooks.queue import Due
from service.webhooks.sealing import Sealer
from service.webhooks.sender import Answer, Sender
from service.webhooks.settings import WebhookSettings
from service.webhooks.signature import headers_of

log = logging.getLogger("tierproof.service.webhooks")


class Transactions(Protocol):
    """The part of the database that this needs; `service.store.database.Database` has it."""

    def reading(self) -> AbstractContextManager[Session]:
        """A session that reads one state of the database."""

    def writing(self) -> AbstractContextManager[Session]:
        """A transaction that writes; it commits where the block ends."""


class Worker:
    """
    Parameters
    ----------
    database : of the service; several processes may work on one
    sealer : opens the secrets
    sender : reaches the addresses
    clock : seconds since 1970
    """

    def __init__(
        self,
        database: Transactions,
        sealer: Sealer,
        sender: Sender,
        settings: WebhookSettings,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database, self._sealer, self._sender = database, sealer, sender
        self._settings, self._clock = settings, clock
        self._busy: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._left: list[Due] = []

    async def run(self) -> None:
        """Send until cancelled; what was not sent to its end is due again at once."""
        try:
            while True:
                if not await self.turn():
                    await self._pause()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await asyncio.to_thread(self._release)

    async def turn(self) -> int:
        """Take what is due and begin to send it; returns how many. A database may fail."""
        free = self._settings.at_once - len(self._tasks)
        if free <= 0:
            return 0
        try:
            taken = await asyncio.to_thread(self._take, free, dict(self._busy))
        except (TierproofError, SQLAlchemyError) as error:
            log.error("webhooks: database: %s", type(error).__name__)
            return 0
        for due in taken:
            self._busy[due.endpoint_id] += 1
            task = asyncio.create_task(self._deliver(due))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return len(taken)

    async def idle(self) -> None:
        """Return when all that was begun has come to its end."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def _pause(self) -> None:
        """Until it is time to look again: something came to its end, or seconds passed."""
        seconds = self._settings.poll_seconds
        if not self._tasks:
            await asyncio.sleep(seconds)
            return
        await asyncio.wait(self._tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)

    async def _deliver(self, due: Due) -> None:
        try:
            answer = await self._send(due)
            await asyncio.to_thread(self._settle, due, answer)
        except asyncio.CancelledError:
            self._left.append(due)
            raise
        except (TierproofError, SQLAlchemyError) as error:
            log.error("webhooks: database: %s", type(error).__name__)  # its lease ends by itself
        finally:
            self._busy[due.endpoint_id] -= 1

    async def _send(self, due: Due) -> Answer:
        body, now = due.body.encode("ascii"), int(self._clock())
        sealed = [each for each in (due.secret, due.old_secret) if each is not None]
        try:
            secrets = [self._sealer.open(each, due.endpoint_id) for each in sealed]
        except TierproofError as error:
            return Answer(error.code)
        try:
            headers = headers_of(due.event_id, now, body, secrets)
            return await self._sender.send(due.url, headers, body)
        except Exception as error:  # a fault of ours: it waits and ends as any other failure does
            log.error("webhooks: sending failed: %s", type(error).__name__)
            return Answer("fault")

    def _take(self, free: int, busy: dict[str, int]) -> list[Due]:
        now = int(self._clock())
        with self._database.reading() as session:
            if not queue.any_due(session, now):
                return []  # nobody who writes is held up for that
        with self._database.writing() as session:
            return queue.take(session, now, limit=free, busy=busy, settings=self._settings)

    def _settle(self, due: Due, answer: Answer) -> None:
        with self._database.writing() as session:
            state = queue.settle(session, due, answer, int(self._clock()), self._settings)
        log.info(
            "webhook: %s to %s: %s: %s", due.event_id, due.endpoint_id, answer.said, state or "-"
        )

    def _release(self) -> None:
        with suppress(TierproofError, SQLAlchemyError), self._database.writing() as session:
            for due in self._left:
                queue.release(session, due, int(self._clock()))
            self._left = []
