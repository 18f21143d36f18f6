"""
What effective terms rest on: every end glides, conduct goes along with a move, and market and
engines are announced; and what a reading costs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import astuple, replace
from typing import Any

import pytest
from grants.grants_world import (
    ALICE,
    BOB,
    DAY,
    DEFAULT,
    FEED_HEARTBEAT,
    GOLD,
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
    Terms,
    World,
    key_address,
    market_feed,
    started,
    words,
)
from support.effective import BANDS, STRICTEST

from policies.effective.regime import pack
from policies.effective.terms import Effective, Status

pytestmark = pytest.mark.evm
A, B = key_address(ALICE), key_address(BOB)
NEAR, PARTLY, LIQUIDATED = 1, 2, 3
ZERO = bytes(20)
NO_FEED = (astuple(DEFAULT), pack(BANDS), ZERO, 0, ZERO)


@pytest.fixture
def world() -> Iterator[World]:
    with started() as built:
        built.submit()
        yield built


def terms(world: World, account: bytes = A) -> Effective:
    return Effective(*world.anybody("effectiveTerms", account))


def with_engine(world: World, level: int = LIQUIDATED) -> World:
    """An engine that reports now."""
    market_feed(world.machine)
    world.at(OPEN - NOTICE).governor("registerEngine", TELLER, level)
    return world.at(OPEN)


def report(world: World, account: bytes, level: int, engine: bytes = TELLER) -> None:
    world.grants.call(engine, "reportConduct", account, level, 0, 0, bytes(32))


# -- ends ------------------------------------------------------------------------------------------
def test_an_account_without_a_grant_has_the_defaults_terms(world: World) -> None:
    for account in (A, ZERO, world.grants.place):
        found = terms(world, account)
        assert found == Effective(5_000, 2_500, 10_000, 10_000, 2, 0, 0, Status.NONE, 0)


def test_a_running_grant_has_its_tiers_terms(world: World) -> None:
    world.onboard(tier=1)
    found, grant = terms(world), world.grant(ALICE)
    assert found == Effective(
        *astuple(GOLD)[:6], grant["subject"], Status.RUNNING, OPEN + 30 * DAY
    )  # fmt: skip


def _close(world: World) -> int:
    end = world.machine.now + 30 * DAY
    world.governor("close", ZERO, end)
    return end


def _now(act: Callable[[World], Any]) -> Callable[[World], int]:
    def ends(world: World) -> int:
        act(world)
        return OPEN + 100

    return ends


ENDS: dict[str, Callable[[World], int]] = {
    "expiry": lambda world: OPEN + 30 * DAY,
    "root": _now(lambda world: world.guardian("revokeRoot", SET, WORD)),
    "generation": _now(lambda world: world.guardian("endGeneration", SET, 1)),
    "policy": _now(lambda world: world.guardian("disablePolicy", POLICY)),
    "verifier": _now(lambda world: world.guardian("disableVerifier", 0)),
    "relinquish": _now(lambda world: world.grants.call(A, "relinquish")),
    "retire": _now(lambda world: world.grants.call(A, "retire", SERIES, NULLIFIER)),
    "revoke": _now(lambda world: world.guardian("revoke", SERIES, NULLIFIER)),
    "bar": _now(lambda world: world.guardian("bar", SERIES, NULLIFIER)),
}


@pytest.mark.parametrize("name", ENDS)
def test_each_end_glides(world: World, name: str) -> None:
    """Opening is at the default's terms at once; maintenance gets there in a day."""
    world.onboard(tier=1)
    end = ENDS[name](world.at(OPEN + 100))
    assert world.grant(ALICE)["end"] == end
    assert terms(world.at(end - 1)).maintenance == 300
    assert terms(world).status == Status.RUNNING
    for after, maintenance in ((0, 300), (1, 301), (DAY // 2, 1_400), (DAY - 1, 2_500)):
        found = terms(world.at(end + after))
        assert (found.status, found.initial, found.limit) == (Status.ENDING, 5_000, 0)
        assert (found.maintenance, found.changes_at) == (maintenance, end + after + 1)
    found = terms(world.at(end + DAY))
    assert (found.status, found.maintenance, found.changes_at) == (Status.ENDED, 2_500, 0)


def test_a_closed_registry_ends_what_would_last_longer(world: World) -> None:
    world.onboard(tier=2)  # 60 days
    end = _close(world)
    assert (world.grant(ALICE)["end"], terms(world).changes_at) == (end, end)
    found = terms(world.at(end + DAY // 2))
    assert (found.status, found.maintenance) == (Status.ENDING, 1_350)


def test_the_end_by_a_move_glides(world: World) -> None:
    world.onboard(tier=1)
    end = OPEN + 8 * DAY
    subject = terms(world).subject
    world.at(end).onboard(BOB, consents=(NOTHING, world.consent(ALICE, BOB, ALICE)))
    assert (terms(world).status, terms(world).maintenance) == (Status.ENDING, 300)
    assert (terms(world, B).status, terms(world, B).subject) == (Status.RUNNING, subject)
    assert terms(world.at(end + DAY // 2)).maintenance == 1_400


def test_without_an_end_nothing_else_is_read(world: World) -> None:
    """Each end raises the alarm, and only a grant's own act does not."""
    assert world.anybody("marketOf")[0][-1] == 0
    world.onboard()
    world.grants.call(A, "relinquish")
    world.guardian("revoke", SERIES, NULLIFIER)
    assert world.anybody("marketOf")[0][-1] == 0
    calls = (("revokeRoot", SET, WORD), ("endGeneration", SET, 1), ("disableVerifier", 0))
    for count, call in enumerate((*calls, ("disablePolicy", POLICY)), 1):
        world.guardian(*call)
        assert world.anybody("marketOf")[0][-1] == count
    _close(world)
    assert world.anybody("marketOf")[0][-1] == 5


# -- conduct ---------------------------------------------------------------------------------------
def test_a_report_costs_opening_at_once_and_maintenance_over_a_day(world: World) -> None:
    with_engine(world).onboard(tier=1)
    report(world, A, NEAR)
    assert (terms(world).initial, terms(world).maintenance) == (625, 300)
    assert terms(world.at(OPEN + DAY)).maintenance == 375
    report(world, A, LIQUIDATED)
    assert (terms(world).initial, terms(world).maintenance) == (5_000, 375)
    assert terms(world.at(OPEN + 2 * DAY)).maintenance == 2_500


def test_conduct_goes_along_with_a_move(world: World) -> None:
    with_engine(world).onboard(tier=1)
    report(world.at(OPEN + 7 * DAY), A, PARTLY)
    world.onboard(BOB, consents=(NOTHING, world.consent(ALICE, BOB, ALICE)))
    assert world.anybody("conductOf", B) == world.anybody("conductOf", A)
    assert terms(world, B).initial == 750
    # whoever comes first to the new account sheds nothing either
    assert world.grant(BOB)["level"] == PARTLY


def test_what_is_reported_after_a_move_is_carried_by_anybody(world: World) -> None:
    with_engine(world).onboard(tier=1)
    world.at(OPEN + 7 * DAY)
    world.onboard(BOB, consents=(NOTHING, world.consent(ALICE, BOB, ALICE)))
    report(world, A, LIQUIDATED)
    world.onboard(ALICE, tier=1, nullifier=NULLIFIER + 1)  # hides nothing
    assert terms(world, B).initial == 500
    world.anybody("carryConduct", A, B)
    assert (terms(world, B).initial, world.grant(BOB)["level"]) == (5_000, LIQUIDATED)
    before = world.anybody("conductOf", B)
    world.anybody("carryConduct", A, B)
    assert world.anybody("conductOf", B) == before


def test_conduct_is_carried_within_a_subject(world: World) -> None:
    with_engine(world).onboard(tier=1)
    report(world, A, LIQUIDATED)
    for other in (B, STRANGER):
        for pair in ((A, other), (other, A)):
            with world.refuses("OtherSubject"):
                world.anybody("carryConduct", *pair)
    with world.refuses("OtherSubject"):
        world.anybody("carryConduct", B, STRANGER)
    world.onboard(BOB, tier=1, nullifier=NULLIFIER + 1)
    with world.refuses("OtherSubject"):
        world.anybody("carryConduct", A, B)


def test_an_end_sheds_no_conduct(world: World) -> None:
    with_engine(world).onboard(tier=1)
    report(world, A, PARTLY)
    world.grants.call(A, "relinquish")
    world.onboard(tier=1)
    assert terms(world).initial == 750
    world.at(OPEN + 1).onboard(tier=1, nullifier=NULLIFIER + 1)
    assert terms(world).initial == 750
    assert terms(world.at(OPEN + 30 * DAY - 1)).initial == 750


# -- engines ---------------------------------------------------------------------------------------
def test_who_reports_and_from_when(world: World) -> None:
    market_feed(world.machine)
    with world.refuses("EngineUnknown"):
        report(world, A, NEAR)
    assert world.governor("registerEngine", TELLER, PARTLY) == 1
    with world.refuses("EngineExists"):
        world.governor("registerEngine", TELLER, PARTLY)
    with world.refuses("EnginePending", "0x" + TELLER.hex(), OPEN + NOTICE):
        report(world.at(OPEN + NOTICE - 1), A, NEAR)
    with world.refuses("LevelTooHigh", LIQUIDATED, PARTLY):
        report(world.at(OPEN + NOTICE), A, LIQUIDATED)
    report(world, A, PARTLY)
    assert world.grants.said() == ["ConductReported"]
    world.guardian("disableEngine", TELLER)
    with world.refuses("EngineDisabled"):
        report(world, A, NEAR)
    with world.refuses("EngineDisabled"):
        world.guardian("disableEngine", TELLER)
    with world.refuses("EngineUnknown"):
        world.guardian("disableEngine", STRANGER)
    with world.refuses("EngineExists"):
        world.governor("registerEngine", TELLER, PARTLY)
    assert world.anybody("conductOf", A)[0] == PARTLY  # only time ends a level


def test_a_desks_word_is_worth_level_1(world: World) -> None:
    for engine, level in ((STRANGER, PARTLY), (STRANGER, LIQUIDATED), (ZERO, NEAR), (STRANGER, 0)):
        with world.refuses("EngineInvalid"):
            world.governor("registerEngine", engine, level)
    with world.refuses("EngineInvalid"):
        world.governor("registerEngine", world.grants.place, 4)
    world.at(OPEN - NOTICE).governor("registerEngine", STRANGER, NEAR)
    world.at(OPEN)
    report(world, A, NEAR, STRANGER)
    with world.refuses("LevelTooHigh", PARTLY, NEAR):
        report(world, A, PARTLY, STRANGER)


# -- the market ------------------------------------------------------------------------------------
def test_another_default_begins_after_the_notice(world: World) -> None:
    milder = Terms(1_500, 900, 600, 200, 6, 0, 0)
    with world.refuses("NothingAnnounced"):
        world.anybody("beginMarket")
    world.governor("announceMarket", (astuple(milder), *NO_FEED[1:]))
    assert terms(world).initial == 5_000
    with world.refuses("MarketPending", OPEN + NOTICE):
        world.at(OPEN + NOTICE - 1).anybody("beginMarket")
    world.at(OPEN + NOTICE).anybody("beginMarket")
    assert (terms(world).initial, terms(world).maintenance) == (1_500, 900)
    with world.refuses("NothingAnnounced"):
        world.anybody("beginMarket")
    world.governor("announceMarket", NO_FEED)
    begun = OPEN + 2 * NOTICE
    world.at(begun).anybody("beginMarket")
    assert (terms(world).initial, terms(world).maintenance) == (5_000, 900)
    assert terms(world.at(begun + DAY)).maintenance == 2_500


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"maintenance": 2_501}, "DefaultInvalid"),
        ({"maintenance": 99}, "DefaultInvalid"),
        ({"initial": 1_000, "maintenance": 801}, "DefaultInvalid"),
        ({"leverage": 3}, "DefaultInvalid"),
        ({"leverage": 0}, "DefaultInvalid"),
        ({"limit": 1}, "DefaultInvalid"),
        ({"days": 1}, "DefaultInvalid"),
        ({"taker": 10_001}, "DefaultInvalid"),
        ({"taker": 500, "maker": -501}, "DefaultInvalid"),
        ({"initial": 999, "maintenance": 500}, "DefaultBetterThanTiers"),
        ({"maintenance": 499}, "DefaultBetterThanTiers"),
        ({"taker": 449}, "DefaultBetterThanTiers"),
        ({"maker": 149}, "DefaultBetterThanTiers"),
        ({"initial": 900, "maintenance": 500, "leverage": 11}, "DefaultBetterThanTiers"),
    ],
)
def test_defaults_that_nobody_may_announce(
    world: World, changes: dict[str, int], error: str
) -> None:
    with world.refuses(error):
        terms_ = astuple(replace(DEFAULT, **changes))
        world.governor("announceMarket", (terms_, *NO_FEED[1:]))
    with world.refuses("BandsInvalid"):
        world.governor("announceMarket", (NO_FEED[0], pack(BANDS[:2]), *NO_FEED[2:]))


def test_the_last_default_that_is_taken(world: World) -> None:
    worst = replace(SILVER, limit=0, days=0)
    world.governor("announceMarket", (astuple(worst), *NO_FEED[1:]))


def test_a_registry_without_a_sensible_default_is_not_deployed() -> None:
    for changes in ({"maintenance": 2_501}, {"limit": 1}, {"leverage": 0}):
        with pytest.raises(Exception, match="DefaultInvalid"):
            World(default=replace(DEFAULT, **changes))


def test_no_tier_is_worse_than_the_default_or_the_one_announced(world: World) -> None:
    worst = replace(SILVER, limit=0, days=0)
    worse = replace(SILVER, maintenance=501)
    world.register_policy(b"\1" * 32, tiers=[(words(0), SILVER)])
    world.governor("announceMarket", (astuple(worst), *NO_FEED[1:]))
    for change in ({"initial": 1_001, "leverage": 9}, {"maintenance": 501}, {"taker": 451},
                   {"maker": 151}, {"leverage": 9}):  # fmt: skip
        with world.refuses("TierWorseThanDefault", 0):
            world.register_policy(b"\2" * 32, tiers=[(words(0), replace(SILVER, **change))])
    world.at(OPEN + NOTICE).anybody("beginMarket")
    with world.refuses("TierWorseThanDefault", 0):
        world.register_policy(b"\2" * 32, tiers=[(words(0), worse)])
    world.governor("announceMarket", NO_FEED)
    with world.refuses("TierWorseThanDefault", 0):
        world.register_policy(b"\2" * 32, tiers=[(words(0), worse)])
    world.at(OPEN + 2 * NOTICE).anybody("beginMarket")
    world.register_policy(b"\2" * 32, tiers=[(words(0), worse)])


def test_a_feed_begins_after_the_notice_and_stays(world: World) -> None:
    with world.refuses("FeedMissing"):
        world.anybody("poke")
    with world.refuses("FeedInvalid"):
        world.governor("announceMarket", (*NO_FEED[:2], STRANGER, 3_600, ZERO))
    feed = market_feed(world.machine)
    world.governor("announceMarket", (*NO_FEED[:2], feed.place, FEED_HEARTBEAT, ZERO))
    world.onboard(tier=1)
    now = OPEN + NOTICE
    world.at(now).anybody("beginMarket")
    feed.call(STRANGER, "set", 0, 9_000, 0, now)
    world.anybody("poke")
    assert (terms(world).initial, terms(world).maintenance) == (1_000, 300)
    assert terms(world).changes_at == now + 1
    feed.call(STRANGER, "set", 1, 0, 0, 0)  # it reverts: opening by the strictest band, at once
    world.at(now + 10).anybody("poke")
    assert world.anybody("marketOf")[0][-2] == now + 10
    assert terms(world).initial == 500 * STRICTEST // 10_000
    with world.refuses("FeedMissing"):
        world.governor("announceMarket", NO_FEED)
