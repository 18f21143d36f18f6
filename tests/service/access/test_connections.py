"""Connections that wait for their clients, on real sockets (docs/reference/service-access.md)."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

from algebra.errors import Unavailable
from service.access.settings import ConnectionSettings
from service.listen import connections_that_fit
from tests.service.access.slow_server import LONG

ROOT = Path(__file__).resolve().parents[3]
GET = b"GET /%s HTTP/1.1\r\nhost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n"
LIMITS = {"header_seconds": 1.5, "body_seconds": 3.0, "idle_seconds": 1.5, "read_seconds": 1.5}
PATIENCE = 20
"""Seconds after which a test gives up; the limits above are far below."""


@dataclass
class Server:
    port: int
    process: subprocess.Popen[bytes]
    out: IO[bytes]

    def connect(self, source: str = "127.0.0.1", buffer: int | None = None) -> socket.socket:
        client = socket.socket()
        client.settimeout(PATIENCE)
        if buffer is not None:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        client.bind((source, 0))
        client.connect(("127.0.0.1", self.port))
        return client

    def answer(self, request: bytes = GET % b"", source: str = "127.0.0.1") -> bytes:
        """What an honest client gets on a connection of its own."""
        with self.connect(source) as client:
            client.sendall(request)
            return client.recv(65_536)


@contextmanager
def serving(files: int = 256, **settings: float) -> Iterator[Server]:
    command = [sys.executable, "-m", "tests.service.access.slow_server"]
    process = subprocess.Popen(
        [*command, json.dumps({**LIMITS, **settings}), str(files)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield Server(int(process.stdout.readline()), process, process.stdout)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as served:
        yield served


def one(client: socket.socket) -> bytes:
    """One answer whose body is a digit."""
    found = b""
    while b"\r\n\r\n" not in found or not found[-1:].isdigit():
        part = client.recv(65_536)
        assert part, found
        found += part
    return found


def ends(client: socket.socket) -> bytes:
    """All that comes until the server closes; fails where it does not."""
    found = b""
    try:
        while part := client.recv(65_536):
            found += part
    except ConnectionResetError:
        pass
    return found


# -- time ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("sent", [b"", b"G", b"GET / HTTP/1.1\r\nhost: x\r\n"])
def test_a_header_must_end(server: Server, sent: bytes) -> None:
    with server.connect() as client:
        client.sendall(sent)
        assert ends(client) == b""


def drips(client: socket.socket, piece: bytes = b"x: y\r\n") -> int:
    """How often the client could send a little more before it was cut off."""
    for count in range(PATIENCE * 20):
        try:
            client.sendall(piece)
        except OSError:
            return count
        time.sleep(0.05)
    raise AssertionError("never cut off")


def test_a_header_that_comes_in_drops_ends_too(server: Server) -> None:
    """Each drop is news, and none of them gives more time."""
    with server.connect() as client:
        client.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n")
        assert drips(client) > 5


def test_a_slow_body_is_answered_and_the_connection_closed(server: Server) -> None:
    with server.connect() as client:
        client.sendall(POST % 10 + b"12345")
        found = ends(client)
    assert found.startswith(b"HTTP/1.1 408") and b"connection: close" in found.lower()


def test_a_body_that_was_refused_has_no_more_time_than_another(server: Server) -> None:
    """The answer stands, the rest of the body never ends."""
    with server.connect() as client:
        client.sendall(POST % 1_000_000)
        assert client.recv(65_536).startswith(b"HTTP/1.1 413")
        assert drips(client, b"x") > 5


def test_a_connection_without_a_next_request_is_closed(server: Server) -> None:
    with server.connect() as client:
        client.sendall(GET % b"")
        assert ends(client).startswith(b"HTTP/1.1 200")


def test_who_does_not_read_is_cut_off(server: Server) -> None:
    with server.connect(buffer=4096) as client:
        client.sendall(GET % b"long")
        time.sleep(4)
        assert len(ends(client)) < LONG


def test_a_request_under_way_has_no_limit_from_here(server: Server) -> None:
    """It takes longer than every limit of the header, of idleness and of reading."""
    assert server.answer(GET % b"slow").startswith(b"HTTP/1.1 200")


def test_several_requests_on_one_connection(server: Server) -> None:
    with server.connect() as client:
        for _ in range(3):
            client.sendall(POST % 3 + b"abc")
            assert one(client).endswith(b"\r\n\r\n3")
        client.sendall(2 * (GET % b"") + b"GET ")  # one behind the other, and a half
        assert ends(client).count(b"HTTP/1.1 200") == 2


@pytest.mark.parametrize("lengths", [b"content-length: 4\r\ntransfer-encoding: chunked"])
def test_two_lengths_are_refused_and_what_follows_is_no_request(
    server: Server, lengths: bytes
) -> None:
    with server.connect() as client:
        client.sendall(
            b"POST / HTTP/1.1\r\nhost: x\r\n" + lengths + b"\r\n\r\n0\r\n\r\n" + GET % b"slow"
        )
        found = ends(client)
    assert found.startswith(b"HTTP/1.1 400") and found.count(b"HTTP/1.1") == 1
    assert b"malformed.framing" in found


# -- numbers ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "held", [b"GET / HTTP/1.1\r\nhost: x\r\n", b"", POST % 9 + b"1", GET % b""]
)
def test_case_22_300_that_wait_do_not_starve_an_honest_client(held: bytes) -> None:
    """From one address as from many; the process may open 256 files. No limit of time is met."""
    long = dict.fromkeys(LIMITS, 600.0)
    with serving(**long) as server, ExitStack() as open_ones:
        for each in range(300):
            client = open_ones.enter_context(server.connect(f"127.0.0.{1 + each % 100}"))
            client.sendall(held)
        for source in ("127.0.0.1", "127.0.0.7", "127.0.0.200"):
            assert server.answer(source=source).startswith(b"HTTP/1.1 200")


def test_an_address_gives_way_to_itself_alone() -> None:
    with serving(most_by_address=4, header_seconds=600.0) as server, ExitStack() as open_ones:
        theirs = open_ones.enter_context(server.connect("127.0.0.2"))
        theirs.sendall(b"GET / ")
        mine = [open_ones.enter_context(server.connect()) for _ in range(8)]
        for client in mine[:4]:
            assert ends(client) == b""  # the oldest, and no more
        theirs.sendall(b"HTTP/1.1\r\nhost: x\r\n\r\n")
        assert theirs.recv(65_536).startswith(b"HTTP/1.1 200")
        for client in mine[4:]:
            client.sendall(GET % b"")
            assert client.recv(65_536).startswith(b"HTTP/1.1 200")


def test_a_request_under_way_gives_way_to_nobody() -> None:
    with serving(most_by_address=2) as server, ExitStack() as open_ones:
        working = [open_ones.enter_context(server.connect()) for _ in range(2)]
        for client in working:
            client.sendall(GET % b"slow")
            assert server.out.readline() == b"begun\n"
        assert server.answer().startswith(b"HTTP/1.1 503")
        for client in working:
            assert client.recv(65_536).startswith(b"HTTP/1.1 200")
        assert server.answer().startswith(b"HTTP/1.1 200")


def test_places_are_given_back(server: Server) -> None:
    """More connections after one another than there is room for at a time."""
    for _ in range(150):
        assert server.answer().startswith(b"HTTP/1.1 200")


def test_too_few_files_for_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    for given, room in ((176, 16), (256, 96), (1024, 512)):
        monkeypatch.setattr(resource, "getrlimit", lambda _, given=given: (given, given))
        assert connections_that_fit(ConnectionSettings()) == room
    monkeypatch.setattr(resource, "getrlimit", lambda _: (175, 175))
    with pytest.raises(Unavailable) as error:
        connections_that_fit(ConnectionSettings())
    assert error.value.code == "unavailable.open_files"


# -- the end ---------------------------------------------------------------------------------------
def test_what_is_under_way_when_the_service_is_stopped_is_answered() -> None:
    """A request that began, a connection that sent half of one, and one that is idle."""
    with serving(header_seconds=600.0, idle_seconds=600.0) as server, ExitStack() as open_ones:
        working, half, idle = (open_ones.enter_context(server.connect()) for _ in range(3))
        half.sendall(b"GET / ")
        idle.sendall(GET % b"")
        assert one(idle).startswith(b"HTTP/1.1 200")
        working.sendall(GET % b"slow")
        assert server.out.readline() == b"begun\n"
        server.process.send_signal(signal.SIGTERM)
        assert ends(working).startswith(b"HTTP/1.1 200")
        assert ends(half) == ends(idle) == b""
        assert server.process.wait(PATIENCE) == -signal.SIGTERM
        with pytest.raises(ConnectionRefusedError):
            server.connect()
