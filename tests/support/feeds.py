"""A made-up market feed of any window."""

from __future__ import annotations

from history.v2.feed import Feed

WEIGHTS = (2, 4, 1, 4, 4, 1, 2)
CHANGES = (5, -30, 12, 0, 7, -8, 41)


def market(first_day: int, days: int) -> Feed:
    """A week's weights again and again; its changes too, each week a tenth of a point more."""
    return Feed(
        first_day,
        tuple(WEIGHTS[day % 7] for day in range(days)),
        tuple(CHANGES[day % 7] + day // 7 for day in range(days)),
    )
