"""
Import a ceremony's points from whatever file holds them: nothing leaves here that was not checked
(docs/explanation/protocol.md 4.2).

The container is recognised by how the file begins: a .ptau file of snarkjs (prover/ptau.py), a
vector of arkworks (prover/arkworks_points.py), compressed points (prover/gnark_points.py). Each
reader gives finite points on their curves; their relations are checked here, once for all.

Correctness: powers that are not powers of one tau make an opening prove nothing, so the chain
e([tau^(i+1)]_1, G2) = e([tau^i]_1, [tau]_2) is checked for all i at once by a random combination.
A tau that has a power of one gives its proofs away (prover/hiding.py); no point is infinity.
What is not read is not used. Who made tau is told by its srs id (verifier/ceremonies.py): a known
tau's points are as good from one file as from another. For another tau compare the digest, which is
of the whole file, with the one that the ceremony publishes.
"""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from algebra import curve, twist
from algebra.containers import container
from algebra.errors import Refused
from algebra.files import read_file
from algebra.interface import Algebra, P, Point, PointG2, PointVector
from algebra.system import refused_by_system
from prover.arkworks_points import is_arkworks, read_arkworks
from prover.gnark_points import GENERATOR, read_gnark, read_gnark_g2
from prover.hiding import first_infinite, order_of_tau
from prover.powers import Powers, Progress, Wanted, malformed
from prover.ptau import read_ptau
from prover.ptau_layout import HEAD_BYTES, MAGIC
from prover.published import PUBLISHED
from prover.srs import follow_one_tau
from verifier.ceremonies import KNOWN

Reader = Callable[[mmap.mmap, Algebra, Wanted, Progress], Powers]


@dataclass(frozen=True, slots=True)
class CeremonyPoints:
    """
    The checked points of a ceremony.

    Attributes
    ----------
    g1 : [tau^i]_1 for i < length
    tau_g2 : [tau]_2
    container : what the file is
    contributions : how many it records, None where such a file records none; their proofs are not
        checked
    digest : blake2b-512 of the whole file of G1, hexadecimal
    """

    g1: PointVector
    tau_g2: PointG2
    container: str
    contributions: int | None
    digest: str


def read_ceremony(
    path: Path,
    algebra: Algebra,
    *,
    length: int | None = None,
    purpose: str = "what was asked for",
    tau_g2: Path | None = None,
    progress: Progress = lambda _: None,
) -> CeremonyPoints:
    """
    Read a ceremony's file and check it.

    Parameters
    ----------
    path : .ptau, arkworks or compressed points of G1
    length : read, check and use only so many powers of G1, at least 2; all by default
    purpose : what needs them, named where the file is too small
    tau_g2 : compressed points [tau^(2^i)]_2, for a file of G1 alone whose tau is not a known one
    progress : is told the steps

    Raises
    ------
    Malformed
        `malformed.ptau.<what>`: magic, version, section, length, prime, power, point, generator,
        order, g2, pairing, contributions.
    Refused
        `refused.ptau.power`: too few powers; no point was read. `refused.ptau.g2`: no [tau]_2.
    Unavailable
        `unavailable.ptau`: there is no such file; and what the system says (`algebra.system`).

    Notes
    -----
    Reads no secrets.
    """
    more = b"" if tau_g2 is None else read_file(tau_g2, absent="unavailable.ptau")
    try:
        with path.open("rb") as file:
            if path.stat().st_size < HEAD_BYTES:
                raise malformed("length", "the file is shorter than its header")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                wanted = Wanted(length, purpose)
                powers = reader_of(data[:64])(data, algebra, wanted, progress)
                if tau_g2 is not None:
                    powers.g2.update(read_gnark_g2(more, powers.g1.length))
                point = checked_tau(powers, algebra, progress)
                progress(f"digest of the whole file, {len(data) >> 20:,} MiB")
                digest = hashlib.blake2b(data).hexdigest()
                if digest in PUBLISHED:
                    progress(f"the digest is the published one of {PUBLISHED[digest]}")
    except OSError as error:
        raise refused_by_system(error, path.name, absent="unavailable.ptau") from error
    return CeremonyPoints(powers.g1, point, powers.container, powers.contributions, digest)


def reader_of(head: bytes) -> Reader:
    """By the first bytes; Malformed (`malformed.ptau.magic`), with what the file seems to be."""
    if head.startswith(MAGIC):
        return read_ptau
    if head.startswith(GENERATOR):
        return read_gnark
    if is_arkworks(head):
        return read_arkworks
    found = container(head)
    raise malformed(
        "magic",
        (f"it is {found}" if found else "it begins with no container that is known")
        + "; a .ptau file, arkworks' points or compressed points of BN254 from [1]_1 on wanted",
    )


def checked_tau(powers: Powers, algebra: Algebra, progress: Progress) -> PointG2:
    """[tau]_2, after all relations of the points."""
    g1 = powers.g1
    if infinite := first_infinite((g1,), algebra):
        raise malformed("point", f"power {infinite[1]} is the point at infinity")
    first, second = algebra.affine(PointVector(g1.data[:2], 2))
    if first != curve.G1 or powers.g2.get(0, twist.G2) != twist.G2:
        raise malformed("generator", "the first power is not the generator")
    if second == curve.G1:
        raise malformed("generator", "tau is 1: this is the empty setup before any contribution")
    tau_g2 = powers.g2.get(1) or _known_tau_g2(second)
    progress("the powers follow one tau, in both groups")
    for exponent, point in powers.g2.items():
        if not twist.in_subgroup(point):
            raise malformed("g2", f"G2, power {exponent}: not in the subgroup of order r")
    if not follow_one_tau(g1, tau_g2, algebra):
        raise malformed("pairing", "the powers of tau in G1 do not follow one tau, that of [tau]_2")
    for exponent, point in powers.g2.items():
        left = algebra.affine(PointVector(g1.data[exponent : exponent + 1], 1))[0]
        if not algebra.pairing_check([(left, twist.G2), ((1, P - 2), point)]):
            raise malformed("pairing", f"[tau^{exponent}]_1 and [tau^{exponent}]_2 differ")
    if order := order_of_tau(g1, tau_g2, algebra):
        raise malformed(
            "order", f"tau^{order} is 1: anybody can find tau, and commitments would not hide"
        )
    return tau_g2


def _known_tau_g2(tau_g1: Point) -> PointG2:
    """[tau]_2 of the known tau with this [tau]_1; a file of G1 alone needs no more."""
    for entry in KNOWN:
        if entry.tau_g1 == tau_g1:
            return entry.tau_g2
    raise Refused(
        "refused.ptau.g2",
        "ceremony file: it holds points of G1 alone and its tau is not a known one; give the file "
        "of [tau^(2^i)]_2 beside it",
    )
