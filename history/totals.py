"""
Totals of a log's records by day (docs/explanation/metrics.md B1), exact.

A total of 2^20 values of 47 bits does not fit 64 bits. Values are cut into parts of 24 bits and the
parts are summed apart, in floats below 2^53 (numpy's bincount), which is exact; Python integers put
them together again.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from algebra.errors import Refused
from history.record import (
    ACTIVE,
    BASE,
    CARRY,
    CLOSING,
    FILL,
    INFLOW,
    KIND_MASK,
    LIQUIDATION,
    MAKER,
    MARK,
    OWN,
    REWARD,
    TRANSFER,
    Int64,
    Records,
)

MAX_RECORDS = (
    1 << 20
)  # the largest size class; every bound of docs/explanation/metrics.md is for it


@dataclass(frozen=True, slots=True)
class DayTotals:
    """
    Sums over the records of one day; money in cents, signed where the record's value enters.

    pnl, flow, inflow, base, unrealised, close_pnl: signed. volume, maker_volume, open, close_square
    (cents^2) and all counts: >= 0. `near` counts records with a buffer below the near line;
    `records` all of them.
    """

    pnl: int
    flow: int
    inflow: int
    base: int
    unrealised: int
    volume: int
    maker_volume: int
    open: int
    fills: int
    closes: int
    close_square: int
    close_pnl: int
    liquidations: int
    near: int
    marks: int
    votes: int
    rewards: int
    records: int


def _sum_small(day: Int64, values: Int64, days: int) -> list[int]:
    """Sum of values below 2^24 in magnitude by day."""
    return [
        int(total) for total in np.bincount(day, weights=values.astype(np.float64), minlength=days)
    ]


def sum_by_day(day: Int64, values: Int64, days: int) -> list[int]:
    """
    Exact sum of signed 64-bit values by day.

    Parameters
    ----------
    day : int64, shape (count,), 0 <= day < days, count <= 2^28
    values : int64, shape (count,)
    days : number of totals

    Returns
    -------
    `days` Python integers.
    """
    parts = (values & 0xFFFFFF, values >> 24 & 0xFFFFFF, values >> 48)  # the last keeps the sign
    low, middle, high = (_sum_small(day, part, days) for part in parts)
    return [a + (b << 24) + (c << 48) for a, b, c in zip(low, middle, high, strict=True)]


def _squares_by_day(day: Int64, values: Int64, days: int) -> list[int]:
    """
    Exact sum of value^2 by day, |value| < 2^47: value = high 2^24 + low, each product below 2^62.
    """
    low, high = values & 0xFFFFFF, values >> 24
    products = (low * low, high * low, high * high)
    a, b, c = (sum_by_day(day, product, days) for product in products)
    return [x + (y << 25) + (z << 48) for x, y, z in zip(a, b, c, strict=True)]


def day_totals(records: Records, days: int, near_line: int) -> list[DayTotals]:
    """
    The totals of B1 for days 0 .. days - 1.

    Parameters
    ----------
    records : canonical (`Records.check`), any order
    days : N
    near_line : 1/10^4, signed; a record counts as near when its buffer is below it

    Raises
    ------
    Malformed
        As `Records.check`.
    Refused
        `refused.oracle.day` (a record outside the window), `refused.oracle.count`.
    """
    records.check()
    if len(records) > MAX_RECORDS:
        raise Refused(
            "refused.oracle.count", f"records: {len(records)} are more than {MAX_RECORDS}"
        )
    outside = np.flatnonzero(records.day >= days)
    if len(outside):
        index = int(outside[0])
        raise Refused(
            "refused.oracle.day",
            f"record {index}: day {int(records.day[index])} is outside the window of {days} days",
            index=index,
        )
    kind, day, value, notional = records.kind, records.day, records.value, records.notional

    def bit(flag: int) -> Int64:
        out: Int64 = ((kind & flag) != 0).astype(np.int64)
        return out

    def weighted(number: Int64, weight: Int64) -> list[int]:
        chosen = np.flatnonzero(weight)  # most records have most flags unset
        picked: npt.NDArray[np.int64] = number[chosen] * weight[chosen]
        return sum_by_day(day[chosen], picked, days)

    def counted(weight: Int64) -> list[int]:
        return [int(total) for total in np.bincount(day[weight != 0], minlength=days)]

    closing = np.flatnonzero(bit(CLOSING))
    columns: dict[str, list[int]] = {
        "pnl": weighted(value, bit(FILL | OWN | CARRY)),
        "flow": weighted(value, bit(TRANSFER | REWARD)),
        "inflow": weighted(value, bit(INFLOW)),
        "base": weighted(value, bit(BASE)),
        "unrealised": weighted(value, bit(MARK)),
        "volume": weighted(notional, bit(FILL)),
        "maker_volume": weighted(notional, bit(MAKER)),
        "open": weighted(notional, bit(MARK)),
        "fills": counted(bit(FILL)),
        "closes": counted(bit(CLOSING)),
        "close_square": _squares_by_day(day[closing], value[closing], days),
        "close_pnl": weighted(value, bit(CLOSING)),
        "liquidations": counted(bit(LIQUIDATION)),
        "near": counted((records.buffer < near_line).astype(np.int64)),
        "marks": counted(bit(MARK)),
        "votes": counted(bit(ACTIVE) * (1 - bit(KIND_MASK))),
        "rewards": counted(bit(REWARD)),
        "records": counted(bit(ACTIVE)),
    }
    names = [field.name for field in fields(DayTotals)]
    return [DayTotals(*row) for row in zip(*(columns[name] for name in names), strict=True)]
