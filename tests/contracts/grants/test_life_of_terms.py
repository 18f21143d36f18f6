"""
A life of two accounts on the EVM, act by act as on the Python model: after each, the same terms and
the same record. So what the libraries do to slots is what was tried on thousands of lives there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple
from random import Random
from typing import Any

import pytest
from anvil_node import start_anvil
from support.effective import BANDS, STRICTEST
from support.effective_life import ACCOUNTS, HEARTBEAT, Act, Life, random_act, random_wait
from terms_world import TermsWorld, deploy, tier_words

from contracts.client.chain import Chain
from policies.effective.conduct import DAY
from policies.effective.terms import Status

pytestmark = pytest.mark.evm
STEPS = 120
ADDRESSES = ["0x" + "11" * 20, "0x" + "22" * 20]
HONEST, REVERTS = 0, 1


@pytest.fixture(scope="module")
def chain() -> Iterator[Chain]:
    """A node of its own: years pass on it."""
    process, url = start_anvil()
    yield Chain.connect(url)
    process.terminate()
    process.wait(20)


class Twin:
    """A harness in which the acts of a life are transactions."""

    def __init__(self, chain: Chain, life: Life) -> None:
        self.chain, self.life = chain, life
        self.world = TermsWorld.build(chain, BANDS, STRICTEST, life.market.default)
        self.feed, self.sequencer = (deploy(chain, "MockFeed", decimals) for decimals in (2, 0))
        self.world.send("setFeed", self.feed.address, HEARTBEAT, self.sequencer.address)
        for serial, tier in enumerate(life.tiers, 1):
            self.world.send("setTier", serial, tier_words(tier))
        life.time = chain.now() + 10

    def do(self, act: Act) -> None:
        """The act, in the block of the life's second."""
        name, arguments = getattr(self, act[0])(*act[1])
        self.chain.web3.provider.make_request("evm_setNextBlockTimestamp", [self.life.time])
        self.world.send(name, *arguments)
        assert self.chain.now() == self.life.time

    def give(self, account: int, tier: int, days: int) -> tuple[str, Any]:
        return "give", (ADDRESSES[account], tier + 1, 1, self.life.time + days * DAY)

    def end(self, account: int) -> tuple[str, Any]:
        return "end", (ADDRESSES[account],)

    def report(self, account: int, level: int, engine: int) -> Any:
        reported = (ADDRESSES[account], level, 2, 9, engine.to_bytes(32))
        return "reportConduct", reported

    def carry(self, other: int, account: int) -> tuple[str, Any]:
        return "carry", (ADDRESSES[other], ADDRESSES[account])

    def take_back(self, account: int, engine: int) -> tuple[str, Any]:
        return "takeBack", (ADDRESSES[account], engine)

    def set_default(self, terms: Any) -> tuple[str, Any]:
        return "setDefault", (tier_words(terms),)

    def poke(self, reading: Any, sequencer_up: bool) -> tuple[str, Any]:
        said = (REVERTS, 0, 0, 0)
        if reading:
            said = (HONEST, reading.volatility, 0, reading.updated_at)
        self.world.send_to(self.feed, "set", *said)
        self.world.send_to(self.sequencer, "set", HONEST, int(not sequencer_up), 1, 1)
        return "poke", ()

    def compare(self) -> set[Status]:
        """Terms and record of both accounts; their statuses."""
        terms, records, time = self.world.read("look", ADDRESSES)
        ours = [self.life.terms(account, time) for account in ACCOUNTS]
        assert [tuple(each) for each in terms] == [astuple(each) for each in ours]
        assert [tuple(each) for each in records] == [
            astuple(self.life.records[account]) for account in ACCOUNTS
        ]
        return {each.status for each in ours}


def test_a_life(chain: Chain) -> None:
    random = Random(21)
    life = Life.begin(random)
    twin = Twin(chain, life)
    met: set[Any] = set()
    for _ in range(STEPS):
        act = random_act(random, life)
        if act[0] == "report" and random.random() < 0.2:
            act = ("take_back", (act[1][0], act[1][-1]))
        twin.do(act)
        life.do(act)
        met |= {act[0], *twin.compare()}
        life.time += max(10, random_wait(random, life))
    assert met >= {*Status, "give", "end", "report", "carry", "take_back", "set_default", "poke"}


def test_an_alarm_ends_a_grant_before_its_expiry(chain: Chain) -> None:
    """Only where something has ended is more than three slots read."""
    life = Life.begin(Random(22))
    twin = Twin(chain, life)
    for account in ACCOUNTS:
        twin.world.send("give", ADDRESSES[account], 1, account + 1, chain.now() + 30 * DAY)
    twin.world.send("endRoot", 1)
    statuses = [terms[7] for terms in twin.world.read("look", ADDRESSES)[0]]
    assert statuses == [Status.ENDING, Status.RUNNING]
