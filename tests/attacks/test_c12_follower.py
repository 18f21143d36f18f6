"""
C12 of the chain follower: each check of what a node says, and of how old it is, is taken out in
turn; what is refused now is then taken, or goes wrong otherwise.
"""

from __future__ import annotations

import pytest
from attacks.kit_prover.following import CHECKS
from attacks.kit_prover.judging import judge
from attacks.kit_prover.mutants import FOLLOWER

BY_ID = {check.id: check for check in FOLLOWER.checks()}


def test_every_check_has_a_forgery() -> None:
    assert set(CHECKS) == set(BY_ID)


@pytest.mark.parametrize("name", CHECKS)
def test_check(name: str) -> None:
    verdict = judge(name, (BY_ID[name],), CHECKS[name], FOLLOWER)
    assert verdict.caught, verdict
