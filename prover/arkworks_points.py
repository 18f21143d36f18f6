"""
Read powers of tau as arkworks serialises them (ark-serialize 0.4 and later, ark-bn254), compressed
or not.

Format: numbers little endian, vectors and maps begin with their length in 8 bytes. A point in G1 is
x or x, y of 32 bytes each; in G2 a coordinate is c0, c1. The top two bits of a point's last byte:
10 if y is the greater of the two, 01 for infinity. These layouts are read, each to its last byte:

    G1 points                                               Vec<G1>
    pair of vectors                                         Vec<G1>, Vec<G2>
    jellyfish's UnivariateUniversalParams                   Vec<G1>, h, beta_h, Vec<G2>
    ark-poly-commit's kzg10::UniversalParams                Vec<G1>, Map<u64, G1>, h, beta_h,
                                                            Map<u64, G2>

Of G2 the first two points are used, [1]_2 and [tau]_2 (h and beta_h); the maps hold what hiding and
degree bounds need, which nothing here does, and are not looked into.
"""

from __future__ import annotations

import mmap
import struct

import numpy as np

from algebra.interface import Algebra, PointG2, PointVector
from prover.gnark_points import lifted
from prover.powers import Powers, Progress, Wanted, malformed

COUNT_BYTES, WORD = 8, 32
MAX_COUNT = 1 << 29
_SIGN, _INFINITY, _FLAGS = 0x80, 0x40, 0xC0
_ONE, _TWO = (number.to_bytes(WORD, "little") for number in (1, 2))
_G2_X0 = bytes.fromhex("edf692d95cbdde46ddda5ef7d422436779445c5e66006a42761e1f12efde0018")
"""x.c0 of [1]_2."""


def is_arkworks(head: bytes) -> bool:
    """Whether a file that begins so is a vector of points whose first has x = 1."""
    x = head[COUNT_BYTES : COUNT_BYTES + WORD]
    return len(x) == WORD and x[:-1] == _ONE[:-1] and not x[-1] & ~_FLAGS


def read_arkworks(data: mmap.mmap, algebra: Algebra, wanted: Wanted, progress: Progress) -> Powers:
    """
    The first powers of a file, and [tau]_2 where it holds it.

    Raises
    ------
    Malformed
        `malformed.ptau.<what>`: length, point, generator.
    Refused
        `refused.ptau.power`.
    """
    whole = data[COUNT_BYTES + WORD : COUNT_BYTES + 2 * WORD] == _TWO
    step = WORD * (2 if whole else 1)
    (there,) = struct.unpack_from("<Q", data, 0)
    end = COUNT_BYTES + step * there
    if there > MAX_COUNT or end > len(data):
        raise malformed(
            "length", f"{there:,} points by its head, the file ends before (a download cut short?)"
        )
    tail = _tail(data, end, step)
    length = wanted.of(there)
    form = "arkworks, uncompressed" if whole else "arkworks, compressed"
    progress(f"ceremony file ({form}): {length:,} powers are read and checked")
    raw = np.frombuffer(data[COUNT_BYTES : COUNT_BYTES + step * length], np.uint8)
    g1 = _g1_points(raw.reshape(length, step).copy(), algebra)
    g2 = {
        exponent: _g2_point(data[place : place + 2 * step], f"G2, power {exponent}")
        for exponent, place in enumerate(tail)
    }
    return Powers(g1, g2, form)


def _tail(data: mmap.mmap, offset: int, step: int) -> tuple[int, ...]:
    """Where [1]_2 and [tau]_2 stand behind the powers in G1; nowhere if the file ends there."""
    g1, g2, size = step, 2 * step, len(data)
    if offset == size:
        return ()
    if data[offset : offset + WORD] == _G2_X0:
        first, end = offset, _behind(data, offset + 2 * g2, g2)
    elif _behind(data, offset, g2) == size:
        first = offset + COUNT_BYTES
        end = size if first + 2 * g2 <= size else 0
    else:
        first = _behind(data, offset, COUNT_BYTES + g1)
        end = _behind(data, first + 2 * g2, COUNT_BYTES + g2)
    if end != size:
        raise malformed(
            "length", "what follows the powers in G1 is none of the layouts that are read"
        )
    return first, first + g2


def _behind(data: mmap.mmap, offset: int, step: int) -> int:
    """The end of a vector or map that begins at `offset`; 0 if that is past the file's."""
    if offset + COUNT_BYTES > len(data):
        return 0
    (count,) = struct.unpack_from("<Q", data, offset)
    end = offset + COUNT_BYTES + step * count
    return int(end) if end <= len(data) else 0


def _g1_points(
    raw: np.ndarray[tuple[int, int], np.dtype[np.uint8]], algebra: Algebra
) -> PointVector:
    flags = raw[:, -1] & _FLAGS
    raw[:, -1] &= 0xFF ^ _FLAGS
    wrong = np.nonzero(flags & _INFINITY)[0]
    if len(wrong):
        raise malformed("point", f"power {wrong[0]} is infinity")
    greater = (flags == _SIGN).astype(np.uint8)
    try:
        if raw.shape[1] == WORD:
            return algebra.points_from_x(raw[:, ::-1].tobytes(), greater.tobytes())
        big_endian = np.concatenate([raw[:, WORD - 1 :: -1], raw[:, : WORD - 1 : -1]], axis=1)
        return algebra.points_from_bytes(big_endian.tobytes(), check=True)
    except ValueError as error:
        raise malformed("point", str(error)) from error


def _g2_point(raw: bytes, where: str) -> PointG2:
    flags = raw[-1] & _FLAGS
    if flags & _INFINITY:
        raise malformed("point", f"{where} is infinity")
    plain = raw[:-1] + bytes([raw[-1] & ~_FLAGS & 0xFF])
    words = [int.from_bytes(plain[i : i + WORD], "little") for i in range(0, len(plain), WORD)]
    x = (words[0], words[1])
    if len(words) == 2:
        return lifted(x, flags == _SIGN, where)
    lesser = lifted(x, False, where)
    y = (words[2], words[3])
    if y == lesser[1]:
        return lesser
    greater = lifted(x, True, where)
    if y != greater[1]:
        raise malformed("point", f"{where}: not a point of the twist")
    return greater
