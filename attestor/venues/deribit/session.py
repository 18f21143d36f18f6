"""
What a future or perpetual of Deribit has made and what of it the venue has paid
(docs/explanation/attestation.md 2.6).

The venue pays once a day, at the settlement: what the session's fills and the change of the
settlement price have made, and the funding. The books (docs/explanation/metrics.md A3) realise at
each fill by average cost. Since the start of a position both come to the same: what the fills have
paid and what the rest is worth. So a settlement pays what the position has made by its price less
what was paid before; what it pays beyond that is funding, and the venue's rounding.
"""

from __future__ import annotations

from dataclasses import dataclass

from attestor.ledger import apply_fill, apply_inverse
from attestor.statement import UNIT, coins
from attestor.venues.deribit.names import LAST_UNIT


@dataclass(slots=True)
class Session:
    """
    A position as the books have it, in its own money: coins (1e-18) of an inverse contract, else
    dollars (u').

    Attributes
    ----------
    size, cost : as `attestor.ledger.Holding`
    paid : what the books have realised since the start
    settled : what the venue has paid of what the position has made, funding and fees apart
    lines : fills since the last settlement
    held : what was held at the last settlement's price, without its sign
    """

    inverse: bool
    size: int = 0
    cost: int = 0
    paid: int = 0
    settled: int = 0
    lines: int = 0
    held: int = 0

    @property
    def stated(self) -> int:
        """The signed size that the venue states, 1e-18: of an inverse contract the face."""
        return self.cost // UNIT if self.inverse else self.size

    @property
    def waiting(self) -> int:
        """What the books have realised and the venue has not paid: added to its balance."""
        return self.paid - self.settled

    def fill(self, size: int, price: int) -> None:
        """A fill of a signed size (an inverse contract's face) at a price, 1e-18."""
        apply = apply_inverse if self.inverse else apply_fill
        applied = apply(self.size, self.cost, size, price)
        self.size, self.cost = applied.size, applied.cost
        self.paid += applied.realised
        self.lines += 1

    def made(self, price: int) -> int:
        """What it has made by a price: what fills have paid, and what the rest would pay."""
        if not self.size:
            return self.paid
        if self.inverse:
            return self.paid + self.size - coins(self.stated, price)
        return self.paid + self.size * price - self.cost

    def settle(self, amount: int, price: int) -> int:
        """
        The venue pays an amount by a settlement price; what of it the position has not made.
        """
        due = self.made(price) - self.settled
        self.settled += due
        self.lines, self.held = 0, self._worth(price)
        return amount - due

    def rounding(self, price: int) -> int:
        """
        How far a payment may be from what is due and funding: the venue's last unit, 1e-8, for each
        figure that it rounds, and a millionth of what is held, before and after, for its rounded
        prices.
        """
        unit = LAST_UNIT if self.inverse else LAST_UNIT * UNIT
        return (self.lines + 4) * unit + (self._worth(price) + self.held) // 10**6

    def _worth(self, price: int) -> int:
        if not price:
            return 0
        return abs(coins(self.stated, price)) if self.inverse else abs(self.size) * price

    def rebase(self, price: int) -> None:
        """Start anew at a price: what it has made by then is money, paid or waiting."""
        made, face = self.made(price), self.stated
        self.settled, self.paid = self.settled - made, 0
        if self.inverse:
            self.size = coins(face, price) if face else 0
        else:
            self.cost = self.size * price
