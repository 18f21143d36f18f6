"""Inverse contracts: a face in dollars, profit in a coin (docs/explanation/metrics.md A3, A5)."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from attestor_world import INSTRUMENTS, USD, A, B, Lines, at, statement
from hypothesis import given
from hypothesis import strategies as st
from margin_world import linear, moment, units, usd
from test_log_rules import of_kind, trips
from test_margin_distance import OPTIONS, QUOTES, compare
from test_statement_csv import FIRST, write
from test_statement_csv import A as W

from algebra.errors import Malformed, Refused
from attestor.ledger import apply_inverse
from attestor.log import Log, build_log
from attestor.margin.account import MONEY, MarginAccount
from attestor.margin.distance import standing
from attestor.statement import (
    UNIT,
    Coin,
    Fill,
    Instrument,
    Isolated,
    Line,
    Opening,
    OpeningPosition,
    Quote,
    Source,
    Stated,
    Statement,
    coins,
)
from attestor.venues.statement_csv import COLUMNS, OPTIONAL, STATEMENT, StatementFile
from history.v2.record import ACTIVE, BOOKED, FILL, LIQUIDATION, MARK, Record

PLACE = Source("test.csv", 1)
NAMES = {**INSTRUMENTS, "INV": Instrument("INV", coin="BTC")}


def inverse(
    make: Lines,
    time: int,
    face: int,
    price: int,
    index: int | None = None,
    of: str = A,
    **more: Any,
) -> Fill:
    fee = more.pop("fee", 0)
    plain = make.fill(time, of, face, price, instrument="INV", **more)
    paid_in = Coin("BTC", 0, (price if index is None else index) * UNIT)
    return plain._replace(paid_in=paid_in, fee=int(fee * UNIT))


def deposit(make: Lines, time: int, size: int, price: int, of: str = A) -> Line:
    coin = Coin("BTC", size * UNIT, price * UNIT)
    return make.transfer(time, of, 0)._replace(amount=coin.size * coin.price, coin=coin)


def marks(make: Lines, *prices: int) -> list[Quote]:
    """Of coin and contract at the beginning of each day."""
    return [
        make.mark(at(day, 0), price, name)
        for day, price in enumerate(prices)
        for name in ("BTC", "INV")
    ]


def log_of(
    fills: list[Fill], lines: list[Line], quotes: list[Quote], cash: int = 0, **more: Any
) -> Log:
    given = statement(fills, lines, quotes, cash=cash, **more)
    return build_log(replace(given, instruments=NAMES))


def values(found: list[Record], kind: int) -> list[int]:
    return [record.value for record in of_kind(found, kind)]


# -- by hand ---------------------------------------------------------------------------------------
def test_a_coin_that_is_sold_forward_is_dollars() -> None:
    """
    One bitcoin, and 50,000 dollars of face sold at 50,000: 50,000 dollars whatever the price. At
    40,000 the contract pays 50,000 / 40,000 - 1 = 0.25 bitcoin, 10,000 dollars.
    """
    make = Lines()
    lines = [deposit(make, at(0, 8), 1, 50_000)]
    fills = [inverse(make, at(0, 9), -50_000, 50_000), inverse(make, at(2, 9), 50_000, 40_000)]
    log = log_of(fills, lines, marks(make, 50_000, 60_000, 40_000))
    found = log.records.rows()
    opened, closed = of_kind(found, FILL)
    assert (opened.value, opened.notional) == (0, 5_000_000)
    assert (closed.value, closed.notional) == (1_000_000, 5_000_000)
    # Coin and contract net; at the end 1.25 bitcoin, bought at 50,000 and 40,000.
    assert values(found, MARK) == [0, 0, -1_000_000]
    assert trips(found) == [(2, 1_000_000), (2, -1_000_000)]
    assert log.closing == 5_000_000 + 1_000_000


def test_what_it_pays_counts_at_the_index() -> None:
    """Closed at 40,000, paid at 40,400: 0.25 bitcoin less a fee of 0.01 are 9,696 dollars."""
    make = Lines()
    lines = [deposit(make, at(0, 8), 1, 50_000)]
    fills = [
        inverse(make, at(0, 9), -50_000, 50_000, fee=0.002),
        inverse(make, at(2, 9), 50_000, 40_000, 40_400, fee=0.01),
    ]
    found = log_of(fills, lines, marks(make, 50_000, 50_000, 40_000)).records.rows()
    # The fee of the first is sold from the bitcoin, at the price at which it came.
    assert values(found, FILL) == [-10_000, 969_600]
    # 0.998 that came at 50,000 and 0.24 at 40,400, at 40,000.
    assert values(found, MARK)[2] == -998_000 - 9_600
    # The trip has both fees, each in bitcoin, at the price of its end.
    assert trips(found)[0] == (2, (25_000 - 1_200) * 4_040 // 100)


def test_a_part_is_closed_and_the_rest_turned_round() -> None:
    make = Lines()
    lines = [deposit(make, at(0, 8), 1, 50_000)]
    fills = [
        inverse(make, at(0, 9), 50_000, 50_000),
        inverse(make, at(1, 9), -20_000, 62_500, pnl=int(0.08 * UNIT), start=50_000 * UNIT),
        inverse(make, at(2, 9), -80_000, 40_000, pnl=-15 * UNIT // 100, start=30_000 * UNIT),
    ]
    found = log_of(fills, lines, marks(make, 50_000, 62_500, 40_000)).records.rows()
    # 0.4 - 20,000 / 62,500 = 0.08 at 62,500; 0.6 - 30,000 / 40,000 = -0.15 at 40,000, sold from
    # one bitcoin that came at 50,000 and 0.08 at 62,500.
    cost = (50_000 + 5_000) / 1.08
    assert values(found, FILL)[:2] == [0, 500_000]
    assert values(found, FILL)[2] == pytest.approx(100 * (-6_000 + 0.15 * (40_000 - cost)), abs=1)
    assert trips(found)[0] == (2, -7 * 40_000)  # 0.08 - 0.15 at the price of the end
    # 50,000 of face are short from 40,000: nothing yet. 0.93 bitcoin are left.
    assert values(found, MARK)[2] == pytest.approx(100 * 0.93 * (40_000 - cost), abs=1)


def test_the_record_of_a_liquidation_and_of_a_delivery() -> None:
    make = Lines()
    lines = [deposit(make, at(0, 8), 1, 50_000)]
    fills = [
        inverse(make, at(0, 9), 50_000, 50_000),
        inverse(make, at(0, 10), -20_000, 40_000, liquidation=True),
        inverse(make, at(0, 11), -30_000, 40_000)._replace(booked=True),
    ]
    found = log_of(fills, lines, marks(make, 50_000)).records.rows()
    assert values(found, LIQUIDATION) == [-400_000 - 100_000]  # 0.1 of the bitcoin went, at a loss
    booked = [r.notional for r in of_kind(found, BOOKED)]
    assert booked == [5_000_000, 3_000_000]  # of the coin that came, and the delivery
    assert not any(r.distance > 0 for r in of_kind(found, LIQUIDATION))


def test_positions_of_two_accounts_are_one_trip() -> None:
    """Long here and short there: the owner has nothing, and what it made is 1 - 50,000 / 62,500."""
    make = Lines()
    lines = [deposit(make, at(0, 8), 1, 50_000, of=each) for each in (A, B)]
    fills = [
        inverse(make, at(0, 9), 50_000, 50_000),
        inverse(make, at(1, 9), -50_000, 62_500, of=B),
    ]
    found = log_of(fills, lines, marks(make, 50_000, 62_500, 40_000), wallets=(A, B))
    rows = found.records.rows()
    assert trips(rows)[0] == (1, 20 * 6_250_000 // 100)
    # At 40,000 A has lost 10,000 and B won 18,000, beside 10,000 lost on each bitcoin.
    assert values(rows, MARK)[-2:] == [-2_000_000, 800_000]


def test_own_trades_are_no_trips_of_the_contract_or_of_its_coin() -> None:
    """What they pay goes from the one account to the other; a fee begins a trip nobody traded."""
    make = Lines()
    sides = [((A, 50_000), (B, -50_000)), ((B, 50_000), (A, -50_000))] * 3
    fills = [
        inverse(make, at(0, 9 + i), face, 50_000 + 10_000 * (i % 2), of=each, trade_id=str(i))
        for i, pair in enumerate(sides)
        for each, face in pair
    ]
    lines = [deposit(make, at(0, 8), 1, 50_000, of=each) for each in (A, B)]
    quotes = marks(make, 50_000)
    assert not trips(log_of(fills, lines, quotes, wallets=(A, B)).records.rows())
    # One wallet has no coins: nothing of the coin is open but while the two are under way.
    assert not trips(log_of(fills, [], quotes, cash=100_000, wallets=(A, B)).records.rows())
    # A trip of the coin that a fill began goes on through them, and ends with its last sale.
    traded = [make.fill(at(0, 8), A, 0.125, 50_000), make.fill(at(0, 20), A, -0.125, 50_000)]
    found = log_of([*traded, *fills], [], quotes, cash=100_000, wallets=(A, B)).records.rows()
    assert trips(found) == [(0, 0)]


def test_what_is_open_at_the_end_ends_at_the_mark() -> None:
    make = Lines()
    lines = [deposit(make, at(0, 8), 1, 50_000)]
    fills = [
        inverse(make, at(0, 9), 50_000, 50_000),
        inverse(make, at(1, 9), -20_000, 62_500),
    ]
    rows = log_of(fills, lines, marks(make, 50_000, 62_500, 80_000)).records.rows()
    # Of the contract 0.68 bitcoin, less 30,000 of face; of the coin 1.08, which cost 55,000.
    assert trips(rows) == [(2, 3_140_000), (2, 2_440_000)]
    assert values(rows, MARK)[2] == 100 * (86_400 - 55_000) + 100 * (48_000 - 30_000)


# -- books -----------------------------------------------------------------------------------------
@given(st.integers(0, 2**32))
def test_the_rule_against_its_meaning(seed: int) -> None:
    """
    What was paid in coins, and what the position is worth at any price, are the coins that all
    fills bought, less the face that is left; to some units of 1e-18 of a coin.
    """
    dice = random.Random(seed)
    size = cost = paid = face = 0
    bought = Fraction(0)
    for _ in range(20):
        traded, price = dice.randrange(-(10**24), 10**24), dice.randrange(10**15, 10**23)
        applied = apply_inverse(size, cost, traded, price)
        size, cost, paid = applied.size, applied.cost, paid + applied.realised
        face, bought = face + traded, bought + Fraction(traded * UNIT, price)
        assert cost == face * UNIT
        assert (size > 0) == (face > 0) or size == 0 or not applied.closing
        assert abs(paid + size - bought) <= 60
        if face == 0:
            assert size == 0


def test_a_position_that_is_closed_leaves_nothing() -> None:
    size, cost, _, _ = apply_inverse(0, 0, 100 * UNIT, 3 * UNIT)
    closed = apply_inverse(size, cost, -100 * UNIT, 7 * UNIT)
    assert (closed.size, closed.cost, closed.closing) == (0, 0, True)
    assert closed.realised == 100 * UNIT // 3 - 100 * UNIT // 7
    assert coins(-5, 2 * UNIT) == -2  # towards zero


def opened(make: Lines, isolated: int | None = None) -> dict[str, Opening]:
    """One bitcoin, and 50,000 of face bought at 40,000."""
    positions = [
        OpeningPosition(PLACE, "BTC", UNIT, 30_000 * UNIT),
        OpeningPosition(PLACE, "INV", 50_000 * UNIT, 40_000 * UNIT, isolated),
    ]
    return {A: Opening(PLACE, at(0, 0), 30_000 * USD, positions)}


def test_an_opening_position_begins_at_its_mark() -> None:
    """
    At 50,000 it has made 1.25 - 1 bitcoin, which the window begins with; the venue's own profit
    counts from 40,000 still.
    """
    make = Lines()
    fills = [
        inverse(make, at(1, 9), -10_000, 62_500, start=50_000 * UNIT, pnl=9 * UNIT // 100),
        inverse(make, at(1, 10), -40_000, 62_500, start=40_000 * UNIT, pnl=36 * UNIT // 100),
    ]
    quotes = marks(make, 50_000, 62_500)
    log = log_of(fills, [], quotes, opening=opened(make))
    assert log.opening == 100 * (50_000 + 12_500)
    assert values(log.records.rows(), FILL) == [100 * 2_500, 100 * 10_000]
    assert values(log.records.rows(), MARK)[2] == 100 * (5 * 12_500 // 4)
    wrong = fills[0]._replace(reported_pnl=UNIT // 10)
    with pytest.raises(Malformed, match="reported pnl differs"):
        log_of([wrong, fills[1]], [], quotes, opening=opened(make))
    wrong = fills[1]._replace(reported_start=40_001 * UNIT)
    with pytest.raises(Malformed, match="start position differs"):
        log_of([fills[0], wrong], [], quotes, opening=opened(make))


def test_the_venue_states_faces_and_coins() -> None:
    make = Lines()
    lines = [deposit(make, at(0, 8), 1, 50_000)]
    fills = [inverse(make, at(0, 9), -50_000, 50_000), inverse(make, at(1, 9), 20_000, 40_000)]
    held = {"BTC": 11 * UNIT // 10, "INV": -30_000 * UNIT}
    worth = 1.1 * 40_000 + 0.6 * -40_000 + 30_000

    def log(positions: dict[str, int], value: int) -> Log:
        said = Stated(PLACE, at(2), 9, A, 54_000 * USD, tuple(positions.items()), value * USD)
        given = statement(fills, lines, marks(make, 50_000, 40_000), cash=0)
        return build_log(replace(given, instruments=NAMES, stated=[said]))

    log(held, int(worth))
    with pytest.raises(Refused, match=r"position in INV: the venue states -30001, .* -30000"):
        log({**held, "INV": -30_001 * UNIT}, int(worth))
    with pytest.raises(Refused, match="account value"):
        log(held, int(worth) + 1)


# -- distance --------------------------------------------------------------------------------------
def test_distance_by_hand() -> None:
    """
    One bitcoin and 100,000 of face bought at 50,000, a hundredth of each: 48,500 to spare, and a
    price that falls by x takes 150,000 x from the one and 500 x from the other.
    """
    make = Lines()
    lines = [deposit(make, at(0, 8), 1, 50_000)]
    fills = [inverse(make, at(0, 9), 100_000, 50_000)]
    found = log_of(fills, lines, marks(make, 50_000)).records.rows()
    mark = of_kind(found, MARK)[0]
    assert mark.distance == 10_000 * 48_500 // 149_500
    assert (mark.exposure, mark.notional) == (20 * 150_000 // 50_000, 15_000_000)
    (owner, *_) = [r for r in found if r.kind & MARK and r.kind not in (ACTIVE | MARK,)]
    assert (owner.notional, owner.value) == (15_000_000, 15_000_000)
    hedged = [inverse(make, at(0, 9), -50_000, 50_000)]
    found = log_of(hedged, lines, marks(make, 50_000)).records.rows()
    assert of_kind(found, MARK)[0].distance == 10_000
    (owner, *_) = [r for r in found if r.kind & MARK and r.kind not in (ACTIVE | MARK,)]
    assert (owner.notional, owner.value) == (0, 10_000_000)


def test_a_margin_of_its_own_is_coins() -> None:
    """0.1 of the bitcoin is set aside for 50,000 of face: 5,000 dollars at 1 %."""
    make = Lines()
    lines: list[Line] = [
        deposit(make, at(0, 8), 1, 50_000),
        Isolated(PLACE, at(0, 9), 50, A, "INV", UNIT // 10),
    ]
    fills = [inverse(make, at(0, 9), 50_000, 50_000)]
    found = log_of(fills, lines, marks(make, 50_000)).records.rows()
    mark = of_kind(found, MARK)[0]
    # E 5,000; M 500 and 50 for the bitcoin, which has its hundredth here as everywhere.
    assert mark.distance == 10_000 * (5_000 - 550) // (55_000 - 50)
    apart = log_of([], [], marks(make, 50_000), opening=opened(make, UNIT // 10)).records.rows()
    # It had made a quarter of a bitcoin, which is the position's until the venue pays it.
    assert of_kind(apart, MARK)[0].distance == 10_000 * (17_500 - 675) // (67_500 - 175)


def test_a_fee_in_coins_after_all_is_set_aside_comes_off_them() -> None:
    make = Lines()
    aside = Isolated(PLACE, at(0, 9), 50, A, "INV", UNIT)
    fills = [inverse(make, at(0, 10), 50_000, 50_000, fee=0.01)]
    lines: list[Line] = [deposit(make, at(0, 8), 1, 50_000), aside]
    found = log_of(fills, lines, marks(make, 50_000)).records.rows()
    # E 49,500; M 500 and 500 for the bitcoin.
    assert of_kind(found, MARK)[0].distance == 10_000 * (49_500 - 1_000) // (100_000 - 500)


PRICES = {"INV": units(50_000), "BTC": units(50_000)}
COLLATERAL = [{"name": "BTC", "underlying": "BTC", "factor": 10_000}]


def owned(bitcoin: str, face: int, entry: int = 50_000) -> MarginAccount:
    sizes = {"BTC": units(bitcoin), "INV": coins(face * UNIT, entry * UNIT)}
    return MarginAccount(-face * MONEY, sizes, faces={"INV": face * MONEY})


@pytest.mark.parametrize("entry", [40_000, 50_000, 70_000])
@pytest.mark.parametrize(("bitcoin", "face"), [("1", 150_000), ("0.5", -60_000), ("2", -99_990)])
def test_the_venues_formula(bitcoin: str, face: int, entry: int) -> None:
    """
    The liquidation price of a coin account, solved in coins as its venue does: equity C + N (1 / e
    - 1 / p), maintenance margin |N| / (100 p).
    """
    at_ = moment(PRICES, linear=[linear("INV", 1, 100, underlying="BTC")], collateral=COLLATERAL)
    found = standing(owned(bitcoin, face, entry), at_)
    price = Fraction(50_000)
    equity = Fraction(bitcoin) + Fraction(face, entry) - face / price
    assert abs(found.equity - equity * price * MONEY) < MONEY // 10**9
    assert found.margin == usd(abs(face)) // 100
    liquidated = (face + Fraction(abs(face), 100)) / (Fraction(bitcoin) + Fraction(face, entry))
    if found.equity < found.margin:
        assert found.distance < 0
    elif liquidated > 0:
        move = 10_000 * abs(1 - liquidated / price)
        assert found.distance == min(10_000, int(move))


def test_a_rate_that_grows_with_the_coins() -> None:
    """0.005 % a bitcoin: 10 bitcoin of face have 0.05 % more, and more yet as the price falls."""
    parts = {"linear": [linear("INV", 1, 100, slope=(5, 100_000), underlying="BTC")],
             "collateral": COLLATERAL}  # fmt: skip
    found = standing(owned("2", 500_000), moment(PRICES, **parts))
    assert found.margin == usd(5_000 + 250)
    assert found.distance == 10_000 * (100_000 - 5_250) // (600_000 + 250)
    short = standing(owned("2", -500_000), moment(PRICES, **parts))
    assert short.distance == 10_000 * (100_000 - 5_250) // (400_000 - 250)


@pytest.mark.parametrize("portfolio", [False, True])
@pytest.mark.parametrize("slope", [(0, 1), (5, 100_000)])
@pytest.mark.parametrize("face", [-200_000, -60_000, 90_000])
def test_beside_options_every_rung(face: int, slope: tuple[int, int], portfolio: bool) -> None:
    rules = [linear("INV", 1, 100, slope=slope, underlying="BTC"), linear("BTC-PERP", 1, 100)]
    quotes = {**QUOTES, "INV": units(60_000)}
    at_ = moment(quotes, OPTIONS, linear=rules)
    held = owned("0", face, 55_000)
    sizes = {**held.sizes, "COIN": units(2), "C70": -units(1), "P50": units(1)}
    compare(replace(held, sizes=sizes, cash=held.cash + usd(30_000), portfolio=portfolio), at_)


# -- lines -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"paid_in": None}, "index: INV pays in BTC"),
        ({"paid_in": Coin("ETH", 0, UNIT)}, "index: INV pays in BTC"),
        ({"paid_in": Coin("BTC", 0, 0)}, "must be above 0"),
        ({"price": 0, "booked": True}, "must be above 0"),
        ({"instrument": "BTC"}, "index: BTC pays in dollars"),
        ({"size": 1, "price": 2 * UNIT}, "less than the smallest part of a coin"),
    ],
)
def test_executions_that_are_refused(change: dict[str, Any], reason: str) -> None:
    make = Lines()
    fill = inverse(make, at(0, 9), 50_000, 50_000)._replace(**change)
    with pytest.raises(Malformed, match=reason) as caught:
        log_of([fill], [], marks(make, 50_000), cash=1)
    assert caught.value.fields["line"] == fill.source.line


def test_a_contract_is_no_coin() -> None:
    make = Lines()
    line = deposit(make, at(0), 1, 1)._replace(coin=Coin("INV", UNIT, UNIT))  # type: ignore[call-arg]
    with pytest.raises(Malformed, match="INV is no coin"):
        log_of([], [line], marks(make, 1))


INSTRUMENT_LINES = "name,underlying,expiry,strike,right,coin\nBTC,,,,,\nINV,,,,,BTC\n"
TRADE = {"kind": "fill", "wallet": W, "instrument": "INV", "side": "sell", "size": "50000",
         "price": "50000", "fee": "0.002", "liquidity": "taker", "index": "50010",
         "closed_pnl": "0.000000000000000001"}  # fmt: skip


def read(folder: Path, rows: list[dict[str, str]], names: str = INSTRUMENT_LINES) -> Statement:
    write(folder, [], names)
    columns = [*COLUMNS, *OPTIONAL]
    lines = [",".join(columns)]
    for number, row in enumerate(rows, 1):
        row = {"time": f"2026-01-01T00:0{number}:00Z", "sequence": str(number), **row}
        lines.append(",".join(row.get(name, "") for name in columns))
    (folder / STATEMENT).write_text("\n".join(lines))
    return StatementFile.load(folder, "v").statement([W], FIRST, FIRST + 1)


def test_the_statement_file_has_them(tmp_path: Path) -> None:
    aside = {"kind": "isolated", "wallet": W, "instrument": "INV", "amount": "0.5"}
    position = {"kind": "position", "wallet": W, "instrument": "INV", "side": "buy", "size": "9",
                "price": "3", "amount": "0.25"}  # fmt: skip
    first = {"kind": "opening", "wallet": W, "amount": "0", "time": "2026-01-01T00:00:00Z"}
    end = {**TRADE, "kind": "delivery", "liquidity": "", "closed_pnl": ""}
    given = read(tmp_path, [first, position | {"time": first["time"]}, aside, TRADE, end])
    one, other = given.fills
    assert (one.size, one.fee, one.reported_pnl) == (-50_000 * UNIT, UNIT // 500, 1)
    assert one.paid_in == other.paid_in == Coin("BTC", 0, 50_010 * UNIT)
    assert (one.notional, one.cash_at(one.price)) == (50_000 * USD, -UNIT)
    (line,) = given.lines
    assert isinstance(line, Isolated) and line.amount == UNIT // 2
    assert given.openings[W].positions[0].isolated == UNIT // 4
    assert given.instruments["INV"].coin == "BTC"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"index": ""}, r"statement\.csv:2: index: empty, INV pays in BTC, which needs its price"),
        ({"index": "0"}, "index: must be above 0"),
        ({"index": "x"}, "index: not a plain decimal"),
        ({"instrument": "BTC"}, "index: BTC pays in dollars"),
        ({"fee": "0." + 19 * "1"}, "fee: more than 18 decimals"),
        ({"kind": "expiry", "liquidity": "", "price": "0"}, "price: must be above 0"),
        ({"kind": "vote", "id": "x"}, "index: a vote has none"),
    ],
)
def test_lines_of_the_file_that_are_refused(
    tmp_path: Path, change: dict[str, str], reason: str
) -> None:
    row = TRADE | change
    if row["kind"] == "vote":
        row = {"kind": "vote", "wallet": W, "id": "x", "index": "1"}
    with pytest.raises(Malformed, match=reason):
        read(tmp_path, [row])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("INV,,,,,XRP", "coin: no instrument that is a coin: 'XRP'"),
        ("INV,,,,,INV", "coin: no instrument that is a coin: 'INV'"),
        ("INV,BTC,2026-01-31T08:00:00Z,,,BTC", "coin: an option's price is in dollars"),
        ("DATED,,2026-01-31T08:00:00Z,,,\nINV,,,,,DATED", "coin: no instrument that is a coin"),
    ],
)
def test_instruments_that_are_refused(tmp_path: Path, line: str, reason: str) -> None:
    names = INSTRUMENT_LINES.replace("INV,,,,,BTC", line)
    with pytest.raises(Malformed, match=reason) as caught:
        read(tmp_path, [], names)
    assert caught.value.fields["file"] == "instruments.csv"
