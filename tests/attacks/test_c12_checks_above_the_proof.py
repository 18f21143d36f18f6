"""
C12, E2, E4: what takes a credential in. Each check of the service and of the verification of files
is taken out in turn, and each word that a verifier computes for itself is taken from elsewhere;
what is refused now is then accepted.
"""

from __future__ import annotations

import pytest
from attacks.kit_prover.bindings import bindings
from attacks.kit_prover.intake import CHECKS, UNREACHABLE
from attacks.kit_prover.judging import judge
from attacks.kit_prover.mutants import SERVICE

BY_ID = {check.id: check for check in SERVICE.checks()}
FAST = (
    "tierproof.verification._",
    "attestor.root_file.RootFile.check",
    "service.api.service.Service.check",
)


def test_every_check_has_a_forgery() -> None:
    assert set(CHECKS) | set(UNREACHABLE) == set(BY_ID)
    assert not set(CHECKS) & set(UNREACHABLE)


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] * (not n.startswith(FAST))) for n in CHECKS]
)
def test_check(name: str) -> None:
    verdict = judge(name, (BY_ID[name],), CHECKS[name], SERVICE)
    assert verdict.caught, verdict


@pytest.mark.slow
def test_what_a_verifier_computes_for_itself() -> None:
    verdicts = [judge(name, *entry, SERVICE) for name, entry in bindings().items()]
    assert [verdict for verdict in verdicts if not verdict.caught] == []
    assert len(verdicts) > 15
