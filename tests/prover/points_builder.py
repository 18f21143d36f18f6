"""Writes powers of a known tau as gnark and arkworks serialise them, point by point."""

from __future__ import annotations

import struct

from py_ecc.optimized_bn128 import G1, G2, multiply, normalize

from algebra.interface import P, R

Pair = tuple[int, int]


def g1(exponent: int) -> Pair:
    x, y = normalize(multiply(G1, exponent % R))
    return int(x), int(y)


def g2(exponent: int) -> tuple[Pair, Pair]:
    x, y = normalize(multiply(G2, exponent % R))
    (x0, x1), (y0, y1) = x.coeffs, y.coeffs
    return (int(x0), int(x1)), (int(y0), int(y1))


def greater(*y: int) -> bool:
    """Of the last part that is not 0."""
    part = next(part for part in reversed(y) if part)
    return part > P - part


# -- gnark-crypto ------------------------------------------------------------------------------
def gnark_g1(point: Pair) -> bytes:
    x, y = point
    flag = 0b11 if greater(y) else 0b10
    return (x | flag << 254).to_bytes(32, "big")


def gnark_g2(point: tuple[Pair, Pair]) -> bytes:
    (x0, x1), y = point
    flag = 0b11 if greater(*y) else 0b10
    return (x1 | flag << 254).to_bytes(32, "big") + x0.to_bytes(32, "big")


# -- arkworks ----------------------------------------------------------------------------------
def ark(x: tuple[int, ...], y: tuple[int, ...], compressed: bool) -> bytes:
    parts = [*x] if compressed else [*x, *y]
    parts[-1] |= greater(*y) << 255
    return b"".join(part.to_bytes(32, "little") for part in parts)


def ark_g1(exponent: int, compressed: bool) -> bytes:
    x, y = g1(exponent)
    return ark((x,), (y,), compressed)


def ark_g2(exponent: int, compressed: bool) -> bytes:
    x, y = g2(exponent)
    return ark(x, y, compressed)


def ark_vector(parts: list[bytes]) -> bytes:
    return struct.pack("<Q", len(parts)) + b"".join(parts)


def ark_map(parts: list[bytes]) -> bytes:
    return struct.pack("<Q", len(parts)) + b"".join(
        struct.pack("<Q", index) + part for index, part in enumerate(parts)
    )
