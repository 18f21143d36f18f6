"""
The fast algebra: the Rust extension behind the interface of algebra/interface.py.

This file checks bases and lengths and moves numbers in bulk; the arithmetic is in algebra/native/.
A field vector's `data` is a uint64 array of shape (n, 4), Montgomery limbs; a point vector's is
uint64 (n, 8), infinity all zeros. Arrays are never written to after they were made, so slices share
memory. Nothing here is constant time.

Kernels run on all cores, or on fewer threads where the system gives no more, and in a forked child
too. What there is no memory for is `refused.memory`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, wraps
from typing import ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt

from algebra import _native
from algebra.errors import Refused
from algebra.interface import (
    Algebra,
    Basis,
    BasisMismatch,
    Column,
    FieldVector,
    P,
    Point,
    PointG2,
    PointVector,
    Program,
    R,
)

_INFINITY = bytes(64)
_CHECKED_AT_ONCE = 1 << 16
"""Points of a memory map that are looked at together, so that a check does not copy all of it."""


@cache
def native() -> NativeAlgebra:
    """The one instance; it holds no state of its own."""
    return NativeAlgebra()


def kernel_info() -> dict[str, object]:
    """What the extension was built as, and what it runs on: `threads` are those that it got."""
    return _native.kernel_info()


_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


def _answering(kernel: Callable[_Given, _Result]) -> Callable[_Given, _Result]:
    """The same, with a shortage of memory as a refusal and a panic as an Exception."""

    @wraps(kernel)
    def answer(*args: _Given.args, **kwargs: _Given.kwargs) -> _Result:
        try:
            return kernel(*args, **kwargs)
        except MemoryError as error:
            reason = f"memory: {kernel.__name__}: {str(error) or 'the system gave none'}"
            raise Refused("refused.memory", reason, kernel=kernel.__name__) from error
        except _native.PanicException as error:
            reason = f"{kernel.__name__}: native code failed inside; please report the call"
            raise RuntimeError(reason) from error

    return answer


def _all_answering(implementation: type[NativeAlgebra]) -> type[NativeAlgebra]:
    """Every operation of the interface `_answering`."""
    for name in Algebra.__abstractmethods__:
        setattr(implementation, name, _answering(getattr(implementation, name)))
    return implementation


@_all_answering
class NativeAlgebra(Algebra):
    """
    Arithmetic over BN254 in Rust on all cores; the interpreter lock is released while a kernel
    runs.
    """

    name = "native"

    # -- vectors -----------------------------------------------------------------------------------
    def vector(self, values: Sequence[int], basis: Basis, shift: int = 1) -> FieldVector:
        data = _native.field_from_bytes(_pack(values, "vector"))
        return FieldVector(data, len(data), basis, shift)

    def integers(self, vector: FieldVector) -> list[int]:
        return _unpack(_native.field_to_bytes(vector.data))

    def lift(self, column: Column) -> FieldVector:
        rows, values = _wide(column)
        data = _native.lift(_narrow(column), rows, values)
        return FieldVector(data, len(data), Basis.EVALUATION)

    def slice(self, vector: FieldVector, start: int, stop: int) -> FieldVector:
        if not 0 <= start <= stop <= vector.length:
            raise ValueError(
                f"slice: [{start}, {stop}) is not inside a vector of length {vector.length}"
            )
        return FieldVector(vector.data[start:stop], stop - start, vector.basis, vector.shift)

    def concatenate(self, vectors: Sequence[FieldVector]) -> FieldVector:
        for vector in vectors:
            vector.expect(Basis.COEFFICIENT, "concatenate")
        data = np.concatenate([np.empty((0, 4), np.uint64), *(vector.data for vector in vectors)])
        return FieldVector(data, len(data), Basis.COEFFICIENT)

    def powers(
        self, base: int, length: int, start: int, basis: Basis, shift: int = 1
    ) -> FieldVector:
        if length < 0:
            raise ValueError(f"powers: length {length} is negative")
        data = _native.powers(_single(base, "base"), _single(start, "start"), length)
        return FieldVector(data, length, basis, shift)

    def multiply(self, left: FieldVector, right: FieldVector) -> FieldVector:
        _same([left, right], "multiply")
        if left.basis is Basis.COEFFICIENT:
            raise BasisMismatch("multiply: evaluation or coset basis wanted, coefficient given")
        return left.like(_native.multiply(left.data, right.data))

    def inverse(self, vector: FieldVector) -> FieldVector:
        return vector.like(_native.inverse(vector.data))

    def prefix_sum(self, vector: FieldVector) -> FieldVector:
        return vector.like(_native.prefix_sum(vector.data))

    def linear_combination(
        self, scalars: Sequence[int], vectors: Sequence[FieldVector]
    ) -> FieldVector:
        if len(scalars) != len(vectors) or not vectors:
            raise ValueError(
                f"linear_combination: {len(scalars)} scalars for {len(vectors)} vectors (at "
                "least one)"
            )
        _same(vectors, "linear_combination", lengths=vectors[0].basis is not Basis.COEFFICIENT)
        data = _native.linear_combination(
            _pack(scalars, "scalars"), [vector.data for vector in vectors]
        )
        return FieldVector(data, len(data), vectors[0].basis, vectors[0].shift)

    def run(
        self, program: Program, columns: Sequence[FieldVector], scalars: Sequence[int]
    ) -> list[FieldVector]:
        if not columns:
            raise ValueError("run: at least one column is wanted, the number of rows is theirs")
        _same(columns, "run")
        first = columns[0]
        if first.basis is Basis.COEFFICIENT:
            raise BasisMismatch("run: evaluation or coset basis wanted, coefficient given")
        instructions = np.ascontiguousarray(program.instructions, dtype=np.int32).reshape(-1, 4)
        queries = [
            (column, rotation % max(first.length, 1)) for column, rotation in program.queries
        ]
        results = _native.run(
            instructions,
            program.registers,
            queries,
            program.outputs,
            [column.data for column in columns],
            _pack(scalars, "scalars"),
        )
        return [first.like(data) for data in results]

    def run_once(self, program: Program, scalars: Sequence[int]) -> list[int]:
        if program.queries:
            raise ValueError(
                f"run_once: the program has {len(program.queries)} queries, none wanted"
            )
        instructions = np.ascontiguousarray(program.instructions, dtype=np.int32).reshape(-1, 4)
        return _unpack(
            _native.run_once(
                instructions, program.registers, program.outputs, _pack(scalars, "scalars")
            )
        )

    # -- polynomials -------------------------------------------------------------------------------
    def interpolate(self, values: FieldVector) -> FieldVector:
        if values.basis is Basis.COEFFICIENT:
            raise BasisMismatch("interpolate: evaluation or coset basis wanted, coefficient given")
        shift = values.shift if values.basis is Basis.COSET else 1
        data = _native.interpolate(values.data, _single(shift, "shift"))
        return FieldVector(data, values.length, Basis.COEFFICIENT)

    def evaluate_on_coset(self, coefficients: FieldVector, shift: int) -> FieldVector:
        coefficients.expect(Basis.COEFFICIENT, "evaluate_on_coset")
        data = _native.evaluate_on_coset(coefficients.data, _single(shift, "shift"))
        return FieldVector(data, coefficients.length, Basis.COSET, shift)

    def evaluate(self, polynomials: Sequence[FieldVector], point: int) -> list[int]:
        for polynomial in polynomials:
            polynomial.expect(Basis.COEFFICIENT, "evaluate")
        return _unpack(
            _native.evaluate(
                [polynomial.data for polynomial in polynomials], _single(point, "point")
            )
        )

    def interleave(self, polynomials: Sequence[FieldVector | None], length: int) -> FieldVector:
        if length < 0:
            raise ValueError(f"interleave: length {length} is negative")
        for polynomial in polynomials:
            if polynomial is not None:
                polynomial.expect(Basis.COEFFICIENT, "interleave")
        data = _native.interleave(
            [None if part is None else part.data for part in polynomials], length
        )
        return FieldVector(data, len(data), Basis.COEFFICIENT)

    def divide_by_binomial(self, dividend: FieldVector, step: int, root: int) -> FieldVector:
        dividend.expect(Basis.COEFFICIENT, "divide_by_binomial")
        if not 1 <= step <= dividend.length:
            raise ValueError(
                f"divide_by_binomial: step {step} is outside [1, {dividend.length} coefficients]"
            )
        data = _native.divide_by_binomial(dividend.data, step, _single(root, "root"))
        return FieldVector(data, len(data), Basis.COEFFICIENT)

    # -- G1 ----------------------------------------------------------------------------------------
    def points(self, points: Sequence[Point]) -> PointVector:
        return self.points_from_bytes(_pack_points(points), check=True)

    def affine(self, points: PointVector) -> list[Point]:
        data = self.points_to_bytes(points)
        return [_point(data[start : start + 64]) for start in range(0, len(data), 64)]

    def msm(self, bases: PointVector, scalars: FieldVector) -> Point:
        _enough(bases, scalars.length)
        return _point(_native.msm_full(bases.data, scalars.data))

    def msm_column(self, bases: PointVector, column: Column) -> Point:
        _enough(bases, len(column))
        rows, values = _wide(column)
        return _point(_native.msm_column(bases.data, _narrow(column), rows, values))

    def fixed_base(self, scalars: FieldVector) -> PointVector:
        return PointVector(_native.fixed_base(scalars.data), scalars.length)

    def group_interpolate(self, points: PointVector) -> PointVector:
        return PointVector(_native.group_interpolate(points.data), points.length)

    def add_points(self, points: Sequence[Point]) -> Point:
        return _point(_native.add_points(_pack_points(points)))

    def scale_points(self, points: Sequence[Point], scalars: Sequence[int]) -> Point:
        if len(points) != len(scalars):
            raise ValueError(f"scale_points: {len(scalars)} scalars for {len(points)} points")
        return _point(_native.scale_points(_pack_points(points), _pack(scalars, "scalars")))

    def pairing_check(self, pairs: Sequence[tuple[Point, PointG2]]) -> bool:
        left = _pack_points([point for point, _ in pairs])
        right = b"".join(_pack_twist(twist, index) for index, (_, twist) in enumerate(pairs))
        return _native.pairing_check(left, right)

    # -- hashing -----------------------------------------------------------------------------------
    def poseidon2_many(self, states: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
        for index, state in enumerate(states):
            if len(state) != 3:
                raise ValueError(f"poseidon2_many: state {index} has {len(state)} words, 3 wanted")
        words = _unpack(
            _native.poseidon2_many(_pack([word for state in states for word in state], "states"))
        )
        return list(zip(words[0::3], words[1::3], words[2::3], strict=True))

    def keccak256(self, data: bytes) -> bytes:
        return _native.keccak256(data)

    # -- serialisation of bulk data ----------------------------------------------------------------
    def points_to_bytes(self, points: PointVector) -> bytes:
        return _native.points_to_bytes(points.data)

    def points_from_bytes(self, data: bytes, *, check: bool) -> PointVector:
        limbs = _native.points_from_bytes(bytes(data), check)
        return PointVector(limbs, len(limbs))

    def points_from_x(self, data: bytes, greater: bytes) -> PointVector:
        limbs = _native.points_from_x(bytes(data), bytes(greater))
        return PointVector(limbs, len(limbs))

    def points_to_limbs(self, points: PointVector) -> npt.NDArray[np.uint64]:
        limbs: npt.NDArray[np.uint64] = points.data
        return limbs

    def points_from_limbs(self, limbs: npt.NDArray[np.uint64], *, check: bool) -> PointVector:
        data = np.ascontiguousarray(limbs, np.uint64)
        if data.ndim != 2 or data.shape[1] != 8:
            raise ValueError(f"points: limbs of shape {data.shape}, (n, 8) wanted")
        for start in range(0, len(data) if check else 0, _CHECKED_AT_ONCE):
            part = data[start : start + _CHECKED_AT_ONCE]
            try:
                canonical = _native.points_from_bytes(_native.points_to_bytes(part), True)
            except ValueError as error:
                raise ValueError(f"points from {start} on: {error}") from error
            if not np.array_equal(canonical, part):
                raise ValueError(f"points from {start} on: a coordinate is not below P")
        return PointVector(data, len(data))


def _pack(values: Sequence[int], what: str) -> bytes:
    """32 little-endian bytes an int; whether each is below R is checked in Rust."""
    try:
        return b"".join([value.to_bytes(32, "little") for value in values])
    except AttributeError:  # numpy integers
        return _pack([int(value) for value in values], what)
    except OverflowError:
        index = next(index for index, value in enumerate(values) if not 0 <= value < R)
        raise ValueError(f"{what}: element {index} is outside [0, R)") from None


def _single(value: int, what: str) -> bytes:
    return _pack([value], what)


def _unpack(data: bytes) -> list[int]:
    return [int.from_bytes(data[start : start + 32], "little") for start in range(0, len(data), 32)]


def _pack_points(points: Sequence[Point]) -> bytes:
    """
    64 big-endian bytes a point; range and curve are checked in Rust, but (0, 0) would pass there as
    infinity.
    """
    parts = []
    for index, point in enumerate(points):
        if point is None:
            parts.append(_INFINITY)
            continue
        x, y = point
        if not (0 <= x < P and 0 <= y < P):
            raise ValueError(f"points: a coordinate of point {index} is outside [0, P)")
        if x == 0 and y == 0:
            raise ValueError(
                f"points: point {index} is (0, 0), which is not on the curve (infinity is None)"
            )
        parts.append(x.to_bytes(32, "big") + y.to_bytes(32, "big"))
    return b"".join(parts)


def _pack_twist(point: PointG2, index: int) -> bytes:
    (x0, x1), (y0, y1) = point
    if not all(0 <= coordinate < P for coordinate in (x0, x1, y0, y1)):
        raise ValueError(f"pairing_check: a G2 coordinate of pair {index} is outside [0, P)")
    if not any((x0, x1, y0, y1)):  # the kernel, like the precompile, would take it for infinity
        raise ValueError(f"pairing_check: G2 point {index} is not on the curve")
    return b"".join(coordinate.to_bytes(32, "big") for coordinate in (x0, x1, y0, y1))


def _point(data: bytes) -> Point:
    if data == _INFINITY:
        return None
    return int.from_bytes(data[:32], "big"), int.from_bytes(data[32:], "big")


def _narrow(column: Column) -> npt.NDArray[np.uint16]:
    if column.narrow.dtype != np.uint16 or column.narrow.ndim != 1:
        raise ValueError(
            f"column: narrow is {column.narrow.dtype} of {column.narrow.ndim} axes, one of "
            "uint16 wanted"
        )
    return np.ascontiguousarray(column.narrow)


def _wide(column: Column) -> tuple[npt.NDArray[np.uint64], bytes]:
    """Row numbers and packed values of the wide cells."""
    for row in column.wide:
        if not 0 <= row < len(column):
            raise ValueError(f"column: wide row {row} is outside [0, {len(column)})")
    rows = np.fromiter(column.wide.keys(), np.uint64, len(column.wide))
    return rows, _pack(list(column.wide.values()), "wide values")


def _same(vectors: Sequence[FieldVector], what: str, lengths: bool = True) -> None:
    """Refuse vectors of different basis, coset or (where it matters) length."""
    first = vectors[0]
    for index, vector in enumerate(vectors):
        if (vector.basis, vector.shift) != (first.basis, first.shift) or (
            lengths and vector.length != first.length
        ):
            raise BasisMismatch(
                f"{what}: vector {index} is {vector.basis.value} of length {vector.length}, "
                f"vector 0 is {first.basis.value} of length {first.length}"
                + (" on another coset" if vector.shift != first.shift else "")
            )


def _enough(bases: PointVector, wanted: int) -> None:
    if bases.length < wanted:
        raise ValueError(f"msm: {wanted} scalars for {bases.length} bases")
