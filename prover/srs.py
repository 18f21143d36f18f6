"""
The setup itself: powers of one tau in G1 and [tau]_2
(docs/explanation/protocol.md 4.2).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from algebra import twist
from algebra.interface import Algebra, Basis, PointG2, PointVector, R
from verifier.ceremonies import setup_status


@dataclass(frozen=True, slots=True)
class Setup:
    """
    Powers of tau.

    Attributes
    ----------
    g1 : [tau^i]_1 for i < length
    length : number of powers in G1, at least 2
    tau_g2 : [tau]_2
    srs_id : 200 bits that name tau, the same for every length (`verifier.ceremonies.srs_id`)
    unsafe_tau : tau itself where the setup was made from it: bases are then made by arithmetic
    source : blake2b-512 of the ceremony file in hexadecimal, empty for a development setup
    """

    g1: PointVector
    length: int
    tau_g2: PointG2
    srs_id: int
    unsafe_tau: int | None = field(default=None, repr=False)
    source: str = ""

    @property
    def status(self) -> str:
        """`ceremony NAME`, `development` or `unknown ceremony`, by `srs_id`."""
        return setup_status(self.srs_id)


def second_power(g1: PointVector, algebra: Algebra) -> bytes:
    """[tau]_1 as 64 bytes, without moving the other points."""
    tau_only = algebra.vector([0, 1], Basis.EVALUATION)
    return algebra.points_to_bytes(algebra.points([algebra.msm(g1, tau_only)]))


def multiple_of_g2(scalar: int) -> PointG2:
    """scalar * G2 for a scalar that is not 0 mod r."""
    point = twist.affine(twist.multiply(twist.G2, scalar))
    if point is None:
        raise ValueError("G2 multiple: the scalar is 0 mod r")
    return point


def follow_one_tau(points: PointVector, tau_g2: PointG2, algebra: Algebra) -> bool:
    """
    Whether e(points[i + 1], G2) = e(points[i], [tau]_2) for all i, weighted by the powers of a
    random rho.

    With S = sum rho^i points[i], i < m: the sum of the first m - 1 is S - rho^(m-1) points[m-1],
    and that of the last m - 1, one power of rho lower, is (S - points[0]) / rho. A broken chain
    passes with chance m / r.
    """
    size, rho = points.length, secrets.randbelow(R - 1) + 1
    total = algebra.msm(points, algebra.powers(rho, size, 1, Basis.EVALUATION))
    last = algebra.msm(
        points, algebra.vector([0] * (size - 1) + [pow(rho, size - 1, R)], Basis.EVALUATION)
    )
    first = algebra.msm(points, algebra.vector([1], Basis.EVALUATION))
    low = algebra.scale_points([total, last], [1, R - 1])
    minus_high = algebra.scale_points([first, total], [pow(rho, -1, R), -pow(rho, -1, R) % R])
    return algebra.pairing_check([(low, tau_g2), (minus_high, twist.G2)])
