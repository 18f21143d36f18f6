"""
Prices that Derive tells: tickers and the history of an index for everybody, and beside each trade
and position the mark and the index of its instant (docs/guides/attestor.md).

A ticker of an option has its delta and volatility. A mark beside a trade or a position has none:
its delta is that of Black's formula at the volatility which the mark implies, as a margin document
has it computed (docs/explanation/margin.md 3).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from attestor.collect.folder import Answer
from attestor.collect.item import Item
from attestor.margin.account import Mark, OptionTerms
from attestor.margin.moment import Moment, Valuer
from attestor.statement import (
    DELTA_PLACES,
    DELTA_UNIT,
    MICROSECONDS,
    Instrument,
    Quote,
    Source,
    wallet_of,
)
from attestor.venues.derive import fields
from attestor.venues.derive.answers import INDEX, TICKERS, Answers, params_of, result_of, rows_of
from attestor.venues.derive.names import Instruments, currency_of, is_coin
from policies.margin import MarginDocument

INDEX_AGE = 3_600 * MICROSECONDS
"""How old an index may be by which coins that move are counted."""
_SECONDS_BELOW = 10**11  # an instant in seconds is below, one in milliseconds above


class Told(NamedTuple):
    """
    A price that the venue told: of whom, where it stood in a private answer; of an option with the
    index of the instant or its delta.
    """

    source: Source
    time: int
    name: str
    price: int
    account: str | None = None
    spot: int | None = None
    delta: int | None = None
    volatility: int | None = None

    def quote(self, sequence: int, delta: int | None = None) -> Quote:
        """As a mark, with its own delta or this one."""
        found = self.delta if delta is None else delta
        return Quote(
            self.source,
            self.time,
            sequence,
            self.name,
            self.price,
            True,
            found,
            volatility=self.volatility,
        )


def instant_of(item: Item, name: str) -> int:
    """
    An instant, microseconds, of an answer whose unit no page states: seconds or milliseconds, which
    no year has in common.
    """
    number = item.whole(name, 10**9, 1 << 47)
    return number * (MICROSECONDS if number < _SECONDS_BELOW else 1_000)


def price_of(item: Item, name: str, *, zero: bool = False) -> int:
    """A price, 1e-18, above 0; `zero`: an option's mark may be 0."""
    price = item.number(name)
    if price < 0 or (price == 0 and not zero):
        raise item.error(name, f"must be above 0: {str(item.value(name))[:40]!a}")
    return price


@dataclass(slots=True)
class Prices:
    """All that was told; `public` has what stands in answers for everybody."""

    told: list[Told] = field(default_factory=list)
    _indices: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    _seconds: dict[tuple[str, int], int] = field(default_factory=dict)

    @property
    def public(self) -> list[Quote]:
        """In the order of time and instrument, each once."""
        found = {(each.time, each.name): each for each in self.told if each.account is None}
        return [found[place].quote(number) for number, place in enumerate(sorted(found), start=1)]

    def settle(self) -> None:
        """All is told: put it in order, so that it can be asked."""
        self.told.sort(key=_order)
        indices: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for each in self.told:
            self._seconds[each.name, each.time // MICROSECONDS] = each.price
            if is_coin(each.name):
                indices[each.name].append((each.time, each.price))
        self._indices = dict(indices)

    def index_at(self, item: Item, currency: str, time: int) -> int:
        """
        The index of a currency as it was last told; Malformed (`malformed.statement`) where none
        was in the hour up to `time`.
        """
        found = self._indices.get(currency, [])
        place = bisect_right(found, (time, 1 << 200))
        if place == 0 or time - found[place - 1][0] > INDEX_AGE:
            raise item.error(
                "asset",
                f"no index price of {currency} in the hour before; collect {INDEX} of {currency}",
            )
        return found[place - 1][1]

    def in_second(self, name: str, time: int) -> int | None:
        """The price that was told last in the second of an instant."""
        return self._seconds.get((name, time // MICROSECONDS))

    def quotes(
        self,
        wallets: Collection[str],
        span: tuple[int, int],
        document: MarginDocument,
        instruments: Mapping[str, Instrument],
    ) -> list[Quote]:
        """
        What everybody and these wallets were told in [first, last) microseconds, in order; of one
        instant and instrument one.
        """
        chosen: dict[tuple[int, str], Told] = {}
        for each in self.told:
            mine = each.account is None or wallet_of(each.account) in wallets
            if mine and span[0] <= each.time < span[1]:
                chosen[each.time, each.name] = each
        deltas = _deltas(chosen.values(), document, instruments)
        return [
            each.quote(number, deltas.get((each.time, each.name)))
            for number, each in enumerate(chosen.values(), start=1)
        ]


def _order(each: Told) -> tuple[object, ...]:
    """By time; of one instant and instrument the ticker last, which then counts."""
    return (each.time, each.name, each.account is None, each.delta is not None, each.price)


def _deltas(
    told: Iterable[Told], document: MarginDocument, instruments: Mapping[str, Instrument]
) -> dict[tuple[int, str], int]:
    """The deltas of the options' marks that have none, by instant and name."""
    terms = {
        name: OptionTerms(each.underlying, each.call, each.strike or 0, each.expiry or 0)
        for name, each in instruments.items()
        if each.underlying is not None
    }
    valuer = Valuer(document, terms)
    moments: dict[tuple[int, str], Moment] = {}
    for each in told:
        if each.name not in terms or each.delta is not None:
            continue
        underlying, index = terms[each.name].underlying, each.spot or 0
        marks = {each.name: Mark(each.price), underlying: Mark(index)}
        rules = document.at(max(each.time, document.versions[0].since))
        moments[each.time, each.name] = Moment(valuer, each.time, marks, rules)
    valuer.solve(moment.row(name) for (_, name), moment in moments.items())
    return {
        (time, name): moment.delta(name) * (1 if terms[name].call else -1)
        for (time, name), moment in moments.items()
    }


# -- answers for everybody -------------------------------------------------------------------------
def read_public(answers: Answers, prices: Prices, instruments: Instruments) -> None:
    """Tickers and index histories; Malformed (`malformed.statement`)."""
    for answer in answers.by_method.get(TICKERS, []):
        prices.told += _tickers(answer, instruments)
    for answer in answers.by_method.get(INDEX, []):
        prices.told += _index(answer, instruments)


def _tickers(answer: Answer, instruments: Instruments) -> Iterable[Told]:
    result = result_of(answer)
    result.only(("tickers",))
    found = result.value("tickers")
    if not isinstance(found, dict):
        raise result.error("tickers", "not an object")
    for place, (name, value) in enumerate(found.items()):
        source = answer.place(place)
        instrument = instruments.named(Item({"instrument_name": name}, source), "instrument_name")
        yield from _ticker(Item(value, source), instrument)


def _ticker(item: Item, instrument: Instrument) -> Iterable[Told]:
    fields.TICKER.check(item)
    option, time = instrument.underlying is not None, item.time("t")
    delta = volatility = None
    if option != item.has("option_pricing"):
        raise item.error("option_pricing", "an option's ticker has it, another's has not")
    if option:
        pricing = item.child("option_pricing")
        fields.PRICING.check(pricing)
        delta, volatility = (pricing.number(name, DELTA_PLACES) for name in ("d", "i"))
        if abs(delta) > DELTA_UNIT or (delta and (delta < 0) == instrument.call):
            raise pricing.error("d", "a call's is in 0..1, a put's in -1..0")
        if volatility <= 0:
            raise pricing.error("i", "must be above 0")
    currency, index = currency_of(instrument.name), price_of(item, "I")
    yield Told(item.source, time, currency, index)
    mark = price_of(item, "M", zero=option)
    yield Told(item.source, time, instrument.name, mark, None, index, delta, volatility)


def _index(answer: Answer, instruments: Instruments) -> Iterable[Told]:
    """
    As it was recorded, never by the bucket into which the venue puts it: that is filled forward,
    and a price would be told before it was known.
    """
    result = result_of(answer)
    result.only(("currency", "spot_feed_history"))
    currency = result.text("currency")
    if not is_coin(currency) or params_of(answer).get("currency") != currency:
        raise result.error("currency", f"another than was asked for: {currency[:40]!a}")
    instruments.coin(currency)
    for item in rows_of(answer, "spot_feed_history"):
        fields.SPOT.check(item)
        yield Told(item.source, instant_of(item, "timestamp"), currency, price_of(item, "price"))


def beside(
    item: Item, account: str, instrument: Instrument, time: int
) -> tuple[Told, Told]:  # fmt: skip
    """The index and the mark that stand beside a trade or a position."""
    index = price_of(item, "index_price")
    mark = price_of(item, "mark_price", zero=instrument.underlying is not None)
    currency = currency_of(instrument.name)
    return (
        Told(item.source, time, currency, index, account),
        Told(item.source, time, instrument.name, mark, account, index),
    )
