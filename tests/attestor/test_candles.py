"""Hourly candles become a feed document: on a made-up index, and on the real one."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from algebra.errors import Malformed, Refused
from attestor.candles import Candles
from history.dates import day_number

FIRST = day_number("2026-01-02")
HOUR = 3_600_000


def hour(day: int, of_day: int) -> int:
    """Milliseconds at which an hour begins, `day` counted from the day before the window."""
    return ((FIRST - 1 + day) * 24 + of_day) * HOUR


def lines(*cells: tuple[int, str]) -> str:
    return "timestamp,close\n" + "".join(f"{time},{close}\n" for time, close in cells)


LINES = lines(
    (hour(0, 0), "44.98"),
    (hour(0, 23), "45.01"),
    (hour(1, 0), "70.00"),
    (hour(1, 22), "59.99"),
    (hour(3, 23), "60.1"),
)
"""Three days of window; nothing on the second."""


def load(folder: Path, text: str) -> Candles:
    path = folder / "index.csv"
    path.write_text(text)
    return Candles.load(path)


def test_a_small_index_by_hand(tmp_path: Path) -> None:
    made = load(tmp_path, LINES).document("vol", "made up", FIRST, FIRST + 2)
    assert made.closes == ((4_498, 4_501), (7_000, 5_999), (), (6_010,))
    # means 44.995 and 64.995, last closes 450, 599, 599, 601 tenths of a point
    assert list(made.feed) == [(1, 149), (4, 0), (4, 2)]
    assert made.silent == (FIRST + 1,)


def test_the_hour_at_midnight_belongs_to_the_day_that_it_begins(tmp_path: Path) -> None:
    """The close of the hour from 23:00 is that of the day; that of 00:00 is of the next."""
    candles = load(tmp_path, LINES)
    assert candles.of_day(FIRST - 1) == (4_498, 4_501)
    assert candles.of_day(FIRST)[0] == 7_000
    assert candles.of_day(FIRST - 2) == candles.of_day(FIRST + 3) == ()


def test_columns_in_any_order_and_others_beside_them(tmp_path: Path) -> None:
    text = "date,dvol_close, timestamp ,dvol_low\n" + "".join(
        f"x,{close},{time},y\n"
        for time, close in (line.split(",") for line in LINES.splitlines()[1:])
    )
    one, other = load(tmp_path, LINES), load(tmp_path, text)
    assert (one.hours, one.closes) == (other.hours, other.closes)


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("", "1", "empty"),
        ("time,close\n1,2\n", "1", "want one column timestamp"),
        ("timestamp,open\n", "1", "want one column timestamp"),
        ("timestamp,a_close,b_close\n", "1", "want one column timestamp"),
        ("timestamp,timestamp,close\n", "1", "want one column timestamp"),
        (lines((hour(0, 0) + 1, "45")), "2", "not the beginning of an hour"),
        (lines((hour(0, 0) // 1_000, "45")), "2", "not the beginning of an hour"),
        ("timestamp,close\n2026-01-01,45\n", "2", "not the beginning of an hour"),
        ("timestamp,close\n-3600000,45\n", "2", "not the beginning of an hour"),
        (lines((10**10 * HOUR, "45")), "2", "too far ahead"),
        (lines((hour(0, 1), "45"), (hour(0, 1), "45")), "3", "not after the line before"),
        (lines((hour(0, 1), "45"), (hour(0, 0), "45")), "3", "not after the line before"),
        (lines((hour(0, 0), "45.001")), "2", "more than two decimals"),
        (lines((hour(0, 0), "0")), "2", "outside 0.01 to 999.99"),
        (lines((hour(0, 0), "1000")), "2", "outside 0.01 to 999.99"),
        (lines((hour(0, 0), "4.5e1")), "2", "not a plain decimal"),
        (lines((hour(0, 0), "")), "2", "not a plain decimal"),
        ("timestamp,close\n1,2,3\n", "2", "3 cells, 2 wanted"),
    ],
)
def test_a_line_that_is_refused_is_named(
    tmp_path: Path, text: str, place: str, reason: str
) -> None:
    with pytest.raises(Malformed) as caught:
        load(tmp_path, text)
    assert caught.value.code == "malformed.statement"
    assert caught.value.message.startswith(f"index.csv:{place}: ") and reason in str(caught.value)


def test_a_window_that_the_candles_do_not_cover(tmp_path: Path) -> None:
    candles = load(tmp_path, LINES)
    candles.document("vol", "made up", FIRST, FIRST + 2)
    candles.document("vol", "made up", FIRST, FIRST + 1)  # silent at its end, and they go on
    for first, last, reason in (
        (FIRST, FIRST + 3, "end before 2026-01-05 does"),
        (FIRST - 1, FIRST + 2, "no candle in the 31 days before 2026-01-01"),
        (FIRST + 35, FIRST + 40, "end before"),
    ):
        with pytest.raises(Refused, match=reason) as caught:
            candles.document("vol", "made up", first, last)
        assert caught.value.code == "refused.feed.candles"
    short = load(tmp_path, LINES.replace(str(hour(3, 23)), str(hour(3, 22))))
    with pytest.raises(Refused, match="end before 2026-01-04"):
        short.document("vol", "made up", FIRST, FIRST + 2)
    with pytest.raises(Refused):
        load(tmp_path, "timestamp,close\n").document("vol", "made up", FIRST, FIRST + 2)


def test_the_real_index(shared_data: Path) -> None:
    """Five years of the BTC index by the hour: 52 days of it have one candle."""
    candles = Candles.load(shared_data / "market" / "btc_dvol_hourly.csv")
    first, last = day_number("2022-05-01"), day_number("2023-05-01")
    made = candles.document("btc-dvol", "Deribit BTC DVOL, hourly", first, last)
    assert len(list(made.feed)) == 366 and not made.silent
    assert set(made.feed.weights) == {1, 2, 4}
    assert Counter(map(len, made.closes))[24] > 350
    ends = [day[-1] // 10 for day in made.closes]
    assert list(made.feed.changes) == [after - before for before, after in pairwise(ends)]
    every = candles.document("btc-dvol", "x", day_number("2021-03-25"), day_number("2022-03-24"))
    assert max(map(abs, every.feed.changes)) < 400  # forty points; a cell holds two hundred
