"""A history of many days in which every metric is defined, for what is said about metrics."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

from history.v2 import record as r
from history.v2.metrics import METRICS
from history.v2.oracle import Assessment, assess
from history.v2.record import Record, Records
from history.v2.thresholds import Thresholds
from support.feeds import market

DAYS, OPENING = 60, 1_000_000
EASY: dict[str, Any] = {
    "near_line": 3000,
    "near_word": tuple(range(16)),
    "trade_trips": 30,
    "worst_days": 3,
    "best_day": 10_000,
    "mean_exposure": 10_000,
    "peak_exposure": 4095,
    "drawdown": 10_000,
    "shortfall": 10_000,
    "volatility_sensitivity": (1 << 24) - 1,
    "liquidations": 4095,
    "class_net": 10_000,
    "distance": -1000,
}
"""Thresholds that anybody meets; those that are not named are 0."""


@cache
def records() -> Records:
    """Gains and losses of every day, hedged in part; the worst distance is 20 %, exposure 2x."""
    source = random.Random(60)
    rows: list[Record] = []
    for day in range(DAYS):
        for i in range(2):
            value, notional = source.randrange(-9_000, 12_000), source.randrange(100_000, 200_000)
            kind = r.ACTIVE | r.FILL | (r.MAKER if source.random() < 0.6 else 0)
            rows.append(Record(kind, day, 600 + i, 40, 2000, notional, value))
            rows.append(Record(r.ACTIVE | r.TRIP, day, 600 + i, 0, 10_000, 0, value))
        open_positions = source.randrange(500_000, 900_000)
        rows.append(Record(r.ACTIVE | r.MARK, day, 1439, 20, 4000, open_positions, 0))
        net = source.randrange(open_positions // 4, open_positions // 2)
        rows.append(Record(r.ACTIVE | r.MARK | r.MAKER, day, 1439, 0, 10_000, net, open_positions))
    return Records.from_rows(rows)


def assessed(*asked: int, **numbers: Any) -> Assessment:
    """Against thresholds that anybody meets but for the given ones."""
    metrics = numbers.pop("metrics", METRICS)
    thresholds = Thresholds(1, 100, asked=frozenset(asked), metrics=metrics, **{**EASY, **numbers})
    log = records()
    feed = market(0, DAYS)
    return assess(log, OPENING, OPENING + log.moved, 1, 0, DAYS - 1, thresholds, feed)
