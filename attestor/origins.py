"""
Of which line of a statement a record of a log is (docs/explanation/attestation.md 7, 9.5).

A record holds no instrument and no line. Whoever has the statement makes the log anew: if it is the
same, each record is of the line that it is of there, so nothing is kept beside the log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from algebra.errors import Refused
from attestor.log import Event, build_log
from attestor.statement import Source, Statement
from history.v2.record import Records


@dataclass(frozen=True, slots=True)
class Origin:
    """
    The line that a record began with, and the instruments that it names: none, one, or those of all
    that a venue tells in one line.
    """

    source: Source
    instruments: tuple[str, ...] = ()

    def text(self) -> str:
        """In words: `BTC, statement.csv:17`."""
        return ", ".join((*self.instruments, f"{self.source.file}:{self.source.line}"))


def origins(statement: Statement, records: Records) -> list[Origin | None]:
    """
    Of each record of a log; None: it is of the day's end, and of all lines of its day.

    Raises
    ------
    Malformed, Refused
        As `build_log`; `refused.other_statement`: it gives another log than these records.
    """
    log = build_log(statement)
    if log.records != records:
        raise Refused(
            "refused.other_statement",
            f"statement: gives another log, of {len(log.records)} records; the one that is "
            f"attested has {len(records)}",
        )
    named = _instruments([*statement.fills, *statement.lines])
    return [None if each is None else Origin(each, named[each]) for each in log.sources]


def instrument_of(event: Event) -> str | None:
    """What an execution trades, or a line moves in place of dollars."""
    coin = getattr(event, "coin", None)
    name: str | None = getattr(event, "instrument", coin and coin.instrument)
    return name


def _instruments(events: Sequence[Event]) -> Mapping[Source, tuple[str, ...]]:
    """By line, each once and in order."""
    found: dict[Source, set[str]] = {}
    for event in events:
        names, name = found.setdefault(event.source, set()), instrument_of(event)
        if name is not None:
            names.add(name)
    return {source: tuple(sorted(names)) for source, names in found.items()}
