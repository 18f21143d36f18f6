"""A node of another make: a loopback proxy that changes what a development node answers."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Change = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any] | None]
"""Gets the question and the answer; None breaks the connection instead of answering."""

DATA = "0xDATA"
"""Stands for the data of a revert in a shape."""

SHAPES: dict[str, Any] = {
    "geth": {"code": 3, "message": "execution reverted", "data": DATA},
    "erigon": {"code": 3, "message": "execution reverted: ", "data": DATA},
    "besu": {"code": -32000, "message": "Execution reverted", "data": DATA},
    "nethermind": {"code": -32015, "message": "VM execution error.", "data": f"Reverted {DATA}"},
    "hardhat": {
        "code": -32603,
        "message": "Error: VM Exception while processing transaction: reverted with an "
        "unrecognized custom error",
        "data": {"message": "reverted", "txHash": "0x" + "11" * 32, "data": DATA},
    },
    "ganache": {
        "code": -32000,
        "message": "VM Exception while processing transaction: revert",
        "data": {"0x" + "11" * 32: {"error": "revert", "program_counter": 7, "return": DATA}},
    },
    "ganache 7": {
        "code": -32000,
        "message": "VM Exception while processing transaction: revert",
        "data": {"hash": None, "programCounter": 7, "result": DATA, "message": "revert"},
    },
    "in words": {"code": -32000, "message": f"execution reverted, data: {DATA}"},
    "wrapped": {
        "code": -32603,
        "message": "Internal JSON-RPC error.",
        "data": {"originalError": {"code": 3, "message": "execution reverted", "data": DATA}},
    },
}
"""How nodes and gateways answer a call that reverts."""

STRIPPED: dict[str, Any] = {
    "stripped": {"code": -32000, "message": "execution reverted"},
    "stripped, with an empty word": {"code": 3, "message": "execution reverted", "data": "0x"},
    "stripped, by number": {"code": -32015, "message": "Transaction failed", "data": None},
}
"""Those that leave the data out."""


def shaped(shape: Any, data: str) -> Any:
    """A shape with this data in it."""
    return json.loads(json.dumps(shape).replace(DATA, data))


def reverts_like(shape: Any) -> Change:
    """Answer as a node of that make does when a call reverts."""

    def change(_: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        error = answer.get("error")
        if isinstance(error, dict) and "revert" in str(error.get("message", "")).lower():
            answer["error"] = shaped(shape, error.get("data") or "0x")
        return answer

    return change


@contextmanager
def proxied(upstream: str, change: Change) -> Iterator[str]:
    """The URL of a proxy before `upstream`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            question = json.loads(body)
            request = urllib.request.Request(upstream, body, {"content-type": "application/json"})
            with urllib.request.urlopen(request, timeout=60) as response:
                answer = change(question, json.loads(response.read()))
            if answer is None:
                self.close_connection = True
                return
            told = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
