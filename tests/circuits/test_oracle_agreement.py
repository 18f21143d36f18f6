"""
Circuit and oracle agree (attacks A5, A6, A15): for every metric at its threshold, one below and one
above, for every degenerate history, and for random ones. The trace is the honest fill of a prover
who checks nothing; the metrics whose constraints fail must be those that the oracle says fail.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.credential import (
    ALL_METRICS,
    LOOSE,
    Case,
    carry,
    case,
    close,
    fill,
    mark,
    owner_mark,
    reward,
    thresholds,
    transfer,
    vote,
    week,
    world,
)
from support.feeds import market

from algebra.errors import Refused
from algebra.native_backend import native
from history.v2 import record as r
from history.v2.oracle import assess
from history.v2.record import Record
from history.v2.thresholds import Thresholds
from prover.prove import prove
from tierproof.testing import assert_rejected
from verifier.verify import verify

PARTS = ("metric.", "M", "record.", "index.", "window.")
"""
Labels that the thresholds decide; the others are checked whole in the first and last example of
each test.
"""
ON_RECORDS = {"record.distance": 5, "record.exposure": 16, "index.drawdown": 7}
SPECULATOR = tuple(18 if metric == 17 else metric for metric in ALL_METRICS)


def failing_metrics(found: Case, *, whole: bool = False) -> set[int]:
    """
    Metrics whose constraints fail; any other failing constraint is an error of the circuit or the
    honest fill.
    """
    out = set()
    for label in found.labels(only=("",) if whole else PARTS, cap=10**6):
        number = re.match(r"metric\.M(\d+)\.", label)
        assert number or label in ON_RECORDS, label
        out.add(int(number[1]) if number else ON_RECORDS[label])
    return out


def agree(
    rows: Sequence[Record], days: int, opening: int, asked: Thresholds, *, whole: bool = False
) -> set[int]:
    """Both answers, which must be equal."""
    found = case(rows, days, opening, asked)
    expected = {verdict.metric for verdict in found.assessment.failing}
    assert failing_metrics(found, whole=whole) == expected
    return expected


# metric, field of the threshold, whether it is a lower limit
FIELDS = [
    (1, "sharpe", True),
    (2, "regime_sharpe", True),
    (3, "trade_t", True),
    (3, "trade_trips", True),
    (5, "distance", True),
    (6, "liquidations", False),
    (7, "drawdown", False),
    (9, "turnover", True),
    (10, "volume", True),
    (11, "mean_equity", True),
    (12, "active_days", True),
    (13, "fills", True),
    (14, "maker_share", True),
    (15, "mean_exposure", False),
    (16, "peak_exposure", False),
    (17, "class_net", False),
    (19, "votes", True),
    (20, "rewards", True),
    (21, "best_day", False),
    (22, "sharpe_confidence", True),
    (23, "capital_use", True),
    (24, "shortfall", False),
    (25, "volatility_sensitivity", False),
    (26, "score_limit", False),
    (27, "correlated_sharpe", True),
]
OTHER_MEASURE = {"trade_trips": 35}
"""Edges that are not the metric's own `measured`: 35 trips."""


@cache
def edge_of(metric: int, name: str) -> int:
    if name in OTHER_MEASURE:
        return OTHER_MEASURE[name]
    measured = case(week(), 7, 100_000, thresholds([metric])).assessment.verdicts[0].measured
    assert measured is not None
    return measured


SIDES = [0, 1, pytest.param(-1, marks=pytest.mark.slow)]
"""At the threshold, one past it, and the slow one short of it, which is less than the first."""


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    ("metric", "name", "lower"), FIELDS, ids=[f"M{m}-{name}" for m, name, _ in FIELDS]
)
def test_at_below_and_above_the_threshold(metric: int, name: str, lower: bool, side: int) -> None:
    limit = edge_of(metric, name) + (side if lower else -side)
    if limit < 0 and name != "distance":
        return  # no threshold is negative
    fails = agree(week(), 7, 100_000, thresholds(ALL_METRICS, **{name: limit}))
    assert fails == ({metric} if side > 0 else set())


def test_all_metrics_of_the_stock_week() -> None:
    assert agree(week(), 7, 100_000, thresholds(ALL_METRICS), whole=True) == set()
    assert {metric for metric, _, _ in FIELDS} | {8} == set(ALL_METRICS)


@pytest.mark.parametrize(("net", "hedges"), [(42, False), (43, True)])
def test_speculator_is_not_hedger(net: int, hedges: bool) -> None:
    """100 * 30000 / 70000 = 42.9."""
    numbers = {"class_net": net}
    assert agree(week(), 7, 100_000, thresholds(SPECULATOR, **numbers)) == (
        {18} if hedges else set()
    )
    assert agree(week(), 7, 100_000, thresholds(ALL_METRICS, **numbers)) == (
        set() if hedges else {17}
    )


@pytest.mark.parametrize(
    ("mode", "worst"), [(0, 1), (0, 3), (0, 7), (1, 1), (1, 3), (1, 7), (2, 1), (2, 2), (2, 3)]
)
def test_worst_days_of_each_mode(mode: int, worst: int) -> None:
    """
    The k worst of seven, in mode 2 of the three of weight 4; with all of them there are gains among
    them, and v is 0.
    """
    numbers = {"worst_days": worst, "shortfall_mode": mode}
    found = case(week(), 7, 100_000, thresholds([24], **numbers)).assessment
    edge = found.verdicts[0].measured
    assert edge is not None
    losses = sorted((max(0, row.loss) for row in found.rows), reverse=True)[:worst]
    assert edge == -(-sum(losses) // (6_000_000 * worst))
    for step, fails in ((-1, {24}), (0, set())):
        asked = thresholds([24], **numbers, shortfall=edge + step)
        assert agree(week(), 7, 100_000, asked) == fails


@pytest.mark.parametrize(("m_1", "fails"), [(6, set()), (7, set()), (8, {8})])
def test_near_word(m_1: int, fails: set[int]) -> None:
    assert agree(week(), 7, 100_000, thresholds([8], near_word=(1, m_1, *range(20, 34)))) == fails


@pytest.mark.parametrize("near", [0, 1, 14, 15, 16, 17])
def test_near_rate_has_sixteen_numbers(near: int) -> None:
    rows = [mark(day, distance=2999 if day < near else 3000) for day in range(20)]
    fails = agree(rows, 20, 100, thresholds([8], near_word=tuple(range(16))))
    assert fails == ({8} if near > 15 else set())


# -- degenerate histories --------------------------------------------------------------------------
def trips(count: int, values: Sequence[int], days: int = 3, **more: Any) -> list[Record]:
    rows = [row for i in range(count) for row in close(i % days, values[i % len(values)], **more)]
    return [*rows, *(mark(day) for day in range(days))]


RETURNS = {1, 2, 22, 27}
"""Metrics that need a variance of returns, and an excess that is not negative."""
DEGENERATE: dict[str, tuple[list[Record], int, int, set[int]]] = {
    # rows, days, opening, metrics that fail under loose thresholds
    "nothing but marks": ([mark(0), mark(1)], 2, 1000, RETURNS | {3, 8, 14, 17, 21}),
    "no money either": ([mark(0), mark(1)], 2, 0, RETURNS | {3, 8, 9, 14, 15, 17, 21, 23}),
    "volume without equity": (
        [fill(0, 0), mark(0), mark(1)],
        2,
        0,
        RETURNS | {3, 9, 15, 17, 21, 23},
    ),
    "equal days": ([fill(0, 500), mark(0), fill(1, 505), mark(1)], 2, 50_000, RETURNS | {3, 17}),
    "29 trips": (trips(29, [5, -3]), 3, 1000, {3, 17}),
    "30 trips on equal days": (trips(30, [5, -3]), 3, 1000, {3, 17}),
    "31 trips": (trips(31, [5, -3]), 3, 1000, {17}),
    "30 equal trips": ([*trips(30, [5]), fill(0, 1)], 3, 1000, {3, 17}),
    "30 trips that lose": (trips(30, [-5, 3]), 3, 100_000, RETURNS | {3, 17, 21}),
    "gain by carry only": (
        [*trips(30, [-5, 3]), carry(0, 900)],
        3,
        100_000,
        {17, 21},
    ),  # one good day only
    "gain by transfers only": (
        [*trips(30, [-5, 3]), transfer(0, 900, r.INFLOW | r.BASE)],
        3,
        100_000,
        RETURNS | {3, 17, 21},
    ),
    "all equity lost": (
        [fill(0, -1000), mark(0), mark(1)],
        2,
        1000,
        RETURNS | {3, 15, 17, 21},
    ),  # all that was there is lost: M9 and M23 count it, M15 does not
    "unrealised gain lost again": (
        [
            *(row for i in range(30) for row in close(i % 3, (5, -3)[i % 2])),
            *(mark(0, 800), mark(1, 0), mark(2, 0)),
        ],
        3,
        1000,
        {2, 17, 21},  # the loss falls on the day of weight 4
    ),
    "no position held": (trips(31, [5, -3], notional=0), 3, 1000, {8, 14, 17}),
    "all positions cancel": ([*trips(31, [5, -3]), owner_mark(0, 0, 50)], 3, 1000, set()),
    "skewness against": (
        [*trips(31, [50]), *(fill(day, value) for day, value in ((3, 400), (4, -300), (5, 400)))],
        6,
        10**6,
        {3, 17},
    ),
    "skewness for": (
        [*trips(31, [5]), *(fill(day, value) for day, value in ((3, 4), (4, 9000), (5, 4)))],
        6,
        10**6,
        {3, 17},
    ),  # all trips are equal
    "gains follow gains": (
        [fill(day, (1000, 900, 0, 0)[day // 3]) for day in range(12)],
        12,
        10**6,
        {3, 17},
    ),
    "gains follow losses": (
        [fill(day, (900, -100)[day % 2]) for day in range(6)],
        6,
        10**6,
        {3, 17},
    ),
}


@pytest.mark.parametrize("name", DEGENERATE)
def test_degenerate_histories(name: str) -> None:
    rows, days, opening, fails = DEGENERATE[name]
    marked = {row.day for row in rows if row.kind & r.MARK and not row.kind & r.MAKER}
    rows = [*rows, *(mark(day) for day in range(days) if day not in marked)]
    quiet = {"near_word": (1, *range(2, 17))}
    assert agree(rows, days, opening, thresholds(ALL_METRICS, **quiet)) == fails
    # unasked, a metric binds nothing, however degenerate
    assert agree(rows, days, opening, thresholds([]), whole=True) == set()


def test_unasked_thresholds_bind_nothing() -> None:
    """Numbers that nobody meets, mask 0."""
    high = {
        "sharpe": 65_535,
        "trade_t": 4095,
        "volume": (1 << 60) - 1,
        "fills": 9999,
        "votes": 4095,
        "best_day": 0,
    }
    assert (
        agree(
            week(), 7, 100_000, thresholds([], **high, liquidations=0, peak_exposure=0), whole=True
        )
        == set()
    )


def test_largest_numbers() -> None:
    """Money near 2^47 on the longest window: honest cells exist and nothing wraps (A5)."""
    big = (1 << 47) - 1
    rows = [
        record for day in range(366) for record in (mark(day, notional=(1 << 48) - 1), vote(day))
    ]
    rows += [*close(0, big, notional=(1 << 48) - 1), *close(1, -big, notional=(1 << 48) - 1)]
    rows += [
        row for i in range(30) for row in close(i % 300, (-1) ** i * 10**12, notional=(1 << 48) - 1)
    ]
    numbers: dict[str, Any] = {"floor": 1, "activity": (1 << 48) - 1, "near_word": tuple(range(16))}
    with pytest.raises(
        Refused, match="volume"
    ):  # volume + open - activity is over four limbs: no such proof
        agree(rows, 366, 1 << 41, thresholds(ALL_METRICS, **numbers))
    rows = [row._replace(notional=min(row.notional, 1 << 46)) for row in rows]
    agree(rows, 366, 1 << 41, thresholds(ALL_METRICS, **numbers), whole=True)


# -- random histories ------------------------------------------------------------------------------
def random_rows(source: random.Random, days: int) -> list[Record]:
    reach = source.choice([50, 10**4, 10**10])
    rows = []
    for _ in range(source.randrange(60)):
        day, value = source.randrange(days), source.randrange(-reach, reach)
        distance, exposure = (
            source.choice([9000, 2999, 3000, -5]),
            source.choice([0, 5, 39, 40, 41]),
        )
        more: dict[str, Any] = {
            "notional": source.randrange(3 * reach),
            "distance": distance,
            "exposure": exposure,
        }
        flag = source.choice([0, r.MAKER, r.LIQUIDATION, r.MAKER | r.LIQUIDATION])
        rows.extend(
            source.choice(
                [
                    [fill(day, value, flags=flag, **more)],
                    close(day, value, **more),
                    [carry(day, value)],
                    [vote(day)],
                    [transfer(day, abs(value), r.INFLOW | r.BASE)],
                    [reward(day, abs(value))],
                ]
            )
        )
    for day in range(days):
        rows.append(mark(day, source.randrange(-reach, reach), source.randrange(reach)))
        rows.append(owner_mark(day, source.randrange(reach), source.randrange(2 * reach)))
    return rows


@settings(max_examples=6, derandomize=True)
@given(st.integers(0, 2**32))
def test_random_histories(seed: int) -> None:
    """
    Thresholds on both sides of what the history measures, all metrics at once: 25 fields times six
    examples put each metric on each side with odds of one in 64 against.
    """
    source = random.Random(seed)
    days = source.randrange(2, 9)
    rows, opening = random_rows(source, days), source.choice([10**5, 10**12])
    try:
        loose = case(rows, days, opening, thresholds(ALL_METRICS)).assessment
    except Refused:  # equity below zero
        assume(False)
    measured = {verdict.metric: verdict.measured for verdict in loose.verdicts}
    numbers: dict[str, int] = {}
    for metric, name, _ in FIELDS:
        value = measured[metric]
        if value is not None and name not in OTHER_MEASURE:
            limit = {
                "distance": 3000,
                "sharpe": 65_535,
                "trade_t": 4095,
                "best_day": 10_000,
                "shortfall": 10_000,
            }.get(name, 1 << 24)
            limit = {"liquidations": 4095, "votes": 4095, "rewards": 4095, "active_days": 4095}.get(
                name, limit
            )
            numbers[name] = max(
                -8 if name == "distance" else 0, min(limit, value + source.randrange(-1, 2))
            )
    numbers |= {"peak_exposure": min(4095, numbers.get("peak_exposure", 40))}
    numbers |= {
        "drawdown": min(10_000, numbers["drawdown"]),
        "maker_share": min(10_000, numbers.get("maker_share", 0)),
    }
    classes = source.choice([ALL_METRICS, SPECULATOR])
    agree(rows, days, opening, thresholds(classes, **numbers), whole=True)


# -- whole proofs ----------------------------------------------------------------------------------
def short_by_one(metric: int) -> Case:
    """The stock week against a threshold of one metric that it just fails."""
    numbers: dict[str, Any] = {"near_word": (1, 8, *range(20, 34))} if metric == 8 else {}
    if metric == 18:
        numbers = {"class_net": 43}
    for owner, name, lower in FIELDS:
        if owner == metric and name not in OTHER_MEASURE:
            numbers = {name: edge_of(metric, name) + (1 if lower else -1)}
    found = case(week(), 7, 100_000, thresholds([metric], **{**LOOSE.get(metric, {}), **numbers}))
    assert [verdict.metric for verdict in found.assessment.failing] == [metric]
    return found


FEW = (1, 5, 10)


@pytest.mark.parametrize(
    "metric",
    [
        pytest.param(metric, marks=[] if metric in FEW else [pytest.mark.slow])
        for metric in (*ALL_METRICS, 18)
    ],
)
def test_no_proof_one_below_the_threshold(metric: int) -> None:
    found = short_by_one(metric)
    assert_rejected(world().key, found.witness, found.statement, native())


def test_the_same_history_proves_what_it_has() -> None:
    found = case(week(), 7, 100_000, thresholds(ALL_METRICS), others=5)
    proof = prove(world().key, found.witness, found.statement, algebra=native())
    verify(world().key.verifying, found.statement, proof, algebra=native())


def test_assess_is_the_oracle_that_the_case_uses() -> None:
    """The verdicts above come from `assess` on the leaf's own numbers."""
    found = case(week(), 7, 100_000, thresholds(ALL_METRICS))
    leaf = found.leaf
    again = assess(
        found.records,
        leaf.opening,
        leaf.closing,
        leaf.wallets,
        leaf.first_day,
        leaf.last_day,
        thresholds(ALL_METRICS),
        market(leaf.first_day, 7),
    )
    assert again.verdicts == found.assessment.verdicts
