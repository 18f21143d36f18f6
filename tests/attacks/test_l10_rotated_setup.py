"""
L10: on a setup with tau' = omega^s tau all rows rotate by s. Stopped by the setup's id in leaf and
key; a second guard is that the first record is active, since a log that starts in row 0 starts with
zeros when it is rolled down.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from attacks.kit.weaken import without_constraint
from support.credential import CLASS, SIZE_CLASS, honest, world
from support.forge import Forger, attested, forger

from algebra.errors import Malformed, Rejected
from algebra.interface import Basis, Point, R, root_of_unity
from algebra.native_backend import native
from circuits.credential.v2.statement import credential_circuit
from circuits.language.circuit import Circuit
from circuits.versions import known_circuit
from history.v2.leaf_words import leaf_header
from prover.keys import ProvingKey, build_proving_key, powers_needed, vanishing_point
from prover.prove import prove
from prover.setup import Setup, lagrange_bases
from prover.srs import multiple_of_g2, second_power
from prover.witness.v2.cells import Cells
from tierproof.testing import assert_rejected, labels, trace_failures
from verifier.ceremonies import srs_id
from verifier.key import VerifyingKey
from verifier.verify import verify

SHIFT = 3


@cache
def rotated() -> Setup:
    """
    The setup of omega^SHIFT tau, which anybody can compute who knows no tau: each power is scaled
    by a root of unity.
    """
    algebra, tau = native(), world().setup.unsafe_tau
    assert tau is not None
    other = tau * pow(root_of_unity(CLASS), SHIFT, R) % R
    length = powers_needed(CLASS, 4)
    g1 = algebra.fixed_base(algebra.powers(other, length, 1, Basis.EVALUATION))
    g2 = multiple_of_g2(other)
    return Setup(g1, length, g2, srs_id(second_power(g1, algebra), g2), unsafe_tau=other)


def test_rows_rotate_and_h_stays() -> None:
    algebra = native()
    bases = [
        algebra.affine(lagrange_bases(s, CLASS, 1, algebra)[0]) for s in (world().setup, rotated())
    ]
    turned: list[Point] = [*bases[0][-SHIFT:], *bases[0][:-SHIFT]]
    assert bases[1] == turned
    assert vanishing_point(rotated(), CLASS, algebra) == world().h


def test_leaf_of_the_other_setup() -> None:
    assert rotated().srs_id != world().setup.srs_id
    found = attested(honest(), header=leaf_header(SIZE_CLASS, rotated().srs_id))
    assert found.labels() == {"leaf.header"}


FIRST = "record.first_is_active"


@cache
def other_circuit() -> Circuit:
    setup = rotated()
    return credential_circuit(CLASS, vanishing_point(setup, CLASS, native()), setup.srs_id)


@cache
def other_key(*, first_rule: bool = True) -> ProvingKey:
    """The key of the other setup; also of a circuit that lets the log start with zeros."""
    circuit = other_circuit() if first_rule else without_constraint(other_circuit(), FIRST)
    return build_proving_key(circuit, rotated(), 4, native())


def rolled() -> Forger:
    """
    The same records three rows further down: on the rotated setup they have the attested
    commitment.
    """

    def alter(cells: Cells, prover: Forger) -> None:
        rows = prover.layout.capacity
        cells.limbs[:, :rows] = np.roll(cells.limbs[:, :rows], SHIFT, axis=1)
        for column in cells.free:
            column.narrow[:rows] = np.roll(column.narrow[:rows], SHIFT)

    return forger(honest(), alter)


@pytest.mark.parametrize("first_rule", [True, False])
def test_rolled_records_on_the_other_setup(first_rule: bool) -> None:
    """
    All rules hold but two: the leaf names the setup on which it was attested, and the log does not
    start with zeros. The first is enough alone.
    """
    found, key = honest(), other_key(first_rule=first_rule)
    given = {**found.shown(), "records": [0] * SHIFT + found.records.encode()}
    failures = trace_failures(key.circuit, rolled(), found.statement, **given)
    assert labels(failures) == ({"leaf.header", FIRST} if first_rule else {"leaf.header"})
    assert_rejected(key, rolled(), found.statement, native())


def test_without_the_id_and_the_first_record_it_would_pass() -> None:
    """
    A leaf of the other setup with the same commitment: the rule of the first record alone is left,
    and stops it; without that the other key accepts. The verifier's own key does not.
    """
    found = attested(honest(), header=leaf_header(SIZE_CLASS, rotated().srs_id))
    forged = rolled()
    forged.leaf = found.leaf_words
    given = {**found.shown(), "records": [0] * SHIFT + found.records.encode()}
    failures = trace_failures(other_circuit(), forged, found.statement, **given)
    assert labels(failures) == {FIRST}
    assert_rejected(other_key(), forged, found.statement, native())
    loose = other_key(first_rule=False)
    proof = prove(loose, forged, found.statement, algebra=native())
    verify(loose.verifying, found.statement, proof, algebra=native())
    for key in (other_key(), world().key):
        with pytest.raises(Rejected):
            verify(key.verifying, found.statement, proof, algebra=native())


def test_key_file_with_the_other_id() -> None:
    data = world().key.verifying.to_json() | {"srs_id": f"{rotated().srs_id:050x}"}
    with pytest.raises(Malformed) as caught:
        VerifyingKey.from_json(data, known_circuit, native())
    assert caught.value.code == "malformed.key"
