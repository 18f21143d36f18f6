"""
C12 of the webhooks: each check of what is told, where and by whom is taken out in turn; what is
refused now is then accepted, or goes wrong otherwise.
"""

from __future__ import annotations

import pytest
from attacks.kit_prover.judging import judge
from attacks.kit_prover.mutants import WEBHOOKS
from attacks.kit_prover.webhooks import CHECKS

BY_ID = {check.id: check for check in WEBHOOKS.checks()}


def test_every_check_has_a_forgery() -> None:
    assert set(CHECKS) == set(BY_ID)


@pytest.mark.parametrize("name", CHECKS)
def test_check(name: str) -> None:
    verdict = judge(name, (BY_ID[name],), CHECKS[name], WEBHOOKS)
    assert verdict.caught, verdict
