"""
M26: ten features of the window, each with its place on a scale, and their weighted sum
(docs/explanation/metrics.md C8, docs/explanation/layout.md 6).

A feature takes two rows: it comes from the bus, and is placed. The scale is 512 entries (k, least
x, least x of k + 1) of the lookup table, found by the fraction that finds the points of the link;
their third number carries a tag of its own, so neither is ever read as the other. Three registers
walk down the rows: v holds the weights that are left, as one number of limbs, slope the score so
far, sum the feature.

Correctness
-----------
Without the lookup, or one side of the interval, a feature would take any place; without the walk of
the weights, any weight; without the row of gain and loss, a loss would be none. A tier that does
not ask has features 0, so that none is above the scale.
"""

from __future__ import annotations

from typing import Any

from circuits.credential.v2.layout import Layout, bus_name
from circuits.credential.v2.trace import LIMB_BITS, POINT_TAG, Shared
from circuits.language.circuit import Kind
from history.v2.metrics.score import FEATURES, LEAST, LIMIT_OFFSET, WEIGHT_OFFSET
from history.v2.record import MAX_DAYS

SCORE_TAG = 1 << 201
"""Added to the third number of an entry of the scale; `POINT_TAG` is another."""
SIDE = 6
"""Limbs of a gain or loss, and of a feature's distance from either end of its place."""
WEIGHT = 12
"""Limb of the weight, on the row that places a feature."""
SIDES = ("gain", "loss")
"""Features that are no sums: the two sides of S(P)."""


def scale_entry(place: int) -> tuple[int, int, int]:
    """The three table cells of a place."""
    return place, LEAST[place], LEAST[place + 1] + SCORE_TAG


def score(s: Shared, layout: Layout, t: Any) -> Kind:
    """
    Constrain the rows of the score.

    Parameters
    ----------
    t : public scalars: `weight`, the ten with their offsets as one number; `score_limit` with its
        offset; `ask` by metric.

    Returns
    -------
    The kind of rows whose free 0 to 2 are an entry of the scale, the third less `POINT_TAG`.
    """
    c, free, ask = s.circuit, s.free, t.ask[26]
    _sides(s, layout)
    c.require(c.kinds["score_sides"], "score.weights", c.next(s.v) - t.weight, exact=False)
    c.require(c.kinds["score_sides"], "score.start", c.next(s.slope), exact=False)
    rows = [layout.feature(i) for i in range(len(FEATURES))]
    taken = c.kind("score_taken", rows)
    for feature, row in zip(FEATURES, rows, strict=True):
        name = f"score_{feature.name}" if feature.name in SIDES else bus_name(feature.name)
        s.consume(name, row, 0)
    s.keep(taken, s.v, s.slope)
    c.require(taken, "score.feature", c.next(s.sum) - ask * free[0], exact=False)

    placed = c.kind("score_placed", [row + 1 for row in rows])
    place, least, after = free[0], free[1], free[2] + (POINT_TAG - SCORE_TAG)
    over, under, weight = s.number(0, SIDE), s.number(SIDE, SIDE), s.limb[WEIGHT]
    c.require(placed, "score.at_least", s.sum - least - over, exact=False)
    c.require(placed, "metric.M26.range", after - 1 - s.sum - under, exact=False)
    c.require(placed, "score.weight", s.v - weight - c.next(s.v) * (1 << LIMB_BITS), exact=False)
    c.require(
        placed,
        "score.sum",
        c.next(s.slope) - (s.slope + (weight - WEIGHT_OFFSET) * place),
        exact=False,
    )

    end = c.single("score_end", layout.score_end)
    c.require(end, "score.all_weights", s.v, exact=False)
    room = t.score_limit - LIMIT_OFFSET - s.slope
    c.require(end, "metric.M26.score", ask * (room - s.number(0, 3)), exact=False)
    return placed


def _sides(s: Shared, layout: Layout) -> None:
    """Two rows: S(P) is a gain or a loss, and both go to the bus."""
    c, free, row = s.circuit, s.free, layout.score
    split, sides = c.single("score_profit", row), c.single("score_sides", row + 1)
    s.consume(bus_name("profit"), row, 0)
    top = (1 << 48) * MAX_DAYS
    c.bound(split, free[0], -top, top)  # by day.profit_size
    gain, loss = s.number(0, SIDE), s.number(SIDE, SIDE)
    c.require(split, "score.profit", free[0] - gain + loss)
    c.require(split, "score.one_side", gain * loss)
    c.require(split, "score.hand_over", c.next(s.v) - s.carried([gain, loss]), exact=False)
    c.require(sides, "score.take_over", s.v - s.carried(free[:2]), exact=False)
    for slot, name in enumerate(SIDES):
        s.produce(f"score_{name}", row + 1, slot)
