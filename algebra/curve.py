"""
The group law of BN254 G1 over plain ints, and one multi-scalar sum for both groups
(docs/explanation/protocol.md 2).

py_ecc wraps every coordinate in an object and is some twenty times slower; it stays the oracle of
the tests. Jacobian coordinates (X, Y, Z) stand for (X/Z^2, Y/Z^3); Z = 0 is infinity. Formulas:
hyperelliptic.org/EFD, short Weierstrass with a = 0 (dbl-2009-l, add-2007-bl, madd-2007-bl),
rewritten. Inputs are on the curve: callers have checked. Not constant time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Generic, TypeVar

from algebra.interface import P, Point, R

Jacobian = tuple[int, int, int]
G1 = (1, 2)
ZERO: Jacobian = (1, 1, 0)

A = TypeVar("A")
J = TypeVar("J")


@dataclass(frozen=True, slots=True)
class Group(Generic[A, J]):
    """
    The four things a multi-scalar sum needs from a group with affine points A and Jacobian points
    J.
    """

    zero: J
    double: Callable[[J], J]
    add: Callable[[J, J], J]
    add_affine: Callable[[J, A], J]


def on_curve(point: tuple[int, int]) -> bool:
    """y^2 = x^3 + 3 with both coordinates in [0, P)."""
    x, y = point
    return 0 <= x < P and 0 <= y < P and (y * y - x * x * x - 3) % P == 0


def lift(x: int, *, greater: bool) -> int:
    """
    The lesser or the greater y (as numbers) of the two points with this x in [0, P); ValueError if
    there is none. P = 3 mod 4, so a square's root is its power (P + 1) / 4.
    """
    square = (x * x * x + 3) % P
    root = pow(square, (P + 1) // 4, P)
    if root * root % P != square:
        raise ValueError("no point of the curve has this x")
    return max(root, P - root) if greater else min(root, P - root)


def double(point: Jacobian, p: int = P) -> Jacobian:
    """2 * point (dbl-2009-l), infinity included; on any curve y^2 = x^3 + b of odd order mod p."""
    x, y, z = point
    if z == 0:
        return point
    # No point has y = 0: the order is an odd prime.
    a, b = x * x % p, y * y % p
    d = 4 * x * b % p
    e = 3 * a
    x3 = (e * e - 2 * d) % p
    return x3, (e * (d - x3) - 8 * b * b) % p, 2 * y * z % p


def add(left: Jacobian, right: Jacobian, p: int = P) -> Jacobian:
    """left + right (add-2007-bl), for equal, opposite and infinite points too; p as in `double`."""
    x1, y1, z1 = left
    x2, y2, z2 = right
    if z1 == 0:
        return right
    if z2 == 0:
        return left
    zz1, zz2 = z1 * z1 % p, z2 * z2 % p
    u1, u2 = x1 * zz2 % p, x2 * zz1 % p
    s1, s2 = y1 * z2 * zz2 % p, y2 * z1 * zz1 % p
    if u1 == u2:
        return double(left, p) if s1 == s2 else ZERO
    h, r = u2 - u1, s2 - s1
    hh = h * h % p
    hhh, v = h * hh % p, u1 * hh % p
    x3 = (r * r - hhh - 2 * v) % p
    return x3, (r * (v - x3) - s1 * hhh) % p, z1 * z2 * h % p


def add_affine(left: Jacobian, right: Point) -> Jacobian:
    """`add` with Z = 1 on the right."""
    if right is None:
        return left
    x2, y2 = right
    x1, y1, z1 = left
    if z1 == 0:
        return x2, y2, 1
    zz = z1 * z1 % P
    u2, s2 = x2 * zz % P, y2 * z1 * zz % P
    if u2 == x1:
        return double(left) if s2 == y1 else ZERO
    h, r = u2 - x1, s2 - y1
    hh = h * h % P
    hhh, v = h * hh % P, x1 * hh % P
    x3 = (r * r - hhh - 2 * v) % P
    return x3, (r * (v - x3) - y1 * hhh) % P, z1 * h % P


GROUP: Group[Point, Jacobian] = Group(ZERO, double, add, add_affine)


def negate(point: Jacobian) -> Jacobian:
    """The opposite point, of the same Z."""
    return point[0], -point[1] % P, point[2]


def jacobian(point: Point) -> Jacobian:
    """The point with Z = 1; None is `ZERO`."""
    return ZERO if point is None else (point[0], point[1], 1)


def affine(points: Sequence[Jacobian]) -> list[Point]:
    """Divide by Z with one inversion for all points (Montgomery's trick)."""
    products, product = [], 1
    for _, _, z in points:
        products.append(product)
        if z:
            product = product * z % P
    inverse = pow(product, -1, P)
    result: list[Point] = [None] * len(points)
    for index in range(len(points) - 1, -1, -1):
        x, y, z = points[index]
        if z:
            inv = inverse * products[index] % P
            inverse = inverse * z % P
            square = inv * inv % P
            result[index] = x * square % P, y * square % P * inv % P
    return result


def multiply(point: Jacobian, scalar: int, group: Group[Point, Jacobian] = GROUP) -> Jacobian:
    """scalar * point, scalar >= 0, four bits at a time."""
    table = [group.zero, point]
    for _ in range(14):
        table.append(group.add(table[-1], point))
    total = group.zero
    for position in range((scalar.bit_length() + 3) // 4 - 1, -1, -1):
        total = group.double(group.double(group.double(group.double(total))))
        digit = scalar >> 4 * position & 15
        if digit:
            total = group.add(total, table[digit])
    return total


def multi_scalar(group: Group[A, J], points: Sequence[A], scalars: Sequence[int]) -> J:
    """
    sum scalars[i] * points[i] by Pippenger's buckets.

    For each window of c bits, a point is added to the bucket of its digit; the sum of digit *
    bucket is a running sum of running sums. `points` may be longer than `scalars`; scalars are >= 0
    of any size.
    """
    bits = max((scalar.bit_length() for scalar in scalars), default=0)
    window = min(max(len(scalars).bit_length() - 3, 2), 12)
    total = group.zero
    for position in range((bits + window - 1) // window - 1, -1, -1):
        for _ in range(window):
            total = group.double(total)
        buckets = [group.zero] * (1 << window)
        for point, scalar in zip(points, scalars, strict=False):
            digit = scalar >> window * position & ((1 << window) - 1)
            if digit:
                buckets[digit] = group.add_affine(buckets[digit], point)
        running = group.zero
        for bucket in reversed(buckets[1:]):
            running = group.add(running, bucket)
            total = group.add(total, running)
    return total


@cache
def generator_table() -> list[list[Point]]:
    """
    table[w][d] = d * 2^(8 w) * G for the 32 bytes w of a scalar and 256 digits d; 8,192 points,
    made once.
    """
    points: list[Jacobian] = []
    base = jacobian(G1)
    for _ in range(32):
        multiple = ZERO
        for _ in range(256):
            points.append(multiple)
            multiple = add(multiple, base)
        base = multiple
    flat = affine(points)
    return [flat[start : start + 256] for start in range(0, len(flat), 256)]


def multiply_generator(scalar: int) -> Jacobian:
    """scalar * (1, 2), scalar in [0, R): one addition a byte."""
    total = ZERO
    for row, digit in zip(generator_table(), scalar.to_bytes(32, "little"), strict=True):
        total = add_affine(total, row[digit])
    return total


def inverse_transform(points: Sequence[Jacobian], omega: int) -> list[Jacobian]:
    """
    out[i] = n^-1 sum_j omega^(-ij) points[j], the inverse FFT with points for coefficients.

    Decimation in time, recursive: the halves of even and odd index, then one butterfly each. n is a
    power of two, omega of order n. Cost: n/2 log2(n) scalar multiplications.
    """
    size = len(points)

    def transform(values: Sequence[Jacobian], root: int) -> list[Jacobian]:
        if len(values) == 1:
            return list(values)
        even, odd = (
            transform(values[0::2], root * root % R),
            transform(values[1::2], root * root % R),
        )
        twiddle, low, high = 1, [], []
        for e, o in zip(even, odd, strict=True):
            turned = o if twiddle == 1 else multiply(o, twiddle)
            low.append(add(e, turned))
            high.append(add(e, negate(turned)))
            twiddle = twiddle * root % R
        return low + high

    inverse_size = pow(size, -1, R)
    return [multiply(point, inverse_size) for point in transform(points, pow(omega, -1, R))]
