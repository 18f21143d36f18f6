"""
A loader that records: `verifier.algorithm.verify_steps` runs on it unchanged and leaves a graph and
a list of actions.

Equal nodes are one object (hash-consing), constants are folded mod r. Nothing here knows Solidity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from algebra.interface import Point, R
from algebra.transcript import label_list
from circuits.language.circuit import Circuit
from verifier.algorithm import verify_steps
from verifier.key import VerifyingKey
from verifier.loader import GENERATOR_G1
from verifier.proof import ProofShape

CONSTANT, WORD, BITS, CHALLENGE, INVERSE, ADDITION, SUBTRACTION, PRODUCT = (
    "constant", "word", "bits", "challenge", "inverse", "addition", "subtraction", "product",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """
    A 256-bit word of the input: number `index` of `part`, which is `statement` or a part of the
    proof.
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


@dataclass(frozen=True, slots=True)
class RequireBelowOrder:
    """Refuse the statement by `rule` unless the word is below r."""

    word: Place
    rule: int


@dataclass(frozen=True, slots=True)
class RequireLess:
    """
    Refuse the statement by `rule` unless left < right as integers; nodes count as their canonical
    numbers.
    """

    left: Node | Place
    right: Node | Place
    rule: int


@dataclass(frozen=True, slots=True)
class Absorb:
    """Words of the input go into the transcript."""

    label: str
    words: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Squeeze:
    """A challenge is drawn; `value` stands for it."""

    label: str
    value: Node


@dataclass(frozen=True, slots=True)
class RequireNonzero:
    """Reject if `value` is zero."""

    value: Node


@dataclass(frozen=True, slots=True)
class Invert:
    """`value` = 1/operand; refused for zero."""

    value: Node


@dataclass(frozen=True, slots=True)
class Sum:
    """sum scalar * point, left in the accumulator."""

    terms: tuple[tuple[Node, PointAt | PointConstant], ...]


@dataclass(frozen=True, slots=True)
class RequirePairing:
    """Accept only if e(accumulator, [1]_2) = e(right, [tau]_2)."""

    right: PointAt


Action = (
    RequireBelowOrder
    | RequireLess
    | Absorb
    | Squeeze
    | RequireNonzero
    | Invert
    | Sum
    | RequirePairing
)


@dataclass
class Recording:
    """
    actions : what the contract does, in order.
    rules : text of each statement rule, by number.
    """

    actions: list[Action] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)


class RecordingLoader:
    """The `Loader` of `verifier.algorithm` whose values are nodes and whose words are places."""

    def __init__(self, circuit: Circuit, shape: ProofShape, fixed: Sequence[Point]) -> None:
        self.recording = Recording()
        self._graph = Graph()
        self._shape, self._fixed = shape, fixed
        self._statement_words = len(circuit.statement)
        self._steps = list(label_list(circuit.challenges))

    # -- words of the input
    def statement(self) -> list[Place]:
        return [Place("statement", i) for i in range(self._statement_words)]

    def value(self, word: Place) -> Node:
        name = f"word {word.index} of the {word.part} is below r"
        self.recording.actions.append(RequireBelowOrder(word, self._rule(name)))
        return self._graph.node(WORD, payload=word)

    def bits(self, word: Place, shift: int, width: int) -> Node:
        return self._graph.node(BITS, payload=BitField(word, shift, width))

    def constant(self, value: int) -> Node:
        return self._graph.constant(value)

    def require_less(self, left: Node | Place, right: Node | Place, what: str) -> None:
        self.recording.actions.append(RequireLess(left, right, self._rule(f"not: {what}")))

    def _rule(self, text: str) -> int:
        self.recording.rules.append(text)
        return len(self.recording.rules) - 1

    # -- the proof
    def points(self, part: str) -> list[PointAt | PointConstant | None]:
        if part == "fixed":
            return [None if point is None else PointConstant(*point) for point in self._fixed]
        counts = {"stage1": self._shape.stage1, "stage2": self._shape.stage2}
        places = [(Place(part, 2 * i), Place(part, 2 * i + 1)) for i in range(counts.get(part, 1))]
        return [PointAt(x, y) for x, y in places]

    def point_words(self, part: str) -> list[Place]:
        return [
            word
            for point in self.points(part)
            if isinstance(point, PointAt)
            for word in (point.x, point.y)
        ]

    def values(self) -> list[Node]:
        return [self._graph.node(WORD, payload=place) for place in self.value_words()]

    def value_words(self) -> list[Place]:
        return [Place("values", i) for i in range(self._shape.values)]

    def generator(self) -> PointConstant:
        if GENERATOR_G1 is None:
            raise ValueError("the generator is not infinity")
        return PointConstant(*GENERATOR_G1)

    # -- the transcript
    def _step(self, kind: str, label: str) -> None:
        if not self._steps or self._steps.pop(0) != (kind, label):
            raise ValueError(f"transcript: {kind} {label} out of order")

    def absorb(self, label: str, words: Sequence[Place]) -> None:
        self._step("absorb", label)
        self.recording.actions.append(Absorb(label, tuple(words)))

    def challenge(self, label: str) -> Node:
        self._step("squeeze", label)
        value = self._graph.node(CHALLENGE, payload=label)
        self.recording.actions.append(Squeeze(label, value))
        return value

    # -- checks and group operations
    def require_nonzero(self, value: Node, what: str) -> None:
        self.recording.actions.append(RequireNonzero(value))

    def inverse(self, value: Node) -> Node:
        node = self._graph.node(INVERSE, (value,))
        self.recording.actions.append(Invert(node))
        return node

    def sum(self, terms: Sequence[tuple[Node, PointAt | PointConstant | None]]) -> Sum:
        action = Sum(tuple((scalar, point) for scalar, point in terms if point is not None))
        self.recording.actions.append(action)
        return action

    def require_pairing(self, left: Sum, right: PointAt) -> None:
        if self.recording.actions[-1] is not left:
            raise ValueError("pairing: the left point must be the sum computed last")
        self.recording.actions.append(RequirePairing(right))


def record(key: VerifyingKey) -> Recording:
    """Run the verification algorithm once, without a proof."""
    loader = RecordingLoader(key.circuit, ProofShape.of(key.circuit, key.slots), key.fixed)
    verify_steps(loader, key.circuit, key.slots)
    return loader.recording
