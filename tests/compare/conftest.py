"""Libraries of others, which `make compare` and `make test-slow` install."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

WHY = "`make compare` installs it"


@pytest.fixture(scope="session")
def libraries() -> SimpleNamespace:
    """empyrical-reloaded, quantstats, pandas and SciPy's statistics, loaded when asked for."""
    names = {"empyrical": "empyrical", "quantstats": "quantstats.stats", "pandas": "pandas"}
    found = {name: pytest.importorskip(module, reason=WHY) for name, module in names.items()}
    return SimpleNamespace(**found, scipy=pytest.importorskip("scipy.stats", reason=WHY))
