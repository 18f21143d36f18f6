"""
Hourly candles of a volatility index, and the feed document of a window that they make
(docs/explanation/attestation.md 3.4).

A file is CSV with a column `timestamp`, milliseconds since 1970 UTC at which the candle's hour
begins, ascending, and one called `close`, or NAME_close; others are not read. The close of the hour
from 23:00 is the last one of its day.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import islice
from pathlib import Path

from algebra.errors import Refused
from attestor.cells import parse_decimal
from attestor.complaints import HEADER, Complaints
from attestor.statement import UNIT, Source, bad_line
from attestor.venues.csv_file import read_header, read_rows
from history.dates import DAY_LIMIT, day_text
from policies.feed import FeedDocument
from policies.feed.document import MAX_BEFORE
from policies.feed.rule import CLOSE_LIMIT

TIMESTAMP, CLOSE = "timestamp", "close"
HOUR = 3_600_000  # milliseconds
DAY_HOURS = 24
POINT = 100  # of the unit of a close


class Candles:
    """The closes of a file, by hours since 1970 UTC, ascending."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.hours: list[int] = []
        self.closes: list[int] = []

    @classmethod
    def load(cls, path: Path) -> Candles:
        """
        Read a file; what is wrong with its lines comes together.

        Raises
        ------
        Malformed
            `malformed.statement` with file, line and reason: no CSV, columns missing, an hour that
            does not begin one or comes twice or too early, a close of more than two decimals or
            outside 0.01 to 999.99.
        Unavailable
            As `algebra.files.read_file`.
        """
        out, wrong, columns = cls(path.name), Complaints(), read_header(path)
        hour_at, close_at = _places(path.name, columns)

        def take(source: Source, cells: list[str]) -> None:
            out._take(source, cells[hour_at], cells[close_at])

        read_rows(path, columns, take, wrong)
        wrong.settle()
        return out

    def _take(self, source: Source, hour: str, close: str) -> None:
        if not (hour.isascii() and hour.isdecimal()) or len(hour) > 18 or int(hour) % HOUR:
            raise bad_line(
                source,
                f"{TIMESTAMP}: not the beginning of an hour, in milliseconds since 1970: "
                f"{hour[:40]!a}",
            )
        begins = int(hour) // HOUR
        if begins >= DAY_LIMIT * DAY_HOURS:
            raise bad_line(source, f"{TIMESTAMP}: too far ahead: {hour}")
        if self.hours and begins <= self.hours[-1]:
            raise bad_line(source, f"{TIMESTAMP}: not after the line before: {hour}")
        number, rest = divmod(parse_decimal(close, source, CLOSE), UNIT // POINT)
        if rest:
            raise bad_line(source, f"{CLOSE}: more than two decimals: {close[:40]}")
        if not 1 <= number < CLOSE_LIMIT:
            raise bad_line(source, f"{CLOSE}: outside 0.01 to 999.99: {close[:40]}")
        self.hours.append(begins)
        self.closes.append(number)

    def of_day(self, day: int) -> tuple[int, ...]:
        """The closes of a day since 1970-01-01 UTC, 1/100 point, none where there is no data."""
        first, after = (bisect_left(self.hours, at * DAY_HOURS) for at in (day, day + 1))
        return tuple(islice(self.closes, first, after))

    def document(self, index: str, source: str, first_day: int, last_day: int) -> FeedDocument:
        """
        The feed document of a window, both days included.

        Parameters
        ----------
        index, source : of the document

        Raises
        ------
        Refused
            `refused.feed.candles`: the last hour of the window has no candle and none follows, so
            the window may not be over; or no candle in the `MAX_BEFORE` days before it.
        Malformed
            As `FeedDocument.make`.
        """
        if not self.hours or self.hours[-1] < (last_day + 1) * DAY_HOURS - 1:
            raise Refused(
                "refused.feed.candles",
                f"{self.file}: its candles end before {day_text(last_day)} does, so the values of "
                "the last days are not known",
            )
        earlier = range(first_day - 1, first_day - 1 - MAX_BEFORE, -1)
        begin = next((day for day in earlier if self.of_day(day)), None)
        if begin is None:
            raise Refused(
                "refused.feed.candles",
                f"{self.file}: no candle in the {MAX_BEFORE} days before {day_text(first_day)}, so "
                "the first day has no weight",
            )
        closes = [self.of_day(day) for day in range(begin, last_day + 1)]
        return FeedDocument.make(index, source, first_day, last_day, closes)


def _places(file: str, columns: list[str]) -> tuple[int, int]:
    """Which columns hold hour and close."""
    closes = [name for name in columns if name == CLOSE or name.endswith(f"_{CLOSE}")]
    if columns.count(TIMESTAMP) != 1 or len(closes) != 1:
        raise bad_line(
            Source(file, HEADER),
            f"header: want one column {TIMESTAMP} and one {CLOSE} or NAME_{CLOSE}; found "
            f"{', '.join(ascii(name[:20]) for name in columns[:12]) or 'none'}",
        )
    return columns.index(TIMESTAMP), columns.index(closes[0])
