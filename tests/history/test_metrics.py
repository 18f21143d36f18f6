"""
The table of metrics: each condition has words for both outcomes, and fails in a history of its own
with the words that say what happened.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from support.feeds import market
from support.metric_table import toy

from algebra.errors import Refused
from history.v2 import record as r
from history.v2.feed import Feed
from history.v2.metrics import COMMON, METRICS
from history.v2.metrics.activity import VOLUME
from history.v2.metrics.form import Metric, Part, Place, Threshold, Unit
from history.v2.metrics.table import MetricTable
from history.v2.oracle import Verdict, assess
from history.v2.record import Record, Records
from history.v2.thresholds import Thresholds


def fill(day: int, value: int, flags: int = 0, notional: int = 1000) -> Record:
    return Record(r.ACTIVE | r.FILL | flags, day, 600, 5, 9000, notional, value)


def close(day: int, value: int) -> list[Record]:
    """A fill, and the trip that it ends, of one value."""
    ended = Record(r.ACTIVE | r.TRIP, day, 600, 0, r.NO_POSITION_DISTANCE, 0, value)
    return [fill(day, value), ended]


def mark(day: int, value: int = 0, notional: int = 0, distance: int = 9000) -> Record:
    return Record(r.ACTIVE | r.MARK, day, 1439, 5, distance, notional, value)


def owner_mark(day: int, net: int, gross: int) -> Record:
    return Record(r.ACTIVE | r.MARK | r.MAKER, day, 1439, 0, 10_000, net, gross)


def verdict(
    metric: int,
    rows: Sequence[Record],
    opening: int = 1000,
    table: MetricTable = METRICS,
    feed: Feed | None = None,
    **t: Any,
) -> Verdict:
    """Of the days that the rows have, one mark a day."""
    days = 1 + max(row.day for row in rows)
    rows = [*rows, *(mark(d) for d in range(days) if not any(mark_of(d, row) for row in rows))]
    given = {
        "near_line": 3000,
        "near_word": tuple(range(16)),
        "trade_trips": 30,
        "worst_days": 1,
        **t,
    }
    thresholds = Thresholds(1, 100, asked=frozenset({metric}), metrics=table, **given)
    closing = opening + sum(row.value for row in rows if not row.kind & (r.MARK | r.TRIP))
    history = Records.from_rows(rows)
    feed = feed or market(0, days)
    (found,) = assess(history, opening, closing, 1, 0, days - 1, thresholds, feed).verdicts
    return found


def mark_of(day: int, row: Record) -> bool:
    return row.day == day and bool(row.kind & r.MARK) and not row.kind & r.MAKER


def trips(*values: int, count: int = 30) -> list[Record]:
    return [row for i in range(count) for row in close(i % 2, values[i % len(values)])]


IDLE = [mark(0), mark(1)]
TRADED = [fill(0, 50, r.MAKER), fill(1, -3), mark(0, notional=2000)]
HEDGED = [*TRADED, owner_mark(0, 50, 100)]
POOR = [fill(0, 0), fill(1, 0)]

FAILING: dict[tuple[int, str], tuple[list[Record], int, dict[str, Any], str]] = {
    # rows, opening, thresholds, what is said
    (1, "excess"): ([fill(0, -9), fill(1, 4)], 1000, {}, "the mean return is below the risk-free"),
    (1, "variance"): (IDLE, 1000, {}, "all daily returns are equal: their variance is zero"),
    (1, "ratio"): (TRADED, 1000, {"sharpe": 65_535}, "short by "),
    (2, "excess"): ([fill(0, -9), fill(1, 4)], 1000, {}, "the weighted mean return is below the"),
    (2, "variance"): (IDLE, 1000, {}, "all daily returns are equal: their variance is zero"),
    (2, "ratio"): (TRADED, 1000, {"regime_sharpe": 65_535}, "short by "),
    (3, "trips"): (trips(5, -3, count=29), 1000, {}, "29 of 30 trips"),
    (3, "variance_positive"): (trips(5), 1000, {}, "all trips have the same result"),
    (3, "gain_below_pnl"): (trips(-5, 3), 1000, {}, "the realised pnl is below zero"),
    (3, "gain_below_profit"): (
        [*trips(5, -3), mark(0, -500, 9), mark(1, -500, 9)],
        1000,
        {},
        "the profit is below zero, open positions included",
    ),
    (3, "days_differ"): (trips(5, 5, -3, -3), 1000, {}, "all days have the same profit"),
    (3, "over_trades"): (
        [*trips(100, 100, -98, -98), fill(0, 1)],
        1000,
        {"trade_t": 100},
        "short by ",
    ),
    (3, "over_days"): ([*trips(5, 4), fill(1, 90)], 1000, {"trade_t": 400}, "short by "),
    (5, "distance"): (
        [mark(0, distance=2000), mark(1)],
        1000,
        {"distance": 2001},
        "short by 0.01 %",
    ),
    (6, "liquidations"): (
        [fill(0, 0, r.LIQUIDATION), fill(1, 0, r.LIQUIDATION)],
        1000,
        {},
        "over by 2 liquidations",
    ),
    (7, "drawdown"): ([fill(0, 0), fill(1, -10)], 1000, {"drawdown": 99}, "over by 0.01 %"),
    (8, "fifteen_near_days"): (
        [mark(day, distance=0) for day in range(16)],
        1000,
        {},
        "16 near days, at most 15 can be made up for",
    ),
    (8, "counted_days"): (
        TRADED,
        1000,
        {"near_word": (3, *range(4, 19))},
        "2 counted days, at least 3 asked; short by 1 counted day",
    ),
    (9, "available"): (POOR, 0, {}, "there is no capital"),
    (9, "turnover"): (TRADED, 1000, {"turnover": 10**6}, "short by "),
    (10, "volume"): (TRADED, 1000, {"volume": 2001}, "short by 0.01 USD"),
    (11, "mean_equity"): (IDLE, 1000, {"mean_equity": 1001}, "short by 0.01 USD"),
    (12, "active_days"): (TRADED, 1000, {"active_days": 4}, "2 days, at least 4 asked; short by 2"),
    (13, "fills"): (TRADED, 1000, {"fills": 3}, "2 fills, at least 3 asked; short by 1 fill"),
    (14, "volume"): (IDLE, 1000, {}, "there is no volume"),
    (14, "maker_share"): (TRADED, 1000, {"maker_share": 5001}, "short by 0.01 %"),
    (15, "kept"): (POOR, 0, {"mean_exposure": 1}, "no equity is kept"),
    (15, "mean_exposure"): (TRADED, 1000, {"mean_exposure": 1}, "over by "),
    (16, "exposure"): (IDLE, 1000, {"peak_exposure": 4}, "0.25x, at most 0.20x asked; over by"),
    (17, "gross"): (TRADED, 1000, {}, "no position is open"),
    (17, "net"): (HEDGED, 1000, {"class_net": 49}, "0.50, at most 0.49 asked; over by 0.01"),
    (18, "gross"): (TRADED, 1000, {}, "no position is open"),
    (18, "net"): (HEDGED, 1000, {"class_net": 50}, "0.49, at least 0.50 asked; what is left"),
    (19, "votes"): (IDLE, 1000, {"votes": 1}, "0 votes, at least 1 asked; short by 1 vote"),
    (20, "rewards"): (IDLE, 1000, {"rewards": 2}, "0 rewards, at least 2 asked; short by 2"),
    (21, "returns"): (IDLE, 1000, {"best_day": 9}, "the sum of daily returns is not above zero"),
    (21, "share"): (TRADED, 1000, {"best_day": 10_000}, "over by "),
    (22, "excess"): ([fill(0, -9), fill(1, 4)], 1000, {}, "the mean return is below the risk-free"),
    (22, "variance"): (IDLE, 1000, {}, "all daily returns are equal: their variance is zero"),
    (22, "ratio"): (TRADED, 1000, {"sharpe_confidence": 4095}, "short by "),
    (23, "available"): (POOR, 0, {}, "there is no capital"),
    (23, "capital_use"): (TRADED, 1000, {"capital_use": 101}, "short by 0.04x"),
    (24, "shortfall"): ([fill(0, -9), fill(1, 4)], 1000, {"shortfall": 89}, "over by 0.01 %"),
    (24, "regime_days"): (
        TRADED,
        1000,
        {"shortfall_mode": 2, "worst_days": 2},
        "fewer days of high volatility than worst days are asked",
    ),
    (25, "changes"): (TRADED, 1000, {"feed": Feed(0, (1, 2), (3, 3))}, "the index changes by the"),
    (25, "rising"): (TRADED, 1000, {}, "over by "),
    (25, "falling"): ([fill(0, -9), fill(1, 4)], 1000, {}, "over by "),
    (26, "score"): (TRADED, 1000, {"weight": (0,) * 4 + (5,) + (0,) * 5}, "over by 220"),
    (27, "excess"): ([fill(0, -9), fill(1, 4)], 1000, {}, "the mean return is below the risk-free"),
    (27, "variance"): (IDLE, 1000, {}, "all daily returns are equal: their variance is zero"),
    (27, "ratio"): (TRADED, 1000, {"correlated_sharpe": 65_535}, "short by "),
}
NO_HISTORY = {
    (3, "gain"),
    (22, "skewness_cost"),
    (24, "level"),
    (26, "range"),
    (22, "skewness"),
    (27, "covariance_positive"),
    (27, "covariance"),
}
"""
Ranges of what the prover chooses; of the best choice they always hold. M26's needs 2^64 cents
(tests/history/test_score.py).
"""
ALL = {(metric.number, c.label): c for metric in METRICS for c in metric.conditions}


def test_every_condition_has_words_and_a_history() -> None:
    """A new condition without either fails here."""
    assert set(FAILING) | NO_HISTORY == set(ALL)
    for place, condition in ALL.items():
        assert condition.asked and condition.failed and condition.asked != condition.failed, place
    undecided = {metric.number for metric in METRICS if not metric.conditions}
    assert undecided == set(METRICS.refused)


@pytest.mark.parametrize("place", FAILING, ids=lambda place: f"M{place[0]}-{place[1]}")
def test_what_happened_is_said(place: tuple[int, str]) -> None:
    """Not what was wanted, which reads as its reverse."""
    (metric, label), (rows, opening, numbers, said) = place, FAILING[place]
    found = verdict(metric, rows, opening, **numbers)
    assert not found.holds and found.deciding.label == label, found.text
    assert said in found.text and "{" not in found.text
    after = found.text.split("asked; ")[1]
    assert ALL[place].asked not in after
    assert (found.measured is None) == ("not defined" in found.text)


HELD = [
    *(row for i in range(33) for row in close(i % 3, (50, -3, 40)[i % 3])),
    mark(0, notional=2000),
    owner_mark(0, 700, 2000),
]


def measure(metric: Metric, **numbers: Any) -> Verdict:
    """Of a history in which every metric is defined."""
    given = {"near_line": 10**5, "weight": (0, 0, 0, 0, 3, 0, 0, 0, 0, 0), **numbers}
    return verdict(metric.number, HELD, **given)


DECIDED = [metric for metric in METRICS if metric.conditions]


@pytest.mark.parametrize("metric", DECIDED, ids=lambda metric: metric.name)
def test_every_number_is_said_with_its_unit(metric: Metric) -> None:
    """`75, at least 21` does not say of what; a ratio has no unit."""
    text = measure(metric).text
    value, asked = text.split(": ", 1)[1].split(", at ")
    number, _, unit = value.partition(" ")
    bare = not unit and number[-1].isdigit()
    assert bare == (metric.number in (1, 2, 3, 17, 18, 22, 26, 27)), text
    assert asked.startswith(("least ", "most ")) and " asked" in asked


def test_measured_is_the_strictest_threshold_that_holds() -> None:
    """Of every metric with one T: it holds at `measured` and fails one beyond."""
    tried = set()
    for metric in DECIDED:
        if metric.number == 8:  # its T is a word
            continue
        name, measured = metric.threshold.name, measure(metric).measured
        assert measured is not None and measure(metric, **{name: measured}).holds, metric.name
        beyond = measured + (1 if metric.at_least else -1)
        if beyond >= 0:
            found = measure(metric, **{name: beyond})
            assert not found.holds and found.measured == measured, found.text
            tried.add(metric.number)
    assert tried == {metric.number for metric in DECIDED} - {6, 8}  # no liquidation


# -- the table -------------------------------------------------------------------------------------
def test_units() -> None:
    assert Unit("cents", 2, " USD").full(-123_456_789) == "-1,234,567.89 USD"
    assert [Unit(noun="day{s}").full(n) for n in (0, 1, 2)] == ["0 days", "1 day", "2 days"]
    assert Unit("1/20", 2, "x", step=5).text(41) == "2.05x"
    assert Unit("1/100 day", 2, noun="day{s}").full(1) == "0.01 days"


def test_a_table_refuses_what_cannot_be() -> None:
    with pytest.raises(ValueError, match="numbered"):
        MetricTable(COMMON, (VOLUME,))
    with pytest.raises(ValueError, match="no limbs of its own"):
        METRICS.with_metric(toy(Place("volume_equity", 5, 1)))
    with pytest.raises(ValueError, match="no limbs of its own"):
        METRICS.with_metric(toy(Place("toy", 14, 3)))  # past the last row
    wide = replace(toy(), thresholds=(Threshold("fills_a_day", 11, 1),))
    with pytest.raises(ValueError, match="28 with 108 limbs"):
        METRICS.with_metric(wide)
    with pytest.raises(ValueError, match="cannot take over"):
        METRICS.with_metric(replace(toy(), hands={"toy": ("fills",)}))
    many = tuple(Part(f"part_{i}", "toy", lambda h, t: h.fills) for i in range(12))
    with pytest.raises(ValueError, match="more numbers than cells"):
        METRICS.with_metric(replace(toy(), parts=many))
    with pytest.raises(KeyError):
        METRICS[0]
    with pytest.raises(ValueError, match="no limbs"):
        _ = METRICS[5].conditions[0].row


def test_a_metric_more_is_decided_and_packed_by_the_table_alone() -> None:
    """The circuit's part: tests/circuits/test_metric_table.py."""
    table = METRICS.with_metric(toy())
    for asked, holds in ((100, True), (101, False)):
        found = verdict(28, TRADED, table=table, fills_a_day=asked)
        assert (found.holds, found.measured) == (holds, 100), found.text
    assert (
        found.text == "M28 fills a day: 1.00 a day, at least 1.01 a day asked; short by 0.01 a day"
    )
    t = Thresholds(1, 1, asked=frozenset({28}), metrics=table, fills_a_day=77)
    assert table.slots["fills_a_day"].start == 94 and table.slots["mask"].start == 96
    back = Thresholds.from_words(t.words(), table)
    assert back == t.effective and back.fills_a_day == 77 and back.asked == {28}
    t.check(2)
    with pytest.raises(Refused, match="M28 fills_a_day"):
        t.changed(fills_a_day=1 << 24).check(2)
    with pytest.raises(Refused, match="no M28"):
        Thresholds(1, 1, asked=frozenset({28})).words()


def test_thresholds_are_numbers_of_the_table() -> None:
    t = Thresholds(1, 2, near_line=3, asked=frozenset({10}), volume=7)
    assert (t.floor, t.activity, t.volume, t.near_word) == (1, 2, 7, (0,) * 16)
    assert t == t.changed() == deepcopy(t) == pickle.loads(pickle.dumps(t))
    assert hash(t) == hash(t.changed()) and t != t.changed(volume=8) and "volume=7" in repr(t)
    with pytest.raises(TypeError, match="there is no valume"):
        Thresholds(1, 2, valume=7)
    with pytest.raises(AttributeError, match="valume"):
        _ = t.valume
    for bad in ({"volume": 1.5}, {"near_word": (1, 2)}):
        with pytest.raises(Refused) as caught:
            Thresholds(1, 2, **bad)
        assert caught.value.code == "refused.policy.range"
