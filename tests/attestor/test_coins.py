"""Sub-accounts, and balances in coins as positions (docs/explanation/metrics.md A5)."""

from __future__ import annotations

from pathlib import Path

import pytest
from attestor_world import USD, A, B, Lines, at, statement
from test_log_rules import of_kind, rows, trips

from algebra.errors import Malformed
from attestor.cells import (
    parse_account,
)
from attestor.log import build_log
from attestor.statement import (
    UNIT,
    Carry,
    Coin,
    Line,
    Opening,
    Source,
    Transfer,
    account_order,
    relabel,
    wallet_of,
)
from history.v2.record import ACTIVE, BASE, BOOKED, CARRY, FILL, INFLOW, MARK, TRANSFER

PLACE = Source("test.csv", 1)


def moved(line: Line, size: int | float, price: int) -> Line:
    """The line, in bitcoin."""
    coin = Coin("BTC", int(size * UNIT), price * UNIT)
    return line._replace(amount=coin.size * coin.price, coin=coin)  # type: ignore[call-arg]


def deposit(make: Lines, time: int, account: str, size: int | float, price: int) -> Line:
    return moved(make.transfer(time, account, 0), size, price)


# -- coins -----------------------------------------------------------------------------------------
def test_a_deposit_of_a_coin_is_a_flow_and_a_position() -> None:
    make = Lines()
    marks = [make.mark(at(0, 0), 100), make.mark(at(1, 0), 120)]
    log = build_log(statement(lines=[deposit(make, at(0), A, 2, 100)], quotes=marks, cash=1_000))
    records = log.records.rows()
    (flow,), (booked,) = of_kind(records, TRANSFER), of_kind(records, BOOKED)
    assert (flow.kind, flow.value) == (ACTIVE | TRANSFER | INFLOW | BASE, 20_000)
    assert (booked.value, booked.notional) == (0, 20_000)
    assert not of_kind(records, FILL)
    assert [r.value for r in of_kind(records, MARK)] == [0, 4_000, 4_000]
    assert not trips(records)  # nobody traded
    assert log.closing - log.opening == 20_000


def test_a_withdrawal_of_a_coin_books_what_it_has_won() -> None:
    make = Lines()
    marks = [make.mark(at(0, 0), 100), make.mark(at(1, 0), 150)]
    lines = [deposit(make, at(0), A, 2, 100), deposit(make, at(1), A, -2, 150)]
    log = build_log(statement(lines=lines, quotes=marks, cash=1_000))
    records = log.records.rows()
    assert [r.value for r in of_kind(records, TRANSFER)] == [20_000, -30_000]
    assert [r.value for r in of_kind(records, BOOKED)] == [0, 10_000]
    assert not trips(records)
    assert log.closing == log.opening


def test_coins_that_come_and_go_are_no_trip_and_end_one_in_which_a_fill_took_part() -> None:
    make = Lines()
    marks = [make.mark(at(0, 0), 100), make.mark(at(0, 12), 150)]
    dust = [deposit(make, at(0, 1, i), A, (-1) ** i * 0.001, 100) for i in range(54)]
    held = [deposit(make, at(0, 9), A, 1, 100), deposit(make, at(1), A, -1, 150)]
    assert not trips(rows(lines=[*dust, *held], quotes=marks))
    # Bought and sent away, or come and sold: what it made from its first price to its last.
    bought = make.fill(at(0, 9), A, 1, 100, fee=USD)
    assert trips(rows([bought], held[1:], marks)) == [(1, 4_900)]
    sold = make.fill(at(1), A, -1, 150, fee=USD)
    assert trips(rows([sold], held[:1], marks)) == [(1, 4_900)]
    # A sale of more than is there ends one and begins the next; a transfer that turns it, too.
    two = make.fill(at(1), A, -2, 150)
    assert trips(rows([two], held[:1], marks)) == [(1, 5_000), (2, 0)]
    away = [held[0], deposit(make, at(1, 13), A, -2, 150)]
    half = make.fill(at(0, 10), A, 0.5, 100)
    assert trips(rows([half], away, marks)) == [(1, 7_500)]


def test_funding_in_a_coin_is_carry_and_a_purchase() -> None:
    make = Lines()
    lines = [
        moved(make.carry(at(0, 8), A, 0), 0.5, 100),
        moved(make.carry(at(0, 16), A, 0), -1, 90),
    ]
    log = build_log(statement(lines=lines, quotes=[make.mark(at(0, 0), 95)], cash=1_000))
    records = log.records.rows()
    (carry,) = of_kind(records, CARRY)
    assert carry.value == 5_000 - 9_000
    # Half a coin at 100 goes at 90, and half a coin is owed from 90.
    assert [r.value for r in of_kind(records, BOOKED)] == [0, -500]
    assert [r.value for r in of_kind(records, MARK)] == [-250] * 3
    assert log.closing - log.opening == -4_500


def test_a_coin_that_goes_to_an_own_account_ends_no_trip() -> None:
    make = Lines()
    lines = [
        deposit(make, at(0, 9), A, 1, 100),
        deposit(make, at(0, 10), A, -1, 130),
        deposit(make, at(0, 10), B, 1, 130),
    ]
    fills = [make.fill(at(0, 8), A, 1, 100)]
    records = rows(fills, lines, [make.mark(at(0, 0), 140)], wallets=(A, B))
    assert [r.kind & INFLOW for r in of_kind(records, TRANSFER)] == [INFLOW, 0, 0]
    assert trips(records) == [(2, 8_000)]
    other = [lines[0], lines[1], make.transfer(at(0, 10), B, 130)]  # dollars are no coin
    records = rows(lines=other, quotes=[make.mark(at(0, 0), 140)], wallets=(A, B))
    assert [r.kind & INFLOW for r in of_kind(records, TRANSFER)] == [INFLOW, 0, INFLOW]


@pytest.mark.parametrize(("size", "price", "internal"), [(10, 110, True), (5, 200, False)])
def test_coins_are_internal_by_their_number_and_keep_what_they_gain_under_way(
    size: int, price: int, internal: bool
) -> None:
    """Ten go at 100: ten that come at 110 are they, and five that come at 200 are not."""
    make = Lines()
    moves = [(at(0, 9), A, -10, 100), (at(0, 10), B, size, price)]
    lines = [deposit(make, *move)._replace(transaction="x") for move in moves]  # type: ignore[call-arg]
    bought = make.fill(at(0, 8), A, 10, 100)
    marks = [make.mark(at(0, 0), 100), make.mark(at(0, 10), price)]
    found = build_log(statement([bought], lines, marks, wallets=(A, B))).records.rows()
    flows = of_kind(found, TRANSFER)
    assert [bool(r.kind & INFLOW) for r in flows] == [False, not internal]
    assert sum(r.value for r in flows) == 0
    assert [r.value for r in of_kind(found, MARK)][:2] == [0, 10_000 if internal else 0]
    assert trips(found) == [(2, 10_000) if internal else (0, 0)]


@pytest.mark.parametrize(
    ("coin", "reason"),
    [
        (Coin("XRP", UNIT, UNIT), "instrument: unknown"),
        (Coin("CALL", UNIT, UNIT), "CALL is no coin"),
        (Coin("BTC", UNIT, 0), "must not be 0"),
        (Coin("BTC", 0, UNIT), "must not be 0"),
    ],
)
def test_lines_in_coins_that_are_refused(coin: Coin, reason: str) -> None:
    line = Transfer(PLACE, at(0), 1, A, coin.size * coin.price, None, coin)
    with pytest.raises(Malformed, match=reason):
        build_log(statement(lines=[line]))


# -- sub-accounts ----------------------------------------------------------------------------------
def test_every_sub_account_has_its_marks_also_before_it_is_used() -> None:
    make = Lines()
    fills = [make.fill(at(2, 9), f"{A}/2", 1, 100)]
    lines = [make.transfer(at(2, 8), f"{A}/2", 500), make.transfer(at(2, 8), A, -500)]
    log = build_log(statement(fills, lines, cash=1_000))
    assert log.wallets == 2
    marks = of_kind(log.records.rows(), MARK)
    assert [(r.day, r.exposure) for r in marks] == [(0, 0), (0, 0), (1, 0), (1, 0), (2, 0), (2, 4)]
    # The wallet gives to its own sub-account: no flow.
    assert not any(r.kind & INFLOW for r in of_kind(log.records.rows(), TRANSFER))


def test_accounts_of_a_wallet_trade_with_each_other() -> None:
    make = Lines()
    opening = {each: Opening(PLACE, at(0, 0), 1_000 * USD) for each in (A, f"{A}/1")}
    fills = [
        make.fill(at(0, 9), A, 1, 100, trade_id="x"),
        make.fill(at(0, 9), f"{A}/1", -1, 100, trade_id="x"),
    ]
    records = rows(fills, opening=opening)
    assert len(of_kind(records, BOOKED)) == 2 and not trips(records)


def test_another_wallets_sub_account_is_refused() -> None:
    make = Lines()
    with pytest.raises(Malformed, match="not one of the owner's"):
        build_log(statement([make.fill(at(0), f"{B}/1", 1, 100)]))


def test_accounts_are_ordered_by_number() -> None:
    make = Lines()
    named = [f"{A}/10", f"{A}/9", f"{A}/1"]
    lines = [Carry(PLACE, at(0), i, each, 1) for i, each in enumerate(named)]
    made = statement([make.fill(at(0), B, 1, 1)], lines, wallets=(B, A))
    assert made.accounts == [A, f"{A}/1", f"{A}/9", f"{A}/10", B]
    assert account_order(f"{A}/10") == (A, 10) and wallet_of(f"{A}/10") == A
    assert relabel(made, {A: B, B: A}).accounts == [A, B, f"{B}/1", f"{B}/9", f"{B}/10"]


@pytest.mark.parametrize("text", ["/", "/0", "/01", "/-1", "/x", "/1/2", "/12345678901"])
def test_numbers_of_sub_accounts_have_one_spelling(text: str) -> None:
    with pytest.raises(Malformed, match="no number of a sub-account"):
        parse_account(A + text, PLACE)
    assert parse_account(A.upper().replace("X", "x") + "/17", PLACE) == f"{A}/17"


# -- the statement file ----------------------------------------------------------------------------
def test_the_statement_file_reads_them_all(tmp_path: Path) -> None:
    from test_statement_csv import FIRST, write

    from attestor.venues.statement_csv import COLUMNS, StatementFile

    traded = {"wallet": A, "instrument": "CALL", "side": "buy", "size": "1", "price": "0"}
    sale = {"side": "sell", "fee": "0", "liquidity": "maker", "price": "12.5"}
    rows_ = [
        {"kind": "opening", "wallet": A, "amount": "1000"},
        {"kind": "opening", "wallet": f"{A}/3", "amount": "0." + 35 * "0" + "1"},
        {"kind": "mark", "instrument": "BTC", "price": "100"},
        {"kind": "mark", "instrument": "CALL", "price": "0", "delta": "0"},
        {**traded, **sale, "kind": "fill"},
        {**traded, "kind": "expiry"},
        {**traded, **sale, "kind": "liquidation", "id": "t"},
        {**traded, "kind": "takeover", "size": "2"},
        {**traded, "kind": "delivery", "side": "sell", "fee": "0.01"},
        {"kind": "transfer", "wallet": A, "amount": "0.5", "instrument": "BTC", "price": "100"},
        {"kind": "socialised", "wallet": f"{A}/3", "amount": "-0"[1:]},
        {
            "kind": "reward",
            "wallet": A,
            "amount": "1",
            "id": "r",
            "instrument": "BTC",
            "price": "9",
        },
    ]
    file = StatementFile.load(write(tmp_path, rows_), "v")
    read = file.statement([A], FIRST, FIRST + 1)
    assert [(f.booked, f.liquidation, f.maker, f.price) for f in read.fills] == [
        (False, False, True, 25 * UNIT // 2), (True, False, False, 0),
        (False, True, True, 25 * UNIT // 2), (True, True, False, 0), (True, False, False, 0),
    ]  # fmt: skip
    assert [line.amount for line in read.lines] == [50 * USD, 9 * USD, 0]
    assert read.accounts == [A, f"{A}/3"]
    assert "order" not in COLUMNS
    assert all(fill.order is None for fill in read.fills)


def test_an_order_column_may_be_added(tmp_path: Path) -> None:
    from test_statement_csv import FIRST, write

    from attestor.venues.statement_csv import STATEMENT, StatementFile

    row = {"kind": "fill", "wallet": A, "instrument": "BTC", "side": "buy", "size": "1"}
    row |= {"price": "10", "fee": "0", "liquidity": "taker"}
    rows_ = [{"kind": "opening", "wallet": A, "amount": "1000"}, row, {**row, "size": "2"}]
    folder = write(tmp_path, rows_)
    lines = (folder / STATEMENT).read_text().splitlines()
    orders = ["order", "", "7", "7"]  # and no volatility
    text = [f"{line},{order}" for line, order in zip(lines, orders, strict=True)]
    (folder / STATEMENT).write_text("\n".join(text))
    read = StatementFile.load(folder, "v").statement([A], FIRST, FIRST + 1)
    assert [fill.order for fill in read.fills] == ["7", "7"]
    assert int(build_log(read).records.has(FILL).sum()) == 1
    (folder / STATEMENT).write_text("\n".join([*text[:2], text[2].replace(",7", ",Ж"), text[3]]))
    with pytest.raises(Malformed, match=r"order: character 1 is U\+0416"):
        StatementFile.load(folder, "v")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            {"kind": "fill", "price": "0", "fee": "0", "liquidity": "maker"},
            "price: must be above 0",
        ),
        ({"price": "-1"}, "price: must be above 0"),
        ({"liquidity": "maker"}, "liquidity: a expiry has none"),
        ({"kind": "transfer", "side": "", "size": "", "amount": "1", "price": ""}, "index price"),
        (
            {"kind": "transfer", "side": "", "size": "", "amount": "1", "instrument": ""},
            "instrument: empty",
        ),
        ({"order": "1"}, "order: a expiry has none"),
    ],
)
def test_lines_of_bookings_and_coins_that_are_refused(
    tmp_path: Path, change: dict[str, str], reason: str
) -> None:
    from test_statement_csv import write

    from attestor.venues.statement_csv import COLUMNS, OPTIONAL, STATEMENT, StatementFile

    row = {"kind": "expiry", "wallet": A, "instrument": "BTC", "side": "buy", "size": "1"}
    row |= {"price": "0", **change}
    folder = write(tmp_path, [])
    row |= {"time": "2026-01-01T00:00:00Z", "sequence": "1"}
    columns = [*COLUMNS, *OPTIONAL]
    lines = [",".join(columns), ",".join(row.get(name, "") for name in columns)]
    (folder / STATEMENT).write_text("\n".join(lines))
    with pytest.raises(Malformed, match=reason):
        StatementFile.load(folder, "v")
