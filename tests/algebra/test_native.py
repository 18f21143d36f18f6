"""Every native kernel against Python integers and py_ecc, with the edge cases of each."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from py_ecc import optimized_bn128

from algebra.interface import (
    ADD,
    MULTIPLY,
    QUERY,
    REGISTER,
    SCALAR,
    SUBTRACT,
    Basis,
    BasisMismatch,
    Column,
    P,
    Point,
    PointG2,
    PointVector,
    Program,
    R,
    root_of_unity,
)

native_backend = pytest.importorskip(
    "algebra.native_backend", reason="the Rust extension is not built"
)
algebra = native_backend.native()

oracle: Any = optimized_bn128  # typed in part only
FQ, FQ2, G1, G2, Z1 = oracle.FQ, oracle.FQ2, oracle.G1, oracle.G2, oracle.Z1
add, multiply, neg, normalize, curve_order = (
    oracle.add,
    oracle.multiply,
    oracle.neg,
    oracle.normalize,
    oracle.curve_order,
)

SEEDS = [
    0,
    1,
    2,
    5,
    R - 1,
    R - 2,
    R - 5,
    R // 2,
    R // 2 + 1,
    2**32 - 1,
    2**64,
    2**128 + 1,
    2**253,
    2**192 - 1,
]
TWINS = str(Path(__file__).with_name("test_twins.py"))
EVALUATION, COEFFICIENT, COSET = Basis.EVALUATION, Basis.COEFFICIENT, Basis.COSET


def field(count: int, seed: int = 1) -> list[int]:
    """Edge values first, then random ones, in a shuffled order that a seed fixes."""
    source = random.Random(seed)
    values = [*SEEDS, *(source.randrange(R) for _ in range(max(0, count - len(SEEDS))))]
    source.shuffle(values)
    return values[:count]


def ec(point: Point) -> Any:
    return Z1 if point is None else (FQ(point[0]), FQ(point[1]), FQ(1))


def plain(point: Any) -> Point:
    if point[2] == FQ(0):
        return None
    x, y = normalize(point)
    return int(x), int(y)


def naive_msm(points: Sequence[Point], scalars: Sequence[int]) -> Point:
    total = Z1
    for point, scalar in zip(points, scalars, strict=False):
        total = add(total, multiply(ec(point), scalar))
    return plain(total)


@pytest.fixture(scope="module")
def bases() -> list[Point]:
    """
    Small multiples of G, so that equal points, opposite points and infinity all meet in one bucket.
    """
    source = random.Random(7)
    known = {k: plain(multiply(G1, k)) for k in range(1, 12)}
    known |= {-k: plain(neg(ec(point))) for k, point in known.items()}
    known[0] = None
    return [known[source.randrange(-11, 12)] for _ in range(300)]


def discrete_logarithms(bases: list[Point]) -> list[int]:
    table = {plain(multiply(G1, k)): k for k in range(1, 12)}
    table |= {plain(neg(ec(point))): -k for point, k in table.items()}
    return [0 if point is None else table[point] for point in bases]


# -- vectors ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("count", [0, 1, 2, 14, 3000])
def test_integers_survive_the_round_trip(count: int) -> None:
    values = field(count)
    vector = algebra.vector(values, COSET, 7)
    assert (vector.length, vector.basis, vector.shift) == (count, COSET, 7)
    assert vector.data.shape == (count, 4) and vector.data.dtype == np.uint64
    assert algebra.integers(vector) == values


@pytest.mark.parametrize("bad", [-1, R, R + 3, 2**256, 2**300])
def test_values_out_of_range_are_refused_by_index(bad: int) -> None:
    with pytest.raises(ValueError, match="element 3 "):
        algebra.vector([1, 2, 3, bad, bad], EVALUATION)


def test_the_representation_is_montgomery_form() -> None:
    assert [int(limb) for limb in algebra.vector([1], EVALUATION).data[0]] == [
        (2**256 % R >> 64 * i) & (2**64 - 1) for i in range(4)
    ]


def test_lift_puts_wide_cells_over_narrow_ones() -> None:
    column = Column(np.array([0, 1, 4095, 65535, 7], np.uint16), {4: R - 1, 0: 2**200})
    assert algebra.integers(algebra.lift(column)) == [2**200, 1, 4095, 65535, R - 1]
    with pytest.raises(ValueError, match="wide row 5"):
        algebra.lift(Column(np.zeros(5, np.uint16), {5: 1}))
    with pytest.raises(ValueError, match="uint16"):
        algebra.lift(Column(np.zeros(5, np.int64)))


def test_slice_and_concatenate() -> None:
    values = field(20)
    vector = algebra.vector(values, COEFFICIENT)
    pieces = [algebra.slice(vector, *bounds) for bounds in [(0, 5), (5, 5), (5, 20)]]
    assert algebra.integers(pieces[2]) == values[5:]
    assert algebra.integers(algebra.concatenate(pieces)) == values
    assert algebra.concatenate([]).length == 0
    for bounds in [(-1, 3), (4, 3), (0, 21)]:
        with pytest.raises(ValueError, match="slice"):
            algebra.slice(vector, *bounds)
    with pytest.raises(BasisMismatch):
        algebra.concatenate([algebra.vector([1], EVALUATION)])


def test_powers() -> None:
    for base, start, length in [(3, 5, 2500), (0, 7, 4), (R - 1, R - 1, 9), (2, 0, 3), (5, 1, 0)]:
        expected = [start * pow(base, i, R) % R for i in range(length)]
        assert algebra.integers(algebra.powers(base, length, start, EVALUATION)) == expected


def test_multiply_inverse_prefix_sum() -> None:
    left, right = field(2600, 2), field(2600, 3)
    first, second = algebra.vector(left, COSET, 5), algebra.vector(right, COSET, 5)
    product = algebra.multiply(first, second)
    assert algebra.integers(product) == [a * b % R for a, b in zip(left, right, strict=True)]
    assert (product.basis, product.shift) == (COSET, 5)
    nonzero = [value or 1 for value in left]
    assert algebra.integers(algebra.inverse(algebra.vector(nonzero, EVALUATION))) == [
        pow(a, -1, R) for a in nonzero
    ]
    sums = [0]
    for value in left[:-1]:
        sums.append((sums[-1] + value) % R)
    assert algebra.integers(algebra.prefix_sum(first)) == sums
    assert algebra.integers(algebra.prefix_sum(algebra.vector([], EVALUATION))) == []


def test_inverse_names_the_first_zero() -> None:
    with pytest.raises(ZeroDivisionError, match="element 2 "):
        algebra.inverse(algebra.vector([1, 2, 0, 5, 0], EVALUATION))


@pytest.mark.parametrize(
    "other",
    [
        algebra.vector([1, 2, 3], EVALUATION),
        algebra.vector([1, 2], COSET, 5),
        algebra.vector([1, 2], COEFFICIENT),
    ],
)
def test_mixed_vectors_are_refused(other: object) -> None:
    vector = algebra.vector([1, 2], EVALUATION)
    for call in (algebra.multiply, lambda a, b: algebra.linear_combination([1, 1], [a, b])):
        with pytest.raises(BasisMismatch):
            call(vector, other)
    with pytest.raises(BasisMismatch):
        algebra.run(
            program([(ADD, 0, QUERY, QUERY + 1)], 1, [(0, 0), (1, 0)], [0]), [vector, other], []
        )
    with pytest.raises(BasisMismatch):
        algebra.multiply(algebra.vector([1], COEFFICIENT), algebra.vector([1], COEFFICIENT))


def test_linear_combination_pads_short_coefficients() -> None:
    parts = [field(length, length) for length in (3, 2500, 1100)]
    scalars = [R - 1, 1, 12345]
    vectors = [algebra.vector(part, COEFFICIENT) for part in parts]
    expected = [
        sum(s * (part[i] if i < len(part) else 0) for s, part in zip(scalars, parts, strict=True))
        % R
        for i in range(2500)
    ]
    assert algebra.integers(algebra.linear_combination(scalars, vectors)) == expected
    with pytest.raises(ValueError, match="2 scalars"):
        algebra.linear_combination([1, 2], vectors)


# -- programs --------------------------------------------------------------------------------------
def program(
    instructions: Sequence[tuple[int, int, int, int]],
    registers: int,
    queries: Sequence[tuple[int, int]],
    outputs: Sequence[int],
) -> Program:
    return Program(
        np.array(instructions, np.int32).reshape(-1, 4), registers, tuple(queries), tuple(outputs)
    )


def interpret(text: Program, columns: list[list[int]], scalars: list[int]) -> list[list[int]]:
    """The definition, row by row."""
    rows = len(columns[0])
    results: list[list[int]] = [[] for _ in text.outputs]
    for row in range(rows):
        registers = [0] * text.registers

        def value(operand: int, row: int = row, registers: list[int] = registers) -> int:
            kind, index = operand >> 24, operand & 0xFFFFFF
            if kind == 0:
                return registers[index]
            if kind == 1:
                column, rotation = text.queries[index]
                return columns[column][(row + rotation) % rows]
            return scalars[index]

        for operation, target, left, right in text.instructions.tolist():
            a, b = value(left), value(right)
            registers[target] = (
                a + b if operation == ADD else a - b if operation == SUBTRACT else a * b
            ) % R
        for result, operand in zip(results, text.outputs, strict=True):
            result.append(value(operand))
    return results


@pytest.mark.parametrize("rows", [1, 2, 7, 64, 700])
def test_random_programs(rows: int) -> None:
    """
    All kinds of operands on both sides, in-place registers, rotations past both ends, outputs of
    every kind.
    """
    source = random.Random(rows)
    columns = [field(rows, seed) for seed in range(3)]
    scalars = field(4, 9)
    queries = [(0, 0), (1, 1), (2, -1), (0, rows), (1, -3 * rows - 2), (2, 12345), (0, -5)]
    registers, written, instructions = 6, 1, [(ADD, REGISTER + 0, QUERY + 0, SCALAR + 0)]
    for _ in range(60):
        left, right = (
            source.choice(
                [
                    source.randrange(written),
                    QUERY + source.randrange(len(queries)),
                    SCALAR + source.randrange(4),
                ]
            )
            for _ in range(2)
        )
        target = source.randrange(min(written + 1, registers))
        written = max(written, target + 1)
        instructions.append((source.choice([ADD, SUBTRACT, MULTIPLY]), target, left, right))
    outputs = [written - 1, QUERY + 4, SCALAR + 2, 0]
    text = program(instructions, registers, queries, outputs)
    vectors = [algebra.vector(column, COSET, 3) for column in columns]
    results = algebra.run(text, vectors, scalars)
    assert [algebra.integers(result) for result in results] == interpret(text, columns, scalars)
    assert all((result.basis, result.shift) == (COSET, 3) for result in results)


@pytest.mark.parametrize(
    ("instructions", "registers", "queries", "outputs", "message"),
    [
        ([(3, 0, QUERY, QUERY)], 1, [(0, 0)], [0], "unknown operation 3"),
        ([(ADD, 1, QUERY, QUERY)], 1, [(0, 0)], [0], "destination 1 of 1"),
        ([(ADD, -1, QUERY, QUERY)], 1, [(0, 0)], [0], "destination -1"),
        ([(ADD, 0, QUERY + 1, QUERY)], 1, [(0, 0)], [0], "query 1 of 1"),
        ([(ADD, 0, QUERY, SCALAR + 1)], 1, [(0, 0)], [0], "scalar 1 of 1"),
        ([(ADD, 0, QUERY, 1)], 1, [(0, 0)], [0], "register 1 of 1"),
        ([(ADD, 0, 1, QUERY)], 2, [(0, 0)], [0], "read before it is written"),
        ([(ADD, 0, QUERY, 3 << 24)], 1, [(0, 0)], [0], "kind 3"),
        ([(ADD, 0, -5, QUERY)], 1, [(0, 0)], [0], "kind -1"),
        ([(ADD, 0, QUERY, QUERY)], 1, [(1, 0)], [0], "column 1 of 1"),
        ([(ADD, 0, QUERY, QUERY)], 1, [(-1, 0)], [0], "column -1 of 1"),
        ([(ADD, 0, QUERY, QUERY)], 2, [(0, 0)], [1], "output 0: register 1 is read before"),
    ],
)
def test_programs_are_checked_before_they_run(
    instructions: list[tuple[int, int, int, int]],
    registers: int,
    queries: list[tuple[int, int]],
    outputs: list[int],
    message: str,
) -> None:
    with pytest.raises(ValueError, match=message):
        algebra.run(
            program(instructions, registers, queries, outputs),
            [algebra.vector([1, 2], EVALUATION)],
            [5],
        )


# -- polynomials -----------------------------------------------------------------------------------
def value_at(coefficients: Sequence[int], point: int) -> int:
    total = 0
    for coefficient in reversed(coefficients):
        total = (total * point + coefficient) % R
    return total


@pytest.mark.parametrize("log", [0, 1, 2, 3, 6, 9])
@pytest.mark.parametrize("shift", [1, 7, R - 3])
def test_transform_is_evaluation_on_every_point(log: int, shift: int) -> None:
    size = 1 << log
    coefficients = field(size, log)
    values = algebra.evaluate_on_coset(algebra.vector(coefficients, COEFFICIENT), shift)
    assert (values.basis, values.shift) == (COSET, shift)
    omega = root_of_unity(size)
    got = algebra.integers(values)
    for index in range(0, size, max(1, size // 16)):
        assert got[index] == value_at(coefficients, shift * pow(omega, index, R) % R)
    back = algebra.interpolate(values)
    assert back.basis is COEFFICIENT and algebra.integers(back) == coefficients


def test_large_transform() -> None:
    """Past the size where threads share one transform."""
    size = 1 << 14
    coefficients = field(size, 4)
    values = algebra.evaluate_on_coset(algebra.vector(coefficients, COEFFICIENT), 5)
    omega, got = root_of_unity(size), algebra.integers(values)
    for index in (0, 1, 4095, 4096, 8192, size - 1):
        assert got[index] == value_at(coefficients, 5 * pow(omega, index, R) % R)
    assert algebra.integers(algebra.interpolate(values)) == coefficients


def test_interpolate_ignores_the_shift_of_plain_evaluations() -> None:
    values = algebra.vector([1, 2, 3, 4], EVALUATION)
    coefficients = algebra.integers(algebra.interpolate(values))
    assert [value_at(coefficients, pow(root_of_unity(4), i, R)) for i in range(4)] == [1, 2, 3, 4]


def test_transforms_refuse_wrong_sizes_bases_and_shifts() -> None:
    with pytest.raises(ValueError, match="power of two"):
        algebra.evaluate_on_coset(algebra.vector([1, 2, 3], COEFFICIENT), 5)
    with pytest.raises(ValueError, match="power of two"):
        algebra.interpolate(algebra.vector([], EVALUATION))
    with pytest.raises(BasisMismatch):
        algebra.evaluate_on_coset(algebra.vector([1], EVALUATION), 5)
    with pytest.raises(BasisMismatch):
        algebra.interpolate(algebra.vector([1], COEFFICIENT))
    for shift in (0, R):
        with pytest.raises(ValueError, match="shift"):
            algebra.evaluate_on_coset(algebra.vector([1, 2], COEFFICIENT), shift)


def test_evaluate_many_lengths() -> None:
    polynomials = [field(length, length) for length in (0, 1, 2, 3, 4, 5, 4095, 4096, 4097, 9001)]
    vectors = [algebra.vector(polynomial, COEFFICIENT) for polynomial in polynomials]
    for point in (0, 1, R - 1, 123456789**7 % R):
        assert algebra.evaluate(vectors, point) == [
            value_at(polynomial, point) for polynomial in polynomials
        ]
    assert algebra.evaluate([], 3) == []


def test_interleave() -> None:
    parts = [field(5, 1), None, field(3, 2), []]
    vectors = [None if part is None else algebra.vector(part, COEFFICIENT) for part in parts]
    got = algebra.integers(algebra.interleave(vectors, 5))
    for row in range(5):
        for j, part in enumerate(parts):
            assert got[4 * row + j] == (part[row] if part is not None and row < len(part) else 0)
    with pytest.raises(ValueError, match="interleave"):
        algebra.interleave(vectors, 4)


@pytest.mark.parametrize(
    ("length", "step"),
    [
        (1, 1),
        (2, 1),
        (9, 1),
        (9, 4),
        (9, 9),
        (64, 8),
        (65, 8),
        (5000, 1),
        (5001, 2),
        (20000, 1),
        (20003, 8),
        (9000, 9),
    ],
)
def test_division_by_a_binomial(length: int, step: int) -> None:
    dividend = field(length, length)
    for root in (0, 1, 3**150 % R):
        vector = algebra.vector(dividend, COEFFICIENT)
        quotient = algebra.integers(algebra.divide_by_binomial(vector, step, root))
        assert len(quotient) == length - step
        padded = [0] * step + quotient + [0] * step
        product = [(padded[i] - root * padded[i + step]) % R for i in range(length)]
        assert product[step:] == dividend[step:]  # what is left is below X^step


def test_division_refuses_bad_steps() -> None:
    for step in (0, -1, 4):
        with pytest.raises(ValueError, match="step"):
            algebra.divide_by_binomial(algebra.vector([1, 2, 3], COEFFICIENT), step, 1)


# -- G1 --------------------------------------------------------------------------------------------
def test_points_round_trip(bases: list[Point]) -> None:
    points = algebra.points(bases)
    assert algebra.affine(points) == bases
    data = algebra.points_to_bytes(points)
    encoded = [
        bytes(64) if p is None else p[0].to_bytes(32, "big") + p[1].to_bytes(32, "big")
        for p in bases
    ]
    assert data == b"".join(encoded)
    assert algebra.affine(algebra.points_from_bytes(data, check=True)) == bases
    assert algebra.affine(algebra.points([])) == []


@pytest.mark.parametrize(
    ("bad", "message"), [((1, 3), "point 1 "), ((0, 0), "point 1 "), ((P + 1, 2), "point 1 ")]
)
def test_bad_points_are_refused_by_index(bad: Point, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        algebra.points([(1, 2), bad, bad])


def test_bad_point_bytes() -> None:
    off = (1).to_bytes(32, "big") + (3).to_bytes(32, "big")
    good = (1).to_bytes(32, "big") + (2).to_bytes(32, "big")
    with pytest.raises(ValueError, match="point 1 "):
        algebra.points_from_bytes(good + off, check=True)
    assert algebra.points_from_bytes(good + off, check=False).length == 2
    with pytest.raises(ValueError, match="length 63"):
        algebra.points_from_bytes(good[:-1], check=True)
    with pytest.raises(ValueError, match="element 0 "):
        algebra.points_from_bytes(P.to_bytes(32, "big") + bytes(32), check=False)


def logarithm_msm(bases: list[Point], scalars: Sequence[int]) -> Point:
    """The sum through known discrete logarithms: fast enough for hundreds of rows."""
    total = sum(k * s for k, s in zip(discrete_logarithms(bases), scalars, strict=False)) % R
    return plain(multiply(G1, total)) if total else None


@pytest.mark.parametrize("size", range(66))
def test_msm_of_every_small_size(size: int, bases: list[Point]) -> None:
    scalars, points = field(size, size), algebra.points(bases)
    assert algebra.msm(points, algebra.vector(scalars, EVALUATION)) == logarithm_msm(bases, scalars)
    narrow, wide = (
        np.array([s % 65536 for s in scalars], np.uint16),
        {row: scalars[row] for row in range(0, size, 5)},
    )
    mixed = [wide.get(row, int(value)) for row, value in enumerate(narrow)]
    assert algebra.msm_column(points, Column(narrow, wide)) == logarithm_msm(bases, mixed)


def test_msm_against_sums_one_by_one(bases: list[Point]) -> None:
    """The one that does not rest on known logarithms."""
    scalars = field(33, 1)
    assert algebra.msm(algebra.points(bases), algebra.vector(scalars, EVALUATION)) == naive_msm(
        bases, scalars
    )


@pytest.mark.parametrize(
    "draw",
    [
        lambda source: source.randrange(R),
        lambda source: source.randrange(2**128),
        lambda source: source.randrange(2),
        lambda source: 0,
        lambda source: 1,
        lambda source: R - 1,
        lambda source: source.choice([2**k - 1 for k in range(254)]),
        lambda source: source.choice([2**k for k in range(254)]),
    ],
)
def test_msm_of_skewed_scalars(draw: Callable[[random.Random], int], bases: list[Point]) -> None:
    source = random.Random(3)
    scalars = [draw(source) for _ in range(300)]
    assert algebra.msm(
        algebra.points(bases), algebra.vector(scalars, COEFFICIENT)
    ) == logarithm_msm(bases, scalars)


def test_msm_past_the_batch_size(bases: list[Point]) -> None:
    """
    Thousands of rows, so that whole batches of additions fill up and every window width is met.
    """
    for size in (2500, 10000):
        scalars = field(size, size)
        many = (bases * 34)[:size]
        got = algebra.msm(algebra.points(many), algebra.vector(scalars, EVALUATION))
        assert got == logarithm_msm(many, scalars)


def test_msm_refuses_too_few_bases(bases: list[Point]) -> None:
    with pytest.raises(ValueError, match="4 scalars for 3 bases"):
        algebra.msm(algebra.points(bases[:3]), algebra.vector([1] * 4, EVALUATION))
    with pytest.raises(ValueError, match="4 scalars for 3 bases"):
        algebra.msm_column(algebra.points(bases[:3]), Column(np.ones(4, np.uint16)))


@pytest.mark.parametrize("size", [1, 2, 5, 65, 300, 10200])
@pytest.mark.parametrize("limit", [1, 2, 70, 300, 4096, 65536])
def test_column_msm(size: int, limit: int, bases: list[Point]) -> None:
    source = random.Random(size * limit)
    many = (bases * 34)[:size]
    narrow = np.array([source.randrange(limit) for _ in range(size)], np.uint16)
    narrow[source.randrange(size)] = limit - 1
    wide = {source.randrange(size): value for value in (R - 1, 2**127, 5, 0, source.randrange(R))}
    for column in (Column(narrow), Column(narrow, wide)):
        values = [column.wide.get(row, int(value)) for row, value in enumerate(narrow)]
        assert algebra.msm_column(algebra.points(many), column) == logarithm_msm(many, values)
    assert len(narrow) == size  # the caller's array is not written to
    assert all(value < limit for value in narrow.tolist())


BUCKETS: dict[str, Callable[[int], int]] = {
    "one point": lambda row: 3,
    "opposites side by side": lambda row: -1 if row % 2 else 1,
    "opposites far apart": lambda row: -2 if row % 1024 < 512 else 2,
    "infinity": lambda row: 0,
    "infinity between": lambda row: 5 if row % 3 else 0,
    "a point, its double, its opposite": lambda row: (1, 2, -1)[row % 3],
}
"""Multiple of G on each row: what can meet in one bucket."""


@pytest.mark.parametrize("size", [1, 3, 63, 1000, 4097])
@pytest.mark.parametrize("name", BUCKETS)
def test_msm_of_points_that_meet_in_one_bucket(name: str, size: int) -> None:
    """
    Equal values send all rows to one bucket: there doublings, sums that cancel, and infinity meet.
    """
    known = {k: plain(multiply(G1, k % R)) for k in range(-3, 6)}
    multiples = [BUCKETS[name](row) for row in range(size)]
    points = algebra.points([known[k] for k in multiples])
    source = random.Random(size)

    def expected(scalars: Sequence[int]) -> Point:
        return plain(multiply(G1, sum(k * s for k, s in zip(multiples, scalars, strict=True)) % R))

    for value in (0, 1, 2, 255, 256, 257, 4095, 4096, 32768, 65535):
        column = Column(np.full(size, value, np.uint16))
        assert algebra.msm_column(points, column) == expected([value] * size), value
    for limit in (1 << 12, 1 << 16):
        narrow = np.array([source.randrange(limit) for _ in range(size)], np.uint16)
        wide = {row: source.choice(SEEDS) for row in source.sample(range(size), size // 3)}
        cells = [wide.get(row, int(value)) for row, value in enumerate(narrow)]
        assert algebra.msm_column(points, Column(narrow, wide)) == expected(cells), limit
    everywhere = dict(enumerate(field(size, size)))
    assert algebra.msm_column(points, Column(np.ones(size, np.uint16), everywhere)) == expected(
        list(everywhere.values())
    )
    for value in (0, 1, R - 1, 4095, 65535, R // 2, 2**253, 2**128):
        assert algebra.msm(points, algebra.vector([value] * size, EVALUATION)) == expected(
            [value] * size
        ), value
    signs = [R - 1 if row % 2 else 1 for row in range(size)]
    assert algebra.msm(points, algebra.vector(signs, EVALUATION)) == expected(signs)


def test_column_msm_refuses_a_row_outside(bases: list[Point]) -> None:
    with pytest.raises(ValueError, match="wide row 3"):
        algebra.msm_column(algebra.points(bases[:5]), Column(np.ones(3, np.uint16), {3: 1}))


def test_msm_refuses_a_vector_that_is_not_what_it_says(bases: list[Point]) -> None:
    """Lengths and shapes are looked at again where the memory is read."""
    points, scalars = algebra.points(bases[:4]), algebra.vector([1] * 4, EVALUATION)
    with pytest.raises(ValueError, match="bases"):
        algebra.msm(PointVector(points.data[:3], 4), scalars)
    with pytest.raises(ValueError, match="bases"):
        algebra.msm_column(PointVector(points.data[:3], 4), Column(np.ones(4, np.uint16)))
    with pytest.raises(TypeError, match="shape"):
        algebra.msm(PointVector(points.data.reshape(8, 4), 4), scalars)
    with pytest.raises(TypeError, match="contiguous"):
        algebra.msm(PointVector(points.data[::2], 2), algebra.slice(scalars, 0, 2))
    with pytest.raises(ValueError, match="narrow is float64"):
        algebra.msm_column(points, Column(np.ones(4)))


def test_points_survive_their_limbs(bases: list[Point]) -> None:
    limbs = algebra.points_to_limbs(algebra.points(bases))
    assert limbs.shape == (300, 8) and limbs.dtype == np.uint64
    x = sum(
        int(limb) << 64 * i
        for i, limb in enumerate(algebra.points_to_limbs(algebra.points([(1, 2)]))[0, :4])
    )
    assert x == (1 << 256) % P
    shared = limbs.copy()
    shared.flags.writeable = False
    taken = algebra.points_from_limbs(shared, check=True)
    assert taken.data is shared and algebra.affine(taken) == bases
    assert (
        algebra.affine(algebra.points_from_limbs(limbs[1::7], check=True)) == bases[1::7]
    )  # not contiguous: copied
    assert algebra.points_from_limbs(limbs[:0], check=True).length == 0


@pytest.mark.parametrize("row", [0, 1, 70_000])
def test_bad_limbs(row: int) -> None:
    """Past the part that is looked at together too; the message says from where on."""
    limbs = np.tile(algebra.points_to_limbs(algebra.points([(1, 2)])), (70_001, 1))
    where = f"from {row // 65536 * 65536} on"
    limbs[row, 4] ^= 1
    with pytest.raises(ValueError, match=f"{where}.*point {row % 65536} is not on the curve"):
        algebra.points_from_limbs(limbs, check=True)
    assert algebra.points_from_limbs(limbs, check=False).length == 70_001
    limbs[row] = 0
    assert algebra.affine(algebra.points_from_limbs(limbs, check=True))[row] is None
    for not_below in (2**64 - 1, int(P >> 192) + 1):
        limbs[row] = limbs[row - 1]
        limbs[row, 3] = not_below
        with pytest.raises(ValueError, match=where):
            algebra.points_from_limbs(limbs, check=True)
    x = sum(int(limb) << 64 * i for i, limb in enumerate(limbs[row - 1, :4])) + P
    limbs[row, :4] = [x >> 64 * i & (2**64 - 1) for i in range(4)]
    with pytest.raises(ValueError, match=f"{where}.*not below P"):
        algebra.points_from_limbs(limbs, check=True)
    for shape in ((4,), (2, 4), (2, 9)):
        with pytest.raises(ValueError, match="limbs of shape"):
            algebra.points_from_limbs(np.zeros(shape, np.uint64), check=False)


@pytest.mark.parametrize("size", [0, 1, 14, 70, 5000])
def test_fixed_base(size: int) -> None:
    scalars = field(size, size)
    points = algebra.affine(algebra.fixed_base(algebra.vector(scalars, EVALUATION)))
    assert len(points) == size
    for index in range(0, size, max(1, size // 16)):
        assert points[index] == (plain(multiply(G1, scalars[index])) if scalars[index] else None)


@pytest.mark.parametrize("size", [1, 2, 4, 8, 64, 2048])
def test_group_interpolation_is_interpolation_in_the_exponent(size: int) -> None:
    values = algebra.vector(field(size, 5), EVALUATION)
    expected = algebra.affine(algebra.fixed_base(algebra.interpolate(values)))
    assert algebra.affine(algebra.group_interpolate(algebra.fixed_base(values))) == expected
    with pytest.raises(ValueError, match="power of two"):
        algebra.group_interpolate(algebra.points([(1, 2)] * 3))


def test_sums_of_single_points(bases: list[Point]) -> None:
    assert algebra.add_points([]) is None
    assert algebra.add_points(bases[:20]) == naive_msm(bases[:20], [1] * 20)
    assert algebra.add_points([(1, 2), (1, P - 2)]) is None
    assert algebra.scale_points(bases[:14], SEEDS) == naive_msm(bases[:14], SEEDS)
    # One chain of doublings up to 64 points, buckets from there.
    for size in (63, 64, 65, 100):
        assert algebra.scale_points(bases[:size], field(size, size)) == naive_msm(
            bases[:size], field(size, size)
        )
    with pytest.raises(ValueError, match="1 scalars for 2 points"):
        algebra.scale_points(bases[:2], [1])
    with pytest.raises(ValueError, match="point 0 "):
        algebra.scale_points([(1, 3)], [1])


# -- pairing ---------------------------------------------------------------------------------------
def twist(point: Any) -> PointG2:
    x, y = normalize(point)
    return (int(x.coeffs[0]), int(x.coeffs[1])), (int(y.coeffs[0]), int(y.coeffs[1]))


def test_pairing_products() -> None:
    g2 = twist(G2)
    a, b = 987654321, 123456789
    left, right = plain(multiply(G1, a)), twist(multiply(G2, b))
    product = plain(neg(multiply(G1, a * b % curve_order)))
    assert algebra.pairing_check([(left, right), (product, g2)])
    assert not algebra.pairing_check([(left, right), (left, g2)])
    assert not algebra.pairing_check([((1, 2), g2)])
    assert algebra.pairing_check([(None, g2)])
    assert algebra.pairing_check([])


def test_pairing_remembers_many_points() -> None:
    """More G2 points than the kernel keeps, each met again after it was forgotten."""
    for _ in range(2):
        for k in range(2, 14):
            left, right = plain(neg(multiply(G1, k))), twist(multiply(G2, k))
            assert algebra.pairing_check([(left, twist(G2)), ((1, 2), right)])
            assert not algebra.pairing_check([(left, right), ((1, 2), twist(G2))])


def test_pairing_inputs_are_checked() -> None:
    g2 = twist(G2)
    with pytest.raises(ValueError, match="point 1 is not on the curve"):
        algebra.pairing_check([((1, 2), g2), ((1, 3), g2)])
    with pytest.raises(ValueError, match="point 0 is not on the curve"):
        algebra.pairing_check([((1, 2), (g2[0], (g2[1][0], g2[1][1] ^ 1)))])
    with pytest.raises(ValueError, match="pair 0 is outside"):
        algebra.pairing_check([((1, 2), (g2[0], (g2[1][0] + P, g2[1][1])))])
    with pytest.raises(ValueError, match="subgroup"):
        algebra.pairing_check([((1, 2), outside_subgroup())])
    # An infinite partner does not excuse a bad point.
    with pytest.raises(ValueError, match="subgroup"):
        algebra.pairing_check([(None, outside_subgroup())])


def outside_subgroup() -> PointG2:
    """
    A point of the twist y^2 = x^3 + 3/(9+i) with small x; the cofactor is large, so it is outside
    the subgroup.
    """
    constant = FQ2([3, 0]) / FQ2([9, 1])
    for start in range(1, 50):
        x = FQ2([start, 0])
        square = x * x * x + constant
        root = square_root(square)
        if root is not None:
            point = (x, root, FQ2.one())
            if multiply(point, curve_order)[2] != FQ2.zero():
                return twist(point)
    raise LookupError("no point found")


def square_root(square: Any) -> Any:
    """In Fp2 = Fp[i], p = 3 mod 4, by the norm."""
    a, b = int(square.coeffs[0]), int(square.coeffs[1])
    norm = pow(a * a + b * b, (P + 1) // 4, P)
    for sign in (norm, -norm):
        half = (a + sign) * pow(2, -1, P) % P
        real = pow(half, (P + 1) // 4, P)
        if real and real * real % P == half:
            root = FQ2([real, b * pow(2 * real, -1, P) % P])
            return root if root * root == square else None
    return None


# -- hashing ---------------------------------------------------------------------------------------
def test_poseidon2_vectors(shared_data: Path) -> None:
    document = json.loads((shared_data / "vectors" / "poseidon2_bn254_kats.json").read_text())
    case = next(case for case in document["cases"] if case["t"] == 3)
    assert algebra.poseidon2_many([(0, 1, 2)]) == [tuple(int(word, 16) for word in case["output"])]


def test_poseidon2_of_many_is_the_same_for_each() -> None:
    states = [(i, R - 1 - i, i * i) for i in range(100)]
    together = algebra.poseidon2_many(states)
    assert together == [algebra.poseidon2_many([state])[0] for state in states]
    assert len(set(together)) == 100
    assert algebra.poseidon2_many([]) == []
    with pytest.raises(ValueError, match="element 4 "):
        algebra.poseidon2_many([(1, 2, 3), (1, R, 2)])
    with pytest.raises(ValueError, match="state 1 has 2 words"):
        algebra.poseidon2_many([(1, 2, 3), (1, 2)])


def test_kernel_info_says_what_runs() -> None:
    info = native_backend.kernel_info()
    assert info["threads"] >= 1 and isinstance(info["assembly"], bool)
    assert info["vectors"] in ("plain", "avx2", "ifma")


@pytest.mark.slow
@pytest.mark.parametrize("vectors", ["plain", "avx2"])
def test_weaker_kernels_agree(vectors: str) -> None:
    """
    The kernels for CPUs with less pass this same file and the twins (they are chosen once per
    process).
    """
    order, info = ["plain", "avx2", "ifma"], native_backend.kernel_info()
    if order.index(vectors) >= order.index(info["vectors"]):
        pytest.skip(
            "these kernels are the ones that just ran, or this CPU has not got them "
            f"({info['vectors']})"
        )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-k",
        "not weaker",
        __file__,
        TWINS,
    ]
    environment = {**os.environ, "TIERPROOF_VECTORS": vectors}
    result = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert result.returncode == 0, result.stdout[-2000:]
