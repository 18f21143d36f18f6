"""A caller of the service on this machine, as the service wants it while there are no API keys."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

HERE = "http://127.0.0.1"


def loopback_client(app: Any, **options: Any) -> TestClient:
    """A client of an ASGI application that connects from loopback, and calls it so."""
    return TestClient(app, **{"base_url": HERE, "client": ("127.0.0.1", 50_000), **options})


def from_loopback(app: Any) -> Any:
    """An ASGI application that takes every caller for one on this machine, whoever it is."""

    async def called(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
            headers.append((b"host", HERE.removeprefix("http://").encode()))
            scope = {**scope, "client": ("127.0.0.1", 50_000), "headers": headers}
        await app(scope, receive, send)

    return called
