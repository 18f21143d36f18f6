"""
Proofs that wait, by client: each client in its turn, and who sent a false one lately by himself.

Nothing here locks: whoever calls holds a lock.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from service.verification.settings import VerificationSettings
from service.verification.verdicts import Item

MOST_SUSPECTS = 10_000
"""Clients that are remembered for a false proof; the one remembered longest is forgotten first."""


@dataclass(eq=False, slots=True)
class Waiting:
    """A proof of a client, since when it waits, and where its verdict goes."""

    client: str
    item: Item
    since: float
    verdict: Future[None] = field(default_factory=Future)


class Suspects:
    """Clients who sent a false proof within the last `seconds`."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until: OrderedDict[str, float] = OrderedDict()

    def add(self, client: str, now: float) -> None:
        """Remember a client from now on."""
        self._until[client] = now + self._seconds
        self._until.move_to_end(client)
        while len(self._until) > MOST_SUSPECTS:
            self._until.popitem(last=False)

    def includes(self, client: str, now: float) -> bool:
        """Whether a client is remembered still."""
        until = self._until.get(client)
        if until is not None and until <= now:
            del self._until[client]
            return False
        return until is not None


class Line:
    """
    The line before the verifier.

    A batch takes one proof of each client in turn until it is full. Clients who sent a false proof
    lately are left out of it: every other batch, where any of them waits, is of one of them alone.
    """

    def __init__(self, settings: VerificationSettings) -> None:
        self._settings = settings
        self._gather = settings.gather_ms / 1000
        self._clients: OrderedDict[str, deque[Waiting]] = OrderedDict()
        self._apart_next = False
        self._length = 0
        self.suspects = Suspects(settings.apart_seconds)

    def __len__(self) -> int:
        return self._length

    def enter(self, waiting: Waiting) -> None:
        """Take a place at the end of the client's own proofs."""
        self._clients.setdefault(waiting.client, deque()).append(waiting)
        self._length += 1

    def leave(self, waiting: Waiting) -> None:
        """Give the place up; nothing happens where it was taken or given up already."""
        own = self._clients.get(waiting.client, deque())
        if waiting in own:
            own.remove(waiting)
            self._left(waiting.client, own)

    def give_way(self, client: str) -> Waiting | None:
        """
        In a full line, the last proof of the client who has most, which leaves it; None where that
        one would have fewer than `client` then: who has most himself gets no further place.
        """
        own = len(self._clients.get(client, ()))
        greedy = max(self._clients, key=lambda name: len(self._clients[name]), default=client)
        if len(self._clients.get(greedy, ())) <= own + 1:
            return None
        return self._last(greedy)

    def ready_in(self, now: float) -> float | None:
        """Seconds until a batch should start, 0 where it should now; None where nobody waits."""
        if not self._length:
            return None
        if self._length >= self._settings.batch_limit:
            return 0.0
        oldest = min(own[0].since for own in self._clients.values())
        return max(0.0, oldest + self._gather - now)

    def take(self, now: float) -> list[Waiting]:
        """The next batch, which leaves the line."""
        apart = [client for client in self._clients if self.suspects.includes(client, now)]
        others = [client for client in self._clients if client not in set(apart)]
        if apart and (self._apart_next or not others):
            self._apart_next = False
            return self._in_turn(apart[:1], self._settings.apart_limit)
        self._apart_next = True
        return self._in_turn(others, self._settings.batch_limit)

    def take_all(self) -> list[Waiting]:
        """Everybody, who leaves the line."""
        return self._in_turn(list(self._clients), self._length)

    def _in_turn(self, clients: list[str], most: int) -> list[Waiting]:
        """At most so many proofs of these clients, one of each after the other."""
        found: list[Waiting] = []
        turns = deque(clients)
        while turns and len(found) < most:
            client = turns.popleft()
            own = self._clients[client]
            found.append(own.popleft())
            self._clients.move_to_end(client)
            if own:
                turns.append(client)
            self._left(client, own)
        return found

    def _last(self, client: str) -> Waiting:
        own = self._clients[client]
        last = own.pop()
        self._left(client, own)
        return last

    def _left(self, client: str, own: deque[Waiting]) -> None:
        """One proof of a client has left the line."""
        self._length -= 1
        if not own:
            del self._clients[client]


Clock = Callable[[], float]
"""Seconds that only grow."""
