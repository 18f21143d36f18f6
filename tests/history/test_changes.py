"""
What would have had to be otherwise: each change found is enough and one step less is not, by
another reckoning than the levers' own.
"""

from __future__ import annotations

from bisect import bisect_left
from fractions import Fraction

import pytest
from support.days import DAYS, assessed
from support.metric_table import toy

from history.v2.changes import Change, Changes
from history.v2.levers import LEVERS, Lever, Past
from history.v2.metrics import METRICS
from history.v2.oracle import Assessment


def changes_of(found: Assessment) -> dict[str, Change]:
    (verdict,) = found.verdicts
    listed = Changes(found.rows, found.extremes, found.thresholds).of(verdict)
    return {change.quantity: change for change in listed}


def measured(number: int) -> int:
    found = assessed(number).verdicts[0].measured
    assert found is not None
    return found


FAILING = {  # thresholds a little beyond what the history has
    1: {"sharpe": 10_800},
    3: {"trade_t": 450},
    5: {"distance": 2200, "near_line": 3000},
    7: {"drawdown": 30},
    9: {"turnover": 1700},
    14: {"maker_share": 7000},
    15: {"mean_exposure": 60},
    16: {"peak_exposure": 38},
    17: {"class_net": 30},
    21: {"best_day": 700},
    22: {"sharpe_confidence": 400},
    23: {"capital_use": 70},
    24: {"shortfall": 100},
    27: {"correlated_sharpe": 10_800},
}


@pytest.mark.parametrize("number", FAILING)
def test_a_change_is_enough_and_less_is_not(number: int) -> None:
    """The words' amount, walked back to its step, on the metric's own conditions."""
    found = assessed(number, **FAILING[number])
    assert not found.verdicts[0].holds
    kit = Changes(found.rows, found.extremes, found.thresholds)
    metric, past = METRICS[number], Past(found.rows, found.extremes, DAYS)
    listed = changes_of(found)
    assert listed, "some lever is for it"
    for lever in LEVERS:
        change = listed.get(lever.quantity)
        if change is None:
            continue
        assert change.now == lever.of(past) != change.needed

        def far(step: int, lever: Lever = lever, now: int = change.now) -> int:
            return abs(lever.of(lever.moved(past, step, found.thresholds)) - now)

        steps = range(lever.steps(past) + 1)
        step = bisect_left(steps, abs(change.needed - change.now), key=far)
        assert kit._holds(metric, lever, step) and not kit._holds(metric, lever, step - 1)
        assert "{" not in change.text and change.text


def test_every_lever_is_for_some_metric() -> None:
    together = {name: number for numbers in FAILING.values() for name, number in numbers.items()}
    found = assessed(*FAILING, **together)
    kit = Changes(found.rows, found.extremes, found.thresholds)
    assert len(found.failing) == len(FAILING)
    used = {change.quantity for verdict in found.failing for change in kit.of(verdict)}
    assert used == {lever.quantity for lever in LEVERS}


# -- by another reckoning --------------------------------------------------------------------------
def test_volume_for_turnover() -> None:
    """100 N S(volume) >= T S(C), solved for the volume; to a thousandth of it, the lever's step."""
    found = assessed(9, turnover=1700)
    change = changes_of(found)["volume"]
    want = Fraction(1700 * found.sums.available, 100 * DAYS)
    assert want <= change.needed <= want + Fraction(found.sums.volume, 999)
    less = changes_of(found)["idle_capital"]
    mean = Fraction(100 * DAYS * found.sums.volume, 1700 * DAYS)
    assert mean - Fraction(found.sums.available, 999 * DAYS) <= less.needed <= mean


def test_maker_volume_for_the_maker_share() -> None:
    found = assessed(14, maker_share=7000)
    change = changes_of(found)["maker_volume"]
    want = Fraction(7 * found.sums.volume, 10)
    assert want <= change.needed <= want + Fraction(found.sums.volume, 999)


def test_hedges_for_the_class() -> None:
    found = assessed(17, class_net=30)
    change = changes_of(found)["net_positions"]
    want = Fraction(30 * found.sums.gross, 100 * DAYS)
    assert want - Fraction(found.sums.net, 999 * DAYS) <= change.needed <= want
    assert "hedged" in change.text


def test_days_for_confidence() -> None:
    """The statistic grows with the square root of N - 1, if the days are alike."""
    found = assessed(22, sharpe_confidence=400)
    change = changes_of(found)["days"]
    want = (400 / measured(22)) ** 2 * (DAYS - 1) + 1
    assert abs(change.needed - want) < 1.5 and change.now == DAYS
    assert change.text == f"{change.needed} days like these instead of {DAYS} days"
    assert "days" not in changes_of(assessed(22, sharpe_confidence=2000))  # beyond a year


def test_positions_for_exposure_and_distance() -> None:
    found = assessed(16, peak_exposure=38)
    assert changes_of(found)["position_size"].needed == 950  # ceil(40 size) <= 38
    found = assessed(5, distance=2200, near_line=3000)
    assert changes_of(found)["position_size"].needed == 2000 * 1000 // 2200
    # under its maintenance margin, smaller positions of the same kind may not help
    found = assessed(5, distance=2200, near_line=3000)
    kit = Changes(found.rows, found.extremes._replace(least_distance=-5), found.thresholds)
    assert kit.of(found.verdicts[0]) == []


def test_smaller_losses_and_more_money_for_the_worst_days() -> None:
    """M24 in floats: the mean of the three worst days."""
    found = assessed(24, shortfall=100, worst_days=3)
    listed = changes_of(found)
    losses = sorted((-row.daily_return / 1e8 for row in found.rows), reverse=True)
    cap = listed["largest_loss"].needed / 1e8
    assert sum(min(loss, cap) for loss in losses[:3]) / 3 == pytest.approx(0.01, abs=2e-5)
    money = listed["equity_kept"].needed - listed["equity_kept"].now
    again = sorted((-row.profit / (row.capital + money) for row in found.rows), reverse=True)
    assert sum(again[:3]) / 3 == pytest.approx(0.01, abs=2e-5)
    size = listed["position_size"].needed / 1000
    assert sum(losses[:3]) / 3 * size == pytest.approx(0.01, abs=2e-5)


def test_a_higher_mean_return_for_the_sharpe_ratio() -> None:
    """Every day's return a little higher leaves their variance: the ratio grows with the mean."""
    found = assessed(1, sharpe=10_800)
    change = changes_of(found)["mean_return"]
    want = change.now * 10_800 / measured(1)
    assert change.needed == pytest.approx(want, rel=2e-3)
    assert changes_of(assessed(27, correlated_sharpe=10_800))["mean_return"].needed >= want * 0.998


def test_losses_cut_lower_the_drawdown() -> None:
    found = assessed(7, drawdown=30)
    change = changes_of(found)["largest_loss"]
    index = worst = 1.0
    for row in found.rows:
        index = min(1.0, index * (1 + max(row.daily_return, -change.needed) / 1e8))
        worst = min(worst, index)
    assert 0.0029 < 1 - worst <= 0.003


# -- where there is none ---------------------------------------------------------------------------
def test_what_holds_asks_for_no_change() -> None:
    found = assessed(*FAILING)
    kit = Changes(found.rows, found.extremes, found.thresholds)
    assert found.holds and [kit.of(verdict) for verdict in found.verdicts] == [[]] * len(FAILING)


def test_a_number_of_things_is_its_own_quantity() -> None:
    (change,) = changes_of(assessed(12, active_days=70)).values()
    assert change == Change("active_days", DAYS, 70, "days", "70 days instead of 60 days")
    (change,) = changes_of(assessed(11, mean_equity=10**9)).values()
    assert (change.needed, change.unit) == (10**9, "cents")
    assert "10,000,000.00 USD instead of " in change.text


def test_two_conditions_that_fail_have_no_one_change() -> None:
    """More trades alone would not do, a better result alone neither."""
    found = assessed(3, trade_t=3000, trade_trips=600)
    assert changes_of(found) == {}
    assert found.verdicts[0].happened.count(";") == 1  # both are said


def test_a_speculator_is_not_told_to_hedge_less() -> None:
    assert changes_of(assessed(18, class_net=90)) == {}


def test_a_metric_more_is_changed_by_its_definition_alone() -> None:
    table = METRICS.with_metric(toy())
    assert changes_of(assessed(28, metrics=table, fills_a_day=300)) == {}  # both grow with the days
