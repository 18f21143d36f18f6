"""A policy is registered only if each of its verifiers could accept a claim of each tier."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from grants.grants_world import FIRST, LAST, POLICY, SILVER, World
from support.credential import thresholds

from contracts.build.artifact import load_artifact

pytestmark = pytest.mark.evm
GOOD = thresholds([1, 5, 10]).words()


@pytest.fixture
def real(empty: World) -> World:
    """With both verifiers of the class; verifier 2 is a mock."""
    for name in ("TierproofVerifier8192", "TierproofVerifier8192Lean"):
        place = empty.machine.deploy(load_artifact(name))
        digest = empty.machine.call(place, place, keccak(text="keyDigest()")[:4])
        empty.governor("registerVerifier", place, digest)
    empty.governor("registerVerifier", empty.mock(), keccak(text="mock"))
    empty.register_set()
    empty.register_series()
    return empty


def bad_statement(rule: int) -> bytes:
    return bytes(keccak(text="BadStatement(uint256)")[:4] + encode(["uint256"], [rule]))


def test_words_that_can_hold(real: World) -> None:
    real.register_policy(verifiers=(0, 1), tiers=[(GOOD, SILVER)])


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        (thresholds(floor=0).words(), 22),
        (thresholds(activity=0).words(), 23),
        (thresholds([24], worst_days=(LAST - FIRST) + 2).words(), 25),
        (thresholds([4]).words(), 21),
        ((*GOOD[:4], 1 << 150), 13),
    ],
)
def test_words_that_no_claim_can_hold(real: World, words: list[int], rule: int) -> None:
    """The rule as a claim would be told it; the other tier is good."""
    for verifier in (0, 1):
        with real.refuses("TierUnprovable", 1, verifier, bad_statement(rule)):
            real.register_policy(verifiers=(verifier,), tiers=[(GOOD, SILVER), (words, SILVER)])
    with real.refuses("TierUnprovable", 0, 1, bad_statement(rule)):
        real.register_policy(verifiers=(2, 1), tiers=[(words, SILVER)])
    real.register_policy(POLICY, verifiers=(2,), tiers=[(words, SILVER)])


def test_a_metric_by_volatility_waits_for_its_root(real: World) -> None:
    """Whether the root names a feed is known when one is claimed, and not before."""
    real.register_policy(
        verifiers=(0, 1),
        tiers=[(thresholds([24], worst_days=2, shortfall_mode=2).words(), SILVER)],
    )
