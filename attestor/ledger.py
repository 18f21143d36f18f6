"""
One account's books: positions and the three accumulators (docs/explanation/metrics.md A3).

Everything is exact in u' = 1e-36 USD. Cents appear only where a record books the change of the
floor of an accumulator, so no residue is ever dropped and opening + sum of values = closing holds
to the cent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from attestor.statement import CENT, UNIT, Coin, Fill, coins


class Applied(NamedTuple):
    """
    A position after a fill: size (1e-18), cost (u'), realised pnl (u'; of an inverse contract coins
    of 1e-18), and whether the fill reduced the old one.
    """

    size: int
    cost: int
    realised: int
    closing: bool


def apply_fill(size: int, cost: int, traded: int, price: int) -> Applied:
    """
    The pnl rule A3: average cost, the rounding of the part that leaves stays in the cost.

    Parameters
    ----------
    size, cost : the position before, 1e-18 (signed) and u' (signed)
    traded : signed size of the fill, 1e-18
    price : 1e-18, at least 0

    Notes
    -----
    A fill that turns the position round closes the whole old one (`closing`) and opens the rest at
    `price`. The rule gives the venue's own Closed PnL (tests/attestor/test_venue_pnl.py).
    """
    realised, closing = 0, False
    if size * traded < 0:
        closing = True
        sign = 1 if size > 0 else -1
        closed = min(abs(traded), abs(size))
        out = (1 if cost >= 0 else -1) * (abs(cost) * closed // abs(size))
        realised = sign * price * closed - out
        cost -= out
        size -= sign * closed
        traded += sign * closed
    return Applied(size + traded, cost + traded * price, realised, closing)


def apply_inverse(size: int, cost: int, traded: int, price: int) -> Applied:
    """
    A3 for an inverse contract, which is held as the coins that it was worth at its entry and owes
    its face.

    Parameters
    ----------
    size, cost : the position before: coins (1e-18, signed) and face (u', signed)
    traded : signed face of the fill, 1e-18 USD
    price : 1e-18, above 0

    Notes
    -----
    Of what leaves, the venue pays in coins what it was worth at entry less what it is worth now.
    """
    face = cost // UNIT
    realised, closing = 0, face * traded < 0
    if closing:
        out = (1 if size >= 0 else -1) * (abs(size) * min(abs(traded), abs(face)) // abs(face))
        left = face + traded if abs(traded) <= abs(face) else 0
        realised = out + coins(left - face, price)
        size, traded, face = size - out, face + traded - left, left
    return Applied(size + coins(traded, price), (face + traded) * UNIT, realised, closing)


def floor_cents(amount: int) -> int:
    """u' to cents, towards minus infinity."""
    return amount // CENT


@dataclass(slots=True)
class Holding:
    """
    Position in one instrument: signed size (1e-18) and signed cost (u'); of an inverse contract the
    coins that it was worth at its entry, and its face.
    """

    size: int = 0
    cost: int = 0
    inverse: bool = False

    @property
    def stated(self) -> int:
        """The signed size that the venue states, 1e-18: of an inverse contract the face."""
        return self.cost // UNIT if self.inverse else self.size

    @property
    def unit_cost(self) -> int:
        """
        Cost by size, 1e-18, at least 0: at this price the position has made nothing, to less than
        a unit of price, and is rounded so that it has lost nothing.
        """
        return max(0, -(-self.cost // self.size) if self.size > 0 else self.cost // self.size)


class Valued(NamedTuple):
    """Unrealised pnl and gross exposure of a wallet, u'."""

    unrealised: int
    gross: int


class Prices(Protocol):
    """Prices of now (`attestor.prices.PriceBoard`)."""

    def price(self, name: str, cost: int | None = None) -> int:
        """Price of an instrument, 1e-18; raises where there is none."""
        ...

    def exposure(self, name: str, size: int, cost: int | None = None) -> int:
        """
        Gross exposure (u', rounded up) of |size| of an instrument: |q| p, for an option |delta| q p
        of the underlying.
        """
        ...


@dataclass(slots=True)
class Book:
    """
    A wallet in the window.

    `opening` is the floor in cents of its opening equity; the fraction starts in `trading`.
    `carry_booked` is the part of `carry` that a record has booked. `deposits` is opening equity
    plus all that comes in during the window, for A7. `isolated` is what is set aside for a position
    alone, by instrument (`attestor.statement.Isolated`), and `isolated_at` the instant at which the
    venue said so.
    """

    wallet: str
    opening: int = 0
    trading: int = 0
    carry: int = 0
    carry_booked: int = 0
    carry_lines: int = 0
    flows: int = 0
    deposits: int = 0
    holdings: dict[str, Holding] = field(default_factory=dict)
    isolated: dict[str, int] = field(default_factory=dict)
    isolated_at: dict[str, int] = field(default_factory=dict)

    @property
    def balance(self) -> int:
        """Exact cash, u'."""
        return self.opening * CENT + self.trading + self.carry + self.flows

    @property
    def closing(self) -> int:
        """
        Cents that the records have booked: at most 3 below the exact balance once carry is booked.
        """
        return (
            self.opening
            + floor_cents(self.trading)
            + floor_cents(self.carry_booked)
            + floor_cents(self.flows)
        )

    def open_with(self, equity: int) -> None:
        """Start the window with `equity` (u')."""
        self.opening = floor_cents(equity)
        self.trading = equity - self.opening * CENT

    def value(self, prices: Prices) -> Valued:
        """Positions at the prices of now."""
        unrealised = gross = 0
        for name, holding in self.holdings.items():
            unrealised += holding.size * prices.price(name, holding.unit_cost) - holding.cost
            gross += prices.exposure(name, abs(holding.size), holding.unit_cost)
        return Valued(unrealised, gross)

    def fill(self, instrument: str, size: int, price: int, fee: int) -> tuple[int, Applied]:
        """Book a fill; returns its value in cents and what became of the position."""
        holding = self.holdings.get(instrument) or Holding()
        applied = apply_fill(holding.size, holding.cost, size, price)
        self._hold(instrument, applied)
        before = floor_cents(self.trading)
        self.trading += applied.realised - fee
        return floor_cents(self.trading) - before, applied

    def execute(self, fill: Fill) -> tuple[int, Applied, Coin | None]:
        """
        As `fill`; and what an inverse contract pays, profit less fee, which is money at the index
        price and coins bought for it.
        """
        if fill.paid_in is None:
            return *self.fill(fill.instrument, fill.size, fill.price, fill.fee), None
        holding = self.holdings.get(fill.instrument) or Holding()
        applied = apply_inverse(holding.size, holding.cost, fill.size, fill.price)
        self._hold(fill.instrument, applied, inverse=True)
        paid = fill.paid_in._replace(size=applied.realised - fill.fee)
        before = floor_cents(self.trading)
        self.trading += paid.size * paid.price
        if paid.size:
            self.coin(paid)
        return floor_cents(self.trading) - before, applied, paid

    def _hold(self, instrument: str, applied: Applied, *, inverse: bool = False) -> None:
        """What is left of a position; with its close what was set aside for it is free again."""
        if applied.size == 0:
            # `out` was the whole cost, so nothing is left behind (A3).
            self.holdings.pop(instrument, None)
            self.isolated.pop(instrument, None)
        else:
            self.holdings[instrument] = Holding(applied.size, applied.cost, inverse)

    def isolate(self, instrument: str, amount: int, time: int) -> None:
        """From `time` set `amount` aside for a position alone, in all; 0: nothing any more."""
        if amount:
            self.isolated[instrument], self.isolated_at[instrument] = amount, time
        else:
            self.isolated.pop(instrument, None)

    def lose(self, instrument: str, realised: int, time: int) -> None:
        """
        A loss that a part of a position realises comes out of what is set aside for it, unless the
        venue says at that instant what is left.
        """
        if instrument in self.isolated and self.isolated_at[instrument] != time:
            self.isolated[instrument] += min(0, realised)

    def flow(self, amount: int) -> int:
        """Book a transfer or a reward; returns its value in cents."""
        before = floor_cents(self.flows)
        self.flows += amount
        return floor_cents(self.flows) - before

    def give(self, cents: int) -> None:
        """Whole cents of trading are money that came in; below 0, less of it than was said."""
        self.trading -= cents * CENT
        self.flows += cents * CENT

    def coin(self, moved: Coin | None) -> int:
        """
        Book the purchase or sale that a line in a coin brings, its money being booked apart; its
        value in cents, 0 for a line in dollars.
        """
        if moved is None:
            return 0
        return self.fill(moved.instrument, moved.size, moved.price, 0)[0]

    def accrue(self, amount: int) -> None:
        """
        Funding, interest, fees outside fills: counts in the balance now, is booked at the end of
        the day.
        """
        self.carry += amount
        self.carry_lines += 1

    def book_carry(self) -> int:
        """Value in cents of the day's carry record."""
        value = floor_cents(self.carry) - floor_cents(self.carry_booked)
        self.carry_booked = self.carry
        self.carry_lines = 0
        return value
