"""Moves: signed, announced, contested; a stolen identity, a lost key, two accounts in turn."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from grants.grants_world import (
    ALICE,
    BOB,
    CAROL,
    DAY,
    LAST,
    LATER,
    NEXT_OPEN,
    NOTHING,
    NULLIFIER,
    OPEN,
    SERIES,
    SET,
    STRANGER,
    World,
    key_address,
    started,
)

pytestmark = pytest.mark.evm
WAIT, BETWEEN = 72 * 3_600, 7 * DAY


@pytest.fixture
def world() -> Iterator[World]:
    """Alice holds the nullifier, and may move it."""
    with started() as built:
        built.submit()
        built.onboard()
        built.at(OPEN + BETWEEN)
        yield built


def by_holder(world: World, account: object = BOB) -> tuple[object, object]:
    """The holder's signature alone: the account sends."""
    return (NOTHING, world.consent(ALICE, account, ALICE))  # type: ignore[arg-type]


def both(world: World) -> tuple[object, object]:
    return (world.consent(BOB, BOB, ALICE), world.consent(ALICE, BOB, ALICE))


def test_a_move_ends_the_old_grant(world: World) -> None:
    assert world.onboard(BOB, consents=by_holder(world)) == "moved"
    assert world.grants.said() == ["GrantEnded", "Granted"]
    assert world.grant(ALICE)["end"] == OPEN + BETWEEN
    assert world.runs(BOB)
    holder = world.holder()
    assert holder["account"] == "0x" + key_address(BOB).hex()
    assert holder["moved_at"] == OPEN + BETWEEN
    assert world.grant(BOB)["subject"] == world.grant(ALICE)["subject"]


def test_seven_days_between_moves(world: World) -> None:
    world.at(OPEN + BETWEEN - 1)
    with world.refuses("MovedTooSoon", OPEN + BETWEEN):
        world.onboard(BOB, consents=by_holder(world))
    world.at(OPEN + BETWEEN).onboard(BOB, consents=by_holder(world))
    world.grants.call(key_address(BOB), "relinquish")
    world.at(OPEN + 2 * BETWEEN - 1)
    with world.refuses("MovedTooSoon", OPEN + 2 * BETWEEN):
        world.onboard(ALICE)
    assert world.at(OPEN + 2 * BETWEEN).onboard(ALICE) == "moved"


def test_a_signature_moves_nothing_back(world: World) -> None:
    """
    Moved away from an account whose key was stolen, and what was signed once for the way there is
    still good: the thief's transaction is an announcement, which the holder contests.
    """
    signed = by_holder(world)
    assert world.onboard(BOB, consents=signed) == "moved"
    world.grants.call(key_address(BOB), "relinquish")
    assert world.at(OPEN + 2 * BETWEEN).onboard(ALICE) == "moved"
    world.at(OPEN + 3 * BETWEEN)
    assert world.onboard(BOB, consents=signed) == "announced"
    world.grants.call(key_address(ALICE), "contest", SERIES, NULLIFIER)
    with world.refuses("MoveIsContested", LAST):
        world.onboard(BOB, consents=signed)
    assert world.runs(ALICE)


def test_the_holder_himself_sends_it_back(world: World) -> None:
    world.onboard(BOB, consents=by_holder(world))
    back = (world.consent(ALICE, ALICE, BOB), world.consent(BOB, ALICE, BOB))
    world.next_window()
    assert world.onboard(ALICE, later=True, sender=BOB, consents=back) == "moved"


def test_the_holder_sends_or_signs(world: World) -> None:
    consents = (world.consent(BOB, BOB, ALICE), NOTHING)
    with world.refuses("WindowCounted"):  # within a window the new account sends
        world.onboard(BOB, sender=ALICE, consents=consents)
    with world.refuses("SignatureInvalid", "0x" + key_address(ALICE).hex()):
        world.onboard(BOB, consents=(NOTHING, world.consent(CAROL, BOB, ALICE)))
    with world.refuses("SignatureInvalid"):  # what he signed for another account
        world.onboard(BOB, consents=by_holder(world, CAROL))
    world.next_window()
    with world.refuses("ConsentMissing", "0x" + key_address(BOB).hex()):
        world.onboard(BOB, later=True, sender=ALICE)
    assert world.onboard(BOB, later=True, sender=ALICE, consents=consents) == "moved"


def test_on_a_later_window_anybody_sends_what_both_signed(world: World) -> None:
    with world.refuses("WindowCounted", LAST):
        world.onboard(BOB, sender=STRANGER, consents=both(world))
    world.next_window()
    assert world.onboard(BOB, later=True, sender=STRANGER, consents=both(world)) == "moved"
    with world.refuses("SignatureInvalid"):  # the holder is another now: the consent names Alice
        world.onboard(BOB, later=True, sender=STRANGER, consents=both(world))


def test_a_holder_without_a_running_grant_is_not_asked(world: World) -> None:
    world.grants.call(key_address(ALICE), "relinquish")
    assert world.onboard(BOB) == "moved"
    assert world.grants.said() == ["Granted"]


def test_nor_one_whose_account_another_identity_took_over(world: World) -> None:
    world.onboard(ALICE, nullifier=9)
    assert world.onboard(BOB) == "moved"
    assert world.runs(ALICE)  # it is the other identity's


def test_an_unsigned_move_waits(world: World) -> None:
    """A lost key: the institution announces, and nobody contests."""
    assert world.onboard(BOB) == "announced"
    assert world.grants.said() == ["MoveAnnounced"]
    ready = OPEN + BETWEEN + WAIT
    pending = ("0x" + key_address(BOB).hex(), ready, LAST, 0)
    assert world.holder()["pending"] == pending
    assert world.runs(ALICE) and not world.runs(BOB)
    world.at(ready - 1)
    with world.refuses("MoveNotReady", ready):
        world.onboard(BOB)
    world.at(ready)
    with world.refuses("WindowCounted"):
        world.onboard(BOB, sender=STRANGER, consents=(world.consent(BOB, BOB, ALICE), NOTHING))
    assert world.onboard(BOB) == "moved"
    assert world.holder()["pending"][0] == "0x" + "00" * 20


def test_anybody_finishes_a_move_on_a_later_window(world: World) -> None:
    world.next_window()
    consents = (world.consent(BOB, BOB, ALICE), NOTHING)
    world.at(NEXT_OPEN - DAY)  # Alice's grant still runs
    world.machine.now = NEXT_OPEN
    world.onboard(ALICE, tier=0)
    assert world.onboard(BOB, later=True, sender=STRANGER, consents=consents) == "announced"
    world.at(NEXT_OPEN + WAIT)
    assert world.onboard(BOB, later=True, sender=STRANGER, consents=consents) == "moved"


def test_the_holder_contests(world: World) -> None:
    """A stolen identity: the thief's account consents to itself, the holder's says no."""
    alice, bob = key_address(ALICE), key_address(BOB)
    with world.refuses("NoMove", NULLIFIER):
        world.grants.call(alice, "contest", SERIES, NULLIFIER)
    world.onboard(BOB)
    with world.refuses("NotHolder"):
        world.grants.call(bob, "contest", SERIES, NULLIFIER)
    world.grants.call(alice, "contest", SERIES, NULLIFIER)
    assert world.grants.said() == ["MoveContested"]
    with world.refuses("NoMove", NULLIFIER):
        world.grants.call(alice, "contest", SERIES, NULLIFIER)
    for account in (BOB, CAROL):
        with world.refuses("MoveIsContested", LAST):
            world.at(OPEN + BETWEEN + WAIT).onboard(account)
    assert world.onboard(BOB, consents=by_holder(world)) == "moved"  # signed, it counts


def test_a_contest_holds_for_windows_that_end_as_early(world: World) -> None:
    world.onboard(BOB)
    world.grants.call(key_address(ALICE), "contest", SERIES, NULLIFIER)
    world.at(NEXT_OPEN).onboard(ALICE, tier=0)
    world.next_window()
    assert world.onboard(BOB, later=True) == "announced"
    assert world.holder()["pending"][3] == LAST
    world.grants.call(key_address(ALICE), "contest", SERIES, NULLIFIER)
    with world.refuses("MoveIsContested", LATER):
        world.onboard(BOB, later=True)


def test_who_has_no_running_grant_contests_nothing(world: World) -> None:
    world.onboard(BOB)
    world.grants.call(key_address(ALICE), "relinquish")
    with world.refuses("NoRunningGrant"):
        world.grants.call(key_address(ALICE), "contest", SERIES, NULLIFIER)
    world.onboard(ALICE, nullifier=9)  # of another identity
    with world.refuses("NoRunningGrant"):
        world.grants.call(key_address(ALICE), "contest", SERIES, NULLIFIER)


def test_nobody_starts_the_clock_of_another_again(world: World) -> None:
    """Who has an older announcement sends it again: the running one is not touched."""
    world.at(NEXT_OPEN).onboard(ALICE, tier=0)
    world.next_window()
    carol = (world.consent(CAROL, CAROL, ALICE), NOTHING)
    world.onboard(CAROL, later=True, sender=STRANGER, consents=carol)
    assert world.onboard(BOB, later=True) == "announced"  # the new account itself replaces it
    with world.refuses("OtherMoveAnnounced", "0x" + key_address(BOB).hex()):
        world.onboard(CAROL, later=True, sender=STRANGER, consents=carol)
    with world.refuses("OtherMoveAnnounced"):
        bob = (world.consent(BOB, BOB, ALICE), NOTHING)
        world.onboard(CAROL, later=True, sender=STRANGER, consents=(carol[0], bob[1]))


def test_the_thief_is_stopped_for_good(world: World) -> None:
    """Announced, contested, retired; the identity counts for nobody any more."""
    world.onboard(BOB)
    alice = key_address(ALICE)
    world.grants.call(alice, "contest", SERIES, NULLIFIER)
    world.grants.call(alice, "retire", SERIES, NULLIFIER)
    world.next_window()
    for account in (ALICE, BOB):
        with world.refuses("NullifierRetired"):
            world.onboard(account, later=True)
    assert world.onboard(ALICE, later=True, nullifier=77) == "first"


def test_a_root_that_falls_frees_the_move(world: World) -> None:
    world.guardian("revokeRoot", SET, 0xABCDEF)
    world.submit(root=5)
    assert world.onboard(BOB, root=5) == "moved"
