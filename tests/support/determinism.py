"""
Which cells a circuit's rules determine, and by which argument (issue: determinism;
docs/explanation/soundness.md 4).

`Propagation` starts from what is fixed (public words, the record column, the words of the leaf,
witnesses by nature) and adds a cell as soon as one rule, or one lemma, leaves it a single value. It
reads the constraint text itself, row by row. Lemmas are the few places where several rules together
decide a cell; each has a small copy that is searched whole (`support.small_copy`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from algebra.interface import R
from circuits.language.circuit import Circuit, Constraint, Kind
from circuits.language.expression import CELL, CONSTANT, NAMED, Expression, fold, walk

Place = tuple[int, int]
"""(row, column), or (column, rotation) within a rule."""
Monomial = tuple[tuple[str, int], ...]
Polynomial = dict[Monomial, int]
"""
In the challenges, coefficients mod R. None stands for one that public words or known cells decide.
"""

AFFINE = "affine: coefficient a non-zero constant"
CHALLENGE = "affine: coefficient a non-zero polynomial in challenges"
INVERSE = "inverse: a product with it is a non-zero constant"
POWERS = "coefficients of powers of a challenge"
DIGITS = "digits in mixed radix, no wrap"


@dataclass(frozen=True, slots=True)
class Form:
    """
    A rule's body in terms of its unknown cells.

    Parameters
    ----------
    linear : coefficient of each unknown that occurs linearly; None: known, but not as a number.
    pure : value of the rest if it reads no cell or public word.
    tangled : unknowns that multiply each other.
    """

    linear: dict[Place, Polynomial | None]
    pure: Polynomial | None
    tangled: frozenset[Place]


def times(a: Polynomial, b: Polynomial) -> Polynomial:
    out: Polynomial = {}
    for left, x in a.items():
        for right, y in b.items():
            exponents = dict(left)
            for name, exponent in right:
                exponents[name] = exponents.get(name, 0) + exponent
            monomial = tuple(sorted(exponents.items()))
            out[monomial] = (out.get(monomial, 0) + x * y) % R
    return {monomial: value for monomial, value in out.items() if value}


def plus(a: Polynomial, b: Polynomial, sign: int = 1) -> Polynomial:
    out = dict(a)
    for monomial, value in b.items():
        out[monomial] = (out.get(monomial, 0) + sign * value) % R
    return {monomial: value for monomial, value in out.items() if value}


def form(
    body: Expression,
    unknown: frozenset[Place],
    challenges: frozenset[str],
    ones: frozenset[str] = frozenset(),
) -> Form:
    """
    Parameters
    ----------
    unknown : (column, rotation) of cells without a value yet.
    ones : public scalars that are taken as one (bits that say whether a metric is asked).
    """

    def leaf(node: Expression) -> Form:
        if node.kind == CONSTANT:
            return Form({}, {(): node.number % R} if node.number else {}, frozenset())
        if node.kind == NAMED and node.name in challenges:
            return Form({}, {((node.name, 1),): 1}, frozenset())
        if node.kind == NAMED and node.name in ones:
            return Form({}, {(): 1}, frozenset())
        if node.kind == CELL and node.place in unknown:
            return Form({node.place: {(): 1}}, {}, frozenset())
        return Form({}, None, frozenset())

    def add(a: Form, b: Form, sign: int = 1) -> Form:
        linear = dict(a.linear)
        for place, coefficient in b.linear.items():
            before = linear.get(place, {})
            linear[place] = (
                None if before is None or coefficient is None else plus(before, coefficient, sign)
            )
        pure = None if a.pure is None or b.pure is None else plus(a.pure, b.pure, sign)
        return Form(
            {p: c for p, c in linear.items() if c is None or c}, pure, a.tangled | b.tangled
        )

    def multiply(a: Form, b: Form) -> Form:
        tangled = a.tangled | b.tangled
        if a.linear and b.linear:
            tangled |= frozenset([*a.linear, *b.linear])
        linear: dict[Place, Polynomial | None] = {}
        for one, other in ((a, b), (b, a)):
            for place, coefficient in one.linear.items():
                linear[place] = (
                    None
                    if coefficient is None or other.pure is None
                    else times(coefficient, other.pure)
                )
        pure = None if a.pure is None or b.pure is None else times(a.pure, b.pure)
        if not (a.pure and b.pure) and {} in (a.pure, b.pure):
            pure = {}  # nothing times what is known
        return Form({p: c for p, c in linear.items() if c is None or c}, pure, tangled)

    return fold(body, leaf=leaf, add=add, subtract=lambda a, b: add(a, b, -1), multiply=multiply)


def unique_digits(terms: Sequence[tuple[int, int]], room: int = R) -> bool:
    """
    Whether sum coefficient * digit, digits in 0 .. top, has one solution mod R at most:
    (coefficient, top) each.
    """
    reach = 0
    for coefficient, top in sorted((min(c % R, -c % R), top) for c, top in terms):
        if coefficient <= reach:
            return False
        reach += coefficient * top
    return reach < room


@dataclass(frozen=True, slots=True)
class Lemma:
    """
    On every row of `kind`, the cells `gives` follow from the cells `needs` by the rules `labels`.

    Parameters
    ----------
    needs, gives : column names.
    """

    name: str
    kind: str
    labels: tuple[str, ...]
    needs: tuple[str, ...]
    gives: tuple[str, ...]


class Propagation:
    """
    Parameters
    ----------
    ranges : greatest value of columns that are ranged on every row (limbs), by name.
    ones : public scalars taken as one.
    skip : rows that are left out because others of the same kind stand for them.
    leave_out : labels of rules that are not used, to see what hangs on them.
    """

    def __init__(
        self,
        circuit: Circuit,
        ranges: Mapping[str, int],
        lemmas: Sequence[Lemma] = (),
        ones: Iterable[str] = (),
        *,
        skip: range = range(0),
        leave_out: Sequence[str] = (),
    ) -> None:
        self.circuit = circuit
        self.column = {c.name: i for i, c in enumerate(circuit.columns)}
        self.argument: dict[Place, str] = {}
        self._fixed = {i for i, c in enumerate(circuit.columns) if c.stage == 0}
        self._stage = [c.stage for c in circuit.columns]
        self._range = {self.column[name]: top for name, top in ranges.items()}
        self._challenges, self._ones = frozenset(circuit.challenges), frozenset(ones)
        self._forms: dict[tuple[str, frozenset[Place]], Form] = {}
        self._skip = skip
        computed = ("helper.", "sum.")
        self._rules = [
            c
            for c in circuit.constraints
            if not c.label.startswith(computed) and c.label not in leave_out
        ]
        self._cells = {c.label: self._read(c.body) for c in self._rules}
        self._at: dict[Place, list[tuple[Constraint | Lemma, int]]] = defaultdict(list)
        self._queue: list[tuple[Constraint | Lemma, int]] = []
        for rule in self._rules:
            for row in rule.rows:
                if row not in skip:
                    self._register(
                        rule,
                        row,
                        [(row + rotation, column) for column, rotation in self._cells[rule.label]],
                    )
        for lemma in lemmas:
            for row in self.rows(lemma.kind):
                self._register(lemma, row, [(row, self.column[name]) for name in lemma.needs])
        self._bits = {
            (row, column)
            for rule in self._rules
            for column in self._bit_of(rule)
            for row in rule.rows
        }

    def _register(self, item: Constraint | Lemma, row: int, places: Iterable[Place]) -> None:
        self._queue.append((item, row))
        for place in places:
            self._at[place].append((item, row))

    def _read(self, body: Expression) -> list[Place]:
        return [n.place for n in walk([body]) if n.kind == CELL and n.place[0] not in self._fixed]

    def _bit_of(self, rule: Constraint) -> list[int]:
        """The column of a rule x (x - 1)."""
        cells = [n.place for n in walk([rule.body]) if n.kind == CELL]
        if len(cells) != 1 or cells[0][1] or cells[0][0] in self._fixed:
            return []
        values = [fold_number(rule.body, {cells[0]: x}) for x in (0, 1, 2)]
        return [cells[0][0]] if values[:2] == [0, 0] and values[2] else []

    # -- what is known -----------------------------------------------------------------------------
    def give(self, row: int, column: int, argument: str) -> None:
        """A cell has one value; all rules that read it are looked at again."""
        if (row, column) not in self.argument:
            self.argument[row, column] = argument
            self._queue += self._at[row, column]

    def give_all(self, rows: Iterable[int], names: Iterable[str], argument: str) -> None:
        columns = [self.column[name] for name in names]
        for row in rows:
            for column in columns:
                self.give(row, column, argument)

    def known(self, row: int, name: str) -> bool:
        return (row, self.column[name]) in self.argument

    def rows(self, kind: str) -> Sequence[int]:
        """Rows of a kind, without those left out."""
        return [row for row in self.circuit.kinds[kind].rows if row not in self._skip]

    # -- what follows ------------------------------------------------------------------------------
    def run(self, steps: Sequence[Callable[[Propagation], None]] = ()) -> None:
        """Apply rules, lemmas and steps over many rows until nothing moves."""
        before = -1
        while len(self.argument) > before:
            before = len(self.argument)
            while self._queue:
                item, row = self._queue.pop()
                if isinstance(item, Constraint):
                    self._follow(item, row)
                elif all(self.known(row, name) for name in item.needs):
                    self.give_all([row], item.gives, f"lemma: {item.name}")
            for step in steps:
                step(self)

    def _follow(self, rule: Constraint, row: int) -> None:
        unknown = frozenset(
            p for p in self._cells[rule.label] if (row + p[1], p[0]) not in self.argument
        )
        if not unknown:
            return
        key = (rule.label, unknown)
        if key not in self._forms:
            self._forms[key] = form(rule.body, unknown, self._challenges, self._ones)
        found = self._forms[key]
        coefficients = {place: c for place, c in found.linear.items() if c is not None}
        if self._is_inverse(rule, found, unknown):
            ((column, rotation),) = unknown
            self.give(row + rotation, column, INVERSE)
            return
        if found.tangled or set(coefficients) != unknown:
            return
        if argument := self._argument(row, coefficients):
            for column, rotation in unknown:
                self.give(row + rotation, column, argument)

    def _is_inverse(self, rule: Constraint, found: Form, unknown: frozenset[Place]) -> bool:
        """
        known * unknown + constant, not zero: then the factor is not zero either. A metric's bit
        that is taken as one is no constant.
        """
        asked = any(n.kind == NAMED and n.name in self._ones for n in walk([rule.body]))
        return (
            len(unknown) == 1
            and list(found.linear.values()) == [None]
            and not found.tangled
            and found.pure is not None
            and set(found.pure) == {()}
            and not asked
        )

    def _argument(self, row: int, linear: Mapping[Place, Polynomial]) -> str:
        constant = all(set(c) == {()} for c in linear.values())
        if len(linear) == 1:
            return AFFINE if constant else CHALLENGE
        if any(self._stage[column] != 1 for column, _ in linear):
            return ""  # a register may depend on the challenge: no coefficients to compare
        groups: dict[Monomial, list[tuple[int, int]]] = defaultdict(list)
        for (column, rotation), coefficient in linear.items():
            if len(coefficient) != 1:
                return ""
            ((monomial, number),) = coefficient.items()
            top = 1 if (row + rotation, column) in self._bits else self._range.get(column, R - 1)
            groups[monomial].append((number, top))
        if not all(len(terms) == 1 or unique_digits(terms) for terms in groups.values()):
            return ""
        return DIGITS if constant else POWERS


def fold_number(
    body: Expression, cells: Mapping[Place, int], scalars: Mapping[str, int] | None = None
) -> int:
    """The value of an expression mod R; scalars that are not given count as one."""

    def leaf(node: Expression) -> int:
        if node.kind == CELL:
            return cells[node.place]
        return (scalars or {}).get(node.name, 1) if node.kind == NAMED else node.number

    value: int = fold(
        body,
        leaf=leaf,
        add=lambda a, b: a + b,
        subtract=lambda a, b: a - b,
        multiply=lambda a, b: a * b,
    )
    return value % R


def kinds_of_rows(circuit: Circuit, *leave_out: str) -> dict[int, tuple[str, ...]]:
    """Names of the kinds of every row that has one."""
    out: dict[int, list[str]] = defaultdict(list)
    kinds: Mapping[str, Kind] = circuit.kinds
    for kind in kinds.values():
        if kind.name not in leave_out:
            for row in kind.rows:
                out[row].append(kind.name)
    return {row: tuple(names) for row, names in out.items()}
