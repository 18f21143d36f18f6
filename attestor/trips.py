"""
Trips: what the owner made of an instrument from leaving zero to coming back to it
(docs/explanation/metrics.md A9).

A trip looks at all accounts of the owner together, so it ends neither when a position moves to
another wallet of his nor sooner when fills are split.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple


class Execution(NamedTuple):
    """
    Signed size (1e-18), the cash that it brings (u', negative when bought) and the fee paid (u').

    Of an inverse contract the size is its face, and cash and fee are coins (1e-18). `fill`: whether
    somebody traded it with another; coins that move and what is booked are none.
    """

    size: int
    cash: int
    fee: int
    fill: bool = True

    def __add__(self, other: object) -> Execution:
        """Both as one: their net size, cash and fee."""
        if not isinstance(other, Execution):
            return NotImplemented
        return Execution(
            self.size + other.size,
            self.cash + other.cash,
            self.fee + other.fee,
            self.fill or other.fill,
        )

    def cut(self, size: int) -> tuple[Execution, Execution]:
        """The part of `size` (same sign, not more), rounded down, and the rest."""
        whole = abs(self.size)
        part = abs(size)
        first = self._replace(
            size=size, cash=self.cash * part // whole, fee=self.fee * part // whole
        )
        return first, self._replace(
            size=self.size - size, cash=self.cash - first.cash, fee=self.fee - first.fee
        )


@dataclass(slots=True)
class _Open:
    """
    A trip under way: signed size, cash in less cash out less fees so far, and whether a fill took
    part.
    """

    size: int
    money: int
    fill: bool

    @classmethod
    def by(cls, done: Execution) -> _Open:
        """As an execution begins it."""
        return cls(done.size, done.cash - done.fee, done.fill)


class Trips:
    """The owner's open trips by instrument."""

    def __init__(self) -> None:
        self._open: dict[str, _Open] = {}

    def execute(self, instrument: str, done: Execution) -> int | None:
        """
        Take in an execution of any account; what the trip that it ends has made (u'), if it ends
        one in which a fill took part.

        An execution that crosses zero is cut: one part ends the trip, the rest begins the next.
        """
        trip = self._open.get(instrument)
        if trip is None:
            if done.size:
                self._open[instrument] = _Open.by(done)
            return None
        after = trip.size + done.size
        if after and (after > 0) == (trip.size > 0):
            trip.size, trip.money = after, trip.money + done.cash - done.fee
            trip.fill |= done.fill
            return None
        last, rest = done.cut(-trip.size)
        del self._open[instrument]
        if rest.size:
            self._open[instrument] = _Open.by(rest)
        return trip.money + last.cash - last.fee if trip.fill or last.fill else None

    def finish(self) -> Iterator[tuple[str, int]]:
        """
        The trips with a fill that are open at the window's end, by name of the instrument: it, and
        the money so far, without what the owner's position is worth then.
        """
        for name in sorted(self._open):
            if self._open[name].fill:
                yield name, self._open[name].money
        self._open.clear()
