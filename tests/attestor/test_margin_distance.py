"""
Maintenance margin and distance to liquidation: each rule against a slow reference, the venue's own
liquidation prices to the last digit, and what must hold of every account.
"""

from __future__ import annotations

import json
import math
import random
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from margin_world import (
    DAY,
    HOUR,
    NOW,
    RUNGS,
    Slow,
    account,
    linear,
    linear_margin,
    moment,
    option,
    scenario,
    units,
    usd,
)

from algebra.errors import Refused
from attestor.margin import distance as distances
from attestor.margin import requirement
from attestor.margin.account import MONEY, UNIT, MarginAccount, Mark, OptionTerms
from attestor.margin.distance import (
    FARTHEST,
    NEAREST,
    State,
    exposure,
    standing,
    state,
)
from attestor.margin.moment import Moment
from attestor.margin.money import weighted
from policies.margin import Bracket, Linear, Rate, example

BTC, ETH = units(60_000), units(3_000)
PRICES = {"BTC-PERP": BTC, "ETH-PERP": ETH, "BTC": BTC, "ETH": ETH, "COIN": BTC}


def distance(of: MarginAccount, at: Moment) -> int:
    return standing(of, at).distance


# -- linear ----------------------------------------------------------------------------------------
def test_one_position_is_one_over_leverage_less_the_rate() -> None:
    at = moment(PRICES)
    long = standing(account(usd(6_000) - usd(60_000), BTC_PERP=units(1)), at)
    assert (long.equity, long.margin, long.gross) == (usd(6_000), usd(600), usd(60_000))
    assert long.distance == 10_000 * 5_400 // 59_400  # 6,000 at 60,000: 10 %, less 1 % and its fall
    short = standing(account(usd(6_000) + usd(60_000), BTC_PERP=-units(1)), at)
    assert short.distance == 10_000 * 5_400 // 60_600


def test_a_hedge_is_near_to_nothing() -> None:
    """Long and short of one underlying net; of two they do not."""
    parts = {"linear": [linear("BTC-PERP", 1, 100), linear("BTC-DATED", 1, 100),
                        linear("ETH-PERP", 1, 100)]}  # fmt: skip
    at = moment(PRICES | {"BTC-DATED": BTC}, **parts)
    hedged = MarginAccount(usd(6_000), {"BTC-PERP": units(1), "BTC-DATED": -units(1)})
    assert distance(hedged, at) == FARTHEST  # K = margin of both legs: 1,200 against 4,800 spare
    assert distance(replace(hedged, cash=usd(1_260)), at) == 10_000 * 60 // 1_200
    unhedged = MarginAccount(usd(6_000), {"BTC-PERP": units(1), "ETH-PERP": -units(20)})
    assert distance(unhedged, at) == 10_000 * 4_800 // (59_400 + 60_600)


def test_coins_count_at_their_factor_and_what_is_owed_in_full() -> None:
    at = moment(PRICES)
    owned = standing(MarginAccount(0, {"COIN": units(1)}), at)
    assert (owned.equity, owned.margin, owned.gross) == (usd(48_000), 0, usd(60_000))
    assert owned.distance == FARTHEST
    lent = standing(MarginAccount(-usd(24_000), {"COIN": units(1)}), at)
    assert lent.distance == 5_000
    owed = standing(MarginAccount(usd(90_000), {"COIN": -units(1)}), at)
    assert (owed.equity, owed.distance) == (usd(30_000), 5_000)
    covered = standing(MarginAccount(usd(20_000), {"COIN": units(1), "BTC-PERP": -units(1)}), at)
    assert covered.equity == usd(8_000)
    assert covered.distance == 10_000 * 7_400 // (12_000 + 600)


def test_degenerate_accounts() -> None:
    at = moment(PRICES)
    assert distance(MarginAccount(0, {}), at) == FARTHEST
    assert distance(MarginAccount(-1, {}), at) == NEAREST
    assert distance(MarginAccount(0, {"BTC-PERP": 0}), at) == FARTHEST
    # E = M: not yet below; one u' less is
    base = usd(600) - usd(60_000)
    assert distance(account(base, BTC_PERP=units(1)), at) == 0
    below = standing(account(base - 1, BTC_PERP=units(1)), at)
    assert below.distance == -1 and below.equity == below.margin - 1
    # far below: the gap over gross exposure, cut
    assert distance(account(base - usd(6_000), BTC_PERP=units(1)), at) == -1_000
    assert distance(account(-usd(10**12), BTC_PERP=1), at) == NEAREST
    assert distance(account(usd(10**12), BTC_PERP=units(1)), at) == FARTHEST
    free = moment(PRICES | {"BTC-PERP": 0})
    assert distance(account(usd(1), BTC_PERP=units(1)), free) == FARTHEST  # K = 0


def test_the_least_of_the_margin_accounts_and_the_exposure_of_all() -> None:
    at = moment(PRICES)
    cross = account(usd(60_000), BTC_PERP=-units(1), ETH_PERP=units(1))
    isolated = MarginAccount(usd(150) - usd(3_000), {"ETH-PERP": units(1)})
    both = state([cross, isolated], at)
    assert both.distance == standing(isolated, at).distance < standing(cross, at).distance
    equity = standing(cross, at).equity + standing(isolated, at).equity
    assert both.exposure == exposure(equity, usd(60_000 + 3_000 + 3_000))
    assert state([], at) == State(FARTHEST, 0)
    assert exposure(1, 0) == 0 and exposure(0, 1) == exposure(-5, 1) == 4_095
    assert exposure(100, 5) == 1 and exposure(100, 6) == 2
    assert State(5, 1).worse(State(6, 2)) == State(5, 2)


def test_linear_books_of_all_kinds() -> None:
    """Exactly as the formula, in Fractions: brackets, slopes, coins, several underlyings."""
    rng = random.Random(7)
    brackets = [{"from": 0, "rate": [1, 30]}, {"from": 40_000, "rate": [1, 7]}]
    at = moment(
        PRICES | {"BTC-DATED": units(60_123)},
        linear=[
            linear("BTC-PERP", brackets=brackets, slope=(5, 1_000)),
            linear("BTC-DATED", 1, 80),
            linear("ETH-PERP", 1, 50),
        ],
    )
    held_at_all = 0
    for _ in range(200):
        names = rng.sample(["BTC-PERP", "BTC-DATED", "ETH-PERP", "COIN"], rng.randrange(1, 5))
        sizes = {name: rng.randrange(-(2 * UNIT), 2 * UNIT) for name in names}
        slopes: dict[str, Fraction] = {}
        equity = margin = Fraction(0)
        for name, whole in sizes.items():
            size, price = Fraction(whole, UNIT), Fraction(at.marks[name].price, UNIT)
            worth, u = size * price, name[:3] if name != "COIN" else "BTC"
            if name == "COIN":
                worth *= Fraction(4, 5) if worth > 0 else 1
            else:
                rule = at.rules.linear_of(name)
                margin += linear_margin(rule, abs(worth), abs(size))
                rate = [each.rate for each in rule.brackets if each.start < abs(worth)][-1]
                per_unit = Fraction(*rate) + Fraction(*rule.slope) * abs(size)
                slopes[u] = slopes.get(u, Fraction(0)) - abs(worth) * per_unit
            equity += worth
            slopes[u] = slopes.get(u, Fraction(0)) + worth
        spare = Fraction(rng.randrange(1, 40_000))
        cash = int((margin + spare - equity) * MONEY)
        steepness = sum(abs(each) for each in slopes.values())
        exact = spare * 10_000 / steepness
        ours = distance(MarginAccount(cash, sizes), at)
        assert ours == min(FARTHEST, math.floor(exact)) or abs(ours - exact) < Fraction(1, 10**9)
        held_at_all += ours < FARTHEST
    assert held_at_all > 100


def test_a_portfolio_may_hold_coins_that_no_scenario_covers() -> None:
    coins = [{"name": "COIN", "underlying": "ETH", "factor": 8_000}]
    at = moment(QUOTES, OPTIONS, collateral=coins)
    held = standing(book(30_000, {"BTC-PERP": -1, "COIN": "0.1"}, portfolio=True), at)
    assert held.margin == usd("60_000") * 16 * 8 // 1_000 + usd(1_800)  # 0.8 of 16 %, and 3 %


BRACKETS = (Bracket(0, Rate(1, 30)), Bracket(1_000, Rate(1, 20)), Bracket(5_000, Rate(1, 10)))


@pytest.mark.parametrize("slope", [Rate(0, 1), Rate(5, 100_000)])
@pytest.mark.parametrize("notional", [0, 1, 999, 1_000, 1_001, 5_000, 123_457])
def test_brackets_and_a_rate_that_grows_with_size(notional: int, slope: Rate) -> None:
    rule = Linear("X", "X", BRACKETS, slope)
    size = Fraction(notional, 7)
    exact = linear_margin(rule, Fraction(notional), Fraction(int(size * UNIT), UNIT)) * MONEY
    ours = requirement.linear_margin(rule, notional * MONEY, int(size * UNIT))
    assert ours == -(-exact.numerator // exact.denominator)  # rounded up, once
    many = requirement.linear_margin(
        rule, np.array([notional * MONEY] * 2, object), int(size * UNIT)
    )
    assert list(many) == [ours, ours]


def test_the_marginal_rate_is_that_of_the_last_unit() -> None:
    for notional, rate in ((999, (1, 30)), (1_000, (1, 30)), (1_001, (1, 20)), (9_999, (1, 10))):
        for slope in (Rate(0, 1), Rate(3, 7_000)):
            rule = Linear("X", "X", BRACKETS, slope)
            held = requirement.HeldLinear(-2 * UNIT, -notional * MONEY, rule)
            exact = notional * (Fraction(*rate) + 2 * Fraction(*slope)) * MONEY
            assert requirement.marginal_margin(held) == -(-exact.numerator // exact.denominator)


# -- the venue's own liquidation prices (responses of its interface, 2026) -------------------------
def liquidation_price(of: MarginAccount, at: Moment, name: str) -> Fraction:
    """Where E covers M exactly if the price of `name` alone moves."""
    found = standing(of, at)
    groups = {group.linear[0].rule.name: group for group in at.groups(of)}
    group = groups[name]
    slope = group.moving - sum(requirement.marginal_margin(each) for each in group.linear)
    return Fraction(at.marks[name].price, UNIT) * (1 - Fraction(found.equity - found.margin, slope))


def test_bitcoin_isolated() -> None:
    """szi 0.06075, rawUsd -3828.81778, positionValue 5101.4205, liquidationPx 63823.6021044955."""
    size, value = units("0.06075"), usd("5101.4205")
    price = value // size
    rules = example("hyperliquid").versions[-1]
    at = moment({"BTC": price})
    at.rules = rules
    held = MarginAccount(usd("-3828.81778"), {"BTC": size})
    found = standing(held, at)
    assert found.equity == usd("1272.60272")  # the venue's marginUsed
    exact = liquidation_price(held, at, "BTC")
    assert round(exact, 10) == Fraction("63823.6021044955")
    assert found.distance == int(10_000 * (1 - exact / Fraction(price, UNIT)))


@pytest.mark.parametrize(
    ("coin", "szi", "value", "stated"),
    [
        ("DYDX", "-303109.2", "38534.272596", "10.3702027403"),
        ("AVAX", "-2561.2", "25282.8858", "1222.1038847659"),
    ],
)
def test_cross_positions_of_the_venues_own_account(
    coin: str, szi: str, value: str, stated: str
) -> None:
    """
    Account value 3173167.351586, maintenance margin 37350.071885 in all, a hundredth of each
    position: what other coins add to both stands still.
    """
    size, notional = units(szi), usd(value)
    price = notional // -size
    at = moment({coin: price}, linear=[linear(coin, 1, 100, underlying=coin)])
    others = usd("37350.071885") - -(size * price) // 100
    held = MarginAccount(usd("3173167.351586") - others - size * price, {coin: size})
    assert round(liquidation_price(held, at, coin), 10) == Fraction(stated)


def test_the_venues_state_of_2023(shared_data: Path) -> None:
    """
    Twelve cross positions at 1 %: E - M is what each stated liquidation price stands for. (The
    venue's prices of 2023 left out that the margin moves too.)
    """
    answer = json.loads(
        (shared_data / "venue-api" / "hyperliquid" / "clearinghouse_state_2023.json").read_text()
    )["response"]
    positions = [each["position"] for each in answer["assetPositions"]]
    sizes = {each["coin"]: units(each["szi"]) for each in positions}
    prices = {
        each["coin"]: usd(each["positionValue"]) // abs(units(each["szi"])) for each in positions
    }
    held = MarginAccount(usd(answer["marginSummary"]["totalRawUsd"]), sizes)
    at = moment(prices, linear=[linear(coin, 1, 100, underlying=coin) for coin in sizes])
    found = standing(held, at)
    assert abs(found.equity - usd(answer["marginSummary"]["accountValue"])) < usd("0.000001")
    checked = 0
    for each in positions:
        if each["liquidationPx"] is not None:
            size = Fraction(sizes[each["coin"]], UNIT)
            price = Fraction(prices[each["coin"]], UNIT)
            spare = Fraction(found.equity - found.margin, MONEY)
            stands_for = (price - Fraction(each["liquidationPx"])) * size
            assert abs(stands_for - spare) < Fraction(1, 10**5)  # of 1,148 USD
            checked += 1
    assert checked == 5


# -- options ---------------------------------------------------------------------------------------
def terms(call: bool, strike: int, days: int, underlying: str = "BTC") -> OptionTerms:
    return OptionTerms(underlying, call, units(strike), NOW + days * DAY)


OPTIONS = {
    "C70": terms(True, 70_000, 30), "C60": terms(True, 60_000, 30),
    "P50": terms(False, 50_000, 30), "P60": terms(False, 60_000, 30),
    "C80": terms(True, 80_000, 90), "P40": terms(False, 40_000, 90),
    "E35": terms(True, 3_500, 10, "ETH"), "E25": terms(False, 2_500, 10, "ETH"),
    "P95": terms(False, 95_000, 2),
}  # fmt: skip
VALUES = {"C70": 900, "C60": 3_500, "P50": 600, "P60": 3_400, "C80": 1_500, "P40": 500,
          "E35": 40, "E25": 30, "P95": 35_000}  # fmt: skip
MARKS = {name: Mark(units(price), 60_000_000, 30_000_000) for name, price in VALUES.items()}
QUOTES: dict[str, Mark | int] = {**PRICES, **MARKS}


def test_charges_come_on_top_of_the_mark() -> None:
    at = moment(QUOTES, OPTIONS)
    call = standing(MarginAccount(usd(10_000), {"C70": -units(1)}), at)
    assert (call.equity, call.margin) == (usd(10_000 - 900), usd(4_500))
    put = standing(MarginAccount(usd(10_000), {"P50": -units(2)}), at)
    assert (put.equity, put.margin) == (usd(10_000 - 1_200), usd(9_000))
    rich = moment(QUOTES, OPTIONS, option=[option(put_mark=2_000)])  # a fifth of 35,000 is more
    deep = standing(MarginAccount(usd(90_000), {"P95": -units(1)}), rich)
    assert deep.margin == usd(7_000)
    long = standing(MarginAccount(usd(10_000), {"C60": units(1)}), at)
    assert (long.equity, long.margin) == (usd(13_500), usd(3_500))  # nothing is lent on it
    half = moment(QUOTES, OPTIONS, option=[option(long=5_000)])
    assert standing(MarginAccount(0, {"C60": units(1)}), half).margin == usd(1_750)
    assert call.gross == usd(18_000)  # |delta| of the underlying


def test_exposure_of_an_option_is_rounded_up() -> None:
    at = moment(QUOTES | {"C60": Mark(units(3_500), 60_000_000, -33_333_333)}, OPTIONS)
    for size in (1, -1, 7):
        exact = Fraction(abs(size) * BTC * 33_333_333, 10**8)
        assert standing(MarginAccount(0, {"C60": size}), at).gross == math.ceil(exact)
    odd = moment(QUOTES | {"BTC": Mark(BTC + 1), "C60": Mark(1, None, 1)}, OPTIONS)
    assert standing(MarginAccount(0, {"C60": 1}), odd).gross == BTC // 10**8 + 1


def test_a_mark_without_delta_has_blacks() -> None:
    at = moment(QUOTES | {"C60": Mark(units(3_500), 60_000_000)}, OPTIONS)
    gross = standing(MarginAccount(0, {"C60": -units(1)}), at).gross
    d1 = 0.6 * math.sqrt(30 / 365) / 2
    assert gross / usd(60_000) == pytest.approx(0.5 * math.erfc(-d1 / math.sqrt(2)), abs=2e-8)


def test_a_spread_takes_its_greatest_loss_where_that_is_less() -> None:
    spread = [option(spread=True, unpaired=11_000)]
    at = moment(QUOTES, OPTIONS, option=spread)
    vertical = MarginAccount(usd(9_000), {"C60": units(1), "C70": -units(1)})
    found = standing(vertical, at)  # loses nothing at settlement: its value is its margin
    assert found.margin == usd(3_500 - 900) and found.equity == usd(9_000 + 3_500 - 900)
    turned = standing(MarginAccount(usd(9_000), {"C60": -units(1), "C70": units(1)}), at)
    # charges: 9 % of 60,000 is more than what 7.5 % asks; the greatest loss would be 10,000
    assert turned.margin == usd(4_500 + 900)
    naked = standing(MarginAccount(usd(99_000), {"C70": -units(1)}), at)
    assert naked.margin == usd(4_500)  # 1.1 F for the unpaired call would be more
    apart = standing(MarginAccount(usd(9_000), {"C60": units(1), "C80": -units(1)}), at)
    assert apart.margin == usd(3_500 + 4_500)  # two expiries do not pair
    cheap = {"P60": units(1), "P50": -units(1)}
    assert standing(MarginAccount(usd(9_000), cheap), at).margin == usd(3_400 - 600)
    assert standing(MarginAccount(usd(9_000), cheap), moment(QUOTES, OPTIONS)).margin == usd(7_900)


BOOKS: list[tuple[int, dict[str, int | str]]] = [
    (30_000, {"C70": -1, "P50": -1}),
    (9_500, {"C70": -1, "P50": -1}),
    (60_000, {"C70": -2, "C60": 1, "BTC-PERP": 1, "P50": 3}),
    (25_000, {"E35": -10, "E25": -10, "C80": -1, "P40": -1}),
    (70_000, {"P95": -1, "BTC-PERP": "-0.5"}),
    (20_000, {"C60": 1, "C70": -1, "P60": 1, "P50": -1, "ETH-PERP": 5}),
    (5_000, {"C60": -1, "C70": 1, "COIN": 1}),
]


def book(cash: int, sizes: dict[str, int | str], portfolio: bool = False) -> MarginAccount:
    """An account with this equity at the cost of its positions."""
    held = {name: units(size) for name, size in sizes.items()}
    cost = 0
    for name, size in held.items():
        mark = QUOTES[name]
        cost += size * (mark.price if isinstance(mark, Mark) else mark)
    return MarginAccount(usd(cash) - cost, held, portfolio)


RULES: list[dict[str, Any]] = [
    {},
    {"option": [option(spread=True, unpaired=11_000), option(underlying="ETH", spread=True,
                                                            unpaired=11_000)]},
    {"option": [option(long=7_000, put_mark=3_000), option(underlying="ETH", call=1_400)],
     "linear": [linear("BTC-PERP", slope=(5, 100_000), brackets=[
         {"from": 0, "rate": [1, 80]}, {"from": 20_000, "rate": [1, 40]}]),
         linear("ETH-PERP", 1, 50)]},
]  # fmt: skip


@pytest.mark.parametrize("parts", RULES)
@pytest.mark.parametrize(("cash", "sizes"), BOOKS)
def test_options_against_the_reference(
    cash: int, sizes: dict[str, int | str], parts: dict[str, Any]
) -> None:
    at = moment(QUOTES, OPTIONS, **parts)
    compare(book(cash, sizes), at)


@pytest.mark.parametrize(("cash", "sizes"), [one for one in BOOKS if "E35" not in one[1]][:-2])
def test_portfolios_against_the_reference(cash: int, sizes: dict[str, int | str]) -> None:
    at = moment(QUOTES, OPTIONS, scenario=[scenario()])
    compare(book(cash, sizes, portfolio=True), at)


@pytest.mark.parametrize("volatility", [20_000_000, 60_000_000])
@pytest.mark.parametrize("name", ["NEAR", "P95", "C70", "C80"])
def test_shocks_of_volatility_by_the_days_that_are_left(name: str, volatility: int) -> None:
    """Half a day counts as one, 90 days have the other power; at 20 % the least after a rise."""
    options = OPTIONS | {"NEAR": terms(True, 60_000, 1)._replace(expiry=NOW + DAY // 2)}
    price = {"NEAR": 500}.get(name) or VALUES[name]
    rule = scenario(moves=[[800, 1, 10_000], [0, 1, 10_000], [-800, -1, 10_000]])
    mark = Mark(units(price), volatility, 30_000_000)
    at = moment(QUOTES | {name: mark}, options, scenario=[rule])
    for side in (1, -1):
        held = MarginAccount(usd(60_000), {name: side * units(1)}, True)
        compare(held, at)


def compare(of: MarginAccount, at: Moment) -> None:
    """E and M in USD, and the rung: the last at which the reference still has money to spare."""
    ours, slow = standing(of, at), Slow(of, at)
    assert ours.equity / MONEY == pytest.approx(slow.equity({}), abs=1e-6)
    assert ours.margin / MONEY == pytest.approx(slow.margin({}), abs=0.01)
    if ours.equity < ours.margin:
        assert ours.distance == 10_000 * (ours.equity - ours.margin) // ours.gross
        return
    assert slow.spare(ours.distance) > -0.01
    beyond = [rung for rung in RUNGS if rung > ours.distance]
    assert not beyond or slow.spare(beyond[0]) < 0.01


def test_the_rungs() -> None:
    assert list(distances.RUNGS) == RUNGS and len(RUNGS) == 131


def test_random_books_against_the_reference() -> None:
    rng = random.Random(5)
    for _ in range(12):
        names = rng.sample([*OPTIONS, "BTC-PERP", "ETH-PERP", "COIN"], 5)
        sizes: dict[str, int | str] = {name: f"{rng.uniform(-3, 3):.6f}" for name in names}
        at = moment(QUOTES, OPTIONS, **rng.choice(RULES))
        compare(book(rng.randrange(20_000, 200_000), sizes), at)


def test_positions_as_large_as_a_market() -> None:
    """Nothing overflows: a million bitcoin of every option, at any scale the same distance."""
    at = moment(QUOTES, OPTIONS, linear=[linear("BTC-PERP", 1, 100)])
    small = book(30_000, {"C70": -1, "P50": -1, "BTC-PERP": "0.1"})
    for scale in (10**6, 10**12):
        large = MarginAccount(
            small.cash * scale, {name: size * scale for name, size in small.sizes.items()}
        )
        assert distance(large, at) == distance(small, at) > 0


def test_money_more_is_never_nearer() -> None:
    at = moment(QUOTES, OPTIONS)
    sizes: dict[str, int | str] = {"C70": -1, "P50": -1, "ETH-PERP": 2}
    found = [distance(book(cash, sizes), at) for cash in range(8_000, 90_000, 3_000)]
    assert found == sorted(found) and found[0] < 0 < found[-1]


def test_a_long_option_alone_is_never_liquidated() -> None:
    at = moment(QUOTES, OPTIONS)
    assert distance(MarginAccount(0, {"C60": units(1), "P50": units(1)}), at) == FARTHEST


@pytest.mark.parametrize("side", [1, -1])
def test_rungs_and_formula_agree_to_the_last_u(side: int) -> None:
    """A long option that nothing is lent on changes nothing but how the distance is found."""
    at = moment(QUOTES, OPTIONS)
    slope = usd(60_000) - side * usd(600)
    for rung in (25, 250, 975, 1_000, 1_100, 4_700):
        spare = slope * rung // 10_000
        assert spare * 10_000 == slope * rung
        cash = usd(600) + spare - side * usd(60_000)
        sizes = {"BTC-PERP": side * units(1)}
        for more in (0, -1):
            alone = distance(MarginAccount(cash + more, sizes), at)
            beside = distance(MarginAccount(cash + more, sizes | {"C60": units(3)}), at)
            assert alone == rung + more
            assert beside == max(each for each in RUNGS if each <= alone)


def test_a_loss_on_the_way_counts_though_a_larger_move_brings_it_back() -> None:
    """One call short, more of a farther one long: worst between the strikes and far beyond fine."""
    at = moment(QUOTES, OPTIONS, option=[option(long=10_000)])
    dipped = 0
    for cash in (11_200, 11_300, 11_400):
        of = book(cash, {"C60": -1, "C70": "1.1"})
        compare(of, at)
        slow = Slow(of, at)
        for moves in ({"BTC": 1.0}, {"BTC": -1.0}):
            assert slow.equity(moves) > slow.margin(moves)  # no harm at the end of either way
        dipped += 4_100 <= distance(of, at) < FARTHEST
    assert dipped
    beside = book(10_000, {"C60": -1, "C70": "1.5", "ETH-PERP": -2})
    compare(beside, at)
    assert distance(beside, at) == 4_700  # 7,300, were the dip of bitcoin at 20 % forgotten


def test_moves_of_two_underlyings_add() -> None:
    """Each against the account: the distance of both is below that of either with the money."""
    at = moment(QUOTES, OPTIONS)
    one, two = book(40_000, {"C70": -1}), book(40_000, {"E35": -20})
    both = book(40_000, {"C70": -1, "E35": -20})
    assert distance(both, at) < min(distance(one, at), distance(two, at))


# -- what decides a value --------------------------------------------------------------------------
def test_time_is_counted_from_the_clock() -> None:
    at = moment(QUOTES, OPTIONS)
    expiry = NOW + 3 * HOUR
    option_terms = OptionTerms("BTC", True, units(60_000), expiry)
    for later, seconds in ((0, 10_800), (HOUR - 1, 10_800), (HOUR, 7_200), (3 * HOUR, 0)):
        at.time = NOW + later
        assert at.seconds_left(option_terms) == seconds
    odd = option_terms._replace(expiry=NOW + HOUR // 2)
    at.time = NOW + HOUR // 2 - 1
    assert at.seconds_left(odd) == 1_800
    at.time = odd.expiry
    assert at.seconds_left(odd) == 0


def test_a_volatility_is_the_venues_or_the_marks_and_cut() -> None:
    def volatility(mark: Mark) -> int:
        return moment(QUOTES | {"C60": mark}, OPTIONS).volatility("C60")

    one = 1 << 30
    assert volatility(Mark(units(1), 60_000_000)) == 60_000_000 * one // 10**8
    assert volatility(Mark(units(1), 1)) == 500 * one // 10_000
    assert volatility(Mark(units(1), 10**10)) == 5 * one
    assert volatility(Mark(0)) == 500 * one // 10_000
    assert volatility(Mark(units(59_000))) == 5 * one
    at_the_money = 60_000 * math.erf(0.6 * math.sqrt(30 / 365) / math.sqrt(8))
    assert volatility(Mark(units(f"{at_the_money:.8f}"))) / one == pytest.approx(0.60, abs=1e-6)


def test_what_is_too_far_is_refused() -> None:
    far = {"C": OptionTerms("BTC", True, 128 * BTC, NOW + DAY)}
    late = {"C": OptionTerms("BTC", True, BTC, NOW + 16 * 366 * DAY)}
    for options, quotes in (
        (far, QUOTES | {"C": Mark(1)}),
        (late, QUOTES | {"C": Mark(1)}),
        (OPTIONS | {"C": OPTIONS["C60"]}, QUOTES | {"C": Mark(128 * BTC)}),
        ({"C": OPTIONS["C60"]}, QUOTES | {"C": Mark(1), "BTC": Mark(0)}),
    ):
        with pytest.raises(Refused) as caught:
            standing(MarginAccount(0, {"C": 1}), moment(quotes, options))
        assert caught.value.code == "refused.margin.range"
        assert caught.value.fields == {"instrument": "C"}


@pytest.mark.parametrize(
    ("sizes", "portfolio"), [({"PEPE": 1}, False), ({"ETH-PERP": 1}, True), ({"X": 1}, False)]
)
def test_no_rule_no_answer(sizes: dict[str, int], portfolio: bool) -> None:
    options = {"X": OptionTerms("SOL", True, 1, NOW + DAY)}
    at = moment(QUOTES | {"PEPE": 1, "X": Mark(1), "SOL": 1}, options)
    with pytest.raises(Refused) as caught:
        standing(MarginAccount(0, sizes, portfolio), at)
    assert caught.value.code == "refused.margin.rule"


def test_a_weighted_sum_is_exact() -> None:
    rng = random.Random(6)
    for rows in (1, 7, 300):
        weights = [rng.randrange(-(1 << 170), 1 << 170) for _ in range(rows)]
        values = [[rng.randrange(-(1 << 45) + 1, 1 << 45) for _ in range(5)] for _ in range(rows)]
        exact = [sum(w * row[i] for w, row in zip(weights, values, strict=True)) for i in range(5)]
        assert list(weighted(weights, np.array(values))) == exact
    assert list(weighted([0], np.array([[3, 4]]))) == [0, 0]
