"""
Read and check a powers-of-tau file of snarkjs (.ptau): nothing leaves here that was not checked
(docs/explanation/protocol.md 4.2).

Format (snarkjs, binfileutils): "ptau", version 1, number of sections; each section is a type (u32),
a size (u64) and its bytes, all little endian. Section 1 holds the base field's size and prime, the
power p and the ceremony's power; 2 is [tau^i]_1 for i < 2^(p+1) - 1; 3 is [tau^i]_2, 4 [alpha
tau^i]_1, 5 [beta tau^i]_1, each for i < 2^p; 6 is [beta]_2; 7 the contributions; 12 to 15 (in
prepared files) Lagrange bases. A point is its affine coordinates, each 32 bytes little endian in
Montgomery form (times 2^256 mod P); infinity is all zeros.

Correctness: a file that holds an element too many may give away tau (attacks F2), so every length
is exact and every byte belongs to a section that is known. Powers that are not powers of one tau
make an opening prove nothing, so the chain e([tau^(i+1)]_1, G2) = e([tau^i]_1, [tau]_2) is checked
for all i at once by a random combination. What is not checked: the contributors' proofs, and the
points of sections 12 to 15, which are not used. Compare the digest with the one that the ceremony
publishes.
"""

from __future__ import annotations

import hashlib
import mmap
import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from algebra import curve, twist
from algebra.errors import Malformed, Refused
from algebra.interface import Algebra, Basis, P, Point, PointG2, PointVector
from algebra.system import refused_by_system
from prover.srs import follow_one_tau

MAX_POWER = 28
G1_BYTES, G2_BYTES = 64, 128
_CONTRIBUTION_HEAD = (
    448 + 768 + 216 + 64 + 4
)  # points, public key, partial hash, next challenge, type
_FROM_MONTGOMERY = pow(1 << 256, -1, P)

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


def read_ptau(path: Path, algebra: Algebra, *, power: int | None = None) -> Ceremony:
    """
    Read a .ptau file and check it.

    Parameters
    ----------
    path : the file
    power : use and check only the first 2^(power + 1) - 1 powers of G1 and 2^power of the others;
        all by default

    Raises
    ------
    Malformed
        `malformed.ptau.<what>`: magic, version, section, length, prime, power, point, generator,
        g2, pairing, contributions.
    Refused
        `refused.ptau.power`: the file is smaller than the power asked for.
    Unavailable
        `unavailable.ptau`: there is none; and what the system says (`algebra.system`).

    Notes
    -----
    Reads no secrets. Time is spent on the G2 powers, about half a millisecond each.
    """
    try:
        with path.open("rb") as file:
            if path.stat().st_size < 12:
                raise _malformed("length", "the file is shorter than its header")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _read(data, algebra, power)
    except OSError as error:
        raise refused_by_system(error, path.name, absent="unavailable.ptau") from error


def _malformed(what: str, message: str, **fields: object) -> Malformed:
    return Malformed(f"malformed.ptau.{what}", f"ceremony file: {message}", **fields)


def _read(data: mmap.mmap, algebra: Algebra, power: int | None) -> Ceremony:
    sections = _sections(data)
    file_power = _header(data, sections)
    _exact_lengths(sections, file_power)
    if power is None:
        power = file_power
    if not 1 <= power <= file_power:
        raise Refused(
            "refused.ptau.power",
            f"ceremony file: power {power} asked for, the file goes from 1 to {file_power}",
            expected=power,
            got=file_power,
        )
    many, few = (2 << power) - 1, 1 << power

    tau_g1 = _g1_points(data, sections[2][0], many, "section 2 (tau, G1)", algebra)
    tau_g2 = _g2_points(data, sections[3][0], few, "section 3 (tau, G2)")
    alpha = _g1_points(data, sections[4][0], few, "section 4 (alpha tau, G1)", algebra)
    beta = _g1_points(data, sections[5][0], few, "section 5 (beta tau, G1)", algebra)
    beta_g2 = _g2_points(data, sections[6][0], 1, "section 6 (beta, G2)")

    first, second = _leading(tau_g1, algebra)
    if first != curve.G1 or tau_g2[0] != twist.G2:
        raise _malformed("generator", "the first power is not the generator")
    if second == curve.G1:
        raise _malformed("generator", "tau is 1: this is the empty setup before any contribution")
    _check_subgroup(tau_g2)
    if not twist.in_subgroup(beta_g2[0]):
        raise _malformed("g2", "section 6 (beta, G2): the point is not in the subgroup of order r")
    for name, points in (("tau", tau_g1), ("alpha tau", alpha), ("beta tau", beta)):
        if not follow_one_tau(points, tau_g2[1], algebra):
            raise _malformed(
                "pairing", f"the powers of {name} in G1 do not follow one tau, that of [tau]_2"
            )
    _check_g2_powers(tau_g1, tau_g2, algebra)
    if not _same_exponent(_leading(beta, algebra)[0], beta_g2[0], algebra):
        raise _malformed("pairing", "beta in G1 and beta in G2 differ")

    contributions = _contributions(data, *sections[7], tau_g1=second)
    return Ceremony(tau_g1, tau_g2[1], power, contributions, hashlib.blake2b(data).hexdigest())


# -- layout ----------------------------------------------------------------------------------------
def _sections(data: mmap.mmap) -> dict[int, tuple[int, int]]:
    """Offset and size of each section by type; they follow each other and end with the file."""
    magic, version, count = struct.unpack_from("<4sII", data, 0)
    if magic != b"ptau":
        raise _malformed("magic", "it does not begin with 'ptau'")
    if version != 1:
        raise _malformed("version", f"version {version}, 1 wanted", expected=1, got=version)
    sections: dict[int, tuple[int, int]] = {}
    offset = 12
    for _ in range(count):
        if offset + 12 > len(data):
            raise _malformed(
                "length", "it ends inside a section header (truncated?)", got=len(data)
            )
        kind, size = struct.unpack_from("<IQ", data, offset)
        offset += 12
        if kind in sections or not (1 <= kind <= 7 or 12 <= kind <= 15):
            raise _malformed("section", f"section {kind} is unknown or there twice", section=kind)
        if size > len(data) - offset:
            raise _malformed(
                "length", f"section {kind} is longer than the file (truncated?)", section=kind
            )
        sections[kind] = (offset, size)
        offset += size
    if offset != len(data):
        raise _malformed("length", f"{len(data) - offset} bytes follow the last section")
    missing = sorted(set(range(1, 8)) - sections.keys())
    if missing:
        raise _malformed("section", f"section {missing[0]} is missing", section=missing[0])
    return sections


def _header(data: mmap.mmap, sections: dict[int, tuple[int, int]]) -> int:
    """Check field and power; returns the power."""
    offset, size = sections[1]
    if size != 44 or struct.unpack_from("<I", data, offset)[0] != 32:
        raise _malformed("prime", "the header is not that of a 32-byte field")
    if int.from_bytes(data[offset + 4 : offset + 36], "little") != P:
        raise _malformed("prime", "the points are not on BN254: another base field prime")
    power, ceremony_power = struct.unpack_from("<II", data, offset + 36)
    if not 1 <= power <= ceremony_power <= MAX_POWER:
        raise _malformed(
            "power", f"power {power} of a ceremony of power {ceremony_power} (at most {MAX_POWER})"
        )
    return int(power)


def _exact_lengths(sections: dict[int, tuple[int, int]], power: int) -> None:
    """Exactly the expected elements (attacks F2); the contributions are walked through later."""
    few = 1 << power
    expected = {
        2: (2 * few - 1) * G1_BYTES,
        3: few * G2_BYTES,
        4: few * G1_BYTES,
        5: few * G1_BYTES,
        6: G2_BYTES,
        12: (4 * few - 1) * G1_BYTES,
        13: (2 * few - 1) * G2_BYTES,
        14: (2 * few - 1) * G1_BYTES,
        15: (2 * few - 1) * G1_BYTES,
    }
    for kind, size in expected.items():
        if kind in sections and sections[kind][1] != size:
            raise _malformed(
                "length",
                f"section {kind} has {sections[kind][1]} bytes, {size} wanted for power {power}",
                section=kind,
                expected=size,
                got=sections[kind][1],
            )


def _contributions(data: mmap.mmap, offset: int, size: int, *, tau_g1: Point) -> int:
    """Walk section 7 to its exact end; the last contribution must have left this [tau]_1."""
    end = offset + size
    if size < 4:
        raise _malformed("contributions", "section 7 is too short")
    (count,) = struct.unpack_from("<I", data, offset)
    offset += 4
    left: Point = None
    for number in range(1, count + 1):
        if offset + _CONTRIBUTION_HEAD + 4 > end:
            raise _malformed(
                "contributions", f"section 7 ends inside contribution {number} of {count}"
            )
        left = _decode(data[offset : offset + G1_BYTES], f"contribution {number}")
        (parameters,) = struct.unpack_from("<I", data, offset + _CONTRIBUTION_HEAD)
        offset += _CONTRIBUTION_HEAD + 4 + parameters
    if offset != end:
        raise _malformed("contributions", f"section 7 does not end with its {count} contributions")
    if count == 0:
        raise _malformed("contributions", "nobody has contributed: whoever made the file knows tau")
    if left != tau_g1:
        raise _malformed(
            "contributions", "the last contribution is to another [tau]_1 than the file holds"
        )
    return int(count)


# -- points ----------------------------------------------------------------------------------------
def _coordinate(raw: bytes, where: str) -> int:
    value = int.from_bytes(raw, "little")
    if value >= P:
        raise _malformed("point", f"{where}: a coordinate is not below the prime")
    return value * _FROM_MONTGOMERY % P


def _decode(raw: bytes, where: str) -> tuple[int, int]:
    point = _coordinate(raw[:32], where), _coordinate(raw[32:], where)
    if not curve.on_curve(point):
        raise _malformed("point", f"{where}: not a finite point on the curve")
    return point


def _g1_points(
    data: mmap.mmap, offset: int, count: int, section: str, algebra: Algebra
) -> PointVector:
    """Finite points on the curve, moved into the backend."""
    canonical = bytearray()
    for index in range(count):
        start = offset + G1_BYTES * index
        x, y = _decode(data[start : start + G1_BYTES], f"{section}, point {index}")
        canonical += x.to_bytes(32, "big") + y.to_bytes(32, "big")
    return algebra.points_from_bytes(bytes(canonical), check=False)


def _g2_points(data: mmap.mmap, offset: int, count: int, section: str) -> list[PointG2]:
    """Finite points on the twist; the subgroup comes later."""
    points: list[PointG2] = []
    for index in range(count):
        where, start = f"{section}, point {index}", offset + G2_BYTES * index
        raw = data[start : start + G2_BYTES]
        x0, x1, y0, y1 = (_coordinate(raw[at : at + 32], where) for at in (0, 32, 64, 96))
        point = ((x0, x1), (y0, y1))
        if not twist.on_curve(point):
            raise _malformed("point", f"{where}: not a finite point on the twist")
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
def _check_subgroup(points: Sequence[PointG2]) -> None:
    """See SUBGROUP_SUMS. [tau]_2 is used by every verifier and is checked alone, exactly."""
    good = twist.in_subgroup(points[1])
    for _ in range(SUBGROUP_SUMS):
        if not good:
            break
        coefficients = [secrets.randbits(SUBGROUP_BITS) for _ in points]
        total = twist.affine(curve.multi_scalar(twist.GROUP, points, coefficients))
        good = total is None or twist.in_subgroup(total)
    if not good:
        raise _malformed("g2", "section 3 (tau, G2): a point is not in the subgroup of order r")


def _check_g2_powers(g1: PointVector, g2: Sequence[PointG2], algebra: Algebra) -> None:
    """
    The same exponents in both groups, weighted by random 128-bit numbers; a wrong one passes with
    chance 2^-128.
    """
    weights = [secrets.randbits(128) for _ in g2]
    left = algebra.msm(g1, algebra.vector(weights, Basis.EVALUATION))
    right = twist.affine(curve.multi_scalar(twist.GROUP, g2, weights))
    if right is None or not _same_exponent(left, right, algebra):
        raise _malformed("pairing", "the powers of tau in G1 and in G2 differ")
