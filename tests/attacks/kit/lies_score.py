"""Lies in the score: a score over the limit, and one number of its rows that brings it under."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict

from attacks.kit.cheats import Cheat, Lie, truth
from attacks.kit.hands import Broken
from attacks.kit.score_rows import SCALE, keep_score
from attacks.kit.trace import Trace
from support.credential import LAYOUT, LOOSE, Case, honest

from history.v2.metrics.score import FEATURES, LEAST, features_of, place_of

NAMES = [feature.name for feature in FEATURES]
Said = Mapping[tuple[str, str], int | Callable[[int], int]]
"""By feature and quantity, as `keep_score` names them."""
WEIGHTS: tuple[int, ...] = LOOSE[26]["weight"]


def only(feature: str, weight: int) -> tuple[int, ...]:
    """Weights of a model that looks at one feature."""
    return tuple(weight * (name == feature) for name in NAMES)


def over(weights: tuple[int, ...], by: int = 1) -> Case:
    """The stock week, whose score is over the tier's limit."""
    measured = honest(26, weight=weights).assessment.verdicts[0].measured
    assert measured is not None
    return honest(26, weight=weights, score_limit=measured - by)


def taken(feature: str) -> int:
    """The row that takes a feature from the bus; it is placed on the next."""
    return LAYOUT.feature(NAMES.index(feature))


def cheat(
    gain: str,
    label: str,
    row: int,
    said: Said,
    *,
    weights: tuple[int, ...] = WEIGHTS,
    room: int | None = None,
    before: Lie = truth,
    after: Lie = truth,
) -> Cheat:
    """
    The rows of the score around one lie, which breaks the rule `label` on `row`.

    room : limit less score, where the lie is a register's. before, after : change cells before and
        after the rows are kept.
    """
    found = over(weights)
    broken: Broken = frozenset({(label, row)})

    def say(feature: str, quantity: str, number: int) -> int:
        if (feature, quantity) == ("end", "room") and room is not None:
            return room
        told = said.get((feature, quantity), number)
        return told(number) if callable(told) else told

    def lie(trace: Trace) -> None:
        before(trace)
        keep_score(trace, asdict(found.assessment.sums), broken, say)
        after(trace)

    return Cheat(gain, found, lie)


def moved(register: str, row: int, step: int) -> Lie:
    """A register of a row is another than the rows before make it."""
    return lambda trace: trace.add(register, row, step)


def hidden_loss(trace: Trace) -> None:
    """Register v between the rows of gain and loss says a greater gain."""
    trace.put("v", LAYOUT.score + 1, 10**6)


def cheats() -> dict[str, Cheat]:
    """By label."""
    place = {n: place_of(x) for n, x in features_of(honest().assessment.sums).items()}
    row, end = LAYOUT.score, LAYOUT.score_end
    low, high = place["open"] - 1, place["available"] + 1
    lighter: Said = {("open", "weight"): lambda weight: weight - 1}
    digit = 1 << 12 * NAMES.index("open")
    richer: Said = {("sides", "gain_sent"): 10**6}
    plan: dict[str, tuple[str, int, Said]] = {
        "metric.M26.range": ("a risk placed too low", taken("open") + 1, {("open", "place"): low}),
        "score.at_least": (
            "a strength placed too high",
            taken("available") + 1,
            {("available", "place"): high},
        ),
        "score.weight": ("another weight", taken("open") + 1, lighter),
        "score.all_weights": ("another weight", end, lighter),
        "score.profit": ("a greater gain", row, {("sides", "gain"): 10**6}),
        "score.take_over": ("a greater gain", row + 1, richer),
    }
    out = {label: cheat(gain, label, at, said) for label, (gain, at, said) in plan.items()}
    out["metric.M26.score"] = Cheat("a score over the limit", over(WEIGHTS))
    out["score.one_side"] = cheat(
        "a gain and a loss at once",
        "score.one_side",
        row,
        {("sides", side): lambda number: number + 10**6 for side in ("gain", "loss")},
        weights=only("gain", -5),
    )
    registers: dict[str, tuple[int, Said, Lie, int | None]] = {
        "score.hand_over": (row, richer, hidden_loss, None),
        "score.weights": (row + 1, lighter, moved("v", row + 2, -digit), None),
        "score.start": (row + 1, {}, moved("slope", row + 2, -1), 0),
        "score_taken.keep_v": (taken("open"), lighter, moved("v", taken("open") + 1, -1), None),
        "score_taken.keep_slope": (
            taken("open"),
            {},
            moved("slope", taken("open") + 1, -1),
            0,
        ),
        "score.feature": (
            taken("open"),
            {("open", "x"): LEAST[low]},
            lambda trace: trace.put("sum", taken("open") + 1, LEAST[low]),
            None,
        ),
        "score.sum": (taken("open") + 1, {}, moved("slope", taken("open") + 2, -1), 0),
    }
    for label, (at, said, before, room) in registers.items():
        out[label] = cheat("a register", label, at, said, before=before, room=room)
    return out


def lookup() -> Cheat:
    """A place that is in no table: one lower, around the feature's own number."""
    x = features_of(honest().assessment.sums)["open"]
    low = place_of(x) - 1
    said: Said = {("open", "place"): low, ("open", "least"): x, ("open", "next"): x + 1}

    def uncounted(trace: Trace) -> None:
        trace.add("multiplicity", SCALE + low, -1)

    return cheat("a place of one's own", "", 0, said, after=uncounted)


def names() -> dict[tuple[int, int], str]:
    """What the score takes from the bus, by row and slot."""
    sums = {(taken(name), 0): f"sum_{name}" for name in NAMES}
    sides = {(taken(name), 0): f"score_{name}" for name in ("gain", "loss")}
    return {**sums, **sides, (LAYOUT.score, 0): "sum_profit"}


def message(row: int) -> Cheat:
    """A row of the score that takes another number than was sent."""
    if row == LAYOUT.score:
        more: Said = {("sides", "profit"): lambda number: number + 10**6}
        return cheat("another profit", "", 0, more, weights=only("gain", -5))
    feature = next(name for name in NAMES if taken(name) == row)
    said: Said = {(feature, "taken"): lambda number: 4 * number + 3}
    return cheat(f"more of {feature}", "", 0, said, weights=only(feature, -5))
