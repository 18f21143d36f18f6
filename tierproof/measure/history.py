"""A full log for a benchmark: as many plausible fills as a class holds, one mark a day."""

from __future__ import annotations

import numpy as np

from history.record import ACTIVE, CLOSING, FILL, MAKER, MARK, Records


def full_history(capacity: int, days: int, seed: int = 7) -> tuple[Records, int, int]:
    """
    Parameters
    ----------
    capacity : records, at least `days`.
    days : days of the window; each ends with the mark of the one wallet.

    Returns
    -------
    records, opening, closing : cents; the books close.
    """
    random = np.random.default_rng(seed)
    fills = capacity - days
    day = np.sort(random.integers(0, days, fills))
    closing = random.random(fills) < 0.5
    maker = random.random(fills) < 0.4
    kind = ACTIVE | FILL | np.where(closing, CLOSING, 0) | np.where(maker, MAKER, 0)
    value = np.where(
        closing, random.integers(-90_000, 100_000, fills), -random.integers(0, 200, fills)
    )
    rows = {
        "kind": np.concatenate([kind, np.full(days, ACTIVE | MARK)]),
        "day": np.concatenate([day, np.arange(days)]),
        "minute": np.concatenate([random.integers(0, 1439, fills), np.full(days, 1439)]),
        "exposure": np.concatenate([random.integers(0, 60, fills), np.full(days, 40)]),
        "buffer": np.concatenate([random.integers(6_000, 10_000, fills), np.full(days, 8_000)]),
        "notional": np.concatenate(
            [random.integers(10_000, 10_000_000, fills), np.full(days, 100_000_000)]
        ),
        "value": np.concatenate([value, random.integers(-50_000, 50_000, days)]),
    }
    order = np.lexsort((rows["minute"], rows["day"]))
    records = Records(**{name: column[order].astype(np.int64) for name, column in rows.items()})
    opening = 500_000_000_00
    return records, opening, opening + int(value.sum())
