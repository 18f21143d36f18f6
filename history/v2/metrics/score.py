"""
M26: a score of ten features, by a model that the policy names (docs/explanation/metrics.md C8).

A feature is a number of the window, and counts by its place on a scale of eight steps to a
doubling; so a ratio of two features is a difference of places. A model is ten weights, and says
"at most": what it counts as risk has a weight above zero.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from history.v2.metrics.form import Condition, Metric, Threshold, Unit
from history.v2.metrics.units import OVER

STEPS = 512
"""Places k of the scale: 0 .. 511."""
WEIGHT_OFFSET, LIMIT_OFFSET = 1 << 11, 1 << 23


class Feature(NamedTuple):
    """A number x >= 0 of a window, by its name in `h`."""

    name: str
    meaning: str


FEATURES: tuple[Feature, ...] = (
    Feature("recency", "days since the last active day, at the window's end"),
    Feature("active_days", "active days"),
    Feature("active_moment", "numbers of the active days, from 0, added up"),
    Feature("clumpiness", "days since the last active day, added up over all days"),
    Feature("gain", "profit of the window if it is above zero, cents"),
    Feature("loss", "loss of the window if its profit is below zero, cents"),
    Feature("available", "capital of every day, added up, cents"),
    Feature("open", "open positions of every day, added up, cents"),
    Feature("net", "net exposure of every day, added up, cents"),
    Feature("near_days", "days near liquidation"),
)
"""In the order of their weights. `gain` and `loss` are the two sides of S(P)."""


def least_of(place: int) -> int:
    """The least x of a place k: 2^k <= (x + 1)^8, and the places below hold less."""
    low, high = 0, 1 << place // 8 + 1
    while low < high:
        middle = (low + high) // 2
        if (middle + 1) ** 8 >= 1 << place:
            high = middle
        else:
            low = middle + 1
    return low


LEAST = tuple(least_of(place) for place in range(STEPS + 1))
"""Least x of each place; the last is the least x that has none, 2^64 - 1."""


def place_of(number: int) -> int:
    """k(x): the greatest k with 2^k <= (x + 1)^8; ValueError for x below 0."""
    if number < 0:
        raise ValueError(f"score: {number} has no place")
    return ((number + 1) ** 8).bit_length() - 1


def features_of(h: Any) -> dict[str, int]:
    """The ten features of a history, by name."""
    sides = {"gain": max(0, h.profit), "loss": max(0, -h.profit)}
    return {f.name: sides[f.name] if f.name in sides else getattr(h, f.name) for f in FEATURES}


def score_of(h: Any, t: Any) -> int:
    """The score, an integer: weight times place, added up. Lower is better."""
    places = [place_of(number) for number in features_of(h).values()]
    return sum(getattr(t, f"weight_{j}") * place for j, place in enumerate(places))


SCORE = Metric(
    26,
    "score",
    thresholds=(
        Threshold(
            "weight", 1, WEIGHT_OFFSET - 1, offset=WEIGHT_OFFSET, count=len(FEATURES), packed=True
        ),
        Threshold(
            "score_limit", 2, LIMIT_OFFSET - 1, unit=Unit("1/8 of a doubling"), offset=LIMIT_OFFSET
        ),
    ),
    conditions=(
        Condition(  # on the rows of the features
            "range",
            asked="features inside the scale",
            failed="a feature is above the scale",
            sides=lambda h, t: (LEAST[-1] - 1, max(features_of(h).values())),
        ),
        Condition(  # on the last row of the score
            "score",
            asked="score",
            failed=OVER,
            sides=lambda h, t: (t.score_limit, score_of(h, t)),
            threshold="score_limit",
        ),
    ),
    own="score_limit",
    at_least=False,
    see="C8",
)
