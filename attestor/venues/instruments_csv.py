"""
`instruments.csv` of the project's statement format: `name,underlying,expiry,strike,right,coin`
(docs/explanation/attestation.md 2.2).

The underlying is given for an option, which has an expiry too, and a strike and a right (call, put)
where a margin document is to judge it; a future has an expiry alone; an inverse contract, perpetual
or dated, has the coin in which it pays. A file may leave out columns from the third on.
"""

from __future__ import annotations

from pathlib import Path

from attestor.cells import (
    parse_choice,
    parse_positive,
    parse_time,
)
from attestor.complaints import Complaints
from attestor.statement import (
    Instrument,
    Source,
    bad_line,
)
from attestor.venues.csv_file import check_name, read_rows

INSTRUMENTS = "instruments.csv"
COLUMNS, OPTIONAL = ("name", "underlying"), ("expiry", "strike", "right", "coin")
_RIGHT = {"call": True, "put": False}


def read_instruments(path: Path, wrong: Complaints) -> tuple[dict[str, Instrument], int]:
    """
    The instruments by name, and how many lines were read; one that is refused is among them, so
    that its lines are not refused for it again.
    """
    instruments: dict[str, Instrument] = {}
    underlyings: list[tuple[Source, str]] = []
    paid_in: list[tuple[Source, str]] = []

    def take(source: Source, cells: list[str]) -> None:
        name, underlying, expiry, strike, right, coin = cells
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
        instruments[name] = Instrument(name, underlying or None, instant, coin=coin or None)
        if strike or right:
            if not underlying:
                raise bad_line(source, "strike, right: only an option has them")
            call = parse_choice(right, source, "right", _RIGHT)
            struck = parse_positive(strike, source, "strike")
            instruments[name] = Instrument(name, underlying, instant, struck, call)
        if coin:
            if underlying:
                raise bad_line(source, "coin: an option's price is in dollars")
            paid_in.append((source, coin))

    read = read_rows(path, COLUMNS, take, wrong, optional=OPTIONAL)
    for source, underlying in underlyings:
        if underlying not in instruments or instruments[underlying].underlying is not None:
            wrong.add(
                bad_line(source, f"underlying: no instrument of its own: {underlying[:40]!a}")
            )
    for source, coin in paid_in:
        held = instruments.get(coin)
        if held is None or held.underlying or held.expiry is not None or held.coin:
            wrong.add(bad_line(source, f"coin: no instrument that is a coin: {coin[:40]!a}"))
    return instruments, read
