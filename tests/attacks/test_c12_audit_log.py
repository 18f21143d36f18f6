"""
C12 of the audit log: each check that finds a change of it is taken out in turn; what is refused now
is then accepted, or goes wrong otherwise.
"""

from __future__ import annotations

import pytest
from attacks.kit_prover.auditing import CHECKS
from attacks.kit_prover.judging import judge
from attacks.kit_prover.mutants import AUDIT

BY_ID = {check.id: check for check in AUDIT.checks()}


def test_every_check_has_a_forgery() -> None:
    assert set(CHECKS) == set(BY_ID)


@pytest.mark.parametrize("name", CHECKS)
def test_check(name: str) -> None:
    verdict = judge(name, (BY_ID[name],), CHECKS[name], AUDIT)
    assert verdict.caught, verdict
