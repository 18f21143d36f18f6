"""
Which executions are one record, and which flagged ones are one liquidation (docs/explanation/
metrics.md A4).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from attestor.statement import MICROSECONDS, Fill
from attestor.trips import Execution


class RecordKey(NamedTuple):
    """
    Executions that follow each other at one account are one record if all of this is the same.

    by : the venue's order id, or True for a purchase and False for a sale where it gives none
    kind : bits of the record, a liquidation's left out
    group : number of the own group (A4), if any
    second : UTC, since 1970
    """

    by: str | bool
    instrument: str
    kind: int
    group: int | None
    second: int

    @classmethod
    def of(cls, fill: Fill, kind: int, group: int | None) -> RecordKey:
        """Of an execution, with the bits that its record has."""
        by = fill.size > 0 if fill.order is None else fill.order
        return cls(by, fill.instrument, kind, group, fill.time // MICROSECONDS)


@dataclass(slots=True)
class Latest:
    """
    An account's last record of executions: its row, its exact notional (u'), whether it is flagged.

    `surplus` (u' / 10^4) is what it wins at once beyond the band, `given` the whole cents of it
    that are a flow, and `gift` the row of that flow, if any.
    """

    key: RecordKey
    row: int
    notional: int
    liquidation: bool
    surplus: int = 0
    given: int = 0
    gift: int | None = None


class Accounts:
    """What came last at each account."""

    def __init__(self) -> None:
        self._latest: dict[str, Latest] = {}
        self._liquidated: set[str] = set()

    def begins_liquidation(self, fill: Fill) -> bool:
        """
        Whether a liquidation begins here: flagged, and its account's last execution or transfer was
        no flagged execution.
        """
        running = fill.wallet in self._liquidated
        (self._liquidated.add if fill.liquidation else self._liquidated.discard)(fill.wallet)
        return fill.liquidation and not running

    def joins(self, account: str, key: RecordKey, begins_liquidation: bool) -> Latest | None:
        """The record that an execution goes into, None where it needs one of its own."""
        latest = self._latest.get(account)
        if latest is None or latest.key != key or (latest.liquidation and begins_liquidation):
            return None
        return latest

    def begin(self, account: str, latest: Latest) -> None:
        """A new record of executions."""
        self._latest[account] = latest

    def line(self, account: str, *, moves: bool) -> None:
        """A ledger line of the account, which moves money into or out of it or does not."""
        self._latest.pop(account, None)
        if moves:
            self._liquidated.discard(account)


class Gathered:
    """Executions of own groups, held back until the last of their group is there."""

    def __init__(self, groups: Mapping[int, int]) -> None:
        self._groups = groups
        self._left = Counter(groups.values())
        self._sums: dict[int, Execution] = {}

    def take(self, index: int, done: Execution) -> Execution | None:
        """The execution itself; of a group, None until its last one, then all of it as one."""
        group = self._groups.get(index)
        if group is None:
            return done
        self._left[group] -= 1
        whole = self._sums.pop(group, Execution(0, 0, 0, fill=False)) + done
        if self._left[group]:
            self._sums[group] = whole
            return None
        return whole
