"""
C12 of a database that was put back: each check that keeps it from accepting is taken out in turn;
what is refused now is then accepted, or goes wrong otherwise.
"""

from __future__ import annotations

import pytest
from attacks.kit_prover.judging import judge
from attacks.kit_prover.mutants import OPERATIONS
from attacks.kit_prover.operating import CHECKS

BY_ID = {check.id: check for check in OPERATIONS.checks()}


def test_every_check_has_a_forgery() -> None:
    assert set(CHECKS) == set(BY_ID)


@pytest.mark.parametrize("name", CHECKS)
def test_check(name: str) -> None:
    verdict = judge(name, (BY_ID[name],), CHECKS[name], OPERATIONS)
    assert verdict.caught, verdict
