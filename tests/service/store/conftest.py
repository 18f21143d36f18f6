"""Every test of the store that takes `url` runs on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.store.store import Store
from tests.service.store import store_world as world


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/service.sqlite"
    made: str = request.getfixturevalue("postgres").database()
    return made


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A store that knows policy, place, key and root."""
    made = world.opened(url)
    world.fill(made)
    yield made
    made.close()
