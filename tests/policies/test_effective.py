"""Effective terms in worked numbers, to the second: one promise a test."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policies.effective.conduct import DAY, LIQUIDATED, NEAR, NONE, PARTLY, Record
from policies.effective.glide import ONE, SPAN, Clock, ramp
from policies.effective.regime import (
    CALM,
    HOLD,
    NO_FEED,
    Band,
    Feed,
    Reading,
    Regime,
    next_band,
    pack,
    valid,
)
from policies.effective.terms import Default, Grant, Market, Status, Tier, first_grant, terms_at

T = 1_800_000_000
PRIME = Tier(500, 300, 250, -50, 20, 10_000)
PLAIN = Tier(1_000, 600, 400, 0, 10, 2_000)
DEFAULT = Default(2_000, Clock(1_200, 1_200, 0), 600, 200, 5)
BANDS = (Band(0, 0, ONE), Band(6_000, 5_000, 13_000), Band(9_000, 7_500, 20_000))
MARKET = Market(DEFAULT, Regime(), 20_000)
HEARTBEAT = 3_600


def margins(grant: Grant | None, market: Market, time: int) -> tuple[int, int]:
    terms = terms_at(grant, market, time)
    return terms.initial, terms.maintenance


def granted(tier: Tier = PRIME, level: int = NONE, until: int = 0) -> Grant:
    return first_grant(tier, T + 30 * DAY, level, until, MARKET, T)


# -- glide -----------------------------------------------------------------------------------------
def test_a_day_a_glide() -> None:
    """Constants of the design."""
    assert (SPAN, HOLD, CALM) == (86_400, 259_200, 86_400)


@pytest.mark.parametrize(
    ("seconds", "value"),
    [(-1, 100), (0, 100), (1, 101), (864, 101), (865, 102), (86_399, 200), (86_400, 200)],
)
def test_a_ramp_goes_up_in_whole_steps(seconds: int, value: int) -> None:
    assert ramp(100, 200, T, T + seconds) == value


def test_a_lower_target_holds_at_once() -> None:
    assert [ramp(200, 100, T, T + seconds) for seconds in (-1, 0, 1)] == [100] * 3
    halfway = Clock(100, 200, T).retarget(120, 150, T + SPAN // 2)
    assert halfway == Clock(100, 120, T) and halfway.at(T + SPAN // 2) == 110


def test_a_higher_target_starts_at_what_holds() -> None:
    assert Clock(100, 200, T).retarget(300, 150, T + 9) == Clock(150, 300, T + 9)
    assert Clock(100, 200, T).retarget(300, 400, T + 9) == Clock(300, 300, T + 9)
    assert Clock(100, 200, T).retarget(200, 150, T + 9) == Clock(100, 200, T)


# -- a grant ---------------------------------------------------------------------------------------
def test_without_a_grant_the_default_holds() -> None:
    terms = terms_at(None, MARKET, T)
    assert (terms.initial, terms.maintenance, terms.limit) == (2_000, 1_200, 0)
    assert (terms.status, terms.subject, terms.changes_at) == (Status.NONE, 0, 0)


def test_a_first_grant_holds_at_once() -> None:
    terms = terms_at(granted(), MARKET, T)
    assert (terms.initial, terms.maintenance, terms.max_leverage) == (500, 300, 20)
    assert (terms.status, terms.limit, terms.changes_at) == (Status.RUNNING, 10_000, T + 30 * DAY)


def test_the_end() -> None:
    grant, end = granted(), T + 30 * DAY
    assert margins(grant, MARKET, end - 1) == (500, 300)
    assert margins(grant, MARKET, end) == (2_000, 300)
    assert margins(grant, MARKET, end + 1) == (2_000, 301)
    assert margins(grant, MARKET, end + SPAN // 2) == (2_000, 750)
    statuses = [terms_at(grant, MARKET, end + s).status for s in (-1, 0, SPAN - 1, SPAN)]
    assert statuses == [Status.RUNNING, Status.ENDING, Status.ENDING, Status.ENDED]
    terms = terms_at(grant, MARKET, end + SPAN)
    assert (terms.maintenance, terms.max_leverage, terms.limit, terms.changes_at) == (
        1_200,
        5,
        0,
        0,
    )
    assert terms.subject == 1
    assert terms_at(grant, MARKET, end + SPAN - 1).changes_at == end + SPAN


def test_a_downgrade_glides_from_the_tier_before() -> None:
    time = T + DAY
    grant = granted().retarget(PLAIN, NONE, 0, MARKET, time)
    assert margins(grant, MARKET, time) == (1_000, 300)
    assert margins(grant, MARKET, time + SPAN // 2) == (1_000, 450)
    assert margins(grant, MARKET, time + SPAN) == (1_000, 600)
    upgraded = grant.retarget(PRIME, NONE, 0, MARKET, time + SPAN // 2)
    assert margins(upgraded, MARKET, time + SPAN // 2) == (500, 300)


@pytest.mark.parametrize(("later", "held"), [(SPAN // 2, 600), (SPAN // 4, 525), (SPAN, 600)])
def test_a_renewal_starts_at_what_holds(later: int, held: int) -> None:
    """Where the end's glide is above the new tier already, there is no glide again."""
    time = T + 30 * DAY + later
    grant = replace(granted().retarget(PLAIN, NONE, 0, MARKET, time), end=time + 30 * DAY)
    assert granted().maintenance(MARKET, time) >= held
    assert grant.maintenance(MARKET, time) == held
    assert grant.maintenance(MARKET, time + SPAN) == 600


def test_a_default_that_rises_glides_for_all() -> None:
    market = replace(MARKET, default=DEFAULT.retarget(Tier(3_000, 2_400, 700, 300, 3, 0), T))
    assert margins(None, market, T) == (3_000, 1_200)
    assert margins(None, market, T + SPAN // 2) == (3_000, 1_800)
    assert terms_at(None, market, T + SPAN // 2).changes_at == T + SPAN // 2 + 1
    assert terms_at(None, market, T + SPAN - 1).changes_at == 0  # arrived: it rounds up
    lower = replace(market, default=market.default.retarget(PLAIN, T + SPAN))
    assert margins(None, lower, T + SPAN) == (1_000, 600)


# -- conduct ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("level", "days", "initial", "maintenance", "leverage"),
    [(NEAR, 7, 625, 375, 16), (PARTLY, 30, 750, 450, 13), (LIQUIDATED, 90, 2_000, 1_200, 5)],
)
def test_levels(level: int, days: int, initial: int, maintenance: int, leverage: int) -> None:
    record = Record().report(level, 1, T)
    assert [record.level_at(T + days * DAY + s) for s in (-1, 0)] == [level, NONE]
    grant = replace(granted(), end=T + 100 * DAY)
    grant = grant.retarget(PRIME, record.level, record.until, MARKET, T)
    assert margins(grant, MARKET, T) == (initial, 300)
    assert margins(grant, MARKET, T + SPAN) == (initial, maintenance)
    terms = terms_at(grant, MARKET, T + SPAN)
    assert (terms.max_leverage, terms.limit) == (leverage, 10_000)
    assert terms.taker_fee == (600 if level == LIQUIDATED else 250)
    assert terms.changes_at == T + days * DAY
    assert margins(grant, MARKET, T + days * DAY) == (500, 300)


def test_conduct_that_ran_out_and_comes_back_glides_again() -> None:
    first = granted(level=NEAR, until=T + 7 * DAY)
    time = T + 8 * DAY
    again = first.retarget(PRIME, NEAR, time + 7 * DAY, MARKET, time)
    assert [again.maintenance(MARKET, time + s) for s in (0, SPAN // 2, SPAN)] == [300, 338, 375]


def test_a_report_lowers_nothing_where_the_default_is_the_limit() -> None:
    """The regime ends in the second of the report: the margin is the tier's, not less."""
    tier = replace(PLAIN, maintenance=800)
    storm = replace(MARKET, regime=Regime(Clock(ONE, 20_000, T - SPAN)))
    grant = granted(tier)
    assert grant.maintenance(storm, T) == 1_200
    assert grant.retarget(tier, NEAR, T + DAY, storm, T).maintenance(MARKET, T) == 800


def test_a_liquidated_account_follows_a_default_that_rises() -> None:
    grant = granted(level=LIQUIDATED, until=T + 90 * DAY)
    time = T + 2 * SPAN
    market = replace(MARKET, default=DEFAULT.retarget(Tier(3_000, 2_400, 0, 0, 3, 0), time))
    assert [grant.maintenance(market, time + s) for s in (0, SPAN // 2, SPAN)] == [
        1_200,
        1_800,
        2_400,
    ]


def test_levels_join_to_the_worse() -> None:
    """The higher level until the later end: what is reported later never shortens or lowers."""
    high = Record().report(PARTLY, 1, T)
    same = high.report(PARTLY, 2, T + DAY)
    assert (same.level, same.until, same.engine) == (PARTLY, T + 31 * DAY, 1)
    lower = high.report(NEAR, 2, T + 28 * DAY)
    assert (lower.level, lower.until) == (PARTLY, T + 35 * DAY)
    early = high.report(NEAR, 2, T + DAY)
    assert (early.level, early.until) == (PARTLY, T + 30 * DAY)
    after = high.report(NEAR, 2, T + 30 * DAY)
    assert (after.level, after.until, after.engine) == (NEAR, T + 37 * DAY, 2)
    assert high.report(NONE, 2, T) == high


def test_records_join_once_and_for_all() -> None:
    worse = Record().report(LIQUIDATED, 1, T - 8 * DAY)
    mine = Record().report(NEAR, 2, T)
    joined = mine.join(worse, T)
    assert joined == Record(LIQUIDATED, T + 82 * DAY, 1, NEAR, T + 7 * DAY)
    assert joined.join(worse, T) == joined == worse.join(mine, T)
    assert mine.join(Record(), T) == mine
    over = mine.join(worse, T + 100 * DAY)
    assert (over.level, over.engine) == (NEAR, 2)


def test_without_the_word_of_an_engine() -> None:
    """It raised the level: what others said stays, the same level said later too."""
    assert Record().report(LIQUIDATED, 1, T).without_engine() == Record()
    both = Record().report(NEAR, 1, T).report(LIQUIDATED, 2, T + DAY)
    assert both.without_engine() == Record(NEAR, T + 7 * DAY)
    later = both.report(LIQUIDATED, 3, T + 2 * DAY)
    assert later.without_engine() == Record(LIQUIDATED, T + 92 * DAY)
    again = Record().report(PARTLY, 1, T).report(LIQUIDATED, 1, T)
    assert again.without_engine() == Record()


# -- regime ----------------------------------------------------------------------------------------
def poked(
    volatility: int, time: int, regime: Regime, feed: Feed, up: bool = True
) -> tuple[Regime, Feed]:
    return regime.poke(feed, BANDS, Reading(volatility, time), up, time)


def test_up_at_once_down_after_a_day() -> None:
    regime, feed = poked(8_999, T, Regime(), Feed(HEARTBEAT))
    assert (feed.band, regime.opening_factor(20_000, T)) == (1, 13_000)
    assert regime.maintenance_factor(20_000, T) == ONE
    assert regime.maintenance_factor(20_000, T + SPAN) == 13_000
    regime, feed = poked(9_000, T + 10, regime, feed)
    assert (feed.band, feed.seen_at) == (2, T + 10)
    for time, volatility, band in (
        (T + 10 + CALM - 1, 100, 2),
        (T + 10 + CALM, 7_500, 2),
        (T + 10 + CALM, 7_499, 1),
        (T + 10 + CALM, 4_999, 0),
    ):
        assert poked(volatility, time, regime, feed)[1].band == band, volatility
    regime, seen = poked(9_000, T + CALM, regime, feed)
    assert seen.seen_at == T + CALM and next_band(BANDS, seen, 100, True, T + 10 + CALM) == 2
    regime, unseen = poked(8_999, T + CALM, regime, feed)
    assert unseen.seen_at == T + 10
    regime, lower = poked(7_499, T + 10 + CALM, regime, feed)
    assert (lower.band, lower.seen_at) == (1, T + 10 + CALM)
    assert regime.maintenance_factor(20_000, T + 10 + CALM) == 13_000


def test_the_sequencer_s_outage_loosens_nothing() -> None:
    regime, feed = poked(9_000, T, Regime(), Feed(HEARTBEAT))
    time = T + 2 * CALM
    down, kept = poked(100, time, regime, feed, up=False)
    assert (down, kept) == (regime, feed)
    assert poked(100, time, regime, feed)[1].band == 0
    calm, calm_feed = poked(100, T, Regime(), Feed(HEARTBEAT))
    tighter, band = poked(9_000, time, calm, calm_feed, up=False)
    assert band.band == 2 and tighter.factor.target == 20_000
    assert tighter.stale_at == calm.stale_at


def test_a_reading_that_does_not_count() -> None:
    regime, feed = poked(6_000, T, Regime(), Feed(HEARTBEAT))
    assert regime.stale_at == T + HEARTBEAT + 1
    assert [regime.opening_factor(20_000, T + HEARTBEAT + s) for s in (0, 1)] == [13_000, 20_000]
    dead, same = regime.poke(feed, BANDS, None, True, T + 5)
    assert (dead.stale_at, dead.factor, same) == (T + 5, regime.factor, feed)
    assert dead.poke(feed, BANDS, None, True, T + 9)[0].stale_at == T + 5
    begins = T + 5 + HOLD
    assert dead.maintenance_factor(20_000, begins) == 13_000
    assert dead.maintenance_factor(20_000, begins + SPAN // 2) == 15_000
    assert dead.maintenance_factor(20_000, begins + SPAN) == 20_000
    back, _ = poked(6_000, begins + SPAN, dead, feed)
    assert back.maintenance_factor(20_000, begins + SPAN) == 13_000
    assert Regime().stale_at == NO_FEED


def test_margins_in_a_regime() -> None:
    """Opening by the band at once and never above the default; maintenance by the clock."""
    regime, _ = poked(9_000, T, Regime(), Feed(10 * SPAN))
    market = replace(MARKET, regime=regime)
    assert margins(granted(), market, T) == (1_000, 300)
    assert margins(granted(), market, T + SPAN // 2) == (1_000, 450)
    assert margins(granted(), market, T + SPAN) == (1_000, 600)
    assert margins(granted(PLAIN), market, T + SPAN) == (2_000, 1_200)


def test_other_bands_hold_from_the_next_poke_on() -> None:
    regime, feed = poked(9_000, T, Regime(), Feed(HEARTBEAT))
    two = (BANDS[0], Band(7_000, 6_000, 20_000))
    assert next_band(two, feed, 100, False, T) == 1
    flat = (BANDS[0], Band(6_000, 5_000, 11_000), BANDS[2])
    at_one = replace(feed, band=1)
    kept, _ = regime.poke(at_one, flat, Reading(6_000, T), False, T)
    assert kept.factor.target == 20_000
    lower, _ = regime.poke(at_one, flat, Reading(6_000, T), True, T)
    assert lower.factor.target == 11_000


@pytest.mark.parametrize(
    "bands",
    [
        (),
        BANDS[1:],
        (Band(1, 0, ONE), *BANDS[1:]),
        (Band(0, 0, ONE + 1), *BANDS[1:]),
        (BANDS[0], Band(6_000, 6_000, 13_000), BANDS[2]),
        (BANDS[0], Band(9_000, 5_000, 13_000), BANDS[2]),
        (BANDS[0], Band(6_000, 0, 13_000), BANDS[2]),
        (BANDS[0], Band(7_600, 7_500, 13_000), BANDS[2]),
        (BANDS[0], Band(6_000, 5_000, ONE), BANDS[2]),
        (BANDS[0], Band(6_000, 5_000, 20_000), BANDS[2]),
        BANDS[:2],
        (*BANDS[:2], Band(9_000, 7_500, 20_001)),
        (*BANDS, Band(9_500, 9_000, 20_000)),
    ],
)
def test_bands_that_are_none(bands: tuple[Band, ...]) -> None:
    assert valid(BANDS, 20_000) and valid(BANDS[:1], ONE)
    assert not valid(bands, 20_000)


def test_the_greatest_factor_and_number_of_bands() -> None:
    four = (*BANDS, Band(12_000, 11_000, 30_000))
    assert valid(four, 30_000) and not valid((*four, Band(13_000, 12_000, 30_001)), 30_001)
    assert not valid((*BANDS, Band(12_000, 11_000, 30_001)), 30_001)
    assert pack(four) >> 192 == 12_000 | 11_000 << 24 | 30_000 << 48
