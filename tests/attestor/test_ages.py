"""Prices have an age and instruments an end: an old mark, an option after its expiry."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from attestor_world import INSTRUMENTS, UNIT, USD, A, B, Lines, at, statement

from algebra.errors import Malformed, Refused
from attestor.log import build_log
from attestor.statement import (
    DELTA_UNIT,
    MARK_AGE,
    Fill,
    Instrument,
    Opening,
    OpeningPosition,
    Quote,
    Source,
    Statement,
)
from history.v2.record import ACTIVE, MARK

HOUR = 3_600_000_000


def unrealised(given: Statement) -> list[int]:
    """Cents, of the mark of each day."""
    return [row.value for row in build_log(given).records.rows() if row.kind == ACTIVE | MARK]


def no_price(given: Statement) -> Refused:
    with pytest.raises(Refused) as caught:
        build_log(given)
    assert caught.value.code == "refused.price"
    return caught.value


def held(marks: list[Quote], make: Lines, **changes: Any) -> Statement:
    """One bitcoin bought at 100 in the first minute of ten days, kept."""
    fills = [make.fill(at(0, 0, 1), A, 1, 100)]
    return statement(fills, quotes=marks, days=10, mark_age=MARK_AGE, **changes)


# -- the age of a mark -----------------------------------------------------------------------------
def test_a_mark_a_day_an_hour_late_is_enough() -> None:
    make = Lines()
    marks = [make.mark(at(0, 0), 100)]
    marks += [make.mark(at(day, 23 if day % 2 else 22), 100 + day) for day in range(10)]
    assert unrealised(held(marks, make)) == [100 * day for day in range(10)]


def test_past_its_age_the_next_source_counts() -> None:
    """A mark of 100, then nine days of public trades at 40: the loss shows, day by day."""
    make = Lines()
    public = [
        Quote(Source("p.csv", day), at(day), day, "BTC", 40 * UNIT, mark=False, size=2 * UNIT)
        for day in range(1, 9)
    ]
    marks = [make.mark(at(0, 0), 100), make.mark(at(0, 12), 100)]
    assert unrealised(held([*marks, *public], make)) == [0] + [-6_000] * 9
    kept = replace(held([*marks, *public], make), mark_age=400 * 24 * HOUR)
    assert unrealised(kept) == [0] * 10  # what it was without an age


def test_a_public_trade_before_the_mark_is_no_younger() -> None:
    make = Lines()
    marks = [make.mark(at(0, 1), 100)]  # after the only trade, the purchase itself
    error = no_price(held(marks, make))
    assert "price: none for the open position in BTC; the last mark, test.csv:2, is" in str(error)


def test_the_refusal_names_mark_age_and_bound() -> None:
    make = Lines()
    marks = [make.mark(at(0, 12), 100)]
    fills = [make.fill(at(0, 1), A, 1, 100), make.fill(at(0, 1), B, 1, 100)]
    lines = [make.transfer(at(1, 13, second=1), A, 5)]
    given = statement(fills, lines, marks, wallets=(A, B), mark_age=MARK_AGE)
    error = no_price(given)
    assert error.message.endswith(
        f"the last mark, test.csv:{marks[0].source.line}, is 25.1 hours old, at most 25 wanted"
    )
    assert error.fields["line"] == lines[0].source.line
    exactly = [lines[0]._replace(time=at(1, 13))]
    assert "test.csv:6" not in str(no_price(replace(given, lines=exactly)))  # the day's end, later


def test_an_option_has_a_price_and_a_delta_of_one_age() -> None:
    """Of an option no public trade says the delta."""
    make = Lines()
    marks = [make.mark(at(day, 0), 1_000) for day in range(3)]
    marks.append(make.mark(at(0, 0), 50, "CALL", delta=DELTA_UNIT // 4))
    fills = [make.fill(at(0, 9), A, -3, 40, instrument="CALL"),
             make.fill(at(1, 9), A, -1, 40, instrument="CALL")]  # fmt: skip
    error = no_price(statement(fills, quotes=marks, mark_age=MARK_AGE))
    assert "delta: none for the open option CALL; the last mark" in str(error)
    again = [*marks, *(make.mark(at(day, 0), 50, "CALL", delta=DELTA_UNIT // 4) for day in (1, 2))]
    assert unrealised(statement(fills, quotes=again, mark_age=MARK_AGE)) == [-3_000, -4_000, -4_000]


def test_a_venue_without_marks_has_its_last_public_trade() -> None:
    assert unrealised(held([], Lines())) == [0] * 10


# -- expiry ----------------------------------------------------------------------------------------
EXPIRY = at(1, 8)


def written(*fills: Fill, days: int = 4, expiry: int | None = EXPIRY, **changes: Any) -> Statement:
    """A call on bitcoin sold for 150; it expires on the second day at eight."""
    make = Lines()
    marks = [make.mark(at(day, 0), 1_000) for day in range(days)]
    marks += [make.mark(at(day, 0), 150, "CALL", delta=DELTA_UNIT // 5) for day in range(days)]
    sold = make.fill(at(0, 9), A, -1, 150, instrument="CALL")
    given = statement([sold, *fills], quotes=marks, days=days, mark_age=MARK_AGE, **changes)
    return replace(given, instruments=INSTRUMENTS | {"CALL": Instrument("CALL", "BTC", expiry)})


def outlived(given: Statement) -> Refused:
    with pytest.raises(Refused) as caught:
        build_log(given)
    assert caught.value.code == "refused.expired"
    return caught.value


def test_a_position_does_not_outlive_its_instrument() -> None:
    """Without the line that settles it, it stood open at its last mark to the window's end."""
    assert len(unrealised(written(expiry=None))) == 4  # what it was without an expiry
    error = outlived(written())
    assert (error.fields["file"], error.fields["instrument"]) == ("test.csv", "CALL")
    line = next(fill.source.line for fill in written().fills)
    assert error.message == (
        f"test.csv:{line}: instrument: -1 of CALL in wallet {A} is open at the end of the day on "
        "which it expired, at 2024-10-05T08:00:00Z; the line that closes it is missing"
    )


@pytest.mark.parametrize("time", [at(0, 10), EXPIRY])
def test_closed_or_settled_at_its_expiry_it_is_done(time: int) -> None:
    log = build_log(written(Lines().fill(time, A, 1, 30, instrument="CALL", trade_id="x")))
    assert log.closing - log.opening == 12_000


def test_an_execution_after_the_expiry_is_refused() -> None:
    late = Lines().fill(EXPIRY + 1, A, 1, 30, instrument="CALL", trade_id="x")
    with pytest.raises(Malformed, match="time: CALL expired at ") as caught:
        build_log(written(late))
    assert caught.value.fields["line"] == late.source.line


@pytest.mark.parametrize("time", [EXPIRY, EXPIRY + 1, at(1, 23, 59)])
def test_what_settles_it_may_be_booked_until_the_days_end(time: int) -> None:
    """Worthless or not: the venue's settlement price comes minutes after the expiry."""
    settled = Lines().fill(time, A, 1, 0, instrument="CALL")._replace(booked=True, sequence=60)
    log = build_log(written(settled))
    assert log.closing - log.opening == 15_000
    outlived(written(settled._replace(time=at(2, 0))))


@pytest.mark.parametrize(("expiry", "outlives"), [(at(3, 0), True), (at(4, 0), False)])
def test_the_day_of_the_expiry_is_the_last(expiry: int, outlives: bool) -> None:
    """An expiry at midnight is of the day that begins; one after the window is not reached."""
    given = written(expiry=expiry)
    if outlives:
        outlived(given)
    else:
        assert len(unrealised(given)) == 4


def test_all_that_outlived_the_day_are_told() -> None:
    make = Lines()
    fills = [make.fill(at(0, 9), B, 2, 150, instrument="CALL"),
             make.fill(at(0, 10), B, 1, 150, instrument="CALL", start=2 * UNIT)]  # fmt: skip
    given = written(*(fill._replace(sequence=50 + i) for i, fill in enumerate(fills)))
    two = replace(
        given,
        wallets=(A, B),
        openings={wallet: Opening(Source("o", 1), at(0, 0), 10_000 * USD) for wallet in (A, B)},
    )
    listed: list[dict[str, Any]] = outlived(two).fields["errors"]  # type: ignore[assignment]
    assert [part["wallet"] for part in listed] == [A, B]
    assert listed[1]["line"] == fills[1].source.line and "3 of CALL" in listed[1]["reason"]


def test_an_opening_holds_nothing_that_has_expired() -> None:
    position = OpeningPosition(Source("o.csv", 7), "CALL", UNIT, 100 * UNIT)
    opening = {A: Opening(Source("o.csv", 6), at(0, 0), 10_000 * USD, [position])}
    with pytest.raises(Malformed, match="opening: CALL expired at ") as caught:
        build_log(written(expiry=at(0, 0) - 1, opening=opening))
    listed: list[dict[str, Any]] = caught.value.fields["errors"]  # type: ignore[assignment]
    assert [part["line"] for part in listed] == [written().fills[0].source.line, 7]
    outlived(written(Lines().fill(at(0, 9), A, 1, 150, instrument="CALL"), opening=opening))
    error = outlived(replace(written(opening=opening), fills=[]))
    assert (error.fields["file"], error.fields["line"]) == ("o.csv", 7)
