"""Honest cells of the score (docs/explanation/layout.md 6)."""

from __future__ import annotations

from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

from circuits.credential.v2.layout import Layout
from circuits.credential.v2.score import SIDE, SIDES, WEIGHT, scale_entry
from circuits.credential.v2.trace import LIMB_BITS, POINT_TAG
from history.v2.day_rows import Sums
from history.v2.metrics.score import (
    LEAST,
    LIMIT_OFFSET,
    STEPS,
    WEIGHT_OFFSET,
    features_of,
    place_of,
)
from prover.witness.v2.cells import Cells


def fill_score(cells: Cells, layout: Layout, t: Any, sums: Sums) -> list[int]:
    """
    The rows of the score; the places of the features, for the table's multiplicities.

    A feature above the scale, or a score above its limit, gets limbs that wrap and fails its
    constraint.

    Parameters
    ----------
    t : threshold scalars as `circuits.credential.v2.score.score` takes them, in ints.
    """
    x = features_of(SimpleNamespace(**asdict(sums)))
    row = layout.score
    cells.set_free(row, [sums.profit])
    cells.set_free(row + 1, [x[name] for name in SIDES])
    for i, name in enumerate(SIDES):
        cells.set_limbs(row, i * SIDE, x[name], SIDE)
    places, score = [], 0
    for i, number in enumerate(x.values()):
        row, asked = layout.feature(i), t.ask[26] * number
        place = min(place_of(asked), STEPS - 1)
        weight = t.weight >> LIMB_BITS * i & (1 << LIMB_BITS) - 1
        entry = scale_entry(place)
        cells.set_free(row, [number])
        cells.set_free(row + 1, [*entry[:2], entry[2] - POINT_TAG])
        distances = asked - LEAST[place], LEAST[place + 1] - 1 - asked
        for side, distance in enumerate(distances):
            cells.set_limbs(row + 1, side * SIDE, distance % (1 << SIDE * LIMB_BITS), SIDE)
        cells.set_limbs(row + 1, WEIGHT, weight, 1)
        cells.v[row + 2] = t.weight >> LIMB_BITS * (i + 1)  # its rule gives 2^12 times as much
        places.append(place)
        score += (weight - WEIGHT_OFFSET) * place
    if t.ask[26]:
        room = t.score_limit - LIMIT_OFFSET - score
        cells.set_limbs(layout.score_end, 0, room % (1 << 3 * LIMB_BITS), 3)
    return places
