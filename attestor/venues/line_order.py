"""
The lines of a statement that comes in pages: each line once, in order (docs/explanation/
attestation.md 2.2).

A line is named by its sequence number. A page that overlaps the one before repeats lines, number
and all: those are taken once. A number with another content is a contradiction, and a content under
another number is a line read twice or two facts that nobody can tell apart: both are refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from algebra.errors import Malformed
from attestor.statement import (
    Carry,
    Fill,
    Line,
    Quote,
    Source,
    Transfer,
    bad_line,
    parse_time,
    seen_from,
)
from attestor.venues.csv_file import Clock

_NOWHERE = Source("", 0)
_SEQUENCE = re.compile(r"[1-9]\d{0,17}", re.ASCII)


def pages(folder: Path, name: str) -> list[Path]:
    """
    `statement.csv`, `statement-2.csv`, `statement-3.csv`, ... of a folder, whichever are there.

    Raises
    ------
    Malformed
        `malformed.statement`: a page is there and one before it is not.
    """
    first = folder / name
    stem, suffix = first.stem, first.suffix
    numbers = {
        path.name[len(stem) + 1 : -len(suffix)]: path
        for path in sorted(folder.glob(f"{stem}-*{suffix}"))
    }
    found = [first]
    while str(len(found) + 1) in numbers:
        found.append(numbers.pop(str(len(found) + 1)))
    for path in numbers.values():
        wanted = f"{stem}-{len(found) + 1}{suffix}"
        raise bad_line(
            Source(path.name, 1), f"a page without the one before it; {wanted} is the next wanted"
        )
    return found


class LineOrder:
    """
    Time and sequence, which rise from line to line, over all pages.

    Attributes
    ----------
    repeated : by file, the lines that an earlier page has, in every cell the same
    """

    def __init__(self, columns: Sequence[str], *, paged: bool) -> None:
        self._columns = columns
        self._at = {name: columns.index(name) for name in ("time", "sequence")}
        self._clock, self._sequence = Clock(), 0
        self._page, self._in_page = "", 0
        self._known: dict[int, tuple[Source, list[str]]] | None = {} if paged else None
        self._instant = 0
        self._of_instant: dict[tuple[object, ...], Source] = {}
        self.repeated: Counter[str] = Counter()

    def next(self, cells: list[str], source: Source) -> tuple[int, int] | None:
        """
        Time and sequence of a line, or None for one that an earlier page has; Malformed
        (`malformed.statement`).
        """
        sequence = self._next_in_page(cells, source)
        known = self._known.get(sequence) if self._known is not None else None
        if known is not None:
            self._require_same(cells, source, *known)
            self.repeated[source.file] += 1
            return None
        if sequence <= self._sequence:
            raise bad_line(source, f"sequence: {sequence} is repeated or goes back")
        time = self._clock.tick(parse_time(cells[self._at["time"]], source), source)
        self._sequence = sequence
        if self._known is not None:
            self._known[sequence] = (source, cells)
        return time, sequence

    def _next_in_page(self, cells: list[str], source: Source) -> int:
        text = cells[self._at["sequence"]]
        if _SEQUENCE.fullmatch(text) is None:
            raise bad_line(source, "sequence: not a whole number above 0")
        if source.file != self._page:
            self._page, self._in_page = source.file, 0
        sequence = int(text)
        if sequence <= self._in_page:
            raise bad_line(source, f"sequence: {sequence} is repeated or goes back")
        self._in_page = sequence
        return sequence

    def _require_same(
        self, cells: list[str], source: Source, before: Source, known: list[str]
    ) -> None:
        for name, here, there in zip(self._columns, cells, known, strict=True):
            if here != there:
                raise bad_line(
                    source,
                    f"{name}: {here[:40]!a}, but {there[:40]!a} at {seen_from(source, before)} "
                    f"under the same sequence, {cells[self._at['sequence']]}",
                )

    def require_new(self, event: Fill | Line | Quote) -> None:
        """Lines of one instant differ in more than their number; as `next`."""
        if event.time != self._instant:
            self._instant = event.time
            self._of_instant.clear()
        content = (type(event), *event._replace(source=_NOWHERE, sequence=0))
        before = self._of_instant.setdefault(content, event.source)
        if before is not event.source:
            raise _twice(event, before)


def _twice(event: Fill | Line | Quote, before: Source) -> Malformed:
    there = seen_from(event.source, before)
    apart = ""
    if isinstance(event, Fill) and event.trade_id is None:
        apart = "; if they are two, give each its trade id or start position"
    elif isinstance(event, Transfer) and event.transaction is None:
        apart = "; if they are two, give each its transaction id"
    elif isinstance(event, Carry) and event.payment is None:
        apart = "; if they are two, give each an id"
    elif isinstance(event, Quote) and not event.mark and event.trade_id is None:
        apart = "; if they are two, give each its trade id"
    return bad_line(event.source, f"the same as {there} in all but the sequence: read twice{apart}")
