"""
C4: what is refused alone is refused in a batch beside honest proofs, under the same code, and takes
none of them with it: every forged proof of the kit, through the service's own door.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from attacks.kit_prover.equation import equation
from attacks.kit_prover.forgeries import CHECKS
from attacks.kit_prover.liar import Liar
from attacks.kit_prover.mutants import VERIFIER, Edit
from attacks.kit_prover.targets import Shown, shows, told

from algebra.errors import TierproofError
from algebra.native_backend import native
from service.verification.verdicts import Item, Judge
from verifier.batch import verify_batch
from verifier.verify import verify

HONEST = ("recurrence", "record")
OF_A_CREDENTIAL = ("circuits.credential.v2.statement.",)
"""Forgeries whose proofs take seconds to make."""
BY_ID = {check.id: check for check in VERIFIER.checks()}


def judge() -> Judge:
    def one(key: object, statement: Sequence[int], proof: bytes) -> None:
        verify(key, statement, proof, algebra=native())  # type: ignore[arg-type]

    return Judge(one, lambda items: verify_batch(items, algebra=native()))  # type: ignore[arg-type]


def item(shown: Shown) -> Item:
    return shown.key, shown.statement, shown.proof


def forged(names: Sequence[str]) -> Iterator[tuple[str, Shown]]:
    """The proofs of the kit, each made by a forger who knows what is taken out of the verifier."""
    for name in names:
        edits: Sequence[Edit] = (BY_ID[name],) if name in CHECKS else equation()[name][0]
        forgery = CHECKS[name] if name in CHECKS else equation()[name][1]
        also = [BY_ID[other] for other in forgery.also]
        attempt = forgery.make(VERIFIER.flawed(*edits, *also, *forgery.given))
        if isinstance(attempt, Shown):
            yield name, attempt


def code(verdict: object) -> str:
    if verdict is None:
        return "accepted"
    assert isinstance(verdict, TierproofError)
    return f"{type(verdict).__name__} {verdict.code}"


def alone(shown: Shown) -> str:
    try:
        verify(*item(shown), algebra=native())  # type: ignore[arg-type]
    except TierproofError as error:
        return code(error)
    return "accepted"


def check(names: Sequence[str], least: int) -> None:
    """Each beside two honest proofs, then all of them at once among honest ones."""
    honest = [shows(*told(Liar(), name)) for name in HONEST]
    refused = {name: shown for name, shown in forged(names) if alone(shown) != "accepted"}
    assert len(refused) >= least
    for name, shown in refused.items():
        found = judge().verdicts([item(honest[0]), item(shown), item(honest[1])])
        assert list(map(code, found)) == ["accepted", alone(shown), "accepted"], name
    mixed = [each for shown in refused.values() for each in (shown, honest[0])]
    found = judge().verdicts([item(shown) for shown in mixed])
    assert list(map(code, found)) == [alone(shown) for shown in mixed]


def test_forged_proofs_of_small_circuits() -> None:
    check([name for name in (*CHECKS, *equation()) if not name.startswith(OF_A_CREDENTIAL)], 25)


@pytest.mark.slow
def test_forged_proofs_of_a_credential() -> None:
    check([name for name in CHECKS if name.startswith(OF_A_CREDENTIAL)], 5)
