"""The generated sample: the same everywhere, plausible, and read through the strict reader."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import pytest

from attestor.log import Log, build_log
from attestor.margin.account import MarginAccount, Mark, OptionTerms
from attestor.margin.moment import Valuer
from attestor.margin.requirement import margin
from attestor.statement import Fill, Line, Statement
from attestor.venues.marks_csv import MARKS
from attestor.venues.sample import (
    FIRST_DAY,
    Sample,
    documents,
    unsafe_attestors,
    write_sample,
)
from attestor.venues.sample_desk import BET_HOUR
from attestor.venues.sample_market import Dice, option
from attestor.venues.statement_csv import STATEMENT
from history.v2.oracle import assess
from history.v2.record import (
    BOOKED,
    CARRY,
    FILL,
    INFLOW,
    LIQUIDATION,
    MAKER,
    MARK,
    REWARD,
    TRANSFER,
    TRIP,
)
from policies.margin import MarginDocument, example_path
from policies.margin import example as margin_example
from policies.policy import example

DIGESTS = {STATEMENT: "b010a3209c2eccad", MARKS: "99feafd01fe82aa6"}
"""
How the SHA-256 of the files begins: a change of the generator, or a machine that computes
otherwise, shows.
"""
HOUR = 3_600 * 10**6
"""Microseconds."""
CAPACITY = 4_612
"""Records that a class of 2^13 holds once the whole of statement v2 is in."""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return write_sample(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="module")
def statements(sample: Sample) -> list[Statement]:
    file = sample.statement_file()
    return [file.statement(o.wallets, sample.first_day, sample.last_day) for o in sample.owners]


@pytest.fixture(scope="module")
def desk(statements: list[Statement]) -> Log:
    return build_log(statements[0])


def test_the_same_bytes_everywhere(sample: Sample, tmp_path: Path) -> None:
    again = write_sample(tmp_path)
    for name, digest in DIGESTS.items():
        content = (sample.folder / name).read_bytes()
        assert (again.folder / name).read_bytes() == content
        assert hashlib.sha256(content).hexdigest().startswith(digest)
    assert [owner.wallets for owner in again.owners] == [owner.wallets for owner in sample.owners]
    other = write_sample(tmp_path / "other", seed=8)
    assert (other.folder / STATEMENT).read_bytes() != content


def test_the_desk_shows_every_kind(desk: Log) -> None:
    records = desk.records
    assert (desk.wallets, desk.days) == (4, 92)
    assert 4_000 <= len(records) <= CAPACITY
    for bit in (FILL, TRANSFER, MARK, CARRY, REWARD, BOOKED, MAKER, TRIP, INFLOW):
        assert records.has(bit).any(), f"no record with bit {bit:#x}"
    assert (records.kind == 1).sum() == 7  # votes
    assert not records.has(LIQUIDATION).any()
    internal = records.has(TRANSFER) & ~records.has(INFLOW) & (records.value > 0)
    assert internal.sum() == 4  # three of money, one of coins
    assert records.exposure.max() > 20  # more than once its equity
    assert desk.opening > 10**9


def test_options_are_delivered_and_coins_come_and_go(statements: list[Statement]) -> None:
    desk = statements[0]
    settled = [fill for fill in desk.fills if fill.booked]
    assert len(settled) == 6 and all(fill.size > 0 for fill in settled)  # strangles were short
    assert sum(fill.price > 0 for fill in settled) == 1  # one in the money
    coins = [line for line in desk.lines if getattr(line, "coin", None) is not None]
    assert {type(line).__name__ for line in coins} == {"Transfer", "Carry"}
    assert {line.amount > 0 for line in coins} == {True, False}


def test_the_desk_meets_prime_and_all_but_the_trades_of_prime_plus(desk: Log) -> None:
    policy = example("standard").over(desk.first_day, desk.last_day)

    def failing(name: str) -> list[int]:
        found = assess(
            desk.records,
            desk.opening,
            desk.closing,
            desk.wallets,
            desk.first_day,
            desk.last_day,
            policy.tier(name).thresholds,
        )
        return [verdict.metric for verdict in found.failing]

    assert failing("member") == []
    assert failing("prime") == []
    # A market maker's trips are small and uneven beside those of the strangles: their t is 0.7.
    assert failing("prime-plus") == [3]


def test_the_neighbours_have_logs_too(sample: Sample, statements: list[Statement]) -> None:
    harbour, quarry = (build_log(each) for each in statements[1:])
    assert (harbour.wallets, quarry.wallets) == (2, 1)
    assert harbour.records.has(FILL).sum() == 92 * 2
    flagged = quarry.records.has(LIQUIDATION)
    assert flagged.sum() == 1 and quarry.records.distance[flagged].max() <= 0
    assert not harbour.records.has(LIQUIDATION).any()


# -- margin ----------------------------------------------------------------------------------------
def test_the_venue_margins_it_by_the_numbers_of_a_real_one(sample: Sample) -> None:
    """Of Deribit's standard margin, under the names that the sample gives its instruments."""
    document = MarginDocument.load(sample.folder / "margin.json")
    assert documents().files == (("margin/sample", document.digest),)
    ours, real = document.versions[0], margin_example("deribit-standard").versions[0]
    assert example_path("sample").read_bytes() == (sample.folder / "margin.json").read_bytes()
    assert ours.option_of("BTC") == real.option_of("BTC")
    for name, theirs in (("BTC-PERP", "BTC-PERPETUAL"), ("ETH-PERP", "ETH-PERPETUAL")):
        rule, same = ours.linear_of(name), real.linear_of(theirs)
        assert (rule.brackets, rule.slope) == (same.brackets, same.slope)
    assert ours.find_coin("BTC") == real.find_coin("BTC")


class Standing(NamedTuple):
    """A wallet at an instant of the clock: equity less maintenance, u', and maintenance."""

    wallet: str
    hour: int
    spare: int
    required: int


def clock(statement: Statement) -> Iterator[Standing]:
    """
    Every wallet with a position at every hour, from the lines alone: no book, no log, no record is
    asked.
    """
    assert statement.margin is not None
    terms = {
        name: OptionTerms(each.underlying, each.call, each.strike, each.expiry)
        for name, each in statement.instruments.items()
        if each.underlying is not None and each.strike is not None and each.expiry is not None
    }
    valuer, marks = Valuer(statement.margin, terms), dict[str, Mark]()
    cash: dict[str, int] = defaultdict(int)
    sizes: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for wallet, opening in statement.openings.items():
        cash[wallet] = opening.balance
        for held in opening.positions:
            cash[wallet] -= held.size * held.entry
            sizes[wallet][held.instrument] += held.size
    events: list[Fill | Line] = sorted(
        chain(statement.fills, statement.lines), key=lambda event: event.time
    )
    prices = [quote for quote in statement.quotes if quote.mark]
    begins = statement.first_day * 24
    for hour in range(begins, begins + statement.days * 24):
        now = hour * HOUR
        while prices and prices[0].time <= now:
            each = prices.pop(0)
            marks[each.instrument] = Mark(each.price, each.volatility, each.delta)
        while events and events[0].time < now:
            take(events.pop(0), cash, sizes)
        for wallet, held in sizes.items():
            account = MarginAccount(cash[wallet], {n: size for n, size in held.items() if size})
            if account.sizes:
                moment = valuer.at(now, marks.__getitem__, account.sizes)
                groups = moment.groups(account)
                equity = account.cash + sum(group.equity for group in groups)
                required = sum(margin(group, moment) for group in groups)
                yield Standing(wallet, hour - begins, equity - required, required)


def take(event: Fill | Line, cash: dict[str, int], sizes: dict[str, dict[str, int]]) -> None:
    if isinstance(event, Fill):
        cash[event.wallet] -= event.size * event.price + event.fee
        sizes[event.wallet][event.instrument] += event.size
    elif getattr(event, "coin", None) is not None:
        sizes[event.wallet][event.coin.instrument] += event.coin.size
    else:
        cash[event.wallet] += getattr(event, "amount", 0)


def test_no_hour_of_the_desk_is_under_maintenance(statements: list[Statement]) -> None:
    hours = 0
    for owner in statements[:2]:
        for each in clock(owner):
            assert each.spare > 0, each
            hours += 1
    assert hours > 3 * 92 * 24


def test_the_strangles_are_what_its_margin_is_for(statements: list[Statement]) -> None:
    """They survive because they are small enough: at twice the size they would not."""
    volatility = statements[0].wallets[1]
    seen = [each for each in clock(statements[0]) if each.wallet == volatility]
    assert min(each.spare - each.required for each in seen) < 0 < min(each.spare for each in seen)


def test_the_neighbour_is_liquidated_when_its_equity_no_longer_covers_maintenance(
    statements: list[Statement],
) -> None:
    quarry = statements[2]
    closed = next(fill for fill in quarry.fills if fill.liquidation)
    hour = closed.time // HOUR - quarry.first_day * 24
    standings = {each.hour: each.spare for each in clock(quarry)}
    assert standings[hour] < 0
    assert all(standings[before] >= 0 for before in range(BET_HOUR + 1, hour))


def test_a_shorter_sample(tmp_path: Path) -> None:
    short = write_sample(tmp_path, days=9)
    log = build_log(
        short.statement_file().statement(short.owners[0].wallets, FIRST_DAY, FIRST_DAY + 8)
    )
    assert (log.days, log.wallets) == (9, 4)
    assert 300 < len(log.records) < 600
    with pytest.raises(ValueError, match="days"):
        write_sample(tmp_path, days=93)


def test_option_values() -> None:
    hours = 35 * 24
    call, call_delta = option(9_500_000, 9_500_000, hours, 0.5, call=True)
    put, put_delta = option(9_500_000, 9_500_000, hours, 0.5, call=False)
    assert call == put  # at the money, no interest
    assert abs(call - 586_300) < 300  # 0.4 S sigma sqrt(T), nearly
    assert call_delta - put_delta == 10_000
    above, _ = option(9_500_000, 11_000_000, hours, 0.5, call=True)
    parity, _ = option(9_500_000, 11_000_000, hours, 0.5, call=False)
    assert abs(parity - above - 1_500_000) <= 1
    assert option(9_500_000, 95_000_000, 1, 0.5, call=True) == (100, 0)


def test_dice_are_the_published_generator() -> None:
    """First outputs of SplitMix64 for seed 1234567 (Rosetta Code, from the reference C)."""
    dice = Dice(1_234_567)
    assert [dice.word() for _ in range(3)] == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
    ]


def test_attestor_keys_are_distinct() -> None:
    assert len({account.address for account in unsafe_attestors(5)}) == 5
