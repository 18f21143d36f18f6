"""An engine as it was put up, for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from engine.world import World


@pytest.fixture(scope="session")
def put_up() -> World:
    return World()


@pytest.fixture
def world(put_up: World) -> Iterator[World]:
    with put_up.machine.tried():
        yield put_up
