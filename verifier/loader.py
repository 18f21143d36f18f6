"""The loader of the Python verifier: ints mod r, points summed and paired by an algebra."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from algebra.errors import Malformed, Rejected
from algebra.interface import Algebra, P, Point, PointG2, R
from algebra.transcript import Transcript
from verifier.key import VerifyingKey
from verifier.proof import Proof

GENERATOR_G1: Point = (1, 2)
GENERATOR_G2: PointG2 = (
    (
        10857046999023057135944570762232829481370756359578518086990519993285655852781,
        11559732032986387107991004021392285783925812861821192530917403151452391805634,
    ),
    (
        8495653923123431417604973247489272438418190587263600148770280649306958101930,
        4082367875863433681332203403145435568316851327593401208105741076214120093531,
    ),
)
"""The generators of EIP-197, coordinates as (c0, c1)."""


@dataclass(frozen=True, slots=True)
class Residue:
    """An element of Fr with operators."""

    number: int

    def __add__(self, other: Residue | int) -> Residue:
        return Residue((self.number + _number(other)) % R)

    def __sub__(self, other: Residue | int) -> Residue:
        return Residue((self.number - _number(other)) % R)

    def __mul__(self, other: Residue | int) -> Residue:
        return Residue(self.number * _number(other) % R)


def _number(value: Residue | int) -> int:
    return value.number if isinstance(value, Residue) else value


class StatementReader:
    """Public words as ints; a bad statement raises Malformed `malformed.statement`."""

    def value(self, word: int) -> Residue:
        if not 0 <= word < R:
            raise Malformed("malformed.statement", "statement: a word is not below the field's order")
        return Residue(word)

    def bits(self, word: int, shift: int, width: int) -> Residue:
        return Residue((word >> shift) & ((1 << width) - 1))

    def constant(self, value: int) -> Residue:
        return Residue(value % R)

    def require_less(self, left: Residue | int, right: Residue | int, what: str) -> None:
        if not _number(left) < _number(right):
            raise Malformed("malformed.statement", f"statement: {what}", what=what)


class IntegerLoader(StatementReader):
    """Loads a parsed proof; raises Rejected `rejected.equation` where a contract would revert."""

    def __init__(self, key: VerifyingKey, statement: Sequence[int], proof: Proof, algebra: Algebra) -> None:
        self._key, self._words, self._proof, self._algebra = key, list(statement), proof, algebra
        self._transcript = Transcript(key.digest, key.circuit.challenges)

    def statement(self) -> list[int]:
        return self._words

    def points(self, part: str) -> Sequence[Point]:
        if part == "fixed":
            return self._key.fixed
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

    def sum(self, terms: Sequence[tuple[Residue, Point]]) -> Point:
        return self._algebra.scale_points([point for _, point in terms], [scalar.number for scalar, _ in terms])

    def require_pairing(self, left: Point, right: Point) -> None:
        negated = None if right is None else (right[0], -right[1] % P)
        if not self._algebra.pairing_check([(left, GENERATOR_G2), (negated, self._key.tau_g2)]):
            raise Rejected("rejected.equation", "verification: the pairing equation does not hold")



