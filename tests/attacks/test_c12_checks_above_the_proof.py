"""
C12, E2, E4: what takes a credential in. Each check of the service and of the verification of files is taken out in turn, and
each word that a verifier computes for itself is taken from elsewhere; what is refused now is then accepted.
"""

from __future__ import annotations

import pytest
from attacks.kit_prover.bindings import bindings
from attacks.kit_prover.intake import CHECKS, UNREACHABLE
from attacks.kit_prover.judging import judge
from attacks.kit_prover.mutants import SERVICE, module_checks

BY_ID = {check.id: check for check in SERVICE.checks()}
FAST = ("tierproof.protocol._", "tierproof.documents.RootFile.check", "verifier.service.app.Service.check")


def test_every_check_has_a_forgery() -> None:
    assert set(CHECKS) | set(UNREACHABLE) == set(BY_ID)
    assert not set(CHECKS) & set(UNREACHABLE)


@pytest.mark.parametrize("text", [
    "def f(x):\n    if not (0 <= x.a < 9):\n        raise ValueError",
    "def f(x):\n    if not (x.a == 9 and any(x.b)):\n        raise ValueError",
    "def f(x, y):\n    if (x.a, x.b) != (y.a, y.b):\n        raise ValueError",
    "def f(x):\n    if x.name == 1 and (x.b or x.c):\n        raise ValueError",
    "async def f(x):\n    check(x)\n    await x.pool.verify(x)",
    "class A:\n    n: int = Field(ge=1, lt=9, description='n')",
])  # fmt: skip
def test_a_new_check_is_seen(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Two checks in each of these; so a check that is added makes the test above fail."""
    monkeypatch.setattr("attacks.kit_prover.mutants.source", lambda module: text)
    assert len({check.id for check in module_checks("verifier.new")}) == 2


@pytest.mark.parametrize("name", [pytest.param(n, marks=[pytest.mark.slow] * (not n.startswith(FAST))) for n in CHECKS])
def test_check(name: str) -> None:
    verdict = judge(name, (BY_ID[name],), CHECKS[name], SERVICE)
    assert verdict.caught, verdict


@pytest.mark.slow
def test_what_a_verifier_computes_for_itself() -> None:
    verdicts = [judge(name, *entry, SERVICE) for name, entry in bindings().items()]
    assert [verdict for verdict in verdicts if not verdict.caught] == []
    assert len(verdicts) > 15
