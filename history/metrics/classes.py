"""M17 and M18: hedger or speculator, never both; a hedger meets all four conditions."""

from __future__ import annotations

from history.metrics.form import Condition, Metric, OneFails, Place, Threshold
from history.metrics.units import HOLDING, LEVERAGE, SHORT, TWO_LIMBS

CLASS_THRESHOLDS = (
    Threshold("class_holding", 2, TWO_LIMBS, unit=HOLDING),
    Threshold("class_exposure", 2, TWO_LIMBS, unit=LEVERAGE),
)
CLASS_VOLUME = Condition(
    "volume",
    asked="volume above zero",
    failed="there is no volume",
    sides=lambda h, t: (h.volume, 1),
    place=Place("class_holding", 9, 6),
)
CLASS_EQUITY = Condition(
    "equity",
    asked="equity above zero",
    failed="there is no equity at the close of any day",
    sides=lambda h, t: (h.equity, 1),
    place=Place("class_exposure", 9, 5),
)
CLASS_EXPOSURE = Condition(
    "exposure",
    asked="mean exposure not above a hedger's",
    failed="the mean exposure is above a hedger's",
    sides=lambda h, t: (t.class_exposure * h.equity, h.open * 100),
    place=Place("class_exposure", 0, 9),
    threshold="class_exposure",
)
CLASS_HOLDING = Condition(
    "holding",
    asked="days of holding for each turn",
    failed=SHORT,
    sides=lambda h, t: (h.open * 200, t.class_holding * h.volume),
    place=Place("class_holding", 0, 9),
    threshold="class_holding",
)

HEDGER = Metric(
    17,
    "class hedger",
    thresholds=CLASS_THRESHOLDS,
    conditions=(CLASS_VOLUME, CLASS_EQUITY, CLASS_EXPOSURE, CLASS_HOLDING),
    rows={"class_holding": ("open", "volume"), "class_exposure": ("open", "equity")},
    excludes=18,
)

SPECULATOR = Metric(
    18,
    "class speculator",
    thresholds=CLASS_THRESHOLDS,
    conditions=(CLASS_VOLUME,),
    at_least=False,
    one_fails=OneFails(
        "no_hedger",
        asked="shorter holding, higher exposure or less equity than a hedger's",
        failed="holding, exposure and equity are a hedger's",
        conditions=(CLASS_HOLDING, CLASS_EXPOSURE, CLASS_EQUITY),
    ),
    excludes=17,
)

TRADER_CLASSES = (HEDGER, SPECULATOR)
