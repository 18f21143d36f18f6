"""
The readable algebra: galois for vectors, py_ecc for the pairing; the executable specification
(docs/explanation/protocol.md 2).

A field vector's `data` is a galois array of dtype object; a point vector's is a list of affine
points. Everything is checked before py_ecc sees it: its own checks are asserts, FQ reduces
silently, and it has no subgroup check. Useful up to some 2^13 elements. Nothing here is constant
time.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from functools import cache

import galois
import numpy as np
import numpy.typing as npt

from algebra import checks, curve, poseidon2
from algebra.interface import (
    ADD,
    MULTIPLY,
    SUBTRACT,
    Algebra,
    Basis,
    Column,
    FieldVector,
    P,
    Point,
    PointG2,
    PointVector,
    Program,
    R,
)
from algebra.keccak import library_keccak
from algebra.pairing import product_is_one

# The default search for a generator does not return within a minute for a prime of this size.
FR = galois.GF(R, primitive_element=5, verify=False)
_INFINITY = bytes(64)
_MONTGOMERY = 1 << 256
"""Factor of a coordinate's Montgomery form."""
_KIND, _INDEX = 24, (1 << 24) - 1


@cache
def reference() -> ReferenceAlgebra:
    """The one instance; it holds no state of its own."""
    return ReferenceAlgebra()


def array(values: Sequence[int]) -> galois.FieldArray:
    """A galois vector of ints that are already in [0, R)."""
    result: galois.FieldArray = np.array(values, dtype=object).view(FR)
    return result


class ReferenceAlgebra(Algebra):
    """Arithmetic over BN254 written to be read; `native` must agree with it to the last byte."""

    name = "reference"

    # -- vectors -----------------------------------------------------------------------------------
    def vector(self, values: Sequence[int], basis: Basis, shift: int = 1) -> FieldVector:
        return FieldVector(array(checks.scalars(values, "vector")), len(values), basis, shift)

    def integers(self, vector: FieldVector) -> list[int]:
        return [int(value) for value in vector.data]

    def lift(self, column: Column) -> FieldVector:
        values = checks.narrow(column)
        for row, value in checks.wide(column).items():
            values[row] = value
        return FieldVector(array(values), len(values), Basis.EVALUATION)

    def slice(self, vector: FieldVector, start: int, stop: int) -> FieldVector:
        if not 0 <= start <= stop <= vector.length:
            raise ValueError(
                f"slice: [{start}, {stop}) is not inside a vector of length {vector.length}"
            )
        return FieldVector(vector.data[start:stop], stop - start, vector.basis, vector.shift)

    def concatenate(self, vectors: Sequence[FieldVector]) -> FieldVector:
        for vector in vectors:
            vector.expect(Basis.COEFFICIENT, "concatenate")
        data = array([int(value) for vector in vectors for value in vector.data])
        return FieldVector(data, len(data), Basis.COEFFICIENT)

    def powers(
        self, base: int, length: int, start: int, basis: Basis, shift: int = 1
    ) -> FieldVector:
        if length < 0:
            raise ValueError(f"powers: length {length} is negative")
        checks.scalars([base, start], "powers")
        values, value = [], start
        for _ in range(length):
            values.append(value)
            value = value * base % R
        return FieldVector(array(values), length, basis, shift)

    def multiply(self, left: FieldVector, right: FieldVector) -> FieldVector:
        checks.same([left, right], "multiply")
        checks.not_coefficients(left, "multiply")
        return left.like(left.data * right.data)

    def inverse(self, vector: FieldVector) -> FieldVector:
        values = self.integers(vector)
        before, product = [], 1  # before[i] = product of values[:i]
        for index, value in enumerate(values):
            if value == 0:
                raise ZeroDivisionError(f"inverse: element {index} is zero")
            before.append(product)
            product = product * value % R
        inverse, result = pow(product, -1, R), [0] * len(values)
        for index in range(len(values) - 1, -1, -1):
            result[index] = inverse * before[index] % R
            inverse = inverse * values[index] % R
        return vector.like(array(result))

    def prefix_sum(self, vector: FieldVector) -> FieldVector:
        sums, total = [], 0
        for value in self.integers(vector):
            sums.append(total)
            total = (total + value) % R
        return vector.like(array(sums))

    def linear_combination(
        self, scalars: Sequence[int], vectors: Sequence[FieldVector]
    ) -> FieldVector:
        if len(scalars) != len(vectors) or not vectors:
            raise ValueError(
                f"linear_combination: {len(scalars)} scalars for {len(vectors)} vectors (at "
                "least one)"
            )
        checks.same(
            vectors, "linear_combination", lengths=vectors[0].basis is not Basis.COEFFICIENT
        )
        length = max(vector.length for vector in vectors)
        total = array([0] * length)
        for scalar, vector in zip(checks.scalars(scalars, "scalars"), vectors, strict=True):
            total[: vector.length] += vector.data * FR(scalar)
        return FieldVector(total, length, vectors[0].basis, vectors[0].shift)

    def run(
        self, program: Program, columns: Sequence[FieldVector], scalars: Sequence[int]
    ) -> list[FieldVector]:
        if not columns:
            raise ValueError("run: at least one column is wanted, the number of rows is theirs")
        checks.same(columns, "run")
        first = columns[0]
        checks.not_coefficients(first, "run")
        checks.program(program, len(columns), len(checks.scalars(scalars, "scalars")))
        registers: list[galois.FieldArray] = [array([])] * program.registers

        def column(operand: int) -> galois.FieldArray:
            """The whole column of an operand: all rows at once."""
            kind, index = operand >> _KIND, operand & _INDEX
            if kind == 0:
                return registers[index]
            if kind == 1:
                source, rotation = program.queries[index]
                rolled: galois.FieldArray = np.roll(
                    columns[source].data, -(rotation % max(first.length, 1))
                )
                return rolled
            return array([scalars[index]] * first.length)

        operations = {ADD: np.add, SUBTRACT: np.subtract, MULTIPLY: np.multiply}
        for operation, target, left, right in program.instructions.tolist():
            registers[target] = operations[operation](column(left), column(right))
        return [first.like(column(operand)) for operand in program.outputs]

    def run_once(self, program: Program, scalars: Sequence[int]) -> list[int]:
        if program.queries:
            raise ValueError(
                f"run_once: the program has {len(program.queries)} queries, none wanted"
            )
        checks.program(program, 0, len(checks.scalars(scalars, "scalars")))
        registers = [0] * program.registers

        def value(operand: int) -> int:
            kind, index = operand >> _KIND, operand & _INDEX
            return registers[index] if kind == 0 else scalars[index]

        rules = {ADD: operator.add, SUBTRACT: operator.sub, MULTIPLY: operator.mul}
        for operation, target, left, right in program.instructions.tolist():
            registers[target] = rules[operation](value(left), value(right)) % R
        return [value(operand) for operand in program.outputs]

    # -- polynomials -------------------------------------------------------------------------------
    def interpolate(self, values: FieldVector) -> FieldVector:
        checks.not_coefficients(values, "interpolate")
        shift = values.shift if values.basis is Basis.COSET else 1
        size = values.length
        omega = checks.domain(size, shift, "interpolate")
        # The transform with omega^-1 inverts the one with omega up to a factor n; shift^-i undoes
        # the coset.
        scaled = transform(values.data, pow(omega, -1, R)) * FR(pow(size, -1, R))
        undo = self.powers(pow(shift, -1, R), size, 1, Basis.COEFFICIENT)
        return FieldVector(scaled * undo.data, size, Basis.COEFFICIENT)

    def evaluate_on_coset(self, coefficients: FieldVector, shift: int) -> FieldVector:
        coefficients.expect(Basis.COEFFICIENT, "evaluate_on_coset")
        size = coefficients.length
        omega = checks.domain(size, shift, "evaluate_on_coset")
        scaled = coefficients.data * self.powers(shift, size, 1, Basis.COEFFICIENT).data
        return FieldVector(transform(scaled, omega), size, Basis.COSET, shift)

    def evaluate(self, polynomials: Sequence[FieldVector], point: int) -> list[int]:
        checks.scalars([point], "point")
        values = []
        for polynomial in polynomials:
            polynomial.expect(Basis.COEFFICIENT, "evaluate")
            value = 0
            for coefficient in reversed(self.integers(polynomial)):
                value = (value * point + coefficient) % R
            values.append(value)
        return values

    def interleave(self, polynomials: Sequence[FieldVector | None], length: int) -> FieldVector:
        if length < 0:
            raise ValueError(f"interleave: length {length} is negative")
        slots = len(polynomials)
        data = array([0] * (slots * length))
        for slot, polynomial in enumerate(polynomials):
            if polynomial is None:
                continue
            polynomial.expect(Basis.COEFFICIENT, "interleave")
            if polynomial.length > length:
                raise ValueError(
                    f"interleave: polynomial {slot} has length {polynomial.length}, at most "
                    f"{length}"
                )
            data[slot : slot + slots * polynomial.length : slots] = polynomial.data
        return FieldVector(data, slots * length, Basis.COEFFICIENT)

    def divide_by_binomial(self, dividend: FieldVector, step: int, root: int) -> FieldVector:
        dividend.expect(Basis.COEFFICIENT, "divide_by_binomial")
        if not 1 <= step <= dividend.length:
            raise ValueError(
                f"divide_by_binomial: step {step} is outside [1, {dividend.length}], the length"
            )
        checks.scalars([root], "root")
        values, length = self.integers(dividend), dividend.length - step
        # dividend[i + step] = quotient[i] - root * quotient[i + step], from the top down.
        quotient = [0] * (length + step)
        for index in range(length - 1, -1, -1):
            quotient[index] = (values[index + step] + root * quotient[index + step]) % R
        return FieldVector(array(quotient[:length]), length, Basis.COEFFICIENT)

    # -- G1 ----------------------------------------------------------------------------------------
    def points(self, points: Sequence[Point]) -> PointVector:
        return PointVector(checks.points(points, "points"), len(points))

    def affine(self, points: PointVector) -> list[Point]:
        return list(points.data)

    def msm(self, bases: PointVector, scalars: FieldVector) -> Point:
        checks.enough(bases, scalars.length)
        return _single(curve.multi_scalar(curve.GROUP, bases.data, self.integers(scalars)))

    def msm_column(self, bases: PointVector, column: Column) -> Point:
        checks.enough(bases, len(column))
        narrow, wide = checks.narrow(column), checks.wide(column)
        for row in wide:
            narrow[row] = 0  # the wide value stands in for it
        dense = curve.multi_scalar(curve.GROUP, bases.data, narrow)
        sparse = curve.multi_scalar(
            curve.GROUP, [bases.data[row] for row in wide], list(wide.values())
        )
        return _single(curve.add(dense, sparse))

    def fixed_base(self, scalars: FieldVector) -> PointVector:
        multiples = [curve.multiply_generator(scalar) for scalar in self.integers(scalars)]
        return PointVector(curve.affine(multiples), scalars.length)

    def group_interpolate(self, points: PointVector) -> PointVector:
        omega = checks.domain(points.length, 1, "group_interpolate")
        result = curve.inverse_transform([curve.jacobian(point) for point in points.data], omega)
        return PointVector(curve.affine(result), points.length)

    def add_points(self, points: Sequence[Point]) -> Point:
        total = curve.ZERO
        for point in checks.points(points, "points"):
            total = curve.add_affine(total, point)
        return _single(total)

    def scale_points(self, points: Sequence[Point], scalars: Sequence[int]) -> Point:
        if len(points) != len(scalars):
            raise ValueError(f"scale_points: {len(scalars)} scalars for {len(points)} points")
        total = curve.ZERO
        for point, scalar in zip(
            checks.points(points, "points"), checks.scalars(scalars, "scalars"), strict=True
        ):
            total = curve.add(total, curve.multiply(curve.jacobian(point), scalar))
        return _single(total)

    def pairing_check(self, pairs: Sequence[tuple[Point, PointG2]]) -> bool:
        checks.points([point for point, _ in pairs], "pairing_check")
        return product_is_one(pairs)

    # -- hashing -----------------------------------------------------------------------------------
    def poseidon2_many(self, states: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
        for index, state in enumerate(states):
            if len(state) != 3:
                raise ValueError(f"poseidon2_many: state {index} has {len(state)} words, 3 wanted")
        checks.scalars([word for state in states for word in state], "states")
        return [poseidon2.permute(state) for state in states]

    def keccak256(self, data: bytes) -> bytes:
        return library_keccak(data)

    # -- serialisation of bulk data ----------------------------------------------------------------
    def points_to_bytes(self, points: PointVector) -> bytes:
        return b"".join(
            _INFINITY
            if point is None
            else point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")
            for point in points.data
        )

    def points_from_bytes(self, data: bytes, *, check: bool) -> PointVector:
        if len(data) % 64:
            raise ValueError(f"points: length {len(data)} is not a multiple of 64")
        points: list[Point] = []
        for start in range(0, len(data), 64):
            x, y = (
                int.from_bytes(data[start : start + 32], "big"),
                int.from_bytes(data[start + 32 : start + 64], "big"),
            )
            if x >= P or y >= P:
                raise ValueError(f"points: element {start // 64} has a coordinate outside [0, P)")
            points.append((x, y) if x or y else None)
        return PointVector(checks.points(points, "points") if check else points, len(points))

    def points_from_x(self, data: bytes, greater: bytes) -> PointVector:
        if len(data) != 32 * len(greater):
            raise ValueError(f"points: {len(data)} bytes of x for {len(greater)} points")
        points: list[Point] = []
        for index, larger in enumerate(greater):
            x = int.from_bytes(data[32 * index : 32 * index + 32], "big")
            if x >= P:
                raise ValueError(f"points: element {index} has a coordinate outside [0, P)")
            try:
                points.append((x, curve.lift(x, greater=bool(larger))))
            except ValueError as error:
                raise ValueError(f"points: element {index} is not on the curve") from error
        return PointVector(points, len(points))

    def points_to_limbs(self, points: PointVector) -> npt.NDArray[np.uint64]:
        coordinates = [coordinate for point in points.data for coordinate in point or (0, 0)]
        data = b"".join(
            (coordinate * _MONTGOMERY % P).to_bytes(32, "little") for coordinate in coordinates
        )
        return np.frombuffer(data, "<u8").reshape(-1, 8).astype(np.uint64)

    def points_from_limbs(self, limbs: npt.NDArray[np.uint64], *, check: bool) -> PointVector:
        if limbs.ndim != 2 or limbs.shape[1] != 8:
            raise ValueError(f"points: limbs of shape {limbs.shape}, (n, 8) wanted")
        data = limbs.astype("<u8").tobytes()
        scaled = [
            int.from_bytes(data[start : start + 32], "little") for start in range(0, len(data), 32)
        ]
        if any(coordinate >= P for coordinate in scaled):
            raise ValueError("points: a coordinate is not below P")
        inverse = pow(_MONTGOMERY, -1, P)
        pairs = (
            (x * inverse % P, y * inverse % P)
            for x, y in zip(scaled[::2], scaled[1::2], strict=True)
        )
        points = [pair if any(pair) else None for pair in pairs]
        return PointVector(checks.points(points, "points") if check else points, len(points))


def transform(values: galois.FieldArray, omega: int) -> galois.FieldArray:
    """
    out[i] = sum_j values[j] * omega^(i j): radix 2, decimation in time, natural order in and out.

    `values` has 2^k elements and omega that order. Each pass joins transforms of `half` into
    transforms of 2 * half, all blocks at once: row b of `blocks` holds the even part, then the odd
    part, of block b.
    """
    size = len(values)
    order = np.zeros(size, dtype=np.int64)  # order[i] = i with its bits reversed
    half = 1
    while half < size:
        order[half : 2 * half] = order[:half] + size // (2 * half)
        half *= 2
    result: galois.FieldArray = values[order]
    half = 1
    while half < size:
        root = pow(omega, size // (2 * half), R)
        twiddles = array([pow(root, index, R) for index in range(half)])
        blocks = result.reshape(-1, 2 * half)
        even, odd = blocks[:, :half], blocks[:, half:] * twiddles
        result = np.concatenate([even + odd, even - odd], axis=1).reshape(size).view(FR)
        half *= 2
    return result


def _single(point: curve.Jacobian) -> Point:
    return curve.affine([point])[0]
