"""
Portfolio margin: the greatest loss over a list of moves (docs/explanation/margin.md 2).
"""

from __future__ import annotations

import numpy as np

from attestor.margin import black
from attestor.margin.account import Group, HeldOption
from attestor.margin.fixed_point import ONE, POINT, power_ratio
from attestor.margin.moment import Moment
from attestor.margin.money import Money, Moves, weighted
from policies.margin import Scenario
from policies.margin.rules import SHARE

DAY_SECONDS = 86_400
MONTH = 30 * DAY_SECONDS


def scenario_margin(group: Group, rule: Scenario, moment: Moment, moves: Moves) -> Money:
    """Maintenance margin of a portfolio on one underlying at each moved price, rounded up."""
    moving, still = (
        rule.perpetual * sum(each.charged[0] for each in group.linear if (each.face is None) is way)
        for way in (True, False)
    )
    moving += rule.short_option * _net_short(group)
    total: Money = _greatest_loss(group, rule, moment, moves) * rule.factor
    total = total + ((moving * moves.steps + still * SHARE) << POINT) * SHARE**2
    out: Money = -(-total // SHARE**3)
    return out


def _greatest_loss(group: Group, rule: Scenario, moment: Moment, moves: Moves) -> Money:
    """The rule's greatest damped loss from each moved price, in 1/10^8 of `Money`."""
    names = [each.name for each in group.options]
    weights = [each.size * each.forward for each in group.options]
    before = moment.values(names, moves.forward, moves.tag)
    worst: Money = np.zeros(len(moves.forward), object)
    for way in (-1, 0, 1):
        chosen = [move for move in rule.moves if move.volatility == way]
        if not chosen:
            continue
        price = np.array([move.price for move in chosen], object)[:, None]
        gain: Money = group.moving * (moves.steps << POINT) * price
        if names:
            shift = (ONE * (SHARE + price) // SHARE).astype(np.int64)
            forward = (moves.forward * shift) >> POINT
            shocked = {name: _shock(rule, moment, name, way) for name in names}
            after = moment.values(names, forward.ravel(), (moves.tag, rule, way), shocked)
            gained = np.stack(after) - np.tile(np.stack(before), len(chosen))
            gain = gain + SHARE**2 * weighted(weights, gained).reshape(forward.shape)
        damping = np.array([move.damping for move in chosen], object)[:, None]
        worst = np.maximum(worst, (-gain * damping).max(axis=0))
    return worst


def _shock(rule: Scenario, moment: Moment, name: str, direction: int) -> int:
    """Volatility of an option after it moved up (1), stayed (0) or moved down (-1), at 2^-30."""
    now = moment.volatility(name)
    if direction == 0:
        return now
    seconds = max(moment.seconds_left(moment.valuer.options[name]), rule.floor_days * DAY_SECONDS)
    scale = power_ratio(MONTH, seconds, rule.powers[seconds > MONTH])
    if direction < 0:
        return max(0, now * (SHARE * ONE - rule.down * scale) // (SHARE * ONE))
    moved = now * (SHARE * ONE + rule.up * scale) // (SHARE * ONE)
    return min(max(moved, rule.least_up * ONE // SHARE), black.VOLATILITY_LIMIT - 1)


def _net_short(group: Group) -> int:
    """Sum over strikes of the underlying's price times what of options is net short, u'."""
    by_strike: dict[tuple[str, int, int], list[HeldOption]] = {}
    for each in group.options:
        terms = each.terms
        by_strike.setdefault((terms.underlying, terms.expiry, terms.strike), []).append(each)
    return sum(
        -min(0, sum(each.size for each in held)) * held[0].forward for held in by_strike.values()
    )
