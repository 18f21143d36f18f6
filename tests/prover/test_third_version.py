"""
A third version of the statement beside the second, made here without a change of any file: the same
text with one metric more, under a name of its own, and a line in each of the two lists.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.credential import CLASS, SLOTS, Case, case, week, world
from support.credential import thresholds as second
from support.metric_table import toy
from test_credential_request import ACCOUNT, request_of

from algebra.errors import Malformed, Rejected, TierNotMet
from algebra.native_backend import native
from circuits import versions
from circuits.credential.v2.statement import version_of
from circuits.versions import CURRENT, known_circuit
from history.v2.metrics import METRICS
from history.v2.thresholds import Thresholds
from prover.credential import Credential, credential_key, prove_credential
from prover.keys import ProvingKey
from prover.witness.v2.credential import CredentialWitness
from prover.witness.versions import WITNESSES
from verifier.key import VerifyingKey
from verifier.verify import verify

THIRD = version_of("tierproof-credential/3", METRICS.with_metric(toy()))
FILLS = 500
"""1/100 fills a day: what the stock week has."""


@pytest.fixture(scope="module", autouse=True)
def listed() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(versions.VERSIONS, THIRD.name, THIRD)
        patch.setitem(WITNESSES, THIRD.name, CredentialWitness)
        yield


@pytest.fixture(scope="module")
def key() -> ProvingKey:
    return credential_key(world().setup, CLASS, native(), slots=SLOTS, version=THIRD)


def asks(fills: int) -> Case:
    loose = second([6, 16])
    numbers = {**loose.numbers, "fills_a_day": fills}
    asked = Thresholds(**numbers, asked=loose.asked | {28}, metrics=THIRD.metrics)
    return case(week(), 7, 100_000, asked, others=2)


def asks_the_second() -> Case:
    return case(week(), 7, 100_000, second([6, 16]), others=2)


def proven(key: ProvingKey, found: Case) -> Credential:
    request = request_of(found, versions.VERSIONS[key.circuit.name].metrics)
    return prove_credential(
        key,
        request.attested,
        request.secret,
        request.policy,
        "any",
        account=ACCOUNT,
        scope=found.scope,
        algebra=native(),
    )


def test_both_versions_prove_and_verify_beside_each_other(key: ProvingKey) -> None:
    """Each by what its key file says; neither takes the other's proof."""
    old, new = proven(world().key, asks_the_second()), proven(key, asks(FILLS))
    made = {CURRENT.name: (world().key, old), THIRD.name: (key, new)}
    read = {
        name: VerifyingKey.from_json(one.verifying.to_json(), known_circuit, native())
        for name, (one, _) in made.items()
    }
    for name, (_, credential) in made.items():
        verify(read[name], credential.statement, credential.proof, algebra=native())
        (other,) = set(read) - {name}
        with pytest.raises((Malformed, Rejected)):
            verify(read[other], credential.statement, credential.proof, algebra=native())
    assert read[THIRD.name].circuit.name == THIRD.name
    assert THIRD.capacity(CLASS) == CURRENT.capacity(CLASS) - 1


def test_its_own_metric_is_decided(key: ProvingKey) -> None:
    with pytest.raises(TierNotMet, match="fills a day"):
        proven(key, asks(FILLS + 1))


def test_a_policy_of_it_names_its_thresholds() -> None:
    """Else two tiers that ask different things would have one id."""
    one, other = (request_of(asks(fills), THIRD.metrics).policy for fills in (FILLS, FILLS + 1))
    assert b'"fills_a_day":500' in one.hashed() and one.policy_id != other.policy_id
