"""Trips of the owner, and which executions are one record (docs/explanation/metrics.md A4, A9)."""

from __future__ import annotations

import random

import pytest
from attestor_world import USD, A, B, C, Lines, at, marks_of, statement
from hypothesis import given
from hypothesis import strategies as st
from test_log_rules import of_kind, rows, trips

from attestor.executions import RecordKey
from attestor.log import build_log
from attestor.pairs import own_groups
from attestor.statement import CENT, UNIT, Fill, Opening, OpeningPosition, Source
from attestor.trips import Execution, Trips
from attestor.venues.hyperliquid_2023 import History
from history.v2.record import BOOKED, FILL, LIQUIDATION, MAKER, TRIP, Record


def made(fills: list[Fill], wallets: tuple[str, ...] = (A,)) -> list[tuple[int, int]]:
    return trips(rows(fills, quotes=marks_of(fills), wallets=wallets))


def test_a_trip_goes_from_zero_to_zero_with_its_fees() -> None:
    make = Lines()
    fills = [
        make.fill(at(0, 9), A, 2, 100, fee=USD),
        make.fill(at(0, 10), A, 1, 103, fee=USD),
        make.fill(at(1, 9), A, -3, 110, fee=2 * USD),
        make.fill(at(1, 10), A, -1, 110),
        make.fill(at(1, 11), A, 1, 90, fee=-USD),
    ]
    assert made(fills) == [(1, 100 * (330 - 303 - 4)), (1, 2_100)]


def test_the_record_follows_the_execution_that_ends_it_and_books_nothing() -> None:
    make = Lines()
    log = build_log(
        statement([make.fill(at(0, 9), A, 1, 100), make.fill(at(0, 10, 7), A, -1, 130)], days=2)
    )
    first, second, trip = log.records.rows()[:3]
    assert first.kind & FILL and second.kind & FILL
    assert trip == Record(TRIP | 1, 0, 607, 0, 10_000, 0, 3_000)
    assert log.closing - log.opening == 3_000


def test_an_execution_that_crosses_zero_is_cut_and_its_fee_too() -> None:
    make = Lines()
    fee = USD + 1
    fills = [make.fill(at(0, 9), A, 2, 100), make.fill(at(0, 10), A, -3, 110, fee=fee)]
    ended, rest = 20 * USD - fee * 2 // 3, -(fee - fee * 2 // 3)  # one short of 110 at the end
    assert made(fills) == [(0, ended // CENT), (2, rest // CENT)]


def test_what_is_open_at_the_end_ends_at_the_last_mark() -> None:
    """A remainder of dust hides no loss."""
    make = Lines()
    fills = [
        make.fill(at(0, 9), A, 2, 100),
        make.fill(at(0, 10), A, -1.999, 50),
        make.fill(at(1, 9), A, 4, 10, instrument="ETH"),
    ]
    marks = [make.mark(at(0, 0), 60), make.mark(at(2, 1), 70), make.mark(at(2, 1), 9, "ETH")]
    lost = 1.999 * 50 + 0.001 * 70 - 200
    assert trips(rows(fills, quotes=marks)) == [(2, round(100 * lost)), (2, -400)]
    last = rows(fills, quotes=marks)[-4:]
    assert [r.kind & TRIP for r in last] == [TRIP, TRIP, 0, 0]  # before the marks


def test_an_opening_position_begins_at_its_mark() -> None:
    make = Lines()
    place = Source("test.csv", 1)
    held = [OpeningPosition(place, "BTC", UNIT, 100 * UNIT)]
    opening = {A: Opening(place, at(0, 0), 1_000 * USD, held), B: Opening(place, at(0, 0), 0, held)}
    fills = [make.fill(at(1), A, -1, 170), make.fill(at(1, 13), B, -1, 180)]
    found = rows(fills, quotes=[make.mark(at(0, 0), 150)], opening=opening, wallets=(A, B))
    assert trips(found) == [(1, 5_000)]


def test_a_loser_from_before_the_window_that_nobody_trades_is_a_trip() -> None:
    """Or he who never sells his losers would have none."""
    make = Lines()
    held = [OpeningPosition(Source("test.csv", 1), "BTC", UNIT, 100 * UNIT)]
    opening = {A: Opening(Source("test.csv", 1), at(0, 0), 1_000 * USD, held)}
    marks = [make.mark(at(0, 0), 150), make.mark(at(2, 1), 90)]
    assert trips(rows([], quotes=marks, opening=opening)) == [(2, -6_000)]


def test_a_position_that_moves_to_another_own_wallet_goes_on() -> None:
    make = Lines()
    fills = [
        make.fill(at(0, 9), A, 1, 100),
        make.fill(at(0, 10), A, -1, 140, trade_id="x", fee=USD),
        make.fill(at(0, 10), B, 1, 140, trade_id="x", fee=USD),
        make.fill(at(0, 11), B, -1, 110),
    ]
    assert made(fills, (A, B)) == [(0, 800)]
    # Without an own group the same executions are two trips: the wallets are two owners' then.
    assert made(fills[:2]) == [(0, 3_900)]


def test_bookings_of_one_instant_enter_as_one() -> None:
    """A delivery of a long at one account and of a short at another ends no trip of the owner."""
    make = Lines()
    fills = [
        make.fill(at(0, 9), A, 1, 100),
        make.fill(at(0, 10), B, -1, 120),
        make.fill(at(1, 8), A, -1, 130)._replace(booked=True),
        make.fill(at(1, 8), B, 1, 130)._replace(booked=True),
    ]
    assert made(fills, (A, B)) == [(0, 2_000)]


@given(st.integers(0, 2**32), st.integers(2, 10))
def test_split_executions_make_the_same_trips(seed: int, parts: int) -> None:
    """Each fill in parts, at one price, fees in proportion: not one trip differs."""
    dice = random.Random(seed)
    whole, split = Trips(), Trips()
    seen: list[list[int]] = [[], []]
    for _ in range(20):
        size, price = dice.choice((-3, -2, -1, 1, 2, 3)) * parts, dice.randrange(1, 50)
        fee = dice.randrange(-5, 5) * abs(size)
        for trips_, times in ((whole, 1), (split, parts)):
            for _ in range(times):
                done = Execution(size // times, -size * price // times, fee // times)
                ended = trips_.execute("X", done)
                if ended is not None:
                    seen[trips_ is split].append(ended)
    ends = [list(each.finish()) for each in (whole, split)]
    assert seen[0] == seen[1] and ends[0] == ends[1]


@given(st.integers(0, 2**32))
def test_trips_sum_to_the_profit_of_the_fills(seed: int) -> None:
    """All of an instrument's trips together are its cash flows less fees, at the last price."""
    dice, trips_ = random.Random(seed), Trips()
    total = money = size = 0
    for _ in range(30):
        done = Execution(
            dice.randrange(-9, 10), dice.randrange(-(10**9), 10**9), dice.randrange(-99, 99)
        )
        done = done._replace(cash=done.cash if done.size else 0, fee=done.fee if done.size else 0)
        size, money = size + done.size, money + done.cash - done.fee
        total += trips_.execute("X", done) or 0
    assert total + sum(left for _, left in trips_.finish()) == money


# -- executions that are one record ----------------------------------------------------------------
def test_executions_of_an_order_in_a_second_are_one_record() -> None:
    make = Lines()
    third = CENT // 3
    fills = [
        make.fill(at(0, 9), A, 1, 0, fee=third)._replace(price=third // UNIT) for _ in range(9)
    ]
    found = of_kind(rows(fills), FILL)
    # Floored once: nine thirds of a cent, each rounded down, are short of three cents; nine fees of
    # as much are more than two.
    assert [(r.notional, r.value) for r in found] == [(2, -3)]


@pytest.mark.parametrize(
    ("change", "joined"),
    [
        ({}, True),
        ({"size": -UNIT}, False),
        ({"instrument": "ETH"}, False),
        ({"maker": True}, False),
        ({"time": at(0, 9, 0, 1)}, False),
        ({"time": at(0, 9) + 999_999}, True),
        ({"order": "7"}, False),
        ({"wallet": B}, False),
        ({"price": 3 * UNIT}, True),
        ({"booked": True}, False),
    ],
)
def test_what_joins(change: dict[str, object], joined: bool) -> None:
    make = Lines()
    fills = [make.fill(at(0, 9), A, 1, 2), make.fill(at(0, 9), A, 1, 2)._replace(**change)]
    found = of_kind(rows(fills, wallets=(A, B)), FILL | BOOKED)
    assert len(found) == (1 if joined else 2)
    ordered = [fill._replace(order="7") for fill in fills]
    found = of_kind(rows(ordered, wallets=(A, B)), FILL | BOOKED)
    assert len(found) == (1 if joined or set(change) & {"size", "order"} else 2)


def test_a_line_between_parts_them_and_another_account_does_not() -> None:
    make = Lines()
    fills = [
        make.fill(at(0, 9), A, 1, 2),
        make.fill(at(0, 9), B, 1, 2),
        make.fill(at(0, 9) + 500_000, A, 1, 2),
    ]
    line = make.transfer(at(0, 9) + 500_000, A, 1)
    assert len(of_kind(rows(fills, wallets=(A, B)), FILL)) == 2
    assert len(of_kind(rows(fills, [line], wallets=(A, B)), FILL)) == 3


def test_own_executions_join_their_own_group_only() -> None:
    make = Lines()
    fills = [
        make.fill(at(0, 9), A, 1, 5, trade_id=trade)._replace(order="1") for trade in ("a", "b")
    ] + [make.fill(at(0, 9), B, -1, 5, trade_id="a")]
    found = rows(fills, wallets=(A, B))
    assert (len(of_kind(found, BOOKED)), len(of_kind(found, FILL))) == (2, 1)


def test_a_record_has_the_worst_state_of_its_executions() -> None:
    make = Lines()
    parts = [make.fill(at(0, 9), A, 50, 1_000), make.fill(at(0, 9), A, 50, 1_000)]
    (record,) = of_kind(rows(parts), FILL)
    alone = of_kind(rows([part._replace(order=str(i)) for i, part in enumerate(parts)]), FILL)
    assert record.exposure == max(r.exposure for r in alone) == 200
    assert record.distance == min(r.distance for r in alone)


# -- liquidations ----------------------------------------------------------------------------------
def flagged(*marks: str) -> int:
    """L a flagged sale, f another, t a transfer, c a carry line, an hour apart."""
    make = Lines()
    fills = [make.fill(at(0, 1), A, 20, 10)]
    lines: list[object] = []
    for hour, mark in enumerate(marks, start=2):
        if mark in "Lf":
            fills.append(make.fill(at(0, hour), A, -1, 10, liquidation=mark == "L"))
        else:
            line = (
                make.transfer(at(0, hour), A, 1) if mark == "t" else make.carry(at(0, hour), A, 1)
            )
            lines.append(line)
    found = rows(fills, lines)
    assert all(r.distance <= 0 for r in of_kind(found, LIQUIDATION))
    return len(of_kind(found, LIQUIDATION))


@pytest.mark.parametrize(
    ("marks", "count"),
    [("L", 1), ("LLL", 1), ("LfL", 2), ("LtL", 2), ("LcL", 1), ("fLLfLL", 2), ("tt", 0)],
)
def test_flagged_executions_in_a_row_are_one_liquidation(marks: str, count: int) -> None:
    assert flagged(*marks) == count


def test_other_accounts_do_not_part_a_liquidation() -> None:
    make = Lines()
    fills = [make.fill(at(0, 1), A, 9, 10), make.fill(at(0, 1), B, 9, 10)]
    for hour in (2, 3, 4):
        fills.append(make.fill(at(0, hour), A, -1, 10, liquidation=True))
        fills.append(make.fill(at(0, hour, 1), B, -1, 10))
    assert len(of_kind(rows(fills, wallets=(A, B)), LIQUIDATION)) == 1


def test_a_take_over_is_booked_and_counts_as_a_liquidation() -> None:
    make = Lines()
    fills = [
        make.fill(at(0, 1), A, 1, 100, maker=True),
        make.fill(at(0, 2), A, -1, 90, maker=True, liquidation=True)._replace(booked=True),
    ]
    (booked,) = of_kind(rows(fills), BOOKED)
    assert booked.kind & LIQUIDATION and not booked.kind & MAKER
    assert (booked.value, booked.notional) == (-1_000, 9_000)


# -- price 0 ---------------------------------------------------------------------------------------
def test_an_option_that_expires_worthless_is_booked_at_zero() -> None:
    make = Lines()
    marks = [
        make.mark(at(0, 0), 1_000),
        make.mark(at(0, 0), 50, "CALL", delta=10**8 // 4),
        make.mark(at(1, 0), 0, "CALL", delta=0),
    ]
    fills = [
        make.fill(at(0, 9), A, -2, 50, instrument="CALL"),
        make.fill(at(1, 8), A, 2, 0, instrument="CALL")._replace(booked=True),
    ]
    found = rows(fills, quotes=marks)
    assert [(r.value, r.notional) for r in of_kind(found, BOOKED)] == [(10_000, 0)]
    assert trips(found) == [(1, 10_000)]
    assert [r.value for r in found if r.kind == 9] == [0, 0, 0]


def test_bookings_and_own_fills_price_nothing_at_zero() -> None:
    """A delivery at 0 is nobody's trade: the last public price stays."""
    make = Lines()
    fills = [
        make.fill(at(0, 9), A, 2, 100),
        make.fill(at(0, 10), A, -1, 0)._replace(booked=True),
    ]
    assert [r.notional for r in rows(fills) if r.kind == 9] == [10_000] * 3


def test_three_accounts_are_one_owner() -> None:
    """Opposite positions in one instrument at two accounts are no position of his."""
    make = Lines()
    fills = [
        make.fill(at(0, 9), A, 2, 100),
        make.fill(at(0, 10), B, -2, 100),
        make.fill(at(0, 11), C, 1, 100),
        make.fill(at(0, 11), C, -3, 10, instrument="ETH"),
    ]
    found = [r for r in rows(fills, wallets=(A, B, C)) if r.kind == 9 | MAKER]
    assert [(r.notional, r.value) for r in found] == [(13_000, 13_000)] * 3


# -- the venue's own history -----------------------------------------------------------------------
def test_the_venues_executions_are_fewer_orders(history: History) -> None:
    """Each wallet by itself, by side, since the venue's files know no order."""
    fills = merged = 0
    for mine in history.fills.values():
        own, last = own_groups(mine), None
        for index, fill in enumerate(mine):
            group = own.get(index)
            kind = BOOKED if group is not None else FILL | (MAKER if fill.maker else 0)
            key = RecordKey.of(fill, kind, group)
            fills, merged, last = fills + 1, merged + (key == last), key
    assert (fills, 100 * merged // fills) == (35_691, 26)


def test_splitting_each_fill_of_the_venue_changes_no_trip(history: History) -> None:
    for fills in history.fills.values():
        walked, pieces = Trips(), Trips()
        seen, split = [], []
        for fill in fills:
            done = Execution(fill.size, -fill.size * fill.price, 0)
            seen.append(walked.execute(fill.instrument, done))
            for _ in range(10):
                tenth = Execution(fill.size // 10, -(fill.size // 10) * fill.price, 0)
                split.append(pieces.execute(fill.instrument, tenth))
        assert [x for x in seen if x is not None] == [x for x in split if x is not None]
