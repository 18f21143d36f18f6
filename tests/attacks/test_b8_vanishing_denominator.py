"""
B8: a denominator that is zero frees its helper cell, and with it the one running sum of lookups,
bus, group-by and sums.

Found by review in this circuit before its first release: the point lookup read register v, which is
committed after beta and free on record rows. A prover set v to the pole on row 0, chose the helper
cell, and had any metric and any nullifier accepted. Now a helper's denominators read fixed and
stage-1 cells only, and `Circuit.helper` refuses anything else.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from support.credential import LAYOUT, poor_and_rich

import prover.prove as rounds
from algebra.errors import Rejected
from algebra.interface import Column, Point, R
from algebra.native_backend import native
from algebra.poseidon2 import TAG_NULLIFIER, hash_words
from circuits.credential.v2.sponge import NULLIFIER, capacity_word
from circuits.credential.v2.trace import POINT_TAG
from circuits.language.circuit import END_ROWS, SECOND, Circuit, CircuitError
from circuits.language.expression import CELL, walk
from prover.witness.v2.credential import CredentialWitness
from prover.witness.v2.hashes import fill_permutation
from verifier.verify import verify

OTHER_SECRET = 0xBADBAD


class Aimed:
    """
    A poor log that shows a rich volume and a stranger's nullifier, with v at the old pole on row 0.
    """

    def __init__(self, honest: CredentialWitness, scope: int) -> None:
        self.honest, self.scope = honest, scope

    @property
    def record_commitment(self) -> Point:
        return self.honest.record_commitment

    def stage1(self, record: tuple[int, int] | None, rho: int) -> Mapping[str, Column]:
        self.honest.stage1(record, rho)
        cells, row = self.honest.cells, LAYOUT.comparison("volume_equity")
        cells.set_free(row, [10**9])
        cells.set_limbs(row, 0, 0, 6)
        words = (OTHER_SECRET, self.scope)
        after = LAYOUT.permutation(NULLIFIER + 1)
        out = fill_permutation(
            cells, LAYOUT.permutation(NULLIFIER), words, [*words, capacity_word(TAG_NULLIFIER, 2)]
        )
        cells.v[after], cells.slope[after], cells.sum[after] = out
        return self.honest.stage1(record, rho)

    def stage2(self, scalars: Mapping[str, int]) -> Mapping[str, Column]:
        out = self.honest.stage2(scalars)
        k, top = scalars["kappa"], self.honest.cells.get_limbs(0, 0, 6)
        out["v"].wide[0] = -(scalars["beta"] + k * k * top * (1 << 100) + k * k * POINT_TAG) % R
        return out


def test_the_forged_proof_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    poor, _ = poor_and_rich()
    algebra, key = native(), poor.world.key
    statement = list(poor.statement)
    statement[1] = hash_words(TAG_NULLIFIER, [OTHER_SECRET, poor.scope])
    honest_helpers = rounds.make_helpers

    def repaired(run: rounds._Run, blinded: Mapping[str, Column]) -> None:
        """One helper cell takes up whatever the sum lacks."""
        honest_helpers(run, blinded)
        empty = rounds.empty(run.circuit.size)
        total = algebra.integers(rounds.sum_column(run, empty))[run.circuit.size - END_ROWS]
        assert total, "the cheat must break the sum"
        column = Column(empty.narrow, {0: -total % R})
        run.values["helper_tables"] = algebra.linear_combination(
            [1, 1], [run.values["helper_tables"], algebra.lift(column)]
        )

    monkeypatch.setattr(rounds, "make_helpers", repaired)
    proof = rounds.prove(key, Aimed(poor.witness, poor.scope), statement, algebra=algebra)
    with pytest.raises(Rejected):
        verify(key.verifying, statement, proof, algebra=algebra)


def test_no_denominator_reads_a_stage_2_column() -> None:
    circuit = poor_and_rich()[0].circuit
    for helper in circuit.helpers:
        for node in walk(denominator for _, denominator in helper.fractions):
            assert node.kind != CELL or circuit.columns[node.place[0]].stage != SECOND, helper.label


def test_the_language_refuses_one() -> None:
    c = Circuit("pole", 16)
    beta, register = c.challenge("beta"), c.register("v")
    with pytest.raises(CircuitError, match="stage-2"):
        c.helper("h", [(1, beta + register)])
