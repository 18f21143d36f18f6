"""
Events of the books (`attestor.statement`) as Deribit's lines make them: money in the account's
currency, a coin's at its index price.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from attestor.statement import UNIT, Carry, Coin, Fill, Line, Source, Transfer
from attestor.venues.deribit.log import Entry
from attestor.venues.deribit.names import COINS, Contract
from attestor.venues.deribit.trades import Trade

_BOOKED_LAST = 1 << 40
"""What is booked at an instant comes after its trades: these are then one record an order."""


@dataclass(slots=True)
class Events:
    """
    What an account's lines make, in their order; nothing while `silent`, before the window and
    after it.
    """

    account: str
    fills: list[Fill] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    silent: bool = False
    _number: int = 0

    def trade(self, entry: Entry, trade: Trade, trade_id: str, fee: int) -> None:
        """An execution; `fee` in the contract's own money (1e-18)."""
        of = trade.of
        paid_in = Coin(of.base, 0, trade.index_price) if of.inverse else None
        self._fill(
            Fill(
                entry.source,
                entry.time,
                self._next(),
                self.account,
                of.name,
                trade.size,
                trade.dollars(trade.price),
                fee if of.inverse else self.dollars(of.currency, fee, trade.index_price),
                trade.maker,
                trade.liquidation,
                trade_id,
                order=trade.order,
                mark=trade.dollars(trade.mark),
                paid_in=paid_in,
            )
        )

    def booked(
        self, entry: Entry, of: Contract, size: int, price: int, index: int, fee: int
    ) -> None:
        """A delivery of a signed size at a price in dollars (1e-18)."""
        self._book(
            entry,
            of.name,
            size,
            price,
            fee if of.inverse else self.dollars(of.currency, fee, index),
            Coin(of.base, 0, index) if of.inverse else None,
        )

    def coins(self, entry: Entry, coin: str, amount: int, index: int) -> None:
        """Coins that were paid for something, or are its price; dollars need no line."""
        if coin in COINS and amount:
            self._book(entry, coin, amount, index, 0, None)

    def carry(self, entry: Entry, amount: int, index: int) -> None:
        """Funding, and what the venue's rounding leaves, in the currency (1e-18)."""
        if amount:
            self._line(Carry(*self._money(entry, amount, index, "carry")))

    def carry_dollars(self, entry: Entry, amount: int) -> None:
        """As `carry`, of an amount in u'."""
        if amount:
            payment = f"carry-{entry.currency}-{entry.item.whole('id')}"
            place = (entry.source, entry.time, self._next(), self.account)
            self._line(Carry(*place, amount, payment))

    def transfer(
        self, entry: Entry, amount: int, index: int, transaction: str | None = None
    ) -> None:
        """Money in or out, in the currency (1e-18)."""
        if amount:
            made = Transfer(*self._money(entry, amount, index, "transfer"))
            self._line(made if transaction is None else made._replace(transaction=transaction))

    @staticmethod
    def dollars(currency: str, amount: int, index: int) -> int:
        """An amount of a currency (1e-18) in u'."""
        return amount * (index if currency in COINS else UNIT)

    def _money(
        self, entry: Entry, amount: int, index: int, what: str
    ) -> tuple[Source, int, int, str, int, str, Coin | None]:
        currency, coin = entry.currency, None
        if currency in COINS:
            coin = Coin(currency, amount, index)
        name = f"{what}-{currency}-{entry.item.whole('id')}"
        dollars = self.dollars(currency, amount, index)
        return entry.source, entry.time, self._next(), self.account, dollars, name, coin

    def _book(
        self, entry: Entry, name: str, size: int, price: int, fee: int, paid_in: Coin | None
    ) -> None:
        number = self._next() + _BOOKED_LAST
        self._fill(
            Fill(
                entry.source, entry.time, number, self.account, name, size, price, fee,
                maker=False, booked=True, paid_in=paid_in,
            )
        )  # fmt: skip

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _fill(self, fill: Fill) -> None:
        if not self.silent:
            self.fills.append(fill)

    def _line(self, line: Line) -> None:
        if not self.silent:
            self.lines.append(line)
