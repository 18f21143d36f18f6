"""
M2, M25 and M24 by volatility beside numpy's weighted covariance, a line of least squares (numpy's,
SciPy's, empyrical's beta) and the worst of the days of high volatility: in floats, on random
histories and random feeds.
"""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from support.series import EASY, EQUITY, is_rounded, log_of, series

from history.v2.feed import Feed
from history.v2.oracle import assess
from history.v2.thresholds import Thresholds

COUNT = pytest.mark.parametrize(
    "count", [50, pytest.param(3000, marks=pytest.mark.slow)], ids=["some", "all"]
)


def made(source: random.Random) -> tuple[list[int], Feed, Any]:
    """
    Returns that lean on the index, its feed, and a function from thresholds to what was measured.
    """
    returns, lean = series(source), source.uniform(-1, 1)
    scale = max(1, max(map(abs, returns)))
    weights = tuple(source.choice((1, 2, 4)) for _ in returns)
    changes = tuple(source.randrange(-60, 61) for _ in returns)
    returns = [
        max(-(10**8), min(10**8, r + round(lean * scale * x / 60)))
        for r, x in zip(returns, changes, strict=True)
    ]
    feed, log = Feed(0, weights, changes), log_of(returns, source)

    def measured(metric: int, **numbers: int) -> int | None:
        thresholds = Thresholds(1, 1, asked=frozenset({metric}), **{**EASY, **numbers})
        last = len(returns) - 1
        found = assess(log, EQUITY, EQUITY + log.moved, 1, 0, last, thresholds, feed=feed)
        number: int | None = found.verdicts[0].measured
        return number

    return returns, feed, measured


@COUNT
def test_weighted_sharpe_ratio(count: int) -> None:
    """M2: numpy's covariance with weights of reliability (`aweights`) is V / (W^2 - W2)."""
    source, compared = random.Random(31), 0
    for _ in range(count):
        returns, feed, measured = made(source)
        rate = source.choice([0, 0, 12_000])
        number = measured(2, risk_free=rate)
        values, weights = np.array(returns) / 1e8, np.array(feed.weights, dtype=float)
        excess = np.average(values, weights=weights) - rate / 1e8
        if number is None:
            assert excess < 1e-12
            continue
        ratio = excess / np.sqrt(np.cov(values, aweights=weights)) * np.sqrt(365)
        assert is_rounded(number, float(ratio) * 1000, True)
        compared += 1
    assert compared > count // 3


@COUNT
def test_sensitivity_is_the_slope_of_least_squares(count: int) -> None:
    """M25: of returns on the index's changes, in either direction."""
    source = random.Random(32)
    for _ in range(count):
        returns, feed, measured = made(source)
        points = np.array(feed.changes) / 10
        slope = np.polyfit(points, np.array(returns) / 1e8, 1)[0]
        number = measured(25)
        assert number is not None and is_rounded(number, abs(float(slope)) * 1e7, False)


@pytest.mark.slow
def test_sensitivity_is_the_slope_of_the_libraries(libraries: SimpleNamespace) -> None:
    """SciPy's regression; empyrical's beta takes the index for the market."""
    source = random.Random(34)
    for _ in range(3000):
        returns, feed, measured = made(source)
        values, points = np.array(returns) / 1e8, np.array(feed.changes) / 10
        number = measured(25)
        for slope in (
            libraries.scipy.linregress(points, values).slope,
            libraries.empyrical.beta(values, points),
        ):
            assert number is not None and is_rounded(number, abs(float(slope)) * 1e7, False)


@COUNT
def test_worst_days_of_high_volatility(count: int) -> None:
    """M24 in mode 2: days of weight 4 alone, of which there must be k."""
    source, compared = random.Random(33), 0
    for _ in range(count):
        returns, feed, measured = made(source)
        worst_days = source.randrange(1, 1 + max(1, len(returns) // 4))
        number = measured(24, worst_days=worst_days, shortfall_mode=2)
        high = [-r / 1e8 for r, w in zip(returns, feed.weights, strict=True) if w == 4]
        if len(high) < worst_days:
            assert number is None
            continue
        mean = float(np.maximum(0, np.sort(high)[-worst_days:]).mean())
        assert number is not None and is_rounded(number, mean * 10_000, False)
        compared += 1
    assert compared > count // 2
