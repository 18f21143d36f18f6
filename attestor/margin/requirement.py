"""
Maintenance margin, at the marks and at moved prices (docs/explanation/margin.md 2, 4).

Where prices move, money is in u' at 2^-30: an array of Python integers, one for each move, so that
nothing overflows and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import lcm
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attestor.margin import black
from attestor.margin.account import MONEY, UNIT, Group, HeldLinear, HeldOption
from attestor.margin.fixed_point import ONE, POINT, Ints, power_ratio
from attestor.margin.moment import Moment
from policies.margin import Linear, Scenario
from policies.margin.rules import SHARE

Money = NDArray[np.object_]
"""Python integers, one for each move."""
DAY_SECONDS = 86_400
MONTH = 30 * DAY_SECONDS


class Moves(NamedTuple):
    """F' / F at 2^-30, shape (columns,), the first 1; and a name for a `Valuer`'s memory."""

    tag: object
    forward: Ints


STILL = Moves("still", np.array([ONE], np.int64))
"""No move at all."""


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


def linear_margin(rule: Linear, notional: Any, size: int) -> Any:
    """
    Maintenance margin (u', rounded up) of |notional| (u') and |size| (1e-18): each part of the
    notional at its bracket's rate, and the whole at the slope's rate a unit of size.

    `notional` is an integer or an array of them.
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
    """|notional| times the rate of its last unit, u', rounded up: m of the distance."""
    whole, notional = _whole(held.rule), abs(held.notional)
    rate = (
        whole.slope * abs(held.size)
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


def weighted(weights: Sequence[int], units: Ints) -> Money:
    """
    Sum over rows of weight times unit, exactly.

    Parameters
    ----------
    weights : of any size, signed
    units : shape (rows, columns), |unit| below 2^45; at most 2^10 rows

    Notes
    -----
    Weights are cut into limbs so short that 64 bits hold the sum of a limb's products.
    """
    most = int(np.abs(units).max())
    bits = 62 - most.bit_length() - len(weights).bit_length()
    sizes = [abs(weight) for weight in weights]
    limbs: list[list[int]] = []
    while any(sizes) or not limbs:
        limbs.append([size & ((1 << bits) - 1) for size in sizes])
        sizes = [size >> bits for size in sizes]
    signs = np.array([1 if weight >= 0 else -1 for weight in weights])
    out: Money = np.zeros(units.shape[1], object)
    for part in reversed((np.array(limbs) * signs) @ units):
        out = (out << bits) + part.astype(object)
    return out


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
    options: Sequence[HeldOption], charges: Money, value: Money, forward: Money
) -> Money:
    """
    The lesser of an expiry's charges and, with `spread`, of its value, its greatest loss and what
    its unpaired short calls pay; money at 2^-30, `forward` as in `Moves`.
    """
    rule = options[0].rule
    if rule is None or not rule.spread:
        return charges
    short = -min(0, sum(each.size for each in options if each.terms.call))
    unpaired = -(-short * options[0].forward * rule.unpaired * forward // SHARE)
    least: Money = np.minimum(charges, value + (_settlement_loss(options) << POINT) + unpaired)
    return least


def option_margin(options: Sequence[HeldOption]) -> int:
    """Maintenance margin of the options of one expiry at their marks, u', each rounded up."""
    charges = 0
    for each in options:
        of_price, of_mark = _charge_rates(each)
        charges -= -max(each.weight * of_price, abs(each.value) * of_mark) // SHARE
    value = sum(each.value for each in options)
    at_marks = (np.array([each << POINT], object) for each in (charges, value, 1))
    return -(-int(_expiry_margin(options, *at_marks)[0]) >> POINT)


# -- portfolios ------------------------------------------------------------------------------------
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


def _scenario_loss(group: Group, rule: Scenario, moment: Moment, moves: Moves) -> Money:
    """Greatest damped loss over the rule's moves from each moved price, 10^4 times u' at 2^-30."""
    names = [each.name for each in group.options]
    weights = [group.moving, *(each.size * each.forward for each in group.options)]
    before = moment.values(names, moves.forward, moves.tag)
    worst: Money = np.zeros(len(moves.forward), object)
    for way in (-1, 0, 1):
        chosen = [move for move in rule.moves if move.volatility == way]
        if not chosen:
            continue
        shift = np.array([ONE * (SHARE + move.price) // SHARE for move in chosen], np.int64)
        forward = (moves.forward * shift[:, None]) >> POINT
        shocked = {name: _shock(rule, moment, name, way) for name in names}
        after = moment.values(names, forward.ravel(), (moves.tag, rule, way), shocked)
        lost = [
            now - np.tile(was, len(chosen))
            for was, now in zip((moves.forward, *before), (forward.ravel(), *after), strict=True)
        ]
        gain = weighted(weights, np.stack(lost)).reshape(forward.shape)
        damping = np.array([move.damping for move in chosen], object)[:, None]
        worst = np.maximum(worst, (-gain * damping).max(axis=0))
    return worst


def _net_short(group: Group) -> int:
    """Sum over strikes of the underlying's price times what of options is net short, u'."""
    by_strike: dict[tuple[str, int, int], list[HeldOption]] = {}
    for each in group.options:
        terms = each.terms
        by_strike.setdefault((terms.underlying, terms.expiry, terms.strike), []).append(each)
    return sum(
        -min(0, sum(each.size for each in held)) * held[0].forward for held in by_strike.values()
    )


def _scenario_margin(group: Group, rule: Scenario, moment: Moment, moves: Moves) -> Money:
    """Maintenance margin of a portfolio on one underlying, u' at 2^-30, rounded up."""
    on_top = rule.perpetual * sum(abs(each.notional) for each in group.linear)
    on_top += rule.short_option * _net_short(group)
    total: Money = _scenario_loss(group, rule, moment, moves) * rule.factor
    total = total + on_top * SHARE * moves.forward.astype(object)
    out: Money = -(-total // (SHARE * SHARE))
    return out


# -- a group ---------------------------------------------------------------------------------------
def margin(group: Group, moment: Moment) -> int:
    """Maintenance margin M of what nets on one underlying, at the marks, u'."""
    if group.scenario is not None:
        return -(-int(_scenario_margin(group, group.scenario, moment, STILL)[0]) >> POINT)
    linear = sum(
        int(linear_margin(each.rule, abs(each.notional), abs(each.size))) for each in group.linear
    )
    return linear + sum(option_margin(each) for each in group.expiries())


def free(group: Group, moment: Moment, moves: Moves) -> Money:
    """
    What moves of E - M when the underlying alone moves, u' at 2^-30, for each move: differences of
    it are the change of equity less the change of margin.
    """
    forward: Money = moves.forward.astype(object)
    out: Money = group.moving * forward
    if group.scenario is not None:
        if group.options:
            signed = [each.size * each.forward for each in group.options]
            out = out + weighted(signed, _unit_values(moment, group, moves))
        out = out - _scenario_margin(group, group.scenario, moment, moves)
        return out
    for linear in group.linear:
        notional = abs(linear.notional) * forward >> POINT
        out = out - (linear_margin(linear.rule, notional, abs(linear.size)) << POINT)
    if group.options:
        out = out + _free_of_options(group, moment, moves)
    return out


def _free_of_options(group: Group, moment: Moment, moves: Moves) -> Money:
    """The options' part of `free`."""
    options = group.options
    values = _unit_values(moment, group, moves)
    charges = _unit_charges(options, values, moves.forward)
    values = values * np.array([[1 if each.size > 0 else -1] for each in options])
    rule = options[0].rule
    if rule is None or not rule.spread:
        return weighted([each.weight for each in options], values - charges)
    out: Money = np.zeros(len(moves.forward), object)
    for expiry in group.expiries():
        rows = [options.index(each) for each in expiry]
        weights = [each.weight for each in expiry]
        value, charge = weighted(weights, values[rows]), weighted(weights, charges[rows])
        forward = moves.forward.astype(object)
        out = out + value - _expiry_margin(expiry, charge, value, forward)
    return out
