"""Reference and native algebra give the same values for the same input, method by method."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from algebra.interface import (
    ADD,
    MULTIPLY,
    QUERY,
    SCALAR,
    SUBTRACT,
    Algebra,
    Basis,
    Column,
    P,
    Point,
    Program,
    R,
)

reference = pytest.importorskip("algebra.reference", reason="the reference algebra is not there")
native_backend = pytest.importorskip(
    "algebra.native_backend", reason="the Rust extension is not built"
)

EDGES = [0, 1, 2, R - 1, R - 2, R // 2, 2**32, 2**64 - 1, 2**128, 2**192 + 1, 2**253]
EVALUATION, COEFFICIENT, COSET = Basis.EVALUATION, Basis.COEFFICIENT, Basis.COSET

TWINS: list[Algebra] = [reference.ReferenceAlgebra(), native_backend.native()]


def field(count: int, seed: int) -> list[int]:
    source = random.Random(seed)
    return [
        source.choice(EDGES) if source.random() < 0.4 else source.randrange(R) for _ in range(count)
    ]


def same(results: list[Any]) -> Any:
    """Both answers, which must be equal; the common one is returned."""
    assert len(results) == len(TWINS)
    assert results[0] == results[1]
    return results[0]


def vectors(
    count: int, length: int, basis: Basis, shift: int = 1
) -> list[tuple[Algebra, list[Any]]]:
    values = [field(length, seed) for seed in range(count)]
    return [(twin, [twin.vector(value, basis, shift) for value in values]) for twin in TWINS]


def points(count: int, seed: int) -> list[Point]:
    """Random multiples of G with infinity, twins and opposites among them."""
    native = native_backend.native()
    scalars = [[0, 1, R - 1, 2][i] if i < 4 else s for i, s in enumerate(field(count, seed))]
    result: list[Point] = native.affine(native.fixed_base(native.vector(scalars, EVALUATION)))
    return result


@pytest.mark.parametrize("length", [1, 2, 8, 13])
def test_vectors(length: int) -> None:
    work = vectors(2, length, COSET, 7)
    same([twin.integers(a) for twin, (a, _) in work])
    same([twin.integers(twin.multiply(a, b)) for twin, (a, b) in work])
    same([twin.integers(twin.prefix_sum(a)) for twin, (a, _) in work])
    same([twin.integers(twin.linear_combination([R - 1, 5], [a, b])) for twin, (a, b) in work])
    same([twin.integers(twin.slice(a, length // 3, length)) for twin, (a, _) in work])
    nonzero = [value or 1 for value in field(length, 0)]
    same([twin.integers(twin.inverse(twin.vector(nonzero, EVALUATION))) for twin in TWINS])
    same([twin.integers(twin.powers(3, length, R - 1, EVALUATION)) for twin in TWINS])
    coefficients = vectors(2, length, COEFFICIENT)
    same([twin.integers(twin.concatenate([a, b, a])) for twin, (a, b) in coefficients])
    same([twin.integers(twin.interleave([a, None, b], length)) for twin, (a, b) in coefficients])
    same([twin.evaluate([a, b], 10**50 % R) for twin, (a, b) in coefficients])
    for step in {1, length // 2 or 1, length}:
        same([twin.integers(twin.divide_by_binomial(a, step, 77)) for twin, (a, _) in coefficients])


def test_coefficients_of_unequal_length() -> None:
    parts = [field(length, length) for length in (3, 9, 5)]
    same(
        [
            twin.integers(
                twin.linear_combination(
                    [1, R - 2, 3], [twin.vector(part, COEFFICIENT) for part in parts]
                )
            )
            for twin in TWINS
        ]
    )


@pytest.mark.parametrize("size", [1, 2, 4, 16, 64])
def test_transforms(size: int) -> None:
    for shift in (1, 5, R - 2):
        work = vectors(1, size, COEFFICIENT)
        same([twin.integers(twin.evaluate_on_coset(a, shift)) for twin, (a,) in work])
        work = vectors(1, size, COSET, shift)
        same([twin.integers(twin.interpolate(a)) for twin, (a,) in work])
    same([twin.integers(twin.interpolate(a)) for twin, (a,) in vectors(1, size, EVALUATION)])


@pytest.mark.parametrize("rows", [1, 8, 300])
def test_programs(rows: int) -> None:
    instructions = [
        (MULTIPLY, 0, QUERY, QUERY + 1),
        (SUBTRACT, 1, SCALAR, 0),
        (ADD, 0, 1, QUERY + 2),
        (MULTIPLY, 1, 0, 0),
        (SUBTRACT, 2, 1, SCALAR + 1),
    ]
    program = Program(
        np.array(instructions, np.int32), 3, ((0, 0), (1, 1), (0, -2)), (2, 0, QUERY + 1)
    )
    for basis, shift in ((EVALUATION, 1), (COSET, 5)):
        work = vectors(2, rows, basis, shift)
        same(
            [
                [twin.integers(v) for v in twin.run(program, columns, [R - 1, 9])]
                for twin, columns in work
            ]
        )


def test_programs_without_rows() -> None:
    instructions = [
        (MULTIPLY, 0, SCALAR, SCALAR + 1),
        (SUBTRACT, 1, SCALAR + 2, 0),
        (ADD, 0, 1, 1),
        (MULTIPLY, 1, 0, SCALAR),
    ]
    program = Program(np.array(instructions, np.int32), 2, (), (1, 0, SCALAR + 1))
    for seed in range(8):
        a, b, c = scalars = field(3, seed)
        double = 2 * (c - a * b)
        assert same([twin.run_once(program, scalars) for twin in TWINS]) == [
            double * a % R,
            double % R,
            b,
        ]
    assert same(
        [
            twin.run_once(Program(np.zeros((0, 4), np.int32), 0, (), (SCALAR,)), [5])
            for twin in TWINS
        ]
    ) == [5]
    for twin in TWINS:
        with pytest.raises(ValueError, match="scalar 2 of 2"):
            twin.run_once(program, [1, 2])
        with pytest.raises(ValueError, match="1 queries, none wanted"):
            twin.run_once(Program(program.instructions, 2, ((0, 0),), (0,)), scalars)
        with pytest.raises(ValueError, match="outside"):
            twin.run_once(program, [1, 2, R])


def test_lift_and_column_sums() -> None:
    bases = points(20, 3)
    source = random.Random(5)
    for limit in (2, 4096, 65536):
        narrow = np.array([source.randrange(limit) for _ in range(20)], np.uint16)
        for wide in ({}, {0: R - 1, 7: 2**100, 19: 0}):
            column = Column(narrow, wide)
            same([twin.integers(twin.lift(column)) for twin in TWINS])
            same([twin.msm_column(twin.points(bases), column) for twin in TWINS])


@pytest.mark.parametrize("size", [0, 1, 2, 3, 9, 17])
def test_sums_of_points(size: int) -> None:
    bases, scalars = points(17, 4), field(size, 6)
    same([twin.affine(twin.points(bases)) for twin in TWINS])
    same([twin.msm(twin.points(bases), twin.vector(scalars, EVALUATION)) for twin in TWINS])
    same([twin.add_points(bases[:size]) for twin in TWINS])
    same([twin.scale_points(bases[:size], scalars) for twin in TWINS])
    same([twin.affine(twin.fixed_base(twin.vector(scalars, EVALUATION))) for twin in TWINS])
    same([twin.points_to_bytes(twin.points(bases)) for twin in TWINS])
    data = native_backend.native().points_to_bytes(native_backend.native().points(bases))
    same([twin.affine(twin.points_from_bytes(data, check=True)) for twin in TWINS])


@pytest.mark.parametrize("size", range(66))
def test_sums_of_every_small_size(size: int) -> None:
    """
    Full width and column, with infinity, equal and opposite points, and the values that kernels
    treat apart.
    """
    source = random.Random(size)
    bases = [points(4, 0)[source.randrange(4)] for _ in range(size)]
    scalars, narrow = (
        field(size, size),
        np.array([source.choice([0, 1, 4095, 65535]) for _ in range(size)], np.uint16),
    )
    column = Column(narrow, {row: scalars[row] for row in source.sample(range(size), size // 4)})
    same([twin.msm(twin.points(bases), twin.vector(scalars, EVALUATION)) for twin in TWINS])
    same([twin.msm(twin.points(bases), twin.lift(column)) for twin in TWINS])
    same([twin.msm_column(twin.points(bases), column) for twin in TWINS])


def test_limbs_of_points() -> None:
    """One form for both: what one writes, the other reads."""
    bases = points(20, 9)
    limbs = [twin.points_to_limbs(twin.points(bases)) for twin in TWINS]
    assert all(one.shape == (20, 8) and one.dtype == np.uint64 for one in limbs) and np.array_equal(
        *limbs
    )
    for check in (True, False):
        assert (
            same([twin.affine(twin.points_from_limbs(limbs[0], check=check)) for twin in TWINS])
            == bases
        )
    for cell, value in ((limbs[0][2, 4], 1), (limbs[0][2, 3], 2**64 - 1)):
        broken = limbs[0].copy()
        broken[broken == cell] ^= np.uint64(value)
        for twin in TWINS:
            with pytest.raises(ValueError):
                twin.points_from_limbs(broken, check=True)


@pytest.mark.parametrize("size", [1, 2, 4])
def test_group_interpolation(size: int) -> None:
    bases = points(size, 8)
    same([twin.affine(twin.group_interpolate(twin.points(bases))) for twin in TWINS])


def test_pairings() -> None:
    g2 = (
        (
            10857046999023057135944570762232829481370756359578518086990519993285655852781,
            11559732032986387107991004021392285783925812861821192530917403151452391805634,
        ),
        (
            8495653923123431417604973247489272438418190587263600148770280649306958101930,
            4082367875863433681332203403145435568316851327593401208105741076214120093531,
        ),
    )  # EIP-197
    generator, opposite = (1, 2), (1, P - 2)
    assert same([twin.pairing_check([(generator, g2), (opposite, g2)]) for twin in TWINS]) is True
    assert same([twin.pairing_check([(generator, g2), (generator, g2)]) for twin in TWINS]) is False
    assert same([twin.pairing_check([(None, g2)]) for twin in TWINS]) is True


def test_keccak256() -> None:
    """Around the rate of 136 bytes, where padding fills a block of its own."""
    for length in (0, 1, 31, 32, 135, 136, 137, 271, 272, 273, 3000):
        same([twin.keccak256(bytes(i % 251 for i in range(length))) for twin in TWINS])
    empty = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert all(twin.keccak256(b"").hex() == empty for twin in TWINS)


def test_poseidon2() -> None:
    words = field(12, 11)
    states = list(zip(words[0::3], words[1::3], words[2::3], strict=True))
    same([[tuple(state) for state in twin.poseidon2_many(states)] for twin in TWINS])


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda a: a.vector([0, R], EVALUATION), ValueError),
        (lambda a: a.inverse(a.vector([1, 0], EVALUATION)), ZeroDivisionError),
        (lambda a: a.multiply(a.vector([1], EVALUATION), a.vector([1], COSET, 5)), TypeError),
        (lambda a: a.interpolate(a.vector([1], COEFFICIENT)), TypeError),
        (lambda a: a.evaluate([a.vector([1], EVALUATION)], 1), TypeError),
        (lambda a: a.points([(1, 3)]), ValueError),
        (lambda a: a.points([(P, 2)]), ValueError),
        (lambda a: a.points([(0, 0)]), ValueError),
        (lambda a: a.msm(a.points([(1, 2)]), a.vector([1, 2], EVALUATION)), ValueError),
        (lambda a: a.msm_column(a.points([(1, 2)]), Column(np.ones(2, np.uint16))), ValueError),
        (
            lambda a: a.msm_column(a.points([(1, 2)]), Column(np.ones(1, np.uint16), {1: 1})),
            ValueError,
        ),
        (
            lambda a: a.msm_column(a.points([(1, 2)]), Column(np.ones(1, np.uint16), {0: R})),
            ValueError,
        ),
        (lambda a: a.points_from_limbs(np.zeros((2, 4), np.uint64), check=False), ValueError),
    ],
)
def test_both_refuse_the_same(call: Any, error: type[Exception]) -> None:
    for twin in TWINS:
        with pytest.raises(error):
            call(twin)
