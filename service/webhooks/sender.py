"""
One sending: to the very address that was checked, under the name's certificate, and what comes back
is thrown away unread.

httpcore alone, below httpx: it follows no redirect, keeps no cookie, reads no proxy and nothing
else from the environment.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpcore

from algebra.errors import Refused, TierproofError
from algebra.system import refused_by_system
from service.webhooks.addresses import Address, require_allowed
from service.webhooks.settings import WebhookSettings
from service.webhooks.target import Target, parse

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""From a name and a port to addresses; raises OSError where there are none."""

MOST_TRIED = 4
"""Addresses of one host, one after the other."""
MOST_RESOLVED = 64
RESOLVERS = 4
"""Threads of their own: a name server that is slow holds up nothing else."""


@dataclass(frozen=True, slots=True)
class Answer:
    """
    What came back.

    Attributes
    ----------
    said : the status, or in a word why there is none, or a code of ours
    status : of HTTP, 0 where there is none
    retry_after : seconds that the receiver asks for
    """

    said: str
    status: int = 0
    retry_after: int = 0

    @property
    def success(self) -> bool:
        """Whether the receiver has it."""
        return 200 <= self.status < 300


class Unresolved(Exception):
    """The name has no addresses, or nobody says which."""


class SystemResolver:
    """Asks the system, in threads of its own."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(RESOLVERS, thread_name_prefix="webhook-resolve")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """The addresses of a name, each once, in the system's order."""
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, socket.getaddrinfo, host, port, 0, socket.SOCK_STREAM
        )
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """
    Connects to a host after every one of its addresses was checked, and to one of those: nothing is
    resolved a second time.
    """

    def __init__(self, target: Target, settings: WebhookSettings, resolve: Resolve) -> None:
        self._target, self._settings, self._resolve = target, settings, resolve
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection; Refused (`refused.webhook_address`), Unresolved, errors of httpcore."""
        last: Exception = httpcore.ConnectError("no address")
        async with asyncio.timeout(timeout):
            for address in (await self._addresses())[:MOST_TRIED]:
                try:
                    stream = await self._inner.connect_tcp(str(address), self._target.port)
                except httpcore.ConnectError as error:
                    last = error
                    continue
                await _require_peer(stream, address)
                return stream
        raise last

    async def _addresses(self) -> list[Address]:
        """All of them, or none: a host with one address inside is not told at all."""
        host = self._target.host
        try:
            found = [host] if self._target.literal else await self._resolve(host, self._target.port)
        except (OSError, UnicodeError) as error:
            raise Unresolved from error
        if len(found) > MOST_RESOLVED:
            raise Refused("refused.webhook_address", "webhook: its host has too many addresses")
        local = self._target.local
        return [require_allowed(text, self._settings, local=local) for text in found]


async def _require_peer(stream: httpcore.AsyncNetworkStream, address: Address) -> None:
    """The other end of the socket is the address that was checked."""
    peer = stream.get_extra_info("server_addr")
    if peer is None or ip_address(peer[0]) != address:
        await stream.aclose()
        raise Refused("refused.webhook_address", "webhook: connected to another address")


class Sender:
    """
    Parameters
    ----------
    settings : ports, networks, certificates, time-outs
    resolve : of names; tests give their own
    """

    def __init__(self, settings: WebhookSettings, resolve: Resolve | None = None) -> None:
        self._settings = settings
        self._resolve = SystemResolver() if resolve is None else resolve
        self._context = _context(settings.ca_file)

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """POST a body; whatever goes wrong is an answer."""
        try:
            async with asyncio.timeout(self._settings.whole_seconds):
                return await self._post(parse(url, self._settings), headers, body)
        except TierproofError as error:
            return Answer(error.code)
        except (TimeoutError, httpcore.TimeoutException):
            return Answer("timeout")
        except httpcore.ConnectError as error:
            return Answer("tls" if _is_of_tls(error) else "connect")
        except Unresolved:
            return Answer("resolve")
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError):
            return Answer("answer")

    async def _post(self, target: Target, headers: Mapping[str, str], body: bytes) -> Answer:
        step = self._settings.answer_seconds
        timeouts = {"connect": self._settings.connect_seconds, "read": step, "write": step,
                    "pool": step}  # fmt: skip
        url = httpcore.URL(scheme=b"https", host=target.host.encode(), port=target.port,
                           target=target.path.encode())  # fmt: skip
        given: dict[bytes | str, bytes | str] = {
            "Host": target.authority,
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "User-Agent": "Tierproof-Webhooks/1",
            "Connection": "close",
        }
        given.update(headers.items())
        async with (
            httpcore.AsyncConnectionPool(
                ssl_context=self._context,
                max_keepalive_connections=0,
                network_backend=CheckedBackend(target, self._settings, self._resolve),
            ) as pool,
            pool.stream(
                "POST", url, headers=given, content=body, extensions={"timeout": timeouts}
            ) as response,
        ):
            return Answer(
                str(response.status), response.status, _retry_after(dict(response.headers))
            )


def _is_of_tls(error: BaseException | None) -> bool:
    """Whether the handshake failed, and not the connection: what an error came of says it."""
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    return error is not None


def _retry_after(headers: Mapping[bytes, bytes]) -> int:
    """Whole seconds; dates are passed over, and what asks for more than a day."""
    for name, value in headers.items():
        if name.lower() == b"retry-after" and value.isdigit() and len(value) < 6:
            return min(int(value), 86_400)
    return 0


def _context(ca_file: Path | None) -> ssl.SSLContext:
    """The certificate is checked against the name; TLS 1.2 and above."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is None:
        context.load_default_certs()
        return context
    try:
        context.load_verify_locations(ca_file)
    except ssl.SSLError as error:
        raise Refused("refused.config", f"{ca_file.name}: no certificates in PEM") from error
    except OSError as error:
        raise refused_by_system(error, ca_file.name) from error
    return context
