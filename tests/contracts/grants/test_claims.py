"""Claims: what they rest on, how long a grant lasts, and which window counts for whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from grants.grants_world import (
    ALICE,
    BOB,
    DAY,
    FIRST,
    GOLD,
    KEYS,
    LAST,
    LATER,
    NEXT_OPEN,
    NOTHING,
    NOTICE,
    NULLIFIER,
    OPEN,
    OTHER,
    POLICY,
    PROOF,
    SERIES,
    SET,
    STRANGER,
    WORD,
    Terms,
    World,
    bare,
    key_address,
    started,
    words,
)
from registry_world import FIELD_ORDER

pytestmark = pytest.mark.evm
HEX = "0x" + key_address(ALICE).hex()


@pytest.fixture
def world() -> Iterator[World]:
    with started() as built:
        built.submit()
        yield built


# -- what a claim rests on -------------------------------------------------------------------------
def test_a_first_grant(world: World) -> None:
    assert world.onboard() == "first"
    assert world.grants.said() == ["Granted"]
    grant = world.grant(ALICE)
    assert grant["expiry"] == grant["end"] == OPEN + 30 * DAY
    assert (grant["tier"], grant["root"], grant["from"]) == (2, 1, 300)
    holder = world.holder()
    assert holder["account"] == HEX
    assert (holder["as_of"], holder["moved_at"], holder["root"]) == (LAST, OPEN, 1)
    scope = world.anybody("scopeOf", SERIES)
    expected = keccak(
        encode(
            ["uint256", "address", "bytes32"],
            [world.machine.state.execution_context.chain_id, world.grants.place, SERIES],
        )
    )
    assert scope == int.from_bytes(expected) >> 8
    subject = int.from_bytes(keccak(encode(["uint256"] * 2, [scope, NULLIFIER]))) & ((1 << 56) - 1)
    assert grant["subject"] == subject


def test_the_statement_is_computed_here(world: World) -> None:
    """Root, nullifier, scope, account, window, thresholds, feed, and the proof as it came."""
    statement = [
        WORD,
        NULLIFIER,
        world.anybody("scopeOf", SERIES),
        int.from_bytes(key_address(ALICE)),
        FIRST + (LAST << 24),
        *words(1),
        77,
    ]
    expected = keccak(encode(["uint256[11]", "bytes"], [statement, PROOF]))
    index = world.governor("registerVerifier", world.mock(expected), keccak(text="mock"))
    policy = b"\7" * 32
    world.register_policy(policy, verifiers=(index,))
    world.at(OPEN + NOTICE)
    with world.refuses("MockRejected"):
        world.onboard(policy=policy, verifier=index, proof=PROOF[1:])
    assert world.onboard(policy=policy, verifier=index) == "first"


def test_what_a_claim_must_name(world: World) -> None:
    for changes, error in (
        ({"policy": b"\7" * 32}, "PolicyUnknown"),
        ({"verifier": 2}, "VerifierUnknown"),
        ({"tier": 3}, "TierUnknown"),
        ({"thresholds": words(0)}, "WrongThresholds"),
        ({"nullifier": 0}, "NullifierOutOfRange"),
        ({"nullifier": FIELD_ORDER}, "NullifierOutOfRange"),
        ({"root": 5}, "RootUnknown"),
        ({"policy": OTHER}, "RootUnknown"),
    ):
        with world.refuses(error):
            world.onboard(**changes)  # type: ignore[arg-type]
    world.onboard(nullifier=FIELD_ORDER - 1)


def test_nothing_counts_before_its_notice(world: World) -> None:
    policy, place = b"\7" * 32, world.mock()
    index = world.governor("registerVerifier", place, keccak(text="mock"))
    world.register_policy(policy, verifiers=(0, index))
    world.at(OPEN + NOTICE - 1)
    with world.refuses("PolicyPending", policy, OPEN + NOTICE):
        world.onboard(policy=policy)
    with world.refuses("VerifierPending", index, OPEN + NOTICE):
        world.onboard(verifier=index)
    world.at(OPEN + NOTICE)
    with world.refuses("VerifierNotOfPolicy", index):
        world.onboard(verifier=index)
    world.onboard(policy=policy, verifier=index)


def test_nothing_counts_that_was_ended(world: World) -> None:
    for name, arguments, error in (
        ("disableVerifier", (0,), "VerifierDisabled"),
        ("disablePolicy", (POLICY,), "PolicyDisabled"),
        ("revokeRoot", (SET, WORD), "RootHasEnded"),
        ("endGeneration", (SET, 1), "RootHasEnded"),
        ("pause", (), "RegistryPaused"),
    ):
        with world.machine.undone():
            world.guardian(name, *arguments)
            with world.refuses(error):
                world.onboard()
    world.governor("close", bytes(20), OPEN + 40 * DAY)
    with world.refuses("RegistryClosed"):
        world.onboard()


def test_a_root_backs_nothing_after_its_last_second(world: World) -> None:
    world.at(OPEN + 100 * DAY + 1)
    with world.refuses("RootExpired", WORD, OPEN + 100 * DAY):
        world.onboard()


# -- how long --------------------------------------------------------------------------------------
def test_a_grant_ends_by_the_earliest_of_three(world: World) -> None:
    """Validity, age of the window, the root's last second; and lasts a day at least."""
    over = OPEN + 60 * DAY
    for second, expiry in ((OPEN + 30 * DAY, over), (over - DAY, over)):
        with world.machine.undone():
            world.at(second).onboard()
            assert world.grant(ALICE)["expiry"] == expiry
    world.at(over - DAY + 1)
    with world.refuses("TooShort", over):
        world.onboard()
    with bare() as short:
        short.start().submit(valid_until=OPEN + 3 * DAY)
        short.at(OPEN + 2 * DAY + 2)
        with short.refuses("TooShort", OPEN + 3 * DAY + 1):
            short.onboard()
        short.at(OPEN + 2 * DAY + 1).onboard()
        assert short.grant(ALICE)["expiry"] == OPEN + 3 * DAY + 1


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("revokeRoot", (SET, WORD)),
        ("endGeneration", (SET, 1)),
        ("disablePolicy", (POLICY,)),
        ("disableVerifier", (0,)),
    ],
)
def test_a_grant_ends_with_what_it_rests_on(
    world: World, name: str, arguments: tuple[object, ...]
) -> None:
    world.onboard()
    world.onboard(BOB, nullifier=9, verifier=1)
    world.at(OPEN + 5).guardian(name, *arguments)
    assert world.grant(ALICE)["end"] == OPEN + 5
    assert (world.grant(BOB)["end"] == OPEN + 5) == (name != "disableVerifier")


def test_all_grants_end_with_the_registry(world: World) -> None:
    world.onboard(tier=2)
    assert world.grant(ALICE)["end"] == OPEN + 60 * DAY
    world.governor("close", bytes(20), OPEN + 30 * DAY)
    assert world.grant(ALICE)["end"] == OPEN + 30 * DAY


def test_a_root_backs_as_many_as_its_set_may_vouch_for() -> None:
    world = World()
    world.register_set(bounds=(200, 2))
    world.governor("registerVerifier", world.mock(), keccak(text="mock"))
    world.register_series()
    world.register_policy()
    world.at(OPEN).submit()
    world.onboard()
    for tier in (0, 1, 0):  # one nullifier counts once
        world.onboard(tier=tier)
    world.grants.call(key_address(ALICE), "relinquish")
    world.onboard()
    world.onboard(BOB, nullifier=5)
    with world.refuses("RootFull", WORD, 2):
        world.onboard(STRANGER, nullifier=6)


# -- which window counts, and for whom -------------------------------------------------------------
def test_the_account_itself_changes_within_a_window(world: World) -> None:
    world.onboard(tier=0)
    with world.refuses("NothingChanges"):
        world.onboard(tier=0)
    for changes in ({"tier": 1}, {"tier": 0}, {"tier": 0, "verifier": 1}):
        consents = (world.consent(ALICE, holder=ALICE), NOTHING)
        with world.refuses("WindowCounted" if changes["tier"] == 1 else "SignatureInvalid"):
            world.onboard(sender=STRANGER, consents=consents, **changes)  # type: ignore[arg-type]
        assert world.onboard(**changes) == "renewed"  # type: ignore[arg-type]
    world.grants.call(key_address(ALICE), "relinquish")
    assert world.onboard(tier=0, verifier=1) == "renewed"


def test_a_later_window_counts_once_whoever_sends(world: World) -> None:
    world.onboard()
    world.next_window()
    consents = (world.consent(ALICE, holder=ALICE), NOTHING)
    assert world.onboard(later=True, sender=STRANGER, consents=consents) == "renewed"
    assert world.holder()["as_of"] == LATER
    with world.refuses("WindowCounted", LATER):
        world.onboard(later=True, sender=STRANGER, consents=consents)
    for sender in (None, STRANGER):
        with world.refuses("WindowTooOld", LAST, LATER):
            world.onboard(sender=sender, consents=consents)


def test_recovery_by_anybody_from_a_root_signed_anew(world: World) -> None:
    world.onboard()
    consents = (world.consent(ALICE, holder=ALICE), NOTHING)
    world.guardian("revokeRoot", SET, WORD)
    world.submit(root=5)
    assert world.onboard(sender=STRANGER, consents=consents, root=5) == "recovered"
    assert world.runs(ALICE)
    with world.refuses("WindowCounted"):
        world.onboard(sender=STRANGER, consents=consents, root=5)


def test_recovery_from_an_ended_generation(world: World) -> None:
    world.onboard()
    world.guardian("endGeneration", SET, 1)
    world.rotate()
    world.at(OPEN + NOTICE).submit(generation=2, keys=KEYS[1:3])
    consents = (world.consent(ALICE, holder=ALICE), NOTHING)
    assert world.onboard(sender=STRANGER, consents=consents) == "recovered"


def test_what_was_given_up_is_not_recovered_by_others(world: World) -> None:
    """Relinquished before the root fell, or after."""
    world.onboard()
    consents = (world.consent(ALICE, holder=ALICE), NOTHING)
    for first in (True, False):
        with world.machine.undone():
            if first:
                world.grants.call(key_address(ALICE), "relinquish")
            world.guardian("revokeRoot", SET, WORD)
            world.submit(root=5)
            if not first:
                with world.refuses("NoRunningGrant", HEX):
                    world.grants.call(key_address(ALICE), "relinquish")
                world.grants.call(key_address(ALICE), "retire", SERIES, NULLIFIER)
            with world.refuses("WindowCounted" if first else "NullifierRetired"):
                world.onboard(sender=STRANGER, consents=consents, root=5)


def test_another_identity_takes_the_account_over(world: World) -> None:
    world.onboard()
    world.onboard(nullifier=9)
    assert world.grants.said() == ["GrantEnded", "Granted"]
    subject = world.grant(ALICE)["subject"]
    world.guardian("revoke", SERIES, NULLIFIER)  # the former holder touches it no longer
    assert world.runs(ALICE) and world.grant(ALICE)["subject"] == subject
    world.grants.call(key_address(ALICE), "retire", SERIES, NULLIFIER)
    assert world.runs(ALICE)


# -- the glide of maintenance ----------------------------------------------------------------------
def glide(world: World) -> tuple[int, int, int]:
    """From where, to where and since when it rises."""
    grant = world.grant(ALICE)
    terms = world.anybody("tierOf", grant["tier"])[0]
    return grant["from"], terms[1], grant["since"]


def test_a_stricter_tier_glides_and_a_milder_one_does_not(world: World) -> None:
    world.onboard(tier=1)
    world.at(OPEN + 10).onboard(tier=0)
    assert glide(world) == (300, 500, OPEN + 10)
    # half way up it goes on from where it is; a target that does not rise leaves the clock alone
    world.at(OPEN + 10 + DAY // 2).onboard(tier=0, verifier=1)
    assert glide(world) == (300, 500, OPEN + 10)
    world.onboard(tier=2)
    assert glide(world) == (300, 200, OPEN + 10)  # at 200 at once
    world.onboard(tier=0)
    assert glide(world) == (200, 500, OPEN + 10 + DAY // 2)
    world.at(OPEN + 10 + DAY // 2 + 1).onboard(tier=1)
    assert glide(world) == (200, 300, OPEN + 10 + DAY // 2)
    world.onboard(tier=0)  # 200 + ceil(100 / 86400) is what holds now
    assert glide(world) == (201, 500, OPEN + 10 + DAY // 2 + 1)


def test_who_comes_back_starts_at_what_holds(world: World) -> None:
    world.onboard(tier=1)
    world.at(OPEN + 10)
    world.grants.call(key_address(ALICE), "relinquish")
    world.at(OPEN + 1_000).onboard(tier=0)
    # 990 seconds on the way to the default: 300 + ceil(2200 x 990 / 86400)
    assert glide(world) == (326, 500, OPEN + 1_000)
    world.at(NEXT_OPEN + 5 * DAY).next_window()
    world.onboard(tier=1, later=True)
    assert glide(world) == (326, 300, OPEN + 1_000)  # at 300 at once


# -- acts of accounts ------------------------------------------------------------------------------
def test_downgrade_to_what_is_nowhere_better(world: World) -> None:
    world.onboard(tier=1)
    alice = key_address(ALICE)
    for tier, error in ((2, "TierBetter"), (1, "NothingChanges"), (3, "TierUnknown")):
        with world.refuses(error):
            world.grants.call(alice, "downgrade", tier)
    world.at(OPEN + 7)
    world.grants.call(alice, "downgrade", 0)
    assert world.grants.said() == ["Downgraded"]
    grant = world.grant(ALICE)
    assert (grant["tier"], grant["expiry"]) == (1, OPEN + 30 * DAY)
    assert glide(world) == (300, 500, OPEN + 7)
    world.at(OPEN + 30 * DAY)
    with world.refuses("NoRunningGrant", HEX):
        world.grants.call(alice, "downgrade", 0)


@pytest.mark.parametrize("field", ["initial", "maintenance", "taker", "maker", "leverage", "limit"])
def test_each_number_of_a_tier_is_compared(world: World, field: str) -> None:
    base = replace(GOLD, leverage=10)
    worse = Terms(501, 301, 301, 51, 9, 4_999, 30)
    better = Terms(499, 299, 299, 49, 11, 5_001, 30)
    mixed = replace(worse, **{field: getattr(better, field)})
    policy = b"\7" * 32
    world.register_policy(policy, tiers=[(words(0), mixed), (words(1), base)])
    world.at(OPEN + NOTICE).onboard(policy=policy, tier=1)
    with world.refuses("TierBetter", 0):
        world.grants.call(key_address(ALICE), "downgrade", 0)


def test_relinquish_and_retire(world: World) -> None:
    alice, bob = key_address(ALICE), key_address(BOB)
    with world.refuses("NoRunningGrant"):
        world.grants.call(alice, "relinquish")
    world.onboard()
    with world.refuses("NotHolder", HEX):
        world.grants.call(bob, "retire", SERIES, NULLIFIER)
    world.at(OPEN + 3)
    world.grants.call(alice, "retire", SERIES, NULLIFIER)
    assert world.grants.said() == ["GrantEnded", "Retired"]
    assert world.grant(ALICE)["end"] == OPEN + 3
    with world.refuses("NullifierRetired", NULLIFIER):
        world.grants.call(alice, "retire", SERIES, NULLIFIER)
    world.next_window()
    for account in (ALICE, BOB):
        with world.refuses("NullifierRetired", NULLIFIER):
            world.onboard(account, later=True)


# -- acts of the guardian --------------------------------------------------------------------------
def test_a_revoked_grant_waits_for_a_history_that_runs_past_the_day(world: World) -> None:
    world.onboard()
    today = OPEN // DAY
    with world.refuses("SeriesUnknown"):
        world.guardian("revoke", b"\1" * 32, NULLIFIER)
    world.guardian("revoke", SERIES, NULLIFIER)
    assert world.grants.said() == ["GrantEnded", "Revoked"]
    assert world.grant(ALICE)["end"] == OPEN and world.holder()["as_of"] == today
    with world.refuses("WindowTooOld", LAST, today):
        world.onboard()
    world.next_window()
    assert world.onboard(later=True) == "renewed"
    with world.refuses("WindowTooOld"):  # of one that was never used, too
        world.guardian("revoke", SERIES, 5)
        world.onboard(BOB, nullifier=5, later=True)


def test_asof_never_falls(world: World) -> None:
    world.next_window()
    world.at(NEXT_OPEN).onboard(later=True)
    world.at((LATER - 1) * DAY).guardian("revoke", SERIES, NULLIFIER)
    assert world.holder()["as_of"] == LATER


def test_barred_until_the_governor_frees_it(world: World) -> None:
    world.onboard()
    with world.refuses("NotBarred", NULLIFIER):
        world.governor("unbar", SERIES, NULLIFIER)
    world.guardian("bar", SERIES, NULLIFIER)
    assert not world.runs(ALICE)
    world.next_window()
    with world.refuses("NullifierBarred", NULLIFIER, 65_535):
        world.onboard(later=True)
    world.at(NEXT_OPEN + 1).governor("unbar", SERIES, NULLIFIER)
    free = (NEXT_OPEN + 1 + NOTICE) // DAY + 1
    world.at(free * DAY - 1)
    with world.refuses("NullifierBarred", NULLIFIER, free):
        world.onboard(later=True)
    assert world.at(free * DAY).onboard(later=True) == "renewed"
    with world.refuses("NotBarred"):
        world.governor("unbar", SERIES, NULLIFIER)


def test_a_grant_runs_until_the_second_of_its_expiry(world: World) -> None:
    world.onboard()
    alice = key_address(ALICE)
    world.at(OPEN + 30 * DAY)
    with world.refuses("NoRunningGrant", HEX):
        world.grants.call(alice, "relinquish")
    world.at(OPEN + 30 * DAY - 1)
    world.grants.call(alice, "relinquish")
    assert world.grant(ALICE)["end"] == OPEN + 30 * DAY - 1


def test_a_life_where_it_counts() -> None:
    """On a chain that is no development chain, all floors in force."""
    world = World(chain_id=1).start()
    world.submit()
    assert world.onboard() == "first"
    world.next_window()
    consents = (world.consent(ALICE, ALICE, ALICE), NOTHING)
    assert world.onboard(later=True, sender=STRANGER, consents=consents) == "renewed"
