"""A fresh anvil from npm on a free port."""

from __future__ import annotations

import platform
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from algebra.errors import Unavailable
from contracts.build.artifact import FOLDER
from contracts.client.chain import Chain

_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_TRIES, _PAUSE = 200, 0.05


def binary() -> Path | None:
    """The anvil of this machine; None where it is not installed."""
    machine = _MACHINES.get(platform.machine().lower())
    folder = FOLDER / "node_modules" / "@foundry-rs"
    path = folder / f"anvil-{platform.system().lower()}-{machine}" / "bin" / "anvil"
    return path if path.is_file() else None


def start_anvil(*options: str, hardfork: str = "prague") -> tuple[subprocess.Popen[bytes], str]:
    """
    Start the anvil of node_modules.

    Returns
    -------
    Its process, to be killed by the caller, and its URL

    Raises
    ------
    Unavailable
        `unavailable.node`: it is not installed, or does not answer.
    """
    anvil_ = binary()
    if anvil_ is None:
        raise Unavailable("unavailable.node", "anvil is not installed: npm ci --prefix contracts")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(anvil_), "--port", str(port), "--silent", "--hardfork", hardfork, *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    for _ in range(_TRIES):
        try:
            Chain.connect(url)
        except Unavailable:
            if process.poll() is not None:
                break
            time.sleep(_PAUSE)
        else:
            return process, url
    process.kill()
    process.wait()
    raise Unavailable("unavailable.node", "anvil did not start")


@contextmanager
def anvil(*options: str, hardfork: str = "prague") -> Iterator[Chain]:
    """A connection to a fresh anvil, which ends with the block; errors as `start_anvil`."""
    process, url = start_anvil(*options, hardfork=hardfork)
    try:
        yield Chain.connect(url)
    finally:
        process.kill()
        process.wait()
