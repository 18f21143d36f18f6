"""
What a metric is: numbers that a tier states, inequalities of integers, and words for both outcomes.

`history/metrics/` holds the table of all metrics; oracle, threshold words, circuit, policy
documents and docs/explanation/metrics.md are made from it. The formulas are plain Python on two
namespaces, `h` (the history: its sums by name) and `t` (the thresholds): with ints they decide,
with `circuits.language.expression.Expression` they are the circuit's constraints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

RETURN_SCALE = 10**8  # 1.0 of a day's return
INDEX_SCALE = 10**10  # 1.0 of the index over its running peak

WORDS = 4  # of thresholds
LIMBS_PER_WORD = 21  # of 12 bits: 252, below the field's order
MASK_BITS = 24  # two limbs
ROW_LIMBS = 16  # limb cells of a row of the circuit

Formula = Callable[[Any, Any], tuple[Any, Any]]
"""From (h, t) to the two sides, left >= right."""


# -- numbers ---------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Unit:
    """
    How a number is read by people.

    Attributes
    ----------
    name : of the integer's unit, for the docs
    digits : places after the point; the number is a multiple of `step` / 10^digits
    suffix : printed after every number
    noun : printed after a measured number only; `{s}` where a plural has its s
    """

    name: str = ""
    digits: int = 0
    suffix: str = ""
    noun: str = ""
    step: int = 1

    def text(self, number: int) -> str:
        """The number without its noun: `-1,234.50 USD`."""
        whole, rest = divmod(abs(number) * self.step, 10**self.digits)
        point = f".{rest:0{self.digits}}" if self.digits else ""
        return f"{'-' if number < 0 else ''}{whole:,}{point}{self.suffix}"

    def full(self, number: int) -> str:
        """The number with its noun: `75 counted days`."""
        noun = self.noun.format(s="" if abs(number) == 1 and not self.digits else "s")
        return f"{self.text(number)} {noun}".rstrip()


@dataclass(frozen=True, slots=True)
class Threshold:
    """
    A number that a tier states.

    Attributes
    ----------
    name : in policy documents and in `t`
    limbs : of 12 bits in the threshold words
    greatest : largest number that a policy may ask; the least is `least`, or -offset
    unit : for people
    offset : added before packing
    weakest : what a tier carries that does not ask for the metric
    count : above 1: the threshold is that many numbers in a row, `name_0` and so on
    """

    name: str
    limbs: int
    greatest: int
    unit: Unit = Unit()
    offset: int = 0
    weakest: int = 0
    least: int | None = None
    count: int = 1

    @property
    def names(self) -> tuple[str, ...]:
        """Of its numbers in the words."""
        if self.count == 1:
            return (self.name,)
        return tuple(f"{self.name}_{i}" for i in range(self.count))


@dataclass(frozen=True, slots=True)
class Slot:
    """
    One number of the packed thresholds.

    Attributes
    ----------
    name : field of `Thresholds`, or `near_word_0` .. `near_word_15`, or `mask`
    start, limbs : limbs start .. start + limbs - 1 of the layout
    offset : added before packing
    least, greatest : numbers that `Thresholds.check` admits
    weakest : what a tier that does not ask for `metrics` carries
    metrics : the metrics that use it; empty: always used
    """

    name: str
    start: int
    limbs: int
    offset: int
    least: int
    greatest: int
    weakest: int
    metrics: tuple[int, ...]


# -- inequalities ----------------------------------------------------------------------------------
class Place(NamedTuple):
    """
    Limb cells of the circuit that hold left - right: `start` .. `start + limbs - 1` of a comparison
    row. More than the row has left go on in the next row, from its first cell.
    """

    row: str
    start: int
    limbs: int


@dataclass(frozen=True, slots=True)
class Condition:
    """
    One inequality left >= right of a metric.

    Attributes
    ----------
    label : in the circuit, `metric.M9.turnover`
    asked : what is asked, in words
    failed : what happened where it does not hold; `{left}`, `{right}` are the two sides, `{by}`
        what is missing of the metric's threshold, in its unit
    sides : the formula, for ints and for expressions of the circuit
    place : where the circuit shows left - right; None: on record or day rows, or by another
        condition
    threshold : name of the number that it compares with; None: without it the metric is not
        defined, whatever the threshold
    """

    label: str
    asked: str
    failed: str
    sides: Formula
    place: Place | None = None
    threshold: str | None = None

    @property
    def row(self) -> str:
        """The comparison row of its limbs."""
        return self.cells.row

    @property
    def cells(self) -> Place:
        """Its place; ValueError where it has none."""
        if self.place is None:
            raise ValueError(f"metrics: {self.label} has no limbs of its own")
        return self.place

    def holds(self, h: Any, t: Any) -> bool:
        """Whether it holds, in ints."""
        left, right = self.sides(h, t)
        return bool(left >= right)

    def difference(self, h: Any, t: Any) -> Any:
        """left - right."""
        left, right = self.sides(h, t)
        return left - right

    def opposite(self, h: Any, t: Any) -> tuple[Any, Any]:
        """Sides of right >= left + 1, which holds exactly where this does not."""
        left, right = self.sides(h, t)
        return right, left + 1


@dataclass(frozen=True, slots=True)
class OneFails:
    """
    Conditions of which at least one must fail, for a metric that is the negation of another; words
    as of a condition.
    """

    label: str
    asked: str
    failed: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Metric:
    """
    One metric of docs/explanation/metrics.md C.

    Attributes
    ----------
    number, name : i of Mi, and what it is called
    thresholds : the numbers that a tier states; the first one is the metric's own T, in whose unit
        the history is measured
    conditions : all must hold; the one with T last
    at_least : whether a larger T asks more
    rows : comparison rows of the circuit and the sums that each takes, one or two
    one_fails : of these at least one must fail (M18)
    needs_feed : weighted by a volatility feed, which this version does not have
    excludes : a metric that no tier asks together with this one
    see : where the page explains the formula; empty: the table has it
    """

    number: int
    name: str
    thresholds: tuple[Threshold, ...]
    conditions: tuple[Condition, ...] = ()
    at_least: bool = True
    rows: Mapping[str, tuple[str, ...]] | None = None
    one_fails: OneFails | None = None
    needs_feed: bool = False
    excludes: int | None = None
    see: str = ""

    @property
    def unit(self) -> Unit:
        """Of T and of what is measured."""
        return self.thresholds[0].unit

    @property
    def shown(self) -> tuple[Condition, ...]:
        """The conditions that have limbs of their own, in the order of rows and cells."""
        order = list(self.rows or ())
        placed = [c for c in self.conditions if c.place is not None and c.row in order]
        return tuple(sorted(placed, key=lambda c: (order.index(c.row), c.cells.start)))


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
        A number that is missing or there twice; two conditions that share a limb cell; more numbers
        or metrics than the threshold words hold.
    """

    def __init__(self, common: Sequence[Threshold], metrics: Sequence[Metric]) -> None:
        self.common = tuple(common)
        self.metrics = tuple(sorted(metrics, key=lambda metric: metric.number))
        if [metric.number for metric in self] != [*range(1, len(self) + 1)]:
            raise ValueError("metrics: not numbered 1, 2, ..., each once")
        used = sum(slot.limbs for slot in self.slots.values())
        if used > WORDS * LIMBS_PER_WORD or len(self) > MASK_BITS:
            raise ValueError(f"metrics: {len(self)} with {used} limbs do not fit the words")
        order = list(self.rows)
        taken: set[int] = set()
        for condition in {c: None for metric in self for c in metric.conditions if c.place}:
            row, start, limbs = condition.cells
            first = order.index(row) * ROW_LIMBS + start
            cells = set(range(first, first + limbs))
            if cells & taken or first + limbs > len(order) * ROW_LIMBS:
                raise ValueError(f"metrics: {condition.label} has no limbs of its own on {row}")
            taken |= cells

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
    def without_feed(self) -> frozenset[int]:
        """Metrics that no tier can ask in this version."""
        return frozenset(metric.number for metric in self if metric.needs_feed)

    @cached_property
    def slots(self) -> dict[str, Slot]:
        """
        Every number of the threshold words in order: the common ones, those of the metrics, and the
        mask of two limbs, whose bit i - 1 asks Mi.
        """
        users: dict[Threshold, tuple[int, ...]] = dict.fromkeys(self.common, ())
        for metric in self:
            for threshold in metric.thresholds:
                users[threshold] = (*users.get(threshold, ()), metric.number)
        users[Threshold("mask", 2, (1 << len(self)) - 1)] = ()
        out: dict[str, Slot] = {}
        start = 0
        for n, metrics in users.items():
            least = -n.offset if n.least is None else n.least
            for name in n.names:
                out[name] = Slot(
                    name, start, n.limbs, n.offset, least, n.greatest, n.weakest, metrics
                )
                start += n.limbs
        return out

    @cached_property
    def rows(self) -> dict[str, tuple[str, ...]]:
        """Comparison rows of the circuit in order, and the sums that each takes."""
        out: dict[str, tuple[str, ...]] = {}
        for metric in self:
            for row, sums in (metric.rows or {}).items():
                out[row] = (*out.get(row, ()), *sums)
        return out
