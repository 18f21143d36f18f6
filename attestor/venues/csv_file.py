"""
Reading a venue's CSV strictly: exact header, exact number of cells, every line with its place.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from algebra.files import read_file
from attestor.statement import Source, bad_line


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[Source, list[str]]]:
    """
    Every line after the header, as (where it stands, cells).

    Raises
    ------
    Unavailable
        As `algebra.files.read_file`.
    Malformed
        `malformed.statement`: not UTF-8, another header, a line with more or fewer cells, a quote
        left open.
    """
    try:
        text = read_file(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise bad_line(Source(path.name, 1), "the file is not UTF-8") from error
    reader = csv.reader(text.splitlines(), strict=True)
    line = 0
    try:
        for line, cells in enumerate(reader, start=1):
            source = Source(path.name, line)
            if line == 1:
                if cells != list(columns):
                    raise bad_line(source, f"header: want {','.join(columns)}")
                continue
            if len(cells) != len(columns):
                raise bad_line(source, f"{len(cells)} cells, {len(columns)} wanted")
            yield source, cells
    except csv.Error as error:
        raise bad_line(Source(path.name, line + 1), f"not CSV: {error}") from error
    if line == 0:
        raise bad_line(Source(path.name, 1), "the file is empty")


class Clock:
    """Refuses a file whose time goes back (docs/explanation/metrics.md A7)."""

    def __init__(self) -> None:
        self._last = 0

    def tick(self, time: int, source: Source) -> int:
        if time < self._last:
            raise bad_line(source, "time: goes back")
        self._last = time
        return time
