"""
The rows of pages that overlap, each once, and whether the pages reach from one instant to another.

The venue cuts its answers without a word, and is asked again from the last instant on, inclusive.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from algebra.errors import Refused
from attestor.collect.folder import Answer
from attestor.statement import Source, bad_line, seen_from
from history.dates import day_text

Row = dict[str, Any]
LIMIT = 500
"""
Rows that an answer holds at least before the venue cuts it; fills may come up to 2,000 at a time.
"""


def merged(
    answers: Sequence[Answer], identity: Callable[[Row], Hashable | None], repeated: Counter[str]
) -> list[tuple[Row, Source]]:
    """
    The rows of all answers, each once.

    Parameters
    ----------
    identity : names a row; None: nothing does but all of it
    repeated : counts by file the rows that were there before

    Raises
    ------
    Malformed
        `malformed.statement`: a row that is no object, or two that differ under one identity.

    Notes
    -----
    Rows without an identity that are alike within one answer are as many facts; those of another
    answer are the same ones again.
    """
    out: list[tuple[Row, Source]] = []
    known: dict[Hashable, tuple[Row, Source]] = {}
    alike: Counter[Hashable] = Counter()
    for answer in answers:
        here: Counter[Hashable] = Counter()
        for index, row in enumerate(answer.listed()):
            source = answer.place(index)
            if not isinstance(row, dict):
                raise bad_line(source, "not an object")
            name = identity(row)
            if name is None:
                key = content(row)
                here[key] += 1
                if here[key] <= alike[key]:
                    repeated[answer.file] += 1
                    continue
                alike[key] += 1
            else:
                before = known.setdefault(name, (row, source))
                if before[0] is not row:
                    if before[0] != row:
                        there = seen_from(source, before[1])
                        raise bad_line(source, f"differs from {there}, which has the same id")
                    repeated[answer.file] += 1
                    continue
            out.append((row, source))
    return out


def content(row: Row) -> Hashable:
    """All of a row, in any order of its names."""
    return str(sorted((name, str(value)) for name, value in row.items()))


def require_reach(answers: Sequence[Answer], what: str, account: str, begin: int, end: int) -> None:
    """
    Refused (`refused.incomplete`) unless the answers follow each other from `begin` to `end`,
    milliseconds: each is asked from an instant that the ones before it reached, and the last of
    them brought nothing new.
    """
    reached = begin
    for answer in sorted(answers, key=lambda each: (each.request["startTime"], each.taken)):
        start, last = answer.request["startTime"], answer.request["endTime"]
        times = [row.get("time") for row in answer.listed() if isinstance(row, dict)]
        latest = max((time for time in times if type(time) is int), default=start)
        if start > reached:
            raise incomplete(
                account, f"{what} from {told(reached)} to {told(start)} were not asked"
            )
        if latest > start:
            reached = max(reached, latest)
        elif len(times) >= LIMIT:
            raise incomplete(
                account, f"{what} of {told(start)} fill a whole answer, so it may be cut"
            )
        else:
            reached = max(reached, last)
    if reached < end:
        raise incomplete(account, f"{what} after {told(reached)} were not asked")


def told(milliseconds: int) -> str:
    """An instant as errors name it."""
    day, rest = divmod(milliseconds, 86_400_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{day_text(day)}T{minutes // 60:02}:{minutes % 60:02}:{rest / 1_000:06.3f}Z"


def incomplete(account: str, reason: str, **fields: object) -> Refused:
    """The error of a history of which a part is not there; the caller raises it."""
    return Refused("refused.incomplete", f"{account}: {reason}", account=account, **fields)
