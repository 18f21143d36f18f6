"""
M1 and M2, the Sharpe ratios of daily returns, and M21, which tells luck from them (C1). M2 weighs
each day by the market feed; its numbers are wider, for a weight is at most 15.
"""

from __future__ import annotations

from typing import Any

from history.v2.metrics.form import Condition, Metric, Part, Place, Threshold, Unit
from history.v2.metrics.units import OVER, PERCENT, SHORT, WHOLE

DAYS_A_YEAR = 365  # M1 is annualised by it
RATIO = (1 << 16) - 1  # greatest threshold of a ratio


def excess(row: str) -> Part:
    """A, in 1e-8: what the returns sum to above the risk-free rate."""
    return Part("excess", row, lambda h, t: h.returns - h.days * t.risk_free)


def variance(row: str) -> Part:
    """V, in 1e-16: N^2 times the variance of the daily returns."""
    return Part("variance", row, lambda h, t: h.days * h.returns_square - h.returns * h.returns)


def excess_shown(row: str, start: int) -> Condition:
    """A >= 0: else its square would pass for a gain."""
    return Condition(
        "excess",
        asked="mean return not below the risk-free rate",
        failed="the mean return is below the risk-free rate",
        sides=lambda h, t: (h.excess, 0),
        place=Place(row, start, 3),
    )


def variance_shown(row: str, start: int) -> Condition:
    """V >= 1."""
    return Condition(
        "variance",
        asked="variance of daily returns above zero",
        failed="all daily returns are equal: their variance is zero",
        sides=lambda h, t: (h.variance, 1),
        place=Place(row, start, 6),
    )


def annual(h: Any) -> Any:
    """What the square of a ratio a year is compared by: 365 10^6 A^2 (N^2 - N)."""
    return (h.days * h.days - h.days) * (DAYS_A_YEAR * 10**6) * (h.excess * h.excess)


SHARPE = Metric(
    1,
    "Sharpe ratio of daily returns",
    thresholds=(Threshold("sharpe", 2, RATIO, unit=Unit("1/1000", 3)),),
    conditions=(
        excess_shown("sharpe_parts", 0),
        variance_shown("sharpe_parts", 3),
        Condition(
            "ratio",
            asked="ratio",
            failed=SHORT,
            sides=lambda h, t: (
                annual(h),
                t.sharpe * t.sharpe * h.days * h.days * h.variance,
            ),
            place=Place("sharpe", 0, 10),
            threshold="sharpe",
        ),
    ),
    rows={"sharpe_parts": ("returns", "returns_square"), "sharpe": ()},
    hands={"sharpe": ("excess", "variance")},
    parts=(excess("sharpe_parts"), variance("sharpe_parts")),
    see="C1 with w = 1",
)

REGIME_SHARPE = Metric(
    2,
    "Sharpe ratio of daily returns by regime",
    thresholds=(Threshold("regime_sharpe", 2, RATIO, unit=SHARPE.unit),),
    conditions=(
        Condition(
            "excess",
            asked="weighted mean return not below the risk-free rate",
            failed="the weighted mean return is below the risk-free rate",
            sides=lambda h, t: (h.weighted_excess, 0),
            place=Place("regime_parts", 0, 4),
        ),
        Condition(
            "variance",
            asked="variance of weighted daily returns above zero",
            failed="all daily returns are equal: their variance is zero",
            sides=lambda h, t: (h.weighted_variance, 1),
            place=Place("regime_parts", 4, 7),
        ),
        Condition(
            "ratio",
            asked="ratio",
            failed=SHORT,
            sides=lambda h, t: (
                (h.weights_squared - h.weights_square)
                * (DAYS_A_YEAR * 10**6)
                * (h.weighted_excess * h.weighted_excess),
                t.regime_sharpe * t.regime_sharpe * (h.weights_squared * h.weighted_variance),
            ),
            place=Place("regime", 0, 11),
            threshold="regime_sharpe",
        ),
    ),
    rows={
        "regime_weights": ("weights", "weights_square"),
        "regime_parts": ("weighted", "weighted_square"),
        "regime": (),
    },
    hands={
        "regime_parts": ("weights", "weights_square"),
        "regime": ("weights_square", "weights_squared", "weighted_excess", "weighted_variance"),
    },
    parts=(
        Part("weights_squared", "regime_parts", lambda h, t: h.weights * h.weights),
        Part("weighted_excess", "regime_parts", lambda h, t: h.weighted - h.weights * t.risk_free),
        Part(
            "weighted_variance",
            "regime_parts",
            lambda h, t: h.weights * h.weighted_square - h.weighted * h.weighted,
        ),
    ),
    see="C1",
    needs_feed=lambda t: True,
)

BEST_DAY = Metric(
    21,
    "best day's share of all returns",
    thresholds=(Threshold("best_day", 2, WHOLE, unit=PERCENT),),
    conditions=(
        Condition(
            "returns",
            asked="sum of daily returns above zero",
            failed="the sum of daily returns is not above zero",
            sides=lambda h, t: (h.returns, 1),
            place=Place("best_day", 6, 4),
        ),
        Condition(  # h.best_day: m, which no day's return exceeds (risk rows)
            "share",
            asked="share",
            failed=OVER,
            sides=lambda h, t: (t.best_day * h.returns, h.best_day * 10**4),
            place=Place("best_day", 0, 6),
            threshold="best_day",
        ),
    ),
    at_least=False,
    rows={"best_day": ("returns", "best_day")},
)

RATIOS = (SHARPE, REGIME_SHARPE, BEST_DAY)
