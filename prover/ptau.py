"""
Read a powers-of-tau file of snarkjs (.ptau), by its header first and only as far as needed.

The layout (prover/ptau_layout.py) comes first: a file that is too small, cut short or no ceremony
is refused before a point is read. Then the first powers in G1, [1]_2, [tau]_2, and the
contributions; nothing else is used, so nothing else is read: no alpha, no beta, no Lagrange basis.
The contributors' proofs are not checked.
"""

from __future__ import annotations

import mmap
import struct

import numpy as np

from algebra import curve, twist
from algebra.interface import Algebra, P, Point, PointG2, PointVector
from prover.powers import Powers, Progress, Wanted, malformed
from prover.ptau_layout import G1_BYTES, G2_BYTES, check_lengths, header_power, sections_of

_CONTRIBUTION_HEAD = (
    448 + 768 + 216 + 64 + 4
)  # points, public key, partial hash, next challenge, type
_FROM_MONTGOMERY = pow(1 << 256, -1, P)


def read_ptau(data: mmap.mmap, algebra: Algebra, wanted: Wanted, progress: Progress) -> Powers:
    """
    The first powers of a .ptau file.

    Raises
    ------
    Malformed
        `malformed.ptau.<what>`: magic, version, section, length, prime, power, point,
        contributions.
    Refused
        `refused.ptau.power`: the file is smaller than what is asked for; no point was read.
    """
    sections = sections_of(data)
    power = header_power(data, sections)
    length = wanted.of((2 << power) - 1, f" (power {power})")
    check_lengths(sections, power)
    progress(f"ceremony file (.ptau, power {power}): {length:,} powers are read and checked")
    g1 = _g1_points(data, sections[2][0], length, algebra)
    g2 = {exponent: _g2_point(data, sections[3][0], exponent) for exponent in (0, 1)}
    second = algebra.affine(PointVector(g1.data[1:2], 1))[0]
    count = _contributions(data, *sections[7], tau_g1=second)
    return Powers(g1, g2, "ptau", count)


def _contributions(data: mmap.mmap, offset: int, size: int, *, tau_g1: Point) -> int:
    """Walk section 7 to its exact end; the last contribution must have left this [tau]_1."""
    end = offset + size
    if size < 4:
        raise malformed("contributions", "section 7 is too short")
    (count,) = struct.unpack_from("<I", data, offset)
    offset += 4
    left: Point = None
    for number in range(1, count + 1):
        if offset + _CONTRIBUTION_HEAD + 4 > end:
            raise malformed(
                "contributions", f"section 7 ends inside contribution {number} of {count}"
            )
        left = _decode(data[offset : offset + G1_BYTES], f"contribution {number}")
        (parameters,) = struct.unpack_from("<I", data, offset + _CONTRIBUTION_HEAD)
        offset += _CONTRIBUTION_HEAD + 4 + parameters
    if offset != end:
        raise malformed("contributions", f"section 7 does not end with its {count} contributions")
    if count == 0:
        raise malformed("contributions", "nobody has contributed: whoever made the file knows tau")
    if left != tau_g1:
        raise malformed(
            "contributions", "the last contribution is to another [tau]_1 than the file holds"
        )
    return int(count)


# -- points ----------------------------------------------------------------------------------------
def _coordinate(raw: bytes, where: str) -> int:
    value = int.from_bytes(raw, "little")
    if value >= P:
        raise malformed("point", f"{where}: a coordinate is not below the prime")
    return value * _FROM_MONTGOMERY % P


def _decode(raw: bytes, where: str) -> tuple[int, int]:
    point = _coordinate(raw[:32], where), _coordinate(raw[32:], where)
    if not curve.on_curve(point):
        raise malformed("point", f"{where}: not a finite point on the curve")
    return point


def _g1_points(data: mmap.mmap, offset: int, count: int, algebra: Algebra) -> PointVector:
    """Points on the curve: they lie in the form in which the native backend works."""
    limbs = np.frombuffer(data, "<u8", 8 * count, offset).reshape(count, 8).copy()
    try:
        return algebra.points_from_limbs(limbs, check=True)
    except ValueError:
        for index in range(count):  # says which
            start = offset + G1_BYTES * index
            _decode(data[start : start + G1_BYTES], f"section 2 (tau, G1), point {index}")
        raise


def _g2_point(data: mmap.mmap, offset: int, index: int) -> PointG2:
    """A finite point on the twist; the subgroup comes later."""
    where, start = f"section 3 (tau, G2), point {index}", offset + G2_BYTES * index
    raw = data[start : start + G2_BYTES]
    x0, x1, y0, y1 = (_coordinate(raw[at : at + 32], where) for at in (0, 32, 64, 96))
    point = ((x0, x1), (y0, y1))
    if not twist.on_curve(point):
        raise malformed("point", f"{where}: not a finite point on the twist")
    return point
