"""
The constraint language: columns, row kinds, labelled constraints, helper columns and the running
sum (docs/explanation/protocol.md 3).

A circuit is written once against `Circuit` and read by many: the trace checker, the prover's
quotient, the verifier, the contract generator, the degree and interval analysis. A constraint has a
label and a place: a kind of rows, one row, or all rows but the last few. Its polynomial is
`selector * body`; every one must vanish on the whole domain.

Columns are fixed (stage 0, part of the key), stage 1 (committed before any challenge), or stage 2
(after). Only stage-2 registers may be read at the next row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from algebra.interface import Column, R
from circuits.language.expression import (
    CELL,
    CONSTANT,
    NAMED,
    ROW,
    ZERO,
    Expression,
    Operand,
    add_all,
    cell,
    fold,
    multiply_all,
    named,
    row_indicator,
    walk,
    wrap,
)

FIXED, FIRST, SECOND = 0, 1, 2
BLINDING_ROWS = 5
"""Random rows of a register, which shows five points; docs/explanation/protocol.md 7."""
BLINDING_ROWS_UNROTATED = 3
"""Random rows of any other column, which shows three points."""
END_ROWS = BLINDING_ROWS + 1
"""The running sum ends on the row before the blinding rows: row n - END_ROWS."""
MAXIMUM_DEGREE = 4
"""Degree of a constraint in columns; the quotient then needs three cosets (docs/decisions/0004)."""


class CircuitError(ValueError):
    """The circuit text contradicts itself: a programming error, found when the circuit is built."""


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """Name, stage and whether the next row is read too."""

    name: str
    stage: int
    rotated: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """
    A set of rows that obey the same rules, with the expression that is one on them and zero
    elsewhere.

    A pure kind has a fixed column of its own (degree 1). The others are products of a row and a
    column of a small grid of fixed columns (degree 2), so that many kinds cost few columns.
    """

    name: str
    rows: Sequence[int]
    selector: Expression


@dataclass(frozen=True, slots=True)
class Constraint:
    """
    `selector * body` vanishes; with `guard` g > 0 and selector ONE, on all rows but the last g.
    """

    label: str
    selector: Expression
    body: Expression
    rows: Sequence[int]
    guard: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Helper:
    """A stage-2 column equal to sum of numerator/denominator, on all rows but the last three."""

    label: str
    column: str
    fractions: tuple[tuple[Expression, Expression], ...]


@dataclass(frozen=True, slots=True)
class Lookup:
    """For the trace checker: on `rows`, `expression` must be a value of the table."""

    label: str
    expression: Expression
    rows: Sequence[int]


Derive = Callable[["Loader", Sequence[Any], "tuple[Any, Any] | None"], Mapping[str, Any]]
"""
From (loader, statement words, words of the record commitment) to the value of every public scalar.
"""


class Loader(Protocol):
    """
    What `derive` may do with public words, whether they are ints or places in a contract's memory.
    """

    def value(self, word: Any) -> Any:
        """The word as a field element; refused if not below r."""

    def bits(self, word: Any, shift: int, width: int) -> Any:
        """(word >> shift) mod 2^width as a field element."""

    def constant(self, value: int) -> Any:
        """A known number."""

    def require_less(self, left: Any, right: Any, what: str) -> None:
        """Refuse the statement unless left < right as integers."""


class Described:
    """
    A `Loader` that takes down what `derive` does, in names of words; `less` holds both sides of
    every refusal.
    """

    def __init__(self) -> None:
        self.less: list[tuple[Expression, Expression]] = []

    def value(self, word: Expression) -> Expression:
        """A scalar named after the word."""
        return named(f"value {word.name}")

    def bits(self, word: Expression, shift: int, width: int) -> Expression:
        """A scalar named after the word, the shift and the width."""
        return named(f"bits {word.name} {shift} {width}")

    def constant(self, value: int) -> Expression:
        """The number mod r as an expression."""
        return wrap(value)

    def require_less(self, left: Expression, right: Expression, what: str) -> None:
        """Add both sides to `less`; nothing is refused here."""
        self.less.append((left, right))


@dataclass(slots=True)
class Circuit:
    """
    A circuit under construction, and the finished text.

    Parameters
    ----------
    name : goes into the key digest.
    size : n, rows, a power of two.

    Attributes
    ----------
    statement : names of the public words, in order.
    derive : makes the public scalars from the words; None: each word is the scalar of its name.
    folded : all constraints in one expression, once `circuits.language.program.combined` has been
        asked for it.
    closed : whether `close` has been called; before, no reader takes the circuit, after, nothing is
        added to it.
    """

    name: str
    size: int
    grid_width: int = 5
    columns: list[ColumnSpec] = field(default_factory=list)
    fixed_values: dict[str, Column] = field(default_factory=dict)
    constraints: list[Constraint] = field(default_factory=list)
    helpers: list[Helper] = field(default_factory=list)
    lookups: list[Lookup] = field(default_factory=list)
    table: Expression | None = None
    sum_terms: list[tuple[str, Expression]] = field(default_factory=list)
    record_body: Expression | None = None
    kinds: dict[str, Kind] = field(default_factory=dict)
    challenges: list[str] = field(default_factory=list)
    scalar_bounds: dict[str, tuple[int, int]] = field(default_factory=dict)
    cell_bounds: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)
    running_sum: Expression | None = None
    statement: tuple[str, ...] = ()
    derive: Derive | None = None
    folded: Expression | None = None
    closed: bool = False
    _index: dict[str, int] = field(default_factory=dict)
    _labels: set[str] = field(default_factory=set)
    _product_rows: dict[int, str] = field(default_factory=dict)
    _product_kinds: int = 0

    # -- open and closed ---------------------------------------------------------------------------
    def require_closed(self) -> None:
        """
        For every reader: CircuitError unless `close` has been called.

        Correctness: without the running sum no helper column is summed, so every lookup, message
        and total holds whatever the cells are.
        """
        if not self.closed:
            raise CircuitError(f"circuit {self.name}: close() was never called")

    def _require_open(self, what: str) -> None:
        """What comes after the running sum would not be in it."""
        if self.closed:
            raise CircuitError(f"{what}: the circuit {self.name} is closed")

    # -- columns and scalars -----------------------------------------------------------------------
    def _column(self, spec: ColumnSpec) -> Expression:
        self._require_open(f"column {spec.name}")
        if spec.name in self._index:
            raise CircuitError(f"column {spec.name}: declared twice")
        self._index[spec.name] = len(self.columns)
        self.columns.append(spec)
        return cell(self._index[spec.name])

    def fixed(self, name: str) -> Expression:
        """A column of the key, zero until `set_fixed` fills it."""
        self.fixed_values[name] = Column(np.zeros(self.size, dtype=np.uint16))
        return self._column(ColumnSpec(name, FIXED))

    def set_fixed(self, name: str, row: int, value: int) -> None:
        """Set one cell of a fixed column."""
        column, value = self.fixed_values[name], value % R
        column.wide.pop(row, None)
        column.narrow[row] = value if value < 1 << 12 else 0
        if value >= 1 << 12:
            column.wide[row] = value

    def advice(self, name: str) -> Expression:
        """A stage-1 column."""
        return self._column(ColumnSpec(name, FIRST))

    def register(self, name: str) -> Expression:
        """A stage-2 column that is read at this row and the next."""
        return self._column(ColumnSpec(name, SECOND, rotated=True))

    def challenge(self, name: str) -> Expression:
        """A challenge drawn between stage 1 and stage 2, in the order of declaration."""
        self._require_open(f"challenge {name}")
        self.challenges.append(name)
        return named(name)

    def scalar(self, name: str, low: int, high: int) -> Expression:
        """A public value in [low, high], known to prover and verifier."""
        self.scalar_bounds[name] = (low, high)
        return named(name)

    def index(self, name: str) -> int:
        """A column's number: all stages counted together, in order of declaration."""
        return self._index[name]

    @staticmethod
    def next(column: Expression) -> Expression:
        """The register's value in the next row."""
        return cell(column.place[0], 1)

    # -- places ------------------------------------------------------------------------------------
    def kind(self, name: str, rows: Sequence[int], *, pure: bool = False) -> Kind:
        """
        Declare a kind of rows. Products are free of each other: a row has one of them at most.

        No row is one of the last END_ROWS: the running sum has ended there, so a lookup, message or
        term of such a row would count for nothing, and the rows after it are random.
        """
        rows = rows if isinstance(rows, range) else tuple(rows)
        self._require_place(name, rows)
        if pure:
            selector = self.fixed(f"is_{name}")
            self.fixed_values[f"is_{name}"].narrow[np.array(rows, np.int64)] = 1
        else:
            up, across = divmod(self._product_kinds, self.grid_width)
            self._product_kinds += 1
            factors = [f"grid_row_{up}", f"grid_column_{across}"]
            for factor in factors:
                if factor not in self._index:
                    self.fixed(factor)
            for row in rows:
                if row in self._product_rows:
                    raise CircuitError(
                        f"row {row}: is of kind {self._product_rows[row]} and {name}"
                    )
                self._product_rows[row] = name
                for factor in factors:
                    self.set_fixed(factor, row, 1)
            selector = cell(self._index[factors[0]]) * cell(self._index[factors[1]])
        self.kinds[name] = Kind(name, rows, selector)
        return self.kinds[name]

    def single(self, name: str, row: int) -> Kind:
        """
        A kind of one row: its selector is a Lagrange polynomial that the verifier evaluates, no
        column. No row is one of the last END_ROWS, as for `kind`.
        """
        self._require_place(name, (row,))
        return self._single(name, row)

    def _single(self, name: str, row: int) -> Kind:
        self.kinds[name] = Kind(name, (row,), row_indicator(row))
        return self.kinds[name]

    def _require_place(self, name: str, rows: Sequence[int]) -> None:
        self._require_open(f"kind {name}")
        if name in self.kinds:
            raise CircuitError(f"kind {name}: declared twice")
        if rows and not 0 <= min(rows) <= max(rows) < self.size - END_ROWS:
            raise CircuitError(
                f"kind {name}: a row lies in the last {END_ROWS} rows or outside the trace"
            )

    # -- bounds ------------------------------------------------------------------------------------
    def bound(self, where: Kind | None, column: Expression, low: int, high: int) -> None:
        """
        Declare that a cell lies in [low, high] on the rows of a kind (None: on all kinds).

        Only what other constraints enforce may be declared; each declaration in the circuit text
        says which.
        """
        self.cell_bounds[(where.name if where else "", column.place[0])] = (low, high)

    # -- rules -------------------------------------------------------------------------------------
    def require(
        self, where: Kind | None, label: str, body: Operand, *, guard: int = 0, exact: bool = True
    ) -> None:
        """
        Demand that `body` is zero on the rows of `where`, or with None on all rows but the last
        `guard`.

        exact : the body is an equation of integers; the interval analysis then shows that it cannot
            wrap the field. Bodies with challenges or registers without bounds are field identities:
            exact=False.
        """
        self._require_open(f"constraint {label}")
        body = wrap(body)
        if label in self._labels:
            raise CircuitError(f"constraint {label}: label used twice")
        for node in walk([body]):
            if node.kind == CELL and node.place[1] and not self.columns[node.place[0]].rotated:
                raise CircuitError(
                    f"constraint {label}: reads the next row of "
                    f"{self.columns[node.place[0]].name}, no register"
                )
        selector = where.selector if where else wrap(1)
        rows = where.rows if where else range(self.size - guard)
        constraint = Constraint(label, selector, body, rows, 0 if where else guard, exact)
        degree = (selector * body).degree
        if (
            degree * (self.size - 1) + constraint.guard - self.size
            > (MAXIMUM_DEGREE - 1) * self.size - 1
        ):
            raise CircuitError(
                f"constraint {label}: degree {degree} with guard {guard} is over {MAXIMUM_DEGREE}"
            )
        if exact:
            self._require_no_wrap(constraint, where)
        self.constraints.append(constraint)
        self._labels.add(label)

    def _require_no_wrap(self, constraint: Constraint, where: Kind | None) -> None:
        low, high = self.interval(constraint.body, where)
        if max(-low, high) > R // 2:
            raise CircuitError(
                f"constraint {constraint.label}: values reach 2^{max(-low, high).bit_length()}, "
                "over half the field"
            )

    def interval(self, body: Expression, where: Kind | None) -> tuple[int, int]:
        """
        Least and greatest integer that `body` can be, from declared bounds; CircuitError for a cell
        without.
        """

        def leaf(node: Expression) -> tuple[int, int]:
            if node.kind == NAMED:
                if node.name not in self.scalar_bounds:
                    raise CircuitError(
                        f"interval: {node.name} has no bound; is this an equation of integers?"
                    )
                return self.scalar_bounds[node.name]
            if node.kind == CELL:
                column = node.place[0]
                for place in (where.name if where else "", ""):
                    if (place, column) in self.cell_bounds:
                        return self.cell_bounds[(place, column)]
                place = where.name if where else "all rows"
                raise CircuitError(
                    f"interval: column {self.columns[column].name} has no bound on {place}"
                )
            return (node.number, node.number) if node.kind == CONSTANT else (0, 1)

        def product(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
            corners = [x * y for x in a for y in b]
            return min(corners), max(corners)

        return fold(
            body,
            leaf=leaf,
            add=lambda a, b: (a[0] + b[0], a[1] + b[1]),
            subtract=lambda a, b: (a[0] - b[1], a[1] - b[0]),
            multiply=product,
        )

    def record(self, body: Expression) -> None:
        """
        The record column R' equals `body` on every row (docs/explanation/protocol.md 3.4). R'
        appears nowhere else.
        """
        self._require_open("record")
        self.record_body = body

    def helper(
        self,
        label: str,
        fractions: Sequence[tuple[Operand, Operand]],
        *,
        registers: Sequence[Expression] = (),
    ) -> None:
        """
        A helper column h with h * prod D_i = sum N_i prod_{j != i} D_j; it enters the running sum.

        A denominator may read fixed and stage-1 cells only: they are committed before the
        challenge, so it is zero with odds of 1/r. Where it is zero h is free, and with it the whole
        running sum; a prover could aim a stage-2 cell at that.

        registers : stage-2 columns that a numerator reads all the same, as for `accumulate`.
        """
        pairs = tuple((wrap(n), wrap(d)) for n, d in fractions)
        self._require_early(f"helper {label}: a denominator", [d for _, d in pairs])
        self._require_early(f"helper {label}: a numerator", [n for n, _ in pairs], registers)
        column = self._column(ColumnSpec(f"helper_{label}", SECOND))
        denominators = [d for _, d in pairs]
        crossed = add_all(
            n * multiply_all(d for j, d in enumerate(denominators) if j != i)
            for i, (n, _) in enumerate(pairs)
        )
        self.require(
            None, f"helper.{label}", column * multiply_all(denominators) - crossed,
            guard=BLINDING_ROWS_UNROTATED, exact=False,
        )  # fmt: skip
        self.helpers.append(Helper(label, f"helper_{label}", pairs))

    def accumulate(
        self, label: str, term: Expression, *, registers: Sequence[Expression] = ()
    ) -> None:
        """
        Add a term of every row to the running sum.

        A stage-2 cell is committed when all challenges of the sum are known: who may choose one
        makes the sum zero with it, whatever the other terms are.

        registers : stage-2 columns that the term reads all the same. Only those may be declared to
            which other rules leave one value, a function of stage-1 cells and challenges; each
            declaration in the circuit text says which.
        """
        self._require_open(f"sum term {label}")
        self._require_early(f"sum term {label}", [term], registers)
        self.sum_terms.append((label, term))

    def _require_early(
        self, what: str, roots: Sequence[Expression], declared: Sequence[Expression] = ()
    ) -> None:
        """CircuitError if an expression reads a stage-2 column that is not declared."""
        known = {column.place[0] for column in declared}
        for node in walk(roots):
            if node.kind == CELL and node.place[0] not in known:
                column = self.columns[node.place[0]]
                if column.stage == SECOND:
                    raise CircuitError(f"{what} reads {column.name}, a stage-2 column")

    def close(self) -> None:
        """
        Add the running sum: zero on row 0, zero again on row n - END_ROWS
        (docs/explanation/protocol.md 3.3). The last call of a circuit's text, and made once.
        """
        self._require_open("running sum")
        self._add_running_sum()
        self.closed = True

    def _add_running_sum(self) -> None:
        total = add_all(
            [cell(self._index[h.column]) for h in self.helpers]
            + [term for _, term in self.sum_terms]
        )
        if total is ZERO:
            return
        z = self.running_sum = self.register("running_sum")
        self.require(None, "sum.next", self.next(z) - z - total, guard=END_ROWS, exact=False)
        self.require(self._single("sum_start", 0), "sum.start", z, exact=False)
        self.require(self._single("sum_end", self.size - END_ROWS), "sum.end", z, exact=False)

    # -- readers -----------------------------------------------------------------------------------
    def names(self, stage: int, *, rotated: bool | None = None) -> list[str]:
        """Column names of a stage in committed order."""
        return [c.name for c in self.columns if c.stage == stage and rotated in (None, c.rotated)]

    def row_indicators(self) -> list[int]:
        """Rows whose Lagrange polynomials the constraints use, ascending."""
        nodes = walk(c.selector * c.body for c in self.constraints)
        return sorted({node.number for node in nodes if node.kind == ROW})

    def describe(self) -> str:
        """
        A canonical text of the statement, all columns and all constraints; its hash is part of the
        key digest.
        """
        self.require_closed()
        lines = [
            f"circuit {self.name} {self.size}",
            f"statement {self.statement}",
            f"challenges {self.challenges}",
        ]
        lines += [f"column {c.name} {c.stage} {int(c.rotated)}" for c in self.columns]
        lines.append(f"record {self.record_body is not None}")
        reader = Described()
        record = (named("record x"), named("record y")) if self.record_body is not None else None
        scalars = (
            self.derive(reader, [named(word) for word in self.statement], record)
            if self.derive
            else {}
        )
        bodies = [c.selector * c.body for c in self.constraints] + (
            [self.record_body] if self.record_body else []
        )
        nodes = walk(
            bodies + list(scalars.values()) + [side for less in reader.less for side in less]
        )
        number = {id(node): i for i, node in enumerate(nodes)}
        for node in nodes:
            operands = (
                f"{number[id(node.left)]} {number[id(node.right)]}"
                if node.kind > ROW
                else str(node.value)
            )
            lines.append(f"{node.kind} {operands}")
        lines += [
            f"{c.label} {c.guard} {number[id(c.selector * c.body)]}" for c in self.constraints
        ]
        if self.record_body is not None:
            lines.append(f"record {number[id(self.record_body)]}")
        lines += [f"scalar {name} {number[id(value)]}" for name, value in scalars.items()]
        lines += [f"less {number[id(left)]} {number[id(right)]}" for left, right in reader.less]
        return "\n".join(lines)
