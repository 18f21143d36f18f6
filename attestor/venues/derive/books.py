"""
The proof that a sub-account's histories are whole (docs/guides/attestor.md).

From nothing on, every trade, settlement, liquidation and movement is booked. At each instant of
which the venue states what the sub-account holds, the books must hold the same, to the last digit,
and be worth the same, to the cent; an option must settle with what the trades leave of it; and at
each instant of the value history at which all is priced, the books must be worth what it says, but
for what has accrued and is paid later.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from algebra.errors import Refused
from attestor.ledger import Book
from attestor.stated import plain
from attestor.statement import (
    CENT,
    MONEY_PLACES,
    UNIT,
    Carry,
    Fill,
    Instrument,
    Opening,
    OpeningPosition,
    Source,
    Transfer,
    bad_line,
    refused_line,
)
from attestor.venues.derive.names import is_perpetual
from attestor.venues.derive.prices import Prices
from attestor.venues.derive.rows import Bid, Event
from attestor.venues.derive.standing import Snapshot, Worth

Booked = Fill | Transfer | Carry
_USD = 10**MONEY_PLACES


def ordered(events: Iterable[Event]) -> list[Event]:
    """
    By time; movements before trades, a settlement after them. Trades of one millisecond by their
    place among the orders, which no answer's order changes.
    """

    def key(event: Event) -> tuple[object, ...]:
        rank = 0 if isinstance(event, Transfer | Carry) else 1
        settles = isinstance(event, Bid) or (isinstance(event, Fill) and event.booked)
        return (event.time, rank + settles, *_content(event))

    return sorted(events, key=key)


def _content(event: Event) -> tuple[str, ...]:
    """What tells two events of one instant apart, wherever they stand."""
    if isinstance(event, Fill):
        return (event.instrument, event.order or "", f"{event.size:+040}", f"{event.price:040}")
    if isinstance(event, Transfer):
        return ("transfer", event.transaction or "", f"{event.amount:+060}")
    return (type(event).__name__, f"{getattr(event, 'amount', 0):+060}")


class Payment(NamedTuple):
    """A payment of what accrues: funding of an instrument, or interest (an empty name), u'."""

    time: int
    of: str
    amount: int


class Stated(NamedTuple):
    """What the venue says of a sub-account beside its histories."""

    snapshots: Sequence[Snapshot]
    values: Sequence[Worth]
    payments: Sequence[Payment]


class Proof:
    """
    The walk through one sub-account.

    Parameters
    ----------
    account : as statements call it
    stated : what the venue says of it; at least one snapshot

    Attributes
    ----------
    compared : instants of the value history at which all was priced
    """

    def __init__(
        self,
        account: str,
        stated: Stated,
        instruments: Mapping[str, Instrument],
        prices: Prices,
    ) -> None:
        self._book, self._stated = Book(account), stated
        self._instruments, self._prices = instruments, prices
        self._paid: dict[str, list[Payment]] = defaultdict(list)
        for payment in sorted(stated.payments):
            self._paid[payment.of].append(payment)
        self._done: list[Booked] = []
        self.compared = 0

    def run(self, events: Iterable[Event]) -> list[Booked]:
        """
        The events, each booked and numbered; in place of a bid the take-over of every position and
        what it cost beside the marks.

        Raises
        ------
        Refused
            `refused.ledger`: a position or the value differs from what the venue states, with both
            numbers, at the first instant at which it does; `refused.expired`: an option outlived
            its expiry.
        Malformed
            `malformed.statement`: a trade after the expiry.
        """
        steps: list[Event | Snapshot | Worth] = [*ordered(events)]
        steps += [*self._stated.snapshots, *self._stated.values]
        rank = {Snapshot: 1, Worth: 2}
        for step in sorted(steps, key=lambda each: (each.time, rank.get(type(each), 0))):
            if isinstance(step, Snapshot):
                self._compare(step)
            elif isinstance(step, Worth):
                self._compare_value(step)
            elif isinstance(step, Bid):
                self._take_over(step)
            else:
                self._require_open(step)
                self._add(step)
        return self._done

    def _add(self, event: Booked) -> None:
        event = event._replace(sequence=len(self._done) + 1)
        book_event(self._book, event)
        self._done.append(event)

    def _held(self, name: str) -> int:
        holding = self._book.holdings.get(name)
        return 0 if holding is None else holding.size

    def _require_open(self, event: Booked) -> None:
        """An option trades until its expiry, and settles with what is left of it then."""
        if not isinstance(event, Fill):
            return
        expiry = self._instruments[event.instrument].expiry
        if event.booked and self._held(event.instrument) != -event.size:
            what = f"settlement of {event.instrument}"
            raise _differs(event.source, what, -event.size, self._held(event.instrument))
        if expiry is not None and not event.booked and event.time > expiry:
            raise bad_line(event.source, f"timestamp: {event.instrument} had expired")

    def _take_over(self, bid: Bid) -> None:
        """
        A bid takes a part of every position at its mark, which what the position had made says, and
        pays more or less than the part was worth: that is what it cost.
        """
        for name, size in sorted(bid.amounts.items()):
            holding = self._book.holdings.get(name)
            if holding is None or size > abs(holding.size):
                raise _differs(bid.source, f"liquidated of {name}", size, abs(self._held(name)))
            sign, cost = (1 if holding.size > 0 else -1), holding.cost
            out = (1 if cost >= 0 else -1) * (abs(cost) * size // abs(holding.size))
            price = sign * (bid.made[name] + out) // size
            if price < 0:
                raise bad_line(bid.source, f"positions_realized_pnl_excl_fees: {name} below 0")
            self._add(
                Fill(
                    bid.source, bid.time, 0, bid.wallet, name, -sign * size, price, 0, False,
                    liquidation=True, reported_pnl=bid.made[name], booked=True,
                )
            )  # fmt: skip
        if bid.discount:
            self._add(Carry(bid.source, bid.time, 0, bid.wallet, bid.discount))

    # -- what the venue states -------------------------------------------------------------------
    def _compare(self, said: Snapshot) -> None:
        held = {name: each.size for name, each in self._book.holdings.items()}
        for name in sorted(held.keys() | said.held.keys()):
            expiry = self._instruments[name].expiry
            if name in held and expiry is not None and expiry <= said.time:
                reason = f"{name} expired with {plain(held[name], UNIT)} open and did not settle"
                raise refused_line("refused.expired", said.source, reason)
            if held.get(name, 0) != said.held.get(name, 0):
                there, here = said.held.get(name, 0), held.get(name, 0)
                raise _differs(said.source, f"position in {name}", there, here)
        worth = self._worth(said.prices)
        if abs(worth - said.value) > CENT:
            raise _differs(said.source, "subaccount_value", said.value, worth, _USD)

    def _compare_value(self, said: Worth) -> None:
        """Where every position is priced in the second of the instant."""
        prices = {}
        for name in self._book.holdings:
            price = self._prices.in_second(name, said.time)
            if price is None:
                return
            prices[name] = price
        self.compared += 1
        worth = self._worth(prices)
        if abs(worth - said.value) > CENT + self._pending(said.time):
            raise _differs(said.source, "subaccount_value", said.value, worth, _USD)

    def _worth(self, prices: Mapping[str, int]) -> int:
        """Of the books, u'."""
        holdings = self._book.holdings.items()
        return self._book.balance + sum(
            each.size * prices[name] - each.cost for name, each in holdings
        )

    def _pending(self, time: int) -> int:
        """
        What may have accrued at an instant and be unpaid, u': of each stream as much as its next
        payment; where there is none, as much as the last snapshot says.
        """
        found, ended = 0, False
        for name in ("", *filter(is_perpetual, self._book.holdings)):
            paid = self._paid.get(name, [])
            place = bisect_right(paid, time, key=lambda each: each.time)
            if place < len(paid):
                found += abs(paid[place].amount)
            else:
                ended = True
        return found + (self._stated.snapshots[-1].pending if ended else 0)


def book_event(book: Book, event: Booked) -> None:
    """Book an event of dollars or coins."""
    if isinstance(event, Fill):
        book.execute(event)
        return
    if isinstance(event, Carry):
        book.accrue(event.amount)
        return
    book.flow(event.amount)
    book.coin(event.coin)


def opening_at(account: str, events: Iterable[Booked], start: int) -> Opening | None:
    """
    What an account held at an instant, from its events from nothing on; None: nothing.

    A position's entry is rounded up, and what it is rounded by stands in the balance.
    """
    book, source = Book(account), None
    for event in events:
        if event.time < start:
            book_event(book, event)
            source = event.source
    if source is None:
        return None
    opening = Opening(source, start, book.balance)
    for name, each in book.holdings.items():
        entry = -(-each.cost // each.size)
        opening.balance += each.size * entry - each.cost
        opening.positions.append(OpeningPosition(source, name, each.size, entry))
    return opening


def _differs(
    source: Source, what: str, stated: int, rebuilt: int, unit: int = UNIT
) -> Refused:  # fmt: skip
    reason = (
        f"{what}: the venue states {plain(stated, unit)}, the books have {plain(rebuilt, unit)}; "
        "a row before it is missing, wrong or there twice"
    )
    return refused_line("refused.ledger", source, reason)
