"""
F4: a setup whose tau is a point of the domain: tau^(k n) = 1. Its powers follow one tau, pairings
hold, proofs verify; and each commitment is k cells of one row, without a blinder. Two proofs of one
log then have the same commitments. Refused in import, load, key and prover; bases and fixed
commitments at infinity too, however they came.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from attacks.kit_prover.targets import small
from ptau_builder import assemble, sections
from support.small import SMALL, Small

import prover.keys as keys
import prover.prove as rounds
import prover.setup as setups
from algebra.errors import Malformed, Refused
from algebra.interface import Algebra, Basis, Point, PointVector, R, root_of_unity
from algebra.native_backend import native
from algebra.reference import reference
from circuits.language.circuit import Circuit
from circuits.language.packing import packs
from prover.hiding import first_equal, order_of_tau
from prover.keys import (
    ProvingKey,
    bases_name,
    build_proving_key,
    cached_bases,
    powers_needed,
    vanishing_point,
    verified_basis,
)
from prover.prove import prove
from prover.setup import Setup, import_ceremony, lagrange_bases, load_setup, save_setup
from prover.srs import follow_one_tau, multiple_of_g2, second_power
from verifier.ceremonies import srs_id
from verifier.proof import parse_proof
from verifier.verify import verify

N, SLOTS, ROW = 64, 4, 7
DOMAIN = pow(root_of_unity(N * SLOTS), ROW, R)
"""Of order k n; its k-th power is the point of row 7."""


def of_order(order: int) -> int:
    """A number with this multiplicative order mod R, a divisor of R - 1."""
    return pow(5, (R - 1) // order, R)


def powers(tau: int, length: int, *, known: bool = False) -> Setup:
    """The setup of a tau, as a ceremony would leave it, or with tau in it."""
    algebra = native()
    g1 = algebra.fixed_base(algebra.powers(tau, length, 1, Basis.EVALUATION))
    g2 = multiple_of_g2(tau)
    identity = srs_id(second_power(g1, algebra), g2)
    return Setup(g1, length, g2, identity, unsafe_tau=tau if known else None)


@cache
def bad() -> Setup:
    return powers(DOMAIN, powers_needed(N, SLOTS))


def code(call: Callable[[], Any]) -> str:
    with pytest.raises((Malformed, Refused)) as caught:
        call()
    return caught.value.code


# -- what it gives away ------------------------------------------------------------------------
def key_without_checks(made: Small, monkeypatch: pytest.MonkeyPatch) -> ProvingKey:
    for module in (keys, setups):
        monkeypatch.setattr(module, "first_infinite", lambda *_: None)
    monkeypatch.setattr(keys, "order_of_tau", lambda *_: None)
    monkeypatch.setattr(rounds, "require_hiding", lambda *_: None)
    return build_proving_key(made.circuit, bad(), SLOTS, native())


def test_proofs_verify_and_show_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blinders come from the operating system in both proofs; the point tells the cells anyway."""
    made, algebra = SMALL["bus"](), native()
    key = key_without_checks(made, monkeypatch)
    proofs = [prove(key, made.witness, made.statement, algebra=algebra) for _ in range(2)]
    for proof in proofs:
        verify(key.verifying, made.statement, proof, algebra=algebra)
    first, second = (parse_proof(proof, key.verifying.shape) for proof in proofs)
    assert first.values != second.values
    assert first.stage1 == second.stage1
    (pack,) = [p for p in packs(made.circuit, SLOTS) if p.stage == 1]
    cells = [int(made.witness.first[name].narrow[ROW])
             + made.witness.first[name].wide.get(ROW, 0) for name in pack.names]  # fmt: skip
    shown = sum(pow(DOMAIN, j, R) * value for j, value in enumerate(cells)) % R
    assert any(cells) and first.stage1[0] == algebra.scale_points([(1, 2)], [shown])


def test_the_setup_itself_is_consistent() -> None:
    """The chain of powers holds: no other check would have found it."""
    assert follow_one_tau(bad().g1, bad().tau_g2, native())


# -- each place that refuses it --------------------------------------------------------------------
BOTH = [
    *((order, native()) for order in (2, 3, 4, 6)),
    (3, reference()),
    *(pytest.param(order, reference(), marks=pytest.mark.slow) for order in (2, 4, 6)),
]
"""Orders and algebras: the import is one code over both, so the slow one reads one order here."""
orders = pytest.mark.parametrize(
    ("order", "algebra"), BOTH, ids=lambda each: getattr(each, "name", None)
)


@orders
def test_import(order: int, algebra: Algebra, tmp_path: Path) -> None:
    path = tmp_path / "powers.ptau"
    path.write_bytes(assemble(sections(2, of_order(order))))
    assert code(lambda: import_ceremony(path, algebra)) == "malformed.ptau.order"


@orders
def test_import_of_the_powers_below_it(order: int, algebra: Algebra, tmp_path: Path) -> None:
    """
    Powers up to tau^(k n - 1), all that a class needs: that the next is one, the last and [tau]_2
    tell. With one power fewer no class has such a tau for the point of a row.
    """
    path = tmp_path / "powers.ptau"
    path.write_bytes(assemble(sections(2, of_order(order))))
    assert code(lambda: import_ceremony(path, algebra, length=order)) == "malformed.ptau.order"
    if order > 2:
        assert import_ceremony(path, native(), length=order - 1).length == order - 1


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("length", [13, 20])
def test_load(known: bool, length: int, tmp_path: Path) -> None:
    path = tmp_path / "setup.bin"
    save_setup(powers(of_order(13), length, known=known), path, native())
    for algebra in (native(), reference()):
        assert code(lambda a=algebra: load_setup(path, a)) == "malformed.setup.order"  # type: ignore[misc]


def test_load_of_a_power_at_infinity(tmp_path: Path) -> None:
    points = native().affine(powers(5, 20).g1)
    points[11] = None
    path = tmp_path / "setup.bin"
    save_setup(replace(powers(5, 20), g1=native().points(points)), path, native())
    assert code(lambda: load_setup(path, native())) == "malformed.setup.point"


@pytest.mark.parametrize(
    "order", [N * SLOTS, N, N // 2, 2, 3, 9, 13, 13 * 9, N * SLOTS // 2], ids=str
)
def test_key(order: int) -> None:
    setup = powers(of_order(order), powers_needed(N, SLOTS))
    assert order_of_tau(setup.g1, setup.tau_g2, native()) == order
    circuit = small("bus")[0].circuit
    assert code(lambda: build_proving_key(circuit, setup, SLOTS, native())) == (
        "malformed.setup.order"
    )


@pytest.mark.parametrize(("n", "slots"), [(16, 1), (16, 4), (16, 8), (32, 3), (2, 4)])
@pytest.mark.parametrize("known", [False, True])
def test_bases(n: int, slots: int, known: bool) -> None:
    """Of every class and pack size; with k n powers alone, where the next is not there to tell."""
    setup = powers(of_order(n * slots), max(2, n * slots), known=known)
    assert code(lambda: lagrange_bases(setup, n, slots, native())) == "malformed.setup.order"


def test_the_point_that_blinds_a_log() -> None:
    setup = powers(of_order(N), 2 * N)
    assert code(lambda: vanishing_point(setup, N, native())) == "malformed.setup.order"
    assert vanishing_point(setup, N // 2, native())


def test_the_attestors_basis(tmp_path: Path) -> None:
    setup = powers(of_order(N), N + 1)
    assert code(lambda: verified_basis(setup, N, native(), tmp_path)) == "malformed.setup.order"
    assert list(tmp_path.iterdir()) == []


def test_a_cache_file_with_infinity(tmp_path: Path) -> None:
    """Sealed as its own: the digest finds accidents only."""
    setup = powers(5, powers_needed(N, SLOTS))
    bases = cached_bases(setup, N, SLOTS, native(), tmp_path)
    path = tmp_path / bases_name(setup, N, SLOTS)
    head = path.read_bytes()[: keys.HEAD_BYTES]
    keys.write_sealed(path, head, [*bases[:-1], with_infinity(bases[-1])], native())
    assert code(lambda: cached_bases(setup, N, SLOTS, native(), tmp_path)) == "malformed.bases"


def with_infinity(points: PointVector, place: int = -1) -> PointVector:
    changed: list[Point] = native().affine(points)
    changed[place] = None
    return native().points(changed)


FORGED: dict[str, Callable[[ProvingKey], ProvingKey]] = {
    "power": lambda key: replace(key, powers=powers(DOMAIN, powers_needed(N, SLOTS) + 1).g1),
    "power behind the last": lambda key: replace(
        key, powers=bad().g1, verifying=replace(key.verifying, tau_g2=bad().tau_g2)
    ),
    "base": lambda key: replace(key, bases=(*key.bases[:-1], with_infinity(key.bases[-1]))),
    "first base": lambda key: replace(key, bases=(with_infinity(key.bases[0], 0), *key.bases[1:])),
    "point that blinds": lambda key: replace(key, vanishing_point=None),
}


@pytest.mark.parametrize("what", FORGED)
def test_prover(what: str) -> None:
    """Before a cell is committed: no column was asked for."""
    made, key = small("bus")

    class Silent:
        record_commitment = None

        def stage1(self, *_: object) -> Any:
            raise AssertionError("the prover has begun")

        stage2 = stage1

    with pytest.raises(AssertionError, match="begun"):
        prove(key, Silent(), made.statement, algebra=native())
    forged = FORGED[what](key)
    assert code(lambda: prove(forged, Silent(), made.statement, algebra=native())) == (
        "malformed.proving_key"
    )


def test_a_commitment_of_fixed_columns_at_infinity() -> None:
    """A circuit whose only fixed columns are zero."""
    c = Circuit("small/nothing fixed", 16)
    c.require(None, "nothing", c.advice("x") * c.fixed("zero"), exact=False)
    c.close()
    setup = powers(5, powers_needed(16, SLOTS))
    assert code(lambda: build_proving_key(c, setup, SLOTS, native())) == "malformed.key"


# -- the search ------------------------------------------------------------------------------------
@pytest.mark.parametrize("algebra", [native(), reference()], ids=lambda algebra: algebra.name)
def test_first_equal(algebra: Any) -> None:
    points: list[Point] = algebra.affine(algebra.fixed_base(
        algebra.vector([1, 2, 3, 2, 1], Basis.EVALUATION)))  # fmt: skip
    points += [None, None]
    vector = algebra.points(points)
    for wanted in (points[0], points[1], None):
        assert first_equal(vector, wanted, algebra) == points.index(wanted)
    assert first_equal(vector, points[0], algebra, start=1) == 4
    assert first_equal(vector, points[2], algebra, start=3) is None
    negative = algebra.scale_points([points[0]], [R - 1])
    assert first_equal(vector, negative, algebra) is None
