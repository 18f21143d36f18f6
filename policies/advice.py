"""
What docs/explanation/metrics.md D and E recommend and a policy leaves out.

One recommendation is a rule, unless the document says `advice_overridden`: the floor softens the
returns of small accounts, so it is at most a tenth of the equity that the tier asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import erfc, sqrt
from typing import TYPE_CHECKING

from algebra.errors import Refused
from history.v2.metrics.units import WHOLE
from history.v2.thresholds import Thresholds

if TYPE_CHECKING:
    from policies.policy import Policy

RATIOS = {1, 2, 3, 22, 27}
"""Metrics whose number grows where little money is."""
OF_RETURNS = {1, 2, 7, 22, 24, 27}
"""Metrics of daily returns, which the floor divides."""
FLOOR_PART = 10
MOVE_DAYS = 1_096
"""Days before the window whose greatest move bounds leverage."""
YEAR_DAYS = 365


@dataclass(frozen=True, slots=True)
class Market:
    """
    The price index by which leverage is judged.

    Attributes
    ----------
    index : its name, for people
    greatest_move : `greatest_move` of its closes in the 1,096 days before the window, 1..10^4
    """

    index: str
    greatest_move: int

    def check(self) -> None:
        """Refused (`refused.policy.market`)."""
        if not 1 <= self.greatest_move <= WHOLE:
            raise Refused(
                "refused.policy.market",
                f"policy: market.greatest_move = {self.greatest_move} is outside 1..{WHOLE}",
                field="greatest_move",
                got=self.greatest_move,
            )

    @property
    def leverage(self) -> int:
        """The greatest leverage at which the greatest move does not take more than the margin."""
        return WHOLE // self.greatest_move


def greatest_move(closes: Sequence[int]) -> int:
    """
    The greatest change from one day's close to the next, 1/10^4, rounded up.

    Parameters
    ----------
    closes : of the index, one a day, above 0, in any unit; `MOVE_DAYS` + 1 of them, the last of the
        day before the window

    Raises
    ------
    Refused
        `refused.policy.market`: another number of closes, or one that is not above 0.
    """
    if len(closes) != MOVE_DAYS + 1 or min(closes) <= 0:
        raise Refused(
            "refused.policy.market",
            f"market: {MOVE_DAYS + 1} daily closes above 0 wanted, {len(closes)} given",
        )
    return max(-(-WHOLE * abs(now - before) // before) for before, now in pairwise(closes))


def _asked_equity(thresholds: Thresholds) -> int:
    """M11's threshold, cents; 0 where it is not asked."""
    equity: int = thresholds.mean_equity if 11 in thresholds.asked else 0
    return equity


def softens(thresholds: Thresholds) -> bool:
    """Whether returns are asked and the floor is above a tenth of the equity asked."""
    too_high = FLOOR_PART * thresholds.floor > _asked_equity(thresholds)
    return too_high and bool(thresholds.asked & OF_RETURNS)


def check_floor(thresholds: Thresholds) -> None:
    """Refused (`refused.policy.floor`) where the floor `softens` returns."""
    if softens(thresholds):
        metric = min(thresholds.asked & OF_RETURNS)
        stated = f"M11 asks {_asked_equity(thresholds)}"
        raise Refused(
            "refused.policy.floor",
            f"floor = {thresholds.floor} is above a tenth of the mean equity asked "
            f"({stated if 11 in thresholds.asked else 'M11 is not asked'}), so it softens the "
            f"returns of M{metric}; lower it, raise M11, or set advice_overridden",
            field="floor",
            got=thresholds.floor,
        )


def by_luck(thresholds: Thresholds, days: int) -> tuple[float, float]:
    """
    Odds at most that somebody without skill passes M22: in a window of `days`, and in any of the
    windows of a year. Each identity tries once a window.
    """
    window = erfc(thresholds.sharpe_confidence / 100 / sqrt(2)) / 2
    return window, 1 - (1 - window) ** (YEAR_DAYS / days)


def advice(policy: Policy) -> list[str]:
    """One sentence for each recommendation that is left out; nothing is refused."""
    out = [
        f"tier {tier.name}: {said}"
        for tier in policy.tiers
        for said in (
            *_of_thresholds(tier.thresholds),
            *_of_leverage(tier.terms.max_leverage, policy.market),
        )
    ]
    if policy.market is None:
        out.append("without a market leverage is bounded by no move of a price")
    return out


def _of_leverage(leverage: int, market: Market | None) -> Iterator[str]:
    if market is not None and leverage > market.leverage:
        yield (
            f"leverage {leverage} is above {market.leverage}, which the greatest one-day move of "
            f"{market.index} takes whole"
        )


def _of_thresholds(thresholds: Thresholds) -> Iterator[str]:
    asked = thresholds.asked
    if softens(thresholds):
        yield "the floor is above a tenth of M11, it softens losses of small accounts"
    if asked & RATIOS and not {11, 12} <= asked:
        yield "a Sharpe ratio without M11 and M12 admits a dust account"
    if asked & RATIOS and 21 not in asked:
        yield "a Sharpe ratio without M21 admits one lucky day"
    if asked & {1, 2, 27} and 22 not in asked:
        yield "a Sharpe ratio without M22 admits a short lucky window"
    if asked & {2, 3, 27} and 1 not in asked:
        yield "M2, M3 and M27 stand beside M1, not in place of it"
    if {5, 16} <= asked:
        yield "M5 and M16 say one thing twice where no options are held"
    if 7 in asked and 1 not in asked and 23 not in asked:
        yield "M7 without M23 admits capital that is never used"
    if asked & {9, 10} and not asked & {1, 7}:
        yield "volume without M1 or M7 pays for churning"
