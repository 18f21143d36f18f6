"""`/metrics` on a socket of its own, so that no figure is on the public side by accident."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST

from service.operations import metrics

PATH = "/metrics"


class _Handler(BaseHTTPRequestHandler):
    """Answers one path; what it is asked is not logged."""

    timeout = 5

    def do_GET(self) -> None:
        if self.path != PATH:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        body = metrics.text()
        self.send_response(HTTPStatus.OK)
        self.send_header("content-type", CONTENT_TYPE_LATEST)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def version_string(self) -> str:
        return "tierproof"

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the path is the client's."""


class _Server(ThreadingHTTPServer):
    """On a socket that listens already."""

    daemon_threads = True

    def __init__(self, taken: socket.socket) -> None:
        super().__init__(taken.getsockname()[:2], _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = taken

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: a client that goes away is no error of ours."""


@contextmanager
def serving(taken: socket.socket) -> Iterator[None]:
    """Serve the figures on a socket until the block ends."""
    server = _Server(taken)
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
