"""
Parsing: the only door for untrusted bytes (docs/explanation/protocol.md 4.3).

A proof has one encoding: points as x, y and scalars, each 32 bytes big endian, canonical, of fixed
number; so proof bytes have one length for all histories of a class.
"""

from __future__ import annotations

from dataclasses import dataclass

from algebra.errors import Malformed
from algebra.interface import P, R
from circuits.language.circuit import FIRST, SECOND, Circuit
from circuits.language.packing import evaluations, packs


@dataclass(frozen=True, slots=True)
class Proof:
    """Canonical, on the curve, never infinity. Order of the fields is the order of the bytes."""

    record: tuple[int, int] | None
    stage1: tuple[tuple[int, int], ...]
    stage2: tuple[tuple[int, int], ...]
    quotient: tuple[int, int]
    values: tuple[int, ...]
    opening: tuple[int, int]
    opening_fold: tuple[int, int]

    def to_bytes(self) -> bytes:
        """The one encoding, which `parse_proof` reads: `ProofShape.length` bytes."""
        record = [self.record] if self.record is not None else []
        words = [w for point in (*record, *self.stage1, *self.stage2, self.quotient) for w in point]
        words += [*self.values, *self.opening, *self.opening_fold]
        return b"".join(word.to_bytes(32, "big") for word in words)


@dataclass(frozen=True, slots=True)
class ProofShape:
    """Counts that fix the encoding of a circuit's proofs."""

    has_record: bool
    stage1: int
    stage2: int
    values: int

    @staticmethod
    def of(circuit: Circuit, slots: int) -> ProofShape:
        """The counts of a circuit whose commitments hold `slots` columns each."""
        order = packs(circuit, slots)
        return ProofShape(
            circuit.record_body is not None,
            sum(p.stage == FIRST for p in order),
            sum(p.stage == SECOND for p in order),
            len(evaluations(circuit, slots)),
        )

    @property
    def words(self) -> int:
        """Words of 32 bytes in a proof: two a point, one a value."""
        return 2 * (self.has_record + self.stage1 + self.stage2 + 3) + self.values

    @property
    def length(self) -> int:
        """Bytes of a proof."""
        return 32 * self.words


def parse_proof(data: bytes, shape: ProofShape) -> Proof:
    """
    Read a proof.

    Raises
    ------
    Malformed
        `malformed.length`, `malformed.scalar` (not below r), `malformed.point` (coordinate not
        below p, off the curve, or infinity); `part` names the field.
    """
    if len(data) != shape.length:
        raise Malformed(
            "malformed.length", f"proof: {len(data)} bytes, expected {shape.length}",
            part="proof", expected=shape.length, got=len(data),
        )  # fmt: skip
    words = [int.from_bytes(data[i : i + 32], "big") for i in range(0, len(data), 32)]
    position = 0

    def point(part: str) -> tuple[int, int]:
        nonlocal position
        x, y = words[position : position + 2]
        position += 2
        if x >= P or y >= P:
            raise Malformed(
                "malformed.point", f"{part}: a coordinate is not below the field's order", part=part
            )
        if (y * y - x * x * x - 3) % P:
            raise Malformed("malformed.point", f"{part}: not on the curve", part=part)
        return x, y

    record = point("record") if shape.has_record else None
    stage1 = tuple(point(f"stage1[{i}]") for i in range(shape.stage1))
    stage2 = tuple(point(f"stage2[{i}]") for i in range(shape.stage2))
    quotient = point("quotient")
    values = tuple(words[position : position + shape.values])
    position += shape.values
    for i, value in enumerate(values):
        if value >= R:
            raise Malformed(
                "malformed.scalar", f"values[{i}]: not below the field's order", part=f"values[{i}]"
            )
    return Proof(record, stage1, stage2, quotient, values, point("opening"), point("opening_fold"))
