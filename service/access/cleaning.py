"""What nobody asks for any more goes: answers that were kept long enough, quotas of past days."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from fastapi.concurrency import run_in_threadpool

from algebra.errors import TierproofError
from service.access.idempotency import Idempotency
from service.access.rates import forget_days

SECONDS = 3_600
log = logging.getLogger("tierproof.service")


class Cleaner:
    """Cleans once an hour, and at the start."""

    def __init__(self, idempotency: Idempotency) -> None:
        self._idempotency = idempotency

    async def run(self) -> None:
        """Until it is cancelled; where the database does not answer, the next hour is as good."""
        while True:
            try:
                await run_in_threadpool(self.clean)
            except TierproofError as error:
                log.warning("cleaning: %s", error.code)
            except Exception as error:
                log.warning("cleaning: %s", type(error).__name__)
            await asyncio.sleep(SECONDS)

    def clean(self) -> None:
        """In one transaction."""
        database = self._idempotency.database
        with database.writing() as session:
            self._idempotency.forget(session, database.now)
            forget_days(session, database.now)


class Runs(Protocol):
    """What works in the background of a service."""

    async def run(self) -> None:
        """Until it is cancelled."""


@asynccontextmanager
async def running(*works: Runs) -> AsyncIterator[None]:
    """They run as long as the block."""
    tasks = [asyncio.create_task(each.run()) for each in works]
    for task in tasks:
        task.add_done_callback(_say_why)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _say_why(task: asyncio.Task[None]) -> None:
    """One that ended by itself is missed by nobody else."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("background work ended: %s", type(error).__name__)
