"""
Tiers that nobody can meet are refused; at the edge, a history can still meet them: no rule is
tighter than it must be.
"""

from __future__ import annotations

from typing import Any

import pytest

from algebra.errors import Refused
from history.v2 import record as r
from history.v2.oracle import assess
from history.v2.record import NO_POSITION_DISTANCE, Record, Records
from history.v2.thresholds import Thresholds
from policies.together import RULES, Together, check_together

DAYS, EQUITY, PROFIT = 10, 100_000, 50
WORD = tuple(range(DAYS, DAYS + 16))


def quiet() -> list[Record]:
    """An account that holds nothing."""
    marks = [[kind(day) for kind in (nothing, owner)] for day in range(DAYS)]
    return [each for day in marks for each in day]


def nothing(day: int) -> Record:
    return Record(r.ACTIVE | r.MARK, day, 1439, 0, NO_POSITION_DISTANCE, 0, 0)


def owner(day: int, worth: int = 0) -> Record:
    """The owner's mark: net is gross."""
    return Record(r.ACTIVE | r.MARK | r.MAKER, day, 1439, 0, NO_POSITION_DISTANCE, worth, worth)


def steady(profit: int = 0) -> list[Record]:
    """The same every day: a fill, and a position of the account's opening equity at the close."""
    rows: list[Record] = []
    for day in range(DAYS):
        rows.append(Record(r.ACTIVE | r.FILL, day, 600, 1, 9_000, 1_000, profit))
        rows.append(Record(r.ACTIVE | r.MARK, day, 1439, 1, 9_000, EQUITY, 0))
        rows.append(owner(day, EQUITY))
    return rows


EDGES: dict[tuple[int, ...], tuple[list[Record], dict[str, Any]]] = {
    (5,): (quiet(), {"distance": NO_POSITION_DISTANCE}),
    (8,): (steady(), {"near_word": WORD}),
    (12,): (steady(), {"active_days": DAYS}),
    (16, 23): (steady(), {"peak_exposure": 1, "capital_use": 100}),
    (16, 17): (steady(), {"peak_exposure": 1, "class_net": 100}),
    (16, 18): (steady(), {"peak_exposure": 1, "class_net": 99}),
    (18,): (steady(), {"class_net": 99}),
    (21,): (steady(PROFIT), {"best_day": 1_000}),
    (23, 15): (steady(), {"capital_use": 100, "mean_exposure": 100}),
}
"""By rule: a history, and the last numbers that it can meet."""

BEYOND = {
    (5,): {"distance": NO_POSITION_DISTANCE + 1},
    (8,): {"near_word": tuple(range(DAYS + 1, DAYS + 17))},
    (12,): {"active_days": DAYS + 1},
    (16, 23): {"peak_exposure": 0},
    (16, 17): {"peak_exposure": 0},
    (16, 18): {"peak_exposure": 0},
    (18,): {"class_net": 100},
    (21,): {"best_day": 999},
    (23, 15): {"capital_use": 101},
}
"""The next one."""


def tier(rule: Together, **numbers: Any) -> Thresholds:
    # a floor above the equity: equal profits are then equal returns
    asked = frozenset(rule.asked)
    return Thresholds(10 * EQUITY, 1, asked=asked, near_line=NO_POSITION_DISTANCE + 1, **numbers)


def failing(rows: list[Record], asked: Thresholds) -> list[int]:
    records = Records.from_rows(rows)
    moved = records.moved
    found = assess(records, EQUITY, EQUITY + moved, 1, 100, 99 + DAYS, asked)
    return [verdict.metric for verdict in found.failing]


def test_every_rule_has_an_edge() -> None:
    assert set(EDGES) == set(BEYOND) == {rule.asked for rule in RULES}
    assert len(EDGES) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.asked))
def test_at_the_edge_somebody_meets_it_and_beyond_it_is_refused(rule: Together) -> None:
    rows, numbers = EDGES[rule.asked]
    if rule.asked == (8,):  # every near line is above every distance but the farthest
        numbers = {**numbers, "near_line": -(2**23)}
    edge = tier(rule).changed(**numbers)
    check_together(edge, DAYS)
    assert failing(rows, edge) == []
    beyond = edge.changed(**BEYOND[rule.asked])
    with pytest.raises(Refused, match=rule.why) as caught:
        check_together(beyond, DAYS)
    assert caught.value.code == "refused.policy.together"
    assert caught.value.fields["field"] == rule.name
    assert caught.value.fields["metrics"] == sorted(rule.asked)
    assert failing(rows, beyond) != []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.asked))
def test_what_is_not_asked_contradicts_nothing(rule: Together) -> None:
    beyond = tier(rule).changed(**{**EDGES[rule.asked][1], **BEYOND[rule.asked]})
    for number in rule.asked:
        fewer = beyond.changed(asked=beyond.asked - {number})
        check_together(fewer, DAYS)
