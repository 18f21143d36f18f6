"""
M24 and M25: how deep the worst days are, and how they hang on volatility (docs/explanation/
metrics.md C6).

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
    Place,
    Threshold,
    Unit,
)
from history.v2.metrics.units import OVER, PERCENT, TWO_LIMBS, WHOLE, count

LOSS_SCALE = 6 * INDEX_SCALE
"""1.0 of a day's loss z. Six, because w^2 - 3 w + 2 is 6 where the weight w is 4."""
DAYS, DRAWDOWN = 0, 1
"""Modes: the loss of a day; how far the index is below its peak."""


def day_loss(drawdown: Any, daily_return: Any, index: Any) -> Any:
    """
    z of a day of the window, in 1 / LOSS_SCALE; `drawdown` is 1 in that mode, else 0. For ints and
    for expressions of the circuit.
    """
    of_day = daily_return * (LOSS_SCALE // RETURN_SCALE)
    below = (INDEX_SCALE - index) * (LOSS_SCALE // INDEX_SCALE)
    return drawdown * (below + of_day) - of_day


SHORTFALL = Metric(
    24,
    "expected shortfall",
    thresholds=(
        Threshold("worst_days", 1, 366, unit=count("day"), least=1),
        Threshold("shortfall", 2, WHOLE, unit=PERCENT),
        Threshold("shortfall_mode", 1, DRAWDOWN),
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
    rows={"shortfall": ("loss_level", "loss_beyond")},
    see="C6",
)

VOLATILITY = Metric(
    25,
    "sensitivity to volatility",
    thresholds=(Threshold("volatility_sensitivity", 2, TWO_LIMBS, unit=Unit("1e-7 a point", 7)),),
    refused="it needs a feed that this version does not have",
    at_least=False,
)

LOSSES = (SHORTFALL, VOLATILITY)
