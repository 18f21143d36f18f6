"""
The records of a log while it is made (docs/explanation/metrics.md A7, A8).
"""

from __future__ import annotations

from itertools import compress
from typing import Any

from algebra.errors import Refused
from attestor.margin.distance import State
from attestor.statement import MICROSECONDS, Source, bad_line
from history.v2 import record as kinds
from history.v2.record import NOTIONAL_LIMIT, VALUE_OFFSET, Record, Records

LAST_MINUTE = 1439


class Rows:
    """The records so far; `day` of the window, from 0, is that of the next."""

    def __init__(self) -> None:
        self.day = 0
        self._rows: list[Record] = []
        self._sources: list[Source | None] = []

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, row: int) -> Record:
        return self._rows[row]

    def add(
        self, kind: int, time: int, state: State, notional: int, value: int, source: Source | None
    ) -> int:
        """
        A record more; returns its row.

        Parameters
        ----------
        time : microseconds since 1970 UTC
        notional, value : cents
        source : the line that it is of, None: the day's end

        Raises
        ------
        Malformed, Refused
            As `check_money`.
        """
        check_money(notional, value, source)
        minute = LAST_MINUTE if source is None else time // MICROSECONDS % 86_400 // 60
        self._rows.append(Record(kinds.ACTIVE | kind, self.day, minute, state.exposure,
                                 state.distance, notional, value))  # fmt: skip
        self._sources.append(source)
        return len(self._rows) - 1

    def change(self, row: int, source: Source | None = None, **fields: Any) -> None:
        """Give a record other fields; as `add`."""
        record = self._rows[row]._replace(**fields)
        check_money(record.notional, record.value, source)
        self._rows[row] = record

    def mark_as(self, row: int, bits: int) -> None:
        """Set bits of a record's kind."""
        self._rows[row] = self._rows[row]._replace(kind=self._rows[row].kind | bits)

    def records(self) -> tuple[Records, tuple[Source | None, ...]]:
        """
        All of them, and the line that each began with, None: the day's end. What one execution won
        beyond the band another of its record may have lost again: such a flow of 0 is none, and no
        other that comes in is of 0.
        """
        kept = [row.value != 0 or not row.kind & kinds.INFLOW for row in self._rows]
        records = Records.from_rows(compress(self._rows, kept))
        records.check()
        return records, tuple(compress(self._sources, kept))


def check_money(notional: int, value: int, source: Source | None) -> None:
    """
    A7: what a record cannot hold, `malformed.statement` at a line, else `refused.range`; in cents.
    """
    if notional < NOTIONAL_LIMIT and abs(value) < VALUE_OFFSET:
        return
    reason = "notional of 2^48 cents and more, or |value| of 2^47 cents and more"
    if source is None:
        raise Refused("refused.range", f"mark, carry or trip: {reason}")
    raise bad_line(source, reason)
