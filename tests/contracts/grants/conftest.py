"""The registry of grants, as a test finds it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from grants.grants_world import World, bare, started


@pytest.fixture
def world() -> Iterator[World]:
    """With everything that a claim needs."""
    with started() as built:
        yield built


@pytest.fixture
def empty() -> Iterator[World]:
    """As it was deployed."""
    with bare() as built:
        yield built
