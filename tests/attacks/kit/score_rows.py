"""The rows of the score, kept anew around whatever the forger says of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attacks.kit.hands import NOTHING, Broken, follow, set_free, set_limb, set_limbs
from attacks.kit.trace import Trace
from support.credential import LAYOUT

from algebra.interface import R
from circuits.credential.v2.link import ADDITIONS, WINDOW_BITS
from circuits.credential.v2.score import SCORE_TAG, SIDE, SIDES, WEIGHT
from circuits.credential.v2.trace import LIMB_BITS, POINT_TAG, RANGE
from history.v2.metrics.score import FEATURES, LEAST, LIMIT_OFFSET, STEPS, WEIGHT_OFFSET, place_of

Say = Callable[[str, str, int], int]
"""From a feature, a quantity of it and the honest number to what is said."""
SCALE = RANGE + (ADDITIONS << WINDOW_BITS)
"""First table row of the scale."""
FULL = 1 << SIDE * LIMB_BITS


def truly(feature: str, quantity: str, honest: int) -> int:
    return honest


def keep_score(
    trace: Trace, sums: Mapping[str, int], broken: Broken = NOTHING, say: Say = truly
) -> None:
    """
    All rows of the score from the sums, by name; what follows from a number follows from what was
    said. A number without limbs wraps.

    Quantities: of `sides` profit, gain, loss, gain_sent, loss_sent; of a feature taken, x, place,
    least, next and weight; of `end` room.
    """
    row, t = LAYOUT.score, trace.scalars
    profit = say("sides", "profit", sums["profit"])
    sides = {
        "gain": say("sides", "gain", max(0, profit)),
        "loss": say("sides", "loss", max(0, -profit)),
    }
    set_free(trace, row, profit)
    for i, name in enumerate(SIDES):
        set_limbs(trace, row, i * SIDE, SIDE, sides[name])
    sent = {name: say("sides", f"{name}_sent", sides[name]) for name in SIDES}
    set_free(trace, row + 1, *sent.values())
    follow(trace, [row, row + 1], broken)
    score, values = 0, {**sums, **sent}
    for i, feature in enumerate(FEATURES):
        score += _feature(trace, i, feature.name, values[feature.name], broken, say)
    room = t["t_score_limit"] - LIMIT_OFFSET - score
    if t["ask_26"]:
        set_limbs(trace, LAYOUT.score_end, 0, 3, say("end", "room", room) % (1 << 36))


def _feature(trace: Trace, i: int, name: str, value: int, broken: Broken, say: Say) -> int:
    """Two rows of a feature; what it adds to the score."""
    row, t = LAYOUT.feature(i), trace.scalars
    taken = say(name, "taken", value)
    set_free(trace, row, taken)
    x = say(name, "x", t["ask_26"] * taken)
    place = say(name, "place", min(place_of(x), STEPS - 1))
    trace.add("multiplicity", SCALE + trace.get("free0", row + 1), -1)
    trace.add("multiplicity", SCALE + place, 1)
    least = say(name, "least", LEAST[place])
    after = say(name, "next", LEAST[place + 1])
    set_free(trace, row + 1, place, least, after + SCORE_TAG - POINT_TAG)
    weight = say(name, "weight", t["t_weight"] >> LIMB_BITS * i & RANGE - 1)
    for side, number in enumerate((x - least, after - 1 - x)):
        set_limbs(trace, row + 1, side * SIDE, SIDE, number % FULL)
    set_limb(trace, row + 1, WEIGHT, weight)
    follow(trace, [row, row + 1], broken)
    left = trace.get("v", row + 1)
    if ("score.weight", row + 1) not in broken:
        left = (left - weight) * pow(RANGE, -1, R) % R
    else:
        left >>= LIMB_BITS
    trace.put("v", row + 2, left)
    return (weight - WEIGHT_OFFSET) * place
