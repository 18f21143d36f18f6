"""
Prices as they were known at each moment (docs/explanation/metrics.md A6).

The venue's mark price counts while it is young enough; past its age the last public fill, if that
is younger; else there is no price. Where the venue marks nothing, the last public fill counts until
the next. The board only moves forward, in the order of A2: at a fill it holds every public fill up
to and including that one, at a ledger line those of earlier instants. So no price looks ahead, and
a log costs one pass over the quotes.
"""

from __future__ import annotations

from collections.abc import Mapping

from algebra.errors import Refused
from attestor.margin.account import Mark
from attestor.statement import (
    DELTA_UNIT,
    FILL_RANK,
    MARK_AGE,
    MICROSECONDS,
    Instrument,
    Quote,
    Source,
    Statement,
    quote_key,
    seen_from,
)

HOUR = 3_600 * MICROSECONDS
_NOWHERE = Source("", 0)


class PriceBoard:
    """Current price of every instrument; `advance` moves it on."""

    def __init__(
        self, quotes: list[Quote], instruments: Mapping[str, Instrument], mark_age: int = MARK_AGE
    ) -> None:
        self._quotes = quotes
        self._keys = [quote_key(quote) for quote in quotes]
        self._next = 0
        self._instruments = instruments
        self._age, self._now = mark_age, 0
        self._marks: dict[str, Quote] = {}
        self._deltas: dict[str, Quote] = {}
        self._fills: dict[str, Quote] = {}

    @classmethod
    def of(cls, statement: Statement) -> PriceBoard:
        """The statement's quotes, and its own fills where they are public prices too."""
        quotes = statement.quotes
        if statement.fill_prices:
            own = [
                Quote(f.source, f.time, f.sequence, f.instrument, f.price, mark=False)
                for f in statement.fills
                if not f.booked
            ]
            quotes = sorted([*quotes, *own], key=quote_key)
        return cls(quotes, statement.instruments, statement.mark_age)

    def advance(self, key: tuple[int, int, int]) -> None:
        """Take in every quote up to and including (time, rank, sequence); that is now."""
        self._now = key[0]
        while self._next < len(self._keys) and self._keys[self._next] <= key:
            quote = self._quotes[self._next]
            self._next += 1
            if not quote.mark:
                self._fills[quote.instrument] = quote
                continue
            self._marks[quote.instrument] = quote
            if quote.delta is not None:
                self._deltas[quote.instrument] = quote

    def advance_before(self, time: int) -> None:
        """Take in every quote before the instant `time`."""
        self.advance((time - 1, FILL_RANK, 1 << 62))

    def price(self, name: str) -> int:
        """Price now, 1e-18; Refused (`refused.price`) where there is none, or only an old one."""
        mark, fill = self._marks.get(name), self._fills.get(name)
        if mark is not None and self._young(mark):
            return mark.price
        if fill is not None and (mark is None or fill.time >= mark.time):
            return fill.price
        raise self._none("price", f"position in {name}", name, mark)

    @property
    def now(self) -> int:
        """The instant up to which quotes have been taken in, microseconds."""
        return self._now

    def mark(self, name: str) -> Mark:
        """
        Price now, with what the venue's mark says of an option beside it; as `price`, and Refused
        for an option without delta.
        """
        price = self.price(name)
        if self._instruments[name].underlying is None:
            return Mark(price)
        quote = self._option(name)
        return Mark(price, quote.volatility, quote.delta)

    def delta_notional(self, name: str, size: int) -> int:
        """
        Signed exposure of a signed size (1e-18) of an instrument now, in u' x 1e-8.

        An option counts its delta times the price of its underlying, all else its own price.

        Raises
        ------
        Refused
            `refused.price`: no price, or an option without a delta of a young mark.
        """
        underlying = self._instruments[name].underlying
        if underlying is None:
            return size * self.price(name) * DELTA_UNIT
        return size * self.price(underlying) * (self._option(name).delta or 0)

    def exposure(self, name: str, size: int) -> int:
        """Gross exposure (u', rounded up) of |size| of an instrument; as `delta_notional`."""
        return -(-abs(self.delta_notional(name, size)) // DELTA_UNIT)

    def _option(self, name: str) -> Quote:
        """The last mark with a delta."""
        mark = self._deltas.get(name)
        if mark is None or not self._young(mark):
            raise self._none("delta", f"option {name}", name, mark)
        return mark

    def _young(self, mark: Quote) -> bool:
        return self._now - mark.time <= self._age

    def _none(self, what: str, held: str, name: str, mark: Quote | None) -> Refused:
        reason = f"{what}: none for the open {held}"
        if mark is not None:
            reason += (
                f"; the last mark, {seen_from(_NOWHERE, mark.source)}, is "
                f"{_hours(self._now - mark.time)} hours old, at most {_hours(self._age)} wanted"
            )
        return Refused("refused.price", reason, instrument=name)


def _hours(time: int) -> str:
    """Whole hours, or with one decimal, rounded up: what is too old never reads as old enough."""
    tenths = -(-10 * time // HOUR)
    return str(tenths // 10) if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10}"
