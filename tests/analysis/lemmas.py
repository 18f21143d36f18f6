"""
What is proven of a clock, a product and the regime's factor, put in the place of their text.

A claim about many of them at once is beyond a solver that multiplies; by what was proven of each
alone it is not. `Lemmas` replaces their calls by unknown functions, of which it says no more than
the claims `clocks_agree`, `products_agree` and `factors_are_bounded_and_opening_is_stricter` prove.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import z3

from tests.analysis.formula import Program
from tests.analysis.values import Duty

SPAN = 86_400
ONE = 10_000
GREATEST_FACTOR = 30_000
FLAT = 2_500
SECOND = 2**32


def clock_says(value: Any, start: Any, target: Any, since: Any, time: Any) -> Any:
    """Of one clock."""
    rises = target > start
    short = z3.And(rises, target <= 2 * FLAT)
    return z3.And(
        z3.Implies(z3.Not(rises), value == target),
        z3.Implies(rises, z3.And(value >= start, value <= target)),
        z3.Implies(z3.And(rises, time <= since), value == start),
        z3.Implies(time >= since + SPAN, value == target),
        z3.Implies(z3.And(short, time <= since + 12), value <= start + 1),
        z3.Implies(z3.And(short, time >= since + SPAN - 12), value >= target - 1),
    )


def clocks_say(one: tuple[Any, ...], other: tuple[Any, ...]) -> Any:
    """
    Of two clocks that began in one second, (value, from, target, since, time) each: from one start
    they order as targets and seconds do, and in 12 seconds a clock rises by no more than 1 and what
    its start and its target are higher.
    """
    value, start, target, since, time = one
    later_value, later_start, later_target, later_since, later = other
    ordered = z3.And(start == later_start, target <= later_target, time <= later)
    small = z3.And(target <= 2 * FLAT, later_target <= 2 * FLAT, later <= time + 12)
    higher = [z3.If(b > a, b - a, 0) for a, b in ((start, later_start), (target, later_target))]
    rise = z3.If(higher[0] > higher[1], higher[0], higher[1])
    return z3.Implies(
        since == later_since,
        z3.And(
            z3.Implies(ordered, value <= later_value),
            z3.Implies(small, later_value - value <= 1 + rise),
        ),
    )


def product_says(value: Any, amount: Any, factor: Any) -> Any:
    """Of one product."""
    return z3.And(
        z3.Implies(factor >= ONE, value >= amount),
        z3.Implies(factor == ONE, value == amount),
        z3.Implies(factor <= GREATEST_FACTOR, value <= 3 * amount),
        z3.Implies(factor <= 15_000, 2 * value <= 3 * amount + 1),
    )


def products_say(one: tuple[Any, ...], other: tuple[Any, ...]) -> Any:
    """
    Of two products (value, amount, factor): they order as their parts do; where a margin rises by
    2 at most, to `n` more, and a factor by at most 3/10^4, a product that was at most 2,500 rises
    by at most 3 n + 1.
    """
    value, amount, factor = one
    greater, larger, stricter = other
    near = z3.And(factor >= ONE, stricter <= factor + 3, stricter <= GREATEST_FACTOR)
    rise = z3.If(larger > amount, larger - amount, 0)
    return z3.And(
        z3.Implies(z3.And(amount <= larger, factor <= stricter), value <= greater),
        z3.Implies(z3.And(near, value <= FLAT, rise <= 2), greater - value <= 3 * rise + 1),
    )


class Lemmas:
    """`said` is what may be assumed of the calls so far."""

    def __init__(self, p: Program, strictest: Any) -> None:
        self.p, self.strictest = p, strictest
        self.facts: list[Any] = []
        self.clocks: list[tuple[Any, ...]] = []
        self.products: list[tuple[Any, ...]] = []
        whole = z3.IntSort()
        self._ramp = z3.Function("ramp", *[whole] * 5)
        self._scaled = z3.Function("scaled", *[whole] * 3)
        self._maintenance = z3.Function("maintenance factor", whole, whole)
        self._opening = z3.Function("opening factor", whole, whole)
        self._goal = z3.Function("goal", whole, whole)
        p.summaries = {
            "Glide.ramp": self.ramp,
            "Glide.scaled": self.scaled,
            "Regime.maintenanceFactor": lambda path, market, strictest, time: [
                self.factor(self._maintenance, time)
            ],
            "Regime.openingFactor": lambda path, market, strictest, time: [
                self.factor(self._opening, time)
            ],
            "Regime.goal": lambda path, market, strictest, time: [self._goal(time)],
        }

    def ramp(self, path: Any, *arguments: Any) -> list[Any]:
        """In the place of `Glide.ramp`."""
        value = self._ramp(*arguments)
        self._within(path, arguments)
        self.clocks.append((value, *arguments))
        return [value]

    def scaled(self, path: Any, *arguments: Any) -> list[Any]:
        """In the place of `Glide.scaled`."""
        value = self._scaled(*arguments)
        self._within(path, arguments)
        self.products.append((value, *arguments))
        return [value]

    def factor(self, of: Any, time: Any) -> Any:
        """In the place of a factor of the regime; the market is the same throughout."""
        low, high = self._maintenance(time), self._opening(time)
        self.facts.append(z3.And(low >= ONE, low <= high, high <= self.strictest))
        return of(time)

    def _within(self, path: Any, arguments: tuple[Any, ...]) -> None:
        for each in arguments:
            self.p.duties.append(Duty(path, z3.And(each >= 0, each < SECOND), "a lemma"))

    def said(self) -> Any:
        """All of it."""
        pairs = [
            says(*both)
            for says, calls in ((clocks_say, self.clocks), (products_say, self.products))
            for one, other in combinations(calls, 2)
            for both in ((one, other), (other, one))
        ]
        alone = [clock_says(*call) for call in self.clocks]
        alone += [product_says(*call) for call in self.products]
        return z3.And(self.facts + alone + pairs)
