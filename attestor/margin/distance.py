"""
Distance to liquidation: the smallest move at which an account's equity no longer covers its
maintenance margin (docs/explanation/margin.md 4).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from attestor.margin.account import Group, MarginAccount
from attestor.margin.moment import Moment
from attestor.margin.money import SCALE, Money, Moves
from attestor.margin.requirement import free, margin, marginal_margin
from history.v2.record import DISTANCE_OFFSET, EXPOSURE_LIMIT, NO_POSITION_DISTANCE
from policies.margin.rules import SHARE

FARTHEST, NEAREST = NO_POSITION_DISTANCE, -DISTANCE_OFFSET
EXPOSURE_SCALE = 20
"""1.0 of exposure; A6."""
RUNGS = (*range(0, 1001, 25), *range(1100, SHARE + 1, 100))
"""Moves that are tried where options are held, 1/10^4."""
_STEPS = ((0, 71), (71, len(RUNGS)))  # tried together, below 40 % first; the search may stop


_BLOCKS = tuple(
    Moves.of(("rungs", first), [*(-rung for rung in RUNGS[first:end]), *RUNGS[first:end]])
    for first, end in _STEPS
)
"""The rungs of each step, all down, then all up."""


class Standing(NamedTuple):
    """A margin account at one instant: E, M and gross exposure in u', distance in 1/10^4."""

    equity: int
    margin: int
    gross: int
    distance: int


class State(NamedTuple):
    """Distance (1/10^4) and exposure (1/20) of an account, in the ranges that a record holds."""

    distance: int
    exposure: int

    def worse(self, other: State) -> State:
        """The lesser distance and the greater exposure of the two."""
        return State(min(self.distance, other.distance), max(self.exposure, other.exposure))


UNTOUCHED = State(FARTHEST, 0)
"""Of no account at all; `worse` of it and another is the other."""


def standing(account: MarginAccount, moment: Moment) -> Standing:
    """
    How a margin account stands.

    Raises
    ------
    Refused
        `refused.margin.rule`, `refused.margin.range`.
    """
    groups = moment.groups(account)
    maintenance = sum(margin(group, moment) for group in groups)
    stepped = any(group.options or group.scenario for group in groups)
    last = partial(_last_rung, groups=groups, moment=moment) if stepped else None
    return measured(account.cash, groups, maintenance, last)


def measured(
    cash: int,
    groups: Sequence[Group],
    maintenance: int,
    last_rung: Callable[[int], int] | None = None,
) -> Standing:
    """
    Where a margin account of these groups stands that needs `maintenance` (u').

    Parameters
    ----------
    last_rung : the distance by what of E - M is left, where that does not move in proportion to
        prices; None: it does
    """
    equity = cash + sum(group.equity for group in groups)
    gross = sum(group.gross for group in groups)
    spare = equity - maintenance
    if not groups:
        distance = FARTHEST if equity >= 0 else NEAREST
    elif spare < 0:
        distance = SHARE * spare // max(gross, 1)
    elif last_rung is not None:
        distance = last_rung(spare)
    else:
        slope = sum(
            abs(group.moving - sum(marginal_margin(each) for each in group.linear))
            for group in groups
        )
        distance = SHARE * spare // max(slope, 1)
    return Standing(equity, maintenance, gross, min(FARTHEST, max(NEAREST, distance)))


def state(accounts: Sequence[MarginAccount], moment: Moment) -> State:
    """As `together`, of margin accounts at a moment; raises as `standing`."""
    return together([standing(account, moment) for account in accounts])


def together(margin_accounts: Sequence[Standing]) -> State:
    """
    Of an account that consists of these margin accounts: the least distance, and exposure over all
    of them; 0 without a position, the greatest where E <= 0.
    """
    return State(
        min((each.distance for each in margin_accounts), default=FARTHEST),
        exposure(
            sum(each.equity for each in margin_accounts),
            sum(each.gross for each in margin_accounts),
        ),
    )


def exposure(equity: int, gross: int) -> int:
    """ceil(20 G / E), cut to 12 bits."""
    if gross == 0:
        return 0
    if equity <= 0:
        return EXPOSURE_LIMIT - 1
    return min(EXPOSURE_LIMIT - 1, -(-EXPOSURE_SCALE * gross // equity))


def _last_rung(spare: int, groups: Sequence[Group], moment: Moment) -> int:
    """
    The last rung x with E - M + sum over u of W_u(x) >= 0; W_u(x) is the least change of E - M over
    the rungs up to x, either way, when u alone moves.
    """
    names = [each.name for group in groups for each in group.options]
    worst = [0] * len(groups)
    reached = 0
    for (first, end), moves in zip(_STEPS, _BLOCKS, strict=True):
        moment.values(names, moves.forward, moves.tag)  # together, for all groups
        left: Money = np.full(end - first, spare * SCALE, object)
        for at, group in enumerate(groups):
            money = free(group, moment, moves)
            down, up = money[1:].reshape(2, end - first)
            least = np.minimum(np.minimum.accumulate(np.minimum(down, up)) - money[0], worst[at])
            worst[at] = int(least[-1])
            left = left + least
        holds = np.flatnonzero(left >= 0)
        reached = RUNGS[first + int(holds[-1])] if len(holds) else reached
        if len(holds) < end - first:
            break
    return reached
