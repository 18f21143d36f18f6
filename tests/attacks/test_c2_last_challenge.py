"""
C2: the last challenge does not depend on the openings (Linea, critical). The attack solves the
pairing equation for W, or for a claimed value, when all challenges are known; it passes where W is
not absorbed, and with y known beforehand.
"""

from __future__ import annotations

import pytest
from attacks.kit_prover.equation import equation
from attacks.kit_prover.forged_rounds import late_opening
from attacks.kit_prover.judging import judge
from attacks.kit_prover.liar import Liar
from attacks.kit_prover.mutants import outcome, sound
from attacks.kit_prover.targets import lie, shows, small, told

from tierproof.testing import trace_failures
from verifier.batch import equation_of


@pytest.mark.parametrize("name", ["opening: absorbed", "y known", "values: absorbed"])
def test_the_last_challenge(name: str) -> None:
    verdict = judge(name, *equation()[name])
    assert verdict.caught, verdict


def test_the_trace_behind_it_is_false() -> None:
    made, _ = small("bus")
    assert trace_failures(made.circuit, lie("bus"), made.statement) != []


@pytest.mark.parametrize("point", ["opening", "quotient", "stage1[0]", "stage2[0]"])
def test_the_same_against_the_true_verifier(point: str) -> None:
    """Solved for the challenges as they were; the point that solves it makes others."""
    liar = Liar()
    key, statement, proof = told(liar, "bus", lie("bus"))
    assert liar.defect() != 0
    forged = liar.late_point(point, equation_of)
    assert forged != proof and len(forged) == len(proof)
    assert outcome(shows(key, statement, forged), sound()) == "rejected.equation"
    assert outcome(late_opening(sound()), sound()) == "rejected.equation"
