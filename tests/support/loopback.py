"""A caller of the service on this machine, as the service wants it while there are no API keys."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

HERE = "http://127.0.0.1"


def loopback_client(app: Any, **options: Any) -> TestClient:
    """A client of an ASGI application that connects from loopback, and calls it so."""
    return TestClient(app, **{"base_url": HERE, "client": ("127.0.0.1", 50_000), **options})
