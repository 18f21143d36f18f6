"""
Values of a recorded run as a graph.

Equal nodes are one object (hash-consing), constants are folded mod r. Nothing here knows Solidity.
"""

from __future__ import annotations

from dataclasses import dataclass

from algebra.interface import R

CONSTANT, WORD, BITS, CHALLENGE, INVERSE, ADDITION, SUBTRACTION, PRODUCT = (
    "constant", "word", "bits", "challenge", "inverse", "addition", "subtraction", "product",
)  # fmt: skip
INDICATOR, ALL_RATIOS = "indicator", "ratios"
"""Parts of memory that loops over the single rows fill (template.row_functions)."""


@dataclass(frozen=True, slots=True)
class Place:
    """
    A 256-bit word: number `index` of `part`, which is `statement`, a part of the proof, or what a
    loop computes for the single rows.
    """

    part: str
    index: int


@dataclass(frozen=True, slots=True)
class BitField:
    """(word >> shift) mod 2^width."""

    word: Place
    shift: int
    width: int


@dataclass(frozen=True, slots=True)
class PointAt:
    """A point of the proof: its two words."""

    x: Place
    y: Place


@dataclass(frozen=True, slots=True)
class PointConstant:
    """A point of the key."""

    x: int
    y: int


class Node:
    """
    One field element of the run.

    kind : CONSTANT (payload: int below r), WORD (Place, known to be below r), BITS (BitField),
        CHALLENGE
    (label), INVERSE (one operand), ADDITION, SUBTRACTION, PRODUCT (two operands).
    """

    __slots__ = ("graph", "kind", "operands", "payload")

    def __init__(
        self, graph: Graph, kind: str, operands: tuple[Node, ...], payload: object
    ) -> None:
        self.graph, self.kind, self.operands, self.payload = graph, kind, operands, payload

    def __add__(self, other: Node | int) -> Node:
        return self.graph.add(self, self.graph.wrap(other))

    def __sub__(self, other: Node | int) -> Node:
        return self.graph.subtract(self, self.graph.wrap(other))

    def __mul__(self, other: Node | int) -> Node:
        return self.graph.multiply(self, self.graph.wrap(other))

    @property
    def number(self) -> int | None:
        """The value of a constant, None for anything else."""
        return self.payload if isinstance(self.payload, int) else None


class Graph:
    """All nodes of one recording."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Node] = {}

    def node(self, kind: str, operands: tuple[Node, ...] = (), payload: object = None) -> Node:
        """The one node of that kind, operands and payload, made where there is none yet."""
        key = (kind, payload, *(id(operand) for operand in operands))
        if key not in self._known:
            self._known[key] = Node(self, kind, operands, payload)
        return self._known[key]

    def constant(self, value: int) -> Node:
        """A number mod r."""
        return self.node(CONSTANT, payload=value % R)

    def wrap(self, value: Node | int) -> Node:
        """A number as a constant; a node as it is."""
        return value if isinstance(value, Node) else self.constant(value)

    def add(self, a: Node, b: Node) -> Node:
        """a + b; constants are added at once, and 0 adds nothing."""
        if a.number is not None and b.number is not None:
            return self.constant(a.number + b.number)
        if a.number == 0 or b.number == 0:
            return b if a.number == 0 else a
        return self.node(ADDITION, self._ordered(a, b))

    def subtract(self, a: Node, b: Node) -> Node:
        """a - b; constants are subtracted at once, 0 takes nothing away, and a - a is 0."""
        if a.number is not None and b.number is not None:
            return self.constant(a.number - b.number)
        if a is b:
            return self.constant(0)
        return a if b.number == 0 else self.node(SUBTRACTION, (a, b))

    def multiply(self, a: Node, b: Node) -> Node:
        """a b; constants are multiplied at once, and 0 and 1 make no node."""
        if a.number is not None and b.number is not None:
            return self.constant(a.number * b.number)
        if a.number == 0 or b.number == 0:
            return self.constant(0)
        if a.number == 1 or b.number == 1:
            return b if a.number == 1 else a
        return self.node(PRODUCT, self._ordered(a, b))

    def _ordered(self, a: Node, b: Node) -> tuple[Node, Node]:
        """An existing twin with swapped operands wins, so that a + b and b + a are one node."""
        for kind in (ADDITION, PRODUCT):
            if (kind, None, id(b), id(a)) in self._known:
                return b, a
        return a, b
