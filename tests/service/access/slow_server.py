"""
An application of three answers behind `service.listen.run`, as a process of its own.

    python -m tests.service.access.slow_server SETTINGS FILES

SETTINGS are those of `ConnectionSettings` as JSON; FILES is the system's limit of open files. The
first line of stdout is the port.
"""

from __future__ import annotations

import asyncio
import resource
import sys
from typing import Any

from service.access.settings import ConnectionSettings
from service.api.body import BodyCap
from service.listen import listen, run

LONG = 8 << 20
"""Bytes of an answer that no system keeps for a client who does not read."""


async def application(scope: Any, receive: Any, send: Any) -> None:
    """`/slow` takes two seconds, `/long` has `LONG` bytes, anything else says its body's length."""
    if scope["type"] == "lifespan":
        for said in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{said}.complete"})
        return
    body = (await receive()).get("body", b"")
    if scope["path"] == "/slow":
        print("begun", flush=True)
        await asyncio.sleep(2)
    text = b"x" * LONG if scope["path"] == "/long" else b"%d" % len(body)
    length = (b"content-length", b"%d" % len(text))
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": text})


def main() -> None:
    """Serve until a signal."""
    files = int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    taken = listen("127.0.0.1", 0)
    print(taken.getsockname()[1], flush=True)
    settings = ConnectionSettings.model_validate_json(sys.argv[1])
    run(BodyCap(application, limit=65_536, seconds=1.0, larger={}), taken, settings)


if __name__ == "__main__":
    main()
