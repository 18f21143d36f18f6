"""Random series of daily returns, and histories that have exactly these returns."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from history.v2 import record as r
from history.v2.oracle import Assessment, assess
from history.v2.record import NO_POSITION_DISTANCE, Record, Records
from history.v2.thresholds import Thresholds

EQUITY = 10**12  # cents, on every day: a return of 1e-8 is 10^4 cents


def series(source: random.Random) -> list[int]:
    """Of any length, drift, correlation and skewness, in 1e-8."""
    days = source.randrange(3, 367)
    scale = 10 ** source.uniform(2, 7.3)
    drift, kept, jump = source.uniform(-0.2, 0.5), source.uniform(-0.6, 0.8), source.random() ** 3
    out: list[int] = []
    for _ in range(days):
        noise = source.gauss(0, 1) + (source.choice((-8, 8)) if source.random() < jump / 20 else 0)
        before = out[-1] if out else 0
        out.append(max(-(10**8), min(10**8, round(kept * before + scale * (noise + drift)))))
    return out


def log_of(returns: Sequence[int], source: random.Random) -> Records:
    """
    A log of one trip a day whose day has that return: the profit leaves at the day's end, a loss is
    made good. Volume, positions and hedges are the source's.
    """
    rows: list[Record] = []
    for day, number in enumerate(returns):
        profit = number * (EQUITY // 10**8)
        maker = r.MAKER if source.random() < 0.5 else 0
        volume, held = source.randrange(10**10, 10**13), source.randrange(1, 2 * 10**12)
        rows += [
            Record(r.ACTIVE | r.FILL | maker, day, 600, 30, 4000, volume, profit),
            Record(r.ACTIVE | r.TRIP, day, 600, 0, NO_POSITION_DISTANCE, 0, profit),
            Record(
                r.ACTIVE | r.TRANSFER | (r.INFLOW if profit < 0 else 0),
                day,
                700,
                30,
                4000,
                0,
                -profit,
            ),
            Record(r.ACTIVE | r.MARK, day, 1439, 30, 4000, held, 0),
            Record(
                *(r.ACTIVE | r.MARK | r.MAKER, day, 1439, 0, NO_POSITION_DISTANCE),
                *(source.randrange(0, held), held),
            ),
        ]
    return Records.from_rows(rows)


EASY: dict[str, Any] = {"trade_trips": 30, "worst_days": 1, "near_word": tuple(range(16))}


def assessed(
    log: Records, days: int, asked: Sequence[int], *, opening: int = EQUITY, **numbers: Any
) -> Assessment:
    """Every asked metric measured; whether it holds is of no matter."""
    thresholds = Thresholds(1, 1, asked=frozenset(asked), **{**EASY, **numbers})
    return assess(log, opening, opening + log.moved, 1, 0, days - 1, thresholds)


def measured(found: Assessment) -> dict[int, int | None]:
    """What was measured, by metric."""
    return {verdict.metric: verdict.measured for verdict in found.verdicts}


def is_rounded(number: int, value: float, at_least: bool, tolerance: float = 1e-6) -> bool:
    """Whether the number is the value rounded down, or up, to an integer."""
    slack = tolerance * max(1.0, abs(value))
    low, high = (number, number + 1) if at_least else (number - 1, number)
    return low - slack <= value <= high + slack
