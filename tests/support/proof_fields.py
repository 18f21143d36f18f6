"""Every field of a proof with its place, and the ways to spoil it."""

from __future__ import annotations

from dataclasses import dataclass

from algebra.interface import P, R
from verifier.proof import ProofShape


@dataclass(frozen=True)
class Field:
    """A point (two words) or a scalar (one)."""

    name: str
    word: int
    point: bool

    @property
    def words(self) -> int:
        return 2 if self.point else 1

    def of(self, proof: bytes) -> bytes:
        return proof[32 * self.word : 32 * (self.word + self.words)]

    def replaced(self, proof: bytes, value: bytes) -> bytes:
        return proof[: 32 * self.word] + value + proof[32 * (self.word + self.words) :]


def fields_of(shape: ProofShape) -> list[Field]:
    """In the order of the bytes."""
    names = [("record", True)] * shape.has_record
    names += [(f"stage1[{i}]", True) for i in range(shape.stage1)] + [
        (f"stage2[{i}]", True) for i in range(shape.stage2)
    ]
    names += [("quotient", True), *((f"values[{i}]", False) for i in range(shape.values))]
    names += [("opening", True), ("opening_fold", True)]
    out, word = [], 0
    for name, point in names:
        out.append(Field(name, word, point))
        word += 2 if point else 1
    return out


def words(value: bytes) -> list[int]:
    return [int.from_bytes(value[i : i + 32], "big") for i in range(0, len(value), 32)]


def packed(*values: int) -> bytes:
    return b"".join(value.to_bytes(32, "big") for value in values)


EQUATION, POINT, SCALAR, LENGTH = (
    "rejected.equation",
    "malformed.point",
    "malformed.scalar",
    "malformed.length",
)


def spoiled(field: Field, proof: bytes, neighbour: Field) -> dict[str, tuple[bytes, str]]:
    """Changed proofs by name, each with the code of the error that must come."""
    value, out = words(field.of(proof)), {}

    def put(name: str, code: str, *numbers: int) -> None:
        out[name] = field.replaced(proof, packed(*numbers)), code

    if field.point:
        x, y = value
        put("flip a bit of x", POINT, x ^ 1, y)
        put("flip a bit of y", POINT, x, y ^ 1)
        put("negate", EQUATION, x, P - y)
        put("zero", POINT, 0, 0)
        put("generator", EQUATION, 1, 2)
        put("x + p", POINT, x + P, y)
        put("y + p", POINT, x, y + P)
        put("off the curve", POINT, 1, 3)
        put("all ones", POINT, 2**256 - 1, 2**256 - 1)
    else:
        put("flip the lowest bit", EQUATION, value[0] ^ 1)
        put("flip the top bit", SCALAR, value[0] ^ 1 << 255)
        put("zero", EQUATION, 0)
        put("plus r", SCALAR, value[0] + R)
        put("r", SCALAR, R)
        put("all ones", SCALAR, 2**256 - 1)
    if neighbour.point == field.point and neighbour.of(proof) != field.of(proof):
        swapped = neighbour.replaced(field.replaced(proof, neighbour.of(proof)), field.of(proof))
        out["swap with the neighbour"] = swapped, EQUATION
    return out
