"""M9 to M16, M19, M20 and M23: size, activity and exposure."""

from __future__ import annotations

from typing import Any

from history.v2.metrics.form import Condition, Metric, Place, Threshold, Unit
from history.v2.metrics.units import (
    LEVERAGE,
    MONEY,
    ONE_LIMB,
    OVER,
    PERCENT,
    SHORT,
    TWO_LIMBS,
    USD,
    WHOLE,
    count,
)


def capital(place: Place) -> Condition:
    """S(C) >= 1: what a metric that divides by it asks first."""
    return Condition(
        "available",
        asked="capital above zero",
        failed="there is no capital on any day",
        sides=lambda h, t: (h.available, 1),
        place=place,
    )


TURNOVER = Metric(
    9,
    "turnover of collateral",
    thresholds=(Threshold("turnover", 2, TWO_LIMBS, unit=LEVERAGE),),
    conditions=(
        capital(Place("turnover", 8, 7)),
        Condition(
            "turnover",
            asked="turnover",
            failed=SHORT,
            sides=lambda h, t: (h.days * 100 * h.volume, t.turnover * h.available),
            place=Place("turnover", 0, 8),
            threshold="turnover",
        ),
    ),
    rows={"turnover": ("volume", "available")},
)

VOLUME = Metric(
    10,
    "volume",
    thresholds=(Threshold("volume", 5, (1 << 60) - 1, unit=USD),),
    conditions=(
        Condition(
            "volume",
            asked="volume",
            failed=SHORT,
            sides=lambda h, t: (h.volume, t.volume),
            place=Place("volume_equity", 0, 6),
            threshold="volume",
        ),
    ),
    rows={"volume_equity": ("volume",)},
)

MEAN_EQUITY = Metric(
    11,
    "mean equity kept",
    thresholds=(Threshold("mean_equity", 4, MONEY, unit=USD),),
    conditions=(
        Condition(
            "mean_equity",
            asked="sum of kept equity",
            failed=SHORT,
            sides=lambda h, t: (h.kept, h.days * t.mean_equity),
            place=Place("volume_equity", 6, 5),
            threshold="mean_equity",
        ),
    ),
    rows={"volume_equity": ("kept",)},
)


def counted(number: int, name: str, threshold: Threshold, place: Place) -> Metric:
    """A metric that asks a number of things: S(name) >= T, threshold and sum of one name."""

    def sides(h: Any, t: Any) -> tuple[Any, Any]:
        return getattr(h, threshold.name), getattr(t, threshold.name)

    condition = Condition(
        threshold.name,
        asked=f"number of {name}",
        failed=SHORT,
        sides=sides,
        place=place,
        threshold=threshold.name,
    )
    rows = {place.row: (threshold.name,)}
    return Metric(number, name, thresholds=(threshold,), conditions=(condition,), rows=rows)


ACTIVE_DAYS = counted(
    12,
    "active days",
    Threshold("active_days", 1, ONE_LIMB, unit=count("day")),
    Place("days_fills", 0, 1),
)
FILLS = counted(
    13, "fills", Threshold("fills", 2, TWO_LIMBS, unit=count("fill")), Place("days_fills", 1, 2)
)

MAKER_SHARE = Metric(
    14,
    "maker share",
    thresholds=(Threshold("maker_share", 2, WHOLE, unit=PERCENT),),
    conditions=(
        Condition(
            "volume",
            asked="volume above zero",
            failed="there is no volume",
            sides=lambda h, t: (h.volume, 1),
            place=Place("maker_share", 7, 6),
        ),
        Condition(
            "maker_share",
            asked="share",
            failed=SHORT,
            sides=lambda h, t: (h.maker_volume * 10**4, t.maker_share * h.volume),
            place=Place("maker_share", 0, 7),
            threshold="maker_share",
        ),
    ),
    rows={"maker_share": ("maker_volume", "volume")},
)

MEAN_EXPOSURE = Metric(
    15,
    "mean exposure",
    thresholds=(Threshold("mean_exposure", 2, TWO_LIMBS, unit=LEVERAGE),),
    conditions=(
        Condition(
            "kept",
            asked="kept equity above zero",
            failed="no equity is kept over the days",
            sides=lambda h, t: (h.kept, 1),
            place=Place("mean_exposure", 8, 5),
        ),
        Condition(
            "mean_exposure",
            asked="mean exposure",
            failed=OVER,
            sides=lambda h, t: (t.mean_exposure * h.kept, h.open * 100),
            place=Place("mean_exposure", 0, 8),
            threshold="mean_exposure",
        ),
    ),
    at_least=False,
    rows={"mean_exposure": ("open", "kept")},
)

PEAK_EXPOSURE = Metric(
    16,
    "peak exposure",
    thresholds=(
        Threshold(
            "peak_exposure", 1, ONE_LIMB, unit=Unit("1/20", 2, "x", step=5), weakest=ONE_LIMB
        ),
    ),
    conditions=(
        Condition(  # on every record row
            "exposure",
            asked="peak exposure",
            failed=OVER,
            sides=lambda h, t: (t.peak_exposure, h.peak_exposure),
            threshold="peak_exposure",
        ),
    ),
    at_least=False,
)

VOTES = counted(
    19, "votes", Threshold("votes", 1, ONE_LIMB, unit=count("vote")), Place("votes_rewards", 0, 2)
)
REWARDS = counted(
    20,
    "rewards",
    Threshold("rewards", 1, ONE_LIMB, unit=count("reward")),
    Place("votes_rewards", 2, 2),
)

CAPITAL_USE = Metric(
    23,
    "use of capital",
    thresholds=(Threshold("capital_use", 1, ONE_LIMB, unit=LEVERAGE),),
    conditions=(
        capital(Place("capital_use", 6, 7)),
        Condition(
            "capital_use",
            asked="use of capital",
            failed=SHORT,
            sides=lambda h, t: (h.open * 100, t.capital_use * h.available),
            place=Place("capital_use", 0, 6),
            threshold="capital_use",
        ),
    ),
    rows={"capital_use": ("open", "available")},
)

ACTIVITY = (
    *(TURNOVER, VOLUME, MEAN_EQUITY, ACTIVE_DAYS, FILLS, MAKER_SHARE),
    *(MEAN_EXPOSURE, PEAK_EXPOSURE, VOTES, REWARDS, CAPITAL_USE),
)
