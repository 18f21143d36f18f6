"""
The metrics: each `left >= right` in integers, shown by the limbs of left - right
(docs/explanation/layout.md 6, docs/explanation/metrics.md C).

Formulas, rows and limbs are the table's (`history/metrics/`); the rows take their sums from the
bus. A comparison binds only if the tier's mask asks for the metric: the public bit multiplies it.
M3, M8 and the classes have more structure and a gadget each. M5, M7 and M16 are checked on record
and day rows.

Correctness
-----------
Drop a line and the metric of its label is no longer asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

from circuits.credential.v1.classes import classes, fill_classes
from circuits.credential.v1.days import RETURN_OFFSET
from circuits.credential.v1.layout import SUM_ROWS, Layout, bus_name
from circuits.credential.v1.near_days import fill_near_days, near_days
from circuits.credential.v1.records import total_bounds
from circuits.credential.v1.rows import ComparisonRows, set_difference, without_offsets
from circuits.credential.v1.trace import Cells, Shared
from circuits.credential.v1.trades import fill_trades, trade_registers, trades
from circuits.language.expression import Expression
from history.day_rows import Sums
from history.metrics.form import Metric
from history.record import MAX_DAYS

Gadget = Callable[[ComparisonRows, Metric], None]
Fill = Callable[[Cells, Layout, Metric, Any, Any], None]
GADGETS: dict[int, tuple[Gadget, Fill]] = {
    3: (trades, fill_trades),
    8: (near_days, fill_near_days),
    17: (classes, fill_classes),  # and M18
}


def value_bounds(layout: Layout) -> dict[str, tuple[int, int]]:
    """Interval of every value that a comparison takes from the bus."""
    days, money = MAX_DAYS, (1 << 48) - 1
    bounds = {
        **total_bounds(layout.capacity),
        "returns": (-RETURN_OFFSET * days, RETURN_OFFSET * days),
        "returns_square": (0, RETURN_OFFSET**2 * days),
        "profit": (-(money + 1) * days, money * days),
        "equity": (0, money * days),
        **dict.fromkeys(("near_days", "counted_days", "active_days", "days"), (0, days)),
        "best_day": (-RETURN_OFFSET, 1 << 37),
    }
    return {bus_name(name): interval for name, interval in bounds.items()}


def comparisons(s: Shared, layout: Layout, t: Any, days: Expression) -> None:
    """
    Constrain the comparison rows.

    Parameters
    ----------
    t : public scalars: every number of the threshold words by name (offsets included), and `ask` by
        metric.
    days : N.
    """
    c, bounds = s.circuit, value_bounds(layout)
    rows = ComparisonRows(s, layout, without_offsets(t, layout), days)
    for name, taken in layout.comparison_rows.items():
        rows.kinds[name] = c.single(f"compare_{name}", layout.comparison(name))
        for slot, value in enumerate(taken):
            s.consume(value, layout.comparison(name), slot)
            c.bound(rows.kinds[name], s.free[slot], *bounds[value])
    for metric in layout.metrics:
        gadget, _ = GADGETS.get(metric.number, (plain, fill_plain))
        gadget(rows, metric)
    c.require(rows.kinds["window"], "window.days", s.free[0] - days)


def plain(rows: ComparisonRows, metric: Metric) -> None:
    """Each condition in its own limbs."""
    for condition in metric.shown:
        rows.show(metric, condition, rows.history(condition.row))


# ---- honest cells --------------------------------------------------------------------------------
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
        _, fill = GADGETS.get(metric.number, (plain, fill_plain))
        fill(cells, layout, metric, h, t)


def fill_plain(cells: Cells, layout: Layout, metric: Metric, h: Any, t: Any) -> None:
    """Each difference in its own limbs."""
    for condition in metric.shown:
        set_difference(cells, layout, condition, condition.difference(h, t))


def comparison_registers(cells: Cells, layout: Layout, t: Any) -> None:
    """Honest registers of the comparison rows."""
    trade_registers(cells, layout, t)
    holding = layout.comparison("class_holding")
    cells.v[holding + 1] = cells.get_limbs(holding, 15, 1)
