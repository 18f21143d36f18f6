"""M17 and M18: hedger or speculator, by what is left of the positions when opposite ones cancel."""

from __future__ import annotations

from history.v2.metrics.form import Condition, Metric, Place, Threshold
from history.v2.metrics.units import OVER, SHARE, TWO_LIMBS

CLASS_NET = Threshold(  # behind it the exposure of an earlier statement
    "class_net", 2, TWO_LIMBS, unit=SHARE, spare=2
)


def positions(row: str) -> Condition:
    """S(gross) >= 1."""
    return Condition(
        "gross",
        asked="positions at a close",
        failed="no position is open at the close of any day",
        sides=lambda h, t: (h.gross, 1),
        place=Place(row, 9, 6),
    )


HEDGER = Metric(
    17,
    "class hedger",
    thresholds=(CLASS_NET,),
    conditions=(
        positions("hedger"),
        Condition(
            "net",
            asked="net of gross positions",
            failed=OVER,
            sides=lambda h, t: (t.class_net * h.gross, h.net * 100),
            place=Place("hedger", 0, 9),
            threshold="class_net",
        ),
    ),
    at_least=False,
    rows={"hedger": ("net", "gross")},
    excludes=18,
)

SPECULATOR = Metric(
    18,
    "class speculator",
    thresholds=(CLASS_NET,),
    conditions=(
        positions("speculator"),
        Condition(
            "net",
            asked="net of gross positions above a hedger's",
            failed="what is left of the positions is a hedger's",
            sides=lambda h, t: (h.net * 100, t.class_net * h.gross + 1),
            place=Place("speculator", 0, 9),
            threshold="class_net",
        ),
    ),
    rows={"speculator": ("net", "gross")},
    excludes=17,
)

TRADER_CLASSES = (HEDGER, SPECULATOR)
