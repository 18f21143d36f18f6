"""
The metrics of one statement version together, and what follows from them: limbs of the threshold
words, comparison rows and their cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from history.v2.metrics.form import (
    LIMBS_PER_WORD,
    MASK_BITS,
    MASK_LIMBS,
    ROW_FREE,
    ROW_LIMBS,
    ROW_SUMS,
    WORDS,
    Metric,
    Part,
    Slot,
    Threshold,
)


@dataclass(frozen=True, slots=True)
class Row:
    """
    One comparison row of the circuit; its free cells in this order. Where it takes a sum, those
    that are none start after both slots of the bus.

    Attributes
    ----------
    metric : whose the row is; of several that share it the first
    sums : names that it takes from the bus, two at most
    handed : names that it takes over from the row before
    parts : numbers that it makes
    """

    metric: Metric
    sums: tuple[str, ...]
    handed: tuple[str, ...]
    parts: tuple[Part, ...]

    @property
    def cells(self) -> dict[str, int]:
        """Free cell of every name."""
        others = [*self.handed, *(part.name for part in self.parts)]
        first = ROW_SUMS if self.sums else 0
        return {name: i for i, name in enumerate(self.sums)} | {
            name: first + i for i, name in enumerate(others)
        }


class MetricTable:
    """
    The metrics of one statement version, and what follows from them.

    Parameters
    ----------
    common : numbers that every tier states
    metrics : M1, M2, ..., in any order

    Raises
    ------
    ValueError
        A number that is missing or there twice; two conditions that share a limb cell; a row that
        takes over what the row before does not have; more numbers, metrics or cells than there is
        room for.
    """

    def __init__(self, common: Sequence[Threshold], metrics: Sequence[Metric]) -> None:
        self.common = tuple(common)
        self.metrics = tuple(sorted(metrics, key=lambda metric: metric.number))
        if [metric.number for metric in self] != [*range(1, len(self) + 1)]:
            raise ValueError("metrics: not numbered 1, 2, ..., each once")
        if self.used > WORDS * LIMBS_PER_WORD or len(self) > MASK_BITS:
            raise ValueError(f"metrics: {len(self)} with {self.used} limbs do not fit the words")
        self._check_limbs()
        self._check_cells()

    def _check_limbs(self) -> None:
        order = list(self.rows)
        taken: set[int] = set()
        for condition in {c: None for metric in self for c in metric.conditions if c.place}:
            row, start, limbs = condition.cells
            first = order.index(row) * ROW_LIMBS + start
            cells = set(range(first, first + limbs))
            if cells & taken or first + limbs > len(order) * ROW_LIMBS:
                raise ValueError(f"metrics: {condition.label} has no limbs of its own on {row}")
            taken |= cells

    def _check_cells(self) -> None:
        before: set[str] = set()
        for name, row in self.rows.items():
            if not set(row.handed) <= before or len(row.sums) > ROW_SUMS:
                raise ValueError(f"metrics: row {name} cannot take over {row.handed}")
            if max(row.cells.values(), default=0) >= ROW_FREE:
                raise ValueError(f"metrics: row {name} has more numbers than cells")
            before = set(row.cells)

    def __iter__(self) -> Iterator[Metric]:
        return iter(self.metrics)

    def __len__(self) -> int:
        return len(self.metrics)

    def __getitem__(self, number: int) -> Metric:
        """Metric Mi; KeyError where there is none."""
        if not 1 <= number <= len(self):
            raise KeyError(number)
        return self.metrics[number - 1]

    def with_metric(self, metric: Metric) -> MetricTable:
        """A copy with one more metric."""
        return MetricTable(self.common, (*self.metrics, metric))

    @cached_property
    def names(self) -> dict[int, str]:
        """Of the metrics, by number."""
        return {metric.number: metric.name for metric in self}

    @cached_property
    def refused(self) -> dict[int, str]:
        """Metrics that no tier can ask, and why."""
        return {metric.number: metric.refused for metric in self if metric.refused}

    # -- threshold words ---------------------------------------------------------------------------
    @cached_property
    def _packed(self) -> tuple[dict[str, Slot], tuple[int, ...]]:
        users: dict[Threshold, tuple[int, ...]] = dict.fromkeys(self.common, ())
        for metric in self:
            for threshold in metric.thresholds:
                users[threshold] = (*users.get(threshold, ()), metric.number)
        users[Threshold("mask", MASK_LIMBS, (1 << len(self)) - 1)] = ()
        out: dict[str, Slot] = {}
        start = 0
        spare: list[int] = []
        for n, metrics in users.items():
            least = -n.offset if n.least is None else n.least
            for name in n.names:
                out[name] = Slot(
                    name, start, n.limbs, n.offset, least, n.greatest, n.weakest, metrics
                )
                start += n.limbs
            spare += range(start, start + n.spare)
            start += n.spare
        return out, tuple(spare)

    @property
    def slots(self) -> dict[str, Slot]:
        """
        Every number of the threshold words in order: the common ones, those of the metrics, and the
        mask, whose bit i - 1 asks Mi.
        """
        return self._packed[0]

    @property
    def spare(self) -> tuple[int, ...]:
        """Limbs between the numbers that stay 0."""
        return self._packed[1]

    @property
    def used(self) -> int:
        """Limbs up to the mask, which is last."""
        return sum(slot.limbs for slot in self.slots.values()) + len(self.spare)

    @cached_property
    def scalars(self) -> dict[str, tuple[int, int]]:
        """
        Numbers of the words as the circuit takes them, but for the mask: first limb and limbs. A
        packed series is one number, under its own name.
        """
        packed = {n.names: n.name for metric in self for n in metric.thresholds if n.packed}
        part_of = {each: name for names, name in packed.items() for each in names}
        out: dict[str, tuple[int, int]] = {}
        for slot in self.slots.values():
            name = part_of.get(slot.name, slot.name)
            start, limbs = out.get(name, (slot.start, 0))
            out[name] = start, limbs + slot.limbs
        del out["mask"]
        return out

    @cached_property
    def series(self) -> dict[str, tuple[str, ...]]:
        """Thresholds of several numbers, and the names of those."""
        every = (n for metric in self for n in metric.thresholds)
        return {n.name: n.names for n in every if n.count > 1}

    # -- comparison rows ---------------------------------------------------------------------------
    @cached_property
    def rows(self) -> dict[str, Row]:
        """Comparison rows of the circuit in order."""
        out: dict[str, Row] = {}
        for metric in self:
            for name, sums in metric.rows.items():
                parts = tuple(part for part in metric.parts if part.row == name)
                handed = metric.hands.get(name, ())
                old = out.get(name, Row(metric, (), (), ()))
                out[name] = Row(
                    old.metric, (*old.sums, *sums), (*old.handed, *handed), (*old.parts, *parts)
                )
        return out
