"""Fixtures of the attestor's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from algebra.interface import Algebra
from algebra.native_backend import native
from attestor.venues.hyperliquid_2023 import History


@pytest.fixture(scope="session")
def algebra() -> Algebra:
    return native()


@pytest.fixture(scope="session")
def history(shared_data: Path) -> History:
    """The real files, read once."""
    return History.load(shared_data / "hyperliquid")
