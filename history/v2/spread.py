"""
How far a metric's number would move had the days fallen otherwise: a bootstrap of whole weeks.

The days of the window are drawn anew in runs of `RUN` days that follow each other, from any day on
and over the end to the first again (circular blocks: Politis and Romano 1992), and the metric is
measured on each drawing by its own definition, to the last integer. Runs keep what neighbouring
days have to do with each other.

What the interval is: how much chance there is in the number, if days like these, in weeks like
these, had come in another order and number. What it is not: a forecast, or a word on markets that
the window has not seen; the tail of a loss that never came is not in it. It decides nothing: a tier
is decided by the attested days as they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import shake_256
from itertools import accumulate

from history.v2.day_rows import SUMS, DayRow, Sums, loss_level
from history.v2.metrics.form import Metric
from history.v2.oracle import Extremes, asks, history, strictest
from history.v2.thresholds import Thresholds

RUN = 7  # days of a run: books, and venues, have a rhythm of weeks
DRAWINGS = 500
INSIDE = 90  # of 100 drawings lie in the interval, as many of the others below as above it
LEAST_DAYS = 30  # of fewer, there is nothing to draw from
SEED = b"tierproof: days drawn anew"


@dataclass(frozen=True, slots=True)
class Spread:
    """
    Where a metric's number falls when the days are drawn anew.

    Attributes
    ----------
    low, high : in the threshold's unit, `INSIDE` of 100 drawings lie between; None: not defined,
        which is worse than any number
    holding : drawings in which the metric holds, of `drawings`
    undefined : drawings in which it is not defined
    drawings, run : how many, and days of a run
    """

    low: int | None
    high: int | None
    holding: int
    undefined: int
    drawings: int
    run: int = RUN


def publicly_seeded_days(
    days: int, *, drawings: int = DRAWINGS, seed: bytes = SEED
) -> list[list[int]]:
    """
    The first days of the runs of each drawing; everybody draws the same.

    Parameters
    ----------
    days : N, 1..366
    drawings : how many
    seed : public, for nothing here is secret or could be bettered by choice

    Returns
    -------
    `drawings` lists of ceil(N / RUN) days, each in 0 .. N - 1 (uneven by less than 2^-50).
    """
    runs = -(-days // RUN)
    stream = shake_256(seed).digest(8 * runs * drawings)
    starts = [int.from_bytes(stream[i : i + 8], "big") % days for i in range(0, len(stream), 8)]
    return [starts[i : i + runs] for i in range(0, len(starts), runs)]


class Redrawn:
    """
    A history's days drawn anew.

    Parameters
    ----------
    rows : of `day_rows`, `LEAST_DAYS` or more
    extremes : of all records; no sampled metric reads them
    thresholds : with which the rows were made; metrics are measured against them
    drawings : how many
    """

    def __init__(
        self,
        rows: Sequence[DayRow],
        extremes: Extremes,
        thresholds: Thresholds,
        *,
        drawings: int = DRAWINGS,
    ) -> None:
        self._thresholds = thresholds
        self._histories = []
        running, worst_days = _running(rows), thresholds.effective.worst_days
        for starts in publicly_seeded_days(len(rows), drawings=drawings):
            days, total = _drawn(rows, running, starts, worst_days)
            self._histories.append(history(days, total, extremes, thresholds))

    def spread(self, metric: Metric) -> Spread:
        """Of a metric that is `sampled`, against its threshold."""
        found: list[int | None] = []
        holding = 0
        for h in self._histories:
            t = asks(h, self._thresholds)
            found.append(strictest(metric, h, t))
            holding += all(condition.holds(h, t) for condition in metric.conditions)
        defined = sorted(number for number in found if number is not None)
        none: list[int | None] = [None] * (len(found) - len(defined))
        ordered = [*none, *defined] if metric.at_least else [*defined, *none]
        out = len(ordered) * (100 - INSIDE) // 200
        return Spread(ordered[out], ordered[-1 - out], holding, len(none), len(ordered))


def _running(rows: Sequence[DayRow]) -> list[list[int]]:
    """Of each sum what the days before add up to, N + RUN + 1 numbers: past the end the first."""
    circle = [*rows, *(rows[i % len(rows)] for i in range(RUN))]
    return [list(accumulate(map(of_day, circle), initial=0)) for of_day in SUMS.values()]


def _drawn(
    rows: Sequence[DayRow],
    running: Sequence[Sequence[int]],
    starts: Sequence[int],
    worst_days: int,
) -> tuple[list[DayRow], Sums]:
    """The days of one drawing, and their sums; M24's level is that of these days."""
    count = len(rows)
    ends = [start + RUN for start in starts]
    ends[-1] += count - RUN * len(starts)
    days = [rows[i % count] for run in zip(starts, ends, strict=True) for i in range(*run)]
    total = [
        sum(map(before.__getitem__, ends)) - sum(map(before.__getitem__, starts))
        for before in running
    ]
    level = loss_level(days, worst_days)
    beyond = sum(max(0, day.loss - level) for day in days) if worst_days else 0
    return days, replace(Sums(*total), loss_beyond=beyond)
