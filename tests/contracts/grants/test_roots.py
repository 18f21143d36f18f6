"""Roots: over, one a window, extended and never shortened, ended by themselves or their signers."""

from __future__ import annotations

import pytest
from grants.grants_world import DAY, FIRST, KEYS, LAST, NOTICE, OPEN, SET, World
from registry_world import FIELD_ORDER

pytestmark = pytest.mark.evm
UNTIL = OPEN + 100 * DAY


def test_the_digest_is_ours(world: World) -> None:
    signed = world.submit()
    fields = tuple(vars(signed).values())
    assert world.anybody("rootDigest", fields) == world.root_digest(signed)
    state, serial, ended = world.anybody("rootOf", SET, signed.root)
    assert (serial, ended) == (1, 0)
    assert state == (signed.root, FIRST, LAST, UNTIL, 0, 1, 0, 100, 77, signed.rules)


def test_a_window_is_over(world: World) -> None:
    world.at(OPEN - 1)
    with world.refuses("WindowNotOver", OPEN):
        world.submit()
    world.at(OPEN).submit()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"root": 0}, "RootOutOfRange"),
        ({"root": FIELD_ORDER}, "RootOutOfRange"),
        ({"feed": 0}, "FeedOutOfRange"),
        ({"feed": FIELD_ORDER}, "FeedOutOfRange"),
        ({"rules": bytes(32)}, "RulesMissing"),
        ({"first_day": LAST + 1}, "WindowInvalid"),
        ({"first_day": LAST - 26}, "WindowInvalid"),
        ({"first_day": LAST - 366}, "WindowInvalid"),
        ({"last_day": 1 << 16, "first_day": (1 << 16) - 40}, "WindowInvalid"),
        ({"valid_until": OPEN - 1}, "RootExpired"),
        ({"valid_until": OPEN + 120 * DAY + 1}, "ValidUntilTooLate"),
        ({"attestor_set": b"\1" * 32}, "AttestorSetUnknown"),
    ],
)
def test_what_no_root_is(world: World, changes: dict[str, object], error: str) -> None:
    with world.refuses(error):
        world.submit(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"root": FIELD_ORDER - 1},
        {"feed": FIELD_ORDER - 1},
        {"first_day": LAST - 27},
        {"first_day": LAST - 365},
        {"valid_until": OPEN},
        {"valid_until": OPEN + 120 * DAY},
    ],
)
def test_the_last_numbers_that_are_taken(world: World, changes: dict[str, object]) -> None:
    world.submit(**changes)


def test_a_root_is_extended_and_never_shortened(world: World) -> None:
    world.submit()
    for until in (UNTIL, UNTIL - 1):
        with world.refuses("RootNotExtended", 0xABCDEF, UNTIL):
            world.submit(valid_until=until)
    for changes in ({"feed": 78}, {"rules": b"\2" * 32}, {"first_day": FIRST + 1}):
        with world.refuses("RootExists", SET, 0xABCDEF):
            world.submit(valid_until=UNTIL + 1, **changes)
    world.submit(valid_until=UNTIL + 1)
    assert world.grants.said() == ["RootExtended"]
    state, serial, _ = world.anybody("rootOf", SET, 0xABCDEF)
    assert (state[3], serial) == (UNTIL + 1, 1)


def test_one_live_root_a_window(world: World) -> None:
    world.submit()
    with world.refuses("WindowTaken", SET, 0xABCDEF):
        world.submit(root=5)
    world.submit(root=6, first_day=FIRST + 1)  # another window
    with world.machine.undone():
        world.guardian("revokeRoot", SET, 0xABCDEF)
        world.submit(root=5)
        assert world.anybody("rootOf", SET, 5)[1] == 3
    world.guardian("endGeneration", SET, 1)
    world.rotate()
    world.at(OPEN + NOTICE).submit(root=5, generation=2, keys=KEYS[1:3])


def test_the_next_generation_signs_the_root_of_an_ended_one_again(world: World) -> None:
    world.submit()
    world.rotate()
    world.at(OPEN + NOTICE)
    with world.refuses("RootNotExtended"):
        world.submit(generation=2, keys=KEYS[1:3])
    world.guardian("endGeneration", SET, 1)
    assert world.anybody("rootOf", SET, 0xABCDEF)[2] == OPEN + NOTICE
    world.submit(generation=2, keys=KEYS[1:3])
    assert world.anybody("rootOf", SET, 0xABCDEF)[1:] == (2, 0)


def test_a_revoked_root_never_comes_back(world: World) -> None:
    with world.refuses("AttestorSetUnknown"):
        world.guardian("revokeRoot", b"\1" * 32, 5)
    for word in (0, FIELD_ORDER):
        with world.refuses("RootOutOfRange", word):
            world.guardian("revokeRoot", SET, word)
    world.guardian("revokeRoot", SET, 5)  # before it was submitted
    with world.refuses("RootIsRevoked", SET, 5):
        world.guardian("revokeRoot", SET, 5)
    with world.refuses("RootIsRevoked", SET, 5):
        world.submit(root=5)
    world.submit()
    world.at(OPEN + 7).guardian("revokeRoot", SET, 0xABCDEF)
    assert world.anybody("rootOf", SET, 0xABCDEF)[2] == OPEN + 7
    with world.refuses("RootIsRevoked"):
        world.submit(valid_until=UNTIL + 1)
    world.at(OPEN + 9).guardian("endGeneration", SET, 1)
    assert world.anybody("rootOf", SET, 0xABCDEF)[2] == OPEN + 7  # the earlier end counts


def test_the_end_of_the_signers_counts_where_it_is_the_earlier(world: World) -> None:
    world.submit()
    world.at(OPEN + 3).guardian("endGeneration", SET, 1)
    world.at(OPEN + 7).guardian("revokeRoot", SET, 0xABCDEF)
    assert world.anybody("rootOf", SET, 0xABCDEF)[2] == OPEN + 3
