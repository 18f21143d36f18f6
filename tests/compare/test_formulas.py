"""
Every ratio metric on random histories against its published formula in floats: 50 here, 3,000
among the slow tests. The libraries of others: test_libraries.py.

A metric says the strictest threshold that it meets, so it is the formula's value rounded to the
threshold's unit: down where it must be reached, up where it must not be passed. Returns are
rounded to 1e-8 by B2; what that does is within the tolerance.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest
from support.series import assessed, is_rounded, log_of, measured, series

from history.v2.metrics import METRICS
from history.v2.oracle import DayRow

COUNT = pytest.mark.parametrize(
    "count", [50, pytest.param(3000, marks=pytest.mark.slow)], ids=["some", "all"]
)
Floats = np.ndarray[tuple[int], np.dtype[np.float64]]


class Days:
    """A history's days in floats: returns of 1.0, money in cents."""

    def __init__(self, rows: tuple[DayRow, ...], risk_free: float) -> None:
        self.rows = rows
        self.returns = self.of("daily_return") / 1e8
        self.risk_free = risk_free

    def of(self, name: str) -> Floats:
        return np.array([getattr(row, name) for row in self.rows], dtype=np.float64)


# -- the formulas ----------------------------------------------------------------------------------
def sharpe(d: Days) -> float:
    """Sharpe 1994, of a year of 365 days, with the sample's deviation."""
    return float((d.returns.mean() - d.risk_free) / d.returns.std(ddof=1) * np.sqrt(365))


def t_value(d: Days) -> float:
    """Student's, over trips and over days; a trip a day here, so one number."""
    profit = d.of("profit")
    return float(profit.mean() / (profit.std(ddof=1) / np.sqrt(len(profit))))


def confidence(d: Days) -> float:
    """
    Bailey and Lopez de Prado 2012, equation 9 with a benchmark of 0, population moments; skewness
    counts where it is against.
    """
    n, centred = len(d.returns), d.returns - d.returns.mean()
    deviation = np.sqrt((centred**2).mean())
    skewness, kurtosis = ((centred**k).mean() / deviation**k for k in (3, 4))
    ratio = (d.returns.mean() - d.risk_free) / deviation
    variance = 1 - min(0.0, skewness) * ratio + (kurtosis - 1) / 4 * ratio**2
    return float(ratio * np.sqrt(n - 1) / np.sqrt(variance))


def correlated(d: Days) -> float:
    """Lo 2002: sqrt(q) becomes sqrt(q (1 - rho) / (1 + rho)) over many days of an AR(1)."""
    mean = d.returns.mean()
    covariance = (d.returns[1:] * d.returns[:-1]).sum() / len(d.returns) - mean**2
    rho = max(0.0, float(covariance / d.returns.var()))
    return sharpe(d) * float(np.sqrt((1 - rho) / (1 + rho)))


def drawdown(d: Days) -> float:
    wealth = np.concatenate([[1.0], np.cumprod(1 + d.returns)])
    return float((1 - wealth / np.maximum.accumulate(wealth)).max())


def worst(values: Floats, count: int) -> float:
    """Mean of the `count` greatest; one below zero counts as zero (v of C6 is >= 0)."""
    return float(np.maximum(0, np.sort(values)[-count:]).mean())


def best_day(d: Days) -> float:
    return float(d.returns.max() / d.returns.sum())


def ratio(
    over: str, under: str, factor: Callable[[Days], float] = lambda d: 1.0
) -> Callable[[Days], float]:
    return lambda d: float(d.of(over).sum() / d.of(under).sum()) * factor(d)


FORMULAS: dict[int, tuple[Callable[[Days], float], float, bool]] = {
    # metric: formula, units of the threshold in 1.0, whether it must be reached
    1: (sharpe, 1000, True),
    3: (t_value, 100, True),
    7: (drawdown, 10_000, False),
    9: (ratio("volume", "available", lambda d: len(d.rows)), 100, True),
    14: (ratio("maker_volume", "volume"), 10_000, True),
    15: (ratio("open", "kept"), 100, False),
    17: (ratio("net", "gross"), 100, False),
    21: (best_day, 10_000, False),
    22: (confidence, 100, True),
    23: (ratio("open", "available"), 100, True),
    27: (correlated, 1000, True),
}
NEEDS_GAIN = {1, 3, 21, 22, 27}
"""Not defined without a mean above the risk-free rate, or above zero."""


def test_every_ratio_has_a_formula_here() -> None:
    """M18 is M17 from the other side; M24, M2 and M25 have tests of their own."""
    asked = {metric.number for metric in METRICS if metric.sampled and not metric.refused}
    assert asked - {2, 18, 24, 25} <= set(FORMULAS)


@COUNT
def test_metrics_are_their_formulas(count: int) -> None:
    source, compared = random.Random(11), dict.fromkeys(FORMULAS, 0)
    for _ in range(count):
        returns = series(source)
        rate = source.choice([0, 0, 12_000])
        log = log_of(returns, source)
        found = assessed(log, len(returns), list(FORMULAS), risk_free=rate)
        assert [row.daily_return for row in found.rows] == returns
        numbers, days = measured(found), Days(found.rows, rate / 1e8)
        for metric, (formula, unit, at_least) in FORMULAS.items():
            number = numbers[metric]
            if metric in NEEDS_GAIN:
                above = days.returns.mean() - (days.risk_free if metric in (1, 22, 27) else 0)
                assert (number is None) == (above < 0 or (metric == 21 and above == 0))
            if number is None:
                continue
            assert is_rounded(number, formula(days) * unit, at_least), (metric, returns)
            compared[metric] += 1
    assert min(compared.values()) > count // 2


@COUNT
def test_worst_days_are_their_mean(count: int) -> None:
    """M24 in both modes: of losses, and of how far the index is below its peak."""
    source = random.Random(12)
    for _ in range(count):
        returns = series(source)
        log, worst_days = log_of(returns, source), source.randrange(1, len(returns) + 1)
        for mode in (0, 1):
            given = {"worst_days": worst_days, "shortfall_mode": mode}
            found = assessed(log, len(returns), [24], **given)
            days = Days(found.rows, 0)
            wealth = np.concatenate([[1.0], np.cumprod(1 + days.returns)])
            below = 1 - wealth / np.maximum.accumulate(wealth)
            want = worst(below[1:] if mode else -days.returns, worst_days)
            number = measured(found)[24]
            assert number is not None
            assert is_rounded(number, want * 10_000, False), (mode, worst_days, returns)


def test_a_wrong_formula_would_be_seen() -> None:
    """The population's deviation in place of the sample's, one worst day more, no compounding."""
    source = random.Random(13)
    seen = dict.fromkeys(("deviation", "days", "sum"), 0)
    for _ in range(40):
        returns = series(source)
        found = assessed(log_of(returns, source), len(returns), [1, 7, 24], worst_days=2)
        numbers, days = measured(found), Days(found.rows, 0)
        if numbers[1] is not None:
            wrong = days.returns.mean() / days.returns.std() * np.sqrt(365) * 1000
            seen["deviation"] += not is_rounded(numbers[1], wrong, True)
        wealth = np.concatenate([[0.0], np.cumsum(days.returns)])
        plain = float((np.maximum.accumulate(wealth) - wealth).max()) * 10_000
        seen["sum"] += not is_rounded(numbers[7] or 0, plain, False)
        seen["days"] += not is_rounded(numbers[24] or 0, worst(-days.returns, 3) * 10_000, False)
    assert min(seen.values()) > 10
