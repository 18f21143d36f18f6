"""
What a metric is: numbers that a tier states, inequalities of integers, and words for both outcomes.

`history/v2/metrics/` holds the table of all metrics; oracle, threshold words, circuit, policy
documents and docs/explanation/metrics.md are made from it. The formulas are plain Python on two
namespaces, `h` (the history: its sums by name) and `t` (the thresholds): with ints they decide,
with `circuits.language.expression.Expression` they are the circuit's constraints.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

RETURN_SCALE = 10**8  # 1.0 of a day's return
INDEX_SCALE = 10**10  # 1.0 of the index over its running peak

WORDS = 5  # of thresholds
LIMBS_PER_WORD = 21  # of 12 bits: 252, below the field's order
MASK_LIMBS = 3
MASK_BITS = 12 * MASK_LIMBS
ROW_LIMBS = 16  # limb cells of a row of the circuit
ROW_FREE = 13  # its free cells; the first two take sums from the bus
ROW_SUMS = 2

Formula = Callable[[Any, Any], tuple[Any, Any]]
"""From (h, t) to the two sides, left >= right."""
NeedsFeed = Callable[[Any], bool]
"""From t: whether the metric is decided by the window's market feed."""


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
    amount : a sum of money
    """

    name: str = ""
    digits: int = 0
    suffix: str = ""
    noun: str = ""
    step: int = 1
    amount: bool = False

    @property
    def label(self) -> str:
        """What one of the integer is: `cents`, `days`."""
        return self.name or self.noun.format(s="s")

    @property
    def counts(self) -> bool:
        """Whether it is of a number of things or of money, not of a ratio."""
        return self.amount or not self.digits

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
    spare : limbs after it that stay 0, where numbers of an earlier statement were
    packed : the circuit takes the numbers of the series as one, lowest first, each with its offset
    """

    name: str
    limbs: int
    greatest: int
    unit: Unit = Unit()
    offset: int = 0
    weakest: int = 0
    least: int | None = None
    count: int = 1
    spare: int = 0
    packed: bool = False

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
    sides : the formula, for ints and for expressions of the circuit (M26: for ints alone)
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


@dataclass(frozen=True, slots=True)
class Part:
    """
    A number that a comparison row makes of its sums and of numbers before it, in a free cell of its
    own.

    Attributes
    ----------
    name : in `h` of the formulas; two metrics that use one name mean one number
    row : the comparison row
    of : the formula, for ints and for expressions of the circuit
    limbs : 0: the cell equals `of`. Above: the prover chooses the number, which a condition of the
        metric shows to be below 2^(12 limbs); `of` is the best choice, in ints alone
    """

    name: str
    row: str
    of: Callable[[Any, Any], Any]
    limbs: int = 0


@dataclass(frozen=True, slots=True)
class Metric:
    """
    One metric of docs/explanation/metrics.md C.

    Attributes
    ----------
    number, name : i of Mi, and what it is called
    thresholds : the numbers that a tier states, in the order of their limbs
    conditions : all must hold; those with T last
    own : name of T, in whose unit the history is measured; empty: the first of `thresholds`
    at_least : whether a larger T asks more
    rows : comparison rows of the circuit and the sums that each takes, two at most
    hands : names that a row takes over from the row before it
    parts : numbers that the rows make, in the order in which they can be made
    refused : why no tier can ask for it; empty: it can
    excludes : a metric that no tier asks together with this one
    see : where the page explains the formula; empty: the table has it
    needs_feed : whether it is decided by the window's market feed
    """

    number: int
    name: str
    thresholds: tuple[Threshold, ...]
    conditions: tuple[Condition, ...] = ()
    own: str = ""
    at_least: bool = True
    rows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    refused: str = ""
    excludes: int | None = None
    see: str = ""
    needs_feed: NeedsFeed = lambda t: False

    @property
    def threshold(self) -> Threshold:
        """T: what the history is measured against."""
        return next(t for t in self.thresholds if t.name == self.own or not self.own)

    @property
    def unit(self) -> Unit:
        """Of T and of what is measured."""
        return self.threshold.unit

    @property
    def sampled(self) -> bool:
        """
        Whether T is a ratio of sums over days: other days of the same kind would give another
        number. Not so a number of things or of money, nor the worst of all records or days.
        """
        return bool(self.rows) and not self.unit.counts

    @property
    def shown(self) -> tuple[Condition, ...]:
        """The conditions that have limbs of their own, in the order of rows and cells."""
        order = list(self.rows)
        placed = [c for c in self.conditions if c.place is not None and c.row in order]
        return tuple(sorted(placed, key=lambda c: (order.index(c.row), c.cells.start)))
