"""
How often somebody may ask: a minute's requests in memory, a process each; a day's in the database.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi.concurrency import run_in_threadpool
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import delete
from sqlalchemy.orm import Session

from service.access.keys import DAY, ApiKey
from service.access.tables import DailyUseRow

MINUTE = 60
BLOCKS = 100
"""A quota is taken from the database in as many parts: a process that dies loses one at most."""
KEPT_DAYS = 31


@dataclass(frozen=True, slots=True)
class Standing:
    """
    How a caller stands with one limit.

    Attributes
    ----------
    name : of the limit
    quota, window : so many requests in so many seconds
    left : of them
    seconds : until there is more
    holds : whether this request is within it
    """

    name: str
    quota: int
    window: int
    left: int
    seconds: int
    holds: bool = True


def fields(standings: Sequence[Standing]) -> list[tuple[str, str]]:
    """The header fields RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers)."""
    if not standings:
        return []
    policy = (f'"{each.name}";q={each.quota};w={each.window}' for each in standings)
    state = (f'"{each.name}";r={each.left};t={each.seconds}' for each in standings)
    return [("ratelimit-policy", ", ".join(policy)), ("ratelimit", ", ".join(state))]


class Minutes:
    """Requests of the last sixty seconds by caller, in this process."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def take(self, caller: str, quota: int) -> Standing:
        """Count a request, if it is within the quota."""
        item = RateLimitItemPerMinute(quota)
        holds = self._limiter.hit(item, caller)
        window = self._limiter.get_window_stats(item, caller)
        seconds = max(1, math.ceil(window.reset_time - time.time()))
        return Standing("minute", quota, MINUTE, window.remaining, min(seconds, MINUTE), holds)


class Days:
    """
    A day's requests by API key, all processes together. Each takes a part of the quota from the
    database before it counts, so that no crash gives any of it twice.
    """

    def __init__(self, database: Any) -> None:
        self._database = database
        self._held: dict[str, tuple[int, int, int]] = {}  # day, left here, left in the database
        self._lock = asyncio.Lock()

    async def take(self, key: ApiKey, quota: int) -> Standing:
        """Count a request of a key, if it is within its quota of the day in UTC."""
        now = self._database.now
        day = now // DAY
        async with self._lock:
            held_day, here, there = self._held.get(key.key_id, (day, 0, quota))
            if held_day != day:
                here, there = 0, quota
            if here == 0:
                here, there = await run_in_threadpool(self._fetch, key.key_id, quota, day)
            holds = here > 0
            here -= holds
            self._held[key.key_id] = (day, here, there)
        return Standing("day", quota, DAY, here + there, DAY - now % DAY, holds)

    def _fetch(self, key_id: str, quota: int, day: int) -> tuple[int, int]:
        """A part of the quota, and what is left behind it; one writes at a time."""
        with self._database.writing() as session:
            row = session.get(DailyUseRow, (key_id, day))
            if row is None:
                row = DailyUseRow(key_id=key_id, day=day, uses=0)
                session.add(row)
            left = max(0, quota - row.uses)
            taken = min(left, max(1, quota // BLOCKS))
            row.uses += taken
            return taken, left - taken


def forget_days(session: Session, now: int) -> None:
    """Rows of days that nobody asks for any more go."""
    session.execute(delete(DailyUseRow).where(DailyUseRow.day < now // DAY - KEPT_DAYS))
