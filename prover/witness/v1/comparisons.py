"""
Honest cells of sum and comparison rows (docs/explanation/layout.md 6, docs/explanation/metrics.md
C).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

from algebra.interface import R
from circuits.credential.v1.classes import BIT, SOLVENT, decided
from circuits.credential.v1.layout import SUM_ROWS, Layout, bus_name
from circuits.credential.v1.near_days import FLAGS
from circuits.credential.v1.rows import without_offsets
from circuits.credential.v1.trace import LIMB_BITS, LIMBS
from history.day_rows import Sums
from history.metrics.classes import CLASS_EQUITY, CLASS_EXPOSURE, CLASS_HOLDING, CLASS_VOLUME
from history.metrics.form import Condition, Metric
from prover.witness.v1.cells import Cells

Fill = Callable[[Cells, Layout, Metric, Any, Any], None]


def fill_sums(cells: Cells, layout: Layout, sums: Sums) -> None:
    """The sum rows."""
    numbers = list(asdict(sums).values())
    for i in range(SUM_ROWS - 1):
        cells.set_free(layout.sums + i, numbers[2 * i : 2 * i + 2])


def fill_comparisons(cells: Cells, layout: Layout, t: Any, h: SimpleNamespace, days: int) -> None:
    """
    Honest cells of all comparisons; a metric that does not hold gets limbs that wrap, and fails its
    constraint.

    Parameters
    ----------
    t : as for `comparisons`, in ints.
    h : `history.oracle.named`.
    days : N of the public window, which the formulas read.
    """
    values = {bus_name(name): number for name, number in vars(h).items()}
    for row, taken in layout.comparison_rows.items():
        cells.set_free(layout.comparison(row), [values[value] for value in taken])
    h, t = SimpleNamespace(**{**vars(h), "days": days}), without_offsets(t, layout)
    for metric in layout.metrics:
        FILLS.get(metric.number, fill_plain)(cells, layout, metric, h, t)


def set_difference(cells: Cells, layout: Layout, condition: Condition, number: int) -> None:
    """Honest limbs of left - right; a negative number wraps, and fails its constraint."""
    row, start, limbs = condition.cells
    for i in range(limbs):
        down, across = divmod(start + i, LIMBS)
        cells.set_limbs(
            layout.comparison(row) + down, across, number >> LIMB_BITS * i & (1 << LIMB_BITS) - 1, 1
        )


def fill_plain(cells: Cells, layout: Layout, metric: Metric, h: Any, t: Any) -> None:
    """Each difference in its own limbs."""
    for condition in metric.shown:
        set_difference(cells, layout, condition, condition.difference(h, t))


def fill_trades(cells: Cells, layout: Layout, metric: Metric, h: Any, t: Any) -> None:
    """Honest parts and differences."""
    for condition in metric.shown:
        set_difference(cells, layout, condition, condition.difference(h, t))
    cells.set_free(layout.comparison("gain"), [h.gain], start=2)
    cells.set_free(layout.comparison("trades_parts"), [h.gain * h.gain, h.spread], start=2)
    cells.set_free(layout.comparison("trades_variance"), [h.close_variance], start=2)


def fill_near_days(cells: Cells, layout: Layout, metric: Metric, h: Any, t: Any) -> None:
    """Honest flags and difference; more near days than the word has numbers fail."""
    (counted,) = metric.shown
    near = min(h.near_days, FLAGS)
    if near:
        cells.set_limbs(layout.comparison("near"), near - 1, 1, 1)
    wanted = SimpleNamespace(near_word=getattr(t, f"near_word_{near}"))
    set_difference(cells, layout, counted, counted.difference(h, wanted))


def fill_classes(cells: Cells, layout: Layout, metric: Metric, h: Any, t: Any) -> None:
    """Honest bits and differences of both classes."""
    holding, exposure = layout.comparison("class_holding"), layout.comparison("class_exposure")
    for condition, row in ((CLASS_HOLDING, holding), (CLASS_EXPOSURE, exposure)):
        bit = int(condition.holds(h, t))
        cells.set_limbs(row, BIT, bit, 1)
        set_difference(cells, layout, condition, decided(bit, condition.difference(h, t)))
    set_difference(cells, layout, CLASS_VOLUME, CLASS_VOLUME.difference(h, t))
    solvent = int(CLASS_EQUITY.holds(h, t))
    cells.set_limbs(exposure, SOLVENT, solvent, 1)
    set_difference(cells, layout, CLASS_EQUITY, h.equity - solvent)


FILLS: dict[int, Fill] = {
    3: fill_trades,
    8: fill_near_days,
    17: fill_classes,  # and M18
}
"""Metrics with a gadget of their own (`GADGETS` of the circuit); the others take `fill_plain`."""


def comparison_registers(cells: Cells, layout: Layout, t: Any) -> None:
    """Honest registers of the comparison rows."""
    trade_registers(cells, layout, t)
    holding = layout.comparison("class_holding")
    cells.v[holding + 1] = cells.get_limbs(holding, 15, 1)


def trade_registers(cells: Cells, layout: Layout, t: Any) -> None:
    """Honest registers of M3's rows."""
    free = cells.get_free
    parts, variance, low = (
        layout.comparison(name) for name in ("trades_parts", "trades_variance", "trades_low")
    )
    cells.v[parts] = free(layout.comparison("gain"), 2)
    closes = free(parts, 0)
    cells.v[variance] = closes * free(parts, 1) % R
    cells.slope[variance] = free(parts, 2) * free(parts, 3) % R
    cells.sum[variance] = closes
    ratio = 10**8 * cells.slope[variance] - t.trade_sharpe**2 * closes * closes * free(variance, 2)
    cells.v[low] = ratio % R
    cells.v[low + 1] = (ratio - cells.get_limbs(low, 0, LIMBS)) % R
