"""Days drawn anew: what is drawn, that it is measured by the metric itself, and how wide it is."""

from __future__ import annotations

import random
from dataclasses import replace
from math import sqrt
from statistics import NormalDist, fmean, stdev

import pytest
from support.days import DAYS, assessed, records
from support.metric_table import toy

from history.v2.day_rows import SUMS, DayRow, day_rows, loss_level, sums
from history.v2.metrics import METRICS
from history.v2.oracle import Extremes
from history.v2.spread import (
    DRAWINGS,
    INSIDE,
    RUN,
    Redrawn,
    Spread,
    _drawn,
    _running,
    publicly_seeded_days,
)
from history.v2.thresholds import Thresholds

FEW = 200
SAMPLED = [metric for metric in METRICS if metric.sampled and not metric.refused]


def spread_of(number: int, **thresholds: int) -> Spread:
    found = assessed(number, **thresholds)
    drawn = Redrawn(found.rows, found.extremes, found.thresholds, drawings=FEW)
    return drawn.spread(found.thresholds.metrics[number])


def with_returns(returns: list[float]) -> list[DayRow]:
    """Days of these returns; the rest is of no matter."""
    row = day_rows(records(), 1_000_000, DAYS, assessed().thresholds)[0]
    whole = [round(10**8 * x) for x in returns]
    return [
        replace(row, daily_return=today, return_before=before)
        for before, today in zip([0, *whole], whole, strict=False)
    ]


def sharpe_spread(returns: list[float]) -> Spread:
    drawn = Redrawn(with_returns(returns), Extremes(10_000, 0), Thresholds(1, 1), drawings=FEW)
    return drawn.spread(METRICS[1])


def width(spread: Spread) -> float:
    """Of a Sharpe ratio of a year."""
    assert spread.low is not None and spread.high is not None
    return (spread.high - spread.low) / 1000


def test_a_ratio_over_days_is_sampled_and_nothing_else_is() -> None:
    """By what the definitions say; M2 and M25 are of the same kind."""
    assert {metric.number for metric in METRICS if metric.sampled} >= {
        *(1, 3, 9, 14, 15, 17, 18, 21, 22, 23, 24, 27)
    }
    assert not any(METRICS[i].sampled for i in (5, 6, 7, 8, 10, 11, 12, 13, 16, 19, 20))


def test_everybody_draws_the_same_days() -> None:
    drawn = publicly_seeded_days(DAYS)
    assert drawn == publicly_seeded_days(DAYS) and len(drawn) == DRAWINGS
    assert {len(starts) for starts in drawn} == {-(-DAYS // RUN)}
    assert drawn[0][:4] == [11, 29, 53, 11]
    assert drawn != publicly_seeded_days(DAYS, seed=b"another")
    counts = [0] * DAYS
    for starts in drawn:
        for start in starts:
            counts[start] += 1
    mean = sum(counts) / DAYS
    assert sum((c - mean) ** 2 / mean for c in counts) < 100  # chi square, 59 degrees of freedom


def test_a_drawing_is_the_sums_of_its_days() -> None:
    """Against the sums taken one by one."""
    rows = assessed(24, worst_days=3).rows
    running = _running(rows)
    for starts in publicly_seeded_days(DAYS, drawings=20):
        days, total = _drawn(rows, running, starts, 3)
        assert len(days) == DAYS
        assert days[:RUN] == [rows[(starts[0] + i) % DAYS] for i in range(RUN)]
        one_by_one = sums(days)
        level = loss_level(days, 3)
        for name in SUMS:
            want = getattr(one_by_one, name)
            if name == "loss_beyond":
                want = sum(max(0, day.loss - level) for day in days)
            assert getattr(total, name) == want, name


@pytest.mark.parametrize("days", [30, 31, 35, 366])
def test_any_number_of_days_is_drawn_whole(days: int) -> None:
    rows = with_returns([0.001 * (i % 5 - 1) for i in range(days)])
    for starts in publicly_seeded_days(days, drawings=3):
        drawn, total = _drawn(rows, _running(rows), starts, 0)
        assert len(drawn) == total.days == days


@pytest.mark.parametrize("metric", SAMPLED, ids=lambda metric: metric.name)
def test_what_was_measured_lies_inside(metric) -> None:  # type: ignore[no-untyped-def]
    """And the strict side of it counts: at the low end of all drawings nearly all hold."""
    found = assessed(metric.number).verdicts[0]
    spread = spread_of(metric.number)
    assert found.measured is not None and spread.low is not None and spread.high is not None
    assert spread.low <= found.measured <= spread.high
    assert spread.low < spread.high and spread.undefined < FEW // 20
    own = metric.threshold.name
    worst = spread.low if metric.at_least else spread.high
    at_worst = spread_of(metric.number, **{own: worst}).holding
    assert at_worst >= FEW * (100 + INSIDE) // 200
    beyond = worst + 5 * (1 if metric.at_least else -1)
    assert spread_of(metric.number, **{own: beyond}).holding < FEW


def test_days_that_are_alike_leave_no_range() -> None:
    spread = sharpe_spread([0.01, -0.005] * 15)  # an even run would hold half of each
    assert width(spread) > 0
    rows = [assessed().rows[7]] * 30
    drawn = Redrawn(rows, Extremes(10_000, 0), assessed().thresholds)
    for number in (9, 14, 15, 17, 23):
        spread = drawn.spread(METRICS[number])
        assert spread.low == spread.high is not None


def test_what_is_not_defined_is_worse_than_any_number() -> None:
    """Of a metric that asks for more at the low end, of a limit at the high one."""
    losing = sharpe_spread([0.01, -0.0104] * 30)
    assert losing.low is None and losing.undefined > FEW // 20
    drawn = Redrawn(with_returns([0.01, -0.0099] * 30), Extremes(10_000, 0), Thresholds(1, 1))
    share = drawn.spread(METRICS[21])
    assert share.high is None and share.low is not None


def test_independent_days_give_the_standard_error_of_lo() -> None:
    """
    Lo 2002: sqrt((1 + SR^2 / 2) / N) a day. A run of seven days of 365 leaves a few percent out, so
    some percent are allowed.
    """
    source = random.Random(4)
    ratios = []
    for _ in range(3):
        returns = [source.gauss(0.003, 0.01) for _ in range(365)]
        a_day = fmean(returns) / stdev(returns)
        error = sqrt((1 + a_day**2 / 2) / len(returns)) * sqrt(365)
        want = 2 * NormalDist().inv_cdf((100 + INSIDE) / 200) * error
        ratios.append(width(sharpe_spread(returns)) / want)
    assert 0.85 < fmean(ratios) < 1.15 and all(0.75 < ratio < 1.3 for ratio in ratios)


def test_days_that_hang_together_make_it_wider() -> None:
    """Drawn one by one they would not: the runs keep what neighbours have to do with each other."""
    source = random.Random(5)
    noise = [source.gauss(0, 0.01) for _ in range(370)]
    together = [0.003 + fmean(noise[i : i + 5]) for i in range(365)]
    shuffled = random.Random(6).sample(together, len(together))
    assert width(sharpe_spread(together)) > 1.5 * width(sharpe_spread(shuffled))


@pytest.mark.slow
def test_the_true_ratio_lies_in_it_about_as_often_as_it_says() -> None:
    """Of days that are drawn from a known ratio; 80 times, of which 72 are to be expected."""
    source, truth = random.Random(7), 0.003 / 0.01 * sqrt(365)
    inside = 0
    for _ in range(80):
        spread = sharpe_spread([source.gauss(0.003, 0.01) for _ in range(120)])
        assert spread.high is not None
        inside += (-1 if spread.low is None else spread.low / 1000) <= truth <= spread.high / 1000
    assert 62 <= inside < 80


def test_a_metric_more_is_drawn_by_its_definition_alone() -> None:
    table = METRICS.with_metric(toy())
    found = assessed(28, metrics=table, fills_a_day=100)
    spread = Redrawn(found.rows, found.extremes, found.thresholds).spread(table[28])
    assert spread.low == spread.high == found.verdicts[0].measured == 200
