"""
What a venue liquidates as a whole, and what the venue's rules make of its positions
(docs/explanation/margin.md 2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from policies.margin import Coin, Linear, OptionRule, Scenario

UNIT = 10**18
"""1.0 of a size or a price."""
MONEY = UNIT * UNIT
"""1 USD in u'."""


class OptionTerms(NamedTuple):
    """
    An option: of which price it is one, its strike (1e-18) and its expiry (microseconds).

    `underlying` is the instrument whose price it is valued at: the future of its expiry where there
    is one.
    """

    underlying: str
    call: bool
    strike: int
    expiry: int


class Mark(NamedTuple):
    """
    A price of an instant (1e-18, >= 0), and what a venue says of an option beside it (1e-8): its
    volatility a year and its delta, signed.
    """

    price: int
    volatility: int | None = None
    delta: int | None = None


@dataclass(frozen=True, slots=True)
class MarginAccount:
    """
    The cross part of an account, or an isolated position with the margin set aside for it.

    Attributes
    ----------
    cash : u', what of the equity no price moves: the balance less the signed cost of every position
    sizes : signed size (1e-18) by instrument; coins that serve as collateral are instruments too;
        of an inverse contract the coins that it was worth at its entry
    faces : signed face of each inverse contract, u'; it stands in `cash` as a cost does
    portfolio : whether the venue margins it as a portfolio, by scenarios
    """

    cash: int
    sizes: Mapping[str, int]
    portfolio: bool = False
    faces: Mapping[str, int] = field(default_factory=dict)


class HeldLinear(NamedTuple):
    """
    A linear position: signed size and notional (u') at the price of now.

    `face` is an inverse contract's, u', signed: its margin is charged on the face, which no price
    moves, while size and notional are of the coins that it was worth at its entry.
    """

    size: int
    notional: int
    rule: Linear
    face: int | None = None

    @property
    def charged(self) -> tuple[int, int]:
        """What margin is charged on: |notional| (u') and |size| (1e-18), of now."""
        if self.face is None:
            return abs(self.notional), abs(self.size)
        price = self.notional // self.size
        return abs(self.face), -(-abs(self.face) // price)


class HeldCoin(NamedTuple):
    """A balance in a coin: what it counts in the equity, u', signed."""

    counted: int
    gross: int


class HeldOption(NamedTuple):
    """
    A position in an option: signed size, the price of its underlying (1e-18) and of itself, and
    |delta| (1e-8).
    """

    name: str
    terms: OptionTerms
    size: int
    forward: int
    price: int
    delta: int
    rule: OptionRule | None

    @property
    def value(self) -> int:
        """At the mark, u', signed."""
        return self.size * self.price

    @property
    def weight(self) -> int:
        """|size| of the underlying at its price, u'."""
        return abs(self.size) * self.forward


@dataclass(slots=True)
class Group:
    """
    All that nets: the positions of a margin account on one underlying.

    `still` is what their value has beside what moves with the price, u', options apart.
    """

    scenario: Scenario | None = None
    still: int = 0
    linear: list[HeldLinear] = field(default_factory=list)
    coins: list[HeldCoin] = field(default_factory=list)
    options: list[HeldOption] = field(default_factory=list)

    @property
    def moving(self) -> int:
        """What of the equity moves in proportion to the price, u': n_u."""
        return sum(each.notional for each in self.linear) + sum(each.counted for each in self.coins)

    @property
    def equity(self) -> int:
        """At the marks, u'; a margin account's is its cash and this of every group."""
        return self.still + self.moving + sum(each.value for each in self.options)

    @property
    def gross(self) -> int:
        """Gross exposure, u': |notional|, for options |delta| of the underlying, rounded up."""
        return (
            sum(abs(each.notional) for each in self.linear)
            + sum(each.gross for each in self.coins)
            + sum(-(-each.weight * each.delta // 10**8) for each in self.options)
        )

    def expiries(self) -> list[list[HeldOption]]:
        """The options by underlying instrument and expiry: what settles at one price."""
        found: dict[tuple[str, int], list[HeldOption]] = {}
        for each in self.options:
            found.setdefault((each.terms.underlying, each.terms.expiry), []).append(each)
        return list(found.values())


def counted(coin: Coin, value: int) -> int:
    """What a balance worth `value` (u') counts: its factor, rounded down; what is owed in full."""
    return value if value <= 0 else value * coin.factor // 10_000
