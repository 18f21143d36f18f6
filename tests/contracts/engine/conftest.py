"""An engine as it was put up, for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from engine.on_grants import GrantsWorld
from engine.world import World


@pytest.fixture(scope="session")
def put_up() -> World:
    return World()


@pytest.fixture
def world(put_up: World) -> Iterator[World]:
    with put_up.machine.tried():
        yield put_up


@pytest.fixture(scope="session")
def on_grants() -> GrantsWorld:
    return GrantsWorld()


@pytest.fixture
def real(on_grants: GrantsWorld) -> Iterator[GrantsWorld]:
    """The engine on the registry of grants, nobody granted anything yet."""
    with on_grants.on.machine.undone():
        yield on_grants
