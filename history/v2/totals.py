"""
Totals of a log's records by day (docs/explanation/metrics.md B1), exact.

A total of 2^20 values of 47 bits does not fit 64 bits. Values are cut into parts of 24 bits and the
parts are summed apart, in floats below 2^53 (numpy's bincount), which is exact; Python integers put
them together again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import NamedTuple

import numpy as np

from algebra.errors import Refused
from history.v2.record import KIND_MASK, KIND_NAMES, MAX_RECORDS, Int64, Records


class Total(NamedTuple):
    """
    A day total: the sum over its records of `of` times the flags.

    of : `value` or `notional` (cents), `square` (value^2) or `one`
    flags : names of kind bits or of `FLAGS`, of which a record has one at most
    """

    of: str
    flags: tuple[str, ...]


FLAGS: dict[str, str] = {
    "vote": "vote",
    "near": "near",
    "maker_fill": "fill maker",
    "account_mark": "mark (1 - maker)",
    "owner_mark": "mark maker",
}
"""
What a total may ask beside the bits: vote (active, none of the seven kinds), near (distance below
the near line), and products of bits.
"""


def _of(of: str, *flags: str) -> dict[str, Total]:
    return {"total": Total(of, flags)}


@dataclass(frozen=True, slots=True)
class DayTotals:
    """
    Sums over the records of one day (B1), in the order of the circuit's group-by; money in cents,
    trip_square in cents^2. What sums `value` is signed, all else >= 0.
    """

    pnl: int = field(metadata=_of("value", "fill", "booked", "carry"))
    flow: int = field(metadata=_of("value", "transfer", "reward"))
    inflow: int = field(metadata=_of("value", "inflow"))
    base: int = field(metadata=_of("value", "base"))
    unrealised: int = field(metadata=_of("value", "account_mark"))
    marks: int = field(metadata=_of("one", "account_mark"))
    records: int = field(metadata=_of("one", "active"))
    volume: int = field(metadata=_of("notional", "fill"))
    maker_volume: int = field(metadata=_of("notional", "maker_fill"))
    open: int = field(metadata=_of("notional", "account_mark"))
    fills: int = field(metadata=_of("one", "fill"))
    trips: int = field(metadata=_of("one", "trip"))
    trip_pnl: int = field(metadata=_of("value", "trip"))
    trip_square: int = field(metadata=_of("square", "trip"))
    liquidations: int = field(metadata=_of("one", "liquidation"))
    near: int = field(metadata=_of("one", "near"))
    votes: int = field(metadata=_of("one", "vote"))
    rewards: int = field(metadata=_of("one", "reward"))
    net: int = field(metadata=_of("notional", "owner_mark"))
    gross: int = field(metadata=_of("value", "owner_mark"))


TOTALS: dict[str, Total] = {field.name: field.metadata["total"] for field in fields(DayTotals)}
"""What each total sums: read by `day_totals` and by the circuit's record rows."""


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
    near_line : 1/10^4, signed; a record counts as near when its distance is below it

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
    flags = {name: records.kind >> bit & 1 for bit, name in enumerate(KIND_NAMES)}
    flags["vote"] = flags["active"] * ((records.kind & KIND_MASK) == 0)
    flags["near"] = (records.distance < near_line).astype(np.int64)
    flags["maker_fill"] = flags["fill"] * flags["maker"]
    flags["account_mark"] = flags["mark"] * (1 - flags["maker"])
    flags["owner_mark"] = flags["mark"] * flags["maker"]
    columns = {"value": records.value, "square": records.value, "notional": records.notional}

    def total(of: str, names: tuple[str, ...]) -> list[int]:
        chosen = np.flatnonzero(sum(flags[name] for name in names))  # most records have most unset
        day = records.day[chosen]
        if of == "one":
            return [int(number) for number in np.bincount(day, minlength=days)]
        add = _squares_by_day if of == "square" else sum_by_day
        return add(day, columns[of][chosen], days)

    return [DayTotals(*row) for row in zip(*(total(*t) for t in TOTALS.values()), strict=True)]
