"""Marks where the venue has none (A6): the public fills of others, an hour of them."""

from __future__ import annotations

import pytest
from attestor_world import UNIT, A, B, Lines, at, statement
from hypothesis import given
from hypothesis import strategies as st

from algebra.errors import Malformed
from attestor.ledger import Holding
from attestor.log import build_log
from attestor.pairs import trades_of_others
from attestor.prices import HOUR, PriceBoard
from attestor.statement import FILL_RANK, MARK_RANK, Fill, Instrument, Quote, Source, public_fill
from history.v2.record import ACTIVE, MAKER, MARK

PLACE = Source("p.csv", 1)


def trade(time: int, price: int, size: int = UNIT, trade_id: str | None = None) -> Quote:
    return Quote(PLACE, time, 1, "BTC", price, mark=False, size=size, trade_id=trade_id)


def price_after(quotes: list[Quote], time: int) -> int:
    board = PriceBoard(quotes, {"BTC": Instrument("BTC")})
    board.advance((time, FILL_RANK, 1))
    return board.price("BTC")


def unrealised(
    fills: list[Fill], quotes: list[Quote], wallets: tuple[str, ...] = (A,)
) -> list[int]:
    rows = build_log(statement(fills, quotes=quotes, wallets=wallets)).records.rows()
    return [row.value for row in rows if row.kind == ACTIVE | MARK]


def test_the_mean_of_an_hour_by_size_rounded_down() -> None:
    start = at(0, 9)
    quotes = [trade(start, 10, 1), trade(start + HOUR - 1, 13, 2), trade(start + HOUR, 20, 4)]
    seen = [price_after(quotes[:i], start + HOUR) for i in (1, 2, 3)]
    assert seen == [10, (10 + 26) // 3, (26 + 80) // 6]  # the first is an hour old at the third
    assert price_after(quotes, start + 40 * HOUR) == seen[2]  # until the next


@given(st.lists(st.tuples(st.integers(0, HOUR), st.integers(1, 10**21), st.integers(1, 10**20)),
                min_size=1, max_size=30))  # fmt: skip
def test_the_mean_against_its_definition(steps: list[tuple[int, int, int]]) -> None:
    quotes, now = [], at(0)
    for step, price, size in steps:
        now += step
        quotes.append(trade(now, price, size))
    hour = [quote for quote in quotes if now - quote.time < HOUR]
    mean = sum(q.price * q.size for q in hour) // sum(q.size for q in hour)
    assert price_after(quotes, now) == mean


def test_no_price_looks_ahead() -> None:
    board = PriceBoard([trade(at(0), 5), trade(at(0, 13), 7)], {"BTC": Instrument("BTC")})
    board.advance((at(0), MARK_RANK, 0))
    assert not board.told("BTC")
    board.advance((at(0), FILL_RANK, 1))
    assert board.told("BTC") and board.price("BTC") == 5


def test_own_trades_price_nothing_whoever_printed_them() -> None:
    """By trade id where both have one, else by instant, instrument, price and size."""
    make = Lines()
    named = make.fill(at(0, 9), A, 1, 500, trade_id="x")
    nameless = make.fill(at(0, 10), A, -2, 400)
    told = [trade(at(0, 9), 500 * UNIT, UNIT, "x"), trade(at(0, 9), 500 * UNIT, UNIT),
            trade(at(0, 10), 400 * UNIT, 2 * UNIT, "y"), public_fill(nameless)]  # fmt: skip
    others = [trade(at(0, 9), 500 * UNIT, UNIT, "z"), trade(at(0, 9), 500 * UNIT, 2 * UNIT),
              trade(at(0, 10), 401 * UNIT, 2 * UNIT), trade(at(0, 10, 1), 400 * UNIT, 2 * UNIT),
              make.mark(at(0, 10), 400)]  # fmt: skip
    assert trades_of_others([*told, *others], [named, nameless]) == others
    elsewhere = nameless._replace(instrument="ETH")
    assert trades_of_others(told[2:], [elsewhere]) == told[2:]


def test_a_price_that_an_owner_prints_before_midnight_moves_nothing() -> None:
    """A loser buys a bit at 100 from a friend, and 10 bought at 100 look worth it at 40."""
    make = Lines()
    fills = [make.fill(at(0, 9), A, 10, 100), make.fill(at(0, 23, 59, 59), A, 0.01, 100)]
    public = [trade(at(0, 8), 100 * UNIT), trade(at(0, 20), 40 * UNIT)]
    told = sorted([*public, *map(public_fill, fills)], key=lambda quote: quote.time)
    assert unrealised(fills, told)[0] == -60_000 - 60


def test_a_position_stands_at_its_cost_until_somebody_tells_a_price() -> None:
    """Each account at its own, to the cent; exposure is the cost, and so is the owner's mark."""
    make = Lines()
    fills = [make.fill(at(0, 9), A, 3, 100), make.fill(at(0, 10), A, 3, 101),
             make.fill(at(0, 9, 1), A, -5, 90), make.fill(at(0, 9), B, -2, 150)]  # fmt: skip
    log = build_log(statement(fills, quotes=[trade(at(1, 9), 80 * UNIT)], wallets=(A, B)))
    rows = log.records.rows()
    marks = [(row.value, row.notional) for row in rows if row.kind == ACTIVE | MARK]
    owner = [(row.value, row.notional) for row in rows if row.kind == ACTIVE | MARK | MAKER]
    # A: three at 100, five sold at 90 (two short at 90), three bought at 101 (one long at 101)
    assert marks[:2] == [(0, 10_100), (0, 30_000)]
    assert owner[0] == (19_900, 19_900)
    assert marks[2:4] == [(-2_100, 8_000), (14_000, 16_000)]
    assert owner[1] == (8_000, 8_000)


@given(st.integers(-(10**19), 10**19).filter(bool), st.integers(1, 10**22))
def test_the_cost_of_a_unit_loses_nothing(size: int, price: int) -> None:
    holding = Holding(size, size * price + (1 if size > 0 else -1) * (abs(size) // 3))
    made = size * holding.unit_cost - holding.cost
    assert 0 <= made < abs(size)
    assert Holding(size, -size).unit_cost == 0  # a residue against the size is no price


def test_a_public_fill_has_a_size() -> None:
    with pytest.raises(Malformed, match="size: of a public fill, must be above 0"):
        build_log(statement(quotes=[trade(at(0), UNIT, 0)]))
