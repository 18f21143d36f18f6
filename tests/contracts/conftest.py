"""The chains on which every registry test runs: the EVM in this process, and anvil from npm."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from anvil_node import start_anvil
from registry_world import World

from algebra.native_backend import native
from contracts.client.chain import Chain


@pytest.fixture(scope="session")
def anvil_url() -> Iterator[str]:
    process, url = start_anvil()
    yield url
    process.terminate()
    process.wait(timeout=10)


@pytest.fixture(scope="session", params=["embedded", "anvil"])
def chain(request: pytest.FixtureRequest) -> Chain:
    return (
        Chain.embedded(native())
        if request.param == "embedded"
        else Chain.connect(request.getfixturevalue("anvil_url"))
    )


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
