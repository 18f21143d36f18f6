"""Deribit's answers as statements: a whole history, and what the venue's own examples show."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from deribit_story import CALL, LINEAR, LINEAR_CALL, PERPETUAL, PUT, folder, story
from deribit_world import CURRENCIES, FIRST, INDEX, LAST, MAIN, SUB, WALLET, Member, collected, ms

from algebra.errors import Refused
from attestor.log import Log, build_log
from attestor.statement import CENT, UNIT, Carry, Statement, Transfer
from attestor.venues.deribit.adapter import History
from history.dates import day_number
from history.v2.record import FILL, INFLOW, LIQUIDATION, TRANSFER

WINDOW = (day_number(FIRST), day_number(LAST))
SUB_ACCOUNT = f"{WALLET}/1"


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    return History.load(folder().write(tmp_path_factory.mktemp("deribit") / "answers"))


@pytest.fixture(scope="module")
def statement(history: History) -> Statement:
    return history.statement([WALLET], *WINDOW)


@pytest.fixture(scope="module")
def log(statement: Statement) -> Log:
    return build_log(statement)


def test_the_books_close_on_what_the_venue_has(log: Log) -> None:
    """Closing and unrealised pnl are the venue's balances, sessions and options at their marks."""
    time, worth = ms(LAST, 23), Fraction(0)
    for member in story().values():
        for currency in CURRENCIES:
            rate = Fraction(1) if currency == "USDC" else INDEX[currency](time)
            worth += member.balance[currency] * rate
        for name, held in member.futures.items():
            base = name.split("-")[0].split("_")[0]
            price = INDEX[base](time)
            inverse = "USDC" not in name
            made = held.brought - (held.size / price if inverse else -held.size * price)
            worth += made * (price if inverse else 1)
    marks = log.records.rows()
    unrealised = sum(row.value for row in marks if row.day == log.days - 1 and row.kind == 0b1001)
    assert abs(log.closing + unrealised - 100 * worth) <= 5


def test_the_log_states_the_venue_s_balances(statement: Statement) -> None:
    """The coins of the books are the balance and what waits for the next settlement, exactly."""
    main, sub = statement.stated
    assert (main.wallet, sub.wallet) == (WALLET, SUB_ACCOUNT)
    members = story()
    assert dict(sub.positions) == {"BTC": members[str(SUB)].balance["BTC"] * UNIT}
    held = members[WALLET].futures
    assert dict(main.positions).keys() == {"BTC", "ETH", PERPETUAL, LINEAR}
    assert dict(main.positions)[PERPETUAL] == held[PERPETUAL].size * UNIT
    assert dict(main.positions)["ETH"] == 225 * UNIT // 100


@pytest.mark.parametrize("account", [WALLET, SUB_ACCOUNT])
def test_a_balance_that_differs_by_one_unit_is_told(statement: Statement, account: str) -> None:
    stated = []
    for said in statement.stated:
        if said.wallet == account:
            held = dict(said.positions)
            held["BTC"] += 1
            said = said._replace(positions=tuple(sorted(held.items())))
        stated.append(said)
    statement.stated[:], before = stated, list(statement.stated)
    try:
        with pytest.raises(Exception, match="position in BTC: the venue states"):
            build_log(statement)
    finally:
        statement.stated[:] = before


def test_dollars_beside_coins_are_compared_too(statement: Statement) -> None:
    before = list(statement.stated)
    statement.stated[0] = before[0]._replace(balance=(before[0].balance or 0) + 2 * CENT)
    try:
        with pytest.raises(Exception, match="balance: the venue states"):
            build_log(statement)
    finally:
        statement.stated[:] = before


def test_funding_is_what_fills_do_not_make(statement: Statement) -> None:
    """Of each settlement the rest is the funding, to the venue's rounding."""
    found = [line for line in statement.lines if isinstance(line, Carry)]
    coins = [
        line.coin.size / 10**18 for line in found if line.coin is not None and line.wallet == WALLET
    ]
    assert [round(each, 8) for each in coins if abs(each) > 3e-8] == pytest.approx(
        [-0.00000514, 0.00000514, 0.0000114, 0.0000114, 0.0000114], abs=2e-8
    )
    dollars = [line.amount / 10**36 for line in found if line.coin is None]
    assert dollars == pytest.approx([0.0123, -0.0123, 0.0023, 0.0023], abs=1e-7)


def test_opening_positions_stand_at_their_marks(statement: Statement) -> None:
    main, sub = statement.openings[WALLET], statement.openings[SUB_ACCOUNT]
    held = {each.instrument: each for each in main.positions}
    assert held.keys() == {"BTC", PERPETUAL, CALL}
    price = INDEX["BTC"](ms(FIRST))
    assert held[PERPETUAL].size == 20_000 * UNIT
    assert held[PERPETUAL].entry == held["BTC"].entry == price * UNIT
    assert [(each.instrument, each.size) for each in sub.positions] == [("BTC", 15 * UNIT // 10)]
    assert sub.balance == 15 * UNIT // 10 * held["BTC"].entry


def test_executions(statement: Statement, log: Log) -> None:
    fills = {(f.order, f.instrument): f for f in statement.fills if not f.booked}
    turned = fills["turn", PERPETUAL]  # two lines of one trade are one fill
    assert (turned.size, turned.fee) == (-50_000 * UNIT, 4 * 10**14)
    put = next(f for f in fills.values() if f.instrument == PUT)
    index = INDEX["BTC"](ms("2026-07-30", 11))
    assert put.price == Fraction("0.0201") * index * UNIT
    assert put.fee == Fraction("0.0003") * index * UNIT * UNIT
    forced = [f for f in statement.fills if f.liquidation]
    assert [(f.wallet, f.size) for f in forced] == [(SUB_ACCOUNT, 600_000 * UNIT)]
    kinds = [row for row in log.records.rows() if row.kind & LIQUIDATION]
    assert [(row.distance, row.kind & FILL) for row in kinds] == [(0, FILL)]


def test_deliveries(statement: Statement) -> None:
    """In cash or through the future, an option is delivered at what it is worth."""
    found = {f.instrument: f for f in statement.fills if f.booked and "-" in f.instrument}
    assert found.keys() == {CALL, PUT, LINEAR_CALL}
    assert found[LINEAR_CALL].price == (INDEX["BTC"](ms("2026-08-01", 8)) - 58_000) * UNIT
    assert found[PUT].price == (61_000 - INDEX["BTC"](ms("2026-08-02", 8))) * UNIT
    assert found[CALL].price == (INDEX["BTC"](ms("2026-07-31", 8)) - 58_000) * UNIT
    sizes = [found[name].size for name in (CALL, PUT, LINEAR_CALL)]
    assert sizes == [-2 * UNIT, UNIT, -UNIT // 10]


def test_flows(statement: Statement, log: Log) -> None:
    transfers = [line for line in statement.lines if isinstance(line, Transfer)]
    told = [(t.wallet, (t.transaction or "").partition("-")[0]) for t in transfers]
    assert told.count((WALLET, "transfer")) == 2 and told.count((SUB_ACCOUNT, "transfer")) == 2
    fee = next(t for t in transfers if (t.transaction or "").startswith("fee-"))
    assert fee.amount == 15 * 10**34  # a fee that a fee balance paid is a fee, and money in
    rows = [row for row in log.records.rows() if row.kind & TRANSFER]
    assert sum(1 for row in rows if row.kind & INFLOW) == 2  # ether, and the fee
    between = [row.value for row in rows if not row.kind & INFLOW]
    cancelling = [value for value in between if -value in between]
    assert (len(between), len(cancelling)) == (3, 2)  # a withdrawal, and both sides of a transfer


def test_pages_of_any_size_make_the_same(tmp_path: Path, statement: Statement) -> None:
    for size in (1, 3):
        read = History.load(folder(size).write(tmp_path / str(size)))
        other = read.statement([WALLET], *WINDOW)
        assert [f._replace(source=None) for f in other.fills] == [  # type: ignore[arg-type]
            f._replace(source=None)  # type: ignore[arg-type]
            for f in statement.fills
        ]
        assert other.files == statement.files


def test_every_line_is_told(history: History) -> None:
    for tally in history.tally({WALLET}):
        assert tally.refused == 0 and tally.left_out == 0 and tally.read > 0
    assert {each.file: each.prices for each in history.tally(set())}["public/ticker"] > 500
    assert history.idle([WALLET, "0x" + "1" * 40]) == ["0x" + "1" * 40]
    history.require_asked([WALLET], [])
    with pytest.raises(Exception, match="is nobody's who is attested"):
        history.require_asked([], [])


def test_the_root_names_marks_and_margin_document(statement: Statement) -> None:
    assert {"marks/deribit.csv", "margin/deribit-standard"} <= dict(statement.files.files).keys()


# -- shapes that the story has not -----------------------------------------------------------------
FUTURE = "BTC-31JUL26"


def with_future(tmp_path: Path, **fee: str) -> Statement:
    """A dated future bought in the window and delivered, beside a perpetual's index."""
    member = Member(MAIN)
    member.deposit(ms("2026-07-28", 1), "BTC", "2")
    member.trade(ms(FIRST, 9), FUTURE, 50_000, 59_800, fee="0.0002")
    member.settle(ms(FIRST, 10), FUTURE, "59750.5")
    member.trade(ms(FIRST, 11), FUTURE, -20_000, 59_900, fee="0.0001", maker=True)
    member.deliver_future(ms("2026-07-31", 8), FUTURE, "59333.33", **fee)
    answers = collected({WALLET: member}, {PERPETUAL: None, FUTURE: "2026-07-31"})
    answers.accounts = {WALLET: ()}
    return History.load(answers.write(tmp_path / "f")).statement([WALLET], *WINDOW)


def test_a_dated_future_is_delivered(tmp_path: Path) -> None:
    statement = with_future(tmp_path, fee="0.00004")
    (delivered,) = (f for f in statement.fills if f.booked)
    assert (delivered.size, delivered.price) == (-30_000 * UNIT, 5_933_333 * UNIT // 100)
    made = Fraction(50_000) * (1 / Fraction(59_800)) - 20_000 / Fraction(59_900)
    made -= 30_000 / Fraction("59333.33")
    (coins,) = (size for name, size in statement.stated[0].positions if name == "BTC")
    fees = Fraction("0.00034")
    assert abs(Fraction(coins, UNIT) - (2 + made - fees)) <= Fraction(2, 10**8)
    build_log(replace(statement, margin=None))


def test_the_document_holds_no_dated_future(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no rule for the linear instrument BTC-31JUL26") as caught:
        build_log(with_future(tmp_path))
    assert caught.value.code == "refused.margin.rule"


def test_an_account_in_which_nothing_happened(tmp_path: Path) -> None:
    answers = collected({WALLET: Member(MAIN)}, {})
    answers.accounts = {WALLET: ()}
    read = History.load(answers.write(tmp_path / "f"))
    assert read.idle([WALLET]) == [WALLET]
    log = build_log(read.statement([WALLET], *WINDOW))
    assert (log.opening, log.closing, len(log.records)) == (0, 0, 2 * log.days)
