"""A2 to A7 on statements small enough to do by hand."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from attestor_world import USD, A, B, C, Lines, at, marks_of, statement
from hypothesis import given, settings
from hypothesis import strategies as st

from algebra.errors import Malformed, Refused
from attestor.log import build_log
from attestor.statement import CENT, DELTA_UNIT, UNIT, Opening, OpeningPosition, Quote, Source
from history.v2.record import (
    ACTIVE,
    BASE,
    BOOKED,
    CARRY,
    FILL,
    INFLOW,
    LIQUIDATION,
    MAKER,
    MARK,
    REWARD,
    TRANSFER,
    TRIP,
    Record,
)  # fmt: skip

PLACE = Source("test.csv", 1)


def rows(*args: object, **kwargs: object) -> list[Record]:
    return build_log(statement(*args, **kwargs)).records.rows()  # type: ignore[arg-type]


def of_kind(records: list[Record], bit: int) -> list[Record]:
    """Those with the bit; marks are those of accounts."""
    return [r for r in records if r.kind & bit and not (r.kind & MARK and r.kind & MAKER)]


def owner_marks(records: list[Record]) -> list[Record]:
    return [r for r in records if r.kind & MARK and r.kind & MAKER]


def trips(records: list[Record]) -> list[tuple[int, int]]:
    """Day and value of each."""
    return [(r.day, r.value) for r in records if r.kind & TRIP]


def test_a_small_log_by_hand() -> None:
    make = Lines()
    fills = [
        make.fill(at(0, 10, 5), A, 2, 1_000, fee=USD, maker=True),
        make.fill(at(1, 9), A, -1, 1_100),
    ]
    log = build_log(statement(fills, quotes=marks_of(fills), days=2))
    first, mark, owner, second, end, last, owner_last = log.records.rows()
    # E 9,999, G 2,000: a long without debt
    assert first == Record(ACTIVE | FILL | MAKER, 0, 605, 5, 10_000, 200_000, -100)
    assert mark == Record(ACTIVE | MARK, 0, 1439, 5, 10_000, 200_000, 0)
    assert owner == Record(ACTIVE | MARK | MAKER, 0, 1439, 0, 10_000, 200_000, 200_000)
    # Before: E 9,999 + 200, G 2,200; after: the same E, G 1,100. The worse of the two is the one
    # before.
    assert second == Record(ACTIVE | FILL, 1, 540, 5, 10_000, 110_000, 10_000)
    # One is still held: the trip ends at the last price, its fee of 1 off.
    assert end == Record(ACTIVE | TRIP, 1, 1439, 0, 10_000, 0, 19_900)
    assert last == Record(ACTIVE | MARK, 1, 1439, 3, 10_000, 110_000, 10_000)
    assert owner_last == Record(ACTIVE | MARK | MAKER, 1, 1439, 0, 10_000, 110_000, 110_000)
    assert (log.opening, log.closing, log.wallets) == (1_000_000, 1_009_900, 1)


def test_order_is_time_then_lines_then_sequence_then_marks_last() -> None:
    make = Lines()
    noon = at(0)
    fills = [
        make.fill(noon, A, 1, 100),
        make.fill(noon, B, 1, 100),
        make.fill(at(0, 23, 59, 59), A, 1, 100),
    ]
    lines = [make.transfer(noon, B, 50), make.carry(at(0, 8), A, USD)]
    kinds = [
        (r.kind & (FILL | TRANSFER | MARK | CARRY), r.minute)
        for r in rows(fills, lines, wallets=(B, A))
        if r.day == 0
    ]
    assert kinds == [
        (TRANSFER, 720),
        (FILL, 720),
        (FILL, 720),
        (FILL, 1439),
        (CARRY, 1439),
        (MARK, 1439),
        (MARK, 1439),
        (MARK, 1439),
    ]


def test_every_wallet_has_one_mark_a_day() -> None:
    records = rows(wallets=(A, B, C), days=5)
    assert [(r.day, r.kind) for r in records] == [
        (d, kind) for d in range(5) for kind in [ACTIVE | MARK] * 3 + [ACTIVE | MARK | MAKER]
    ]
    assert all((r.distance, r.exposure, r.notional, r.value) == (10_000, 0, 0, 0) for r in records)


def test_residues_return() -> None:
    """A third of a cent a fill: cents appear when whole ones are there, none is lost."""
    make = Lines()
    fills = [make.fill(at(0, 1, i), A, 1, 1, fee=CENT // 3) for i in range(9)]
    log = build_log(statement(fills))
    assert [r.value for r in of_kind(log.records.rows(), FILL)] == [-1, 0, 0, -1, 0, 0, -1, 0, 0]
    assert log.opening - log.closing == 3


def test_opening_positions_are_rebased() -> None:
    make = Lines()
    opening = {
        A: Opening(PLACE, at(0, 0), 1_000 * USD, [OpeningPosition(PLACE, "BTC", UNIT, 100 * UNIT)])
    }
    marks = [make.mark(at(0, 0), 150), make.mark(at(1, 0), 160)]
    log = build_log(statement([make.fill(at(1), A, -1, 170)], quotes=marks, opening=opening))
    assert log.opening == 105_000  # 1,000 + 50 unrealised
    marks_seen = of_kind(log.records.rows(), MARK)
    assert [r.value for r in marks_seen] == [0, 0, 0]
    (fill,) = of_kind(log.records.rows(), FILL)
    assert fill.value == 2_000  # from 150, not from 100
    assert trips(log.records.rows()) == [(1, 2_000)]
    assert log.closing == 107_000


def test_an_opening_without_a_price_is_refused() -> None:
    opening = {
        A: Opening(PLACE, at(0, 0), 1_000 * USD, [OpeningPosition(PLACE, "BTC", UNIT, 100 * UNIT)])
    }
    with pytest.raises(Refused) as caught:
        build_log(statement(opening=opening))
    assert caught.value.code == "refused.price"


def test_own_trades_count_their_pnl_only() -> None:
    make = Lines()
    fills = [
        make.fill(at(0, 9), A, 1, 100),
        make.fill(at(0, 10), A, -1, 120, maker=True, trade_id="7"),
        make.fill(at(0, 10), B, 1, 120, trade_id="7"),
        make.fill(at(0, 11), B, -1, 130, trade_id="8", maker=True),
    ]
    records = rows(fills, wallets=(A, B))
    own = of_kind(records, BOOKED)
    assert [(r.kind, r.value) for r in own] == [(ACTIVE | BOOKED, 2_000), (ACTIVE | BOOKED, 0)]
    assert [r.kind for r in of_kind(records, FILL)] == [
        ACTIVE | FILL,
        ACTIVE | FILL | MAKER,
    ]
    alone = rows(fills[:2], wallets=(A,))
    assert not of_kind(alone, BOOKED)


def test_own_trades_without_ids_take_all_fills_of_the_key() -> None:
    make = Lines()
    pair = [
        make.fill(at(0, 9), A, 1, 100),
        make.fill(at(0, 9), B, -1, 100),
        make.fill(at(0, 9), B, -1, 100),
    ]
    others = [
        make.fill(at(0, 9), A, 2, 100),
        make.fill(at(0, 9), A, 1, 101),
        make.fill(at(0, 9, 1), A, 1, 100),
        make.fill(at(0, 9), B, -1, 100, instrument="ETH"),
    ]
    records = rows(pair + others, wallets=(A, B))
    # The two sales of B are one record, and so are the two purchases of A at 100 and 101.
    seen = [[r.notional for r in of_kind(records, kind)] for kind in (BOOKED, FILL)]
    assert seen == [[10_000, 20_000], [30_100, 10_000, 10_000]]


def test_internal_transfers_carry_no_flow_flags() -> None:
    make = Lines()
    lines = [
        make.transfer(at(0, 9), A, -500),
        make.transfer(at(0, 9), B, 500),  # same instant
        make.transfer(at(0, 10), A, -70, "tx"),
        make.transfer(at(0, 11), B, 70, "tx"),  # one transaction
        make.transfer(at(0, 12), A, -60),
        make.transfer(at(0, 12), B, 61),  # other amounts
        make.transfer(at(0, 13), A, -50),
        make.transfer(at(0, 13), A, 50),  # one wallet
        make.transfer(at(1, 23), A, -40, "night"),
        make.transfer(at(2, 1), B, 40, "night"),  # over midnight
    ]
    flags = [r.kind & (INFLOW | BASE) for r in of_kind(rows(lines=lines, wallets=(A, B)), TRANSFER)]
    assert flags[:4] == [0, 0, 0, 0]
    assert [bool(f & INFLOW) for f in flags[4:]] == [False, True, False, True, False, True]


def test_each_line_pairs_once() -> None:
    make = Lines()
    lines = [make.transfer(at(0), A, -5), make.transfer(at(0), B, 5), make.transfer(at(0), C, 5)]
    kinds = [r.kind & INFLOW for r in of_kind(rows(lines=lines, wallets=(A, B, C)), TRANSFER)]
    assert sorted(kinds) == [0, 0, INFLOW]


@pytest.mark.parametrize(("price_at_deposit", "base"), [(99, 0), (100, BASE), (101, BASE)])
def test_a_deposit_is_base_unless_the_day_has_lost(price_at_deposit: int, base: int) -> None:
    make = Lines()
    marks = [
        make.mark(at(0, 0), 100),
        make.mark(at(0, 11), price_at_deposit),
        make.mark(at(0, 13), 200),
    ]
    # The profit is another wallet's: the owner's profit counts.
    records = rows(
        [make.fill(at(0, 9), B, 1, 100)], [make.transfer(at(0), A, 10)], marks, wallets=(A, B)
    )
    assert [r.kind for r in of_kind(records, TRANSFER)] == [ACTIVE | TRANSFER | INFLOW | base]


@pytest.mark.parametrize(("price_at_the_end", "base"), [(99, BASE), (100, 0), (101, 0)])
def test_a_withdrawal_is_base_if_the_day_loses_after_it(price_at_the_end: int, base: int) -> None:
    make = Lines()
    marks = [
        make.mark(at(0, 0), 100),
        make.mark(at(0, 13), price_at_the_end),
        make.mark(at(1, 0), 50),
    ]
    records = rows(
        [make.fill(at(0, 9), B, 1, 100)], [make.transfer(at(0), A, -10)], marks, wallets=(A, B)
    )
    assert [r.kind for r in of_kind(records, TRANSFER)] == [ACTIVE | TRANSFER | base]


@pytest.mark.parametrize(
    ("deposited", "falls", "base"),
    [
        ((12, 30), (13, 0), 0),  # the loss is there at the clock's next instant
        ((12, 30), (13, 1), BASE),  # a minute later it is a loss of another hour
        ((12, 0), (13, 0), 0),
        ((12, 0), (12, 0), 0),  # the prices of the line's own instant are those before it
        ((23, 30), (23, 59), 0),  # no instant before the close: the close
    ],
)
def test_a_deposit_before_a_loss_that_no_price_shows_yet_is_not_base(
    deposited: tuple[int, int], falls: tuple[int, int], base: int
) -> None:
    make = Lines()
    marks = [make.mark(at(0, 0), 100), make.mark(at(0, 12, 45), 100),
             make.mark(at(0, *falls), 90), make.mark(at(1, 0), 200)]  # fmt: skip
    records = rows(
        [make.fill(at(0, 9), B, 1, 100)],
        [make.transfer(at(0, *deposited), A, 10)],
        marks,
        wallets=(A, B),
    )
    assert [r.kind for r in of_kind(records, TRANSFER)] == [ACTIVE | TRANSFER | INFLOW | base]


@pytest.mark.parametrize(
    ("rises", "close", "base"),
    [((13, 0), 109, BASE), ((13, 0), 110, 0), ((13, 1), 109, 0), ((12, 0), 109, BASE)],
)
def test_a_withdrawal_counts_from_the_greater_of_two_levels(
    rises: tuple[int, int], close: int, base: int
) -> None:
    """Taken out before a gain that is lost again: the loss counts from the gain."""
    make = Lines()
    marks = [make.mark(at(0, 0), 100), make.mark(at(0, 12, 45), 110 if rises == (12, 0) else 100),
             make.mark(at(0, *rises), 110), make.mark(at(0, 20), close)]  # fmt: skip
    records = rows(
        [make.fill(at(0, 9), B, 1, 100)], [make.transfer(at(0), A, -10)], marks, wallets=(A, B)
    )
    assert [r.kind for r in of_kind(records, TRANSFER)] == [ACTIVE | TRANSFER | base]


def test_the_day_starts_anew_at_the_marks() -> None:
    """Yesterday's gain does not make today's deposit a base."""
    make = Lines()
    marks = [make.mark(at(0, 0), 100), make.mark(at(0, 20), 200), make.mark(at(1, 1), 199)]
    records = rows([make.fill(at(0, 9), A, 1, 100)], [make.transfer(at(1), A, 10)], marks)
    assert of_kind(records, TRANSFER)[0].kind & BASE == 0


def test_carry_is_booked_once_a_day_before_the_mark() -> None:
    make = Lines()
    lines = [
        make.carry(at(0, 8), A, 3 * CENT // 2),
        make.carry(at(0, 16), A, CENT),
        make.carry(at(2, 0), A, -CENT),
    ]
    log = build_log(statement(lines=lines))
    assert [(r.day, r.minute, r.value) for r in of_kind(log.records.rows(), CARRY)] == [
        (0, 1439, 2),
        (2, 1439, -1),
    ]
    kinds = [r.kind for r in log.records.rows() if not r.kind & MAKER]
    assert kinds == [ACTIVE | CARRY, ACTIVE | MARK, ACTIVE | MARK, ACTIVE | CARRY, ACTIVE | MARK]
    assert log.closing - log.opening == 1


def test_rewards_and_votes() -> None:
    make = Lines()
    lines = [
        make.vote(at(0, 1), A, "p1"),
        make.vote(at(0, 2), B, "p1"),
        make.vote(at(1, 1), A, "p2"),
        make.reward(at(0, 3), A, "prog", 5),
        make.reward(at(0, 4), A, "prog", 6),
        make.reward(at(0, 5), B, "prog", 0),
        make.reward(at(1, 3), A, "prog", 0),
        make.reward(at(0, 6), B, "other", 1),
    ]
    records = rows(lines=lines, wallets=(A, B))
    assert len([r for r in records if r.kind == ACTIVE]) == 2
    rewards = of_kind(records, REWARD)
    assert [(r.day, r.value, r.kind & (INFLOW | BASE)) for r in rewards] == [
        (0, 500, INFLOW | BASE), (0, 100, INFLOW | BASE), (1, 0, 0),
    ]  # fmt: skip
    assert [(r.value, r.kind & INFLOW) for r in of_kind(records, TRANSFER)] == [(600, INFLOW)]


def test_liquidation_has_no_buffer_left() -> None:
    make = Lines()
    records = rows(
        [make.fill(at(0, 9), A, 1, 100), make.fill(at(0, 10), A, -1, 100, liquidation=True)]
    )
    flagged = of_kind(records, LIQUIDATION)
    assert [(r.kind, r.distance) for r in flagged] == [(ACTIVE | FILL | LIQUIDATION, 0)]


def test_the_worse_of_before_and_after() -> None:
    """A deposit does not hide the state before it, nor a closing fill the position before it."""
    make = Lines()
    records = rows([make.fill(at(0, 9), A, 50, 1_000)], [make.transfer(at(0, 10), A, 90_000)])
    (deposit,) = of_kind(records, TRANSFER)
    assert (deposit.distance, deposit.exposure) == (10_000 * 9_500 // 49_500, 100)
    assert of_kind(records, MARK)[0].exposure == 10
    _, closing = of_kind(
        rows([make.fill(at(0, 9), A, 50, 1_000), make.fill(at(0, 10), A, -50, 1_000)]), FILL
    )
    assert (closing.distance, closing.exposure) == (10_000 * 9_500 // 49_500, 100)


def test_carry_shows_the_worse_of_without_and_with_it() -> None:
    make = Lines()
    for amount, exposure in ((-1_000 * USD, 112), (1_000 * USD, 100)):
        records = rows([make.fill(at(0, 9), A, 50, 1_000)], [make.carry(at(0, 10), A, amount)])
        assert of_kind(records, CARRY)[0].exposure == exposure


def test_options_count_delta_of_the_underlying() -> None:
    make = Lines()
    marks = [make.mark(at(0, 0), 1_000), make.mark(at(0, 0), 50, "CALL", delta=-DELTA_UNIT // 4)]
    fills = [make.fill(at(0, 9), A, -3, 40, instrument="CALL")]
    mark = of_kind(rows(fills, quotes=marks), MARK)[0]
    assert mark.notional == 75_000  # 3 * 1/4 * 1,000 USD
    assert mark.value == -3_000  # sold at 40, marked at 50
    public = Quote(PLACE, at(0, 8), 1, "CALL", 50 * UNIT, mark=False, size=UNIT)
    for quotes, missing in (
        (marks[:1], r"price: none for the open position in CALL"),
        ([marks[0], public], r"delta: none for the open option CALL"),
    ):
        with pytest.raises(Refused, match=rf"test\.csv:\d+: {missing}"):
            build_log(statement(fills, quotes=quotes))


def test_a_mark_price_goes_before_fills_and_no_price_looks_ahead() -> None:
    make = Lines()
    fills = [make.fill(at(0, 9), A, 1, 100), make.fill(at(0, 11), B, 1, 400)]
    lines = [make.transfer(at(0, 10), A, 10), make.transfer(at(0, 11), A, 20)]
    opening = {wallet: Opening(PLACE, at(0, 0), 190 * USD) for wallet in (A, B)}
    seen = of_kind(rows(fills, lines, wallets=(A, B), opening=opening), TRANSFER)
    # E 190, G 100 for both: the fill of the same instant comes after the line.
    assert [r.exposure for r in seen] == [11, 10]
    marks = [make.mark(at(0, 8), 100)]
    assert [
        r.value for r in of_kind(rows(fills, quotes=marks, wallets=(A, B), cash=500), MARK)[:2]
    ] == [0, -30_000]


def test_refusals_of_the_ledger() -> None:
    make = Lines()
    with pytest.raises(Refused, match="neither deposit nor opening") as caught:
        build_log(statement([make.fill(at(0), A, 1, 1)], opening={}))
    assert caught.value.code == "refused.ledger"
    fall = [make.mark(at(0, 0), 1_000), make.mark(at(1, 0), 899)]
    build_log(
        statement([make.fill(at(0), A, 1, 1_000)], quotes=fall, cash=100)
    )  # exactly -1 %: stands
    deeper = [*fall, make.mark(at(2, 0), 898)]
    with pytest.raises(Refused, match="below -1 % of its deposits") as caught:
        build_log(statement([make.fill(at(0), A, 1, 1_000)], quotes=deeper, cash=100))
    assert caught.value.fields["day"] == 2


def test_refusals_of_size() -> None:
    make = Lines()
    with pytest.raises(Malformed, match=r"test\.csv:\d+: notional of 2\^48 cents"):
        build_log(statement([make.fill(at(0), A, 1 << 20, 2_684_355)], cash=1 << 41))
    with pytest.raises(Malformed, match=r"\|value\| of 2\^47 cents"):
        build_log(statement(lines=[make.transfer(at(0), A, (1 << 47) // 100 + 1)]))
    with pytest.raises(Refused) as caught:
        build_log(statement(days=5), capacity=9)
    assert (caught.value.code, caught.value.fields["records"]) == ("refused.capacity", 10)
    assert len(build_log(statement(days=5), capacity=10).records) == 10
    with pytest.raises(Refused, match="opening"):
        build_log(statement(cash=-1, lines=[make.transfer(at(0), A, 10)]))


def test_the_venues_own_figures_must_agree() -> None:
    make = Lines()
    first = make.fill(at(0, 9), A, 1, 100, start=0, pnl=0)
    for start, pnl, reason in (
        (UNIT, 10 * USD + CENT, None),
        (UNIT, 10 * USD - CENT, None),
        (UNIT, 10 * USD + CENT + 1, "reported pnl"),
        (UNIT + CENT // (110 * UNIT), 10 * USD, None),  # 0.0000909... at 110 is under a cent
        (UNIT + CENT // (110 * UNIT) + 1, 10 * USD, "start position"),
    ):
        fills = [first, make.fill(at(0, 10), A, -1, 110, start=start, pnl=pnl)]
        if reason is None:
            build_log(statement(fills))
        else:
            with pytest.raises(Malformed, match=reason):
                build_log(statement(fills))


def test_all_figures_that_differ_are_told_and_a_missing_fill_once() -> None:
    """After a missing fill every later figure of that book differs: it is told once."""
    make = Lines()
    fills = [
        make.fill(at(0, 9), A, 1, 100, start=0, pnl=0),
        make.fill(at(0, 10), A, 1, 100, start=2 * UNIT),
        make.fill(at(0, 11), A, -1, 110, start=3 * UNIT, pnl=7 * USD),
        make.fill(at(0, 12), A, 1, 50, instrument="ETH", start=0, pnl=USD),
        make.fill(at(0, 13), A, -1, 50, instrument="ETH", start=UNIT, pnl=USD),
    ]
    with pytest.raises(Malformed) as caught:
        build_log(statement(fills))
    listed: list[dict[str, object]] = caught.value.fields["errors"]  # type: ignore[assignment]
    assert [part["line"] for part in listed] == [fills[i].source.line for i in (1, 3, 4)]
    assert "start position" in str(listed[0]["reason"])
    assert all("reported pnl" in str(part["reason"]) for part in listed[1:])


def test_a_missing_fill_is_told_before_what_follows_from_it() -> None:
    make = Lines()
    fills = [
        make.fill(at(0, 10), A, 1, 100, start=2 * UNIT),
        make.fill(at(0, 11), A, -1, 99, fee=20_000 * USD),
    ]
    with pytest.raises(Malformed, match="start position"):
        build_log(statement(fills))
    with pytest.raises(Refused, match="ledger is incomplete"):
        build_log(statement(fills[1:]))


@given(st.integers(0, 2**32), st.permutations([A, B, C]))
@settings(max_examples=25)
def test_input_order_changes_nothing(seed: int, wallets: list[str]) -> None:
    dice = random.Random(seed)
    make = Lines()
    fills = [
        make.fill(
            at(dice.randrange(3), dice.randrange(24), dice.randrange(2)),
            dice.choice((A, B, C)),
            dice.choice((-2, -1, 1, 3)),
            dice.choice((99, 100, 101)),
            fee=dice.randrange(-CENT, CENT),
        )
        for _ in range(30)
    ]
    lines = [
        make.transfer(at(dice.randrange(3), 5), dice.choice((A, B, C)), dice.choice((-9, 9)))
        for _ in range(6)
    ]
    lines += [
        make.carry(at(dice.randrange(3), 6), dice.choice((A, B, C)), dice.randrange(-CENT, CENT))
        for _ in range(4)
    ]
    given_order = build_log(statement(fills, lines, wallets=(A, B, C)))
    dice.shuffle(fills)
    dice.shuffle(lines)
    assert build_log(statement(fills, lines, wallets=tuple(wallets))) == given_order


def test_a_changed_record_breaks_the_books() -> None:
    make = Lines()
    log = build_log(statement([make.fill(at(0, 9), A, 1, 100), make.fill(at(0, 10), A, -1, 110)]))
    log.check()
    value = log.records.value.copy()
    value[1] += 1
    with pytest.raises(Refused) as caught:
        replace(log, records=replace(log.records, value=value)).check()
    assert caught.value.code == "refused.reconciliation"
