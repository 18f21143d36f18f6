"""The floor's rule, what leverage is judged by, and a policy over another window."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from algebra.errors import Refused
from history.v2.thresholds import Thresholds
from policies.advice import (
    MOVE_DAYS,
    OF_RETURNS,
    Market,
    by_luck,
    check_floor,
    greatest_move,
    softens,
)
from policies.policy import Policy, example

STANDARD = example("standard")


# -- the floor -------------------------------------------------------------------------------------
@pytest.mark.parametrize("metric", sorted(OF_RETURNS))
def test_the_floor_is_at_most_a_tenth_of_the_equity_asked(metric: int) -> None:
    tier = Thresholds(1_000, 1, mean_equity=10_000, asked=frozenset({11, metric}))
    check_floor(tier)
    for changed, said in (
        (tier.changed(floor=1_001), "M11 asks 10000"),
        (tier.changed(mean_equity=9_999), "M11 asks 9999"),
        (tier.changed(asked=frozenset({metric}), floor=1), "M11 is not asked"),
    ):
        with pytest.raises(Refused, match=said) as caught:
            check_floor(changed)
        assert caught.value.code == "refused.policy.floor"
        assert (caught.value.fields["field"], caught.value.fields["got"]) == (
            "floor",
            changed.floor,
        )


def test_without_a_metric_of_returns_the_floor_is_free() -> None:
    rest = frozenset(range(1, 28)) - OF_RETURNS - {11}
    check_floor(Thresholds(1 << 40, 1, asked=rest))
    check_floor(Thresholds(1 << 40, 1, mean_equity=1, asked=rest | {11}))


def test_advice_goes_by_the_rule_of_the_floor() -> None:
    loose = STANDARD.tiers[0].thresholds.changed(asked=frozenset({6, 7}))
    policy = replace(STANDARD, tiers=(replace(STANDARD.tiers[0], thresholds=loose),))
    assert softens(loose) and any("floor" in line for line in policy.advice())


def softened(**more: object) -> bytes:
    document = json.loads(STANDARD.document())
    document["tiers"][0]["thresholds"]["floor"] *= 2
    return json.dumps(document | more).encode()


def test_a_document_may_say_that_it_means_the_floor() -> None:
    for data in (softened(), softened(advice_overridden=False)):
        with pytest.raises(Refused, match="tier member: floor") as caught:
            Policy.parse(data)
        assert caught.value.fields["tier"] == "member"
    meant = Policy.parse(softened(advice_overridden=True))
    assert Policy.parse(meant.document()) == meant and meant.advice_overridden
    assert meant.advice() == [
        "tier member: the floor is above a tenth of M11, it softens losses of small accounts"
    ]
    plain = replace(meant, advice_overridden=False)
    assert plain.policy_id != meant.policy_id  # who registers it sees which of the two it is


# -- leverage --------------------------------------------------------------------------------------
def closes(*last: int) -> list[int]:
    return [100] * (MOVE_DAYS + 1 - len(last)) + list(last)


@pytest.mark.parametrize(
    ("series", "move"),
    [
        (closes(), 0),
        (closes(110), 1_000),
        (closes(90), 1_000),
        (closes(110, 99), 1_000),
        (closes(300, 200), 20_000),
        (closes(100, 103, 103), 300),
        ([3] * MOVE_DAYS + [4], 3_334),  # rounded up
    ],
)
def test_the_greatest_move_is_the_greatest_of_one_day(series: list[int], move: int) -> None:
    assert greatest_move(series) == move


@pytest.mark.parametrize("series", [closes()[1:], [*closes(), 100], closes(0), []])
def test_closes_of_other_days_are_refused(series: list[int]) -> None:
    with pytest.raises(Refused) as caught:
        greatest_move(series)
    assert caught.value.code == "refused.policy.market"


def test_leverage_above_what_the_greatest_move_leaves_is_advised_against() -> None:
    assert Market("BTC-USD", 1_215).leverage == 8
    assert (Market("A", 10_000).leverage, Market("A", 1).leverage) == (1, 10_000)
    assert STANDARD.advice() == []
    wild = replace(STANDARD, market=Market("BTC-USD", 1_251))  # 8 times take 100.08 %
    assert wild.advice() == [
        "tier prime-plus: leverage 8 is above 7, which the greatest one-day move of BTC-USD takes "
        "whole"
    ]
    assert replace(STANDARD, market=Market("BTC-USD", 1_250)).advice() == []
    assert replace(STANDARD, market=None).advice() == [
        "without a market leverage is bounded by no move of a price"
    ]


# -- what is said beside ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({2}, "M2, M3 and M27 stand beside M1"),
        ({5, 16}, "M5 and M16 say one thing twice"),
        ({2, 11, 12, 21}, "a Sharpe ratio without M22"),
    ],
)
def test_advice_of_metrics(asked: set[int], said: str) -> None:
    tier = STANDARD.tiers[0]
    asks = replace(tier, thresholds=tier.thresholds.changed(asked=frozenset(asked)))
    assert any(said in line for line in replace(STANDARD, tiers=(asks,)).advice())
    assert not any(said in line for line in STANDARD.advice())


def test_odds_without_skill() -> None:
    """Of the normal distribution: 4.95 % beyond 1.65, and twice a year of half a year's windows."""
    prime = STANDARD.tiers[1].thresholds
    window, year = by_luck(prime, 365)
    assert abs(window - 0.0494715) < 1e-6 and abs(year - window) < 1e-12
    half = by_luck(prime, 182)[1]
    assert abs(half - (1 - (1 - window) ** (365 / 182))) < 1e-12 and 0.096 < half < 0.097


# -- another window --------------------------------------------------------------------------------
def test_over_another_window_what_counts_days_is_in_proportion() -> None:
    quarter = STANDARD.over(STANDARD.first_day, STANDARD.first_day + 91)
    quarter.check()
    assert (quarter.days, quarter.advice()) == (92, [])
    assert Policy.parse(quarter.document()) == quarter
    for tier, before in zip(quarter.tiers, STANDARD.tiers, strict=True):
        now, then = tier.thresholds, before.thresholds
        changed = {name for name in now.numbers if now.numbers[name] != then.numbers[name]}
        assert changed <= {"volume", "active_days", "fills", "trade_trips", "worst_days"}
        for name in changed:
            assert now.numbers[name] == then.numbers[name] * 92 // 365
        assert 24 not in now.asked or now.worst_days == 92 // 20
    assert quarter.over(STANDARD.first_day, STANDARD.last_day).days == 365
    short = STANDARD.tiers[2].over(5, 365).thresholds
    assert (short.worst_days, short.trade_trips) == (1, 30)  # the least that may be asked
