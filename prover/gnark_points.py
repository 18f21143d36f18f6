"""
Read powers of tau as gnark-crypto compresses points: one file of [tau^i]_1, and one of
[tau^(2^i)]_2, as EigenDA publishes challenge 0085 of the Perpetual Powers of Tau.

Format: x alone, big endian, 32 bytes in G1; x.c1, x.c0 of 32 bytes each in G2. The top two bits of
the first byte: 10 for the lesser y, 11 for the greater (in G2 compared by y.c1, by y.c0 if that is
0), 01 for infinity, 00 for a point that is not compressed; only the first two are taken. There is
no head: the first power must be the generator, and a file ends with a whole point.
"""

from __future__ import annotations

import mmap

import numpy as np

from algebra import twist
from algebra.interface import Algebra, PointG2
from prover.powers import Powers, Progress, Wanted, malformed

G1_BYTES, G2_BYTES = 32, 64
GENERATOR = bytes([0x80]) + bytes(30) + b"\x01"
"""(1, 2): 2 is the lesser y."""
_LESSER, _GREATER = 0b10, 0b11


def read_gnark(data: mmap.mmap, algebra: Algebra, wanted: Wanted, progress: Progress) -> Powers:
    """
    The first powers of a file of [tau^i]_1.

    Raises
    ------
    Malformed
        `malformed.ptau.<what>`: length, point.
    Refused
        `refused.ptau.power`.
    """
    there, rest = divmod(len(data), G1_BYTES)
    if rest:
        raise malformed("length", f"{len(data)} bytes are no whole number of compressed points")
    length = wanted.of(there)
    progress(f"ceremony file (compressed points): {length:,} powers are read and checked")
    raw = np.frombuffer(data[: G1_BYTES * length], np.uint8).reshape(length, G1_BYTES).copy()
    flags = raw[:, 0] >> 6
    raw[:, 0] &= 0x3F
    wrong = np.nonzero((flags != _LESSER) & (flags != _GREATER))[0]
    if len(wrong):
        raise malformed("point", f"power {wrong[0]} is infinity or not a compressed point")
    greater = (flags == _GREATER).astype(np.uint8).tobytes()
    try:
        g1 = algebra.points_from_x(raw.tobytes(), greater)
    except ValueError as error:
        raise malformed("point", str(error)) from error
    return Powers(g1, {}, "compressed points")


def read_gnark_g2(data: bytes, length: int) -> dict[int, PointG2]:
    """
    [tau^e]_2 by e = 2^i < max(length, 2) of a file of [tau^(2^i)]_2: those that `length` powers in
    G1 can check. Malformed (`malformed.ptau.length`, `malformed.ptau.point`).
    """
    if len(data) % G2_BYTES or not data:
        raise malformed("length", f"G2: {len(data)} bytes are no whole number of compressed points")
    points = {}
    for index in range(len(data) // G2_BYTES):
        if index and 1 << index >= length:
            break
        raw = data[G2_BYTES * index : G2_BYTES * (index + 1)]
        points[1 << index] = _g2_point(raw, f"G2, power 2^{index}")
    return points


def _g2_point(raw: bytes, where: str) -> PointG2:
    flags = raw[0] >> 6
    if flags not in (_LESSER, _GREATER):
        raise malformed("point", f"{where} is infinity or not a compressed point")
    x1 = int.from_bytes(bytes([raw[0] & 0x3F]) + raw[1:32], "big")
    x = (int.from_bytes(raw[32:], "big"), x1)
    return lifted(x, flags == _GREATER, where)


def lifted(x: tuple[int, int], greater: bool, where: str) -> PointG2:
    """The point of the twist with this x; Malformed (`malformed.ptau.point`)."""
    try:
        point = (x, twist.lift(x, greater=greater))
    except ValueError as error:
        raise malformed("point", f"{where}: {error}") from error
    if not twist.on_curve(point):
        raise malformed("point", f"{where}: a coordinate is not below the prime")
    return point
