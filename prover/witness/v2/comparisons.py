"""
Honest cells of sum and comparison rows (docs/explanation/layout.md 6, docs/explanation/metrics.md
C).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

from circuits.credential.v2.layout import SUM_ROWS, Layout
from circuits.credential.v2.near_days import FLAGS
from circuits.credential.v2.rows import wide_cell, without_offsets
from circuits.credential.v2.trace import LIMB_BITS, LIMBS
from history.v2.day_rows import Sums
from history.v2.metrics.form import Condition
from history.v2.oracle import named
from prover.witness.v2.cells import Cells


def fill_sums(cells: Cells, layout: Layout, sums: Sums) -> None:
    """The sum rows."""
    numbers = list(asdict(sums).values())
    for i in range(SUM_ROWS - 1):
        cells.set_free(layout.sums + i, numbers[2 * i : 2 * i + 2])


def fill_comparisons(
    cells: Cells, layout: Layout, t: Any, sums: Sums, chosen: Mapping[str, int], days: int
) -> None:
    """
    Honest cells of all comparisons; a metric that does not hold gets limbs that wrap, and fails its
    constraint.

    Parameters
    ----------
    t : as for `comparisons`, in ints.
    chosen : `history.v2.oracle.chosen`.
    days : N of the public window, which the formulas read; the sums have the days that were summed.
    """
    t, window = without_offsets(t, layout), sums.days
    h = named(sums, chosen, t, layout.metrics, days=days)
    for name, row in layout.metrics.rows.items():
        for each, cell in row.cells.items():
            cells.set_free(layout.comparison(name), [getattr(h, each)], cell)
    cells.set_free(layout.comparison("window"), [window])
    for metric in layout.metrics:
        for condition in metric.shown:
            if metric.number == 8:
                fill_near_days(cells, layout, condition, h, t)
            elif any(t.ask[m.number] for m in layout.metrics if condition in m.conditions):
                set_difference(cells, layout, condition, condition.difference(h, t))


def set_difference(cells: Cells, layout: Layout, condition: Condition, number: int) -> None:
    """Honest limbs of left - right; a negative number wraps, and fails its constraint."""
    row, start, limbs = condition.cells
    if start + limbs > LIMBS:
        cells.set_free(layout.comparison(row), [number], wide_cell(layout.metrics.rows[row]))
    for i in range(limbs):
        down, across = divmod(start + i, LIMBS)
        cells.set_limbs(
            layout.comparison(row) + down, across, number >> LIMB_BITS * i & (1 << LIMB_BITS) - 1, 1
        )


def fill_near_days(cells: Cells, layout: Layout, counted: Condition, h: Any, t: Any) -> None:
    """Honest flags and difference; more near days than the word has numbers fail."""
    near = min(h.near_days, FLAGS)
    if near:
        cells.set_limbs(layout.comparison("near"), near - 1, 1, 1)
    wanted = SimpleNamespace(near_word=getattr(t, f"near_word_{near}"))
    set_difference(cells, layout, counted, counted.difference(h, wanted))
