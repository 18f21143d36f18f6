"""
Hourly candles as marks: the close of an hour counts from its last millisecond on
(docs/explanation/attestation.md 2.7).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from attestor.collect.folder import Answer
from attestor.collect.item import Item
from attestor.statement import DAY_MICROSECONDS, MARK_AGE, Quote, Source
from attestor.venues.hyperliquid.merged import Row, incomplete, merged, told

INTERVAL, HOUR = "1h", 3_600_000
_NAMES = ("t", "T", "s", "i", "o", "c", "h", "l", "v", "n")


def read_marks(
    answers: Sequence[Answer], first_day: int, last_day: int, repeated: Counter[str]
) -> list[Quote]:
    """
    The marks of a window and of the 25 hours before it, in order; one of an hour that was not over
    when it was asked for is left out.
    """
    begin, end = first_day * DAY_MICROSECONDS - MARK_AGE, (last_day + 1) * DAY_MICROSECONDS
    taken = {answer.file: answer.taken for answer in answers}
    over = [
        Answer(answer.file, answer.request, answer.taken, answer.sha256, _over(answer))
        for answer in answers
    ]
    marks = [_mark(row, source) for row, source in merged(over, _identity, repeated)]
    wanted = (mark for mark in marks if begin <= mark.time < min(end, taken[mark.source.file]))
    return sorted(wanted, key=lambda mark: (mark.time, mark.instrument))


def _over(answer: Answer) -> Any:
    """The answer without a last candle that was still growing: asked again, it is another."""
    value = answer.value
    if isinstance(value, list) and value and isinstance(value[-1], dict):
        last = value[-1].get("T")
        if type(last) is int and last * 1_000 >= answer.taken:
            return value[:-1]
    return value


def _identity(row: Row) -> tuple[Any, ...]:
    return row.get("s"), row.get("t")


def _mark(row: Row, source: Source) -> Quote:
    candle = Item(row, source)
    candle.only(_NAMES)
    opened, closed = candle.time("t"), candle.time("T")
    if candle.text("i") != INTERVAL or closed - opened != (HOUR - 1) * 1_000:
        raise candle.error("i", f"{candle.text('i')[:10]!a}: a candle of an hour is wanted")
    price = candle.positive("c")
    return Quote(source, closed, 0, candle.text("s"), price, True)


def numbered(marks: Sequence[Quote]) -> list[Quote]:
    """With their places as sequence."""
    return [mark._replace(sequence=number) for number, mark in enumerate(marks, start=1)]


def require_marks(
    marks: Mapping[str, Sequence[int]], account: str, coin: str, first: int, last: int
) -> None:
    """
    Refused (`refused.incomplete`) where a coin that is held or traded from `first` to `last`
    (microseconds) has no mark for longer than one counts. A listing's first hour has none yet.

    Parameters
    ----------
    marks : by coin the instants of its marks, ascending
    """
    known = marks.get(coin, ())
    before = [time for time in known if time <= first][-1:]
    after = [time for time in known if time > first]
    listed = before or [time for time in after[:1] if time - first <= HOUR * 1_000]
    times = [*listed, *(time for time in after if time < last and time not in listed)]
    gap = first if not times else None
    for earlier, later in pairwise([*times, max(last, *times)] if times else []):
        if later - earlier > MARK_AGE:
            gap = earlier
            break
    if gap is not None:
        raise incomplete(
            account,
            f"{coin}: no candle for too long after {told(gap // 1_000)}, while it was held or "
            "traded",
            coin=coin,
            time=gap,
        )
