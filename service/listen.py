"""The socket of the service: taken before anybody is told that it listens."""

from __future__ import annotations

import copy
import errno
import socket
from contextlib import suppress
from typing import Any

import uvicorn

from algebra.errors import Refused, Unavailable

BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """
    A socket that listens; port 0 takes a free one.

    Raises
    ------
    Unavailable
        `unavailable.port`: another program listens there, or this user may not.
    Refused
        `refused.config`: the host is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            said = "another program listens there"
        elif error.errno in (errno.EACCES, errno.EPERM):
            said = "this user may not listen there"
        else:
            raise Refused(
                "refused.config", f"host {host}: no address of this machine", field="host"
            ) from error
        raise Unavailable("unavailable.port", f"port {port}: {said}", port=port) from error


def run(app: Any, taken: socket.socket) -> None:
    """Serve an ASGI application on a socket until a signal stops it; stdout stays empty."""
    log = copy.deepcopy(uvicorn.config.LOGGING_CONFIG)
    log["handlers"]["access"]["stream"] = "ext://sys.stderr"
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="info", log_config=log, server_header=False)
    )
    with suppress(KeyboardInterrupt):  # uvicorn raises it again once it has closed everything
        server.run(sockets=[taken])
    if not server.started:
        raise RuntimeError("the service did not start")
