"""
The structured reference string: powers of one tau in G1, and [tau]_2 (docs/explanation/protocol.md
4.2).

It comes from a public ceremony (`import_ceremony`) or, for development, from a known tau
(`unsafe_dev_setup`): whoever knows tau can prove anything. Which of the two it is, its srs id says
(`Setup.status`), in everything made of it too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from algebra.errors import Malformed, Refused
from algebra.interface import Algebra, Basis, PointVector, R, root_of_unity
from prover.ceremony_file import read_ceremony
from prover.hiding import first_infinite
from prover.setup_file import load_setup, save_setup
from prover.srs import Setup, multiple_of_g2, second_power
from verifier.ceremonies import srs_id

__all__ = [
    "Setup",
    "import_ceremony",
    "lagrange_bases",
    "load_setup",
    "save_setup",
    "unsafe_dev_setup",
]


def import_ceremony(
    path: Path,
    algebra: Algebra,
    *,
    length: int | None = None,
    purpose: str = "what was asked for",
    tau_g2: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Setup:
    """
    Setup from a ceremony's file, all checks of prover/ceremony_file.py passed.

    Parameters
    ----------
    path, length, purpose, tau_g2, progress : as `prover.ceremony_file.read_ceremony`

    Raises
    ------
    Malformed, Refused, Unavailable
        As `read_ceremony`: `malformed.ptau...`, `refused.ptau...`, `unavailable.ptau`.
    """
    points = read_ceremony(
        path, algebra, length=length, purpose=purpose, tau_g2=tau_g2, progress=progress
    )
    identity = srs_id(second_power(points.g1, algebra), points.tau_g2)
    return Setup(points.g1, points.g1.length, points.tau_g2, identity, source=points.digest)


def unsafe_dev_setup(length: int, algebra: Algebra, seed: bytes = b"tierproof dev") -> Setup:
    """
    Setup with a tau that everybody who reads this can compute. For development and tests only.

    Parameters
    ----------
    length : number of powers in G1, at least 2
    seed : tau = blake2b-512("tierproof/unsafe tau" + seed) mod r; with another seed than the
        default the status is `unknown ceremony`, which is taken nowhere unless its id is named
    """
    if length < 2:
        raise Refused(
            "refused.setup.length",
            f"setup: {length} powers asked for, at least 2 wanted",
            got=length,
        )
    tau = int.from_bytes(hashlib.blake2b(b"tierproof/unsafe tau" + seed).digest(), "big") % R
    g1 = algebra.fixed_base(algebra.powers(tau, length, 1, Basis.EVALUATION))
    tau_g2 = multiple_of_g2(tau)
    identity = srs_id(second_power(g1, algebra), tau_g2)
    return Setup(g1, length, tau_g2, identity, unsafe_tau=tau)


def lagrange_bases(setup: Setup, n: int, slots: int, algebra: Algebra) -> list[PointVector]:
    """
    Commitment bases of packed columns: with f(X) = sum_j X^j p_j(X^k), the commitment to f is a sum
    of MSMs.

    Parameters
    ----------
    n : domain size, a power of two; L_i is the i-th Lagrange polynomial of <omega>, omega =
        root_of_unity(n)
    slots : k, the columns of a pack, at least 1

    Returns
    -------
    k vectors of n points
        bases[j][i] = [tau^j L_i(tau^k)]_1, natural order

    Raises
    ------
    Refused
        `refused.setup.length`: the setup has fewer than k n powers (and tau is unknown, or not).
    Malformed
        `malformed.setup.order`: a base is infinity, since tau^(k n) = 1 or tau = 0.
    ValueError
        If n is not a power of two or k < 1.

    Notes
    -----
    From a ceremony, L_i(x) = n^-1 sum_m omega^(-i m) x^m at x = tau^k: an inverse FFT in the group
    over the powers j, j + k, j + 2k, ... From a known tau, n L_i(x) = (x^n - 1) omega^i / (x -
    omega^i) gives the exponents, many times faster. Both give the same points.
    """
    omega = root_of_unity(n)
    if slots < 1:
        raise ValueError(f"lagrange bases: {slots} slots, at least 1 wanted")
    if setup.length < slots * n:
        raise Refused(
            "refused.setup.length",
            f"setup: {slots} slots of {n} rows need {slots * n} powers of tau, it has "
            f"{setup.length}; use a larger one",
            expected=slots * n,
            got=setup.length,
        )
    if setup.unsafe_tau is not None:
        bases = _bases_from_tau(setup.unsafe_tau, n, omega, slots, algebra)
    else:
        powers = algebra.points_to_limbs(setup.g1)
        columns = (
            algebra.points_from_limbs(powers[slot : slots * n : slots], check=False)
            for slot in range(slots)
        )
        bases = [algebra.group_interpolate(column) for column in columns]
    if first_infinite(tuple(bases), algebra):
        raise _no_basis()
    return bases


def _bases_from_tau(
    tau: int, n: int, omega: int, slots: int, algebra: Algebra
) -> list[PointVector]:
    """The exponents tau^j L_i(tau^k) by arithmetic on tau, then multiples of the generator."""
    x = pow(tau, slots, R)
    numerator = (pow(x, n, R) - 1) * pow(n, -1, R) % R
    if not numerator:
        raise _no_basis()
    domain = algebra.powers(omega, n, 1, Basis.EVALUATION)
    ones = algebra.powers(1, n, 1, Basis.EVALUATION)
    ratio = algebra.multiply(
        domain, algebra.inverse(algebra.linear_combination([x, R - 1], [ones, domain]))
    )
    return [
        algebra.fixed_base(algebra.linear_combination([numerator * pow(tau, slot, R) % R], [ratio]))
        for slot in range(slots)
    ]


def _no_basis() -> Malformed:
    return Malformed(
        "malformed.setup.order",
        "setup: a base is the point at infinity, so tau is the point of a row, or 0: commitments "
        "would not hide; import another",
    )
