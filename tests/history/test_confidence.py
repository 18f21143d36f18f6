"""
M1, M3, M22 and M27 on random series against the formulas that they are made from: in exact
fractions at the line, in floats on thousands.
"""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise
from math import isqrt, sqrt
from statistics import fmean
from types import SimpleNamespace

import pytest
from support.series import series

from history.v2.day_rows import Sums
from history.v2.metrics import METRICS
from history.v2.oracle import named, strictest
from history.v2.thresholds import Thresholds

SERIES = pytest.mark.parametrize(
    "count", [300, pytest.param(3000, marks=pytest.mark.slow)], ids=["some", "all"]
)
"""Random series."""


def sums_of(returns: list[int]) -> Sums:
    """What the days of a series of returns sum to; nothing else happened."""
    fields = dict.fromkeys(Sums.__dataclass_fields__, 0)
    for before, r in zip([0, *returns], returns, strict=False):
        for name, value in (
            ("returns", r),
            ("returns_square", r**2),
            ("returns_cube", r**3),
            ("returns_fourth", r**4),
            ("returns_lag", r * before),
        ):
            fields[name] += value
    return Sums(**{**fields, "days": len(returns)})


def measured(metric: int, total: Sums, risk_free: int = 0) -> int | None:
    """The strictest T, as the oracle says it."""
    t = SimpleNamespace(**Thresholds(1, 1, risk_free=risk_free).numbers)
    return strictest(METRICS[metric], named(total, {}, t, METRICS), t)


def exact(returns: list[int], risk_free: int) -> tuple[Fraction, Fraction, Fraction, Fraction]:
    """Excess mean, and second to fourth central moments."""
    n, total = len(returns), sum(returns)
    apart = [n * r - total for r in returns]  # n times the distance from the mean: integers
    second, third, fourth = (Fraction(sum(x**k for x in apart), n ** (k + 1)) for k in (2, 3, 4))
    return Fraction(total, n) - risk_free, second, third, fourth


def confidence(returns: list[int], risk_free: int = 0) -> Fraction:
    """
    Square of (SR - 0) / its standard error: Bailey and Lopez de Prado 2012, equation 9, with
    skewness that helps counted as none.
    """
    n = len(returns)
    mean, second, third, fourth = exact(returns, risk_free)
    # SR = mean / s; the terms are SR g3 = mean m3 / m2^2 and SR^2 (g4 - 1) / 4
    error = 1 - mean * min(third, Fraction(0)) / second**2
    error += (fourth / second**2 - 1) / 4 * mean**2 / second
    return mean**2 / second * (n - 1) / error


def correlated(returns: list[int], risk_free: int = 0) -> Fraction:
    """
    Square of the annual Sharpe ratio, the autocorrelation rho (where it is positive) taken out by
    (1 - rho) / (1 + rho): Lo 2002, equation 20, in the limit of many days.
    """
    n = len(returns)
    mean, second, _, _ = exact(returns, risk_free)
    lag = Fraction(sum(a * b for a, b in pairwise(returns)), n)
    rho = max(Fraction(0), (lag - (mean + risk_free) ** 2) / second)
    return 365 * mean**2 / (second * Fraction(n, n - 1)) * (1 - rho) / (1 + rho)


@SERIES
@pytest.mark.parametrize(
    ("metric", "square", "unit"), [(22, confidence, 100), (27, correlated, 1000)]
)
def test_at_its_line_it_is_the_formula(metric, square, unit, count: int) -> None:  # type: ignore[no-untyped-def]
    """The greatest T that holds is the formula's root, rounded down; exactly, on random series."""
    source, defined = random.Random(metric), 0
    for _ in range(count):
        returns, risk_free = series(source), source.choice([0, 0, 12_000])
        found = measured(metric, sums_of(returns), risk_free)
        if exact(returns, risk_free)[0] < 0:
            assert found is None
            continue
        defined += 1
        want = square(returns, risk_free) * unit**2
        assert found == isqrt(want.numerator // want.denominator)
    assert defined > count // 2


def test_skewness_against_costs_and_skewness_for_does_not_help() -> None:
    """One lucky day, and its mirror: the mean apart, so that the ratio is the same."""
    base = [1000, -900, 1000, -900, 950, -850] * 10
    lucky, unlucky = [*base, 100_000], [*base, -100_000]
    mean = fmean(lucky)
    mirrored = [round(2 * mean) - r for r in lucky]  # same mean and variance, skewness against
    assert measured(22, sums_of(unlucky)) is None
    helped, against = measured(22, sums_of(lucky)), measured(22, sums_of(mirrored))
    assert helped is not None and helped < 100  # 84 %; with its skewness counted it would be 98 %
    assert against is not None and against < helped
    no_cost = [*base, *[2000] * 10]
    want = confidence(no_cost)
    assert measured(22, sums_of(no_cost)) == isqrt(int(want * 10_000))


def test_a_scale_or_another_order_of_days_changes_no_confidence() -> None:
    source = random.Random(5)
    returns = series(source)
    while exact(returns, 0)[0] <= 0:
        returns = series(source)
    shuffled = sorted(returns)
    small = [r // 8 * 8 for r in returns]
    assert measured(22, sums_of(returns)) == measured(22, sums_of(shuffled))
    assert measured(22, sums_of(small)) == measured(22, sums_of([r // 8 for r in small]))


def test_returns_smoothed_over_days_gain_nothing_in_m27() -> None:
    """A profit reported half a day late raises M1; M27 takes it back."""
    source = random.Random(9)
    plain = [round(source.gauss(0.08, 1) * 10**5) for _ in range(366)]
    smooth = [(a + b) // 2 for a, b in zip([0, *plain], plain, strict=False)]
    ratios = {
        (metric, name): measured(metric, sums_of(each)) or 0
        for metric in (1, 27)
        for name, each in (("plain", plain), ("smooth", smooth))
    }
    assert ratios[1, "smooth"] > 1.3 * ratios[1, "plain"]
    assert ratios[27, "smooth"] < 1.02 * ratios[1, "plain"]
    assert ratios[27, "plain"] <= ratios[1, "plain"]


@SERIES
def test_t_value_of_trades(count: int) -> None:
    """Against mean over standard error, over trades and over days."""
    source = random.Random(3)
    for _ in range(count):
        days = source.randrange(2, 60)
        trades = [
            [source.randrange(-900, 1200) for _ in range(source.randrange(3))] for _ in range(days)
        ]
        profits, each = [sum(day) for day in trades], [x for day in trades for x in day]
        gain = sum(each)
        if gain < 0 or len(set(profits)) < 2 or len(set(each)) < 2:
            continue
        fields = dict.fromkeys(Sums.__dataclass_fields__, 0)
        fields |= {"days": days, "trips": len(each), "pnl": gain, "profit": gain}
        fields |= {"trip_pnl": gain, "trip_square": sum(x * x for x in each)}
        fields["profit_square"] = sum(p * p for p in profits)
        t = SimpleNamespace(**Thresholds(1, 1).numbers)
        found = strictest(METRICS[3], named(Sums(**fields), {}, t, METRICS), t)
        want = min(t_value(each), t_value(profits)) * 100
        assert found == pytest.approx(want - 0.5, abs=0.5 + 1e-6)


def t_value(values: list[int]) -> float:
    """Mean over its standard error."""
    n, mean = len(values), fmean(values)
    variance = sum((x - mean) ** 2 for x in values) / (n - 1)
    return mean / sqrt(variance / n)
