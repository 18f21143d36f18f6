"""
The marks of the project's statement format: lines of `statement.csv`, or a file of their own,
`marks.csv`: `time,instrument,price,delta,volatility` (docs/explanation/attestation.md 2.2).

Marks are for everybody. In a file of their own the root names them, so whoever holds the file can
see whether every attestor read the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attestor.cells import (
    parse_decimal,
    parse_time,
)
from attestor.complaints import Complaints
from attestor.statement import (
    DELTA_PLACES,
    DELTA_UNIT,
    Instrument,
    Quote,
    Source,
    bad_line,
    seen_from,
)
from attestor.venues.csv_file import Clock, read_rows

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
