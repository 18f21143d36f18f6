"""
Deliveries of Deribit's futures and options (docs/explanation/attestation.md 2.6).

An option pays what it is worth at the index, in its currency. Since 2026 one that is worth
something is first delivered into the future of its expiry at its strike, which then settles in
cash: three kinds of lines that are one delivery to the books. Other shapes are refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from attestor.stated import plain
from attestor.statement import MICROSECONDS, UNIT, Instrument
from attestor.venues.deribit.names import COINS, LAST_UNIT, Contract
from attestor.venues.deribit.trades import signed_amount

if TYPE_CHECKING:
    from attestor.venues.deribit.account import Account
    from attestor.venues.deribit.log import Entry


def _instant(year: int, month: int) -> int:
    return int(datetime(year, month, 1, tzinfo=UTC).timestamp()) * MICROSECONDS


INVERSE_FROM = _instant(2026, 8)
"""Expiries from which an option in coins is delivered through the future."""
LINEAR_FROM, LINEAR_ALL = _instant(2026, 4), _instant(2026, 5)
"""The same of options in USDC, in a month of which no day is told; after it all of them are."""


@dataclass(slots=True)
class Transit:
    """
    Options that became a future: the opening lines that are still to come, each a signed size and a
    price, and what the books have credited for them (1e-18 of the currency).
    """

    expected: list[tuple[int, int]] = field(default_factory=list)
    credited: int = 0


class Delivery:
    """Delivery lines of an account."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def take(self, entry: Entry) -> None:
        """A line; Malformed (`malformed.statement`) with its place."""
        of = self._account.contract(entry)
        expiry = of.instrument.expiry
        if expiry is None or entry.time < expiry:
            raise entry.error("type", f"a delivery of {of.name} before its expiry")
        if of.option:
            self._option(entry, of)
        elif of.name in self._account.transit:
            self._through(entry, of)
        else:
            self._future(entry, of)

    # -- options -----------------------------------------------------------------------------------
    def _option(self, entry: Entry, of: Contract) -> None:
        account = self._account
        held, index = account.positions[of.name], entry.item.positive("index_price")
        self._close(entry, of)
        worth = of.instrument.intrinsic(index)
        coin = index if of.currency in COINS else UNIT
        paid = (1 if held > 0 else -1) * (abs(held) * worth // coin)
        through = self._is_through(entry, of, paid)
        if through:
            self._expect(entry, of, held, paid)
        elif abs(entry.cashflow - paid) > LAST_UNIT * (1 + abs(held) // UNIT):
            raise entry.error(
                "cashflow",
                f"{plain(entry.cashflow, UNIT)} is not what {plain(held, UNIT)} of {of.name} are "
                f"worth at the index, {plain(paid, UNIT)}",
            )
        account.fee(entry, entry.cashflow, entry.change, entry.commission, coin)
        account.events.booked(entry, of, -held, worth, index, entry.commission)
        account.events.coins(entry, of.currency, paid - entry.commission, index)
        account.events.carry(entry, 0 if through else entry.cashflow - paid, coin)

    def _close(self, entry: Entry, of: Contract) -> None:
        """A delivery leaves nothing."""
        size = signed_amount(entry)
        if not str(entry.item.value("side")).startswith("close"):
            raise entry.error("side", f"a delivery closes; of {of.name} nothing was exercised")
        self._account.move(entry, of, size)
        if self._account.positions[of.name]:
            raise entry.error("position", "a delivery leaves nothing open")

    def _is_through(self, entry: Entry, of: Contract, paid: int) -> bool:
        """Whether the option becomes a future; either form is refused where it is not due."""
        since = INVERSE_FROM if of.currency in COINS else LINEAR_FROM
        all_from = INVERSE_FROM if of.currency in COINS else LINEAR_ALL
        expiry = of.instrument.expiry or 0
        if paid == 0:
            return False
        if entry.cashflow:
            if expiry >= all_from:
                raise entry.error(
                    "cashflow", f"{of.name} is delivered into {of.future}, not in cash"
                )
            return False
        if expiry < since:
            raise entry.error("cashflow", f"{of.name} is worth something and pays nothing")
        return True

    # -- through the future ------------------------------------------------------------------------
    def _expect(self, entry: Entry, of: Contract, held: int, paid: int) -> None:
        account, future = self._account, of.future
        transit = account.transit.get(future)
        if transit is None:
            if account.positions[future]:
                raise entry.error(
                    "instrument_name",
                    f"{of.name} is delivered into {future}, of which a position is open: no "
                    "recording shows both",
                )
            transit = account.transit[future] = Transit()
        size = held if of.instrument.call else -held
        if of.currency in COINS:
            size = size * of.strike // UNIT
        transit.expected.append((size, of.strike))
        transit.credited += paid
        name = Contract(of.base, of.currency, _future_of(of))
        account.contracts[future] = name
        account.session(name).paid += paid * (1 if name.inverse else UNIT)

    def _through(self, entry: Entry, of: Contract) -> None:
        account, transit = self._account, self._account.transit[of.name]
        size = signed_amount(entry)
        account.move(entry, of, size)
        if str(entry.item.value("side")).startswith("open"):
            opened = (size, entry.item.positive("price"))
            if opened not in transit.expected or entry.change:
                raise entry.error(
                    "amount", f"no option was delivered into so much of {of.name} at this price"
                )
            transit.expected.remove(opened)
            return
        if transit.expected or account.positions[of.name]:
            raise entry.error("side", f"{of.name} settles before all options are delivered into it")
        if entry.change != entry.cashflow - entry.commission:
            raise entry.error("change", "is not the cashflow less the commission")
        account.pay(entry, of, entry.change, 0, -entry.commission)
        del account.transit[of.name]

    # -- futures -----------------------------------------------------------------------------------
    def _future(self, entry: Entry, of: Contract) -> None:
        account, item = self._account, entry.item
        session, index = account.session(of), item.positive("index_price")
        price = item.positive("settlement_price" if item.has("settlement_price") else "price")
        size = -session.stated
        self._close(entry, of)
        if entry.change != entry.cashflow - entry.commission:
            raise entry.error("change", "is not the cashflow less the commission")
        session.fill(size, price)
        account.events.booked(entry, of, size, price, index, entry.commission)
        account.pay(entry, of, entry.cashflow, price, 0)


def _future_of(option: Contract) -> Instrument:
    coin = option.base if option.currency in COINS else None
    return Instrument(option.future, expiry=option.instrument.expiry, coin=coin)
