"""
Instruments that cease to be (docs/explanation/metrics.md A7).

A position does not outlive its instrument: what becomes of it at the expiry is stated, or nothing
is attested, because a mark from before would price it for ever.
"""

from __future__ import annotations

from collections.abc import Iterator

from algebra.errors import Malformed, Refused
from attestor.ledger import Book
from attestor.stated import plain
from attestor.statement import (
    DAY_MICROSECONDS,
    MICROSECONDS,
    UNIT,
    Statement,
    bad_line,
    refused_line,
)
from history.dates import day_text


def expiry_errors(statement: Statement) -> Iterator[Malformed]:
    """
    The complaints about lines, `malformed.statement`: an execution after the expiry of its
    instrument, and a position of the opening in one that has expired before. What is booked, a
    delivery for instance, may come later: venues settle minutes after the expiry.
    """
    for fill in statement.fills:
        expiry = _expiry(statement, fill.instrument)
        if expiry is not None and fill.time > expiry and not fill.booked:
            yield bad_line(fill.source, f"time: {fill.instrument} expired at {_told(expiry)}")
    for opening in statement.openings.values():
        for position in opening.positions:
            expiry = _expiry(statement, position.instrument)
            if expiry is not None and expiry < opening.time:
                reason = f"opening: {position.instrument} expired at {_told(expiry)}"
                yield bad_line(position.source, reason)


def open_past_expiry(statement: Statement, book: Book, end: int) -> Iterator[Refused]:
    """
    The wallet's positions in instruments that have expired before the instant `end`, the end of a
    day: each `refused.expired`, with the last line that moved it.
    """
    for name, holding in book.holdings.items():
        expiry = _expiry(statement, name)
        if expiry is not None and expiry < end:
            yield _open(statement, book.wallet, name, holding.stated, expiry)


def _open(statement: Statement, wallet: str, name: str, size: int, expiry: int) -> Refused:
    moved = [fill for fill in statement.fills if (fill.wallet, fill.instrument) == (wallet, name)]
    if moved:
        source = max(moved, key=lambda fill: (fill.time, fill.sequence)).source
    else:
        positions = statement.openings[wallet].positions
        source = next(each.source for each in positions if each.instrument == name)
    reason = (
        f"instrument: {plain(size, UNIT)} of {name} in wallet {wallet} is open at the end of the "
        f"day on which it expired, at {_told(expiry)}; the line that closes it is missing"
    )
    return refused_line("refused.expired", source, reason, wallet=wallet, instrument=name)


def _expiry(statement: Statement, name: str) -> int | None:
    instrument = statement.instruments.get(name)
    return instrument.expiry if instrument is not None else None


def _told(time: int) -> str:
    """An instant as statements spell it, whole seconds."""
    day, rest = divmod(time, DAY_MICROSECONDS)
    minutes, second = divmod(rest // MICROSECONDS, 60)
    hour, minute = divmod(minutes, 60)
    return f"{day_text(day)}T{hour:02d}:{minute:02d}:{second:02d}Z"
