"""Where a service without API keys may listen."""

from __future__ import annotations

import socket
from typing import Any

from algebra.errors import Refused
from service.access.addresses import is_loopback
from service.access.keys import any_key


def require_keys(taken: socket.socket, database: Any) -> None:
    """
    A socket that others reach is for a service with API keys; one that may not be is closed.

    Raises
    ------
    Refused
        `refused.keyless_host`: it listens beyond this machine, and the database holds no key.
    """
    host = taken.getsockname()[0]
    if not is_loopback(host):
        with database.reading() as session:
            if not any_key(session):
                taken.close()
                raise Refused("refused.keyless_host", f"host {host}: others reach it")
