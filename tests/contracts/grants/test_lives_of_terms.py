"""
Random lives again, with reports, readings of the feed and other defaults in between: after each
step the registry's effective terms and records of all accounts are those of the Python model.
"""

from __future__ import annotations

from dataclasses import astuple, replace

import pytest
from eth_utils.crypto import keccak
from grants.grants_world import (
    ACCOUNTS_OF_A_LIFE,
    DAY,
    FEED_HEARTBEAT,
    NOTICE,
    TELLER,
    Terms,
    key_address,
    market_feed,
)
from grants.machine import Contract
from grants.test_lives import Life
from support.effective import BANDS

from policies.effective.conduct import Record
from policies.effective.regime import Feed, Reading, pack
from policies.effective.terms import Effective, Status, Tier, terms_at

pytestmark = pytest.mark.evm
HONEST, REVERTS = 0, 1
DEFAULTS = (
    Terms(5_000, 2_500, 10_000, 10_000, 2, 0, 0),
    Terms(1_500, 900, 600, 200, 6, 0, 0),
    Terms(1_000, 500, 450, 150, 10, 0, 0),
)
"""The last one is the worst tier's."""


def engine_of(index: int) -> bytes:
    """The address of an engine."""
    return bytes(keccak(text=f"engine {index}")[12:])


class LifeOfTerms(Life):
    """A life whose market and conduct move."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.statuses: set[Status] = set()
        self.feed = Feed(FEED_HEARTBEAT)
        self.next: tuple[Terms, int] | None = None
        self.source: Contract = market_feed(self.world.machine)
        self._announce(DEFAULTS[0])
        self.speaks: dict[int, int] = {}
        """Index of each engine that is not switched off, and from when it reports."""
        self.engines = 0
        self._register()
        self._register()
        self.model.now += NOTICE
        self._begin()

    def step(self) -> None:
        for _ in range(self.random.randrange(3)):
            self.model.now += self.random.choice((1, 12, 600, DAY // 3))
            self.world.at(self.model.now)
            name = self.random.choices(
                ("report", "carry", "poke", "announce", "begin", "void", "take_back"),
                (30, 10, 30, 3, 5, 2, 6),
            )[0]
            self.seen[name] = self.seen.get(name, 0) + 1
            getattr(self, f"_{name}")()
            self._agree()
        super().step()

    # -- the acts ----------------------------------------------------------------------------------
    def _report(self) -> None:
        name = self.random.choice(list(ACCOUNTS_OF_A_LIFE))
        level, engine = self.random.choice((0, 1, 1, 2, 3)), self.random.choice(self._speaking())
        place = key_address(ACCOUNTS_OF_A_LIFE[name])
        self._both(
            lambda: self.model.report(name, level, engine),
            lambda: self.world.grants.call(
                engine_of(engine), "reportConduct", place, level, 3, 9, bytes(32)
            ),
        )

    def _speaking(self) -> list[int]:
        return [engine for engine, begins in self.speaks.items() if begins <= self.model.now]

    def _register(self) -> None:
        self.engines += 1
        engine = engine_of(self.engines)
        self.world.machine.state.set_code(engine, b"\0")
        self.world.at(self.model.now).governor("registerEngine", engine, 3)
        self.speaks[self.engines] = self.model.now + NOTICE

    def _void(self) -> None:
        """An engine is switched off and voided; another one reports after the notice."""
        if len(self._speaking()) < 2:
            return
        out = self._speaking()[0]
        del self.speaks[out]
        self.world.guardian("disableEngine", engine_of(out))
        self.world.governor("voidReports", engine_of(out))
        self.model.voided[out] = self.model.now + NOTICE
        self._register()

    def _take_back(self) -> None:
        name = self.random.choice(list(ACCOUNTS_OF_A_LIFE))
        self._both(
            lambda: self.model.take_back(name),
            lambda: self.world.anybody("takeBackReports", key_address(ACCOUNTS_OF_A_LIFE[name])),
        )

    def _carry(self) -> None:
        one, other = self.random.sample(list(ACCOUNTS_OF_A_LIFE), 2)
        places = [key_address(ACCOUNTS_OF_A_LIFE[name]) for name in (one, other)]
        self._both(
            lambda: self.model.carry(one, other),
            lambda: self.world.anybody("carryConduct", *places),
        )

    def _poke(self) -> None:
        reading = None
        if self.random.random() < 0.8:
            line = self.random.choice((100, 5_000, 6_000, 7_500, 9_000))
            reading = Reading(max(100, line + self.random.choice((-1, 0, 500))), self.model.now)
        told = (
            (HONEST, reading.volatility, 0, reading.updated_at) if reading else (REVERTS, 0, 0, 0)
        )
        self.source.call(TELLER, "set", *told)
        self.world.anybody("poke")
        market = self.model.market
        regime, self.feed = market.regime.poke(self.feed, BANDS, reading, True, self.model.now)
        self.model.market = replace(market, regime=regime)

    def _announce(self, terms: Terms | None = None) -> None:
        terms = terms or self.random.choice(DEFAULTS)
        rules = (astuple(terms), pack(BANDS), self.source.place, FEED_HEARTBEAT, bytes(20))
        self.world.at(self.model.now).governor("announceMarket", rules)
        self.next = (terms, self.model.now + NOTICE)

    def _begin(self) -> None:
        self.world.at(self.model.now)
        if self.next is None or self.model.now < self.next[1]:
            with self.world.refuses("MarketPending" if self.next else "NothingAnnounced"):
                self.world.anybody("beginMarket")
            return
        self.world.anybody("beginMarket")
        terms, market = self.next[0], self.model.market
        tier = Tier(*astuple(terms)[:6])
        self.model.market = replace(market, default=market.default.retarget(tier, self.model.now))
        self.next = None

    # -- after each step ---------------------------------------------------------------------------
    def _agree(self) -> None:
        super()._agree()
        for name, account in ACCOUNTS_OF_A_LIFE.items():
            place = key_address(account)
            ours = terms_at(self.model.lasting(name), self.model.market, self.model.now)
            theirs = Effective(*self.world.anybody("effectiveTerms", place))
            held = self.model.grants.get(name)
            assert theirs.subject == (self.world.grant(account)["subject"] if held else 0)
            assert theirs == replace(ours, subject=theirs.subject)
            record = self.model.records.get(name, Record())
            assert self.world.anybody("conductOf", place) == astuple(record)
            self.statuses.add(ours.status)


def live(seed: int, steps: int) -> LifeOfTerms:
    life = LifeOfTerms(seed)
    for _ in range(steps):
        life.step()
    return life


def test_lives() -> None:
    life = live(8, 80)
    assert life.statuses == set(Status) and life.model.voided
    assert {"report", "carry", "poke", "begin", "first", "renewed"} <= set(life.seen)


@pytest.mark.slow
def test_long_lives() -> None:
    seen = {name for seed in (200, 201) for name in live(seed, 110).seen}
    assert {"moved", "announced", "OtherSubject", "announce", "begin", "void"} <= seen
