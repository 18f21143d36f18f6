"""What the gadgets of the metrics share: the comparison rows under construction."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from circuits.credential.v1.layout import Layout
from circuits.credential.v1.trace import LIMBS, Shared
from circuits.language.circuit import CircuitError, Kind
from circuits.language.expression import Expression
from history.metrics.form import Condition, Metric


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

    def history(self, row: str) -> SimpleNamespace:
        """`h` of a row: the sums that it takes, in free cells 0 and 1, and N."""
        taken = zip(self.layout.metrics.rows[row], self.s.free, strict=False)
        return SimpleNamespace(**dict(taken), days=self.days)

    def show(
        self,
        metric: Metric,
        condition: Condition,
        h: SimpleNamespace,
        *,
        t: Any = None,
        ask: Expression | None = None,
    ) -> None:
        """The limbs of the condition hold left - right, where the tier asks."""
        difference = condition.difference(h, self.t if t is None else t)
        self.show_number(metric, condition, difference, ask=ask)

    def show_number(
        self,
        metric: Metric,
        condition: Condition,
        number: Expression,
        *,
        ask: Expression | None = None,
    ) -> None:
        """The limbs of the condition hold `number`, so it is not negative."""
        _, start, limbs = condition.cells
        if start + limbs > LIMBS:
            raise CircuitError(f"{condition.label}: more limbs than the row has; needs a gadget")
        ask = self.t.ask[metric.number] if ask is None else ask
        self.require(
            metric, condition.row, condition.label, ask * (number - self.s.number(start, limbs))
        )

    def require(
        self, metric: Metric, row: str, label: str, body: Expression, *, exact: bool = True
    ) -> None:
        """A rule of the metric on a row."""
        self.s.circuit.require(
            self.kinds[row], f"metric.M{metric.number}.{label}", body, exact=exact
        )


def without_offsets(t: Any, layout: Layout) -> SimpleNamespace:
    """`t` of the formulas: public scalars carry a signed threshold with its offset."""
    slots = layout.metrics.slots.values()
    numbers = {n.name: getattr(t, n.name) - n.offset for n in slots if n.name != "mask"}
    return SimpleNamespace(**numbers, ask=t.ask)
