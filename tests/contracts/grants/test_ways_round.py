"""Ways round the rules of grants, each tried: conduct, limits, caps, moves, old consents."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak
from grants.grants_world import (
    ALICE,
    BOB,
    CAROL,
    DAY,
    GOLD,
    KEYS,
    LAST,
    LATER,
    NEXT_OPEN,
    NOTHING,
    NOTICE,
    NULLIFIER,
    OPEN,
    POLICY,
    SERIES,
    SET,
    SILVER,
    STRANGER,
    TELLER,
    WORD,
    World,
    key_address,
    market_feed,
    started,
)

from policies.effective.conduct import NEAR, PARTLY
from policies.effective.glide import SPAN
from policies.effective.terms import Effective, Status

pytestmark = pytest.mark.evm
A, B = key_address(ALICE), key_address(BOB)
WAIT, BETWEEN = 72 * 3_600, 7 * DAY
SECOND = keccak(text="second series")
REPORTED = OPEN + BETWEEN
"""A level 2 is reported here, and the nullifier may move."""


@pytest.fixture
def world() -> Iterator[World]:
    """Alice has a grant, and an engine reports."""
    with started() as built:
        market_feed(built.machine)
        built.at(OPEN - NOTICE).governor("registerEngine", TELLER, 3)
        built.at(OPEN).submit()
        built.onboard()
        yield built.at(REPORTED)


def terms(world: World, account: LocalAccount) -> Effective:
    return Effective(*world.anybody("effectiveTerms", key_address(account)))


def report(world: World, level: int, account: bytes = A) -> None:
    world.grants.call(TELLER, "reportConduct", account, level, 0, 0, bytes(32))


# -- conduct ---------------------------------------------------------------------------------------
def _renewed(world: World) -> LocalAccount:
    assert world.next_window().onboard(later=True) == "renewed"
    return ALICE


def _upgraded(world: World) -> LocalAccount:
    assert world.onboard(tier=2) == "renewed"
    return ALICE


def _downgraded(world: World) -> LocalAccount:
    world.grants.call(A, "downgrade", 0)
    return ALICE


def _recovered(world: World) -> LocalAccount:
    world.guardian("revokeRoot", SET, WORD)
    world.submit(root=5)
    consents = (world.consent(ALICE, ALICE, ALICE), NOTHING)
    assert world.onboard(sender=STRANGER, consents=consents, root=5) == "recovered"
    return ALICE


def _given_up_and_claimed(world: World) -> LocalAccount:
    world.grants.call(A, "relinquish")
    assert world.onboard() == "renewed"
    return ALICE


def _moved(world: World) -> LocalAccount:
    assert world.onboard(BOB, consents=(NOTHING, world.consent(ALICE, BOB, ALICE))) == "moved"
    return BOB


def _given_up_and_moved(world: World) -> LocalAccount:
    world.grants.call(A, "relinquish")
    assert world.onboard(BOB) == "moved"
    return BOB


def _replaced_and_moved(world: World) -> LocalAccount:
    """Another identity takes the account over, so that the first one moves without a word."""
    world.onboard(nullifier=9)
    assert world.onboard(BOB) == "moved"
    return BOB


def _moved_there_and_back(world: World) -> LocalAccount:
    _moved(world)
    world.grants.call(B, "relinquish")
    assert world.at(REPORTED + BETWEEN).onboard(ALICE) == "moved"
    return ALICE


def _of_another_identity(world: World) -> LocalAccount:
    assert world.onboard(nullifier=9) == "first"
    return ALICE


def _of_a_policy_registered_anew(world: World) -> LocalAccount:
    world.guardian("disablePolicy", POLICY)
    world.register_policy(verifiers=(0, 1))
    world.at(REPORTED + NOTICE)
    assert world.onboard() == "renewed"
    return ALICE


def _of_another_series(world: World) -> LocalAccount:
    world.register_series(SECOND)
    policy = bytes(keccak(text="policy of the second series"))
    world.register_policy(policy, series=SECOND)
    world.at(REPORTED + NOTICE)
    assert world.onboard(policy=policy) == "first"
    return ALICE


WAYS: tuple[Callable[[World], LocalAccount], ...] = (
    _renewed,
    _upgraded,
    _downgraded,
    _recovered,
    _given_up_and_claimed,
    _moved,
    _given_up_and_moved,
    _replaced_and_moved,
    _moved_there_and_back,
    _of_another_identity,
    _of_a_policy_registered_anew,
    _of_another_series,
)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__.strip("_"))
def test_no_way_sheds_conduct(world: World, way: Callable[[World], LocalAccount]) -> None:
    """Whatever is done with a grant, level 2 holds for its thirty days, where the grant is now."""
    report(world, PARTLY)
    account = way(world)
    grant, until = world.grant(account), REPORTED + 30 * DAY
    assert (grant["level"], grant["conduct_until"]) == (PARTLY, until)
    initial = world.anybody("tierOf", grant["tier"])[0][0]
    assert terms(world, account).initial == initial * 3 // 2
    assert terms(world.at(min(until, grant["end"]) - 1), account).initial == initial * 3 // 2
    assert world.anybody("conductOf", key_address(account))[:2] == (PARTLY, until)


def test_a_milder_report_is_no_way_either(world: World) -> None:
    report(world, PARTLY)
    report(world, NEAR)
    report(world, 0)
    assert world.anybody("conductOf", A)[:2] == (PARTLY, REPORTED + 30 * DAY)


# -- two accounts in turn --------------------------------------------------------------------------
def test_two_accounts_in_turn_have_one_limit(world: World) -> None:
    """After each move one has a limit; the glide of the other is over before it may come back."""
    assert SPAN < BETWEEN
    here, there = ALICE, BOB
    for turn in range(3):
        world.at(REPORTED + turn * BETWEEN)
        subject = terms(world, here).subject
        world.grants.call(key_address(here), "relinquish")
        world.onboard(there)
        for account, status, limit in ((here, Status.ENDING, 0), (there, Status.RUNNING, 5_000)):
            found = terms(world, account)
            assert (found.status, found.limit, found.subject) == (status, limit, subject)
        assert terms(world, here).initial == 5_000
        assert terms(world.at(world.machine.now + SPAN), here).status == Status.ENDED
        here, there = there, here


def test_an_account_has_one_grant_whoever_takes_it_over(world: World) -> None:
    first = terms(world, ALICE).subject
    world.onboard(nullifier=9)
    assert terms(world, ALICE).subject != first
    world.onboard(tier=1)  # and back: the second identity's has ended
    assert terms(world, ALICE).subject == first
    with world.refuses("MovedTooSoon"):
        world.onboard(BOB, nullifier=9)


# -- caps ------------------------------------------------------------------------------------------
def test_a_roots_cap_counts_identities_and_nothing_else(world: World) -> None:
    """Neither moves nor upgrades nor announcements use it up; a new root has its own."""

    def backed(word: int = WORD) -> int:
        return int(world.anybody("rootOf", SET, word)[0][6])

    world.onboard(BOB)
    assert backed() == 1
    world.onboard(tier=2)
    world.onboard(BOB, consents=(NOTHING, world.consent(ALICE, BOB, ALICE)))
    world.onboard(ALICE, nullifier=9)
    world.onboard(ALICE, tier=2, nullifier=9)
    assert backed() == 2
    world.guardian("revokeRoot", SET, WORD)
    world.submit(root=5)
    world.onboard(ALICE, nullifier=9, root=5)
    assert (backed(), backed(5)) == (2, 1)


# -- contests and moves ----------------------------------------------------------------------------
def test_who_contests_for_ever_does_so_until_the_expiry(world: World) -> None:
    """A thief of the account's key contests each move; he cannot renew, so he has until then."""
    expiry = world.grant(ALICE)["expiry"]
    assert world.onboard(BOB) == "announced"
    world.grants.call(A, "contest", SERIES, NULLIFIER)
    with world.refuses("MoveIsContested", LAST):
        world.at(expiry - 1).onboard(BOB)
    assert world.at(expiry).onboard(BOB) == "moved"
    with world.refuses("NotHolder"):
        world.grants.call(A, "contest", SERIES, NULLIFIER)


def test_a_new_window_does_not_help_him(world: World) -> None:
    world.at(NEXT_OPEN).onboard(ALICE, tier=0)
    world.next_window()
    assert world.onboard(BOB, later=True) == "announced"
    world.grants.call(A, "contest", SERIES, NULLIFIER)
    with world.refuses("MoveIsContested", LATER):
        world.onboard(BOB, later=True)
    expiry = world.grant(ALICE)["expiry"]
    assert world.at(expiry).onboard(BOB, later=True) == "moved"


def test_one_contest_stops_every_account_of_the_thief(world: World) -> None:
    """Who has the identity announces for one account after another: the last one counts alone."""
    assert world.onboard(BOB) == "announced"
    assert world.at(REPORTED + DAY).onboard(CAROL) == "announced"
    assert world.holder()["pending"][1] == REPORTED + DAY + WAIT
    world.at(REPORTED + WAIT)
    assert world.onboard(BOB) == "announced"  # not ready: the clock of Carol's is gone, and his own
    world.grants.call(A, "contest", SERIES, NULLIFIER)
    for account in (BOB, CAROL):
        with world.refuses("MoveIsContested", LAST):
            world.at(REPORTED + 3 * WAIT).onboard(account)


def test_a_contest_outlives_what_is_announced_later(world: World) -> None:
    """Who has the identity announces on a later window, and comes back to the contested one."""
    world.at(OPEN + 29 * DAY).onboard(BOB)
    world.grants.call(A, "contest", SERIES, NULLIFIER)
    world.at(NEXT_OPEN - DAY).onboard(ALICE, tier=0)  # it runs on, and the later window is proven
    assert world.next_window().onboard(CAROL, later=True) == "announced"
    for wait in (0, WAIT):
        with world.refuses("MoveIsContested", LAST):
            world.at(NEXT_OPEN + wait).onboard(BOB)


def test_a_contest_is_not_too_late_until_the_move_counts(world: World) -> None:
    world.onboard(BOB)
    world.at(REPORTED + 2 * WAIT).grants.call(A, "contest", SERIES, NULLIFIER)
    with world.refuses("MoveIsContested"):
        world.onboard(BOB)


def test_a_renewal_leaves_the_announced_window_behind(world: World) -> None:
    world.onboard(BOB)
    world.next_window().onboard(later=True)
    with world.refuses("WindowTooOld", LAST, LATER):
        world.onboard(BOB)
    assert world.onboard(BOB, later=True) == "announced"


def test_a_pause_stops_moves_and_no_contest(world: World) -> None:
    world.onboard(BOB)
    world.at(REPORTED + WAIT).guardian("pause")
    with world.refuses("RegistryPaused"):
        world.onboard(BOB)
    world.grants.call(A, "contest", SERIES, NULLIFIER)
    with world.refuses("MoveIsContested"):
        world.at(REPORTED + WAIT + 7 * DAY).onboard(BOB)


# -- downgrades ------------------------------------------------------------------------------------
def test_a_downgrade_prolongs_nothing_and_does_not_jump(world: World) -> None:
    """The worse tier's validity is as long; its maintenance margin comes over a day."""
    world.onboard(tier=2)
    before = world.grant(ALICE)
    world.at(REPORTED + DAY).grants.call(A, "downgrade", 0)
    after = world.grant(ALICE)
    assert (after["expiry"], after["root"], after["verifier"]) == (
        before["expiry"], before["root"], before["verifier"],
    )  # fmt: skip
    assert (terms(world, ALICE).initial, terms(world, ALICE).maintenance) == (1_000, 200)
    assert terms(world.at(REPORTED + DAY + SPAN // 2), ALICE).maintenance == 350
    with world.refuses("TierBetter", 1):
        world.grants.call(A, "downgrade", 1)
    world.guardian("disablePolicy", POLICY)
    with world.refuses("NoRunningGrant"):
        world.grants.call(A, "downgrade", 1)


# -- old consents ----------------------------------------------------------------------------------
def test_a_recovery_by_a_stranger_gives_back_the_same_tier_alone(world: World) -> None:
    """
    The next generation signs the same root, so that old proofs hold again. Who kept the account's
    consent to a lesser tier does not bring that back.
    """
    silver = (world.consent(ALICE, ALICE, ALICE, SILVER), NOTHING)
    gold = (world.consent(ALICE, ALICE, ALICE, GOLD), NOTHING)
    world.rotate()
    world.at(REPORTED + NOTICE).guardian("endGeneration", SET, 1)
    world.submit(generation=2, keys=KEYS[1:3])
    for tier in (0, 2):
        with world.refuses("WindowCounted" if tier == 0 else "SignatureInvalid"):
            world.onboard(tier=tier, sender=STRANGER, consents=silver)
    assert world.onboard(tier=1, sender=STRANGER, consents=gold) == "recovered"
    with world.refuses("WindowCounted"):
        world.onboard(tier=1, sender=STRANGER, consents=gold)
    assert world.onboard(tier=0) == "renewed"  # the account itself may


def test_a_recovery_gives_nothing_back_that_was_given_up(world: World) -> None:
    gold = (world.consent(ALICE, ALICE, ALICE, GOLD), NOTHING)
    world.guardian("revokeRoot", SET, WORD)
    world.guardian("revoke", SERIES, NULLIFIER)
    world.submit(root=5)
    with world.refuses("WindowTooOld"):
        world.onboard(root=5, sender=STRANGER, consents=gold)
