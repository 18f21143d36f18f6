"""M26: places on the scale, features of a history worked by hand, and the score."""

from __future__ import annotations

import math
import random
from types import SimpleNamespace
from typing import Any

import pytest
from support.credential import case, close, fill, mark, owner_mark, thresholds, transfer

from history.v2 import record as r
from history.v2.metrics import METRICS
from history.v2.metrics.score import (
    FEATURES,
    LEAST,
    SCORE,
    STEPS,
    features_of,
    place_of,
    score_of,
)

NAMES = [feature.name for feature in FEATURES]


def test_places_go_by_eighths_of_a_doubling() -> None:
    """Against the definition on small numbers, and against logarithms in floats on others."""
    for x in range(3000):
        k = place_of(x)
        assert 1 << k <= (x + 1) ** 8 < 1 << k + 1
    source = random.Random(26)
    for _ in range(3000):
        x = source.randrange(1 << source.randrange(1, 64))
        exact = 8 * math.log2(x + 1)
        assert abs(exact - round(exact)) < 1e-9 or place_of(x) == math.floor(exact)
    assert (place_of(0), place_of(1), place_of(2), place_of(3)) == (0, 8, 12, 16)


def test_a_place_is_an_interval() -> None:
    assert len(LEAST) == STEPS + 1 and LEAST[-1] == (1 << 64) - 1
    for place in range(STEPS):
        if LEAST[place] < LEAST[place + 1]:
            assert place_of(LEAST[place]) == place_of(LEAST[place + 1] - 1) == place
    empty = [place for place in range(STEPS) if LEAST[place] == LEAST[place + 1]]
    assert [*range(1, 8)] == empty[:7], "between x = 0 and x = 1 lie seven places"
    with pytest.raises(ValueError, match="no place"):
        place_of(-1)


def history(days: int = 6, gain: int = 300) -> Any:
    """Active on days 1 and 3 of six, near on day 3, short of cash on none."""
    rows = [
        *close(1, gain),
        fill(3, -40),
        *(mark(day, notional=700 * (day in (1, 3)), distance=2000 if day == 3 else 9000)
          for day in range(days)),
        owner_mark(1, 250, 700),
        transfer(2, 500, r.INFLOW | r.BASE),
    ]  # fmt: skip
    return case(rows, days, 1000, thresholds([26], near_line=2500)).assessment


def test_features_by_hand() -> None:
    found = features_of(history().sums)
    assert found == {
        "recency": 2,  # days 4 and 5
        "active_days": 2,
        "active_moment": 1 + 3,
        "clumpiness": 1 + 0 + 1 + 0 + 1 + 2,
        "gain": 260,
        "loss": 0,
        "available": 1000 + 1000 + 1800 + 1800 + 1760 + 1760,
        "open": 1400,
        "net": 250,
        "near_days": 1,
    }
    lost = features_of(history(gain=-300).sums)
    assert (lost["gain"], lost["loss"]) == (0, 340)


def test_the_score_is_weight_times_place() -> None:
    sums = history().sums
    for j, name in enumerate(NAMES):
        t = SimpleNamespace(**{f"weight_{i}": 7 * (i == j) for i in range(len(NAMES))})
        assert score_of(sums, t) == 7 * place_of(features_of(sums)[name]), name
    t = SimpleNamespace(**{f"weight_{i}": i - 4 for i in range(len(NAMES))})
    places = [place_of(number) for number in features_of(sums).values()]
    assert score_of(sums, t) == sum((i - 4) * place for i, place in enumerate(places))


def test_a_ratio_is_a_difference_of_places() -> None:
    """Twice the money is eight places more, whatever the size; so a ratio keeps its score."""
    for x in (10**6, 3 * 10**8, 7 * 10**12):
        assert place_of(2 * x) - place_of(x) in (7, 8, 9)
        assert abs(place_of(2 * x) - place_of(x) - 8) <= 1


def test_a_number_above_the_scale_is_no_feature() -> None:
    condition = next(c for c in SCORE.conditions if c.label == "range")
    zero = {name: 0 for name in NAMES} | {"profit": 0}
    for open_, holds in (((1 << 64) - 2, True), ((1 << 64) - 1, False)):
        assert condition.holds(SimpleNamespace(**{**zero, "open": open_}), None) is holds


def test_the_weights_are_one_number_of_the_circuit() -> None:
    start, limbs = METRICS.scalars["weight"]
    assert (start, limbs) == (METRICS.slots["weight_0"].start, len(NAMES))
    assert "weight_0" not in METRICS.scalars
