"""
Prices of everybody from Deribit's `public/ticker` answers, taken at any instant
(docs/explanation/attestation.md 2.6).

A ticker gives the mark of its instrument, of an option with its delta and volatility, and the index
of its coin. Marks of options paid in a coin count in dollars at the index beside them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import partial

from attestor.collect.folder import Answer, Collected
from attestor.collect.item import Item
from attestor.complaints import Complaints
from attestor.prices import HOUR
from attestor.statement import (
    DELTA_PLACES,
    MARK_AGE,
    UNIT,
    Instrument,
    Quote,
    Source,
    bad_line,
    quote_key,
    seen_from,
)
from attestor.venues.deribit.names import COINS, Contract, contract

METHOD = "public/ticker"
_PERCENT = 2
"""Places of the point between a volatility in percent and one of 1.0."""


@dataclass(slots=True)
class Tickers:
    """
    Attributes
    ----------
    quotes : ascending
    read : by file
    """

    quotes: list[Quote] = field(default_factory=list)
    contracts: dict[str, Contract] = field(default_factory=dict)
    read: Counter[str] = field(default_factory=Counter)
    _of: dict[str, tuple[list[int], list[int]]] = field(default_factory=dict)

    def index(self, coin: str, time: int, source: Source) -> int:
        """
        The price of a coin at an instant, 1e-18: the last one, at most an hour old.

        Raises
        ------
        Malformed
            `malformed.statement` at `source`: there is none.
        """
        quotes = self._of.get(coin, ([], []))
        place = _last(quotes[0], time, HOUR)
        if place is None:
            raise bad_line(
                source,
                f"index: no ticker tells the price of {coin} within the hour before; take one at "
                "least every hour",
            )
        return quotes[1][place]

    def require(self, name: str, time: int, source: Source) -> None:
        """
        What is traded has a mark, else it would stand at its cost: Malformed
        (`malformed.statement`) at `source`.
        """
        if _last(self._of.get(name, ([], []))[0], time, MARK_AGE) is None:
            raise bad_line(source, f"mark: no ticker of {name} within the 25 hours before")


def _last(times: list[int], time: int, age: int) -> int | None:
    """The place of the last of ascending instants that is at most so old."""
    place = bisect_right(times, time) - 1
    return place if place >= 0 and time - times[place] <= age else None


def read_tickers(collected: Collected, wrong: Complaints) -> Tickers:
    """The tickers of a folder; `wrong` gathers what is refused, `malformed.statement`."""
    found: dict[tuple[str, int], Quote] = {}
    tickers = Tickers()
    for answer in collected.asked(method=METHOD):
        tickers.read[answer.file] = 1
        wrong.take(partial(_take, answer, found, tickers), None)
    tickers.quotes = sorted(found.values(), key=quote_key)
    listed: defaultdict[str, list[Quote]] = defaultdict(list)
    for quote in tickers.quotes:
        listed[quote.instrument].append(quote)
    tickers._of = {
        name: ([each.time for each in quotes], [each.price for each in quotes])
        for name, quotes in listed.items()
    }
    return tickers


def instruments(contracts: list[Contract]) -> dict[str, Instrument]:
    """The instruments of the books: contracts, and the coins as positions."""
    out = {each.name: each.instrument for each in contracts}
    return {coin: Instrument(coin) for coin in COINS} | dict(sorted(out.items()))


def _take(answer: Answer, found: dict[tuple[str, int], Quote], tickers: Tickers) -> None:
    for quote in _quotes(answer.item().child("result"), answer.source, tickers):
        before = found.setdefault((quote.instrument, quote.time), quote)
        if before[3:] != quote[3:]:
            there = seen_from(quote.source, before.source)
            raise bad_line(
                quote.source, f"{quote.instrument}: {there} has another price of this instant"
            )


def _quotes(item: Item, source: Source, tickers: Tickers) -> list[Quote]:
    of, time = contract(item.text("instrument_name"), source), item.time("timestamp")
    tickers.contracts[of.name] = of
    index, mark = item.positive("index_price"), item.number("mark_price")
    if mark < 0 or (mark == 0 and not of.option):
        raise item.error("mark_price", "must be above 0; 0 is an option's alone")
    delta = volatility = None
    if of.option:
        delta = item.child("greeks").number("delta", DELTA_PLACES)
        volatility = item.number("mark_iv", DELTA_PLACES - _PERCENT)
        if of.currency == of.base:
            mark = mark * index // UNIT
    quotes = [Quote(source, time, 0, of.name, mark, True, delta, volatility=volatility)]
    if of.currency == of.base:
        quotes.append(Quote(source, time, 0, of.base, index, True))
    return quotes
