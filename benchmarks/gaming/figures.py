"""What a statement shows: its log, its days, and the ratios that people read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import sqrt
from statistics import fmean, stdev
from types import SimpleNamespace

from attestor.ledger import apply_fill
from attestor.log import Log, build_log
from attestor.pairs import own_groups
from attestor.statement import Fill, Statement
from history.v2.day_rows import DayRow, Sums, day_rows, sums
from history.v2.metrics import METRICS
from history.v2.oracle import named
from history.v2.record import Records
from history.v2.thresholds import Thresholds

FLOOR = 10_000
"""F of the tricks that are not about it, cents: 100 USD, as the accounts are small."""


def days_of(log: Log, records: Records | None = None, floor: int = FLOOR) -> list[DayRow]:
    """The day rows of a log, or of other records in its place."""
    asked = Thresholds(floor, 1)
    return day_rows(log.records if records is None else records, log.opening, log.days, asked)


def rows_of(statement: Statement) -> list[DayRow]:
    """The day rows of a statement."""
    return days_of(build_log(statement))


def sharpe(rows: list[DayRow]) -> float:
    """M1's ratio with a risk-free rate of 0; 0 where it has no variance."""
    returns = [row.daily_return for row in rows]
    spread = stdev(returns)
    return sqrt(365) * fmean(returns) / spread if spread else 0.0


def drawdown(rows: list[DayRow]) -> float:
    """M7: the greatest, as a share."""
    return 1 - min(row.index for row in rows) / 10**10


def marked_as_traded(statement: Statement) -> Statement:
    """
    Each fill's own price given as the venue's mark with it, so that none wins at once: as it was
    without the band.
    """
    return replace(statement, fills=[fill._replace(mark=fill.price) for fill in statement.fills])


# -- M3 --------------------------------------------------------------------------------------------
def holds(metric: int, total: Sums, asked: Mapping[str, int], *, without: str = "") -> bool:
    """Whether every condition of a metric holds for these thresholds, but the one `without`."""
    t = SimpleNamespace(**{**Thresholds(1, 1).numbers, **asked})
    h = named(total, {}, t, METRICS)
    return all(c.holds(h, t) for c in METRICS[metric].conditions if c.label != without)


def trips_t(rows: list[DayRow]) -> float:
    """M3's t value over trips."""
    total = sums(rows)
    gain = max(0, min(total.pnl, total.profit))
    variance = total.trips * total.trip_square - total.trip_pnl**2
    return gain * sqrt(total.trips - 1) / sqrt(variance) if variance > 0 else 0.0


def closes(statement: Statement) -> list[float]:
    """
    What each fill made that reduced a position, less its fee, cents: the closes of version 1, of
    which own trades were none.
    """
    own, out = own_groups(statement.fills), list[float]()
    held: dict[tuple[str, str], tuple[int, int]] = {}
    for index, fill in sorted(enumerate(statement.fills), key=_order):
        place = fill.wallet, fill.instrument
        size, cost = held.get(place, (0, 0))
        applied = apply_fill(size, cost, fill.size, fill.price)
        held[place] = applied.size, applied.cost
        if applied.closing and index not in own:
            out.append((applied.realised - fill.fee) / 10**34)
    return out


def _order(item: tuple[int, Fill]) -> tuple[int, int, str]:
    fill = item[1]
    return fill.time, fill.sequence, fill.wallet


def closes_ratio(statement: Statement, rows: list[DayRow]) -> float:
    """M3 of version 1: mean gain of a close over the deviation of closes."""
    total, made = sums(rows), closes(statement)
    gain = max(0, min(total.pnl, total.profit))
    return gain / len(made) / stdev(made)
