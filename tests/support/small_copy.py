"""
Copies of a few rules with small numbers, searched whole; and the same rules as they are, searched
at random.

A copy is made from the circuit's own text: constants are replaced by small ones, a number in limbs
is one cell. A search finds every assignment of the unknown cells that the rules allow, given the
others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from algebra.interface import R
from circuits.credential.v2.trace import LIMBS
from circuits.language.circuit import Circuit
from circuits.language.expression import CELL, CONSTANT, NAMED, Expression, constant, fold, walk

Place = tuple[int, int]
Rule = Callable[[Mapping[Place, int]], int]


def shrunk(body: Expression, constants: Mapping[int, int]) -> Expression:
    """The body with other constants; one above 4 that is not named is an error."""

    def leaf(node: Expression) -> Expression:
        if node.kind != CONSTANT or abs(node.number) <= 4:
            return node
        size = constants[abs(node.number)]
        return constant(size if node.number > 0 else -size)

    return fold(
        body,
        leaf=leaf,
        add=lambda a, b: a + b,
        subtract=lambda a, b: a - b,
        multiply=lambda a, b: a * b,
    )


def compiled(body: Expression, scalars: Mapping[str, int], modulus: int) -> Rule:
    """A rule as a Python function of its cells; public scalars that are not given are one."""

    def leaf(node: Expression) -> str:
        if node.kind == CELL:
            return f"x[{node.place}]"
        return str(scalars.get(node.name, 1) if node.kind == NAMED else node.number)

    code = fold(
        body,
        leaf=leaf,
        add=lambda a, b: f"({a}+{b})",
        subtract=lambda a, b: f"({a}-({b}))",
        multiply=lambda a, b: f"({a})*({b})",
    )
    found: Rule = eval(f"lambda x: ({code}) % {modulus}")
    return found


@dataclass
class Search:
    """
    Parameters
    ----------
    bodies : rules that vanish.
    sizes : number of values, from 0 up, of each cell that is ranged; all others may be anything
        below the modulus.
    candidates : values to try for a cell that no rule determines and whose range is too large to
        try; none: all of them.
    """

    bodies: Sequence[Expression]
    sizes: Mapping[Place, int]
    modulus: int
    scalars: Mapping[str, int] = field(default_factory=dict)
    candidates: Callable[[Place], Sequence[int]] | None = None

    def __post_init__(self) -> None:
        self.cells = [
            sorted({n.place for n in walk([body]) if n.kind == CELL}) for body in self.bodies
        ]
        self.places = sorted({place for cells in self.cells for place in cells})
        self._rules = [compiled(body, self.scalars, self.modulus) for body in self.bodies]
        pairs = zip(self.bodies, self.cells, strict=True)
        self._affine = [
            {place for place in cells if degree(body, place) == 1} for body, cells in pairs
        ]

    def solutions(self, given: Mapping[Place, int]) -> Iterator[dict[Place, int]]:
        """All assignments of the cells that are not given."""
        yield from self._extend(dict(given), frozenset())

    def _extend(self, values: dict[Place, int], done: frozenset[int]) -> Iterator[dict[Place, int]]:
        best: tuple[int, int] | None = None
        for i, cells in enumerate(self.cells):
            if i in done:
                continue
            missing = sum(cell not in values for cell in cells)
            if not missing:
                if self._rules[i](values):
                    return
                done |= {i}
            elif best is None or missing < best[0]:
                best = (missing, i)
        if best is None:
            yield dict(values)
            return
        missing, i = best
        place = min(
            (c for c in self.cells[i] if c not in values),
            key=lambda c: self.sizes.get(c, self.modulus),
        )
        for value in self._choices(i, place, values, alone=missing == 1):
            yield from self._extend({**values, place: value}, done)

    def _choices(
        self, i: int, place: Place, values: dict[Place, int], *, alone: bool
    ) -> Sequence[int]:
        size = self.sizes.get(place, self.modulus)
        if alone and place in self._affine[i]:
            rule, m = self._rules[i], self.modulus
            at_zero, at_one = (rule({**values, place: x}) for x in (0, 1))
            if slope := (at_one - at_zero) % m:
                root = -at_zero * pow(slope, -1, m) % m
                return [root] if root < size else []
            if at_zero:
                return []
        if size > 1 << 16 and self.candidates:
            return [value for value in self.candidates(place) if value < size]
        return range(size)


def degree(body: Expression, place: Place) -> int:
    """Degree of an expression in one cell."""
    found: int = fold(
        body,
        leaf=lambda node: int(node.kind == CELL and node.place == place),
        add=max,
        subtract=max,
        multiply=lambda a, b: a + b,
    )
    return found


@dataclass(frozen=True)
class Copy:
    """
    The rules of a lemma with numbers joined into their first limb.

    Parameters
    ----------
    labels : the rules; `joins` adds rules of neighbouring rows, already written over the same
        cells.
    numbers : first limb of each number to its count of limbs; the other limbs are left at zero.
    """

    circuit: Circuit
    labels: tuple[str, ...]
    numbers: Mapping[str, int]
    joins: tuple[Expression, ...] = ()

    def place(self, name: str) -> Place:
        return self.circuit.index(name), 0

    @property
    def zeros(self) -> dict[Place, int]:
        """Limbs that are not the first of their number."""
        out = {}
        for name, count in self.numbers.items():
            first = int(name.removeprefix("limb"))
            out |= {self.place(f"limb{i}"): 0 for i in range(first + 1, first + count)}
        return out

    def bodies(self, without: str = "") -> list[Expression]:
        rules = {c.label: c.body for c in self.circuit.constraints}
        return [*(rules[label] for label in self.labels if label != without), *self.joins]

    def small(
        self,
        constants: Mapping[int, int],
        sizes: Mapping[str, int],
        modulus: int,
        scalars: Mapping[str, int],
        without: str = "",
        joined: str = "",
    ) -> Search:
        """
        The copy with small constants and ranges; `joined` is a first limb of the next row, ranged
        as in this one.
        """
        mapping = {1 << 12 * i: 1 << 12 * i for i in range(1, LIMBS)} | dict(
            constants
        )  # of limbs that are zero
        bodies = [shrunk(body, mapping) for body in self.bodies(without)]
        ranges = {self.place(name): size for name, size in sizes.items()}
        if joined:
            ranges[self.circuit.index(joined), 1] = sizes[joined]
        return Search(bodies, ranges, modulus, scalars)

    def real(
        self,
        scalars: Mapping[str, int],
        candidates: Callable[[Place], Sequence[int]],
        bits: Sequence[str],
        joined: str = "",
    ) -> Search:
        """The rules as they are, mod R."""
        sizes = {self.place(name): 1 << 12 * count for name, count in self.numbers.items()}
        sizes |= {self.place(name): 2 for name in bits}
        if joined:
            sizes[self.circuit.index(joined), 1] = 1 << 12 * self.numbers[joined]
        return Search(self.bodies(), sizes, R, scalars, candidates)
