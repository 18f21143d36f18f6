"""
A setup on disk (docs/explanation/protocol.md 4.2).

Layout, integers of the head big endian:

    8    magic "TPSETUP\\n"
    4    version, 3
    4    zero
    8    length, number of points
    32   srs_id
    128  [tau]_2: x.c0, x.c1, y.c0, y.c1
    32   tau where the setup was made from it, else zero
    64   blake2b-512 of the ceremony file, zero where the setup was made from tau
    40   zero
    64   each point: x, y times 2^256 mod P, little endian (as in .ptau files)
    32   SHA-256 of all before

The points are mapped, not read (prover/point_file.py). The digest finds accidents; on top of it
every point is checked to be on the curve and finite, [tau]_1 to match [tau]_2 and the id, and no
power of tau to be one (prover/hiding.py). The chain of
powers was checked when the setup was imported and is not checked again for a prover, who verifies
his proofs; for an attestor it is (`prover.keys.verified_basis`).
"""

from __future__ import annotations

import struct
from pathlib import Path

from algebra import curve, twist
from algebra.errors import Malformed
from algebra.interface import Algebra, Basis, P, R
from algebra.system import refused_by_system
from prover.hiding import first_infinite, order_of_tau
from prover.point_file import (
    DIGEST_BYTES,
    POINT_BYTES,
    intact,
    map_file,
    mapped_points,
    write_sealed,
)
from prover.srs import Setup, multiple_of_g2
from verifier.ceremonies import srs_id

MAGIC = b"TPSETUP\n"
VERSION = 3
_HEAD = struct.Struct(">8sIIQ32s128s32s64s40s")


def save_setup(setup: Setup, path: Path, algebra: Algebra) -> None:
    """
    Write a setup; the file appears whole or not at all.

    Parameters
    ----------
    setup : made by `algebra` or one of the same backend
    path : replaced if there; its folder must exist

    Raises
    ------
    Unavailable
        `unavailable.setup`: the file cannot be written.
    """
    head = _HEAD.pack(
        MAGIC,
        VERSION,
        0,
        setup.length,
        setup.srs_id.to_bytes(32, "big"),
        twist.to_bytes(setup.tau_g2),
        (setup.unsafe_tau or 0).to_bytes(32, "big"),
        bytes.fromhex(setup.source).ljust(64, b"\0"),
        bytes(40),
    )
    write_sealed(path, head, [setup.g1], algebra)


def load_setup(path: Path, algebra: Algebra) -> Setup:
    """
    Read a setup that `save_setup` wrote.

    Raises
    ------
    Malformed
        `malformed.setup.<what>`: magic, version, header, length, digest, point, identity, tau,
        order.
    Unavailable
        `unavailable.setup`: there is none; and what the system says (`algebra.system`).
    """
    try:
        data = map_file(path)
    except OSError as error:
        raise refused_by_system(
            error, f"{path.parent.name}/{path.name}", absent="unavailable.setup"
        ) from error
    if data[: len(MAGIC)] != MAGIC:
        raise _malformed("magic", "it is not a setup file of this program")
    if len(data) < _HEAD.size + DIGEST_BYTES:
        raise _malformed("length", "it is shorter than its header (truncated?)", got=len(data))
    _, version, zero, length, identity, g2, tau_bytes, source, rest = _HEAD.unpack_from(data)
    if version != VERSION:
        raise _malformed(
            "version",
            f"version {version}, {VERSION} wanted: delete it and run setup again",
            expected=VERSION,
            got=version,
        )
    expected = _HEAD.size + POINT_BYTES * length + DIGEST_BYTES
    if length < 2 or len(data) != expected:
        raise _malformed(
            "length", f"{len(data)} bytes, {expected} wanted", expected=expected, got=len(data)
        )
    if not intact(data):
        raise _malformed(
            "digest",
            "its digest does not match: it was altered or damaged; make or import it again",
        )

    tau, tau_g2 = int.from_bytes(tau_bytes, "big"), twist.from_bytes(g2)
    if zero or (tau and any(source)) or any(rest):
        raise _malformed(
            "header", "it names both a tau and a ceremony file, or is not zero at its end"
        )
    if not twist.on_curve(tau_g2) or not twist.in_subgroup(tau_g2):
        raise _malformed("point", "[tau]_2 is not in the group")
    try:
        g1 = mapped_points(data, _HEAD.size, length, algebra, check=True)
    except ValueError as error:
        raise _malformed("point", str(error)) from error
    if infinite := first_infinite((g1,), algebra):
        raise _malformed("point", f"power {infinite[1]} is the point at infinity")
    start = algebra.points_to_bytes(mapped_points(data, _HEAD.size, 2, algebra))
    _check_identity(start[:POINT_BYTES], start[POINT_BYTES:], tau, algebra, identity, g2)
    if order := order_of_tau(g1, tau_g2, algebra):
        raise _malformed(
            "order", f"tau^{order} is 1: anybody can find tau, and commitments would not hide"
        )
    digest = source.hex() if any(source) else ""
    return Setup(g1, length, tau_g2, int.from_bytes(identity, "big"), tau or None, digest)


def _check_identity(
    first: bytes, second: bytes, tau: int, algebra: Algebra, identity: bytes, g2: bytes
) -> None:
    """
    The first power is G, the second goes with [tau]_2, with the id, and with tau where that is
    known.
    """
    tau_g2 = twist.from_bytes(g2)
    if first != curve.G1[0].to_bytes(32, "big") + curve.G1[1].to_bytes(32, "big"):
        raise _malformed("point", "the first power is not the generator")
    if srs_id(second, tau_g2).to_bytes(32, "big") != identity:
        raise _malformed("identity", "its id is not that of its [tau]_1 and [tau]_2")
    tau_g1 = algebra.affine(algebra.points_from_bytes(second, check=False))[0]
    if not algebra.pairing_check([(tau_g1, twist.G2), ((1, P - 2), tau_g2)]):
        raise _malformed("tau", "[tau]_1 and [tau]_2 belong to different tau")
    if tau:
        if tau >= R or multiple_of_g2(tau) != tau_g2:
            raise _malformed("tau", "the tau it names is not that of its points")
        powers = algebra.fixed_base(algebra.vector([tau], Basis.EVALUATION))
        if algebra.points_to_bytes(powers) != second:
            raise _malformed("tau", "the tau it names is not that of its points")


def _malformed(what: str, message: str, **fields: object) -> Malformed:
    return Malformed(f"malformed.setup.{what}", f"setup file: {message}", **fields)
