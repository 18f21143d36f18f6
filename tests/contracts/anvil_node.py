"""A fresh anvil from npm on a free port."""

from __future__ import annotations

import platform
import socket
import subprocess
import time

import pytest

from algebra.errors import Unavailable
from contracts.build.artifact import FOLDER
from contracts.client.chain import Chain


def start_anvil(*options: str, hardfork: str = "prague") -> tuple[subprocess.Popen[bytes], str]:
    """Start the anvil of node_modules on a free port; skip where it is not installed."""
    machine = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(
        platform.machine().lower()
    )
    system = platform.system().lower()
    binary = FOLDER / "node_modules" / "@foundry-rs" / f"anvil-{system}-{machine}" / "bin" / "anvil"
    if not binary.is_file():
        pytest.skip("anvil is not installed (npm ci --prefix contracts)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(binary), "--port", str(port), "--silent", "--hardfork", hardfork, *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            Chain.connect(url)
        except Unavailable:
            if process.poll() is not None:
                break
            time.sleep(0.05)
        else:
            return process, url
    process.kill()
    process.wait()
    pytest.fail("anvil did not start")
