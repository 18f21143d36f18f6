"""The socket of the service: taken before anybody is told that it listens."""

from __future__ import annotations

import errno
import math
import socket
from contextlib import suppress
from typing import Any

import uvicorn

from algebra.errors import Refused, Unavailable
from service.access.connections import Watch, bound
from service.access.settings import ConnectionSettings

BACKLOG = 2048
"""Connections that the system keeps until they are taken."""
AT_ONCE = 16
"""Connections that are taken before those there are may give way."""
FILES_KEPT = 160
"""Files that are no connections: the database's, logs, and connections on their way in or out."""
FILES_WANTED = 65_536


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


class _Server(uvicorn.Server):
    """
    uvicorn hands its backlog to asyncio, which takes that many connections before it looks at any;
    the system may keep more of them.
    """

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for taken in sockets or []:
            taken.listen(BACKLOG)


def run(app: Any, taken: socket.socket, settings: ConnectionSettings | None = None) -> None:
    """
    Serve an ASGI application on a socket until a signal stops it; stdout stays empty.

    On SIGTERM and SIGINT no connection is taken any more, requests under way are answered, and
    the application's lifespan ends.

    Raises
    ------
    Unavailable
        `unavailable.open_files`: the system gives too few files for connections.
    """
    settings = settings or ConnectionSettings()
    server = _Server(
        uvicorn.Config(
            app,
            http=bound(Watch(settings, connections_that_fit(settings))),
            ws="none",
            proxy_headers=False,  # who calls is who connects: a header could be anybody's
            backlog=AT_ONCE,
            timeout_keep_alive=math.ceil(settings.idle_seconds),
            timeout_graceful_shutdown=settings.stop_seconds,
            log_config=None,  # its log goes where ours goes (service.operations.logs),
            access_log=False,  # its lines of requests nowhere: paths name accounts
            server_header=False,
        )
    )
    with suppress(KeyboardInterrupt):  # uvicorn raises it again once it has closed everything
        server.run(sockets=[taken])
    if not server.started:
        raise RuntimeError("the service did not start")


def connections_that_fit(settings: ConnectionSettings) -> int:
    """
    How many connections the system's limit of open files leaves room for, once it is raised as far
    as it may be; Unavailable (`unavailable.open_files`) for fewer than sixteen.
    """
    try:
        import resource
    except ImportError:  # a platform without such a limit
        return settings.most
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return settings.most
    wanted = FILES_WANTED if hard == resource.RLIM_INFINITY else min(hard, FILES_WANTED)
    if wanted > soft:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    room = soft - FILES_KEPT
    if room < 16:
        raise Unavailable(
            "unavailable.open_files",
            f"open files: the system gives {soft}; the service needs {FILES_KEPT + 16} or more",
        )
    return min(settings.most, room)
