"""
Read and check a powers-of-tau file of snarkjs (.ptau): nothing leaves here that was not checked
(docs/explanation/protocol.md 4.2).

The layout (prover/ptau_layout.py) comes first: a file that is too small, cut short or no ceremony
is refused before a point is read. Of a larger file than is asked for only the first powers are
read; nothing that is not read is used.

Correctness: powers that are not powers of one tau make an opening prove nothing, so the chain
e([tau^(i+1)]_1, G2) = e([tau^i]_1, [tau]_2) is checked for all i at once by a random combination.
A tau that has a power of one gives its proofs away (prover/hiding.py); no point is infinity.
What is not checked: the contributors' proofs, powers beyond the ones asked for, and the points of
sections 12 to 15, none of which is used. Compare the digest, which is of the whole file, with the
one that the ceremony publishes.
"""

from __future__ import annotations

import hashlib
import mmap
import secrets
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from algebra import curve, twist
from algebra.errors import Refused
from algebra.interface import Algebra, Basis, P, Point, PointG2, PointVector
from algebra.system import refused_by_system
from prover.hiding import order_of_tau
from prover.ptau_layout import (
    G1_BYTES,
    G2_BYTES,
    HEAD_BYTES,
    check_lengths,
    header_power,
    malformed,
    sections_of,
)
from prover.srs import follow_one_tau

_CONTRIBUTION_HEAD = (
    448 + 768 + 216 + 64 + 4
)  # points, public key, partial hash, next challenge, type
_FROM_MONTGOMERY = pow(1 << 256, -1, P)
_TOLD = 1 << 17
"""Points between two words of progress: several seconds."""

Progress = Callable[[str], None]

SUBGROUP_SUMS, SUBGROUP_BITS = 12, 12
"""
How the G2 powers are shown to lie in the subgroup of order R: each of 12 sums with coefficients
below 2^12 does. The cofactor 2 P - R has no prime factor below 10,069, so a point outside survives
one sum with chance at most 2^-12.
"""


@dataclass(frozen=True, slots=True)
class Ceremony:
    """
    The checked content of a .ptau file.

    Attributes
    ----------
    g1 : [tau^i]_1 for i < 2^(power + 1) - 1
    tau_g2 : [tau]_2
    power : the power read, at most the file's
    contributions : how many the file records (their proofs are not checked)
    digest : blake2b-512 of the whole file, hexadecimal
    """

    g1: PointVector
    tau_g2: PointG2
    power: int
    contributions: int
    digest: str


def power_for(length: int) -> int:
    """The least power of a file with `length` powers of tau in G1, 2^(power + 1) - 1 >= length."""
    return max(1, length.bit_length() - 1)


def read_ptau(
    path: Path,
    algebra: Algebra,
    *,
    power: int | None = None,
    purpose: str = "what was asked for",
    progress: Progress = lambda _: None,
) -> Ceremony:
    """
    Read a .ptau file and check it.

    Parameters
    ----------
    path : the file
    power : read, check and use only the first 2^(power + 1) - 1 powers of G1 and 2^power of the
        others; all by default
    purpose : what needs that power, named where the file is too small
    progress : is told the steps

    Raises
    ------
    Malformed
        `malformed.ptau.<what>`: magic, version, section, length, prime, power, point, generator,
        order, g2, pairing, contributions.
    Refused
        `refused.ptau.power`: the file is smaller than the power asked for; no point was read.
    Unavailable
        `unavailable.ptau`: there is none; and what the system says (`algebra.system`).

    Notes
    -----
    Reads no secrets. Time is spent on the G2 powers, about half a millisecond each.
    """
    try:
        with path.open("rb") as file:
            if path.stat().st_size < HEAD_BYTES:
                raise malformed("length", "the file is shorter than its header")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _read(data, algebra, power, purpose, progress)
    except OSError as error:
        raise refused_by_system(error, path.name, absent="unavailable.ptau") from error


def _read(
    data: mmap.mmap, algebra: Algebra, power: int | None, purpose: str, progress: Progress
) -> Ceremony:
    sections = sections_of(data)
    file_power = header_power(data, sections)
    if power is None:
        power = file_power
    if not 1 <= power <= file_power:
        raise Refused(
            "refused.ptau.power",
            f"ceremony file: it has power {file_power} ({(2 << file_power) - 1:,} powers of tau), "
            f"{purpose} needs power {power} ({(2 << power) - 1:,})",
            expected=power,
            got=file_power,
        )
    check_lengths(sections, file_power)
    many, few = (2 << power) - 1, 1 << power
    progress(f"ceremony file: power {power} of its {file_power} is read and checked")

    def g1(section: int, count: int, name: str) -> PointVector:
        where = f"section {section} ({name}, G1)"
        return _g1_points(data, sections[section][0], count, where, algebra, progress)

    tau_g1 = g1(2, many, "tau")
    tau_g2 = _g2_points(data, sections[3][0], few, "section 3 (tau, G2)", progress)
    alpha, beta = g1(4, few, "alpha tau"), g1(5, few, "beta tau")
    beta_g2 = _g2_points(data, sections[6][0], 1, "section 6 (beta, G2)", progress)

    first, second = _leading(tau_g1, algebra)
    if first != curve.G1 or tau_g2[0] != twist.G2:
        raise malformed("generator", "the first power is not the generator")
    if second == curve.G1:
        raise malformed("generator", "tau is 1: this is the empty setup before any contribution")
    if order := order_of_tau(tau_g1, algebra):
        raise malformed(
            "order", f"tau^{order} is 1: anybody can find tau, and commitments would not hide"
        )
    _check_subgroup(tau_g2, progress)
    if not twist.in_subgroup(beta_g2[0]):
        raise malformed("g2", "section 6 (beta, G2): the point is not in the subgroup of order r")
    progress("the powers follow one tau, in both groups")
    for name, points in (("tau", tau_g1), ("alpha tau", alpha), ("beta tau", beta)):
        if not follow_one_tau(points, tau_g2[1], algebra):
            raise malformed(
                "pairing", f"the powers of {name} in G1 do not follow one tau, that of [tau]_2"
            )
    _check_g2_powers(tau_g1, tau_g2, algebra)
    if not _same_exponent(_leading(beta, algebra)[0], beta_g2[0], algebra):
        raise malformed("pairing", "beta in G1 and beta in G2 differ")

    contributions = _contributions(data, *sections[7], tau_g1=second)
    progress(f"digest of the whole file, {len(data) >> 20:,} MiB")
    return Ceremony(tau_g1, tau_g2[1], power, contributions, hashlib.blake2b(data).hexdigest())


# -- contributions ----------------------------------------------------------------------------
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


def _places(count: int, section: str, progress: Progress) -> Iterator[int]:
    """0, 1, ... of a section's points; says now and then how far it is."""
    for index in range(count):
        if index % _TOLD == 0:
            progress(f"{section}: {index:,} of {count:,} points")
        yield index


def _g1_points(
    data: mmap.mmap, offset: int, count: int, section: str, algebra: Algebra, progress: Progress
) -> PointVector:
    """Finite points on the curve, moved into the backend."""
    canonical = bytearray()
    for index in _places(count, section, progress):
        start = offset + G1_BYTES * index
        x, y = _decode(data[start : start + G1_BYTES], f"{section}, point {index}")
        canonical += x.to_bytes(32, "big") + y.to_bytes(32, "big")
    return algebra.points_from_bytes(bytes(canonical), check=False)


def _g2_points(
    data: mmap.mmap, offset: int, count: int, section: str, progress: Progress
) -> list[PointG2]:
    """Finite points on the twist; the subgroup comes later."""
    points: list[PointG2] = []
    for index in _places(count, section, progress):
        where, start = f"{section}, point {index}", offset + G2_BYTES * index
        raw = data[start : start + G2_BYTES]
        x0, x1, y0, y1 = (_coordinate(raw[at : at + 32], where) for at in (0, 32, 64, 96))
        point = ((x0, x1), (y0, y1))
        if not twist.on_curve(point):
            raise malformed("point", f"{where}: not a finite point on the twist")
        points.append(point)
    return points


def _leading(points: PointVector, algebra: Algebra) -> tuple[Point, Point]:
    """The first two points."""
    vectors = [algebra.vector(unit, Basis.EVALUATION) for unit in ([1], [0, 1])]
    return algebra.msm(points, vectors[0]), algebra.msm(points, vectors[1])


def _negate(point: Point) -> Point:
    return None if point is None else (point[0], -point[1] % P)


def _same_exponent(left: Point, right: PointG2, algebra: Algebra) -> bool:
    """Whether left = [a]_1 and right = [a]_2 for one a."""
    return algebra.pairing_check([(left, twist.G2), (_negate(curve.G1), right)])


# -- relations -------------------------------------------------------------------------------------
def _check_subgroup(points: Sequence[PointG2], progress: Progress) -> None:
    """See SUBGROUP_SUMS. [tau]_2 is used by every verifier and is checked alone, exactly."""
    good = twist.in_subgroup(points[1])
    for number in range(SUBGROUP_SUMS):
        if not good:
            break
        progress(f"section 3 (tau, G2): subgroup, sum {number + 1} of {SUBGROUP_SUMS}")
        coefficients = [secrets.randbits(SUBGROUP_BITS) for _ in points]
        total = twist.affine(curve.multi_scalar(twist.GROUP, points, coefficients))
        good = total is None or twist.in_subgroup(total)
    if not good:
        raise malformed("g2", "section 3 (tau, G2): a point is not in the subgroup of order r")


def _check_g2_powers(g1: PointVector, g2: Sequence[PointG2], algebra: Algebra) -> None:
    """
    The same exponents in both groups, weighted by random 128-bit numbers; a wrong one passes with
    chance 2^-128.
    """
    weights = [secrets.randbits(128) for _ in g2]
    left = algebra.msm(g1, algebra.vector(weights, Basis.EVALUATION))
    right = twist.affine(curve.multi_scalar(twist.GROUP, g2, weights))
    if right is None or not _same_exponent(left, right, algebra):
        raise malformed("pairing", "the powers of tau in G1 and in G2 differ")
