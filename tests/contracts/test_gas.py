"""
What a claim costs its sender, to the gas: `benchmarks/results/gas.json`, which `python -m gas`
writes anew.
"""

from __future__ import annotations

import json

import pytest
from gas.scenes import AT_ONCE, FORKS, MEASURED, batches, singles
from grants.grants_world import NOTHING, started

from benchmarks.amsterdam import SIGNATURE, calldata_bytes, count
from prover.profile import Profile

pytestmark = pytest.mark.evm
SAID = json.loads(MEASURED.read_text(encoding="utf-8"))
KINDS = ("first grant", "renewal")


@pytest.mark.parametrize("profile", list(Profile))
@pytest.mark.parametrize(
    "fork", [pytest.param(fork, marks=[pytest.mark.slow] * (fork != FORKS[0])) for fork in FORKS]
)
def test_a_claim_alone(fork: str, profile: Profile) -> None:
    said = SAID[fork][profile]
    assert singles(fork, profile) == {name: said[name] for name in said if "batch" not in name}


@pytest.mark.slow
@pytest.mark.parametrize("profile", list(Profile))
@pytest.mark.parametrize("fork", FORKS)
def test_a_claim_in_a_batch(fork: str, profile: Profile) -> None:
    said = SAID[fork][profile]
    assert batches(fork, profile) == {name: said[name] for name in said if "batch" in name}


@pytest.mark.parametrize("profile", list(Profile))
@pytest.mark.parametrize("fork", FORKS)
def test_a_batch_pays(fork: str, profile: Profile) -> None:
    """Each claim of a batch costs less than 80 % of one that is sent alone, by consent too."""
    said = SAID[fork][profile]
    for kind in KINDS:
        assert said[f"{kind}, in a batch of {AT_ONCE}"] < 0.8 * said[f"{kind}, by consent"]


@pytest.mark.parametrize(("claims", "consent"), [(1, False), (1, True), (2, True)])
def test_what_is_counted_ahead_is_what_is_sent(claims: int, consent: bool) -> None:
    """The length of a call, for floors by the byte (benchmarks/amsterdam.py)."""
    with started() as world:
        signed = (0, 0, bytes(SIGNATURE)) if consent else NOTHING
        given = (world.claim(proof=bytes(3_104)), signed, NOTHING)
        sent = world.grants.data(
            *(("onboard", *given) if claims == 1 else ("onboardBatch", [given] * claims))
        )
    assert len(sent) == calldata_bytes(3_104, claims, consent=consent)


def test_no_floor_governs() -> None:
    """What a claim does costs more than its calldata, at 64 a byte too."""
    for profile, kinds in SAID["osaka"].items():
        for kind, now in kinds.items():
            found = count(now, kind, profile)
            assert now < found.execution == found.gas and found.floor < found.gas
