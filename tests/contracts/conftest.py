"""The chains on which every registry test runs: the EVM in this process, and anvil from npm."""

from __future__ import annotations

import platform
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest
from registry_world import World

from algebra.errors import Unavailable
from contracts.artifact import FOLDER
from contracts.chain import Chain


def start_anvil(*options: str) -> tuple[subprocess.Popen[bytes], str]:
    """Start the anvil of node_modules on a free port; skip where it is not installed."""
    machine = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(platform.machine().lower())
    system = platform.system().lower()
    binary = FOLDER / "node_modules" / "@foundry-rs" / f"anvil-{system}-{machine}" / "bin" / "anvil"
    if not binary.is_file():
        pytest.skip("anvil is not installed (npm ci --prefix contracts)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(binary), "--port", str(port), "--silent", "--hardfork", "prague", *options]
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


@pytest.fixture(scope="session")
def anvil_url() -> Iterator[str]:
    process, url = start_anvil()
    yield url
    process.terminate()
    process.wait(timeout=10)


@pytest.fixture(scope="session", params=["embedded", "anvil"])
def chain(request: pytest.FixtureRequest) -> Chain:
    return Chain.embedded() if request.param == "embedded" else Chain.connect(request.getfixturevalue("anvil_url"))


@pytest.fixture(scope="session")
def built(chain: Chain) -> World:
    return World.build(chain)


@pytest.fixture
def world(built: World) -> Iterator[World]:
    """The world as it was built, whatever the tests before did to it."""
    request = built.chain.web3.provider.make_request
    snapshot = request("evm_snapshot", [])["result"]  # type: ignore[arg-type]
    yield built
    request("evm_revert", [snapshot])  # type: ignore[arg-type]
