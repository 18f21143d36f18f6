"""
Maintenance margin, at the marks and at moved prices (docs/explanation/margin.md 2, 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import lcm
from typing import Any, NamedTuple

import numpy as np

from attestor.margin.account import MONEY, UNIT, Group, HeldLinear, HeldOption
from attestor.margin.fixed_point import POINT, Ints
from attestor.margin.moment import Moment
from attestor.margin.money import SCALE, STILL, Money, Moves, weighted
from attestor.margin.portfolio import scenario_margin
from policies.margin import Linear
from policies.margin.rules import SHARE


# -- linear ----------------------------------------------------------------------------------------
class _Whole(NamedTuple):
    """A linear rule over one denominator: (start in u', numerator) of each bracket, and slope."""

    denominator: int
    brackets: tuple[tuple[int, int], ...]
    slope: int


@cache
def _whole(rule: Linear) -> _Whole:
    slope = rule.slope
    denominator = lcm(*(each.rate.denominator for each in rule.brackets))
    if slope.numerator:
        denominator = lcm(denominator, slope.denominator * UNIT)
    return _Whole(
        denominator,
        tuple(
            (each.start * MONEY, each.rate.numerator * (denominator // each.rate.denominator))
            for each in rule.brackets
        ),
        slope.numerator * denominator // (slope.denominator * UNIT),
    )


def linear_margin(rule: Linear, notional: Any, size: Any) -> Any:
    """
    Maintenance margin (u', rounded up) of |notional| (u') and |size| (1e-18): each part of the
    notional at its bracket's rate, and the whole at the slope's rate a unit of size.

    Both are integers or arrays of them.
    """
    whole = _whole(rule)
    total = notional * (whole.slope * size)
    before = 0
    for start, numerator in whole.brackets:  # what a bracket adds to the rate of the one before
        above = notional - start
        total = total + (above * (above > 0)) * (numerator - before)
        before = numerator
    return -(-total // whole.denominator)


def marginal_margin(held: HeldLinear) -> int:
    """
    |notional| times the rate of its last unit, u', rounded up: m of the distance.

    An inverse contract's face stands still, and its size in coins shrinks as the price grows: of
    its margin the slope's part alone moves, and the other way.
    """
    whole, (notional, size) = _whole(held.rule), held.charged
    if held.face is not None:
        return -(notional * size * whole.slope // whole.denominator)
    rate = (
        whole.slope * size
        + max((at for at in whole.brackets if at[0] < notional), default=whole.brackets[0])[1]
    )
    return -(-notional * rate // whole.denominator)


# -- options, one by one or by expiry --------------------------------------------------------------
def _unit_values(moment: Moment, group: Group, moves: Moves) -> Ints:
    """
    Value of one of each option, in units of its underlying's price at 2^-30, shape (options,
    columns): mark + B' - B.
    """
    names = [each.name for each in group.options]
    moved = np.stack(moment.values(names, moves.forward, moves.tag))
    marks = np.array([moment.row(name).mark for name in names])
    return marks[:, None] + moved - moved[:, :1]


def _charge_rates(held: HeldOption) -> tuple[int, int]:
    """An option is charged the greater of a share of the underlying's price and one of its mark."""
    rule = held.rule
    if rule is None:
        raise ValueError("an option in a portfolio has no charge of its own")
    if held.size > 0:
        return 0, SHARE - rule.long
    return (rule.call, 0) if held.terms.call else (rule.put, rule.put_mark)


def _unit_charges(options: Sequence[HeldOption], values: Ints, forward: Ints) -> Ints:
    """Charge of one of each, as `_unit_values`, rounded up."""
    rates = np.array([_charge_rates(each) for each in options])
    of_mark = values * rates[:, 1:]
    long = np.array([[each.size > 0] for each in options])
    charges: Ints = -(
        -np.where(long, of_mark, np.maximum(forward * rates[:, :1], of_mark)) // SHARE
    )
    return charges


def _settlement_loss(options: Sequence[HeldOption]) -> int:
    """Greatest loss of an expiry at settlement, u': at price 0 and at each strike."""

    def payoff(price: int) -> int:
        return sum(
            each.size * max(0, price - strike if each.terms.call else strike - price)
            for each in options
            for strike in (each.terms.strike,)
        )

    return max(0, *(-payoff(price) for price in {0, *(each.terms.strike for each in options)}))


def _expiry_margin(
    options: Sequence[HeldOption], charges: Money, value: Money, moves: Moves
) -> Money:
    """
    The lesser of an expiry's charges and, with `spread`, of its value, its greatest loss and what
    its unpaired short calls pay.
    """
    rule = options[0].rule
    if rule is None or not rule.spread:
        return charges
    short = -min(0, sum(each.size for each in options if each.terms.call))
    unpaired = -(-short * options[0].forward * rule.unpaired * (moves.steps << POINT) // SHARE)
    least: Money = np.minimum(charges, value + _settlement_loss(options) * SCALE + unpaired)
    return least


def option_margin(options: Sequence[HeldOption]) -> int:
    """Maintenance margin of the options of one expiry at their marks, u', each rounded up."""
    charges = 0
    for each in options:
        of_price, of_mark = _charge_rates(each)
        charges -= -max(each.weight * of_price, abs(each.value) * of_mark) // SHARE
    value = sum(each.value for each in options)
    charged, worth = (np.array([each * SCALE], object) for each in (charges, value))
    return -(-int(_expiry_margin(options, charged, worth, STILL)[0]) // SCALE)


# -- a group ---------------------------------------------------------------------------------------
def margin(group: Group, moment: Moment) -> int:
    """Maintenance margin M of what nets on one underlying, at the marks, u'."""
    if group.scenario is not None:
        return -(-int(scenario_margin(group, group.scenario, moment, STILL)[0]) // SCALE)
    linear = sum(int(linear_margin(each.rule, *each.charged)) for each in group.linear)
    return linear + sum(option_margin(each) for each in group.expiries())


def free(group: Group, moment: Moment, moves: Moves) -> Money:
    """
    What moves of E - M when the underlying alone moves, for each move: differences of it are the
    change of equity less the change of margin.
    """
    out: Money = group.moving * (moves.steps << POINT)
    if group.scenario is not None:
        if group.options:
            signed = [each.size * each.forward for each in group.options]
            out = out + SHARE * weighted(signed, _unit_values(moment, group, moves))
        out = out - scenario_margin(group, group.scenario, moment, moves)
        return out
    for linear in group.linear:
        out = out - linear_margin(linear.rule, *_charged_at(linear, moves)) * SCALE
    if group.options:
        out = out + _free_of_options(group, moment, moves)
    return out


def _charged_at(linear: HeldLinear, moves: Moves) -> tuple[Money, Any]:
    """What margin is charged on at each moved price: |notional| (u') and |size| (1e-18)."""
    notional, size = linear.charged
    if linear.face is None:
        return notional * moves.steps // SHARE, size
    face: Money = np.full(len(moves.steps), notional, object)
    return face, -(-size * SHARE // np.maximum(moves.steps, 1))


def _free_of_options(group: Group, moment: Moment, moves: Moves) -> Money:
    """The options' part of `free`."""
    options = group.options
    values = _unit_values(moment, group, moves)
    charges = _unit_charges(options, values, moves.forward)
    values = values * np.array([[1 if each.size > 0 else -1] for each in options])
    rule = options[0].rule
    if rule is None or not rule.spread:
        kept: Money = SHARE * weighted([each.weight for each in options], values - charges)
        return kept
    out: Money = np.zeros(len(moves.forward), object)
    for expiry in group.expiries():
        rows = [options.index(each) for each in expiry]
        weights = [each.weight for each in expiry]
        value = SHARE * weighted(weights, values[rows])
        charge = SHARE * weighted(weights, charges[rows])
        out = out + value - _expiry_margin(expiry, charge, value, moves)
    return out
