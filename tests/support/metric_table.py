"""A metric that is not in the table, on sums that exist."""

from __future__ import annotations

from history.v2.metrics.form import Condition, Metric, Place, Threshold, Unit

PLACE = Place("toy", 0, 3)


def toy(place: Place = PLACE, offset: int = 0) -> Metric:
    """Fills for each active day, in 1/100."""
    return Metric(
        28,
        "fills a day",
        (Threshold("fills_a_day", 2, (1 << 24) - 1 - offset, Unit("1/100", 2, " a day"), offset),),
        (
            Condition(
                "toy",
                "fills a day",
                "short by {by}",
                lambda h, t: (h.fills * 100, t.fills_a_day * h.active_days),
                place,
                "fills_a_day",
            ),
        ),
        rows={"toy": ("fills", "active_days")},
    )
