"""
The marks of the project's statement format: lines of `statement.csv`, or a file of their own,
`marks.csv`: `time,instrument,price,delta,volatility` (docs/explanation/attestation.md 2.2).

Marks are for everybody. In a file of their own the root names them, so whoever holds the file can
see whether every attestor read the same. Adapters that read a venue's answers write the file that
the root names from the marks that they found there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from attestor.cells import (
    parse_decimal,
    parse_time,
    time_text,
)
from attestor.complaints import Complaints
from attestor.stated import plain
from attestor.statement import (
    DELTA_PLACES,
    DELTA_UNIT,
    UNIT,
    Instrument,
    Quote,
    Source,
    bad_line,
    seen_from,
)
from attestor.venues.csv_file import Clock, read_rows
from policies.rule_files import MARKS as MARKS_FOLDER
from policies.rule_files import RuleFiles

MARKS = "marks.csv"
COLUMNS, OPTIONAL = ("time", "instrument", "price"), ("delta", "volatility")


def read_marks(
    path: Path, instruments: Mapping[str, Instrument], wrong: Complaints
) -> tuple[list[Quote], int]:
    """The marks of a file, in the order of time, and how many lines were read."""
    marks: list[Quote] = []
    clock = Clock()
    instant = 0
    of_instant: dict[str, Source] = {}

    def take(source: Source, cells: list[str]) -> None:
        nonlocal instant
        row = dict(zip(COLUMNS + OPTIONAL, cells, strict=True))
        time = clock.tick(parse_time(row["time"], source), source)
        if time != instant:
            instant = time
            of_instant.clear()
        mark = read_mark(row, source, time, source.line, instruments)
        before = of_instant.setdefault(mark.instrument, source)
        if before is not source:
            there = seen_from(source, before)
            raise bad_line(source, f"{there} has a mark of this instrument and instant already")
        marks.append(mark)

    read = read_rows(path, COLUMNS, take, wrong, optional=OPTIONAL)
    return marks, read


def write_marks(marks: Iterable[Quote]) -> bytes:
    """
    The file of these marks, in the order of time, that `read_marks` reads: the same bytes at every
    attestor who was told the same prices, whatever the pages.
    """
    rows = [",".join(COLUMNS + OPTIONAL)]
    for mark in marks:
        of_option = (mark.delta, mark.volatility)
        cells = ("" if each is None else plain(each, DELTA_UNIT) for each in of_option)
        price = plain(mark.price, UNIT)
        rows.append(",".join((time_text(mark.time), mark.instrument, price, *cells)))
    return "\n".join((*rows, "")).encode()


def marks_file(venue: str, marks: Iterable[Quote]) -> RuleFiles:
    """`write_marks` of a venue's answers, as a root names it."""
    return RuleFiles.of({f"{MARKS_FOLDER}{venue}.csv": write_marks(marks)})


def read_mark(
    row: Mapping[str, str],
    source: Source,
    time: int,
    sequence: int,
    instruments: Mapping[str, Instrument],
) -> Quote:
    """A mark of an instrument, price, delta and volatility; Malformed (`malformed.statement`)."""
    name = row["instrument"]
    if name not in instruments:
        raise bad_line(source, f"instrument: unknown: {name[:40]!a}")
    option = instruments[name].underlying is not None
    if option != bool(row["delta"]):
        raise bad_line(source, "delta: an option's mark carries one, another's does not")
    delta = parse_decimal(row["delta"], source, "delta", DELTA_PLACES) if option else None
    if delta is not None and abs(delta) > DELTA_UNIT:
        raise bad_line(source, "delta: outside -1..1")
    price = parse_price(row["price"], source, zero=option)
    volatility = None
    if row["volatility"]:
        if not option:
            raise bad_line(source, "volatility: only an option's mark carries one")
        volatility = parse_decimal(row["volatility"], source, "volatility", DELTA_PLACES)
        if volatility <= 0:
            raise bad_line(source, "volatility: must be above 0")
    return Quote(source, time, sequence, name, price, True, delta, volatility=volatility)


def parse_price(text: str, source: Source, what: str = "price", *, zero: bool) -> int:
    """Above 0, or 0 where that is a price: of a booking, and of an option's mark."""
    price = parse_decimal(text, source, what)
    if price < 0 or (price == 0 and not zero):
        raise bad_line(source, f"{what}: must be above 0: {text[:40]!a}")
    return price
