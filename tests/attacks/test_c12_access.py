"""
C12 of the service's door: each check of keys, scopes, loopback, limits and idempotency keys is
taken out in turn; what is refused now is then let in, or goes wrong otherwise.
"""

from __future__ import annotations

import pytest
from attacks.kit_prover.entering import CHECKS
from attacks.kit_prover.judging import judge
from attacks.kit_prover.mutants import ACCESS

BY_ID = {check.id: check for check in ACCESS.checks()}


def test_every_check_has_a_forgery() -> None:
    assert set(CHECKS) == set(BY_ID)


@pytest.mark.parametrize("name", CHECKS)
def test_check(name: str) -> None:
    verdict = judge(name, (BY_ID[name],), CHECKS[name], ACCESS)
    assert verdict.caught, verdict
