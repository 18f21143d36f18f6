"""
M17 and M18: three true bits (long holding, low exposure, equity above zero); a hedger has all three
(docs/explanation/metrics.md C).

Long and low are decided both ways: x = 1 shows left - right >= 0, x = 0 shows right - left - 1 >=
0. Solvent is a limb with equity - solvent >= 0 and (1 - solvent) equity = 0: one, or zero with the
equity.

Correctness
-----------
Were a bit free, a hedger could pass for a speculator, or the other way round.
"""

from __future__ import annotations

from typing import Any

from circuits.credential.v1.rows import ComparisonRows
from history.metrics.classes import CLASS_EQUITY, CLASS_EXPOSURE, CLASS_HOLDING, CLASS_VOLUME
from history.metrics.form import Metric

BIT, SOLVENT = 15, 14
"""Limb of long and of low on their rows; limb of solvent beside low."""


def decided(bit: Any, difference: Any) -> Any:
    """What is not negative, whichever side the bit says: left - right, or right - left - 1."""
    return (bit * 2 - 1) * difference + bit - 1


def classes(rows: ComparisonRows, metric: Metric) -> None:
    """Both classes: their constraints are the same but for the last two."""
    s, c, t = rows.s, rows.s.circuit, rows.t
    either = t.ask[17] + t.ask[18]

    long, h = s.limb[BIT], rows.history("class_holding")
    rows.require(metric, "class_holding", "long_is_bit", long * (long - 1))
    side = decided(long, CLASS_HOLDING.difference(h, t))
    rows.show_number(metric, CLASS_HOLDING, side, ask=either)
    rows.show(metric, CLASS_VOLUME, h, ask=either)
    c.require(rows.kinds["class_holding"], "M17.hand_long", c.next(s.v) - long, exact=False)

    low, solvent, h = s.limb[BIT], s.limb[SOLVENT], rows.history("class_exposure")
    long = s.v  # handed on
    rows.require(metric, "class_exposure", "low_is_bit", low * (low - 1))
    side = decided(low, CLASS_EXPOSURE.difference(h, t))
    rows.show_number(metric, CLASS_EXPOSURE, side, ask=either)
    rows.show_number(metric, CLASS_EQUITY, h.equity - solvent, ask=either)
    rows.require(metric, "class_exposure", "no_equity", either * (1 - solvent) * h.equity)
    hedger, row = long * low * solvent, rows.kinds["class_exposure"]
    c.require(row, "metric.M17.hedger", t.ask[17] * (1 - hedger), exact=False)
    c.require(row, "metric.M18.speculator", t.ask[18] * hedger, exact=False)
