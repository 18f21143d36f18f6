"""
Reading a venue's CSV: exact columns, every line with its place.

Taken, because it has one meaning: a byte order mark of UTF-8, any line ends, quoted cells, blanks
around a cell, empty lines at the end. All else is refused with what was found.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from algebra.containers import container
from algebra.errors import Malformed
from algebra.files import read_file
from attestor.complaints import HEADER, Complaints
from attestor.statement import Source, bad_line

Take = Callable[[Source, list[str]], None]

_SEPARATORS = {";": "';'", "\t": "tabs", "|": "'|'"}
_NAME_MARKS = "@._:/-"
_BLANKS = " \t"


def read_rows(
    path: Path,
    columns: Sequence[str],
    take: Take,
    complaints: Complaints,
    *,
    optional: Sequence[str] = (),
) -> int:
    """
    Hand every line after the header to `take`, with the place where it begins.

    Parameters
    ----------
    take : raises Malformed for a line that it refuses; the next line is read all the same
    optional : columns after the others, in this order, that a file may leave out from any of them
        on; `take` gets an empty cell for each that is left out
    complaints : gathers what is refused, `malformed.statement`: a file that is not UTF-8 text or
        has other columns, of which no line is read then; a line with more or fewer cells; a quote
        left open; all that `take` refuses. It counts the lines. The caller settles it.

    Returns
    -------
    Lines read, without the header and empty lines at the end

    Raises
    ------
    Unavailable
        As `algebra.files.read_file`.
    """
    blank: Source | None = None
    read = 0
    try:
        rows = _rows(path.name, _text(path))
        width = _check_header(Source(path.name, HEADER), next(rows, None), columns, optional)
        for source, cells in rows:
            if not any(cells):
                blank = blank or source
                continue
            if blank is not None:
                complaints.add(bad_line(blank, "an empty line with others after it"))
                blank = None
                read += 1
            read += 1
            try:
                if _is_header(cells, columns):
                    raise bad_line(
                        source, "the header again: files were joined, with their headers"
                    )
                if len(cells) != width:
                    raise bad_line(source, f"{len(cells)} cells, {width} wanted")
                take(source, cells + [""] * (len(columns) + len(optional) - width))
            except Malformed as error:
                complaints.add(error)
    except Malformed as error:  # nothing, or nothing more, can be read
        complaints.add(error)
        read += error.fields["line"] != HEADER
    complaints.count_read(path.name, read)
    return read


def read_header(path: Path) -> list[str]:
    """The names of a file's columns; Malformed (`malformed.statement`), Unavailable, as above."""
    _, cells = next(_rows(path.name, _text(path)), (None, []))
    return cells


def check_name(text: str, source: Source, what: str) -> str:
    """
    A name of 1 to 64 ASCII letters, digits or @._:/- as it stands.

    Names are compared, and stand in errors and logs: two that look alike must be alike, so a
    character outside ASCII is refused, and named.
    """
    for place, mark in enumerate(text, start=1):
        if not (mark.isascii() and (mark.isalnum() or mark in _NAME_MARKS)):
            called = unicodedata.name(mark, "without a name")
            raise bad_line(
                source,
                f"{what}: character {place} is U+{ord(mark):04X} ({called}); letters A to Z and "
                f"a to z, digits and {_NAME_MARKS} wanted, the same name in every file",
            )
    if not 1 <= len(text) <= 64:
        raise bad_line(source, f"{what}: {len(text)} characters, 1 to 64 wanted")
    return text


def _text(path: Path) -> str:
    content = read_file(path)
    source = Source(path.name, HEADER)
    if not content.strip():
        raise bad_line(source, "the file is empty")
    found = container(content[:64])
    if found is not None:
        raise bad_line(source, f"the file is {found}; CSV in UTF-8 wanted")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        source = Source(path.name, before.count(b"\n") + 1)
        last = before.rsplit(b"\n", 1)[-1][-16:].decode("utf-8", "ignore")
        raise bad_line(
            source,
            f"byte {content[error.start]:#04x} after {last!a} is not UTF-8; save the file as CSV "
            "in UTF-8",
        ) from error


def _rows(name: str, text: str) -> Iterator[tuple[Source, list[str]]]:
    """Every line with its cells; a quoted cell may hold line ends, then its first line counts."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
    line = 1
    try:
        for cells in reader:
            yield Source(name, line), [cell.strip(_BLANKS) for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        raise bad_line(Source(name, line), f"not CSV: {error}") from error


def _check_header(
    source: Source,
    row: tuple[Source, list[str]] | None,
    columns: Sequence[str],
    optional: Sequence[str],
) -> int:
    """How many of the wanted columns there are; or what stands in their place is refused."""
    found = row[1] if row else []
    wanted = [*columns, *optional[: max(0, len(found) - len(columns))]]
    if found == wanted:
        return len(wanted)
    line = ",".join(found)
    for mark, name in _SEPARATORS.items():
        if mark in line and [cell.strip(_BLANKS + '"') for cell in line.split(mark)] == wanted:
            raise bad_line(source, f"header: the file is separated by {name}, commas are wanted")
    if sorted(found) == sorted(wanted):
        reason = "the columns are there in another order"
    else:
        reason = _difference(found, wanted)
    raise bad_line(source, f"header: {reason}; want {','.join(wanted)}")


def _is_header(cells: list[str], columns: Sequence[str]) -> bool:
    return [cell.lstrip("\ufeff") for cell in cells[: len(columns)]] == list(columns)


def _difference(found: list[str], wanted: list[str]) -> str:
    if any(name in wanted and found.count(name) > 1 for name in found):
        return "a column stands twice"
    missing = [name for name in wanted if name not in found]
    unknown = [ascii(name[:20]) for name in found if name not in wanted]
    said = [
        f"{what} {', '.join(names[:5])}{' and others' if len(names) > 5 else ''}"
        for what, names in (("no", missing), ("unknown", unknown))
        if names
    ]
    return "; ".join(said)


class Clock:
    """Refuses a file whose time goes back (docs/explanation/metrics.md A7)."""

    def __init__(self) -> None:
        self._last, self._line = 0, 0

    def tick(self, time: int, source: Source) -> int:
        """The time itself, in microseconds; `malformed.statement` if the line before was later."""
        if time < self._last:
            raise bad_line(source, f"time: goes back, line {self._line} is later")
        self._last, self._line = time, source.line
        return time
