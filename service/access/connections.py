"""
Connections that wait for their clients (half-open, idle, slow to send, slow to read) have limits,
and give way to new ones: a client that sends its request is answered, however many others do not.

Every connection waits either for its client or for the service. The first kind has a time limit
and, where there is no room for another connection, the one that has waited longest is closed. The
second kind, a request that is whole and not answered, is never closed from here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Container
from enum import Enum
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from service.access.addresses import group
from service.access.settings import ConnectionSettings

NO_ROOM = (
    b"HTTP/1.1 503 Service Unavailable\r\n"
    b"content-length: 0\r\nretry-after: 1\r\nconnection: close\r\n\r\n"
)
"""Every connection there is has a request under way."""


class Phase(Enum):
    """What a connection waits for; all but the last are the client's to end."""

    HEADER = "the rest of a header"
    BODY = "the rest of a body"
    IDLE = "the next request"
    READ = "the client to read its answer"
    WORK = "the service"


class Watch:
    """
    All connections of one server, in the order in which they began to wait.

    Parameters
    ----------
    settings : limits of time, and of connections by address
    most : connections at a time, no more than `settings.most`
    """

    def __init__(self, settings: ConnectionSettings, most: int) -> None:
        self._by_address, self._most = settings.most_by_address, min(most, settings.most)
        self._seconds = {
            Phase.HEADER: settings.header_seconds,
            Phase.BODY: settings.body_seconds,
            Phase.IDLE: settings.idle_seconds,
            Phase.READ: settings.read_seconds,
        }
        self._every = min(0.5, *(seconds / 4 for seconds in self._seconds.values()))
        self._open: dict[str, set[Connection]] = {}
        self._count = 0
        self._waiting: dict[Connection, float] = {}  # since when; the first has waited longest
        self._timer: asyncio.TimerHandle | None = None

    def enter(self, connection: Connection) -> bool:
        """Take a new connection in; False where every other one has a request under way."""
        mine = self._open.get(connection.group, set())
        if len(mine) >= self._by_address and not self._drop_first(mine):
            return False
        if self._count >= self._most and not self._drop_first(self._waiting):
            return False
        self._open.setdefault(connection.group, set()).add(connection)
        self._count += 1
        self.moved(connection)
        if self._timer is None:
            self._timer = connection.loop.call_later(self._every, self._sweep, connection.loop)
        return True

    def moved(self, connection: Connection) -> None:
        """A connection waits for something else from now on."""
        self._waiting.pop(connection, None)
        if connection.phase is not Phase.WORK and connection in self._of(connection):
            self._waiting[connection] = connection.loop.time()

    def leave(self, connection: Connection) -> None:
        """A connection has ended; a second time says nothing."""
        self._waiting.pop(connection, None)
        mine = self._of(connection)
        if connection in mine:
            mine.remove(connection)
            self._count -= 1
            if not mine:
                del self._open[connection.group]

    def _of(self, connection: Connection) -> set[Connection]:
        return self._open.get(connection.group, set())

    def _drop_first(self, among: Container[Connection]) -> bool:
        """Close the one that has waited longest; False if none of them waits."""
        first = next((each for each in self._waiting if each in among), None)
        if first is None:
            return False
        self._drop(first)
        return True

    def _drop(self, connection: Connection) -> None:
        self.leave(connection)
        connection.transport.abort()

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        """Close what has waited too long."""
        for connection in list(self._waiting):
            connection.note()  # an answer that the system has sent meanwhile is read
        now = loop.time()
        for connection, since in list(self._waiting.items()):
            if now - since > self._seconds[connection.phase]:
                self._drop(connection)
        self._timer = loop.call_later(self._every, self._sweep, loop) if self._count else None


class Connection(H11Protocol):
    """uvicorn's protocol, which says at each step what it waits for; see `bound`."""

    watch: Watch

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take it in, or answer that there is no room."""
        super().connection_made(transport)
        self.phase = Phase.HEADER
        self.group = group(self.client[0] if self.client else None)
        if not self.watch.enter(self):
            transport.write(NO_ROOM)
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Its place is free."""
        self.watch.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """A header may begin, a request may be whole."""
        super().data_received(data)
        self.note()

    def on_response_complete(self) -> None:
        """The answer is on its way; another request may have come behind."""
        super().on_response_complete()
        self.note()

    def pause_writing(self) -> None:
        """The client does not read."""
        super().pause_writing()
        self.note()

    def resume_writing(self) -> None:
        """The client has read."""
        super().resume_writing()
        self.note()

    def note(self) -> None:
        """See what the connection waits for now; time counts from when it began to."""
        phase = self._phase()
        if phase is not self.phase:
            self.phase = phase
            self.watch.moved(self)

    def _phase(self) -> Phase:
        cycle: Any = self.cycle
        if cycle is not None and not cycle.response_complete:
            if self.flow.write_paused:
                return Phase.READ
            return Phase.BODY if cycle.more_body else Phase.WORK
        if self.transport.get_write_buffer_size():
            return Phase.READ
        if self.conn.their_state is h11.SEND_BODY:  # answered before its end, such as a long one
            return Phase.BODY
        fresh = cycle is None or self.conn.trailing_data[0]
        return Phase.HEADER if fresh else Phase.IDLE


def bound(watch: Watch) -> type[Connection]:
    """The protocol of one server, which makes its connections itself."""
    return type("Connection", (Connection,), {"watch": watch})
