"""What an execution wins at once against the mark, beyond the band, is a flow (A4)."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from attestor_world import USD, A, B, Lines, at, statement
from hypothesis import given
from hypothesis import strategies as st
from margin_world import document, linear
from test_log_rules import of_kind, rows, trips

from attestor.band import beyond
from attestor.log import Log, build_log
from attestor.statement import CENT, DELTA_UNIT, UNIT, Fill, Quote
from attestor.venues.statement_csv import StatementFile
from history.v2.record import ACTIVE, BASE, BOOKED, FILL, INFLOW, MARK, TRANSFER, Record

GIFT = ACTIVE | TRANSFER | INFLOW | BASE


def plain(fills: list[Fill]) -> list[Fill]:
    """Without the venue's mark beside them."""
    return [fill._replace(mark=None) for fill in fills]


def log_of(fills: list[Fill], quotes: list[Quote], wallets: tuple[str, ...] = (A,)) -> Log:
    return build_log(statement(plain(fills), quotes=quotes, wallets=wallets))


def values(records: list[Record], kind: int) -> list[int]:
    return [r.value for r in records if r.kind == kind]


def test_a_purchase_below_the_mark_and_a_sale_above_it() -> None:
    """Ten at 90 against 100: 100 won, 9 within the band of 1 %. Ten at 110: 100, 11 within."""
    make = Lines()
    marks = [make.mark(at(0, 0), 100)]
    bought, sold = make.fill(at(0, 9), A, 10, 90), make.fill(at(0, 10, 3), A, -10, 110, fee=USD)
    log = log_of([bought, sold], marks)
    records = log.records.rows()
    # 91 and 89 came in; the purchase books a loss, for the position is worth 1,000 and cost 900
    assert values(records, ACTIVE | FILL) == [-9_100, 20_000 - 100 - 8_900]
    assert values(records, GIFT) == [9_100, 8_900]
    assert trips(records) == [(0, 20_000 - 100 - 18_000)]
    assert log.closing - log.opening == 19_900  # money is what it was
    kinds = [r.kind & (FILL | TRANSFER) for r in records[:4]]
    assert kinds == [FILL, TRANSFER, FILL, TRANSFER]
    assert records[3].minute == 603  # of its fill


@pytest.mark.parametrize(("price", "given"), [(101, 0), (102, 98), (99, 0), (98, 0)])
def test_only_what_is_beyond_the_band_and_no_loss(price: int, given: int) -> None:
    """One sold: 1.00 won at 101 is within 1.01; 2.00 at 102 is 0.98 beyond 1.02; losses stay."""
    make = Lines()
    fills = [make.fill(at(0, 9), A, -1, price)]
    records = log_of(fills, [make.mark(at(0, 0), 100)]).records.rows()
    assert values(records, GIFT) == ([given] if given else [])
    assert values(records, ACTIVE | FILL) == [-given]


@given(st.integers(-(10**6), 10**6))
def test_a_surplus_is_rounded_up_to_the_cent(cents: int) -> None:
    exact = cents * 10_000 * CENT
    above = max(0, cents + 1)
    assert (beyond(exact), beyond(exact + 1), beyond(exact - 1)) == (
        max(0, cents), above, max(0, cents)
    )  # fmt: skip


def test_what_the_venue_gives_with_a_fill_is_its_mark() -> None:
    make = Lines()
    fill, marks = make.fill(at(0, 9), A, -1, 110), [make.mark(at(0, 0), 100)]
    given = [
        values(rows([fill._replace(mark=mark)], quotes=marks), GIFT)
        for mark in (None, 109 * UNIT, 105 * UNIT)
    ]
    assert given == [[890], [], [390]]


@pytest.mark.parametrize(
    ("size", "price", "given"),
    [
        (1, 50, 4_950),  # 50 won against the mark, at which the position stands, less 1 %
        (1, 100, 0),
        (-1, 100, 4_900),  # 50 won against the public, less 1 %
        (-1, 50, 0),
        (-1, 120, 6_880),
    ],
)
def test_an_old_mark_hides_no_gift_that_younger_public_fills_show(
    size: int, price: int, given: int
) -> None:
    """
    A mark of 100 counts for 25 hours, 50 is what the public pays: of the two the one against which
    more is won. Public fills of which one is older than the mark lag behind it, and say nothing.
    """
    make = Lines()
    mark = make.mark(at(0, 0), 100)
    public = mark._replace(time=at(0, 8), price=50 * UNIT, mark=False, size=UNIT)
    fills = [make.fill(at(0, 9), A, size, price)]
    assert gifts(log_of(fills, [mark, public])) == ([given] if given else [])
    later = [public, mark._replace(time=at(0, 8, 20)), public._replace(time=at(0, 8, 40))]
    assert gifts(log_of(fills, later)) == gifts(log_of(fills, [mark]))


def test_what_nobody_traded_is_exempt() -> None:
    """Deliveries, and trades between the owner's own wallets."""
    make = Lines()
    marks = [make.mark(at(0, 0), 100)]
    own = [
        make.fill(at(0, 9), A, 1, 50, trade_id="x"),
        make.fill(at(0, 9), B, -1, 50, trade_id="x"),
    ]
    records = log_of(own, marks, (A, B)).records.rows()
    assert values(records, GIFT) == [] and len(of_kind(records, BOOKED)) == 2
    delivered = [make.fill(at(0, 9), A, 1, 50)._replace(booked=True)]
    assert values(log_of(delivered, marks).records.rows(), GIFT) == []


def gifts(log: Log) -> list[int]:
    return [r.value for r in log.records.rows() if r.kind & INFLOW]


def trading(log: Log) -> int:
    """Profit of all fills, own trades too."""
    return sum(r.value for r in log.records.rows() if r.kind & (FILL | BOOKED))


def test_an_own_pair_beside_a_fill_does_not_hide_its_gift() -> None:
    """
    Ten bought at 50 and sold at 150 against 100; beside each, without trade ids, an own pair of the
    same key. Of what cannot be told apart each win is a gift and each loss is a loss.
    """
    make = Lines()
    marks = [make.mark(at(0, 0), 100)]
    alone = [make.fill(at(0, 9), A, 10, 50), make.fill(at(0, 10), A, -10, 150)]
    pairs = [make.fill(at(0, hour), wallet, size, price) for hour, wallet, size, price in (
        (9, A, 10, 50), (9, B, -10, 50), (10, A, -10, 150), (10, B, 10, 150))]  # fmt: skip
    assert trading(log_of(alone, marks, (A, B))) == 2_000
    log = log_of([*alone, *pairs], marks, (A, B))
    records = log.records.rows()
    assert gifts(log) == [99_000, 97_000]  # 20 at 50 and at 150, less 1 % of 1,000 and 3,000
    assert trading(log) == 100_000 - sum(gifts(log)) and log.closing - log.opening == 100_000
    assert [value for _, value in trips(records)] == [trading(log)]
    assert len(of_kind(records, BOOKED)) == 4 and not of_kind(records, FILL)
    named = [fill._replace(trade_id=f"{i // 2}") for i, fill in enumerate(pairs)]
    assert trading(log_of([*alone, *named], marks, (A, B))) == 2_000  # an id tells them apart


@pytest.mark.parametrize("other", [A, B])
def test_no_profit_at_an_own_price_before_anybody_tells_one(other: str) -> None:
    """
    One bought at 100 and sold to oneself at 5,000, the next day: a gift, without a band, which
    would be as wide as the owner likes. With a price told it is worth what it was.
    """
    make = Lines()
    fills = [make.fill(at(0, 9), A, 1, 100), make.fill(at(1, 10), A, -1, 5_000, trade_id="o"),
             make.fill(at(1, 10), other, 1, 5_000, trade_id="o")]  # fmt: skip
    log = log_of(fills, [], (A, B))
    assert values(log.records.rows(), GIFT) == [490_000] and trading(log) == 0
    told = log_of(fills, [make.mark(at(1, 9), 100)], (A, B))
    assert (values(told.records.rows(), GIFT), trading(told)) == ([], 490_000)
    (mark,) = [r.value for r in told.records.rows()
               if r.kind == ACTIVE | MARK and r.day == 2 and r.value]  # fmt: skip
    assert mark == -490_000


@pytest.mark.parametrize("other", [A, B])
def test_an_own_wallet_between_launders_no_gift(other: str) -> None:
    """Bought at 100, sold to oneself at 300, and by that wallet to a confederate at 300."""
    make = Lines()
    bought, sold = make.fill(at(0, 9), A, 1, 100), make.fill(at(0, 11), other, -1, 300)
    between = [make.fill(at(0, 10), A, -1, 300, trade_id="o"),
               make.fill(at(0, 10), other, 1, 300, trade_id="o")]  # fmt: skip
    plainly, through = (
        log_of(fills, [], (A, B))
        for fills in ([bought, sold._replace(wallet=A)], [bought, *between, sold])
    )
    assert (values(plainly.records.rows(), GIFT), trading(plainly)) == ([19_700], 300)
    assert (values(through.records.rows(), GIFT), trading(through)) == ([20_000], 0)
    assert trips(through.records.rows()) == [(0, 0)]


def test_before_anybody_tells_a_price_a_gain_is_a_gift() -> None:
    """Two wallets that trade with nobody else can show no profit; a loss they can."""
    make = Lines()
    fills = [make.fill(at(0, 9), A, 1, 100), make.fill(at(0, 10), A, -1, 300),
             make.fill(at(0, 11), A, 1, 100), make.fill(at(0, 12), A, -1, 40)]  # fmt: skip
    records = log_of(fills, []).records.rows()
    assert values(records, GIFT) == [20_000 - 300]
    assert values(records, ACTIVE | FILL) == [0, 300, 0, -6_000]


def test_executions_of_one_record_count_together() -> None:
    """However the venue cuts an order, as much of it is a gift; what one part loses another may."""
    make = Lines()
    marks = [make.mark(at(0, 0), 100)]
    whole = log_of([make.fill(at(0, 9), A, 9, 90)], marks).records.rows()
    parts = [make.fill(at(0, 9), A, 3, 90, fee=0) for _ in range(3)]
    assert log_of(parts, marks).records.rows() == whole
    again = log_of([make.fill(at(0, 9), A, 3, 90), make.fill(at(0, 9), A, 3, 110)], marks)
    assert values(again.records.rows(), GIFT) == []  # its record is gone
    assert values(again.records.rows(), ACTIVE | FILL) == [0]
    assert again.closing == again.opening


@pytest.mark.parametrize(("falls", "base"), [(9, 0), (10, 0), (11, BASE)])
def test_a_gift_is_base_as_a_deposit_is(falls: int, base: int) -> None:
    """One after a loss, or before a price shows it, makes the loss no smaller."""
    make = Lines()
    marks = [make.mark(at(0, 0), 100), make.mark(at(0, 9, 45), 100),
             make.mark(at(0, falls, 30 * (falls == 11)), 80)]  # fmt: skip
    fills = [make.fill(at(0, 1), A, 10, 100), make.fill(at(0, 9, 30), B, 50, 1)]
    log = build_log(statement([fills[0], *plain(fills[1:])], quotes=marks, wallets=(A, B)))
    (gift,) = of_kind(log.records.rows(), INFLOW)
    assert gift.kind == GIFT & ~BASE | base


def test_an_option_has_a_band_of_its_underlying() -> None:
    """One call sold at 70 against 50: 20 won, 1 % of 1,000 within."""
    make = Lines()
    marks = [make.mark(at(0, 0), 1_000), make.mark(at(0, 0), 50, "CALL", delta=DELTA_UNIT // 4)]
    fills = [make.fill(at(0, 9), A, -1, 70, instrument="CALL")]
    assert values(log_of(fills, marks).records.rows(), GIFT) == [1_000]


def test_the_margin_document_says_the_band() -> None:
    make = Lines()
    fills, marks = plain([make.fill(at(0, 9), A, -1, 110)]), [make.mark(at(0, 0), 100)]
    for width, flows in ((0, [1_000]), (100, [890]), (500, [450]), (1_000, [])):
        margin = document(
            band={"linear": width, "option": 0}, linear=[linear("BTC", 1, 100)], collateral=[]
        )
        told = replace(statement(fills, quotes=marks), margin=margin)
        assert values(build_log(told).records.rows(), GIFT) == flows


@given(st.integers(0, 2**32))
def test_no_cent_is_lost_and_no_gain_is_made(seed: int) -> None:
    """Money is what it is without the rule; profit is never more, and no day's loss is less."""
    dice, make = random.Random(seed), Lines()
    marks = [
        make.mark(at(day, hour), dice.randrange(90, 110)) for day in range(3) for hour in (0, 8)
    ]
    fills = [
        make.fill(at(0, 9 + i // 6, i), A, dice.choice((-2, -1, 1, 2)), dice.randrange(80, 120))
        for i in range(20)
    ]
    log = log_of(fills, marks)
    free = build_log(statement(fills, quotes=marks))  # the venue's mark is the price: none wins
    assert log.closing == free.closing
    given = sum(r.value for r in log.records.rows() if r.kind & INFLOW)
    fills_with, fills_free = (
        sum(r.value for r in each.records.rows() if r.kind & FILL) for each in (log, free)
    )
    assert fills_with + given == fills_free
    assert sum(value for _, value in trips(log.records.rows())) <= sum(
        value for _, value in trips(free.records.rows())
    )


def test_the_column_of_the_mark_may_be_left_out(tmp_path: Path) -> None:
    header = (
        "time,sequence,kind,wallet,instrument,side,size,price,fee,liquidity,id,amount,delta,"
        "start_position,closed_pnl,order,volatility,mark"
    )
    lines = [
        f"2024-10-04T00:00:00Z,1,opening,{A},,,,,,,,1000,,,,,,",
        f"2024-10-04T09:00:00Z,2,fill,{A},BTC,sell,1,110,0,taker,,,,,,,,100",
    ]
    (tmp_path / "instruments.csv").write_text("name,underlying,expiry\nBTC,,\n")
    (tmp_path / "statement.csv").write_text("\n".join([header, *lines]) + "\n")
    loaded = StatementFile.load(tmp_path, "venue").statement([A], 20_000, 20_001)
    assert loaded.fills[0].mark == 100 * UNIT
    (gift,) = of_kind(build_log(loaded).records.rows(), INFLOW)
    assert gift.value == 890
