"""Positions with a margin of their own (docs/explanation/metrics.md A6, margin.md 2)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from attestor_world import INSTRUMENTS, USD, A, B, Lines, at, statement
from margin_world import units, usd
from test_log_rules import of_kind
from test_standing import document
from test_statement_csv import FIRST, write
from test_statement_csv import A as W

from algebra.errors import Malformed
from attestor.log import build_log
from attestor.statement import (
    UNIT,
    Instrument,
    Isolated,
    Opening,
    OpeningPosition,
    Source,
    Statement,
)
from attestor.venues.statement_csv import StatementFile
from history.v2.record import FILL, MARK, Record
from policies.margin import example

PLACE = Source("test.csv", 1)


def aside(make: Lines, time: int, amount: int, instrument: str = "BTC", of: str = A) -> Isolated:
    carry = make.carry(time, of, 0)
    return Isolated(carry.source, time, carry.sequence, of, instrument, amount * USD)


def records(given: Statement) -> list[Record]:
    return build_log(given).records.rows()


def distances(found: list[Record], kind: int = MARK) -> list[int]:
    return [record.distance for record in of_kind(found, kind)]


# -- by hand ---------------------------------------------------------------------------------------
CROSS = 10_000 * (10_000 - 500) // 49_500
ALONE = 10_000 * (5_000 - 500) // 49_500


def test_a_position_alone_stands_on_what_is_set_aside() -> None:
    """50,000 of notional at 1 %: on 10,000 of the account, or on 5,000 of its own."""
    make = Lines()
    fills = [make.fill(at(0), A, 50, 1_000)]
    assert distances(records(statement(fills))) == [CROSS] * 3
    found = records(statement(fills, [aside(make, at(0), 5_000)]))
    assert distances(found) == [ALONE] * 3
    assert distances(found, FILL) == [ALONE]
    # Money, exposure and mark are the account's.
    assert [r.exposure for r in of_kind(found, MARK)] == [100] * 3


def test_it_takes_from_what_the_others_stand_on() -> None:
    make = Lines()
    fills = [make.fill(at(0), A, 1, 1_000), make.fill(at(0), A, 20, 2_000, instrument="ETH")]
    found = records(statement(fills, [aside(make, at(0), 8_000)]))
    # 2,000 are left for 40,000 of ether; the bitcoin has far more than it needs.
    assert distances(found)[0] == 10_000 * (2_000 - 400) // 39_600
    assert distances(records(statement(fills)))[0] == 10_000 * (10_000 - 410) // (39_600 + 990)


def test_a_hedge_does_not_help_across() -> None:
    """Two positions that net in one margin account do not where one is set apart."""
    make = Lines()
    hedge = {**INSTRUMENTS, "DATED": Instrument("DATED")}
    fills = [
        make.fill(at(0), A, 50, 1_000),
        make.fill(at(0), A, -50, 1_000, instrument="DATED"),
    ]
    rules = document().versions[0]
    linear = tuple(replace(rules.linear[0], name=n, underlying="BTC") for n in ("BTC", "DATED"))
    judged = document(linear=tuple(replace(one, slope=one.slope._replace(numerator=0))
                                   for one in linear))  # fmt: skip

    def found(*lines: Isolated) -> list[Record]:
        given = statement(fills, lines)
        return records(replace(given, margin=judged, instruments=hedge))

    assert distances(found())[0] == 10_000  # K is the margin of both, 1,000, against 9,000 to spare
    short = 10_000 * (5_000 - 500) // 50_500
    assert distances(found(aside(make, at(0), 5_000)))[0] == min(ALONE, short)


def test_more_is_set_aside_and_less_is_seen_at_once() -> None:
    """Nobody trades in between: the day's mark has the least of all that stood."""
    make = Lines()
    fills = [make.fill(at(0, 9), A, 50, 1_000)]
    lines = [
        aside(make, at(0, 9), 5_000),
        aside(make, at(0, 10, 20), 2_000),
        aside(make, at(0, 10, 40), 9_000),
    ]
    found = records(statement(fills, lines))
    assert distances(found, FILL) == [ALONE]
    later = 10_000 * (9_000 - 500) // 49_500
    assert distances(found) == [10_000 * (2_000 - 500) // 49_500, later, later]


def test_it_makes_no_record_and_parts_no_order() -> None:
    make = Lines()
    parts = [make.fill(at(0, 9, 0, 0), A, 1, 1_000)._replace(order="x") for _ in range(2)]
    second = parts[1]._replace(time=parts[0].time + 900)
    line = aside(make, parts[0].time + 500, 900)
    plain, set_apart = (records(statement([parts[0], second], lines)) for lines in ([], [line]))
    assert len(plain) == len(set_apart) and len(of_kind(set_apart, FILL)) == 1
    assert [r._replace(distance=0) for r in plain] == [r._replace(distance=0) for r in set_apart]


def test_the_close_frees_it() -> None:
    make = Lines()
    fills = [
        make.fill(at(0, 9), A, 50, 1_000),
        make.fill(at(1, 9), A, -50, 1_000),
        make.fill(at(1, 10), A, 50, 1_000),
    ]
    found = records(statement(fills, [aside(make, at(0, 9), 5_000)]))
    assert [r.distance for r in of_kind(found, FILL)] == [ALONE, ALONE, CROSS]
    assert distances(found) == [ALONE, CROSS, CROSS]
    turned = [fills[0], make.fill(at(1, 9), A, -100, 1_000)]
    found = records(statement(turned, [aside(make, at(0, 9), 5_000)]))
    assert distances(found)[2] == 10_000 * (5_000 - 500) // 50_500  # a crossing is no close


def test_a_loss_that_a_part_realises_comes_out_of_what_is_set_aside() -> None:
    """Half of 50,000 is closed 5 % lower: of 5,000 set aside 3,750 are left, whoever says so."""
    make = Lines()
    fills = [make.fill(at(0, 9), A, 50, 1_000), make.fill(at(1, 9), A, -25, 950)]
    marks = [make.mark(at(0, 0), 1_000), make.mark(at(1, 8), 950)]
    lines = [aside(make, at(0, 8), 5_000)]
    left = 10_000 * 20 * (5_000 - 2_500 - 237.5) // (20 * 23_750 * 0.99)
    found = records(statement(fills, lines, marks))
    assert distances(found) == [ALONE, left, left]
    assert distances(found, FILL) == [ALONE, 10_000 * (2_500 - 475) // 47_025]
    said = [*lines, aside(make, at(1, 9), 3_750)]  # before the fill of its instant
    assert distances(records(statement(fills, said, marks)))[2] == left
    # A gain stays where it was until the venue says otherwise.
    risen = [marks[0], make.mark(at(1, 8), 1_100)]
    found = records(statement([fills[0], fills[1]._replace(price=1_100 * UNIT)], lines, risen))
    assert distances(found)[2] == 10_000 * (5_000 + 2_500 - 275) // 27_225
    # From an entry before the window: 100 a bitcoin are lost, of which 50 in it.
    held = OpeningPosition(PLACE, "BTC", 50 * UNIT, 1_050 * UNIT, 6_000 * USD)
    opening = {A: Opening(PLACE, at(0, 0), 20_000 * USD, [held])}
    found = records(statement(fills[1:], (), marks, opening=opening))
    assert distances(found)[2] == 10_000 * 20 * (6_000 - 5_000 - 237.5) // (20 * 23_750 * 0.99)


def test_nothing_set_aside_is_the_account_again() -> None:
    make = Lines()
    fills = [make.fill(at(0, 9), A, 50, 1_000)]
    lines = [aside(make, at(0, 9), 5_000), aside(make, at(1, 9), 0)]
    assert distances(records(statement(fills, lines))) == [ALONE, ALONE, CROSS]


def test_more_than_there_is_comes_off_what_is_set_aside() -> None:
    """Contradictory lines are no advantage: 10,000 stand for 50,000, whatever they say."""
    make = Lines()
    fills = [make.fill(at(0), A, 50, 1_000), make.fill(at(0), A, 1, 1_000, instrument="ETH")]
    lines = [aside(make, at(0), 12_000)]
    assert distances(records(statement(fills[:1], lines)))[0] == CROSS
    # Off each in full: 2,000 too much leave 8,000 of the one and 0 of the other.
    lines += [aside(make, at(0), 2_000, "ETH")]
    found = records(statement(fills, [aside(make, at(0), 10_000), lines[1]]))
    assert distances(found)[0] == 10_000 * -10 // 1_000
    # What is left for a position across is bankrupt, as ever.
    assert distances(records(statement(fills, lines[:1])))[0] == 10_000 * (-2_000 - 10) // 1_000


@pytest.mark.parametrize("paid", ["fee", "funding"])
def test_a_fee_after_all_is_set_aside_comes_off_it(paid: str) -> None:
    make = Lines()
    fee, funding = (USD, 0) if paid == "fee" else (0, -USD)
    fills = [make.fill(at(0, 9), A, 50, 1_000, fee=fee)]
    lines = [aside(make, at(0, 8), 10_000), make.carry(at(0, 10), A, funding)]
    found = records(statement(fills, lines))
    assert distances(found)[1] == 10_000 * (9_999 - 500) // 49_500
    assert of_kind(found, MARK)[1].exposure == -(-20 * 50_000 // 9_999)
    # An account that owes more than it has shows it, with a position and without.
    owed = make.carry(at(1), A, -10_050 * USD)
    found = records(statement(fills, [*lines, owed]))
    assert distances(found)[1] <= 10_000 * (-50 - 500) // 50_000
    found = records(statement(lines=[make.carry(at(1), A, -10_050 * USD)]))
    assert distances(found)[1:] == [-(1 << 23)] * 2


def test_accounts_have_each_their_own() -> None:
    make = Lines()
    fills = [make.fill(at(0), each, 50, 1_000) for each in (A, B)]
    found = records(statement(fills, [aside(make, at(0), 5_000, of=B)], wallets=(A, B)))
    assert distances(found)[:2] == [CROSS, ALONE]


def test_the_venues_own_isolated_position() -> None:
    """
    szi 0.06075, positionValue 5101.4205, marginUsed 1272.60272: liquidationPx 63823.6021044955
    (`test_margin_distance.test_bitcoin_isolated`), beside a cross part that is far from it.
    """
    size, value = units("0.06075"), usd("5101.4205")
    price = value // size
    held = OpeningPosition(PLACE, "BTC", size, price, usd("1272.60272"))
    opening = Opening(PLACE, at(0, 0), usd(50_000), [held])
    marks = [Lines().mark(at(0, 0), 1)._replace(price=price)]
    rules = replace(example("hyperliquid").versions[-1], since=0)
    given = replace(
        statement(quotes=marks, opening={A: opening}),
        margin=replace(example("hyperliquid"), versions=(rules,)),
    )
    assert distances(records(given)) == [
        int(10_000 * (1 - units("63823.6021044955") / price))
    ] * 3  # fmt: skip


# -- lines -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"instrument": "XRP"}, "instrument: unknown: 'XRP'"),
        ({"amount": -1}, "amount: below 0"),
        ({"wallet": B}, "wallet: not one of the owner's"),
        ({"time": at(9)}, "time: outside the window"),
    ],
)
def test_lines_that_are_refused(change: dict[str, Any], reason: str) -> None:
    line = aside(Lines(), at(0), 1)._replace(**change)
    with pytest.raises(Malformed, match=reason):
        build_log(statement(lines=[line]))
    held = OpeningPosition(PLACE, "BTC", UNIT, UNIT, -1)
    opening = {A: Opening(PLACE, at(0, 0), USD, [held])}
    with pytest.raises(Malformed, match="set aside is below 0"):
        build_log(statement(opening=opening))


ROWS = [
    {"kind": "opening", "wallet": W, "amount": "1000", "time": "2026-01-01T00:00:00Z"},
    {"kind": "position", "wallet": W, "instrument": "BTC", "side": "buy", "size": "2",
     "price": "90", "amount": "12.5", "time": "2026-01-01T00:00:00Z"},
    {"kind": "mark", "instrument": "BTC", "price": "100", "time": "2026-01-01T00:00:00Z"},
    {"kind": "isolated", "wallet": f"{W}/2", "instrument": "BTC", "amount": "7"},
    {"kind": "mark", "instrument": "BTC", "price": "100", "time": "2026-01-02T00:00:00Z"},
]  # fmt: skip


def test_the_statement_file_has_them(tmp_path: Path) -> None:
    read = StatementFile.load(write(tmp_path, ROWS), "v").statement([W], FIRST, FIRST + 1)
    (position,) = read.openings[W].positions
    assert position.isolated == 125 * USD // 10
    (line,) = read.lines
    assert isinstance(line, Isolated)
    assert (line.wallet, line.instrument, line.amount) == (f"{W}/2", "BTC", 7 * USD)
    marks = of_kind(records(read), MARK)
    assert marks[0].distance == 10_000 * (3_250 - 200) // (20_000 - 200)  # 12.50 and 20 gained


def test_what_was_gained_before_the_window_stays_with_the_position() -> None:
    """
    The books begin at the mark; the margin that the venue states does not know of that, before or
    after a part is closed.
    """
    make = Lines()
    held = OpeningPosition(PLACE, "BTC", 50 * UNIT, 900 * UNIT, 5_000 * USD)
    opening = {A: Opening(PLACE, at(0, 0), 20_000 * USD, [held])}
    fills = [make.fill(at(1, 9), A, -20, 1_000)]
    lines = [aside(make, at(1, 10), 2_500)]
    marks = [make.mark(at(0, 0), 1_000)]
    found = records(statement(fills, lines, marks, opening=opening))
    before, during, after = distances(found)
    assert before == 10_000 * (5_000 + 5_000 - 500) // 49_500
    # 20 closed: 2,000 of the 5,000 are realised and the account's, the margin is as stated.
    assert distances(found, FILL) == [before]
    assert during == after == 10_000 * (2_500 + 3_000 - 300) // 29_700


@pytest.mark.parametrize(
    ("row", "change", "reason"),
    [
        (3, {"amount": "-7"}, "amount: what is set aside is not below 0"),
        (1, {"amount": "-7"}, "amount: what is set aside is not below 0"),
        (3, {"amount": ""}, "amount: empty, a isolated needs it"),
        (3, {"instrument": ""}, "instrument: empty"),
        (3, {"instrument": "XRP"}, "instrument: unknown"),
        (3, {"size": "1"}, "size: a isolated has none"),
    ],
)
def test_lines_of_the_file_that_are_refused(
    tmp_path: Path, row: int, change: dict[str, str], reason: str
) -> None:
    rows = [dict(each) for each in ROWS]
    rows[row].update(change)
    with pytest.raises(Malformed, match=reason) as caught:
        StatementFile.load(write(tmp_path, rows), "v")
    assert caught.value.fields["line"] == row + 2
