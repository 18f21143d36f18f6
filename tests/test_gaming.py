"""
Each trick of benchmarks.gaming on made-up data: without its rule it gains, with it no more than its
bound.
"""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from attestor_world import FIRST_DAY, USD, A, B, Lines, at, statement
from support.project import ROOT

from attestor.log import build_log
from attestor.prices import HOUR
from attestor.statement import UNIT, Fill, Opening, Quote, Source, Statement
from benchmarks.gaming import __main__ as command
from benchmarks.gaming import gifts, luck, money, trades, wallets
from benchmarks.gaming.figures import rows_of
from benchmarks.gaming.played import Played, table, text

DAYS = 12
PLACE = Source("made-up.csv", 1)


def path(seed: int, drift: float = 0.0) -> list[int]:
    """Prices of each hour, about 1,000 USD, 1e-18."""
    dice, price, out = random.Random(seed), 1_000.0, list[int]()
    for _ in range(24 * DAYS):
        price *= 1 + drift + dice.gauss(0, 0.004)
        out.append(round(price) * UNIT)
    return out


def told(prices: list[int]) -> list[Quote]:
    """Trades of others, at every hour and a half."""
    start = at(0, 0)
    return [
        Quote(PLACE, start + hour * HOUR + HOUR // 2, hour + 1, "BTC", price, False, None, UNIT)
        for hour, price in enumerate(prices)
    ]


def trader(wallet: str = A, seed: int = 1, edge: int = 3) -> Statement:
    """Opens and closes one or two coins every few hours, mostly `edge` USD below the price."""
    dice, make, prices, fills = random.Random(seed), Lines(), path(5), list[Fill]()
    held = 0
    for hour in range(2, 24 * DAYS - 2, 3):
        size = dice.choice((-2, -1, 1, 2)) if not held else -held
        held = 0 if held else size
        time = at(0, 0) + hour * HOUR + 40 * 60_000_000
        price = prices[hour] // UNIT - (1 if size > 0 else -1) * dice.choice((-1, edge, edge, 0))
        fills.append(make.fill(time, wallet, size, price, fee=USD // 10))
    return statement(fills, quotes=told(prices), days=DAYS, wallets=(wallet,))


def stopped(played: Played, least: float) -> None:
    """It gained `least` and more, and gains no more than its bound."""
    assert played.before >= least, played
    assert played.stopped, played


def test_trades_that_look_even() -> None:
    stopped(trades.own_wallet(trader()), 20)
    split = trades.split_fills(trader())
    stopped(split, 3)
    assert split.after == pytest.approx(1, abs=0.01)


def test_a_confederate_wins_only_the_band() -> None:
    played = gifts.confederate(trader(), "BTC", UNIT // 10)
    stopped(played, 10)
    assert played.bound < 0.5  # bought at a hundredth of the price: a narrow band


def test_a_gift_is_what_was_given() -> None:
    """Each day 99 hundredths of a tenth of a coin, at noon's price of the last half past."""
    given = gifts.gifts(trader(), "BTC", UNIT // 10, 100)
    assert len(given) == 2 * DAYS
    assert [fill.price for fill in given[1::2]] == [path(5)[24 * day + 11] for day in range(DAYS)]
    assert given[0].price == given[1].price // 100 and given[0].size == -given[1].size == UNIT // 10


def test_prints_move_nothing() -> None:
    make = Lines()
    bought = make.fill(at(1, 0), A, 10, 1_000)
    held = statement([bought], quotes=told(path(3)), days=DAYS)
    stopped(gifts.printing(held), 1)


def test_a_deposit_after_a_crash() -> None:
    make = Lines()
    bought = make.fill(at(1, 9), A, 10, 1_000)
    marks = [make.mark(at(day, hour), 900 if (day, hour) >= (1, 10) else 1_000)
             for day in range(3) for hour in range(24)]  # fmt: skip
    given = statement([bought], quotes=marks)
    played = money.deposit_after_a_crash(given, at(1, 9, 59), 90_000 * USD)
    stopped(played, 8.99)  # -10 % would be -1 %
    assert played.after == 0
    gift = money.gift_after_a_crash(given, at(1, 9, 59), 90_000 * USD)
    stopped(gift, 8)
    assert gift.after == pytest.approx(gift.bound, abs=0.01)  # what is within the band is his


def test_equity_for_midnight() -> None:
    played = money.lent_equity(trader(), 100_000 * USD)
    stopped(played, 99_999)
    assert played.after == 0


def test_money_out_over_midnight() -> None:
    played = money.out_over_midnight(trader())
    stopped(played, 1.8)
    assert played.after == pytest.approx(1, abs=1e-9)


def test_an_idle_treasury_is_seen_by_the_use_of_capital() -> None:
    make = Lines()
    bought = make.fill(at(0, 1), A, 8, 1_000)
    falls = [make.mark(at(day, hour), 1_000 - 40 * day) for day in range(DAYS) for hour in (0, 12)]
    stopped(money.idle_treasury(statement([bought], quotes=falls, days=DAYS)), 0.95)


def test_a_floor_is_no_ratio() -> None:
    """An account loses half of its hundred dollars, then grows: under F the loss is small."""
    make = Lines()
    fills = [make.fill(at(0, 1), A, 1, 100)]
    quotes = [make.mark(at(0, 0), 100), *(make.mark(at(1 + i, 0), 50 + 10 * i) for i in range(11))]
    paid = [make.transfer(at(2, 0), A, 9_950)]
    dust = build_log(statement(fills, paid, quotes, days=DAYS, cash=100))
    large = build_log(statement(fills, quotes=quotes, days=DAYS, cash=10**6))
    played = money.high_floor([dust, large], 10**6, 1.0)
    assert (played.before, played.after) == (1, 0)
    assert money.high_floor([large], 10**6, 1.0).before == 0


def test_a_wallet_leaves_too_late() -> None:
    """The one that loses is in the leaf all the same."""
    one, other = trader(A, 1, edge=3), trader(B, 2, edge=-9)

    def read(*owned: str) -> Statement:
        both = [each for each in (one, other) if each.wallets[0] in owned]
        fills = [fill for each in both for fill in each.fills]
        numbered = [
            fill._replace(sequence=2 * fill.sequence + (fill.wallet == B)) for fill in fills
        ]
        openings = {wallet: Opening(PLACE, at(0, 0), 10_000 * USD) for wallet in owned}
        return replace(one, wallets=owned, fills=numbered, openings=openings)

    played = wallets.loser_leaves(read, (A, B))
    stopped(played, 1)
    assert played.after == 0
    assert len(rows_of(read(A, B))) == DAYS and read(A).first_day == FIRST_DAY


# -- luck: real moves in the command, made-up ones here --------------------------------------------
def moves(seed: int = 3, coins: int = 10, days: int = 40) -> np.ndarray:
    return np.random.default_rng(seed).standard_t(4, (coins, 24 * days)) * 0.004


def test_luck_that_looks_like_skill() -> None:
    draw = np.random.default_rng(1)
    stopped(luck.even_trades("ten", luck.one_bet(moves(), draw, 400)), 0.2)
    stopped(luck.even_trades("kept", luck.winners_closed(moves(), draw, 400)), 0.05)


def test_lucky_days() -> None:
    quiet = np.random.default_rng(2).standard_normal(180)
    one, two = luck.lucky_days(quiet, 1), luck.lucky_days(quiet, 2)
    stopped(one, 0.97)
    stopped(two, 0.99)
    assert one.after < 0.83 < two.after
    stopped(luck.two_trading_days(moves(), np.random.default_rng(1), 200), 0.2)


def test_many_tries() -> None:
    draw = np.random.default_rng(4)
    stopped(luck.identities(moves(), draw, 600), 0.4)
    stopped(luck.rolling_windows(moves(), draw, 200), 0.4)


def test_confidence_is_the_metric_of_the_statement() -> None:
    """The float of the picture and M22's integers agree at its threshold."""
    draw = np.random.default_rng(9)
    agree = [
        (luck.confidence(days, credit=False) >= 0.9505)
        == luck.holds(22, luck.totals(days), luck.CONFIDENT)
        for days in draw.standard_normal((200, 60)) * 0.01 + 0.002
    ]
    assert np.mean(agree) > 0.98


# -- the command -----------------------------------------------------------------------------------
def test_the_table_and_the_exit_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good = Played("a trick", "ratio", 390.25, 0.0, 0.0, "why", "rule")
    bad = replace(good, trick="another", after=0.5)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["gaming", "folder"])
    monkeypatch.setattr(command, "Market", lambda _: None)
    for found, status in (([good], 0), ([good, bad], 1)):
        monkeypatch.setattr(command, "play", lambda _, found=found: iter(found))
        assert command.main() == status
    out = capsys.readouterr()
    assert out.out.splitlines()[:3] == table([good])
    assert "gains more than its bound: another" in out.err
    written = json.loads((tmp_path / "build" / "gaming.json").read_text())
    assert written["another"]["after"] > written["another"]["bound"]


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, "0"), (390.25, "390"), (14.09, "14.1"), (0.0487, "0.0487"), (1, "1"), (99_999, "99,999"),
     (-0.5, "-0.5"), (1e-9, "0")],
)  # fmt: skip
def test_numbers_for_people(number: float, shown: str) -> None:
    assert text(number) == shown


@pytest.mark.slow
def test_the_page_has_what_the_run_prints(
    shared_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["gaming", str(shared_data / "hyperliquid")])
    assert command.main() == 0
    page = (ROOT / "docs" / "explanation" / "gaming.md").read_text(encoding="utf-8")
    assert capsys.readouterr().out.strip() in page
