"""
Thresholds that nobody can meet at once, or not in this window: a tier that asks them is a mistake,
not a high bar (docs/explanation/metrics.md E).

Each row follows from what the numbers are (metrics.md A, B), whatever the history; what is merely
hard is no row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from algebra.errors import Refused
from history.v2.metrics.units import WHOLE
from history.v2.record import NO_POSITION_DISTANCE
from history.v2.thresholds import Thresholds


@dataclass(frozen=True, slots=True)
class Together:
    """
    A threshold that must be in a range where all of `asked` are asked.

    Attributes
    ----------
    asked : numbers of the metrics; the first is the one that states the threshold
    name : of the threshold
    least, greatest : from the tier's thresholds and the days of the window; None for no limit
    why : ends the message
    """

    asked: tuple[int, ...]
    name: str
    why: str
    least: Callable[[Thresholds, int], int] | None = None
    greatest: Callable[[Thresholds, int], int] | None = None

    def check(self, thresholds: Thresholds, days: int) -> None:
        """Refused (`refused.policy.together`) with the threshold and what it contradicts."""
        if not set(self.asked) <= thresholds.asked:
            return
        number = thresholds.number(self.name)
        for limit, side in ((self.least, "below"), (self.greatest, "above")):
            bound = number if limit is None else limit(thresholds, days)
            if number < bound if side == "below" else number > bound:
                raise Refused(
                    "refused.policy.together",
                    f"M{self.asked[0]} {self.name} = {number} is {side} {bound}: {self.why}",
                    field=self.name,
                    got=number,
                    metrics=sorted(self.asked),
                )


RULES = (
    Together(
        (5,), "distance", "an account without a position is no farther",
        greatest=lambda tier, days: NO_POSITION_DISTANCE,
    ),
    Together(
        (8,), "near_word_0", "the window has no more days that could count",
        greatest=lambda tier, days: days,
    ),
    Together((12,), "active_days", "the window has no more", greatest=lambda tier, days: days),
    Together(
        (16, 23), "peak_exposure", "M23 wants open positions",
        least=lambda tier, days: int(tier.capital_use > 0),
    ),
    Together((16, 17), "peak_exposure", "M17 wants open positions", least=lambda tier, days: 1),
    Together((16, 18), "peak_exposure", "M18 wants open positions", least=lambda tier, days: 1),
    Together(
        (18,), "class_net", "net positions are at most the gross ones",
        greatest=lambda tier, days: 99,
    ),
    Together(
        (21,), "best_day", "the best of these days has at least its equal part of their sum",
        least=lambda tier, days: -(-WHOLE // days),
    ),
    Together(
        (23, 15), "capital_use", "M15 admits no more, and the capital that it counts is the less",
        greatest=lambda tier, days: tier.mean_exposure,
    ),
)  # fmt: skip
"""By metric."""


def check_together(thresholds: Thresholds, days: int) -> None:
    """Refused (`refused.policy.together`) for the first rule that does not hold."""
    for rule in RULES:
        rule.check(thresholds, days)
