"""
A cap on request bodies that holds before anything is parsed, whatever the client says of their
length.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.problem import Problem, known

CLOSE = {"Connection": "close"}
TWO_LENGTHS = {b"content-length", b"transfer-encoding"}


class BodyCap:
    """
    ASGI layer that reads a body of at most `limit` bytes within `seconds` and hands it on in one
    piece.

    Answers 413 to a longer one, also when it comes in chunks without a length, 408 to a slower one,
    and 400 to one whose length is told in two ways; after the last two it closes the connection.
    `larger` has the limits of the paths that take longer bodies.
    """

    def __init__(
        self, app: ASGIApp, *, limit: int, seconds: float, larger: Mapping[str, int]
    ) -> None:
        self._app, self._limit, self._seconds = app, limit, seconds
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body, then call the layer below; 408 and 413 are answered here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._larger.get(scope["path"], self._limit)
        try:
            _check_framing(scope)
            self._check_stated_length(scope, limit)
            body = await asyncio.wait_for(self._read(receive, limit), self._seconds)
        except TimeoutError:
            slow = known("refused.slow_body", "body: it took too long to arrive", headers=CLOSE)
            await slow.response()(scope, receive, send)
            return
        except Problem as problem:
            await problem.response()(scope, receive, send)
            return
        if body is None:  # the client went away
            return
        handed = False

        async def replay() -> Message:
            nonlocal handed
            if handed:
                return await receive()
            handed = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replay, send)

    def _check_stated_length(self, scope: Scope, limit: int) -> None:
        for name, value in scope["headers"]:
            if name == b"content-length" and (
                not value.isdigit() or len(value) > 18 or int(value) > limit
            ):
                raise self._too_large(limit)

    async def _read(self, receive: Receive, limit: int) -> bytes | None:
        parts, length = [], 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            part = message.get("body", b"")
            length += len(part)
            if length > limit:
                raise self._too_large(limit)
            parts.append(part)
            if not message.get("more_body", False):
                return b"".join(parts)

    def _too_large(self, limit: int) -> Problem:
        return known("refused.too_large", f"body: more than {limit} bytes", limit=limit)


def _check_framing(scope: Scope) -> None:
    """
    Whoever stands between may read the other length, and take the rest for a request of its own
    (RFC 9112 6.3).
    """
    names = {name for name, _ in scope["headers"]}
    if TWO_LENGTHS <= names:
        raise known(
            "malformed.framing", "body: Content-Length and Transfer-Encoding", headers=CLOSE
        )
