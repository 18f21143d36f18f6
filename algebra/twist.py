"""
The group law of BN254 G2 over plain ints: membership, multiples, sums (docs/explanation/protocol.md
2).

Fp2 = Fp[i] with i^2 = -1; an element is (c0, c1). The twist is y^2 = x^3 + 3/(9 + i). Its order is
R * (2 P - R), so a point on the curve is not yet in the subgroup of order R: `in_subgroup`
multiplies by R. Same coordinates and sources as algebra/curve.py. Not constant time.
"""

from __future__ import annotations

from algebra.curve import Group
from algebra.interface import P, PointG2, R

Fp2 = tuple[int, int]
Jacobian = tuple[Fp2, Fp2, Fp2]

G2: PointG2 = (
    (
        10857046999023057135944570762232829481370756359578518086990519993285655852781,
        11559732032986387107991004021392285783925812861821192530917403151452391805634,
    ),
    (
        8495653923123431417604973247489272438418190587263600148770280649306958101930,
        4082367875863433681332203403145435568316851327593401208105741076214120093531,
    ),
)
"""The generator of EIP-197."""
_B: Fp2 = (3 * 9 * pow(82, -1, P) % P, -3 * pow(82, -1, P) % P)  # 3 / (9 + i) = 3 (9 - i) / 82
_NIL: Fp2 = (0, 0)
ZERO: Jacobian = ((1, 0), (1, 0), _NIL)


def _times(a: Fp2, b: Fp2) -> Fp2:
    a0, a1 = a
    b0, b1 = b
    return (a0 * b0 - a1 * b1) % P, (a0 * b1 + a1 * b0) % P


def _square(a: Fp2) -> Fp2:
    a0, a1 = a
    return (a0 + a1) * (a0 - a1) % P, 2 * a0 * a1 % P


def _plus(a: Fp2, b: Fp2) -> Fp2:
    return (a[0] + b[0]) % P, (a[1] + b[1]) % P


def _minus(a: Fp2, b: Fp2) -> Fp2:
    return (a[0] - b[0]) % P, (a[1] - b[1]) % P


def _scale(a: Fp2, factor: int) -> Fp2:
    return a[0] * factor % P, a[1] * factor % P


def _inverse(a: Fp2) -> Fp2:
    norm = pow(a[0] * a[0] + a[1] * a[1], -1, P)
    return a[0] * norm % P, -a[1] * norm % P


def on_curve(point: PointG2) -> bool:
    """On the twist, all four coordinates in [0, P). Says nothing of the subgroup."""
    x, y = point
    if not all(0 <= coordinate < P for coordinate in (*x, *y)):
        return False
    cube = _times(_square(x), x)
    return _minus(_square(y), cube) == _B


def lift(x: Fp2, *, greater: bool) -> Fp2:
    """
    The lesser or the greater y of the two points of the twist with this x, compared by c1, and by
    c0 where that is 0; ValueError if there is none. Says nothing of the subgroup.

    Notes
    -----
    A root of a + b i is u + v i with 2 u^2 = a + n or a - n, where n^2 = a^2 + b^2; P = 3 mod 4
    makes roots of numbers powers (P + 1) / 4, and -1 no square.
    """
    real, imaginary = _plus(_times(_square(x), x), _B)
    norm = _root(real * real + imaginary * imaginary)
    half = pow(2, -1, P)
    for candidate in ((real + norm) * half % P, (real - norm) * half % P):
        u = _root(candidate)
        v = imaginary * pow(2 * u, -1, P) % P if u else _root(-real)
        if _square((u, v)) == (real, imaginary):
            lesser, larger = sorted(((u, v), (-u % P, -v % P)), key=lambda y: y[::-1])
            return larger if greater else lesser
    raise ValueError("no point of the twist has this x")


def _root(square: int) -> int:
    """A root of a number mod P, if it has one; else any number."""
    return pow(square % P, (P + 1) // 4, P)


def in_subgroup(point: PointG2) -> bool:
    """Whether R * point is infinity; `point` is on the curve."""
    return multiply(point, R)[2] == _NIL


def double(point: Jacobian) -> Jacobian:
    """2 * point (dbl-2009-l); Z = 0 comes out of infinity and of a point of order two."""
    x, y, z = point
    # y = 0 (order two) gives z3 = 0, infinity, as it should.
    a, b = _square(x), _square(y)
    d = _scale(_times(x, b), 4)
    e = _scale(a, 3)
    x3 = _minus(_square(e), _scale(d, 2))
    y3 = _minus(_times(e, _minus(d, x3)), _scale(_square(b), 8))
    return x3, y3, _scale(_times(y, z), 2)


def add(left: Jacobian, right: Jacobian) -> Jacobian:
    """left + right (add-2007-bl), for equal, opposite and infinite points too."""
    x1, y1, z1 = left
    x2, y2, z2 = right
    if z1 == _NIL:
        return right
    if z2 == _NIL:
        return left
    zz1, zz2 = _square(z1), _square(z2)
    u1, u2 = _times(x1, zz2), _times(x2, zz1)
    s1, s2 = _times(y1, _times(z2, zz2)), _times(y2, _times(z1, zz1))
    if u1 == u2:
        return double(left) if s1 == s2 else ZERO
    h, r = _minus(u2, u1), _minus(s2, s1)
    hh = _square(h)
    hhh, v = _times(h, hh), _times(u1, hh)
    x3 = _minus(_minus(_square(r), hhh), _scale(v, 2))
    return x3, _minus(_times(r, _minus(v, x3)), _times(s1, hhh)), _times(_times(z1, z2), h)


def add_affine(left: Jacobian, right: PointG2) -> Jacobian:
    """`add` with Z = 1 on the right."""
    x1, y1, z1 = left
    x2, y2 = right
    if z1 == _NIL:
        return x2, y2, (1, 0)
    zz = _square(z1)
    u2, s2 = _times(x2, zz), _times(y2, _times(z1, zz))
    if u2 == x1:
        return double(left) if s2 == y1 else ZERO
    h, r = _minus(u2, x1), _minus(s2, y1)
    hh = _square(h)
    hhh, v = _times(h, hh), _times(x1, hh)
    x3 = _minus(_minus(_square(r), hhh), _scale(v, 2))
    return x3, _minus(_times(r, _minus(v, x3)), _times(y1, hhh)), _times(z1, h)


GROUP: Group[PointG2, Jacobian] = Group(ZERO, double, add, add_affine)


def multiply(point: PointG2, scalar: int) -> Jacobian:
    """scalar * point, scalar >= 0 and not reduced."""
    total = ZERO
    for bit in bin(scalar)[2:]:
        total = double(total)
        if bit == "1":
            total = add_affine(total, point)
    return total


def affine(point: Jacobian) -> PointG2 | None:
    """Affine coordinates; None for infinity, which no caller accepts."""
    x, y, z = point
    if z == _NIL:
        return None
    inverse = _inverse(z)
    square = _square(inverse)
    return _times(x, square), _times(y, _times(square, inverse))


def to_bytes(point: PointG2) -> bytes:
    """128 bytes: x.c0, x.c1, y.c0, y.c1, big endian."""
    (x0, x1), (y0, y1) = point
    return b"".join(coordinate.to_bytes(32, "big") for coordinate in (x0, x1, y0, y1))


def from_bytes(data: bytes) -> PointG2:
    """Inverse of `to_bytes` for 128 bytes; nothing is checked but the length."""
    if len(data) != 128:
        raise ValueError(f"G2 point: {len(data)} bytes, 128 wanted")
    x0, x1, y0, y1 = (
        int.from_bytes(data[start : start + 32], "big") for start in range(0, 128, 32)
    )
    return (x0, x1), (y0, y1)
