"""What the venue states of a wallet, and wallets in which nothing happens."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from attestor_world import CENT, UNIT, USD, A, B, C, Lines, at, statement
from test_line_order import ROWS, Row, load, page, refused

from algebra.errors import Malformed, Refused
from attestor.log import build_log
from attestor.stated import plain
from attestor.statement import Fill, Opening, OpeningPosition, Source, Stated, Statement
from history.v2.record import FILL, MARK

HERE = Source("test.csv", 90)
END = at(3, 0)


def traded(*stated: Stated, usd: int = 10_000, fee: int = 0) -> Statement:
    """Two bitcoin bought at 100, one sold at 110, a deposit of 50: 10,060 USD and one bitcoin."""
    make = Lines()
    fills = [make.fill(at(0, 9), A, 2, 100, fee=fee), make.fill(at(1, 9), A, -1, 110)]
    lines = [make.transfer(at(0, 10), A, 50)]
    quotes = [make.mark(at(day, 0), 120) for day in range(3)]
    return replace(statement(fills, lines, quotes, cash=usd), stated=list(stated))


def closing(time: int, usd: int, *positions: tuple[str, int], rest: int = 0) -> Stated:
    return Stated(HERE, time, 90, A, usd * USD + rest, positions)


def contradiction(given: Statement) -> Refused:
    with pytest.raises(Refused) as caught:
        build_log(given)
    assert caught.value.code == "refused.ledger"
    return caught.value


HOLDS = ("BTC", UNIT)


@pytest.mark.parametrize("time", [at(1, 9), at(2, 0), END - 1, END])
def test_what_agrees_changes_nothing(time: int) -> None:
    """All of the instant counts, also where it is the window's end."""
    log = build_log(traded(closing(time, 10_060, HOLDS)))
    assert log == build_log(traded())


@pytest.mark.parametrize(
    ("time", "usd", "sizes"), [(at(0, 0), 10_000, 0), (at(0, 9), 10_000, 2), (at(1, 8), 10_050, 2)]
)
def test_each_instant_has_its_own_books(time: int, usd: int, sizes: int) -> None:
    positions = (("BTC", sizes * UNIT),) if sizes else ()
    build_log(traded(closing(time, usd, *positions)))


def test_a_balance_that_differs_is_refused_with_both_numbers() -> None:
    for rest in (-CENT, 0, CENT):
        build_log(traded(closing(END, 10_060, HOLDS, rest=rest)))
    for rest, said in (
        (CENT + 1, "10060.010000000000000000000000000000000001"),
        (-CENT - 1, "10059.989999999999999999999999999999999999"),
    ):
        error = contradiction(traded(closing(END, 10_060, HOLDS, rest=rest)))
        assert error.message.startswith(
            f"test.csv:90: balance: the venue states {said} USD, the books have 10060 USD"
        )
        assert (error.fields["stated"], error.fields["rebuilt"]) == (f"{said} USD", "10060 USD")
        assert (error.fields["file"], error.fields["line"]) == ("test.csv", 90)


@pytest.mark.parametrize(
    ("positions", "said"),
    [
        ((), "position in BTC: the venue states 0, the books have 1;"),
        (
            (("BTC", UNIT + 1),),
            "position in BTC: the venue states 1.000000000000000001, the books have 1;",
        ),
        ((("BTC", -UNIT),), "position in BTC: the venue states -1, the books have 1;"),
        (
            (HOLDS, ("ETH", 5)),
            "position in ETH: the venue states 0.000000000000000005, the books have 0;",
        ),
    ],
)
def test_a_position_that_differs_is_refused_with_both_numbers(
    positions: tuple[tuple[str, int], ...], said: str
) -> None:
    """One that a closing leaves out is stated to be 0."""
    assert said in contradiction(traded(closing(END, 10_060, *positions))).message


def test_a_value_is_compared_at_the_marks() -> None:
    value = 10_080 * USD  # one bitcoin bought at 100, at 120 now
    for off in (0, CENT, -CENT):
        build_log(traded(Stated(HERE, END, 90, A, value=value + off)))
    error = contradiction(traded(Stated(HERE, END, 90, A, value=value + CENT + 1)))
    assert (
        "account value: the venue states 10080.010000000000000000000000000000000001 USD"
        in error.message
    )


def test_a_missing_or_doubled_line_shows() -> None:
    """What a sum over the lines of a statement cannot show: 50 USD that came in twice."""
    whole = traded(closing(at(2, 0), 10_060, HOLDS), closing(END, 10_060, HOLDS))
    build_log(whole)
    lacking = replace(whole, lines=[])
    assert "states 10060 USD, the books have 10010 USD" in contradiction(lacking).message
    twice = replace(whole, lines=[*whole.lines, whole.lines[0]._replace(sequence=99)])
    error = contradiction(twice)
    assert "the books have 10110 USD" in error.message and "errors" not in error.fields  # told once


def test_all_that_differs_at_one_instant_is_told() -> None:
    value = Stated(HERE, END, 91, A, value=0)
    error = contradiction(traded(closing(END, 10_061), value))
    listed: list[dict[str, Any]] = error.fields["errors"]  # type: ignore[assignment]
    assert [part["reason"].split(":")[0] for part in listed] == [
        "balance", "position in BTC", "account value",
    ]  # fmt: skip


def carried(*fills: Fill, stated: list[Stated]) -> Statement:
    """Two bitcoin bought before the window at 90, at 100 when it begins, beside 1,000 USD."""
    held = [OpeningPosition(HERE, "BTC", 2 * UNIT, 90 * UNIT)]
    opening = {A: Opening(HERE, at(0, 0), 1_000 * USD, held)}
    quotes = [Lines().mark(at(day, 0), 100) for day in range(3)]
    return replace(statement(fills, quotes=quotes, opening=opening), stated=stated)


def test_the_venue_goes_on_from_its_own_entry_price() -> None:
    """
    The books start at the mark, so their cash is 20 USD above the venue's until the position is
    closed, and their profit on half of it 10 below; both are compared as the venue has them.
    """
    make = Lines()
    half = make.fill(at(0, 9), A, -1, 110, start=2 * UNIT, pnl=20 * USD)
    rest = make.fill(at(1, 9), A, -1, 120, start=UNIT, pnl=30 * USD)
    turn = make.fill(at(1, 10), A, -1, 120, start=0, pnl=0)
    stated = [
        closing(at(0, 0), 1_000, ("BTC", 2 * UNIT)),
        closing(at(0, 9), 1_020, HOLDS),
        closing(at(1, 9), 1_050),
        closing(END, 1_050, ("BTC", -UNIT)),
        Stated(HERE, END, 91, A, value=1_070 * USD),
    ]
    log = build_log(carried(half, rest, turn, stated=stated))
    assert (log.opening, log.closing) == (102_000, 105_000)
    wrong = half._replace(reported_pnl=10 * USD)  # by the mark of the window's first instant
    with pytest.raises(Malformed, match="reported pnl differs"):
        build_log(carried(wrong, stated=[]))
    for index, usd in ((0, 1_020), (1, 1_030)):
        other = stated[index]._replace(balance=usd * USD)
        error = contradiction(carried(half, rest, turn, stated=[other]))
        assert f"the books have {1_000 + 20 * index} USD" in error.message


def test_a_fill_that_turns_a_carried_position_round_ends_the_old_entry() -> None:
    make = Lines()
    turn = make.fill(at(0, 9), A, -3, 110, start=2 * UNIT, pnl=40 * USD)
    back = make.fill(at(1, 9), A, 1, 100, start=-UNIT, pnl=10 * USD)
    build_log(carried(turn, back, stated=[closing(at(0, 9), 1_040, ("BTC", -UNIT)),
                                          closing(END, 1_050)]))  # fmt: skip


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (closing(END + 1, 0), "time: outside the window"),
        (closing(at(0, 0) - 1, 0), "time: outside the window"),
        (closing(END, 0)._replace(wallet=B), "wallet: not one of the owner's"),
        (closing(END, 0, ("XRP", 1)), "instrument: unknown: 'XRP'"),
    ],
)
def test_bad_lines(said: Stated, reason: str) -> None:
    with pytest.raises(Malformed, match=reason) as caught:
        build_log(traded(said))
    assert (caught.value.code, caught.value.fields["line"]) == ("malformed.statement", 90)


def test_numbers_are_written_in_full() -> None:
    assert [plain(n, 100) for n in (0, 5, -5, 100, -12_345)] == [
        "0",
        "0.05",
        "-0.05",
        "1",
        "-123.45",
    ]


# -- wallets without activity, and bankrupt ones ---------------------------------------------------
def test_a_wallet_without_activity_is_attested() -> None:
    """It has its mark on every day, as every wallet; two more wallets change no sum."""
    make = Lines()
    fills = [make.fill(at(0, 9), A, 1, 100, fee=USD)]
    one = build_log(replace(statement(fills), wallets=(A,)))
    three = build_log(replace(statement(fills), wallets=(A, B, C)))
    assert (three.opening, three.closing) == (one.opening, one.closing)
    assert int(three.records.has(FILL).sum()) == 1
    marks = [r for r in three.records.rows() if r.kind & MARK]
    assert len(marks) == 3 * (3 + 1)
    assert sum((r.value, r.notional, r.exposure) == (0, 0, 0) for r in marks) == 2 * 3
    empty = build_log(
        statement(opening={})
    )  # an owner of whom nothing is known but that he was idle
    assert (empty.opening, empty.closing, len(empty.records)) == (0, 0, 6)


def test_a_wallet_with_a_vote_alone_is_attested() -> None:
    make = Lines()
    build_log(statement(lines=[make.vote(at(0), A, "proposal")], opening={}))


def test_who_traded_without_money_is_refused_unless_the_venue_states_the_end() -> None:
    make = Lines()
    fills = [make.fill(at(0, 9), A, 1, 100), make.fill(at(0, 10), A, -1, 90)]
    quotes = [make.mark(at(day, 0), 100) for day in range(3)]
    given = statement(fills, quotes=quotes, opening={})
    assert "neither deposit nor opening" in contradiction(given).message
    early = replace(given, stated=[Stated(HERE, at(2, 0), 90, A, -10 * USD)])
    assert "neither deposit nor opening" in contradiction(early).message
    log = build_log(replace(given, stated=[Stated(HERE, END, 90, A, -10 * USD)]))
    assert log.closing == -1_000
    wrong = replace(given, stated=[Stated(HERE, END, 90, A, 0)])
    assert "the books have -10 USD" in contradiction(wrong).message


def test_a_bankrupt_wallet_is_attested_where_the_venue_states_it() -> None:
    """v1's -1 % rule stays where it states nothing."""
    make = Lines()
    fills = [make.fill(at(0, 9), A, 100, 100), make.fill(at(1, 9), A, -100, 40)]
    quotes = [make.mark(at(day, 0), 100 if day == 0 else 40) for day in range(3)]
    given = statement(fills, quotes=quotes, cash=5_000)
    assert "below -1 % of its deposits" in contradiction(given).message
    log = build_log(replace(given, stated=[Stated(HERE, END, 90, A, -1_000 * USD)]))
    assert log.closing == -100_000


# -- the lines of a statement ----------------------------------------------------------------------
LATER = {"time": "2026-01-01T02:00:00Z"}
CLOSING: Row = {"kind": "closing", "wallet": A, "amount": "1051"} | LATER
SHORT: Row = {"wallet": A, "instrument": "BTC", "side": "sell", "size": "2"}
HOLDING: Row = {"kind": "holding"} | SHORT | LATER
VALUE: Row = {"kind": "value", "wallet": A, "amount": "-3.5"} | LATER


def test_closing_holding_and_value_are_read(tmp_path: Path) -> None:
    page(tmp_path, [*ROWS, CLOSING, HOLDING, VALUE])
    balance, value = load(tmp_path).stated.by_wallet[A]
    assert (balance.balance, balance.positions, balance.value) == (
        1_051 * USD, (("BTC", -2 * UNIT),), None,
    )  # fmt: skip
    assert (value.balance, value.value) == (None, -350 * CENT)
    assert load(tmp_path).statement([A], 20_454, 20_455).stated == [balance, value]
    assert load(tmp_path).statement([B], 20_454, 20_455).stated == []


@pytest.mark.parametrize(
    ("rows", "line", "reason"),
    [
        ([HOLDING], 2, "no closing line of this wallet at this instant before it"),
        ([CLOSING, HOLDING | {"wallet": B}], 3, "no closing line of this wallet"),
        ([CLOSING, HOLDING | {"time": "2026-01-01T02:00:01Z"}], 3, "no closing line of this"),
        ([CLOSING, HOLDING, HOLDING | {"size": "3"}], 4, "holding: the instrument stands twice"),
        ([CLOSING, CLOSING | {"amount": "7"}], 3, "closing: the wallet has one of this instant"),
        ([VALUE, CLOSING, VALUE], 4, "value: the wallet has one of this instant already"),
        ([CLOSING | {"amount": ""}], 2, "amount: empty, a closing needs it"),
        ([CLOSING | {"size": "1"}], 2, "size: a closing has none"),
        ([CLOSING, HOLDING | {"price": "1"}], 3, "price: a holding has none"),
        ([CLOSING, HOLDING | {"size": "0"}], 3, "size: must be above 0"),
        ([VALUE | {"amount": "1e3"}], 2, "amount: not a plain decimal"),
    ],
)
def test_bad_lines_of_the_file(tmp_path: Path, rows: list[Row], line: int, reason: str) -> None:
    page(tmp_path, rows)
    fields = refused(tmp_path)
    assert fields["line"] == line and reason in fields["reason"]
