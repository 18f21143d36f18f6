"""
A client that costs little beside the service on the same two cores: requests made before, over
connections that stay open, latencies by the clock.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass
class Answers:
    """Statuses and seconds of requests; 0 is the status of one without an answer."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def add(self, status: int, seconds: float) -> None:
        """One more."""
        self.statuses[status] += 1
        if status == 200:
            self.seconds.append(seconds)

    def milliseconds(self, share: float) -> float:
        """The latency within which this share of the accepted was answered."""
        ordered = sorted(self.seconds)
        return round(1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)], 1)


def post(body: bytes) -> bytes:
    """The bytes of a request."""
    head = "POST /v1/verifications HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json"
    return f"{head}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


def get(path: str) -> bytes:
    """The bytes of a request."""
    return f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".encode()


class Connections:
    """Connections to one port of loopback, as many as are needed and at most so many."""

    def __init__(self, port: int, most: int) -> None:
        self._port, self._places = port, asyncio.Semaphore(most)
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body; status 0 where the connection is refused or ends before the answer."""
        async with self._places:
            try:
                reader, writer = (
                    self._idle.pop()
                    if self._idle
                    else await asyncio.open_connection("127.0.0.1", self._port)
                )
                writer.write(request)
                status, body, stays = await _answer(reader)
            except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                return 0, b""
            if stays:
                self._idle.append((reader, writer))
            else:
                writer.close()
            return status, body

    def close(self) -> None:
        """Those that are idle."""
        for _, writer in self._idle:
            writer.close()
        self._idle.clear()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes, bool]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
    body = await reader.readexactly(length)
    return int(head[9:12]), body, b"connection: close" not in head


Forget = Callable[[list[str]], None]
"""Takes the credentials of these nullifiers out of the service's database."""


@dataclass
class Shelf:
    """
    Proofs that may be sent now. One that was answered is forgotten by the service's database before
    it stands here again; that is done for many at a time, off the event loop.
    """

    requests: list[bytes]
    nullifiers: list[str]
    forget: Forget

    def __post_init__(self) -> None:
        self._free: asyncio.Queue[int] = asyncio.Queue()
        self._used: list[int] = []
        self._task: asyncio.Task[None] | None = None
        for index in range(len(self.requests)):
            self._free.put_nowait(index)

    @property
    def ready(self) -> bool:
        """Whether one can be taken at once."""
        return not self._free.empty()

    async def take(self) -> int:
        """The next one, when there is one."""
        return await self._free.get()

    def put_back(self, index: int) -> None:
        """After its answer."""
        self._used.append(index)
        enough = len(self._used) >= max(1, len(self.requests) // 4)
        if (enough or not self.ready) and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self._restore())

    async def _restore(self) -> None:
        while self._used:
            used, self._used = self._used, []
            names = [self.nullifiers[index] for index in used]
            await asyncio.to_thread(self.forget, names)
            for index in used:
                self._free.put_nowait(index)

    async def settle(self) -> None:
        """When all answers have come: everything forgotten, everything free."""
        while self._task is not None and not self._task.done():
            await self._task
        await self._restore()


def shelf(bodies: list[bytes], forget: Forget) -> Shelf:
    """A stock's proofs, all free."""
    return Shelf([post(body) for body in bodies], list(nullifiers(bodies)), forget)


def nullifiers(bodies: list[bytes]) -> Iterator[str]:
    """Of each credential."""
    return (json.loads(body)["nullifier"] for body in bodies)


async def as_fast_as_answered(
    connections: Connections, proofs: Shelf, *, clients: int, seconds: float, requests: int = 0
) -> Answers:
    """So many clients, each of whom sends the next proof when he has the answer to the last."""
    answers, end = Answers(), time.perf_counter() + seconds
    left = requests or 1 << 60

    async def client() -> None:
        nonlocal left
        while left > 0 and time.perf_counter() < end:
            left -= 1
            index = await proofs.take()
            started = time.perf_counter()
            status, _ = await connections.ask(proofs.requests[index])
            answers.add(status, time.perf_counter() - started)
            proofs.put_back(index)

    await asyncio.gather(*(client() for _ in range(clients)))
    await proofs.settle()
    return answers


async def at_a_rate(
    connections: Connections, proofs: Shelf, *, rate: float, seconds: float
) -> Answers:
    """
    A proof every 1/rate seconds, whatever became of those before; each latency counts from when it
    should have been sent, so a service that stalls is not asked less.

    Where no proof of the stock is free, one that is under way is sent again beside itself: it costs
    the service as much, until one of the two is told that its nullifier is used.
    """
    answers, started = Answers(), time.perf_counter()
    tasks: set[asyncio.Task[None]] = set()
    last = 0

    async def one(due: float) -> None:
        nonlocal last
        free = proofs.ready
        last = await proofs.take() if free else (last + 1) % len(proofs.requests)
        index = last
        status, _ = await connections.ask(proofs.requests[index])
        answers.add(status, time.perf_counter() - due)
        if free:
            proofs.put_back(index)

    for number in range(int(rate * seconds)):
        due = started + number / rate
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(one(due))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    await proofs.settle()
    return answers
