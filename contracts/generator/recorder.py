"""
A loader that records: `verifier.algorithm.verify_steps` runs on it unchanged and leaves a graph and
a list of actions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise

from algebra.interface import Point, R, root_of_unity
from algebra.transcript import label_list
from circuits.language.circuit import Circuit
from contracts.generator.actions import (
    Absorb,
    Indicators,
    Invert,
    Ratios,
    Recording,
    RequireBelowOrder,
    RequireLess,
    RequireNonzero,
    RequirePairing,
    Squeeze,
    Sum,
)
from contracts.generator.graph import (
    ALL_RATIOS,
    BITS,
    CHALLENGE,
    INDICATOR,
    INVERSE,
    WORD,
    BitField,
    Graph,
    Node,
    Place,
    PointAt,
    PointConstant,
)
from verifier.algorithm import verify_steps
from verifier.key import VerifyingKey
from verifier.loader import GENERATOR_G1
from verifier.proof import ProofShape


class RecordedRows:
    """
    The `RowsAt` of `verifier.algorithm` whose values are words that loops leave in memory.

    Parameters
    ----------
    step : 1/omega, from the root of a row to that of the next.
    """

    def __init__(
        self, recording: Recording, graph: Graph, xi: Node, roots: Mapping[int, int], step: int
    ) -> None:
        self._recording, self._graph, self._rows = recording, graph, list(roots)
        starts = [(xi * root, count) for root, count in runs(roots, step)]
        if starts:
            recording.actions.append(Ratios(tuple(starts)))
        all_ratios = graph.node(WORD, payload=Place(ALL_RATIOS, 0))
        self.product = all_ratios if starts else graph.constant(1)

    def indicators(self, scale: Node) -> dict[int, Node]:
        """Words that the loop leaves."""
        if self._rows:
            self._recording.actions.append(Indicators(scale))
        places = [Place(INDICATOR, i) for i in range(len(self._rows))]
        nodes = [self._graph.node(WORD, payload=place) for place in places]
        return dict(zip(self._rows, nodes, strict=True))


def runs(roots: Mapping[int, int], step: int) -> Iterator[tuple[int, int]]:
    """Root of the first row and number of rows of each run of consecutive rows, ascending."""
    for _, run in groupby(enumerate(roots), key=lambda item: item[1] - item[0]):
        rows = [row for _, row in run]
        for row, after in pairwise(rows):
            if roots[after] != roots[row] * step % R:
                raise ValueError(f"generator: the root of row {after} does not follow")
        yield roots[rows[0]], len(rows)


class RecordingLoader:
    """The `Loader` of `verifier.algorithm` whose values are nodes and whose words are places."""

    def __init__(self, circuit: Circuit, shape: ProofShape, fixed: Sequence[Point]) -> None:
        self.recording = Recording()
        self._graph = Graph()
        self._to_next_row = pow(root_of_unity(circuit.size), -1, R)
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

    def rows(self, xi: Node, roots: Mapping[int, int]) -> RecordedRows:
        return RecordedRows(self.recording, self._graph, xi, roots, self._to_next_row)

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
