"""
The lines of a statement in order, each once (docs/explanation/attestation.md 2.2).

A line is named by its sequence number, by which pages may overlap (`attestor.venues.pages`). A
content that stands at one instant under two numbers is a line read twice, or two facts that nobody
can tell apart: it is refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from algebra.errors import Malformed
from attestor.cells import (
    parse_time,
)
from attestor.statement import (
    Carry,
    Fill,
    Line,
    Quote,
    Source,
    Transfer,
    bad_line,
    seen_from,
)
from attestor.venues.csv_file import Clock
from attestor.venues.pages import Once

Content = tuple[object, ...]
_NOWHERE = Source("", 0)
_SEQUENCE = re.compile(r"[1-9]\d{0,17}", re.ASCII)


class LineOrder:
    """
    Time and sequence, which rise from line to line, over all pages.

    Parameters
    ----------
    columns : of the file, `time` and `sequence` among them
    paged : whether there is more than one page; only then are all lines kept to compare with
    """

    def __init__(self, columns: Sequence[str], *, paged: bool) -> None:
        self._time, self._number = columns.index("time"), columns.index("sequence")
        self._clock, self._sequence = Clock(), 0
        self._page, self._in_page = "", 0
        self._once = Once(columns, "sequence") if paged else None
        self._instant = 0
        self._of_instant: dict[Content, tuple[Source, Content]] = {}

    @property
    def repeated(self) -> Counter[str]:
        """By file, the lines that an earlier page has, in every cell the same."""
        return self._once.repeated if self._once is not None else Counter()

    def next(self, cells: list[str], source: Source) -> tuple[int, int] | None:
        """
        Time and sequence of a line, or None for one that an earlier page has; Malformed
        (`malformed.statement`).
        """
        sequence = self._next_in_page(cells[self._number], source)
        if self._once is not None and not self._once.is_new(sequence, cells, source):
            return None
        if sequence <= self._sequence:
            raise _goes_back(sequence, source)
        time = self._clock.tick(parse_time(cells[self._time], source), source)
        self._sequence = sequence
        return time, sequence

    def require_new(self, event: Fill | Line | Quote) -> None:
        """
        Lines of one instant differ in more than their number, and it has one mark of an instrument;
        as `next`.
        """
        if event.time != self._instant:
            self._instant = event.time
            self._of_instant.clear()
        content = (type(event), *event._replace(source=_NOWHERE, sequence=0))
        key: Content = content
        if isinstance(event, Quote) and event.mark:
            key = (Quote, event.instrument)
        before, known = self._of_instant.setdefault(key, (event.source, content))
        if before is event.source:
            return
        there = seen_from(event.source, before)
        if content != known:
            raise bad_line(
                event.source, f"mark: {there} has another of this instrument and instant"
            )
        reason = f"the same as {there} in all but the sequence: read twice{_hint(event)}"
        raise bad_line(event.source, reason)

    def _next_in_page(self, text: str, source: Source) -> int:
        if _SEQUENCE.fullmatch(text) is None:
            raise bad_line(source, "sequence: not a whole number above 0")
        if source.file != self._page:
            self._page, self._in_page = source.file, 0
        sequence = int(text)
        if sequence <= self._in_page:
            raise _goes_back(sequence, source)
        self._in_page = sequence
        return sequence


def _goes_back(sequence: int, source: Source) -> Malformed:
    return bad_line(source, f"sequence: {sequence} is repeated or goes back")


def _hint(event: Fill | Line | Quote) -> str:
    """How two facts that look alike are told apart; nothing where an id says that they are one."""
    apart = ""
    if isinstance(event, Fill) and event.trade_id is None:
        apart = "its trade id or start position"
    elif isinstance(event, Transfer) and event.transaction is None:
        apart = "its transaction id"
    elif isinstance(event, Carry) and event.payment is None:
        apart = "an id"
    elif isinstance(event, Quote) and not event.mark and event.trade_id is None:
        apart = "its trade id"
    return f"; if they are two, give each {apart}" if apart else ""
