"""What the database says of API keys, at most a second old, so that a request costs no query."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from fastapi.concurrency import run_in_threadpool

from algebra.errors import Refused, Unavailable
from service.access import keys
from service.access.keys import ApiKey

SECONDS = 1.0
"""After which what was read is asked for again: a revocation counts from then on."""
MOST = 1024
"""Keys that are remembered; of names that nobody has among them."""
_Found = TypeVar("_Found")


class Keyring:
    """
    Parameters
    ----------
    database : `service.store.database.Database`
    clock : seconds that never go back; tests set their own
    """

    def __init__(self, database: Any, clock: Callable[[], float] = time.monotonic) -> None:
        self._database, self._clock = database, clock
        self._found: dict[str, tuple[float, tuple[ApiKey | None, str]]] = {}
        self._noted: dict[str, int] = {}
        self._asks, self._asked = False, -SECONDS

    async def asks_for_keys(self) -> bool:
        """Whether there is a key, or was: never False again after it was True."""
        if not self._asks and self._clock() - self._asked >= SECONDS:
            asked = self._clock()
            self._asks = await run_in_threadpool(self._read, keys.any_key)
            self._asked = asked
        return self._asks

    async def key(self, text: str) -> ApiKey:
        """
        The key with this text; the day of its use is noted, or will be at the next one where the
        database takes nothing.

        Raises
        ------
        Refused
            `refused.unauthenticated`: it is no key, none that there is, or counts no more.
        """
        key_id = keys.key_id_of(text)
        found, digest = keys.NOBODY if key_id is None else await self._find(key_id)
        right = keys.opens(text, digest)  # also of a name that nobody has: it takes as long
        if found is None or not right:
            raise _opens_nothing("not known")
        if not found.counts(self._database.now):
            raise _opens_nothing("revoked, or past its end")
        await self._note(found)
        return found

    async def _find(self, key_id: str) -> tuple[ApiKey | None, str]:
        at, held = self._found.get(key_id, (-SECONDS, None))
        now = self._clock()
        if held is None or now - at >= SECONDS:
            held = await run_in_threadpool(self._read, lambda session: keys.find(session, key_id))
            self._found.pop(key_id, None)
            if len(self._found) >= MOST:
                del self._found[next(iter(self._found))]
            self._found[key_id] = (now, held)
        return held

    async def _note(self, key: ApiKey) -> None:
        day = self._database.now // keys.DAY
        if day in (key.last_day, self._noted.get(key.key_id)):
            return
        try:
            await run_in_threadpool(self._write, key.key_id)
        except Unavailable:
            return
        self._noted[key.key_id] = day

    def _read(self, of: Callable[[Any], _Found]) -> _Found:
        with self._database.reading() as session:
            return of(session)

    def _write(self, key_id: str) -> None:
        with self._database.writing() as session:
            keys.used(session, key_id, self._database.now)


def _opens_nothing(reason: str) -> Refused:
    return Refused("refused.unauthenticated", f"API key: {reason}")
