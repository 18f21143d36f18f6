"""
The metrics: each `left >= right` in integers, shown by the limbs of left - right
(docs/explanation/layout.md 6, docs/explanation/metrics.md C).

Formulas, rows, parts and limbs are the table's (`history/v2/metrics/`); the rows take their sums
from the bus. A comparison binds only if the tier's mask asks for a metric that has it: the sum of
those public bits multiplies it. M8 has more structure and a gadget. M5, M7 and M16 are checked on
record and day rows.

Correctness
-----------
Drop a line and the metric of its label is no longer asked.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from circuits.credential.v2.days import WIRES, wire
from circuits.credential.v2.layout import Layout, bus_name
from circuits.credential.v2.near_days import near_days
from circuits.credential.v2.records import total_bounds
from circuits.credential.v2.rows import ComparisonRows, without_offsets
from circuits.credential.v2.trace import RANGE, Shared
from circuits.language.expression import Expression
from history.v2.feed import CHANGE_OFFSET
from history.v2.metrics.form import RETURN_SCALE, Metric
from history.v2.record import MAX_DAYS

Gadget = Callable[[ComparisonRows, Metric], None]
GADGETS: dict[int, Gadget] = {8: near_days}


def value_bounds(s: Shared, layout: Layout) -> dict[str, tuple[int, int]]:
    """Interval of every value that a comparison takes from the bus."""
    days, money, one, limb = MAX_DAYS, (1 << 48) - 1, RETURN_SCALE, RANGE - 1
    of_day = {n: s.circuit.cell_bounds[("day_index", wire(s, n).place[0])] for n in WIRES}
    bounds: dict[str, tuple[int, int]] = {
        **total_bounds(layout.capacity),
        "returns": (-one * days, one * days),
        "returns_square": (0, one**2 * days),
        "returns_cube": (-(one**3) * days, one**3 * days),
        "returns_fourth": (0, one**4 * days),
        "returns_lag": (-(one**2) * days, one**2 * days),
        "profit": (-(money + 1) * days, money * days),
        **{name: (low * days, high * days) for name, (low, high) in of_day.items()},
        **dict.fromkeys(("near_days", "counted_days", "active_days", "days"), (0, days)),
        "best_day": (-one, one + (1 << 36)),
        "loss_level": (0, (1 << 36) - 1),  # by M24.level where the tier asks
        "loss_beyond": (0, ((1 << 36) - 1) * days),
        "weights": (0, limb * days),
        "weights_square": (0, limb**2 * days),
        "weighted": (-limb * one * days, limb * one * days),
        "weighted_square": (0, limb * one**2 * days),
        "changes": (-CHANGE_OFFSET * days, limb * days),
        "changes_square": (0, limb**2 * days),
        "changes_returns": (-limb * one * days, limb * one * days),
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
    c, bounds = s.circuit, value_bounds(s, layout)
    rows = ComparisonRows(s, layout, without_offsets(t, layout), days)
    for name, taken in layout.comparison_rows.items():
        rows.kinds[name] = c.single(f"compare_{name}", layout.comparison(name))
        for slot, value in enumerate(taken):
            s.consume(value, layout.comparison(name), slot)
            c.bound(rows.kinds[name], s.free[slot], *bounds[value])
    names = list(layout.metrics.rows)
    for name, before in zip(names, [None, *names], strict=False):
        rows.make_parts(name, before)
    for metric in layout.metrics:
        GADGETS.get(metric.number, plain)(rows, metric)
    for before, after in pairwise(names):
        rows.hand_over(before, after)
    c.require(rows.kinds["window"], "window.days", s.free[0] - days)


def plain(rows: ComparisonRows, metric: Metric) -> None:
    """Each condition in its own limbs."""
    for condition in metric.shown:
        rows.show(metric, condition)
