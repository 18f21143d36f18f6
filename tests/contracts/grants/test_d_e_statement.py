"""
D1, D9, E2, E4 on the registry of grants: numbers in one form, two proofs of one statement, a
statement that holds nowhere else, and nothing that zero or empty switches off.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from grants.grants_world import (
    ALICE,
    BOB,
    CEREMONY,
    DEFAULT,
    FIRST,
    KEYS,
    LAST,
    NOTHING,
    NOTICE,
    NULLIFIER,
    OPEN,
    PROOF,
    SERIES,
    SET,
    SILVER,
    STRANGER,
    WORD,
    Root,
    World,
    addresses,
    key_address,
    registry,
    started,
    words,
)
from grants.machine import Contract
from support.effective import BANDS

from policies.effective.regime import pack

pytestmark = pytest.mark.evm
FIELD_ORDER = 21888242871839275222246405745257275088548364400416034343698204186575808495617
A = key_address(ALICE)
SECOND = bytes(keccak(text="second series"))


@pytest.fixture
def world() -> Iterator[World]:
    with started() as built:
        built.submit()
        yield built


# -- D1 --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("k", range(1, 6))
def test_d1_words_have_one_form(world: World, k: int) -> None:
    """A word plus the field's order k times is the same number to a circuit, and another here."""
    alias = NULLIFIER + k * FIELD_ORDER
    with world.refuses("NullifierOutOfRange", alias):
        world.onboard(nullifier=alias)
    with world.refuses("RootUnknown"):
        world.onboard(root=WORD + k * FIELD_ORDER)
    with world.refuses("RootOutOfRange", WORD + k * FIELD_ORDER):
        world.submit(root=WORD + k * FIELD_ORDER)
    with world.refuses("RootOutOfRange"):
        world.guardian("revokeRoot", SET, WORD + k * FIELD_ORDER)
    with world.refuses("FeedOutOfRange", 77 + k * FIELD_ORDER):
        world.submit(root=5, feed=77 + k * FIELD_ORDER)
    for i in range(5):
        thresholds = list(words(1))
        thresholds[i] += k * FIELD_ORDER
        with world.refuses("WrongThresholds"):
            world.onboard(thresholds=thresholds)
        with world.refuses("ThresholdsInvalid"):
            world.register_policy(b"\7" * 32, tiers=[(thresholds, SILVER)])


# -- D9 --------------------------------------------------------------------------------------------
def test_d9_another_proof_of_the_same_statement_counts_for_nothing(world: World) -> None:
    """The nullifier is the key, not the bytes of a proof, whoever copies them."""
    consents = (world.consent(ALICE), NOTHING)
    assert world.onboard(sender=STRANGER, consents=consents) == "first"
    held = world.grant(ALICE)
    again = (world.consent(ALICE, ALICE, ALICE), NOTHING)
    for proof in (PROOF, PROOF[::-1], b""):
        with world.refuses("WindowCounted", LAST):
            world.onboard(sender=STRANGER, consents=again, proof=proof)
        with world.refuses("NothingChanges"):
            world.onboard(proof=proof)
    with world.refuses("ConsentMissing"):  # what was copied from the pool helps its account alone
        world.onboard(sender=BOB)
    assert world.grant(ALICE) == held


# -- E2 --------------------------------------------------------------------------------------------
def statement(world: World, series: bytes = SERIES, account: bytes = A) -> bytes:
    """Of a claim for the second tier; what a verifier is called with, hashed."""
    scope = world.anybody("scopeOf", series)
    window, account_word = FIRST + (LAST << 24), int.from_bytes(account)
    told = [WORD, NULLIFIER, scope, account_word, window, *words(1), 77]
    return bytes(keccak(encode(["uint256[11]", "bytes"], [told, PROOF])))


def test_e2_a_scope_is_of_one_chain_registry_and_series(world: World) -> None:
    """One at a time, each is another: so is the nullifier, and the proof is refused elsewhere."""
    here = world.anybody("scopeOf", SERIES)
    place = encode(["uint256", "address", "bytes32"], [31_337, world.grants.place, SERIES])
    assert here == int.from_bytes(keccak(place)) >> 8 < FIELD_ORDER
    code = registry(world.machine)
    rules = (world.authority.place, NOTICE, [CEREMONY], tuple(vars(DEFAULT).values()), pack(BANDS))
    second = Contract(world.machine, code, world.machine.deploy(code, *rules))
    scopes = {
        here,
        world.anybody("scopeOf", SECOND),
        second.call(STRANGER, "scopeOf", SERIES),
        World(1337).anybody("scopeOf", SERIES),
    }
    assert len(scopes) == 4


@pytest.mark.parametrize("elsewhere", ["account", "series", "chain"])
def test_e2_a_proof_is_refused_elsewhere(elsewhere: str) -> None:
    """A verifier that accepts the one statement and no other stands in each world."""
    with started() as here:
        expected = statement(here)
    there = World(1337 if elsewhere == "chain" else 31_337).start()
    index = there.governor("registerVerifier", there.mock(expected), keccak(text="mock"))
    there.register_series(SECOND)
    for policy, series in ((b"\1" * 32, SERIES), (b"\2" * 32, SECOND)):
        there.register_policy(policy, verifiers=(index,), series=series)
    there.at(OPEN + NOTICE).submit()
    claim: dict[str, Any] = {"policy": b"\1" * 32, "verifier": index}
    if elsewhere == "series":
        claim["policy"] = b"\2" * 32
    with there.refuses("MockRejected"):
        there.onboard(BOB if elsewhere == "account" else ALICE, **claim)
    if elsewhere != "chain":
        assert there.onboard(ALICE, policy=b"\1" * 32, verifier=index) == "first"


# -- E4 --------------------------------------------------------------------------------------------
ZERO = bytes(20)
NOBODY: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("claim", {"nullifier": 0}, "NullifierOutOfRange"),
    ("claim", {"policy": bytes(32)}, "PolicyUnknown"),
    ("claim", {"root": 0}, "RootUnknown"),
    ("claim", {"thresholds": (0,) * 5}, "WrongThresholds"),
    ("claim", {"account": ZERO}, "ConsentMissing"),
    ("root", {"root": 0}, "RootOutOfRange"),
    ("root", {"attestor_set": bytes(32)}, "AttestorSetUnknown"),
    ("root", {"generation": 0}, "WrongGeneration"),
    ("root", {"root": 5, "feed": 0}, "FeedOutOfRange"),
    ("root", {"root": 5, "rules": bytes(32)}, "RulesMissing"),
    ("root", {"root": 5, "valid_until": 0}, "RootExpired"),
    ("root", {"root": 5, "first_day": 0, "last_day": 0}, "WindowInvalid"),
    ("signatures", {}, "TooFewSignatures"),
    ("set", {"members": ()}, "ThresholdOutOfRange"),
    ("set", {"threshold": 0}, "ThresholdOutOfRange"),
    ("set", {"members": (ZERO, *addresses(KEYS[:2]))}, "MembersNotAscending"),
    ("set", {"bounds": (200, 0)}, "CapZero"),
    ("series", {"series": bytes(32)}, "SeriesZero"),
    ("series", {"attestor_set": bytes(32)}, "AttestorSetUnknown"),
    ("series", {"least_days": 0}, "LeastDaysOutOfRange"),
    ("series", {"max_age": 0}, "MaxAgeOutOfRange"),
    ("policy", {"policy": bytes(32)}, "PolicyIdZero"),
    ("policy", {"series": bytes(32)}, "SeriesUnknown"),
    ("policy", {"verifiers": ()}, "PolicyWithoutVerifier"),
    ("policy", {"tiers": ()}, "TierCountOutOfRange"),
    ("policy", {"tiers": [((0,) * 5, SILVER)]}, "ThresholdsInvalid"),
    ("policy", {"window": (0, 0)}, "WindowNotPublished"),
    ("engine", {"level": 0}, "EngineInvalid"),
    ("engine", {"engine": ZERO}, "EngineInvalid"),
)


@pytest.mark.parametrize(("what", "changes", "error"), NOBODY)
def test_e4_zero_and_empty_switch_nothing_off(
    world: World, what: str, changes: dict[str, Any], error: str
) -> None:
    with world.refuses(error):
        if what == "claim":
            world.onboard(sender=STRANGER, **changes)
        elif what == "root":
            world.submit(**changes)
        elif what == "signatures":
            world.submit(Root(root=5), signatures=())
        elif what == "set":
            world.register_set(**{"salt": b"\3" * 32, **changes})
        elif what == "series":
            world.register_series(**{"series": SECOND, **changes})
        elif what == "policy":
            world.register_policy(**{"policy": b"\7" * 32, **changes})
        else:
            world.governor(
                "registerEngine", changes.get("engine", world.grants.place), changes.get("level", 1)
            )
