"""
Rules of maintenance margin that hold from one instant to the next (docs/explanation/margin.md 1).

A rate is a fraction, since 1/30 is no basis point; other shares are in 1/10^4. Who reads rules may
rely on what `policies.margin.reading` refuses.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeVar

from algebra.errors import Refused

SHARE = 10_000
"""1.0 of a share, a move or a volatility."""

_R = TypeVar("_R")


class Rate(NamedTuple):
    """numerator / denominator, 0 <= numerator, 1 <= denominator."""

    numerator: int
    denominator: int


class Bracket(NamedTuple):
    """Whole USD of notional from which `rate` is charged on what is above."""

    start: int
    rate: Rate


class Move(NamedTuple):
    """
    A scenario: the price moves by `price` (1/10^4), volatility goes up (1), stays (0) or goes down
    (-1), and `damping` (1/10^4) of the loss counts.
    """

    price: int
    volatility: int
    damping: int


class Coin(NamedTuple):
    """
    A coin as collateral: a balance in it is a position in `underlying`, of which `factor` (1/10^4)
    counts; what is owed counts in full.
    """

    name: str
    underlying: str
    factor: int


@dataclass(frozen=True, slots=True)
class Linear:
    """
    A perpetual or a dated future, by name; a name that ends in `*` stands for all that begin so.

    Attributes
    ----------
    underlying : positions on one underlying net
    brackets : ascending from 0, each part of the notional at its own rate
    slope : added to the rate for each unit of size
    """

    name: str
    underlying: str
    brackets: tuple[Bracket, ...]
    slope: Rate


@dataclass(frozen=True, slots=True)
class OptionRule:
    """
    Options on one underlying, charged one by one; shares in 1/10^4.

    Attributes
    ----------
    call, put : of the underlying's price, for a short call and a short put
    put_mark : of the mark, for a short put, where that is more
    long : what the venue lends on the value of a long option
    spread : whether an expiry may take its greatest loss at settlement instead
    unpaired : with `spread`, of the underlying's price, for each net short call of the expiry
    """

    underlying: str
    call: int
    put: int
    put_mark: int
    long: int
    spread: bool
    unpaired: int


@dataclass(frozen=True, slots=True)
class Scenario:
    """
    Portfolio margin on one underlying: the greatest loss over a list of moves; shares in 1/10^4.

    Attributes
    ----------
    moves : at least one each way
    up, down : by how much volatility moves at 30 days
    least_up : volatility is at least this when it moves up
    floor_days : days to expiry count at least this many
    powers : of (30 / days), up to 30 days and beyond
    factor : of the greatest loss
    perpetual : of the notional of each linear position, on top
    short_option : of the underlying's price, on top for each net short option of a strike
    """

    underlying: str
    moves: tuple[Move, ...]
    up: int
    down: int
    least_up: int
    floor_days: int
    powers: tuple[int, int]
    factor: int
    perpetual: int
    short_option: int


class VolatilityRange(NamedTuple):
    """Least and greatest volatility that is used, 1/10^4 a year."""

    least: int
    greatest: int


class Band(NamedTuple):
    """
    How far from the mark an execution may be before what it wins at once is a flow, 1/10^4: of the
    notional, and of the underlying's price for an option.
    """

    linear: int
    option: int


@dataclass(frozen=True)
class Rules:
    """What a venue asks from the instant `since` (microseconds since 1970 UTC) on."""

    document: str
    since: int
    band: Band
    volatility: VolatilityRange
    collateral: tuple[Coin, ...]
    linear: tuple[Linear, ...]
    option: tuple[OptionRule, ...]
    scenario: tuple[Scenario, ...]

    @cached_property
    def _coins(self) -> dict[str, Coin]:
        return {each.name: each for each in self.collateral}

    @cached_property
    def _linear(self) -> dict[str, Linear]:
        return {each.name: each for each in self.linear}

    @cached_property
    def _option(self) -> dict[str, OptionRule]:
        return {each.underlying: each for each in self.option}

    @cached_property
    def _scenario(self) -> dict[str, Scenario]:
        return {each.underlying: each for each in self.scenario}

    def find_linear(self, name: str) -> Linear | None:
        """The rule of a linear instrument: its own name first, then the longest `PREFIX*`."""
        found = self._linear.get(name)
        ends = range(len(name), -1, -1) if found is None else ()
        return next(
            (self._linear[key] for end in ends if (key := f"{name[:end]}*") in self._linear), found
        )

    def linear_of(self, name: str) -> Linear:
        """As `find_linear`; Refused (`refused.margin.rule`) where there is none."""
        return self._known(self.find_linear(name), name, "linear instrument")

    def find_coin(self, name: str) -> Coin | None:
        """A coin that counts as collateral."""
        return self._coins.get(name)

    def option_of(self, underlying: str) -> OptionRule:
        """The rule of options on an underlying; Refused (`refused.margin.rule`)."""
        return self._known(self._option.get(underlying), underlying, "option's underlying")

    def find_scenario(self, underlying: str) -> Scenario | None:
        """The portfolio rule of an underlying."""
        return self._scenario.get(underlying)

    def scenario_of(self, underlying: str) -> Scenario:
        """The portfolio rule of an underlying; Refused (`refused.margin.rule`)."""
        return self._known(self.find_scenario(underlying), underlying, "portfolio's underlying")

    def underlying_of(self, name: str) -> str:
        """
        What an option's `underlying` nets with: that of the linear instrument of this name, such as
        the future of its expiry, else the name itself.
        """
        found = self.find_linear(name)
        return name if found is None else found.underlying

    def _known(self, found: _R | None, name: str, what: str) -> _R:
        if found is None:
            raise Refused(
                "refused.margin.rule",
                f"margin document {self.document}: no rule for the {what} {name[:64]}; "
                "add one to it, or use another document",
                document=self.document,
                name=name,
            )
        return found
