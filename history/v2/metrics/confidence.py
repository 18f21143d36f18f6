"""
M22 and M27: how sure a Sharpe ratio is (docs/explanation/metrics.md C4, C5).

M22 asks that the ratio is above zero with confidence, by the standard error of Bailey and Lopez de
Prado 2012. M27 takes what yesterday's return says of today's out of M1, by Lo 2002.
"""

from __future__ import annotations

from history.v2.metrics.form import Condition, Metric, Part, Place, Threshold, Unit
from history.v2.metrics.ratios import (
    RATIO,
    annual,
    excess,
    excess_shown,
    variance,
    variance_shown,
)
from history.v2.metrics.units import ONE_LIMB, SHORT


def returns_squared(row: str) -> Part:
    """S(r)^2."""
    return Part("returns_squared", row, lambda h, t: h.returns * h.returns)


THIRD = Part(  # N^3 times the third central moment
    "third",
    "shape",
    lambda h, t: (
        h.days * h.days * h.returns_cube
        - h.days * 3 * (h.returns * h.returns_square)
        + h.returns * h.returns_squared * 2
    ),
)
FOURTH = Part(  # N^4 times the fourth
    "fourth",
    "shape",
    lambda h, t: (
        h.days * h.days * h.days * h.returns_fourth
        - h.days * h.days * 4 * (h.returns * h.returns_cube)
        + h.days * 6 * (h.returns_squared * h.returns_square)
        - h.returns_squared * h.returns_squared * 3
    ),
)

CONFIDENCE = Metric(
    22,
    "confidence in the Sharpe ratio",
    thresholds=(Threshold("sharpe_confidence", 1, ONE_LIMB, unit=Unit("1/100", 2)),),
    conditions=(
        excess_shown("shape_parts", 0),
        variance_shown("shape", 0),
        Condition(  # k: what the skewness costs, nothing where it is positive
            "skewness_cost",
            asked="cost of skewness not negative",
            failed="the cost of skewness is negative",
            sides=lambda h, t: (h.skewness_cost, 0),
            place=Place("shape_parts", 3, 9),
        ),
        Condition(
            "skewness",
            asked="cost of skewness at least what it is",
            failed="the skewness costs more",
            sides=lambda h, t: (h.third + h.skewness_cost, 0),
            place=Place("shape", 6, 9),
        ),
        Condition(
            "ratio",
            asked="ratio over its standard error",
            failed=SHORT,
            sides=lambda h, t: (
                h.excess_square * h.variance_square * ((h.days - 1) * 40_000),
                t.sharpe_confidence
                * t.sharpe_confidence
                * (
                    h.variance_square * h.variance * 4
                    + h.skewness_cost * h.excess * h.variance * 4
                    + (h.fourth - h.variance_square) * h.excess_square
                ),
            ),
            place=Place("confidence", 0, 20),
            threshold="sharpe_confidence",
        ),
    ),
    rows={
        "shape_parts": ("returns", "returns_square"),
        "shape": ("returns_cube", "returns_fourth"),
        "confidence": (),
        "confidence_high": (),
    },
    hands={
        "shape": (
            "returns",
            "returns_square",
            "returns_squared",
            "excess",
            "variance",
            "skewness_cost",
        ),
        "confidence": ("excess", "variance", "skewness_cost", "fourth"),
    },
    parts=(
        excess("shape_parts"),
        variance("shape_parts"),
        returns_squared("shape_parts"),
        THIRD,
        FOURTH,
        Part("skewness_cost", "shape_parts", lambda h, t: max(0, -h.third), limbs=9),
        Part("excess_square", "confidence", lambda h, t: h.excess * h.excess),
        Part("variance_square", "confidence", lambda h, t: h.variance * h.variance),
    ),
    see="C4",
)

CORRELATED = Metric(
    27,
    "Sharpe ratio with autocorrelation",
    thresholds=(Threshold("correlated_sharpe", 2, RATIO, unit=Unit("1/1000", 3)),),
    conditions=(
        excess_shown("lag_parts", 0),
        variance_shown("lag_parts", 3),
        # c: N^2 times the covariance of neighbours, nothing where it is negative. It is at most V
        # (Cauchy and Schwarz); one above V fails the ratio, whose left side is then negative
        Condition(
            "covariance_positive",
            asked="covariance not negative",
            failed="the covariance is negative",
            sides=lambda h, t: (h.covariance, 0),
            place=Place("lag_parts", 9, 6),
        ),
        Condition(
            "covariance",
            asked="covariance at least what it is",
            failed="the covariance is more",
            sides=lambda h, t: (
                h.covariance,
                h.days * h.returns_lag - h.returns_squared,
            ),
            place=Place("lag", 0, 6),
        ),
        Condition(
            "ratio",
            asked="ratio",
            failed=SHORT,
            sides=lambda h, t: (
                annual(h) * (h.variance - h.covariance),
                t.correlated_sharpe
                * t.correlated_sharpe
                * h.days
                * h.days
                * (h.variance * (h.variance + h.covariance)),
            ),
            place=Place("correlated", 0, 16),
            threshold="correlated_sharpe",
        ),
    ),
    rows={
        "lag_parts": ("returns", "returns_square"),
        "lag": ("returns_lag",),
        "correlated": (),
    },
    hands={
        "lag": ("returns_squared", "excess", "variance", "covariance"),
        "correlated": ("excess", "variance", "covariance"),
    },
    parts=(
        excess("lag_parts"),
        variance("lag_parts"),
        returns_squared("lag_parts"),
        Part(
            "covariance",
            "lag_parts",
            lambda h, t: max(0, h.days * h.returns_lag - h.returns_squared),
            limbs=6,
        ),
    ),
    see="C5",
)

CONFIDENT = (CONFIDENCE, CORRELATED)
