"""
Prices as they were known at each moment (docs/explanation/metrics.md A6).

The venue's mark price counts while it is young enough; past its age what the public fills say, if
the last of them is younger; else there is no price. Public fills say the mean price of the hour up
to the last of them, until the next. The owner's own trades are not among them, whoever printed
them: he makes no price. Before anybody has told one a position stands at its cost, which the caller
gives.

The board only moves forward, in the order of A2: at a fill it holds every public fill before it, at
a ledger line those of earlier instants. So no price looks ahead, and a log costs one pass over the
quotes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from algebra.errors import Refused
from attestor.margin.account import Mark
from attestor.pairs import trades_of_others
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


class _Hour:
    """The public fills of an instrument in the hour that ends with the last of them."""

    def __init__(self) -> None:
        self._fills: deque[Quote] = deque()
        self._size = self._cash = 0

    def take(self, fill: Quote) -> None:
        """The next one; those of an hour ago and longer go."""
        self._add(fill, 1)
        self._fills.append(fill)
        while fill.time - self._fills[0].time >= HOUR:
            self._add(self._fills.popleft(), -1)

    def _add(self, fill: Quote, sign: int) -> None:
        self._size += sign * fill.size
        self._cash += sign * fill.size * fill.price

    @property
    def time(self) -> int:
        """Of the last one, microseconds."""
        return self._fills[-1].time

    @property
    def first(self) -> int:
        """Of the first one, microseconds."""
        return self._fills[0].time

    @property
    def price(self) -> int:
        """Their mean by size, 1e-18, rounded down."""
        return self._cash // self._size


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
        self._hours: dict[str, _Hour] = {}

    @classmethod
    def of(cls, statement: Statement) -> PriceBoard:
        """The statement's quotes without the owner's own trades."""
        quotes = trades_of_others(statement.quotes, statement.fills)
        return cls(quotes, statement.instruments, statement.mark_age)

    def advance(self, key: tuple[int, int, int]) -> None:
        """Take in every quote up to and including (time, rank, sequence); that is now."""
        self._now = key[0]
        while self._next < len(self._keys) and self._keys[self._next] <= key:
            quote = self._quotes[self._next]
            self._next += 1
            if not quote.mark:
                self._hours.setdefault(quote.instrument, _Hour()).take(quote)
                continue
            self._marks[quote.instrument] = quote
            if quote.delta is not None:
                self._deltas[quote.instrument] = quote

    def advance_before(self, time: int) -> None:
        """Take in every quote before the instant `time`."""
        self.advance((time - 1, FILL_RANK, 1 << 62))

    def price(self, name: str, cost: int | None = None) -> int:
        """
        Price now, 1e-18.

        Parameters
        ----------
        cost : what a unit of the position has cost (`attestor.ledger.Holding.unit_cost`): the
            price of what is no option until somebody tells one

        Raises
        ------
        Refused
            `refused.price`: there is none, or only an old one.
        """
        mark, source = self._marks.get(name), self._source(name)
        if source is not None:
            return source.price
        if mark is None and cost is not None and self._instruments[name].underlying is None:
            return cost
        raise self._none("price", f"position in {name}", name, mark)

    def told(self, name: str) -> bool:
        """Whether anybody but the owner has ever told a price of it."""
        return name in self._marks or name in self._hours

    def younger(self, name: str) -> int | None:
        """What public fills say, 1e-18, where a mark counts that is older than all of them."""
        source, hour = self._source(name), self._hours.get(name)
        if source is None or hour is None or hour.first <= source.time:
            return None
        return hour.price

    def told_at(self, name: str) -> int:
        """When the price of now was told, microseconds; -1 where there is none."""
        source = self._source(name)
        return -1 if source is None else source.time

    @property
    def now(self) -> int:
        """The instant up to which quotes have been taken in, microseconds."""
        return self._now

    def mark(self, name: str, cost: int | None = None) -> Mark:
        """
        Price now, with what the venue's mark says of an option beside it; as `price`, and Refused
        for an option without delta.
        """
        price = self.price(name, cost)
        if self._instruments[name].underlying is None:
            return Mark(price)
        quote = self._option(name)
        return Mark(price, quote.volatility, quote.delta)

    def delta_notional(self, name: str, size: int, cost: int | None = None) -> int:
        """
        Signed exposure of a signed size (1e-18) of an instrument now, in u' x 1e-8.

        An option counts its delta times the price of its underlying, all else its own price;
        `cost` as in `price`.

        Raises
        ------
        Refused
            `refused.price`: no price, or an option without a delta of a young mark.
        """
        underlying = self._instruments[name].underlying
        if underlying is None:
            return size * self.price(name, cost) * DELTA_UNIT
        return size * self.price(underlying) * (self._option(name).delta or 0)

    def exposure(self, name: str, size: int, cost: int | None = None) -> int:
        """Gross exposure (u', rounded up) of |size| of an instrument; as `delta_notional`."""
        return -(-abs(self.delta_notional(name, size, cost)) // DELTA_UNIT)

    def _source(self, name: str) -> Quote | _Hour | None:
        """Who tells the price of now."""
        mark, hour = self._marks.get(name), self._hours.get(name)
        if mark is not None and self._young(mark):
            return mark
        return hour if hour is not None and (mark is None or hour.time >= mark.time) else None

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
