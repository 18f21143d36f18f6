"""The loader of the Python verifier: ints mod r, points summed and paired by an algebra."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from algebra.errors import Malformed, Rejected
from algebra.interface import Algebra, P, Point, R
from algebra.transcript import Transcript
from circuits.language.expression import Expression
from verifier.formula import Formula
from verifier.key import GENERATOR_G2, VerifyingKey
from verifier.proof import Proof
from verifier.rows import Rows

GENERATOR_G1: Point = (1, 2)
"""Of EIP-197."""


class Residue:
    """An element of Fr with operators. Never changed after it was made."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number

    def __add__(self, other: Residue | int) -> Residue:
        return Residue((self.number + (other.number if isinstance(other, Residue) else other)) % R)

    def __sub__(self, other: Residue | int) -> Residue:
        return Residue((self.number - (other.number if isinstance(other, Residue) else other)) % R)

    def __mul__(self, other: Residue | int) -> Residue:
        return Residue(self.number * (other.number if isinstance(other, Residue) else other) % R)

    def __repr__(self) -> str:
        return f"Residue({self.number})"


def _number(value: Residue | int) -> int:
    return value.number if isinstance(value, Residue) else value


class StatementReader:
    """Public words as ints; a bad statement raises Malformed `malformed.statement`."""

    def value(self, word: int) -> Residue:
        if not 0 <= word < R:
            raise Malformed(
                "malformed.statement", "statement: a word is not below the field's order"
            )
        return Residue(word)

    def bits(self, word: int, shift: int, width: int) -> Residue:
        return Residue((word >> shift) & ((1 << width) - 1))

    def constant(self, value: int) -> Residue:
        return Residue(value % R)

    def require_less(self, left: Residue | int, right: Residue | int, what: str) -> None:
        if not _number(left) < _number(right):
            raise Malformed("malformed.statement", f"statement: {what}", what=what)


class ProofLoader(StatementReader):
    """
    Loads a parsed proof, up to the sum of points; raises Rejected where a contract would revert.
    """

    def __init__(
        self, key: VerifyingKey, statement: Sequence[int], proof: Proof, algebra: Algebra
    ) -> None:
        self.key, self.algebra = key, algebra
        self._words, self._proof = statement, proof
        self._transcript = Transcript(key.digest, key.circuit.challenges, algebra.keccak256)

    def statement(self) -> Sequence[int]:
        return self._words

    def points(self, part: str) -> Sequence[Point]:
        if part == "fixed":
            return self.key.fixed
        points = getattr(self._proof, part)
        return points if part in ("stage1", "stage2") else (points,)

    def point_words(self, part: str) -> list[int]:
        return [word for point in self.points(part) if point is not None for word in point]

    def values(self) -> list[Residue]:
        return [Residue(value) for value in self._proof.values]

    def value_words(self) -> Sequence[int]:
        return self._proof.values

    def generator(self) -> Point:
        return GENERATOR_G1

    def absorb(self, label: str, words: Sequence[int]) -> None:
        self._transcript.absorb(label, words)

    def challenge(self, label: str) -> Residue:
        return Residue(self._transcript.challenge(label))

    def require_nonzero(self, value: Residue, what: str) -> None:
        if value.number == 0:
            raise Rejected("rejected.challenge", f"verification: {what}")

    def inverse(self, value: Residue) -> Residue:
        self.require_nonzero(value, "a challenge meets a pole")
        return Residue(pow(value.number, -1, R))

    def rows(self, xi: Residue, roots: Mapping[int, int]) -> Rows:
        return Rows(xi, Residue(1), roots)

    def interpret(self, expression: Expression, leaf: Callable[[Expression], Residue]) -> Residue:
        """
        An expression as straight-line code in the algebra, some ten times as quick as folding it
        here.
        """
        return Residue(
            Formula.of(expression).evaluate(lambda node: leaf(node).number, self.algebra)
        )


class IntegerLoader(ProofLoader):
    """Checks the equation at once; raises Rejected `rejected.equation`."""

    def sum(self, terms: Sequence[tuple[Residue, Point]]) -> Point:
        return self.algebra.scale_points(
            [point for _, point in terms], [scalar.number for scalar, _ in terms]
        )

    def require_pairing(self, left: Point, right: Point) -> None:
        if not self.algebra.pairing_check(
            [(left, GENERATOR_G2), (negated(right), self.key.tau_g2)]
        ):
            raise Rejected("rejected.equation", "verification: the pairing equation does not hold")


def negated(point: Point) -> Point:
    """The opposite point."""
    return None if point is None else (point[0], -point[1] % P)
