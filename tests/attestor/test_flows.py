"""Which deposits and withdrawals are base where prices are told seldom (A5)."""

from __future__ import annotations

import pytest
from attestor_world import A, B, Lines, at, statement
from test_log_rules import of_kind, rows

from attestor.log import build_log
from history.v2.day_rows import day_rows
from history.v2.record import BASE, TRANSFER
from history.v2.thresholds import Thresholds


@pytest.mark.parametrize(
    ("amount", "told", "close", "base"),
    [
        (10, [], 90, 0),  # the price falls before the deposit, and one mark a day tells it
        (10, [(14, 100)], 90, BASE),  # it was not before 14:00, so it is a loss after it
        (10, [(14, 90)], 99, 0),
        (10, [(12, 100)], 90, 0),  # of the line's own instant: told before it
        (-10, [], 110, 0),
        (-10, [(14, 110)], 105, BASE),  # taken out before a gain that is lost again
        (-10, [(14, 100), (15, 110)], 105, 0),
    ],
)
def test_money_that_moves_waits_for_a_price_told_after_it(
    amount: int, told: list[tuple[int, int]], close: int, base: int
) -> None:
    """However many instants of the clock repeat the old one."""
    make = Lines()
    prices = [(0, 100), *told, (23, close)]
    records = rows(
        [make.fill(at(0, 9), B, 1, 100)],
        [make.transfer(at(0, 12), A, amount)],
        [make.mark(at(0, hour), price) for hour, price in prices],
        wallets=(A, B),
    )
    assert [r.kind & BASE for r in of_kind(records, TRANSFER)] == [base]


@pytest.mark.parametrize(("amount", "close", "base"), [(10, 90, 0), (-10, 105, BASE)])
def test_dust_of_another_instrument_makes_it_wait_but_hides_no_level(
    amount: int, close: int, base: int
) -> None:
    """
    Every price of what is held must be told: BTC's is at 14:00, ETH's at 23:00. Each instant until
    then counts: for a withdrawal BTC's 110, from which the day loses.
    """
    make = Lines()
    fills = [make.fill(at(0, 9), B, 1, 100), make.fill(at(0, 9), B, 1, 1, instrument="ETH")]
    marks = [make.mark(at(0, 0), 100), make.mark(at(0, 0), 1, "ETH"), make.mark(at(0, 14), 110),
             make.mark(at(0, 15), close), make.mark(at(0, 23), 1, "ETH")]  # fmt: skip
    records = rows(fills, [make.transfer(at(0, 12), A, amount)], marks, wallets=(A, B))
    assert [r.kind & BASE for r in of_kind(records, TRANSFER)] == [base]


def test_a_deposit_after_a_crash_makes_no_day_of_one_mark_better() -> None:
    """1,000 with ten at 100; 50 by 12:10, told at 23:59; 100,000 paid in at 12:30: half is lost."""
    make = Lines()
    marks = [make.mark(at(0, 0), 100)]
    marks += [make.mark(at(day, 23, 59), price) for day, price in enumerate((100, 50, 50))]
    deposit = make.transfer(at(1, 12, 30), A, 100_000)
    log = build_log(statement([make.fill(at(0, 1), A, 10, 100)], [deposit], marks, cash=1_000))
    days = day_rows(log.records, log.opening, log.days, Thresholds(1_000, 100))
    assert [day.daily_return for day in days] == [0, -(10**8) // 2, 0]
