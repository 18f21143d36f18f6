"""A tier explained: the words' numbers, their width, and the fields of the document."""

from __future__ import annotations

import json

import pytest
from support.days import DAYS, assessed, records
from support.metric_table import toy

from history.v2.metrics import METRICS
from history.v2.oracle import assess
from tierproof.console import lines
from tierproof.estimates import ITEM, TierEstimate
from tierproof.explained import ABOUT, WIDTH, explain, paragraph


def says(*asked: int, **numbers: object) -> str:
    (each,) = explain(assessed(*asked, **numbers))
    return each.says()


def test_what_holds_says_by_how_much() -> None:
    assert says(12, active_days=50) == (
        "M12 active days: 60 days, at least 50 asked; 10 days to spare"
    )
    assert says(13, fills=2 * DAYS).endswith("at least 120 asked; just so")
    assert says(16, peak_exposure=50).endswith("at most 2.50x asked; 0.50x to spare")


def test_a_ratio_says_how_sure_it_is() -> None:
    text = says(14, maker_share=6000)
    assert text.startswith(
        "M14 maker share: 63.75 %, at least 60.00 % asked; 3.75 % to spare. Days"
    )
    assert "Days drawn anew: 56." in text and "holds in " in text
    assert text.endswith(" of 100")
    assert "drawn anew" not in says(10, volume=1)  # a sum is what it is


def test_a_range_that_begins_undefined_says_so() -> None:
    risk_free = 300_000  # near what the mean day earns
    text = says(1, sharpe=100, risk_free=risk_free)
    assert "Days drawn anew: from not defined to " in text
    mostly = says(1, sharpe=100, risk_free=700_000)
    assert "mostly not defined, holds in 0 of 100" in mostly and "not defined, at least" in mostly


def test_what_fails_says_what_would_do() -> None:
    text = says(17, class_net=30)
    assert "over by 0.07. Days drawn anew" in text
    assert ". It would hold with " in text and " hedged, on the mean day" in text
    assert "; or " in says(24, shortfall=100)
    nothing = says(3, trade_t=3000, trade_trips=600)
    assert nothing.endswith("No one change alone would be enough")
    assert "would" not in says(12, active_days=70)  # short by 10 days says it


def test_few_days_give_no_range() -> None:
    log = records()
    few = log.day < 20
    part = type(log)(*(getattr(log, name)[few] for name in log.__dataclass_fields__))
    moved = sum(
        int(v) for v, k in zip(part.value, part.kind, strict=True) if not k & (1 << 3 | 1 << 7)
    )
    found = assess(part, 10**6, 10**6 + moved, 1, 0, 19, assessed(14).thresholds)
    (each,) = explain(found)
    assert each.spread is None and "anew" not in each.says()


FIELDS = {
    *("metric", "name", "holds", "text", "unit", "measured", "asked", "at_least", "by"),
    *("headroom", "spread", "changes"),
}


def test_the_document_has_stable_fields() -> None:
    tier = TierEstimate("any", assessed(1, 3, 12, 17, sharpe=10_800, active_days=61, class_net=20))
    document = json.loads(json.dumps(tier.as_json()))
    assert document["tier"] == "any" and document["holds"] is False
    by_name = {metric["metric"]: metric for metric in document["metrics"]}
    assert list(by_name) == ["M1", "M3", "M12", "M17"]
    assert all(set(metric) == FIELDS for metric in document["metrics"])
    assert set(by_name["M1"]["spread"]) == {
        *("inside", "low", "high", "holding", "undefined", "drawings", "run")
    }
    assert set(by_name["M1"]["changes"][0]) == {"quantity", "now", "needed", "unit", "text"}
    assert (by_name["M12"]["by"], by_name["M12"]["unit"]) == (-1, "days")
    assert by_name["M12"]["spread"] is None and by_name["M3"]["changes"] == []
    assert by_name["M17"]["by"] == by_name["M17"]["asked"] - by_name["M17"]["measured"] < 0


@pytest.mark.parametrize("whole", [False, True])
def test_words_have_eighty_columns(whole: bool) -> None:
    tier = TierEstimate("any", assessed(*range(5, 8), 10, 11, 14, 15, maker_share=9000, volume=1))
    shown = lines({"tiers": {"any": tier.words(whole=whole)}})
    assert max(map(len, shown)) <= WIDTH and shown[2] == "    - 1 of 7 metrics fail"
    assert all(line.startswith("    - ") or line.startswith(" " * ITEM) for line in shown[2:])
    text = " ".join(line.strip() for line in shown)
    assert ("M10 volume: " in text) == whole
    assert ("6 hold: M5, M6, M7, M10, M11, M15" in text) == (not whole)


def test_a_number_stays_with_its_unit() -> None:
    broken = paragraph(f"{'x' * 73} 42.73 % to spare", 0)
    assert broken == f"{'x' * 73}\n42.73 % to spare"
    assert max(map(len, paragraph(ABOUT, 9).split("\n"))) <= WIDTH - 9


def test_a_metric_more_is_explained_by_its_definition_alone() -> None:
    text = says(28, metrics=METRICS.with_metric(toy()), fills_a_day=199)
    assert text.startswith("M28 fills a day: 2.00 a day, at least 1.99 a day asked; 0.01 a day to")
    assert "Days drawn anew: 2.00 a day to 2.00 a day, holds in 100 of 100" in text
