"""Clocks, and products rounded against the account."""

from __future__ import annotations

from typing import Any

import z3

from tests.analysis.claims.case import (
    GREATEST_FACTOR,
    ONE,
    SECOND,
    SPAN,
    Claim,
    check,
    number,
)
from tests.analysis.formula import Program
from tests.analysis.lemmas import clock_says, clocks_say, product_says, products_say


def _clock() -> tuple[Any, ...]:
    start, target, since, first, second = z3.Ints("from target since first second")
    given = z3.And([z3.And(value >= 0, value < SECOND) for value in (start, target, since, first)])
    return start, target, since, first, second, z3.And(given, second >= first, second < SECOND)


@check(("Glide", "+ SPAN - 1) / SPAN", "+ 2 * SPAN) / SPAN"))
def a_clock_stays_between(p: Program) -> Claim:
    """A clock is never above its target, and below where it started only for a lower target."""
    start, target, since, time, _, given = _clock()
    value = p.call("Glide.ramp", start, target, since, time)
    return Claim(given, z3.And(value <= target, z3.Implies(target >= start, value >= start)))


@check(
    ("Glide", "(time - since) + SPAN", "(since + SPAN - time) + SPAN"),
    ("Glide", "time >= since + SPAN", "time >= since + 2 * SPAN"),
)
def a_clock_rises_slowly_and_arrives(p: Program) -> Claim:
    """
    As seconds pass a clock never falls; in 12 seconds it rises by at most 1 for each 7,200 that it
    has to rise in all; a day after it began it has arrived.
    """
    start, target, since, first, second, given = _clock()
    before, after = (p.call("Glide.ramp", start, target, since, t) for t in (first, second))
    rise = z3.If(target > start, target - start, 0)
    slow = z3.Implies(second - first <= 12, after - before <= (rise + 7_199) / 7_200)
    return Claim(
        given,
        z3.And(before <= after, slow, z3.Implies(second >= since + SPAN, after == target)),
    )


@check(
    ("Glide", "Math.min(next, held), time", "next, time"),
    ("Glide", "next > target ?", "next < target ?"),
)
def a_clock_for_another_target_does_not_jump(p: Program) -> Claim:
    """
    Given another target a clock stands where it stood, or lower; and a target that does not rise
    leaves it its start.
    """
    start, target, since, now, _, given = _clock()
    following, limit = number("next", SECOND)
    held = p.call("Glide.ramp", start, target, since, now)
    again, begun = p.call("Glide.retarget", start, target, since, following, held, now)
    value = p.call("Glide.ramp", again, following, begun, now)
    kept = z3.Implies(following <= target, z3.And(again == start, begun == since))
    return Claim(z3.And(given, limit), z3.And(value <= held, kept))


@check(("Glide", "+ ONE - 1) / ONE", ") / ONE"))
def products_are_rounded_against_the_account(p: Program) -> Claim:
    """A product is the least whole number that is not below it."""
    amount, first = number("amount", SECOND)
    factor, second = number("factor", SECOND)
    value = p.call("Glide.scaled", amount, factor)
    exact = amount * factor
    return Claim(z3.And(first, second), z3.And(value * ONE >= exact, value * ONE < exact + ONE))


@check(("Glide", "+ SPAN - 1) / SPAN", "+ SPAN - 1) / (SPAN - 1 hours)"))
def clocks_agree(p: Program) -> Claim:
    """What other claims take of clocks (`lemmas.py`)."""
    start, target, since, first, second, given = _clock()
    following, limit = number("next", SECOND)
    begins, also = number("other from", SECOND)
    one, other = (
        (p.call("Glide.ramp", *parts, since, time), *parts, since, time)
        for parts, time in (((start, target), first), ((begins, following), second))
    )
    given = z3.And(given, limit, also)
    return Claim(given, z3.And(clock_says(*one), clocks_say(one, other)))


@check(("Glide", "+ ONE - 1) / ONE", "+ ONE) / ONE"))
def products_agree(p: Program) -> Claim:
    """What other claims take of products (`lemmas.py`)."""
    numbers = [number(name, SECOND) for name in ("amount", "factor", "larger", "stricter")]
    amount, factor, larger, stricter = (value for value, _ in numbers)
    one, other = (
        (p.call("Glide.scaled", *parts), *parts) for parts in ((amount, factor), (larger, stricter))
    )
    given = z3.And([limit for _, limit in numbers])
    return Claim(given, z3.And(product_says(*one), products_say(one, other)))


@check(("Glide", "+ ONE - 1) / ONE", "+ ONE) / ONE"))
def divided_and_multiplied_again(p: Program) -> Claim:
    """A margin divided by a factor, rounded down, times that factor is not above it."""
    margin, first = number("margin", 1 << 16)
    factor, second = number("factor", GREATEST_FACTOR + 1)
    part = margin * ONE / factor
    value = p.call("Glide.scaled", part, factor)
    given = z3.And(first, second, factor >= ONE)
    return Claim(given, z3.And(value <= margin, part <= margin, part >= 0))
