"""
`python -m benchmarks.gaming FOLDER`: play every trick of docs/explanation/gaming.md on real data,
print what each gained and gains, and write build/gaming.json.

FOLDER holds the venue's public history of 2023 (`attestor.venues.hyperliquid_2023`). Exit 0 if no
trick gains more than its bound, 1 if one does, 2 if the history cannot be read.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from algebra.errors import TierproofError
from algebra.files import write_atomic
from attestor.prices import HOUR
from attestor.statement import CENT, DAY_MICROSECONDS, UNIT, Opening, Quote, Statement
from benchmarks.gaming import gifts, luck, money, trades, wallets
from benchmarks.gaming.figures import drawdown, rows_of, trips_t
from benchmarks.gaming.owners import PLACE, Events, Market
from benchmarks.gaming.played import Played, table

REPORT = Path("build/gaming.json")
USD = 100 * CENT
LEAST, MOST = 32, 700
"""Fills of the owners that the tricks are played with."""
SETTLED = 10
"""Days of the window before ten coins have prices."""
ACCOUNTS = 1_500
"""Drawn for each of the odds."""
TWO = (
    "0x86219301a71c65a8f2c3e0ffce65bcdad7a01003",
    "0x069cb0aeab4abd5eab8e7bed1a128db31f64b116",
)
"""An owner of two wallets, one of which loses."""


def play(market: Market) -> Iterator[Played]:
    """Every trick, in the order of the page."""
    owners = dict(market.owners(LEAST, MOST))
    gaining = [each for each in owners.values() if trips_t(each.days) > 0]
    busy = max(gaining, key=lambda each: len(each.statement.fills)).statement
    yield trades.own_wallet(busy)
    yield trades.split_fills(busy)

    _, prices = market.hourly(SETTLED)
    moves = np.diff(prices) / prices[:, :-1]
    draw = np.random.default_rng(7)
    for trick, accounts in (
        ("winners closed and reopened, losers kept", luck.winners_closed),
        ("one bet in ten instruments", luck.one_bet),
    ):
        yield luck.even_trades(trick, accounts(moves, draw, ACCOUNTS))
    quiet = np.array([row.daily_return for row in owners[min(owners)].days]) / 10**8
    yield luck.lucky_days(quiet, 1)
    yield luck.lucky_days(quiet, 2)
    yield luck.two_trading_days(moves, draw, ACCOUNTS)

    equity = sum(row.equity for row in rows_of(busy)) // busy.days * CENT
    yield gifts.confederate(busy, "BTC", equity // 100 // (25_000 * UNIT))  # 1 % of it a day
    yield gifts.printing(holder(market, "BTC"))
    yield money.deposit_after_a_crash(*crash(market))
    yield money.gift_after_a_crash(*crash(market))
    yield wallets.loser_leaves(market.statement, TWO)
    yield money.lent_equity(busy, 100_000 * USD)
    yield money.out_over_midnight(busy)
    falling = [each for each in owners.values() if 0.2 < drawdown(each.days) < 0.6]
    yield money.idle_treasury(max(falling, key=lambda each: money.use(each.days)).statement)
    yield luck.identities(moves, draw, ACCOUNTS)
    yield luck.rolling_windows(moves, draw, ACCOUNTS)
    yield money.high_floor([each.log for each in owners.values()], 100_000, 0.5)


def holder(market: Market, coin: str) -> Statement:
    """Of a made-up wallet that buys one of a coin on the first day after its first price."""
    wallet, first = "0x" + "4" * 40, market.first
    empty = replace(market.statement(wallet), openings={})
    told = gifts.prices_at(empty, coin, DAY_MICROSECONDS - 1)
    day, price = next((day, price) for day, price in enumerate(told) if price is not None)
    start = (first + day + 1) * DAY_MICROSECONDS
    bought = Events(empty).fill(start, wallet, coin, UNIT, price)._replace(mark=price)
    paid = Opening(PLACE, empty.start, UNIT * price)
    return replace(empty, fills=[bought], openings={wallet: paid})


def crash(market: Market) -> tuple[Statement, int, int]:
    """
    Of the greatest real fall of a coin in an hour: a made-up wallet that bought all it could at the
    hour's first price, at a venue that marks each hour; the last second of that hour, and nine
    times as much money.
    """
    names, prices = market.hourly(SETTLED)
    days = prices[:, :-1].reshape(len(names), -1, 24)
    falls = days[:, :, 1:] / days[:, :, :-1] - 1
    stays = days[:, :, -1:] < days[:, :, :-1]
    coin, day, hour = np.unravel_index(np.argmin(np.where(stays, falls, 0)), falls.shape)
    first, name, wallet = market.first + SETTLED + int(day), names[coin], "0x" + "4" * 40
    marks = [
        Quote(PLACE, first * DAY_MICROSECONDS + at * HOUR, at, name, int(price * 1e9) * 10**9, True)
        for at, price in enumerate(prices[coin][int(day) * 24 : int(day) * 24 + 48])
    ]
    empty = market.history.statement([wallet], first, first + 1)
    time, price = marks[int(hour)].time, marks[int(hour)].price
    money_ = 10_000 * USD
    bought = Events(empty).fill(time, wallet, name, money_ // price, price)
    paid = Opening(PLACE, empty.start, money_)
    made = replace(empty, fills=[bought], openings={wallet: paid}, quotes=marks)
    return made, time + HOUR - 1_000_000, 9 * money_


def main() -> int:
    """Play, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the venue's public history files")
    played = []
    try:
        market = Market(parser.parse_args().folder)
    except TierproofError as error:
        print(f"{error.code}: {error.message}", file=sys.stderr)
        return 2
    for each in play(market):
        print(f"{each.trick}: {each.before:.4g} before, {each.after:.4g} now", file=sys.stderr)
        played.append(each)
    REPORT.parent.mkdir(exist_ok=True)
    content = {each.trick: each.as_json() for each in played}
    write_atomic(REPORT, json.dumps(content, indent=1).encode() + b"\n")
    print("\n".join(table(played)))
    open_ = [each.trick for each in played if not each.stopped]
    for trick in open_:
        print(f"gains more than its bound: {trick}", file=sys.stderr)
    return 1 if open_ else 0


if __name__ == "__main__":
    sys.exit(main())
