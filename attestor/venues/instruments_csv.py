"""
`instruments.csv` of the project's statement format: `name,underlying,expiry,strike,right`
(docs/explanation/attestation.md 2.2).

The underlying is given for an option, which has an expiry too, and a strike and a right (call, put)
where a margin document is to judge it; a future has an expiry alone. A file may leave out columns
from the third on.
"""

from __future__ import annotations

from pathlib import Path

from attestor.complaints import Complaints
from attestor.statement import (
    Instrument,
    Source,
    bad_line,
    parse_choice,
    parse_positive,
    parse_time,
)
from attestor.venues.csv_file import check_name, read_rows

INSTRUMENTS = "instruments.csv"
COLUMNS, OPTIONAL = ("name", "underlying"), ("expiry", "strike", "right")
_RIGHT = {"call": True, "put": False}


def read_instruments(path: Path, wrong: Complaints) -> tuple[dict[str, Instrument], int]:
    """
    The instruments by name, and how many lines were read; one that is refused is among them, so
    that its lines are not refused for it again.
    """
    instruments: dict[str, Instrument] = {}
    underlyings: list[tuple[Source, str]] = []

    def take(source: Source, cells: list[str]) -> None:
        name, underlying, expiry, strike, right = cells
        twice = name in instruments
        instruments[name] = Instrument(name, underlying or None)
        check_name(name, source, "name")
        if twice:
            raise bad_line(source, f"name: {name} stands twice")
        if underlying:
            underlyings.append((source, underlying))
            if not expiry:
                raise bad_line(source, "expiry: empty, an option needs it")
        instant = parse_time(expiry, source, "expiry") if expiry else None
        instruments[name] = Instrument(name, underlying or None, instant)
        if strike or right:
            if not underlying:
                raise bad_line(source, "strike, right: only an option has them")
            call = parse_choice(right, source, "right", _RIGHT)
            struck = parse_positive(strike, source, "strike")
            instruments[name] = Instrument(name, underlying, instant, struck, call)

    read = read_rows(path, COLUMNS, take, wrong, optional=OPTIONAL)
    for source, underlying in underlyings:
        if underlying not in instruments or instruments[underlying].underlying is not None:
            wrong.add(
                bad_line(source, f"underlying: no instrument of its own: {underlying[:40]!a}")
            )
    return instruments, read
