"""
The rule of the market feed (docs/explanation/metrics.md B5): a weight and a change for each day,
from the hourly closes of a volatility index.

Closes are integers of 1/100 point. The weight of a day comes from the day before it, so it is known
before the day begins; the change is known after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

BELOW = (4_500, 6_000)
"""1/100 point of the mean close: the weight is that of the first bound which is above it."""
WEIGHTS = (1, 2, 4)
"""Below each bound, and from the last one on."""
CLOSE_LIMIT = 100_000
"""1/100 point: 1,000 points, six times the highest close of BTC and ETH since 2021."""
HOURS = 24
_TENTH = 10


class DayValues(NamedTuple):
    """`weight`, of `WEIGHTS`; `change` of the last close since the day before, 1/10 point."""

    weight: int
    change: int


def weight_of(mean: int) -> int:
    """The weight after a day whose mean close is `mean`, 1/100 point."""
    return next((w for below, w in zip(BELOW, WEIGHTS, strict=False) if mean < below), WEIGHTS[-1])


def day_values(closes: Sequence[Sequence[int]]) -> Iterator[DayValues]:
    """
    The values of every day but the first.

    Parameters
    ----------
    closes : the hourly closes of consecutive days, 1/100 point; a day without any keeps the values
        of the one before, the first has some
    """
    mean, last = 0, 0
    for index, day in enumerate(closes):
        weight, before = weight_of(mean), last
        if day:
            mean, last = sum(day) // len(day), day[-1] // _TENTH
        if index:
            yield DayValues(weight, last - before)
