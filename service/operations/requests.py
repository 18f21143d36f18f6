"""
The outermost layer of the service: each request has an id, a line in the log, a count, and an
answer even where the service fails.
"""

from __future__ import annotations

import logging
import re
import secrets
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from service.api.problem import from_exception
from service.operations import metrics
from service.operations.logs import NAME
from service.operations.telemetry import Trace

HEADER = b"x-request-id"
_FORM = re.compile(rb"[A-Za-z0-9._-]{8,64}")
log = logging.getLogger(NAME)


class RequestLog:
    """
    ASGI layer.

    A client may say the id, in `X-Request-Id`, if it is 8 to 64 letters, digits, dots, hyphens or
    underscores; otherwise one is drawn. It stands in the answer and in every line of the request.

    Parameters
    ----------
    trace : told of each request too.
    """

    def __init__(self, app: ASGIApp, *, trace: Trace) -> None:
        self._app, self._trace = app, trace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the layer below; a fault of it is answered here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identity, status, began, start = _identity(scope), 0, time.time_ns(), time.perf_counter()

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (HEADER, identity.encode())]
            await send(message)

        with bound_contextvars(request_id=identity):
            try:
                await self._app(scope, receive, sent)
            except Exception as error:
                log.error("fault", exc_info=error)
                if status:  # half an answer is under way: the connection must break
                    raise
                await from_exception(error).response()(scope, receive, sent)
            finally:
                self._tell(scope, status, began, time.perf_counter() - start)

    def _tell(self, scope: Scope, status: int, began: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", None)
        method = scope["method"] if scope["method"] in metrics.METHODS else metrics.OTHER
        metrics.request(method, route, status)
        self._trace(method, route or metrics.OTHER, status, began, began + int(seconds * 1e9))
        shown = {"method": method, "route": route, "status": status, "ms": round(seconds * 1e3, 1)}
        log.info("request", extra=shown)


def _identity(scope: Scope) -> str:
    given = [value for name, value in scope["headers"] if name == HEADER]
    if len(given) == 1 and _FORM.fullmatch(given[0]):
        return str(given[0].decode("ascii"))
    return secrets.token_hex(8)
