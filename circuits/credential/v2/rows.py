"""
The comparison rows under construction: what each takes from the bus, takes over from the row
before, makes, and shows (docs/explanation/layout.md 6).

A row's free cells are those of `history.v2.metrics.table.Row`. What a row hands on crosses in
register v, folded by the carry challenge: stage-1 cells on both sides, so equality of the fold is
equality of each. A difference of more limbs than a row has left stands in a cell of its own and
goes on in the next row, where it is the top of the same fold.

Correctness
-----------
Without a part's rule, or a hand-over, any ratio could be shown. A part that the prover chooses is a
number of the limbs that a condition of its metric shows, where the tier asks; elsewhere nothing
reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from algebra.interface import R
from circuits.credential.v2.layout import Layout
from circuits.credential.v2.trace import LIMB_BITS, LIMBS, Shared
from circuits.language.circuit import CircuitError, Kind
from circuits.language.expression import Expression, add_all
from history.v2.metrics.form import Condition, Metric
from history.v2.metrics.table import Row


@dataclass(slots=True)
class ComparisonRows:
    """
    The comparison rows, and `h` and `t` of the metrics' formulas.

    Parameters
    ----------
    t : thresholds by name, as `without_offsets` gives them, and `ask` by metric.
    days : N.
    """

    s: Shared
    layout: Layout
    t: Any
    days: Expression
    kinds: dict[str, Kind] = field(default_factory=dict)
    asked: dict[Condition, Expression] = field(default_factory=dict)
    _over: dict[str, tuple[Condition, Expression]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for metric in self.layout.metrics:
            for condition in metric.conditions:
                others = self.asked.get(condition, add_all([]))
                self.asked[condition] = others + self.t.ask[metric.number]

    def history(self, row: str) -> SimpleNamespace:
        """`h` of a row: the names of its cells, and N."""
        cells = self.layout.metrics.rows[row].cells
        return SimpleNamespace(
            **{name: self.s.free[i] for name, i in cells.items()}, days=self.days
        )

    # -- cells -------------------------------------------------------------------------------------
    def make_parts(self, name: str, before: str | None) -> None:
        """The cells that a row takes over and makes, with their bounds."""
        c, kind, row = self.s.circuit, self.kinds[name], self.layout.metrics.rows[name]
        if row.handed and before is not None:
            for each in row.handed:
                low, high = c.interval(getattr(self.history(before), each), self.kinds[before])
                c.bound(kind, getattr(self.history(name), each), low, high)
        h = self.history(name)
        for part in row.parts:
            cell = getattr(h, part.name)
            if part.limbs:
                c.bound(kind, cell, 0, (1 << LIMB_BITS * part.limbs) - 1)
                continue
            body = part.of(h, self.t)
            c.bound(kind, cell, *c.interval(body, kind))
            self.require(row.metric, name, f"{name}.{part.name}", cell - body)

    def hand_over(self, name: str, after: str) -> None:
        """What a row hands on to the next, and the next takes over."""
        c, rows = self.s.circuit, self.layout.metrics.rows
        names, metric = rows[after].handed, rows[after].metric
        given = [getattr(self.history(name), each) for each in names]
        taken = [getattr(self.history(after), each) for each in names]
        if name in self._over:
            condition, rest = self._over[name]
            given.append(rest)
            _, start, limbs = condition.cells
            top = self.s.number(0, start + limbs - LIMBS)
            taken.append(top * (1 << LIMB_BITS * (LIMBS - start)))
        if not given:
            return
        over = c.next(self.s.v) - self.s.carried(given)
        self.require(metric, name, f"{name}.hand_over", over, exact=False)
        taken_over = self.s.v - self.s.carried(taken)
        self.require(metric, after, f"{after}.take_over", taken_over, exact=False)

    # -- conditions --------------------------------------------------------------------------------
    def show(self, metric: Metric, condition: Condition, *, t: Any = None) -> None:
        """The limbs of the condition hold left - right, where the tier asks."""
        row, start, limbs = condition.cells
        h, kind, c = self.history(row), self.kinds[row], self.s.circuit
        ask = self.asked[condition]
        difference = ask * condition.difference(h, self.t if t is None else t)
        if start + limbs <= LIMBS:
            shown = difference - ask * self.s.number(start, limbs)
            self.require(metric, row, condition.label, shown)
            return
        cell = self.s.free[wide_cell(self.layout.metrics.rows[row])]
        low, high = c.interval(difference, kind)
        if max(-low, high) >= R // 2 - (1 << LIMB_BITS * limbs):
            raise CircuitError(f"M{metric.number}.{condition.label}: can wrap the field")
        c.bound(kind, cell, low, high)
        self.require(metric, row, condition.label, cell - difference)
        self._over[row] = (condition, cell - self.s.number(start, LIMBS - start))

    def require(
        self, metric: Metric, row: str, label: str, body: Expression, *, exact: bool = True
    ) -> None:
        """A rule of the metric on a row."""
        self.s.circuit.require(
            self.kinds[row], f"metric.M{metric.number}.{label}", body, exact=exact
        )


def wide_cell(row: Row) -> int:
    """Free cell of a difference that one row's limbs do not hold: the first that is left."""
    return max(row.cells.values(), default=1) + 1


def without_offsets(t: Any, layout: Layout) -> SimpleNamespace:
    """
    `t` of the formulas: public scalars carry a signed threshold with its offset. A packed series
    stays as it is.
    """
    slots = layout.metrics.slots
    numbers = {
        name: getattr(t, name) - (slots[name].offset if name in slots else 0)
        for name in layout.metrics.scalars
    }
    return SimpleNamespace(**numbers, ask=t.ask)
