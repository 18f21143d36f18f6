"""The reference algebra against direct definitions, py_ecc and the go-ethereum precompile cases."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from py_ecc.optimized_bn128 import FQ, FQ2, G1, Z1, add, curve_order, multiply, neg, normalize
from py_ecc.optimized_bn128 import G2 as PY_G2
from py_ecc.optimized_bn128 import add as py_add

from algebra import curve, twist
from algebra.interface import (
    ADD,
    MULTIPLY,
    QUERY,
    SCALAR,
    SUBTRACT,
    Basis,
    BasisMismatch,
    Column,
    FieldVector,
    P,
    Point,
    PointG2,
    Program,
    R,
    root_of_unity,
)
from algebra.reference import ReferenceAlgebra, reference

EVALUATION, COEFFICIENT, COSET = Basis.EVALUATION, Basis.COEFFICIENT, Basis.COSET
EDGES = [0, 1, 2, 5, R - 1, R - 2, R // 2, R // 2 + 1, 2**64 - 1, 2**128, 2**253]
algebra = reference()


def field(count: int, seed: int = 1) -> list[int]:
    source = random.Random(seed)
    values = [*EDGES, *(source.randrange(R) for _ in range(count))][:count]
    source.shuffle(values)
    return values


def oracle(point: Point) -> Any:
    """py_ecc's form of a point."""
    return Z1 if point is None else (FQ(point[0]), FQ(point[1]), FQ(1))


def plain(point: Any) -> Point:
    if point[2] == FQ(0):
        return None
    x, y = normalize(point)
    return int(x), int(y)


def plain_g2(point: Any) -> PointG2:
    x, y = normalize(point)
    return (int(x.coeffs[0]), int(x.coeffs[1])), (int(y.coeffs[0]), int(y.coeffs[1]))


def some_points(count: int, seed: int = 3) -> list[Point]:
    """Random multiples of G by py_ecc, with infinity, equal and opposite points among them."""
    source = random.Random(seed)
    points = [plain(multiply(G1, source.randrange(1, R))) for _ in range(max(1, count // 2))]
    extra: list[Point] = [None, *points, *(plain(neg(oracle(point))) for point in points)]
    return [*points, *(source.choice(extra) for _ in range(count))][:count]


# -- polynomials by their definition ---------------------------------------------------------------
@pytest.mark.parametrize("size", [1, 2, 4, 8, 64])
@pytest.mark.parametrize("shift", [1, 5, R - 2])
def test_transform_is_the_sum_of_its_definition(size: int, shift: int) -> None:
    coefficients = field(size, size)
    omega = root_of_unity(size)
    points = [shift * pow(omega, i, R) % R for i in range(size)]
    direct = [sum(c * pow(x, j, R) for j, c in enumerate(coefficients)) % R for x in points]
    vector = algebra.vector(coefficients, COEFFICIENT)
    values = algebra.evaluate_on_coset(vector, shift)
    assert algebra.integers(values) == direct
    assert (values.basis, values.shift, values.length) == (COSET, shift, size)
    assert algebra.integers(algebra.interpolate(values)) == coefficients
    assert [algebra.evaluate([vector], x)[0] for x in points] == direct
    if shift == 1:
        assert (
            algebra.integers(algebra.interpolate(algebra.vector(direct, EVALUATION)))
            == coefficients
        )


def test_large_transform_returns() -> None:
    coefficients = field(1 << 13, 2)
    values = algebra.evaluate_on_coset(algebra.vector(coefficients, COEFFICIENT), 7)
    assert algebra.integers(algebra.interpolate(values)) == coefficients
    x = 7 * pow(root_of_unity(1 << 13), 4097, R) % R
    assert (
        algebra.integers(values)[4097]
        == algebra.evaluate([algebra.vector(coefficients, COEFFICIENT)], x)[0]
    )


def test_interleave_then_division_by_the_binomial() -> None:
    parts = [field(4, 1), None, field(3, 2)]
    vectors = [None if part is None else algebra.vector(part, COEFFICIENT) for part in parts]
    whole = algebra.interleave(vectors, 4)
    x = 987654321
    cube = pow(x, 3, R)
    direct = sum(
        pow(x, j, R) * sum(c * pow(cube, i, R) for i, c in enumerate(part))
        for j, part in enumerate(parts)
        if part
    )
    assert algebra.evaluate([whole], x) == [direct % R]
    # f(X) = (X^3 - root) q(X) + f mod (X^3 - root)
    root = 13579
    quotient = algebra.divide_by_binomial(whole, 3, root)
    rows = algebra.integers(whole)
    remainder = [sum(rows[3 * i + j] * pow(root, i, R) for i in range(4)) % R for j in range(3)]
    value = (cube - root) * algebra.evaluate([quotient], x)[0] + sum(
        c * pow(x, j, R) for j, c in enumerate(remainder)
    )
    assert value % R == direct % R
    assert quotient.length == 9


# -- vectors ---------------------------------------------------------------------------------------
def test_elementwise_operations_by_their_definition() -> None:
    left, right = field(40, 4), field(40, 5)
    a, b = algebra.vector(left, COSET, 9), algebra.vector(right, COSET, 9)
    assert algebra.integers(algebra.multiply(a, b)) == [
        x * y % R for x, y in zip(left, right, strict=True)
    ]
    assert algebra.integers(algebra.linear_combination([3, R - 1], [a, b])) == [
        (3 * x - y) % R for x, y in zip(left, right, strict=True)
    ]
    assert algebra.integers(algebra.prefix_sum(a)) == [sum(left[:i]) % R for i in range(40)]
    nonzero = [x or 7 for x in left]
    inverse = algebra.integers(algebra.inverse(algebra.vector(nonzero, EVALUATION)))
    assert all(x * y % R == 1 for x, y in zip(nonzero, inverse, strict=True))
    assert algebra.integers(algebra.powers(3, 5, 2, COSET, 9)) == [2, 6, 18, 54, 162]
    assert algebra.integers(a) == left and algebra.integers(b) == right  # inputs are not written to


def test_slices_do_not_alias_results() -> None:
    vector = algebra.vector([1, 2, 3, 4], COEFFICIENT)
    part = algebra.slice(vector, 1, 3)
    total = algebra.linear_combination([1, 1], [vector, part])
    assert algebra.integers(total) == [3, 5, 3, 4]
    assert algebra.integers(vector) == [1, 2, 3, 4] and algebra.integers(part) == [2, 3]


def test_program_runs_on_every_row() -> None:
    """out0 = (a(+1) - b(-1)) * s + a, out1 = s, out2 = b(+5 = +1 of 4 rows)."""
    a, b, s = field(4, 6), field(4, 7), 11
    instructions = np.array(
        [
            (SUBTRACT, 0, QUERY + 0, QUERY + 1),
            (MULTIPLY, 0, 0, SCALAR + 0),
            (ADD, 1, 0, QUERY + 2),
        ],
        np.int32,
    )
    program = Program(
        instructions, 2, ((0, 1), (1, -1), (0, 0), (1, 5)), (1, SCALAR + 0, QUERY + 3)
    )
    columns = [algebra.vector(a, COSET, 5), algebra.vector(b, COSET, 5)]
    out = [algebra.integers(vector) for vector in algebra.run(program, columns, [s])]
    assert out[0] == [((a[(i + 1) % 4] - b[(i - 1) % 4]) * s + a[i]) % R for i in range(4)]
    assert out[1] == [s] * 4
    assert out[2] == [b[(i + 1) % 4] for i in range(4)]
    unwritten = Program(np.array([(ADD, 0, 1, QUERY)], np.int32), 2, ((0, 0),), (0,))
    with pytest.raises(ValueError, match="read before it is written"):
        algebra.run(unwritten, columns, [])


@pytest.mark.parametrize("bad", [-1, R, R + 5, 2**256])
def test_out_of_range_is_refused_by_index_and_not_shown(bad: int) -> None:
    with pytest.raises(ValueError, match="element 2 ") as caught:
        algebra.vector([0, 1, bad], EVALUATION)
    assert str(bad) not in str(caught.value).replace("element 2 ", "")


def test_mixed_bases_are_refused() -> None:
    evaluation, coset = algebra.vector([1, 2], EVALUATION), algebra.vector([1, 2], COSET, 5)
    other_coset, short = algebra.vector([1, 2], COSET, 7), algebra.vector([1], EVALUATION)
    pairs: list[tuple[FieldVector, FieldVector]] = [
        (evaluation, coset),
        (coset, other_coset),
        (evaluation, short),
    ]
    for left, right in pairs:
        with pytest.raises(BasisMismatch):
            algebra.multiply(left, right)
        with pytest.raises(BasisMismatch):
            algebra.linear_combination([1, 1], [left, right])
    with pytest.raises(BasisMismatch):
        algebra.evaluate([evaluation], 3)


# -- G1 against py_ecc -----------------------------------------------------------------------------
def test_group_law_is_py_ecc() -> None:
    points = some_points(8)
    for left in points:
        for right in points:
            expected = plain(add(oracle(left), oracle(right)))
            assert algebra.add_points([left, right]) == expected
            # Jacobian on the right with Z != 1: double and subtract once more
            doubled = curve.double(curve.jacobian(right))
            mixed = curve.affine([curve.add(curve.jacobian(left), doubled)])[0]
            assert mixed == plain(add(oracle(left), multiply(oracle(right), 2)))
    for scalar in EDGES:
        assert algebra.scale_points([points[0]], [scalar]) == plain(
            multiply(oracle(points[0]), scalar)
        )


@pytest.mark.parametrize("size", [0, 1, 2, 9, 60])
def test_msm_is_the_sum_of_multiples(size: int) -> None:
    points, scalars = some_points(size), field(size, size)
    total = Z1
    for point, scalar in zip(points, scalars, strict=True):
        total = add(total, multiply(oracle(point), scalar))
    bases = algebra.points([*points, (1, 2)])  # one more base than scalars
    assert algebra.msm(bases, algebra.vector(scalars, EVALUATION)) == plain(total)
    assert algebra.scale_points(points, scalars) == plain(total)


@pytest.mark.parametrize("wide", [{}, {0: R - 1}, {3: 2**200, 19: 0, 7: 65536}])
def test_column_msm_is_msm_of_the_lifted_column(wide: dict[int, int]) -> None:
    source = random.Random(5)
    column = Column(np.array([source.randrange(1 << 16) for _ in range(20)], np.uint16), wide)
    bases = algebra.points(some_points(20))
    before = column.narrow.copy()
    assert algebra.msm_column(bases, column) == algebra.msm(bases, algebra.lift(column))
    assert (column.narrow == before).all() and algebra.integers(algebra.lift(column))[
        19
    ] == wide.get(19, before[19])


def test_fixed_base_and_group_interpolation() -> None:
    scalars = field(8, 8)
    vector = algebra.vector(scalars, EVALUATION)
    points = algebra.fixed_base(vector)
    assert algebra.affine(points) == [plain(multiply(G1, s)) for s in scalars]
    omega, direct = root_of_unity(8), []
    for i in range(8):
        total = Z1
        for j, point in enumerate(algebra.affine(points)):
            total = add(total, multiply(oracle(point), pow(omega, -i * j, R) * pow(8, -1, R) % R))
        direct.append(plain(total))
    assert algebra.affine(algebra.group_interpolate(points)) == direct


@pytest.mark.parametrize("bad", [(1, 3), (0, 0), (P + 1, 2), (1, 2 + P), (-1, 2)])
def test_bad_points_are_refused_everywhere(bad: tuple[int, int]) -> None:
    for call in (
        lambda: algebra.points([(1, 2), bad]),
        lambda: algebra.add_points([(1, 2), bad]),
        lambda: algebra.scale_points([(1, 2), bad], [1, 0]),
        lambda: algebra.pairing_check([((1, 2), twist.G2), (bad, twist.G2)]),
    ):
        with pytest.raises(ValueError, match="point 1 "):
            call()


def test_point_bytes() -> None:
    points = some_points(9)
    data = algebra.points_to_bytes(algebra.points(points))
    assert len(data) == 64 * 9
    assert algebra.affine(algebra.points_from_bytes(data, check=True)) == points
    with pytest.raises(ValueError, match="63"):
        algebra.points_from_bytes(data[:63], check=True)
    flipped = bytearray(data)
    flipped[63] ^= 1
    with pytest.raises(ValueError, match="point 0 "):
        algebra.points_from_bytes(bytes(flipped), check=True)


# -- G2 and the pairing ----------------------------------------------------------------------------
def test_twist_is_py_ecc() -> None:
    assert plain_g2(PY_G2) == twist.G2 and twist.on_curve(twist.G2) and twist.in_subgroup(twist.G2)
    multiples = [plain_g2(multiply(PY_G2, k)) for k in (1, 2, 3, R - 1, R // 3)]
    for k, expected in zip((1, 2, 3, R - 1, R // 3), multiples, strict=True):
        assert twist.affine(twist.multiply(twist.G2, k)) == expected
    for left in multiples:
        for right in multiples:
            total = py_add(*(tuple([*map(FQ2, point), FQ2.one()]) for point in (left, right)))
            start = twist.add_affine(twist.ZERO, left)
            doubled = twist.multiply(right, 2)  # Z != 1
            expected_double = py_add(total, tuple([*map(FQ2, right), FQ2.one()]))
            for got, expected in (
                (twist.add_affine(start, right), total),
                (twist.add(start, doubled), expected_double),
            ):
                affine = twist.affine(got)
                assert affine == (None if expected[2] == FQ2.zero() else plain_g2(expected))
    assert twist.multiply(twist.G2, R)[2] == (0, 0)
    assert twist.from_bytes(twist.to_bytes(multiples[4])) == multiples[4]


def outside_subgroup() -> PointG2:
    """
    A point on the twist that R does not send to infinity: the order of the twist is R (2P - R).
    """
    inverse = pow(82, -1, P)
    constant = FQ2([27 * inverse, -3 * inverse])
    for start in range(1, 50):
        x = FQ2([start, 1])
        y = square_root(x * x * x + constant)
        if y is not None:
            point = ((start, 1), (int(y.coeffs[0]), int(y.coeffs[1])))
            if not twist.in_subgroup(point):
                return point
    raise LookupError("no point found")


def square_root(square: Any) -> Any:
    """In Fp2 with i^2 = -1 and P = 3 mod 4, from the root of the norm."""
    a, b = (int(c) for c in square.coeffs)
    norm = pow(a * a + b * b, (P + 1) // 4, P)
    for half in ((a + norm) * pow(2, -1, P) % P, (a - norm) * pow(2, -1, P) % P):
        real = pow(half, (P + 1) // 4, P)
        if real and real * real % P == half:
            root = FQ2([real, b * pow(2 * real, -1, P) % P])
            return root if root * root == square else None
    return None


def test_bad_g2_points_are_refused() -> None:
    (x0, x1), (y0, y1) = twist.G2
    outside = outside_subgroup()
    assert twist.on_curve(outside) and not twist.in_subgroup(outside)
    cases: list[tuple[PointG2, str]] = [
        (((x0 + P, x1), (y0, y1)), "outside"),
        (((x0, x1), (y0, -1)), "outside"),
        (((x0, x1), (y1, y0)), "not on the curve"),
        (((0, 0), (0, 0)), "not on the curve"),
        (outside, "subgroup"),
    ]
    for point, message in cases:
        for left in ((1, 2), None):
            with pytest.raises(ValueError, match=message):
                algebra.pairing_check([(left, point)])


def test_pairing_is_bilinear() -> None:
    a, b = 123456789, R - 5
    left, right = plain(multiply(G1, a)), plain_g2(multiply(PY_G2, b))
    opposite = plain(neg(multiply(G1, a * b % curve_order)))
    assert algebra.pairing_check([(left, right), (opposite, twist.G2)])
    assert not algebra.pairing_check([(left, right), (left, twist.G2)])
    assert algebra.pairing_check([]) and algebra.pairing_check([(None, right)])


# -- go-ethereum's precompile cases ----------------------------------------------------------------
def cases(folder: Path, name: str) -> list[tuple[str, bytes, bytes]]:
    entries = json.loads((folder / "vectors" / "go-ethereum" / name).read_text())
    return [(e["Name"], bytes.fromhex(e["Input"]), bytes.fromhex(e["Expected"])) for e in entries]


def words(data: bytes, count: int) -> list[int]:
    """The precompiles read missing bytes as zero and ignore the rest."""
    data = data[: 32 * count].ljust(32 * count, b"\0")
    return [int.from_bytes(data[i : i + 32], "big") for i in range(0, 32 * count, 32)]


def point_of(x: int, y: int) -> Point:
    return (x, y) if x or y else None


def encoded(point: Point) -> bytes:
    x, y = point or (0, 0)
    return x.to_bytes(32, "big") + y.to_bytes(32, "big")


def test_go_ethereum_additions(shared_data: Path) -> None:
    for name, data, expected in cases(shared_data, "bn256Add.json"):
        x1, y1, x2, y2 = words(data, 4)
        assert encoded(algebra.add_points([point_of(x1, y1), point_of(x2, y2)])) == expected, name


def test_go_ethereum_scalar_multiplications(shared_data: Path) -> None:
    for name, data, expected in cases(shared_data, "bn256ScalarMul.json"):
        x, y, scalar = words(data, 3)
        assert encoded(algebra.scale_points([point_of(x, y)], [scalar % R])) == expected, name


FEW = ("jeff1", "jeff4", "jeff6", "empty_data", "one_point")
"""Of the published pairings: none, one, two and three pairs, and both answers."""


@pytest.mark.parametrize("few", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_go_ethereum_pairings(few: bool, shared_data: Path) -> None:
    seen = []
    for name, data, expected in cases(shared_data, "bn256Pairing.json"):
        if few and name not in FEW:
            continue
        seen.append(name)
        pairs: list[tuple[Point, PointG2]] = []
        infinite = False
        for start in range(0, len(data), 192):
            x, y, x1, x0, y1, y0 = words(data[start : start + 192], 6)
            infinite |= not (x0 or x1 or y0 or y1)
            pairs.append((point_of(x, y), ((x0, x1), (y0, y1))))
        if infinite:  # the precompile takes G2's infinity, this interface does not
            with pytest.raises(ValueError, match="not on the curve"):
                algebra.pairing_check(pairs)
            pairs = [pair for pair in pairs if pair[1] != ((0, 0), (0, 0))]
        assert algebra.pairing_check(pairs) == bool(int.from_bytes(expected, "big")), name
    assert set(FEW) <= set(seen) and (few or len(seen) == 14)


def test_poseidon2_many(shared_data: Path) -> None:
    published = json.loads((shared_data / "vectors" / "poseidon2_bn254_kats.json").read_text())[
        "cases"
    ][1]
    expected = tuple(int(word, 16) for word in published["output"])
    assert algebra.poseidon2_many([(0, 1, 2), (0, 1, 2)]) == [expected, expected]
    with pytest.raises(ValueError, match="element 4 "):
        algebra.poseidon2_many([(0, 1, 2), (0, R, 2)])


def test_one_instance() -> None:
    assert (
        reference() is algebra
        and isinstance(algebra, ReferenceAlgebra)
        and algebra.name == "reference"
    )
