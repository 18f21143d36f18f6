"""The two clients: they carry plans out over httpx, one waiting, the other awaiting."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import Any, TypeVar

from algebra.extras import libraries
from tierproof.client.calls import Calls
from tierproof.client.place import ApiKey, base_url
from tierproof.client.plan import Ask, Came, Plan, Retries

with libraries("client"):
    import httpx

T = TypeVar("T")
MOST_BYTES = 1 << 24
"""Of an answer; more is none of this service's."""


class _Settings:
    """
    Parameters
    ----------
    url : of the service, with its `/v1`; https, but for loopback
    api_key, api_key_file : at most one of the two
    timeout : seconds for each attempt to connect, to send and to read
    retries : how often and how long
    transport : of httpx, for tests
    """

    def __init__(
        self,
        url: str,
        *,
        api_key: str | None = None,
        api_key_file: Path | None = None,
        timeout: float = 30.0,
        retries: Retries | None = None,
        transport: Any = None,
    ) -> None:
        self._retries = Retries() if retries is None else retries
        self._base = base_url(url)
        key = ApiKey(api_key) if api_key is not None else None
        if api_key_file is not None:
            key = ApiKey.load(api_key_file)
        self._key = key
        self._options: dict[str, Any] = {
            "timeout": timeout, "transport": transport, "follow_redirects": False,
            "trust_env": False,
        }  # fmt: skip

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._base!r})"

    def _request(self, ask: Ask) -> dict[str, Any]:
        key = {} if self._key is None else {"Authorization": self._key.header()}
        return {
            "method": ask.method,
            "url": f"{self._base}{ask.path}",
            "content": ask.body,
            "params": dict(ask.query),
            "headers": {**ask.headers, **key},
        }


def _came(response: httpx.Response, body: bytes) -> Came:
    asked = response.headers.get("retry-after", "")
    after = float(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else None
    return Came(response.status_code, body, after)


def _failed(error: Exception) -> Came:
    return Came(failed=f"no answer ({type(error).__name__})")


class Client(_Settings, Calls):
    """The service, asked and waited for; see `Calls` for what it can be asked."""

    def __init__(self, url: str, **options: Any) -> None:
        super().__init__(url, **options)
        self._http = httpx.Client(**self._options)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def _carry_out(self, plan: Plan[T]) -> T:
        came: Came | None = None
        while True:
            try:
                step = plan.send(came)
            except StopIteration as done:
                result: T = done.value
                return result
            if isinstance(step, Ask):
                came = self._send(step)
            else:
                time.sleep(step.seconds)
                came = None

    def _send(self, ask: Ask) -> Came:
        try:
            with self._http.stream(**self._request(ask)) as response:
                body = bytearray()
                for part in response.iter_bytes():
                    body += part
                    if len(body) > MOST_BYTES:
                        return Came(response.status_code, b"")
                return _came(response, bytes(body))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return _failed(error)


class AsyncClient(_Settings, Calls):
    """The service, awaited; see `Calls` for what it can be asked."""

    def __init__(self, url: str, **options: Any) -> None:
        super().__init__(url, **options)
        self._http = httpx.AsyncClient(**self._options)

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    def _carry_out(self, plan: Plan[T]) -> Awaitable[T]:
        return self._awaited(plan)

    async def _awaited(self, plan: Plan[T]) -> T:
        came: Came | None = None
        while True:
            try:
                step = plan.send(came)
            except StopIteration as done:
                result: T = done.value
                return result
            if isinstance(step, Ask):
                came = await self._send(step)
            else:
                await asyncio.sleep(step.seconds)
                came = None

    async def _send(self, ask: Ask) -> Came:
        try:
            async with self._http.stream(**self._request(ask)) as response:
                body = bytearray()
                async for part in response.aiter_bytes():
                    body += part
                    if len(body) > MOST_BYTES:
                        return Came(response.status_code, b"")
                return _came(response, bytes(body))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return _failed(error)
