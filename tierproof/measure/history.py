"""
A full log for a benchmark: as many plausible fills and trips as a class holds, two marks a day.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from history.v2.record import (
    ACTIVE,
    FILL,
    MAKER,
    MARK,
    NO_POSITION_DISTANCE,
    TRIP,
    Records,
)


def full_history(capacity: int, days: int, seed: int = 7) -> tuple[Records, int, int]:
    """
    Parameters
    ----------
    capacity : records, at least 2 `days`.
    days : days of the window; each ends with the mark of the one account and the owner's.

    Returns
    -------
    records, opening, closing : cents; the books close.
    """
    random = np.random.default_rng(seed)
    trades = capacity - 2 * days
    day = np.sort(random.integers(0, days, trades))
    trip = random.random(trades) < 0.2
    maker = ~trip & (random.random(trades) < 0.4)
    kind = ACTIVE | np.where(trip, TRIP, FILL) | np.where(maker, MAKER, 0)
    value = np.where(
        trip | (random.random(trades) < 0.5),
        random.integers(-90_000, 100_000, trades),
        -random.integers(0, 200, trades),
    )

    def filled(number: int) -> npt.NDArray[np.int64]:
        return np.full(days, number)

    distance = np.where(trip, NO_POSITION_DISTANCE, random.integers(6_000, 10_000, trades))
    notional = np.where(trip, 0, random.integers(10_000, 10_000_000, trades))
    ends = np.arange(days)
    rows = {
        "kind": [kind, filled(ACTIVE | MARK), filled(ACTIVE | MARK | MAKER)],
        "day": [day, ends, ends],
        "minute": [random.integers(0, 1439, trades), filled(1439), filled(1439)],
        "exposure": [np.where(trip, 0, random.integers(0, 60, trades)), filled(40), filled(0)],
        "distance": [distance, filled(8_000), filled(NO_POSITION_DISTANCE)],
        "notional": [notional, filled(100_000_000), filled(60_000_000)],
        "value": [value, random.integers(-50_000, 50_000, days), filled(90_000_000)],
    }
    columns = {name: np.concatenate(parts) for name, parts in rows.items()}
    order = np.lexsort((columns["minute"], columns["day"]))
    records = Records(**{name: column[order].astype(np.int64) for name, column in columns.items()})
    opening = 500_000_000_00
    return records, opening, opening + records.moved
