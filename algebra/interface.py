"""
The one interface between the protocol and its arithmetic (docs/explanation/protocol.md 2).

The prover is written once over `Algebra`; `reference` (galois + py_ecc, readable, slow) and
`native` (Rust, fast) implement it and give the same bytes for the same input. An algebra is passed
in as an argument, never imported by the text that uses it.

A field element that crosses this interface alone is a Python int in [0, R). A point that crosses it
alone is an affine pair of ints in [0, P), or None for the point at infinity. Vectors and point
vectors stay inside the backend.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np
import numpy.typing as npt

P = 21888242871839275222246405745257275088696311157297823662689037894645226208583
"""Order of the base field of BN254 (EIP-196)."""
R = 21888242871839275222246405745257275088548364400416034343698204186575808495617
"""Order of the scalar field of BN254 (EIP-196)."""
TWO_ADICITY = 28
GENERATOR = 5
"""5 generates the multiplicative group of Fr; `root_of_unity` derives every domain from it."""

Point = tuple[int, int] | None
PointG2 = tuple[tuple[int, int], tuple[int, int]]
"""Affine G2 point ((x.c0, x.c1), (y.c0, y.c1)); never infinity."""


def root_of_unity(size: int) -> int:
    """Primitive root of unity of order `size`, a power of two up to 2^28."""
    if size < 1 or size & (size - 1) or size > 1 << TWO_ADICITY:
        raise ValueError(f"domain size: {size} is not a power of two up to 2^{TWO_ADICITY}")
    return pow(GENERATOR, (R - 1) // size, R)


class Basis(Enum):
    """
    What the numbers of a vector mean; every operation says which it takes and refuses the others.
    """

    COEFFICIENT = "coefficient"  # ascending degree
    EVALUATION = "evaluation"  # on H = <omega>, natural order
    COSET = "coset"  # on shift * H, natural order


class BasisMismatch(TypeError):
    """Vectors of different basis, coset or length were mixed."""


@dataclass(frozen=True, slots=True)
class FieldVector:
    """`length` elements of Fr in a stated basis. `data` belongs to the backend that made it."""

    data: Any
    length: int
    basis: Basis
    shift: int = 1

    def like(self, data: Any) -> FieldVector:
        """Other `data` of the same length, in the same basis and on the same coset."""
        return FieldVector(data, self.length, self.basis, self.shift)

    def expect(self, basis: Basis, what: str) -> None:
        """BasisMismatch unless the vector is in `basis`; `what` names the operation."""
        if self.basis is not basis:
            raise BasisMismatch(f"{what}: {basis.value} basis wanted, {self.basis.value} given")


@dataclass(frozen=True, slots=True)
class PointVector:
    """`length` points of G1, infinity allowed. `data` belongs to the backend that made it."""

    data: Any
    length: int


@dataclass(slots=True)
class Column:
    """
    One column of the trace in evaluation basis, split by cell width.

    `narrow` holds a small number for every row; `wide` overrides single rows with full-width
    elements. The value of row i is wide[i] if present, else narrow[i].
    """

    narrow: npt.NDArray[np.uint16]
    wide: dict[int, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.narrow)


@dataclass(frozen=True, slots=True)
class Program:
    """
    A flat register program over rows (docs/explanation/protocol.md 4.4).

    Each instruction is a row (operation, destination register, left, right) of `instructions`,
    int32, shape (m, 4); operation 0 adds, 1 subtracts, 2 multiplies. An operand is
    `kind << 24 | index`: kind 0 a register, kind 1 a query, kind 2 a scalar. `queries[i] = (column,
    rotation)`: the value of `columns[column]` at row (row + rotation) mod n, any integer rotation.
    `outputs` are operands, one result column each.
    """

    instructions: npt.NDArray[np.int32]
    registers: int
    queries: tuple[tuple[int, int], ...]
    outputs: tuple[int, ...]


REGISTER, QUERY, SCALAR = 0, 1 << 24, 2 << 24
ADD, SUBTRACT, MULTIPLY = 0, 1, 2


class Algebra(ABC):
    """
    Arithmetic over BN254. Nothing here is constant time; callers keep secrets on their own machine.
    """

    name: str

    # -- vectors -----------------------------------------------------------------------------------
    @abstractmethod
    def vector(self, values: Sequence[int], basis: Basis, shift: int = 1) -> FieldVector:
        """Lift ints in [0, R); ValueError names the first index out of range."""

    @abstractmethod
    def integers(self, vector: FieldVector) -> list[int]:
        """The canonical ints of a vector."""

    @abstractmethod
    def lift(self, column: Column) -> FieldVector:
        """EVALUATION vector of a column."""

    @abstractmethod
    def slice(self, vector: FieldVector, start: int, stop: int) -> FieldVector:
        """Elements [start, stop), same basis tag."""

    @abstractmethod
    def concatenate(self, vectors: Sequence[FieldVector]) -> FieldVector:
        """COEFFICIENT vectors one after the other."""

    @abstractmethod
    def powers(
        self, base: int, length: int, start: int, basis: Basis, shift: int = 1
    ) -> FieldVector:
        """
        start * base^i for i < length, tagged as asked (the identity polynomial on a coset, for
        one).
        """

    @abstractmethod
    def multiply(self, left: FieldVector, right: FieldVector) -> FieldVector:
        """Element by element, EVALUATION or COSET, same basis and length."""

    @abstractmethod
    def inverse(self, vector: FieldVector) -> FieldVector:
        """Element by element with one inversion; ZeroDivisionError names the first zero's index."""

    @abstractmethod
    def prefix_sum(self, vector: FieldVector) -> FieldVector:
        """Exclusive: out[0] = 0, out[i] = sum of vector[:i]."""

    @abstractmethod
    def linear_combination(
        self, scalars: Sequence[int], vectors: Sequence[FieldVector]
    ) -> FieldVector:
        """
        sum scalars[i] * vectors[i]; same basis; COEFFICIENT vectors may differ in length (the
        longest counts).
        """

    @abstractmethod
    def run(
        self, program: Program, columns: Sequence[FieldVector], scalars: Sequence[int]
    ) -> list[FieldVector]:
        """
        Run a program on every row; all columns EVALUATION, or all on one COSET. Results in the same
        basis.
        """

    @abstractmethod
    def run_once(self, program: Program, scalars: Sequence[int]) -> list[int]:
        """
        Run a program that reads no column once, on scalars alone; ValueError if it has queries.
        """

    # -- polynomials -------------------------------------------------------------------------------
    @abstractmethod
    def interpolate(self, values: FieldVector) -> FieldVector:
        """EVALUATION or COSET (undoing its shift) to COEFFICIENT of the same length."""

    @abstractmethod
    def evaluate_on_coset(self, coefficients: FieldVector, shift: int) -> FieldVector:
        """COEFFICIENT of power-of-two length n to COSET values at shift * omega^i."""

    @abstractmethod
    def evaluate(self, polynomials: Sequence[FieldVector], point: int) -> list[int]:
        """Value of each COEFFICIENT vector at one point."""

    @abstractmethod
    def interleave(self, polynomials: Sequence[FieldVector | None], length: int) -> FieldVector:
        """
        f(X) = sum_j X^j p_j(X^k): out[k*i + j] = p_j[i], None a zero polynomial; COEFFICIENT of k *
        length.
        """

    @abstractmethod
    def divide_by_binomial(self, dividend: FieldVector, step: int, root: int) -> FieldVector:
        """
        Quotient of COEFFICIENT `dividend` by X^step - root; the remainder is dropped. Length: len -
        step.
        """

    # -- G1 ----------------------------------------------------------------------------------------
    @abstractmethod
    def points(self, points: Sequence[Point]) -> PointVector:
        """Lift affine points; ValueError names the first that is out of range or off the curve."""

    @abstractmethod
    def affine(self, points: PointVector) -> list[Point]:
        """The points as ints."""

    @abstractmethod
    def msm(self, bases: PointVector, scalars: FieldVector) -> Point:
        """sum scalars[i] * bases[i]; scalars of any basis; `bases` may be longer than `scalars`."""

    @abstractmethod
    def msm_column(self, bases: PointVector, column: Column) -> Point:
        """
        The same for a column: the narrow part by small buckets, the wide rows as a sparse sum.
        """

    @abstractmethod
    def fixed_base(self, scalars: FieldVector) -> PointVector:
        """scalars[i] * G for the generator G = (1, 2)."""

    @abstractmethod
    def group_interpolate(self, points: PointVector) -> PointVector:
        """
        Inverse FFT in the group: from [a_i] to [n^-1 sum_j omega^(-ij) a_j]; n a power of two.
        """

    @abstractmethod
    def add_points(self, points: Sequence[Point]) -> Point:
        """Sum of single points."""

    @abstractmethod
    def scale_points(self, points: Sequence[Point], scalars: Sequence[int]) -> Point:
        """sum scalars[i] * points[i] for a handful of points (a verifier's sum)."""

    @abstractmethod
    def pairing_check(self, pairs: Sequence[tuple[Point, PointG2]]) -> bool:
        """Whether the product of the pairings is one."""

    # -- hashing -----------------------------------------------------------------------------------
    @abstractmethod
    def poseidon2_many(self, states: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
        """The Poseidon2 permutation (t = 3) of each state."""

    @abstractmethod
    def keccak256(self, data: bytes) -> bytes:
        """Keccak-256, as Ethereum has it; 32 bytes."""

    # -- serialisation of bulk data ----------------------------------------------------------------
    @abstractmethod
    def points_to_bytes(self, points: PointVector) -> bytes:
        """64 bytes a point: x, y big endian, canonical; infinity is 64 zero bytes."""

    @abstractmethod
    def points_from_bytes(self, data: bytes, *, check: bool) -> PointVector:
        """
        Inverse of `points_to_bytes`; with `check`, ValueError names the first point off the curve.
        """

    @abstractmethod
    def points_from_x(self, data: bytes, greater: bytes) -> PointVector:
        """
        Finite points from 32 big-endian bytes of x each and a byte that is 1 for the greater of the
        two y (as numbers), else 0; ValueError names the first x that is not below P or that no
        point has.
        """

    @abstractmethod
    def points_to_limbs(self, points: PointVector) -> npt.NDArray[np.uint64]:
        """
        Shape (n, 8): x, y times 2^256 mod P (Montgomery form), four limbs each, least first;
        infinity all zeros.
        """

    @abstractmethod
    def points_from_limbs(self, limbs: npt.NDArray[np.uint64], *, check: bool) -> PointVector:
        """
        Inverse of `points_to_limbs`. A backend that works in this form keeps `limbs` as they are, a
        read-only memory map too. With `check`, ValueError says where a point is out of range or off
        the curve; without, nobody looked.
        """
