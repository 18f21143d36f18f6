"""
M3: 1e8 G^2 (W^2 - W) >= T^2 W^2 V (docs/explanation/metrics.md C2, w = 1).

The parts take four rows and are handed on in registers: gain (G), parts (G^2, W^2 - W), variance
(V), and the difference of 228 bits, low 192 and high 36.

Correctness
-----------
Were a part free, any ratio could be shown. G is any witness below both profits: a greater one helps
nobody, for the best is the smaller of the two.
"""

from __future__ import annotations

from algebra.interface import R
from circuits.credential.v1.rows import ComparisonRows
from circuits.credential.v1.trace import LIMB_BITS, LIMBS
from history.metrics.form import Metric

MAXIMUM_GAIN = (1 << 60) - 1
"""Five limbs."""


def trades(rows: ComparisonRows, metric: Metric) -> None:
    """The four rows of M3."""
    s, c, t = rows.s, rows.s.circuit, rows.t
    shown = {condition.label: condition for condition in metric.shown}

    row, h = rows.kinds["gain"], rows.history("gain")
    h.gain = s.free[2]
    # by M3.gain where the tier asks; unasked rows bind nothing
    c.bound(row, h.gain, 0, MAXIMUM_GAIN)
    for label in ("gain", "gain_below_pnl", "gain_below_profit"):
        rows.show(metric, shown[label], h)
    c.require(row, "M3.hand_gain", c.next(s.v) - h.gain, exact=False)

    row, h, gain = rows.kinds["trades_parts"], rows.history("trades_parts"), s.v
    gain_square, spread = s.free[2:4]
    closes_bound, squares_bound = (
        c.cell_bounds[(row.name, cell.place[0])][1] for cell in (h.closes, h.close_square)
    )
    c.require(row, "M3.gain_square", gain_square - gain * gain, exact=False)
    c.bound(row, gain_square, 0, MAXIMUM_GAIN**2)
    c.bound(row, spread, 0, closes_bound**2)
    c.require(row, "M3.spread", spread - h.closes * (h.closes - 1))
    product, gain_part, closes = s.v, s.slope, s.sum  # as the next row has them
    c.require(
        row, "M3.hand_closes_squares", c.next(product) - h.closes * h.close_square, exact=False
    )
    c.require(row, "M3.hand_left", c.next(gain_part) - gain_square * spread, exact=False)
    c.require(row, "M3.hand_closes", c.next(closes) - h.closes, exact=False)

    row, h = rows.kinds["trades_variance"], rows.history("trades_variance")
    h.closes, h.gain_part, h.close_variance = closes, gain_part, s.free[2]
    # the three registers: by the hand-over rules above
    c.bound(row, product, 0, closes_bound * squares_bound)
    c.bound(row, gain_part, 0, MAXIMUM_GAIN**2 * closes_bound**2)
    c.bound(row, closes, 0, closes_bound)
    rule = h.close_variance - product + h.close_pnl * h.close_pnl
    c.require(row, "M3.variance", rule, exact=False)
    pnl_bound = max(map(abs, c.cell_bounds[(row.name, h.close_pnl.place[0])]))
    c.bound(row, h.close_variance, -(pnl_bound**2), closes_bound * squares_bound)
    rows.show(metric, shown["closes"], h)
    rows.show(metric, shown["variance_positive"], h)  # so W >= 2
    difference = shown["ratio"].difference(h, t)
    low, high = c.interval(difference, row)
    if max(-low, high) >= R // 2 - (1 << 228):
        raise OverflowError("M3: the ratio can wrap the field")
    c.require(row, "M3.hand_difference", c.next(s.v) - difference, exact=False)

    rest = s.v - s.number(0, LIMBS)
    c.require(rows.kinds["trades_low"], "M3.hand_high", c.next(s.v) - rest, exact=False)
    top = s.number(0, shown["ratio"].cells.limbs - LIMBS) * (1 << LIMB_BITS * LIMBS)
    rows.require(metric, "trades_high", "ratio", t.ask[metric.number] * (s.v - top), exact=False)
