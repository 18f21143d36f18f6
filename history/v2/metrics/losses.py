"""
M24 and M25: how deep the worst days are, and how they hang on volatility (docs/explanation/
metrics.md C6, C7).

The mean loss of the k worst days is the least of (k v + sum of what each day's loss is above v) / k
over all v (Rockafellar and Uryasev 2000); so the prover chooses v, and the best is the loss of the
k-th worst day.
"""

from __future__ import annotations

from typing import Any

from history.v2.metrics.form import (
    INDEX_SCALE,
    RETURN_SCALE,
    Condition,
    Metric,
    Part,
    Place,
    Threshold,
    Unit,
)
from history.v2.metrics.units import OVER, PERCENT, TWO_LIMBS, WHOLE, count

LOSS_SCALE = 6 * INDEX_SCALE
"""1.0 of a day's loss z. Six, because w^2 - 3 w + 2 is 6 where the weight w is 4."""
DAYS, DRAWDOWN, REGIME = 0, 1, 2
"""Modes: the loss of a day; how far the index is below its peak; the loss of a day of weight 4."""
REGIME_WEIGHTS = frozenset({1, 2, 4})
"""The weights among which `REGIME` picks 4: w^2 - 3 w + 2 is 0 for the others."""


def day_loss(mode: Any, daily_return: Any, index: Any, weight: Any, weighted: Any) -> Any:
    """
    z of a day of the window, in 1 / LOSS_SCALE; `weighted` is the return times the weight. For ints
    and for expressions of the circuit: a polynomial in the mode that is each mode's loss in turn.
    """
    below = (INDEX_SCALE - index) * (LOSS_SCALE // INDEX_SCALE)
    picked = weight * weighted - weighted * 3 + daily_return * 2  # 0 or 6 times the return
    unit = LOSS_SCALE // RETURN_SCALE
    return (
        mode * (2 - mode) * below
        - (mode - 1) * (mode - 2) * (unit // 2) * daily_return
        - mode * (mode - 1) * (unit // 12) * picked
    )


def only_by_regime(t: Any) -> Any:
    """0 but in that mode."""
    return t.shortfall_mode * (t.shortfall_mode - 1)


SHORTFALL = Metric(
    24,
    "expected shortfall",
    thresholds=(
        Threshold("worst_days", 1, 366, unit=count("day"), least=1),
        Threshold("shortfall", 2, WHOLE, unit=PERCENT),
        Threshold("shortfall_mode", 1, REGIME),
    ),
    conditions=(
        Condition(  # v: else a great negative one would make days' losses out of nothing small
            "level",
            asked="level of the losses not negative",
            failed="the level of the losses is negative",
            sides=lambda h, t: (h.loss_level, 0),
            place=Place("shortfall", 0, 3),
        ),
        Condition(
            "regime_days",
            asked="as many days of high volatility as worst days",
            failed="fewer days of high volatility than worst days are asked",
            sides=lambda h, t: (
                only_by_regime(t) * (h.weights_square - h.weights * 3 + h.days * 2),
                only_by_regime(t) * t.worst_days * 6,
            ),
            place=Place("shortfall_days", 0, 2),
        ),
        Condition(
            "shortfall",
            asked="mean loss of the worst days",
            failed=OVER,
            sides=lambda h, t: (
                t.shortfall * t.worst_days * (LOSS_SCALE // 10**4),
                t.worst_days * h.loss_level + h.loss_beyond,
            ),
            place=Place("shortfall", 3, 4),
            threshold="shortfall",
        ),
    ),
    own="shortfall",
    at_least=False,
    rows={
        "shortfall": ("loss_level", "loss_beyond"),
        "shortfall_days": ("weights", "weights_square"),
    },
    see="C6",
    needs_feed=lambda t: t.shortfall_mode == REGIME,
)

VOLATILITY = Metric(
    25,
    "sensitivity to volatility",
    thresholds=(
        Threshold(
            "volatility_sensitivity", 2, TWO_LIMBS, unit=Unit("1e-7 a point", 5, " % a point")
        ),
    ),
    conditions=(
        Condition(
            "changes",
            asked="variance of the index's changes above zero",
            failed="the index changes by the same every day: their variance is zero",
            sides=lambda h, t: (h.change_variance, 1),
            place=Place("sensitivity_parts", 0, 4),
        ),
        Condition(
            "rising",
            asked="gain a point",
            failed=OVER,
            sides=lambda h, t: (
                t.volatility_sensitivity * h.change_variance,
                h.change_covariance,
            ),
            place=Place("sensitivity", 0, 6),
            threshold="volatility_sensitivity",
        ),
        Condition(
            "falling",
            asked="loss a point",
            failed=OVER,
            sides=lambda h, t: (
                t.volatility_sensitivity * h.change_variance + h.change_covariance,
                0,
            ),
            place=Place("sensitivity", 6, 6),
            threshold="volatility_sensitivity",
        ),
    ),
    at_least=False,
    rows={
        "sensitivity_parts": ("changes", "changes_square"),
        "sensitivity": ("changes_returns", "returns"),
    },
    hands={"sensitivity": ("changes", "change_variance")},
    parts=(
        Part(  # N^2 times the variance of the changes
            "change_variance",
            "sensitivity_parts",
            lambda h, t: h.days * h.changes_square - h.changes * h.changes,
        ),
        Part(  # N^2 times their covariance with the returns
            "change_covariance",
            "sensitivity",
            lambda h, t: h.days * h.changes_returns - h.changes * h.returns,
        ),
    ),
    see="C7",
    needs_feed=lambda t: True,
)

LOSSES = (SHORTFALL, VOLATILITY)
