"""
Proving keys: a circuit, a setup, and the commitment bases made from them
(docs/explanation/protocol.md 4.5).

Making the Lagrange bases of a large class takes a while, so they rest in a cache folder as files of
points (prover/point_file.py); a file is used only if its length, its description and its digest
match, and is made again and replaced otherwise.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from algebra.errors import Malformed, Refused
from algebra.interface import Algebra, Basis, FieldVector, Point, PointVector, R
from circuits.language.circuit import FIXED, MAXIMUM_DEGREE, Circuit
from circuits.language.packing import packs
from circuits.language.program import Compiled, combined, compile_program
from prover.hiding import first_infinite, order_of_tau
from prover.point_file import (
    DIGEST_BYTES,
    POINT_BYTES,
    intact,
    map_file,
    mapped_points,
    write_sealed,
)
from prover.setup import Setup, lagrange_bases
from prover.srs import follow_one_tau
from verifier.key import VerifyingKey

MAGIC = "tierproof-bases/2"
HEAD_BYTES = 128
"""Magic, setup, class and slots of a cache file, filled up with spaces."""
KEPT_ROWS = 1 << 16
"""
Largest class whose fixed columns are kept on the cosets between proofs: 2,208 bytes a row
(docs/decisions/0008).
"""


@dataclass(frozen=True)
class ProvingKey:
    """
    Parameters
    ----------
    powers : [tau^i]_1, at least max(slots, 3) * n of them.
    bases : for each slot j the n points [tau^j L_i(tau^k)]_1.
    fixed : evaluation vectors of the fixed columns, in column order.
    fixed_coefficients : the same in coefficient basis.
    vanishing_point : H = [tau^n - 1]_1, which hides the record column.
    quotient_program : all constraints folded by alpha.
    on_cosets : by coset shift, fixed columns by name and pseudo columns on that coset, as the first
        proof has made them.
    """

    verifying: VerifyingKey
    powers: PointVector
    bases: tuple[PointVector, ...]
    fixed: tuple[FieldVector, ...]
    fixed_coefficients: tuple[FieldVector, ...]
    vanishing_point: Point
    quotient_program: Compiled
    on_cosets: dict[int, tuple[dict[str, FieldVector], list[FieldVector]]] = field(
        default_factory=dict, repr=False
    )

    @property
    def circuit(self) -> Circuit:
        """The constraint text, that of the verifying key."""
        return self.verifying.circuit


def vanishing_point(setup: Setup, n: int, algebra: Algebra) -> tuple[int, int]:
    """[tau^n - 1]_1; Malformed (`malformed.setup.order`) if it is infinity and blinds nothing."""
    high, one = algebra.affine(PointVector(setup.g1.data[n : n + 1], 1))[0], (1, 2)
    point = algebra.scale_points([high, one], [1, -1 % R])
    if point is None:
        raise _order(n)
    return point


def _order(order: int) -> Malformed:
    return Malformed(
        "malformed.setup.order",
        f"setup: tau^{order} is 1: anybody can find tau, and commitments would not hide; "
        "import another",
    )


def require_hiding(key: ProvingKey, algebra: Algebra) -> None:
    """
    Refuse a key whose commitments would show cells (prover/hiding.py), however it was made.

    Raises
    ------
    Malformed
        `malformed.proving_key`: a power of tau is one, or a base or [tau^n - 1]_1 is infinity.
    """
    if (
        order_of_tau(key.powers, key.verifying.tau_g2, algebra)
        or first_infinite(key.bases, algebra)
        or key.vanishing_point is None
    ):
        raise Malformed(
            "malformed.proving_key",
            "keys: a power of tau is one or a base is the point at infinity, so that commitments "
            "would not hide; the files of the keys folder are damaged or changed: delete it and "
            "run setup again",
        )


def powers_needed(n: int, slots: int) -> int:
    """Length of the setup that a class needs: no column and no quotient takes a higher power."""
    return max(slots, MAXIMUM_DEGREE - 1) * n


def build_proving_key(
    circuit: Circuit, setup: Setup, slots: int, algebra: Algebra, *, cache: Path | None = None
) -> ProvingKey:
    """
    Make the key of a circuit on a setup.

    Raises
    ------
    Refused
        `refused.setup`: the setup is too short for this class and pack size.
    Malformed
        `malformed.setup.order`: a power of tau is one; `malformed.bases`: a base is infinity;
        `malformed.key`: a commitment of fixed columns is.
    """
    n = circuit.size
    if setup.length < powers_needed(n, slots):
        raise Refused(
            "refused.setup", f"setup: {setup.length} powers, class {n} with packs of {slots} needs "
            f"{powers_needed(n, slots)}; import a larger file or make the class smaller",
        )  # fmt: skip
    if order := order_of_tau(setup.g1, setup.tau_g2, algebra):
        raise _order(order)
    bases = cached_bases(setup, n, slots, algebra, cache)
    fixed = tuple(algebra.lift(circuit.fixed_values[name]) for name in circuit.names(FIXED))
    commitments = []
    for pack in packs(circuit, slots):
        if pack.stage == FIXED:
            columns = [circuit.fixed_values[name] for name in pack.names]
            commitments.append(
                algebra.add_points(
                    [algebra.msm_column(bases[j], column) for j, column in enumerate(columns)]
                )
            )
    verifying = VerifyingKey(circuit, slots, setup.srs_id, setup.tau_g2, tuple(commitments))
    return ProvingKey(
        verifying, setup.g1, bases, fixed, tuple(algebra.interpolate(values) for values in fixed),
        vanishing_point(setup, n, algebra), compile_program(circuit, [combined(circuit)]),
    )  # fmt: skip


def cached_bases(
    setup: Setup, n: int, slots: int, algebra: Algebra, cache: Path | None
) -> tuple[PointVector, ...]:
    """
    The Lagrange bases from the cache folder, mapped and not read; made and put there if no intact
    file is. Malformed: `malformed.bases` for a point at infinity, and as `lagrange_bases`.
    """
    if cache is None:
        return tuple(lagrange_bases(setup, n, slots, algebra))
    head = f"{MAGIC} {setup.srs_id:050x} {n} {slots}".encode().ljust(HEAD_BYTES - 1) + b"\n"
    path = cache / bases_name(setup, n, slots)
    step = POINT_BYTES * n
    try:
        data = map_file(path)
    except OSError:
        data = memoryview(b"")
    if (
        len(data) == HEAD_BYTES + slots * step + DIGEST_BYTES
        and data[:HEAD_BYTES] == head
        and intact(data)
    ):
        bases = tuple(mapped_points(data, HEAD_BYTES + j * step, n, algebra) for j in range(slots))
        if first_infinite(bases, algebra):
            raise Malformed(
                "malformed.bases", f"{path.name}: a point of it is infinity; delete the file"
            )
        return bases
    bases = tuple(lagrange_bases(setup, n, slots, algebra))
    write_sealed(path, head, bases, algebra)
    return bases


def bases_name(setup: Setup, n: int, slots: int) -> str:
    """The cache file's name."""
    return f"bases-{setup.srs_id:050x}-{n}-{slots}.bin"


def verified_basis(setup: Setup, n: int, algebra: Algebra, cache: Path) -> PointVector:
    """
    The basis [L_i(tau)] in memory of its own, shown to be the setup's and the setup's powers to be
    those of one tau.

    Who signs a commitment needs this: with point i scaled, an honest commitment also opens to
    another record i.

    Raises
    ------
    Malformed
        `malformed.setup.chain`: the setup's powers; `malformed.bases`: the cache file.

    Notes
    -----
    sum rho^i [L_i(tau)] must be the commitment, over the powers of tau, to the polynomial of values
    rho^i. On points of the curve a wrong basis passes with chance n / r, over the system's random
    rho.
    """
    (mapped,) = cached_bases(setup, n, 1, algebra, cache)
    powers = PointVector(setup.g1.data[:n], n)
    if not follow_one_tau(powers, setup.tau_g2, algebra):
        raise Malformed(
            "malformed.setup.chain",
            "setup file: its points are not powers of one tau; import it again",
        )
    weights = algebra.powers(secrets.randbelow(R - 1) + 1, n, 1, Basis.EVALUATION)
    wrong = Malformed(
        "malformed.bases",
        f"{bases_name(setup, n, 1)}: not the Lagrange basis of its setup; delete it",
    )
    try:
        basis = algebra.points_from_limbs(algebra.points_to_limbs(mapped).copy(), check=True)
    except ValueError as error:
        raise wrong from error
    if algebra.msm(basis, weights) != algebra.msm(powers, algebra.interpolate(weights)):
        raise wrong
    return basis
