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
from typing import Any

from circuits.credential.v1.classes import classes
from circuits.credential.v1.days import RETURN_OFFSET
from circuits.credential.v1.layout import Layout, bus_name
from circuits.credential.v1.near_days import near_days
from circuits.credential.v1.records import total_bounds
from circuits.credential.v1.rows import ComparisonRows, without_offsets
from circuits.credential.v1.trace import Shared
from circuits.credential.v1.trades import trades
from circuits.language.expression import Expression
from history.metrics.form import Metric
from history.record import MAX_DAYS

Gadget = Callable[[ComparisonRows, Metric], None]
GADGETS: dict[int, Gadget] = {3: trades, 8: near_days, 17: classes}  # 17: and M18


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
        GADGETS.get(metric.number, plain)(rows, metric)
    c.require(rows.kinds["window"], "window.days", s.free[0] - days)


def plain(rows: ComparisonRows, metric: Metric) -> None:
    """Each condition in its own limbs."""
    for condition in metric.shown:
        rows.show(metric, condition, rows.history(condition.row))
