"""
Random lives of accounts, thousands of steps: what effective terms promise, in every second that the
test looks at, whatever happens.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from support.effective import BANDS
from support.effective_life import ACCOUNTS, Life, random_act, random_wait

from policies.effective.conduct import LIQUIDATED, PERIODS
from policies.effective.glide import ONE, SPAN, product, scaled
from policies.effective.regime import HOLD, Reading
from policies.effective.terms import CONDUCT_FACTORS, Market, Status

STEPS = 1_500
BLOCK = 12
"""Seconds between two blocks."""


def up(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)


def allowed(life: Life, account: int, seconds: int) -> int:
    """
    By how much maintenance may rise in so many seconds from now if nobody writes: no more than each
    clock moves in them, whatever its value was.
    """

    def most(rise: int) -> int:
        return up(max(rise, 0) * min(seconds, SPAN), SPAN)

    grant, market, time = life.grants[account], life.market, life.time
    later = time + seconds
    clock, factor = market.default.maintenance, market.regime.factor
    default = most(clock.target - clock.start)
    if grant is None:
        return default
    factor_rise = max(most(factor.target - factor.start), most(market.strictest - ONE))
    goal = max(grant.goal(market, time), grant.goal(market, later))
    own = most(goal - grant.start) + (default + 1 if grant.level == LIQUIDATED else 0)
    live = up(own * market.factor(later) + grant.own(market, time) * factor_rise, ONE)
    low = min(grant.start, grant.tier.maintenance)
    ending = most(market.maintenance(later) - low) + default + 1 if later >= grant.end else 0
    return max(default, live, ending)


@pytest.mark.parametrize("seed", range(6))
def test_lives(seed: int) -> None:
    random = Random(seed)
    life = Life.begin(random)
    reports: list[tuple[int, int, int]] = []
    rises: list[int] = []
    met: Counter[str] = Counter()
    for _ in range(STEPS):
        act = random_act(random, life)
        met[act[0]] += 1
        before = [life.terms(account).maintenance for account in ACCOUNTS]
        life.do(act)
        if act[0] == "report":
            reports.append((life.time, act[1][0], act[1][1]))
        for account in ACCOUNTS:
            assert life.terms(account).maintenance <= before[account], act
            met[life.terms(account).status.name] += 1
            check_bounds(life, account)
            check_conduct(life, account, reports)
        wait = random_wait(random, life)
        for account in ACCOUNTS:
            check_wait(random, life, account, wait)
            rises.append(
                life.terms(account, life.time + BLOCK).maintenance - life.terms(account).maintenance
            )
        life.time += wait
    assert max(rises) <= 4
    assert min(met[each] for each in ("give", "end", "report", "carry", "set_default", "poke")) > 10
    assert min(met[status.name] for status in Status) > 0


def check_bounds(life: Life, account: int) -> None:
    """Never worse than the default; opening never better than the tier; opening is the stricter."""
    terms, default = life.terms(account), life.market.default
    assert terms.initial <= default.initial
    assert terms.maintenance <= life.market.maintenance(life.time)
    assert terms.taker_fee <= default.taker_fee and terms.maker_fee <= default.maker_fee
    assert terms.max_leverage * terms.initial <= ONE or terms.max_leverage == default.max_leverage
    assert terms.maintenance <= terms.initial
    grant = life.grants[account]
    if grant is None or terms.status != Status.RUNNING:
        assert terms.initial == default.initial
        return
    tier = grant.tier
    assert terms.initial >= tier.initial
    assert terms.maintenance >= min(grant.start, tier.maintenance, default.maintenance.start)
    assert terms.max_leverage <= tier.max_leverage
    assert terms.taker_fee >= tier.taker_fee and terms.maker_fee >= tier.maker_fee
    assert terms.limit == tier.limit


def check_conduct(life: Life, account: int, reports: list[tuple[int, int, int]]) -> None:
    """What was reported of an account is in its record until its time is over, and in its terms."""
    record, time = life.records[account], life.time
    said = [
        level for at, whose, level in reports if whose == account and time < at + PERIODS[level]
    ]
    level = max(said, default=0)
    assert record.level_at(time) >= level
    terms, grant = life.terms(account), life.grants[account]
    if terms.status != Status.RUNNING or grant is None:
        return
    assert grant.level_at(time) == record.level_at(time)
    default = life.market.default
    opening = life.market.regime.opening_factor(life.market.strictest, time)
    least = (
        default.initial
        if level == LIQUIDATED
        else product(grant.tier.initial, CONDUCT_FACTORS[level], opening)
    )
    assert terms.initial >= min(default.initial, least)


def check_wait(random: Random, life: Life, account: int, wait: int) -> None:
    """
    Nothing changes before `changes_at`; maintenance rises by its clocks alone, between any two
    seconds of the wait; after a day without a write it has arrived.
    """
    now, begin = life.terms(account), life.time
    quiet = (now.changes_at or begin + 30 * SPAN) - 1
    for time in (quiet, random.randint(begin, quiet)):
        assert replace(life.terms(account, time), changes_at=0) == replace(now, changes_at=0)
    seconds = sorted({begin, begin + wait, *(begin + random.randint(0, wait) for _ in range(3))})
    for earlier, later in pairwise(seconds):
        life.time = earlier
        most = allowed(life, account, later - earlier)
        rise = life.terms(account, later).maintenance - life.terms(account).maintenance
        assert rise <= most, (earlier, later)
    life.time = begin
    grant, later = life.grants[account], begin + SPAN
    if grant and later < min(grant.end, grant.conduct_until or grant.end):
        goal = scaled(grant.goal(life.market, later), life.market.factor(later))
        ours = life.terms(account, later).maintenance
        assert ours == min(life.market.maintenance(later), goal)


def test_a_dead_feed_liquidates_nobody() -> None:
    """Whatever a feed last said, no maintenance moves by its death for 72 hours, then for a day."""
    random = Random(7)
    for _ in range(200):
        life = Life.begin(random)
        life.give(0, 0, 90)
        for _ in range(10):
            life.do(("poke", (None, True)) if random.random() < 0.2 else random_poke(random, life))
            life.time += random.choice([12, 3_600, SPAN, 5 * SPAN])
        life.do(random_poke(random, life))
        died = life.market.regime.stale_at
        held = replace(life.market.regime, stale_at=(1 << 32) - 1)
        alive = Market(life.market.default, held, life.market.strictest)
        grant = life.grants[0]
        assert grant is not None and life.time < died
        for time in (died - 1, died, died + 1, died + HOLD - 1, died + HOLD):
            assert grant.maintenance(life.market, time) == grant.maintenance(alive, time)
        strict = scaled(grant.tier.maintenance, life.market.strictest)
        least = min(strict, life.market.maintenance(died))
        if died + HOLD + SPAN < grant.end:
            assert grant.maintenance(life.market, died + HOLD + SPAN) == least
            assert grant.maintenance(life.market, died + HOLD + SPAN - 1) >= least - 1
        opened = [life.terms(0, time).initial for time in (died - 1, died)]
        most = product(grant.tier.initial, ONE, life.market.strictest)
        assert opened[1] == min(most, life.market.default.initial) >= opened[0]


def random_poke(random: Random, life: Life) -> tuple[str, tuple[object, ...]]:
    while True:
        act = random_act(random, life)
        if act[0] == "poke" and act[1][0] is not None:
            return act[0], (act[1][0], True)


def test_repeated_writes_hold_no_glide_back() -> None:
    """The same report each hour, and a renewal with it: the target is reached when it was."""
    random = Random(8)
    for _ in range(100):
        life = Life.begin(random)
        life.give(0, 0, 90)
        level = random.choice([1, 2, 3])
        life.report(0, level, 1)
        arrives = life.time + SPAN
        quiet = life.terms(0, arrives).maintenance
        while life.time + 3_600 <= arrives:
            life.time += 3_600
            life.report(0, level, 1)
            life.give(0, 0, 90)
        assert life.time == arrives and life.terms(0).maintenance == quiet


def test_a_band_that_flaps_holds_no_glide_back() -> None:
    """Readings above and below the lines in turn: the factor is reached a day after the first."""
    life = Life.begin(Random(9))
    life.give(0, 0, 90)
    top = BANDS[-1]
    life.poke(Reading(top.entered, life.time), True)
    began = life.time
    while life.time < began + SPAN:
        life.time += 600
        low = (life.time // 600) % 2
        life.poke(Reading(100 if low else top.entered, life.time), True)
    assert life.market.factor(life.time) == top.factor
