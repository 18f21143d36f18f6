"""
Prices as they were known at each moment (docs/explanation/metrics.md A6).

The venue's mark price counts where there is one, else the last public fill. The board only moves
forward, in the order of A2: at a fill it holds every public fill up to and including that one, at a
ledger line those of earlier instants. So no price looks ahead, and a log costs one pass over the
quotes.
"""

from __future__ import annotations

from collections.abc import Mapping

from algebra.errors import Refused
from attestor.statement import FILL_RANK, UNIT, Instrument, Quote, Statement, quote_key


class PriceBoard:
    """Current price of every instrument; `advance` moves it on."""

    def __init__(self, quotes: list[Quote], instruments: Mapping[str, Instrument]) -> None:
        self._quotes = quotes
        self._keys = [quote_key(quote) for quote in quotes]
        self._next = 0
        self._instruments = instruments
        self._marks: dict[str, int] = {}
        self._deltas: dict[str, int] = {}
        self._fills: dict[str, int] = {}

    @classmethod
    def of(cls, statement: Statement) -> PriceBoard:
        """The statement's quotes, and its own fills where they are public prices too."""
        quotes = statement.quotes
        if statement.fill_prices:
            own = [
                Quote(f.source, f.time, f.sequence, f.instrument, f.price, mark=False)
                for f in statement.fills
            ]
            quotes = sorted([*quotes, *own], key=quote_key)
        return cls(quotes, statement.instruments)

    def advance(self, key: tuple[int, int, int]) -> None:
        """Take in every quote up to and including (time, rank, sequence)."""
        while self._next < len(self._keys) and self._keys[self._next] <= key:
            quote = self._quotes[self._next]
            self._next += 1
            if not quote.mark:
                self._fills[quote.instrument] = quote.price
                continue
            self._marks[quote.instrument] = quote.price
            if quote.delta is not None:
                self._deltas[quote.instrument] = quote.delta

    def advance_before(self, time: int) -> None:
        """Take in every quote before the instant `time`."""
        self.advance((time - 1, FILL_RANK, 1 << 62))

    def price(self, name: str) -> int:
        """Price now, 1e-8; Refused (`refused.price`) where there is none."""
        price = self._marks.get(name) or self._fills.get(name)
        if price is None:
            raise Refused(
                "refused.price", f"price: none for the open position in {name}", instrument=name
            )
        return price

    def exposure(self, name: str, size: int) -> int:
        """
        Gross exposure (u) of |size| (1e-8) of an instrument now.

        An option counts |delta| times the price of its underlying, rounded up to u.

        Raises
        ------
        Refused
            `refused.price`: no price, or an option without delta.
        """
        underlying = self._instruments[name].underlying
        if underlying is None:
            return size * self.price(name)
        delta = self._deltas.get(name)
        if delta is None:
            raise Refused(
                "refused.price", f"delta: none for the open option {name}", instrument=name
            )
        exposure: int = -(-size * self.price(underlying) * abs(delta) // UNIT)
        return exposure
