"""Verifiers, series, policies, pause and close; who may what, and from when."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from eth_utils.crypto import keccak
from grants.grants_world import (
    BORN,
    CEREMONY,
    DAY,
    FIRST,
    GOLD,
    LAST,
    NOTICE,
    OPEN,
    POLICY,
    PRIME,
    SERIES,
    SET,
    SILVER,
    STRANGER,
    Terms,
    World,
    words,
)

pytestmark = pytest.mark.evm
MOCK = keccak(text="mock")


# -- notice ---------------------------------------------------------------------------------------
def test_notice_is_at_least_48_hours_where_it_counts() -> None:
    with pytest.raises(Exception, match="NoticeTooShort"):
        World(chain_id=1, notice=NOTICE - 1)
    assert World(chain_id=1, notice=NOTICE).anybody("notice") == NOTICE
    assert World(notice=0).anybody("notice") == 0


# -- verifiers -------------------------------------------------------------------------------------
def test_a_verifier_is_what_it_was_said_to_be(empty: World) -> None:
    with empty.refuses("WrongKeyDigest"):
        empty.governor("registerVerifier", empty.mock(), bytes(32))
    with empty.refuses("WrongKeyDigest"):
        empty.governor("registerVerifier", empty.mock(), b"\1" * 32)
    place = empty.mock(srs_id=5)
    assert empty.governor("registerVerifier", place, MOCK) == 0  # on a development chain
    held = empty.anybody("verifierOf", 0)
    assert held == ("0x" + place.hex(), BORN + NOTICE, 0, MOCK)
    assert empty.anybody("isCeremony", CEREMONY) and not empty.anybody("isCeremony", 5)


def test_setups_are_known_ceremonies_where_it_counts() -> None:
    world = World(chain_id=1)
    with world.refuses("SetupNotKnown"):
        world.governor("registerVerifier", world.mock(srs_id=5), MOCK)
    world.governor("registerVerifier", world.mock(), MOCK)


def test_verifiers_fit_the_bits_of_a_policy(empty: World) -> None:
    place = empty.mock()
    for _ in range(96):
        empty.governor("registerVerifier", place, MOCK)
    with empty.refuses("TooManyVerifiers", 96):
        empty.governor("registerVerifier", place, MOCK)


def test_a_verifier_is_switched_off_once(world: World) -> None:
    with world.refuses("VerifierUnknown", 2):
        world.guardian("disableVerifier", 2)
    world.guardian("disableVerifier", 0)
    with world.refuses("VerifierDisabled", 0):
        world.guardian("disableVerifier", 0)
    with world.refuses("VerifierDisabled", 0):
        world.register_policy(b"\1" * 32, verifiers=(1, 0))


# -- series and their calendars --------------------------------------------------------------------
def test_a_series(world: World) -> None:
    assert world.anybody("seriesOf", SERIES) == (SET, 28, 60)
    with world.refuses("SeriesExists", SERIES):
        world.register_series()
    with world.refuses("SeriesZero"):
        world.register_series(bytes(32))
    with world.refuses("AttestorSetUnknown"):
        world.register_series(b"\1" * 32, attestor_set=b"\2" * 32)
    for days in (27, 367):
        with world.refuses("LeastDaysOutOfRange", days):
            world.register_series(b"\1" * 32, least_days=days)
    for days in (6, 121):
        with world.refuses("MaxAgeOutOfRange", days):
            world.register_series(b"\1" * 32, max_age=days)
    with world.refuses("WindowTooShort", 60, 61):
        world.register_series(b"\1" * 32, least_days=61)
    with world.refuses("WindowInvalid", FIRST, FIRST + 26):
        world.register_series(b"\1" * 32, ((FIRST, FIRST + 26),))
    world.register_series(b"\1" * 32, ((FIRST, FIRST + 365),), least_days=366, max_age=7)
    world.register_series(b"\2" * 32, least_days=28, max_age=120)


def test_a_window_is_announced_before_it_begins(world: World) -> None:
    soon = (OPEN + NOTICE) // DAY
    window = (soon, soon + 28)
    with world.refuses("SeriesUnknown"):
        world.governor("announceWindow", b"\1" * 32, window)
    begins = soon * DAY
    world.at(begins - NOTICE + 1)
    with world.refuses("WindowBegunTooSoon", begins, begins + 1):
        world.governor("announceWindow", SERIES, window)
    world.at(begins - NOTICE)
    with world.refuses("WindowInvalid"):
        world.governor("announceWindow", SERIES, (soon, soon + 26))
    with world.refuses("WindowNotPublished", *window):
        world.register_policy(b"\1" * 32, window)
    world.governor("announceWindow", SERIES, window)
    world.register_policy(b"\1" * 32, window)


def test_one_window_of_a_series_ends_on_a_day(world: World) -> None:
    """Two would let an account claim on both roots in turn, until neither backs anybody else."""
    with world.refuses("LastDayTaken", FIRST, LAST):
        world.register_series(b"\1" * 32, ((FIRST, LAST), (FIRST + 1, LAST)))
    soon = (OPEN + NOTICE) // DAY + 1
    world.governor("announceWindow", SERIES, (soon, soon + 30))
    with world.refuses("LastDayTaken", soon, soon + 30):
        world.governor("announceWindow", SERIES, (soon + 1, soon + 30))
    world.governor("announceWindow", SERIES, (soon, soon + 30))
    world.governor("announceWindow", SERIES, (soon + 1, soon + 31))
    for window, known in (
        ((soon, soon + 30), True),
        ((soon + 1, soon + 30), False),
        ((0, 0), False),
    ):
        assert world.anybody("isPublished", SERIES, *window) is known


# -- policies and tiers ----------------------------------------------------------------------------
def test_a_policy(world: World) -> None:
    state, serial = world.anybody("policyOf", POLICY)
    assert serial == 1
    assert state == (SERIES, FIRST, LAST, BORN + NOTICE, 0, 1, 3, 0b11, 60)
    for changes, error in (
        ({"policy": bytes(32)}, "PolicyIdZero"),
        ({"policy": POLICY}, "PolicyExists"),
        ({"series": b"\2" * 32}, "SeriesUnknown"),
        ({"window": (FIRST + 1, LAST)}, "WindowNotPublished"),
        ({"tiers": []}, "TierCountOutOfRange"),
        ({"tiers": [(words(0), GOLD)] * 17}, "TierCountOutOfRange"),
        ({"verifiers": ()}, "PolicyWithoutVerifier"),
        ({"verifiers": (0, 2)}, "VerifierUnknown"),
    ):
        arguments: dict[str, Any] = {"policy": b"\1" * 32, **changes}
        with world.refuses(error):
            world.register_policy(**arguments)
    world.register_policy(b"\1" * 32, tiers=[(words(0), GOLD)] * 16)
    terms, policy, ended, _ = world.anybody("tierOf", 7 + 15)
    assert (terms, policy, ended) == ((500, 300, 300, 50, 20, 5_000, 30), 3, 0)


BASE = Terms(1_000, 500, 450, 150, 10, 1_000, 30)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"initial": 199, "maintenance": 100, "leverage": 1}, "TermsInvalid"),
        ({"maintenance": 99}, "TermsInvalid"),
        ({"maintenance": 801}, "TermsInvalid"),
        ({"leverage": 0}, "TermsInvalid"),
        ({"leverage": 11}, "TermsInvalid"),
        ({"initial": 200, "maintenance": 100, "leverage": 51}, "TermsInvalid"),
        ({"taker": 10_001}, "TermsInvalid"),
        ({"maker": 10_001}, "TermsInvalid"),
        ({"maker": -10_001, "taker": 10_000}, "TermsInvalid"),
        ({"limit": 0}, "TermsInvalid"),
        ({"days": 0}, "TermsInvalid"),
        ({"days": 91}, "TermsInvalid"),
        ({"maker": -201}, "RebateAboveFee"),
        ({"taker": 49}, "RebateAboveFee"),
    ],
)
def test_terms_that_nobody_may_grant(world: World, changes: dict[str, int], error: str) -> None:
    with world.refuses(error, 1):
        world.register_policy(
            b"\1" * 32, tiers=[(words(0), SILVER), (words(1), replace(BASE, **changes))]
        )


@pytest.mark.parametrize(
    "changes",
    [
        {"initial": 200, "maintenance": 160, "leverage": 50},
        {"initial": 200, "maintenance": 100, "leverage": 50},
        {"maintenance": 800},
        {"taker": 10_000, "maker": 10_000},
        {"maker": -200},
        {"taker": 50},
        {"limit": 1, "days": 1},
        {"days": 90},
    ],
)
def test_the_last_terms_that_are_taken(world: World, changes: dict[str, int]) -> None:
    world.register_policy(b"\1" * 32, tiers=[(words(0), replace(BASE, **changes))])


def test_a_rebate_is_held_against_the_fees_of_all_tiers(empty: World) -> None:
    """Of policies before, too, and in either order."""
    empty.register_set()
    empty.governor("registerVerifier", empty.mock(), MOCK)
    empty.register_series()
    one, two = b"\1" * 32, b"\2" * 32
    empty.register_policy(one, tiers=[(words(0), replace(BASE, taker=100, maker=0))])
    with empty.refuses("RebateAboveFee", 0, 100, -101):
        empty.register_policy(two, tiers=[(words(0), replace(BASE, maker=-101))])
    empty.register_policy(two, tiers=[(words(0), replace(BASE, maker=-100))])
    with empty.refuses("RebateAboveFee", 0, 99, -100):
        empty.register_policy(b"\3" * 32, tiers=[(words(0), replace(BASE, taker=99))])


@pytest.mark.parametrize(
    "thresholds", [(0, 0, 0, 0, 0), (1 << 252, 0, 0, 0, 0), (1, 0, 0, 0, 1 << 252)]
)
def test_thresholds_that_ask_nothing_or_too_much(world: World, thresholds: tuple[int, ...]) -> None:
    with world.refuses("ThresholdsInvalid", 0):
        world.register_policy(b"\1" * 32, tiers=[(thresholds, BASE)])


def test_a_set_vouches_for_no_lower_margin(empty: World) -> None:
    empty.register_set(bounds=(500, 10))
    empty.governor("registerVerifier", empty.mock(), MOCK)
    empty.register_series()
    empty.register_policy(tiers=[(words(0), GOLD)])
    with empty.refuses("BelowSetsMargin", 0, 500):
        empty.register_policy(b"\1" * 32, tiers=[(words(0), PRIME)])


def test_a_policy_is_switched_off_and_registered_anew(world: World) -> None:
    with world.refuses("PolicyUnknown"):
        world.guardian("disablePolicy", b"\1" * 32)
    world.guardian("disablePolicy", POLICY)
    assert [world.anybody("tierOf", serial)[2] for serial in (1, 2, 3, 4)] == [OPEN] * 3 + [0]
    with world.refuses("PolicyDisabled", POLICY):
        world.guardian("disablePolicy", POLICY)
    world.register_policy(POLICY)
    state, serial = world.anybody("policyOf", POLICY)
    assert (serial, state[3], state[4], state[5]) == (3, OPEN + NOTICE, 0, 7)


# -- pause and close -------------------------------------------------------------------------------
def test_a_pause_lasts_seven_days_and_none_begins_for_21(world: World) -> None:
    world.guardian("pause")
    ends = OPEN + 7 * DAY
    world.at(ends - 1)
    with world.refuses("RegistryPaused", ends):
        world.submit()
    world.at(ends).submit()
    for second in (ends, ends + 21 * DAY - 1):
        world.at(second)
        with world.refuses("PauseTooSoon", ends + 21 * DAY):
            world.guardian("pause")
    world.at(ends + 21 * DAY).guardian("pause")


def test_a_pause_ends_earlier_after_notice(world: World) -> None:
    world.guardian("pause")
    world.governor("unpause")
    world.at(OPEN + NOTICE - 1)
    with world.refuses("RegistryPaused", OPEN + NOTICE):
        world.submit()
    world.at(OPEN + NOTICE).submit()
    world.governor("unpause")  # prolongs nothing
    assert world.anybody("switches")[0] == OPEN + NOTICE


def test_what_tightens_is_not_paused(world: World) -> None:
    world.submit()
    world.guardian("pause")
    world.guardian("revokeRoot", SET, 0xABCDEF)
    world.guardian("endGeneration", SET, 1)
    world.guardian("disableVerifier", 0)
    world.guardian("disablePolicy", POLICY)


def test_a_registry_closes_30_days_ahead_and_once(world: World) -> None:
    with world.refuses("CloseTooSoon", OPEN + 30 * DAY):
        world.governor("close", STRANGER, OPEN + 30 * DAY - 1)
    world.governor("close", STRANGER, OPEN + 30 * DAY)
    with world.refuses("RegistryClosed", OPEN + 30 * DAY):
        world.governor("close", STRANGER, OPEN + 90 * DAY)
    with world.refuses("RegistryClosed", OPEN + 30 * DAY):
        world.submit()


def test_many_calls_in_one(world: World) -> None:
    calls = [world.grants.data("disableVerifier", index) for index in (0, 1)]
    with world.refuses("AccessManagedUnauthorized"):
        world.anybody("multicall", calls)
    world.guardian("multicall", calls)
    assert world.anybody("verifierOf", 1)[2] == OPEN
