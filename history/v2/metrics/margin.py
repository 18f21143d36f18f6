"""M5 to M8: how near to liquidation an account came (docs/explanation/metrics.md C3)."""

from __future__ import annotations

from typing import Any

from history.v2.metrics.form import INDEX_SCALE, Condition, Metric, Place, Threshold
from history.v2.metrics.units import ONE_LIMB, OVER, PERCENT, SHORT, WHOLE, count
from history.v2.posterior import POSTERIOR_WORDS
from history.v2.record import DISTANCE_OFFSET

DRAWDOWN_STEP = INDEX_SCALE // 10_000  # 1/10^4 of the index

DISTANCE = Metric(
    5,
    "distance to liquidation",
    thresholds=(
        Threshold(
            "distance",
            2,
            DISTANCE_OFFSET - 1,
            unit=PERCENT,
            offset=DISTANCE_OFFSET,
            weakest=-DISTANCE_OFFSET,
        ),
    ),
    conditions=(
        Condition(  # on every record row
            "distance",
            asked="least distance",
            failed=SHORT,
            sides=lambda h, t: (h.least_distance, t.distance),
            threshold="distance",
        ),
    ),
)

LIQUIDATIONS = Metric(
    6,
    "liquidations",
    thresholds=(Threshold("liquidations", 1, ONE_LIMB, unit=count("liquidation")),),
    conditions=(
        Condition(
            "liquidations",
            asked="number of liquidations",
            failed=OVER,
            sides=lambda h, t: (t.liquidations, h.liquidations),
            place=Place("liquidations", 0, 2),
            threshold="liquidations",
        ),
    ),
    at_least=False,
    rows={"liquidations": ("liquidations",)},
)


def drawdown_line(t: Any) -> Any:
    """Least index that M7 admits on a day."""
    return INDEX_SCALE - t.drawdown * DRAWDOWN_STEP


DRAWDOWN = Metric(
    7,
    "drawdown",
    thresholds=(Threshold("drawdown", 2, WHOLE, unit=PERCENT, weakest=WHOLE),),
    conditions=(
        Condition(  # on every day's index row
            "drawdown",
            asked="least index",
            failed=OVER,
            sides=lambda h, t: (h.least_index, drawdown_line(t)),
            threshold="drawdown",
        ),
    ),
    at_least=False,
)

NEAR_RATE = Metric(
    8,
    "near-liquidation rate",
    thresholds=(
        Threshold("near_word", 1, ONE_LIMB, unit=count("counted day"), count=POSTERIOR_WORDS),
    ),
    conditions=(
        Condition(
            "fifteen_near_days",
            asked=f"at most {POSTERIOR_WORDS - 1} near days",
            failed="{right} near days, at most {left} can be made up for",
            sides=lambda h, t: (POSTERIOR_WORDS - 1, h.near_days),
        ),
        Condition(  # t.near_word: the number of the word that the near days choose
            "counted_days",
            asked="counted days",
            failed=SHORT,
            sides=lambda h, t: (h.counted_days, t.near_word),
            place=Place("near", 15, 1),
            threshold="near_word",
        ),
    ),
    rows={"near": ("near_days", "counted_days")},
    see="C3",
)

MARGIN = (DISTANCE, LIQUIDATIONS, DRAWDOWN, NEAR_RATE)
