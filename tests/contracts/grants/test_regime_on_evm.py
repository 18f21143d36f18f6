"""
The regime on the EVM: what a poke writes is what `policies.effective.regime` says, and whatever a
feed does, a poke goes through and believes only what is in range.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from support.effective import BANDS, STRICTEST, about, default_of, market_of
from terms_world import TermsWorld, deploy, feed_words, market_words

from contracts.client.chain import Chain
from policies.effective.glide import ONE, SPAN, Clock
from policies.effective.regime import HOLD, NO_FEED, Band, Feed, Reading, pack, valid
from policies.effective.terms import Default, Market

pytestmark = pytest.mark.evm
COUNT = 3_000
DEFAULT = Default(2_000, Clock(1_200, 1_200, 0), 600, 200, 5)
HEARTBEAT = 3_600
HONEST, REVERTS, BURNS_GAS, SHORT, LONG = range(5)
OTHER_BANDS = (
    BANDS,
    (BANDS[0], Band(7_000, 6_000, STRICTEST)),
    (*BANDS[:2], Band(7_000, 6_500, 15_000), Band(9_500, 9_000, STRICTEST)),
)


@dataclass(frozen=True, slots=True)
class Poke:
    """A state and a reading."""

    market: Market
    feed: Feed
    bands: Sequence[Band]
    reading: Reading | None
    sequencer_up: bool
    time: int


def poke_of(random: Random) -> Poke:
    time = 1_800_000_000 + random.randrange(SPAN)
    bands = random.choice(OTHER_BANDS)
    feed = Feed(random.choice([1, HEARTBEAT, 2 * SPAN]), random.randrange(4), about(random, time))
    line = random.choice([line for band in bands for line in (band.entered, band.left)])
    volatility = max(0, line + random.choice([-1, 0, 1, 1_000]))
    reading = Reading(volatility, time - random.randint(0, feed.heartbeat))
    market = market_of(random, default_of(random), time)
    up, counts = random.random() < 0.8, random.random() < 0.9
    return Poke(market, feed, bands, reading if counts else None, up, time)


def reading_words(poke: Poke) -> tuple[int, ...]:
    counts, reading = poke.reading is not None, poke.reading or Reading(0, 0)
    return (counts, reading.volatility, reading.updated_at, poke.sequencer_up, poke.time)


def test_pokes_are_the_contract_s(anvil_url: str) -> None:
    world = TermsWorld.build(Chain.connect(anvil_url), BANDS, STRICTEST)
    random = Random(15)
    pokes = [poke_of(random) for _ in range(COUNT)]
    markets, feeds = world.rows(
        "poked",
        [market_words(poke.market) for poke in pokes],
        [feed_words(poke.feed) for poke in pokes],
        [(pack(poke.bands),) for poke in pokes],
        [reading_words(poke) for poke in pokes],
        widths=[12, 5],
    )
    for poke, market, feed in zip(pokes, markets, feeds, strict=True):
        ours, kept = poke.market.regime.poke(
            poke.feed, poke.bands, poke.reading, poke.sequencer_up, poke.time
        )
        clock = ours.factor
        assert market[7:11] == (clock.start, clock.target, clock.since, ours.stale_at), poke
        assert feed == feed_words(kept), poke


def test_bands_are_the_contract_s(anvil_url: str) -> None:
    """Bands with one number changed: both take the same ones."""
    world = TermsWorld.build(Chain.connect(anvil_url), BANDS, STRICTEST)
    random = Random(16)
    cases = [
        (tuple(changed(random, band) for band in random.choice(OTHER_BANDS)), strictest)
        for strictest in (STRICTEST, STRICTEST + 1, 30_000, 30_001)
        for _ in range(500)
    ]
    (said,) = world.rows(
        "valid",
        [(pack(bands),) for bands, _ in cases],
        [(strictest,) for _, strictest in cases],
        widths=[1],
    )
    ours = [valid(bands, strictest) for bands, strictest in cases]
    assert [bool(word) for (word,) in said] == ours
    assert 50 < sum(ours) < len(cases) - 50


def changed(random: Random, band: Band) -> Band:
    if random.random() < 0.7:
        return band
    by = random.choice([-500, -1, 1, 500, 10_000])
    fields = [band.entered, band.left, band.factor]
    place = random.randrange(3)
    fields[place] = max(0, fields[place] + by)
    return Band(*fields)


# -- the feed --------------------------------------------------------------------------------------
class Feeds:
    """A harness with a volatility feed and a sequencer's."""

    def __init__(self, chain: Chain, decimals: int = 8) -> None:
        self.world = TermsWorld.build(chain, BANDS, STRICTEST, DEFAULT)
        self.unit = 10**decimals
        self.feed = deploy(chain, "MockFeed", decimals)
        self.sequencer = deploy(chain, "MockFeed", 0)
        self.world.send("setFeed", self.feed.address, HEARTBEAT, self.sequencer.address)

    def poke(
        self,
        answer: int,
        *,
        age: int = 0,
        manner: int = HONEST,
        sequencer: int = 0,
        since: int = -SPAN,
    ) -> tuple[Any, Any, int]:
        """The market, the feed and the second after a poke at an answer of this age."""
        chain = self.world.chain
        now = chain.now() + 10
        self.world.send_to(self.feed, "set", manner, answer, 0, now - age)
        self.world.send_to(
            self.sequencer, "set", HONEST, sequencer, now + since if since else 0, now
        )
        chain.advance_time(now - chain.now() - 1)
        receipt = self.world.send("poke")
        assert chain.now() == now
        market, feed = self.world.read("market"), self.world.read("feed")
        assert receipt["status"] == 1
        return market, feed, now


@pytest.fixture(scope="module")
def chain() -> Chain:
    return Chain.embedded()


@pytest.fixture
def feeds(chain: Chain) -> Iterator[Feeds]:
    snapshot = chain.tester.take_snapshot()
    yield Feeds(chain)
    chain.tester.revert_to_snapshot(snapshot)


def factor_to(market: Any) -> int:
    return int(market[8])


def stale_at(market: Any) -> int:
    return int(market[10])


def test_answers_round_up_to_hundredths(feeds: Feeds) -> None:
    assert factor_to(feeds.poke(60 * feeds.unit - feeds.unit // 100)[0]) == ONE
    market, feed, now = feeds.poke(60 * feeds.unit - feeds.unit // 100 + 1)
    assert (factor_to(market), feed[3], feed[4]) == (13_000, 1, now)
    assert stale_at(market) == now + HEARTBEAT + 1


@pytest.mark.parametrize(
    "answer", [0, -1, 10**8 - 1, 1_000 * 10**8 + 1, 2**255 - 1, -(2**255)], ids=str
)
def test_answers_out_of_range_do_not_count(feeds: Feeds, answer: int) -> None:
    feeds.poke(feeds.unit)
    market, _, now = feeds.poke(answer)
    assert (factor_to(market), stale_at(market)) == (ONE, now)


@pytest.mark.parametrize("answer", [10**8, 1_000 * 10**8])
def test_answers_at_the_ends_of_the_range_count(feeds: Feeds, answer: int) -> None:
    market, _, now = feeds.poke(answer)
    assert stale_at(market) == now + HEARTBEAT + 1


@pytest.mark.parametrize(
    ("age", "counts"), [(-1, False), (0, True), (HEARTBEAT, True), (HEARTBEAT + 1, False)]
)
def test_answers_count_for_a_heartbeat(feeds: Feeds, age: int, counts: bool) -> None:
    market, _, now = feeds.poke(feeds.unit, age=age)
    assert stale_at(market) == (now - age + HEARTBEAT + 1 if counts else now)


@pytest.mark.parametrize("manner", [REVERTS, BURNS_GAS, SHORT])
def test_a_feed_that_misbehaves_is_dead(feeds: Feeds, manner: int) -> None:
    feeds.poke(feeds.unit)
    market, _, now = feeds.poke(90 * feeds.unit, manner=manner)
    assert (factor_to(market), stale_at(market)) == (ONE, now)
    assert stale_at(feeds.poke(feeds.unit, manner=manner)[0]) == now


def test_a_long_answer_is_read_to_its_length(feeds: Feeds) -> None:
    market, _, _ = feeds.poke(90 * feeds.unit, manner=LONG)
    assert factor_to(market) == STRICTEST


@pytest.mark.parametrize(
    ("says", "since", "up"),
    [
        (0, -3_601, True),
        (0, -3_600, False),
        (0, 1, False),
        (0, 0, False),
        (1, -SPAN, False),
        (2, -SPAN, False),
    ],
)
def test_nothing_loosens_without_the_sequencer(
    feeds: Feeds, says: int, since: int, up: bool
) -> None:
    """Its outage, and an hour after it."""
    before, _, _ = feeds.poke(feeds.unit)
    market, _, now = feeds.poke(feeds.unit, sequencer=says, since=since)
    assert stale_at(market) == (now + HEARTBEAT + 1 if up else stale_at(before))
    tighter, _, _ = feeds.poke(90 * feeds.unit, sequencer=says, since=since)
    assert factor_to(tighter) == STRICTEST


def test_too_little_gas_is_no_dead_feed(feeds: Feeds) -> None:
    feeds.poke(feeds.unit)
    assert feeds.world.refusal("poke", gas=180_000) == "TooLittleGasForFeed"


@pytest.mark.parametrize(
    ("decimals", "heartbeat", "taken"),
    [(18, 2 * SPAN, True), (19, 1, False), (0, 1, True), (8, 0, False), (8, 2 * SPAN + 1, False)],
)
def test_what_feed_is_taken(
    feeds: Feeds, chain: Chain, decimals: int, heartbeat: int, taken: bool
) -> None:
    feed = deploy(chain, "MockFeed", decimals)
    arguments = ("setFeed", feed.address, heartbeat, feed.address)
    if taken:
        feeds.world.read(*arguments)
    else:
        assert feeds.world.refusal(*arguments) == "FeedInvalid"


def test_no_contract_is_no_feed(feeds: Feeds) -> None:
    nobody = "0x" + "11" * 20
    assert feeds.world.refusal("setFeed", nobody, 1, nobody) == "FeedInvalid"


def test_without_a_feed_nothing_goes_stale() -> None:
    """From the constructor on; the hold ends after the last second of 32 bits."""
    assert NO_FEED + HOLD > 1 << 32
