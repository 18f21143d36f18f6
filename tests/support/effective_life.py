"""
Two accounts, a market and a feed that live on: what the registry writes of effective terms, act by
act, on the Python model. `random_act` draws acts; `Life.do` performs them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from policies.effective.conduct import DAY, Record
from policies.effective.glide import Clock
from policies.effective.regime import Band, Feed, Reading, Regime
from policies.effective.terms import (
    Default,
    Effective,
    Grant,
    Market,
    Tier,
    first_grant,
    terms_at,
)
from support.effective import BANDS, NOW, STRICTEST, default_of, tier_of

HEARTBEAT = 3_600
ACCOUNTS = (0, 1)
TIERS = 5
CHECK = 600

Act = tuple[str, tuple[Any, ...]]
"""Name of a method of `Life`, and its arguments."""


@dataclass
class Life:
    """Everything that effective terms depend on, and the second."""

    time: int
    market: Market
    tiers: Sequence[Tier]
    bands: Sequence[Band] = BANDS
    feed: Feed = field(default_factory=lambda: Feed(HEARTBEAT))
    grants: dict[int, Grant | None] = field(default_factory=lambda: dict.fromkeys(ACCOUNTS))
    records: dict[int, Record] = field(
        default_factory=lambda: {account: Record() for account in ACCOUNTS}
    )

    @classmethod
    def begin(cls, random: Random, time: int = NOW) -> Life:
        """Two accounts without a grant, a calm market."""
        terms = default_of(random)
        clock = Clock(terms.maintenance, terms.maintenance, 0)
        default = Default(
            terms.initial, clock, terms.taker_fee, terms.maker_fee, terms.max_leverage
        )
        tiers = [tier_of(random, terms) for _ in range(TIERS)]
        return cls(time, Market(default, Regime(), STRICTEST), tiers)

    def do(self, act: Act) -> None:
        """Perform an act now."""
        name, arguments = act
        getattr(self, name)(*arguments)

    def terms(self, account: int, time: int | None = None) -> Effective:
        """Terms now, or in another second if nothing is written until then."""
        return terms_at(self.grants[account], self.market, self.time if time is None else time)

    def set_default(self, terms: Tier) -> None:
        """Another default."""
        self.market = replace(self.market, default=self.market.default.retarget(terms, self.time))

    def poke(self, reading: Reading | None, sequencer_up: bool) -> None:
        """A reading of the feed."""
        regime, self.feed = self.market.regime.poke(
            self.feed, self.bands, reading, sequencer_up, self.time
        )
        self.market = replace(self.market, regime=regime)

    def set_bands(self, bands: Sequence[Band]) -> None:
        """Other bands, from the next poke on."""
        self.bands = bands

    def give(self, account: int, tier: int, days: int) -> None:
        """A grant: the first, a renewal, an upgrade or a downgrade."""
        record, terms, end = self.records[account], self.tiers[tier], self.time + days * DAY
        grant, write = self.grants[account], (record.level, record.until, self.market, self.time)
        self.grants[account] = (
            replace(grant.retarget(terms, *write), end=end)
            if grant
            else first_grant(terms, end, *write)
        )

    def end(self, account: int) -> None:
        """The end of a grant."""
        grant = self.grants[account]
        if grant:
            self.grants[account] = replace(grant, end=min(grant.end, self.time))

    def report(self, account: int, level: int, engine: int) -> None:
        """A report of an engine."""
        self._keep(account, self.records[account].report(level, engine, self.time))

    def carry(self, other: int, account: int) -> None:
        """What was reported of one account goes to another."""
        self._keep(account, self.records[account].join(self.records[other], self.time))

    def take_back(self, account: int, engine: int) -> None:
        """What an engine said of an account counts no more."""
        record = self.records[account]
        if record.engine == engine:
            self._keep(account, record.without_engine())

    def _keep(self, account: int, record: Record) -> None:
        """A grant that is over keeps its conduct; the next one starts with the record."""
        self.records[account] = record
        grant = self.grants[account]
        if grant and self.time < grant.end:
            self.grants[account] = grant.retarget(
                grant.tier, record.level, record.until, self.market, self.time
            )


def random_act(random: Random, life: Life) -> Act:
    """One of all acts but taking back; changes of the default are rare."""
    account = random.choice(ACCOUNTS)
    draw = random.random()
    if draw < 0.25:
        return "give", (account, random.randrange(TIERS), random.choice([1, 2, 30, 90]))
    if draw < 0.32:
        return "end", (account,)
    if draw < 0.55:
        level = random.choice([0, 1, 1, 2, 3])
        return "report", (account, level, random.randrange(1, 4))
    if draw < 0.62:
        return "carry", (account, 1 - account)
    if draw < 0.66:
        return "set_default", (another_default(random, life),)
    return "poke", (random_reading(random, life), random.random() < 0.8)


def another_default(random: Random, life: Life) -> Tier:
    """A default that is nowhere better than any tier."""
    worst = [max(getattr(tier, name) for tier in life.tiers) for name in ("initial", "maintenance")]
    while True:
        terms = default_of(random)
        least = min(tier.max_leverage for tier in life.tiers)
        if terms.initial >= worst[0] and terms.maintenance >= worst[1]:
            return replace(terms, max_leverage=min(terms.max_leverage, least))


def random_reading(random: Random, life: Life) -> Reading | None:
    """A reading that does not count, or one near a line of a band."""
    if random.random() < 0.2:
        return None
    line = random.choice([100, *(line for band in BANDS for line in (band.entered, band.left))])
    volatility = max(100, line + random.choice([-1, 0, 1, 500, -500]))
    return Reading(volatility, life.time - random.choice([0, 1, HEARTBEAT]))


def random_wait(random: Random, life: Life) -> int:
    """Seconds until the next block: one, some, or about when something happens by itself."""
    awaited = [life.terms(account).changes_at - life.time for account in ACCOUNTS]
    known = [wait + shift for wait in awaited for shift in (-1, 0, 1) if wait > 1]
    return random.choice([1, 2, 12, 12, 12, 600, 3_600, DAY - 1, DAY, DAY + 1, 9 * DAY, *known])
