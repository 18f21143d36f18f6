"""
An account of Deribit line by line: what each line says is compared with what the lines before it
make, and becomes events of the books (docs/explanation/attestation.md 2.6).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from attestor.collect.folder import COLLECTED
from attestor.prices import PriceBoard
from attestor.stated import plain
from attestor.statement import (
    UNIT,
    Opening,
    OpeningPosition,
    Source,
    Stated,
    bad_line,
)
from attestor.venues.deribit.delivery import Delivery, Transit
from attestor.venues.deribit.events import Events
from attestor.venues.deribit.log import CURRENCIES, Entry
from attestor.venues.deribit.names import COINS, DOLLARS, LAST_UNIT, Contract, contract
from attestor.venues.deribit.prices import Tickers
from attestor.venues.deribit.session import Session
from attestor.venues.deribit.trades import Side, signed_amount


@dataclass(slots=True)
class Account:
    """
    One account as its lines go by.

    Attributes
    ----------
    joined : by its last line, each trade
    moved : by line, the transaction of a transfer between two accounts of the folder
    positions : the signed size that the venue states, 1e-18, by name
    balances : by currency, 1e-18
    transit : options that were delivered into a future that has not settled yet, by the future
    """

    name: str
    tickers: Tickers
    joined: Mapping[Entry, Side]
    moved: Mapping[Entry, str]
    events: Events
    positions: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    contracts: dict[str, Contract] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    balances: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CURRENCIES, 0))
    transit: dict[str, Transit] = field(default_factory=dict)
    source: Source = field(default_factory=lambda: Source(COLLECTED, 1))

    def take(self, entry: Entry) -> None:
        """
        The next line.

        Raises
        ------
        Malformed
            `malformed.statement` with its place: a figure that the lines before it do not make, or
            a shape that no recording shows.
        """
        self.source = entry.source
        self.balances[entry.currency] = entry.balance
        match entry.kind:
            case "trade":
                self._trade(entry)
            case "settlement":
                self._settlement(entry)
            case "delivery":
                Delivery(self).take(entry)
            case _:  # deposit, withdrawal, transfer: `KINDS` has no others
                self._flow(entry)

    def require_delivered(self) -> None:
        """
        Once all lines are taken: no option is on its way; Malformed (`malformed.statement`).
        """
        for future in self.transit:
            raise bad_line(
                self.source, f"options were delivered into {future}, which was never settled"
            )

    # -- the window's ends -------------------------------------------------------------------------
    def open(self, time: int, board: PriceBoard) -> Opening | None:
        """
        What it holds at the window's first instant, at the marks of `board`; from here on the books
        count from them (docs/explanation/metrics.md A3).

        Raises
        ------
        Refused
            `refused.price`: something is held that has no mark.
        """
        held, worth = [], 0
        for name, session in sorted(self.sessions.items()):
            price = board.price(name) if session.size else 0
            session.rebase(price)
            if session.size:
                held.append(OpeningPosition(self.source, name, session.stated, price))
        for name, size in sorted(self._options().items()):
            price = board.price(name)
            held.append(OpeningPosition(self.source, name, size, price))
            worth += size * price
        for coin in COINS:
            if size := self.cash(coin):
                price = board.price(coin)
                held.append(OpeningPosition(self.source, coin, size, price))
                worth += size * price
        worth += self.cash(DOLLARS)
        return Opening(self.source, time, worth, held) if held or worth else None

    def stated(self, time: int) -> Stated:
        """What the log says that it holds now, of the instant `time`."""
        held = {name: each.stated for name, each in self.sessions.items() if each.size}
        paid = self._options() | {coin: size for coin in COINS if (size := self.cash(coin))}
        positions = tuple(sorted((held | paid).items()))
        return Stated(
            self.source,
            time,
            0,
            self.name,
            self.cash(DOLLARS),
            positions,
            paid=tuple(sorted(paid)),
        )

    def cash(self, currency: str) -> int:
        """
        The balance as the books have it, coins in 1e-18 and dollars in u': the venue's, and what
        futures have realised that it has not paid yet.
        """
        unit = UNIT if currency == DOLLARS else 1
        waiting = (
            session.waiting
            for name, session in self.sessions.items()
            if self.contracts[name].currency == currency
        )
        return self.balances[currency] * unit + sum(waiting)

    def _options(self) -> dict[str, int]:
        return {
            name: size
            for name, size in self.positions.items()
            if size and self.contracts[name].option
        }

    # -- lines -------------------------------------------------------------------------------------
    def contract(self, entry: Entry) -> Contract:
        """The line's instrument, which pays in the line's currency."""
        of = contract(entry.item.text("instrument_name"), entry.source)
        if of.currency != entry.currency:
            raise entry.error("instrument_name", f"{of.name} pays in {of.currency}")
        self.contracts[of.name] = of
        return of

    def session(self, of: Contract) -> Session:
        """The books of a future or perpetual."""
        return self.sessions.setdefault(of.name, Session(of.inverse))

    def move(self, entry: Entry, of: Contract, size: int) -> None:
        """The position after the line is the one before it and what it moves."""
        self.positions[of.name] += size
        stated, here = entry.item.number("position"), self.positions[of.name]
        if stated != here:
            raise entry.error(
                "position",
                f"{plain(stated, UNIT)} in {of.name}, the lines before it and its own make "
                f"{plain(here, UNIT)}: one is missing, wrong or out of order",
            )

    def index(self, entry: Entry) -> int:
        """The price at which the line's currency counts, 1e-18."""
        if self.events.silent or entry.currency == DOLLARS:
            return UNIT
        return self.tickers.index(entry.currency, entry.time, entry.source)

    def fee(self, entry: Entry, paid: int, change: int, commission: int, index: int) -> None:
        """
        A change is what was paid less the commission. Where it is what was paid alone, a fee
        balance outside the account has paid the commission: a fee all the same, and a deposit.
        """
        if change == paid - commission:
            return
        if change != paid:
            raise entry.error("change", "is not the cashflow less the commission")
        self.events.transfer(entry, commission, index, f"fee-{entry.item.whole('id')}")

    def _trade(self, entry: Entry) -> None:
        of = self.contract(entry)
        self.move(entry, of, signed_amount(entry))
        side = self.joined.get(entry)
        if side is None:  # the first line of a trade that turns the position: the last has it all
            return
        if not self.events.silent:
            self.tickers.require(of.name, entry.time, entry.source)
        change, fee = sum(line.change for line in side.lines), side.trade.fee
        trade_id = entry.item.text("trade_id")
        if of.option:
            self._option_trade(entry, side, trade_id, change)
            return
        if change != -fee or any(
            line.item.has("profit_as_cashflow") and line.item.boolean("profit_as_cashflow")
            for line in side.lines
        ):
            raise entry.error("change", "of a future's trade is not its commission alone")
        self.session(of).fill(side.trade.size, side.trade.price)
        self.events.trade(entry, side.trade, trade_id, fee)

    def _option_trade(self, entry: Entry, side: Side, trade_id: str, change: int) -> None:
        trade, of = side.trade, side.trade.of
        if entry.item.text("price_currency") != of.currency:
            raise entry.error("price_currency", f"an option's price is in {of.currency}")
        paid, rest = divmod(-trade.size * trade.price, UNIT)
        cashflow = sum(line.cashflow for line in side.lines)
        if rest or abs(cashflow - paid) >= LAST_UNIT:
            raise entry.error("cashflow", "is not the amount at the price")
        index = trade.index_price if of.currency in COINS else UNIT
        self.fee(entry, cashflow, change, trade.fee, index)
        self.events.trade(entry, trade, trade_id, trade.fee)
        self.events.coins(entry, of.currency, paid - trade.fee, index)
        self.events.carry(entry, cashflow - paid, index)

    def _settlement(self, entry: Entry) -> None:
        of = self.contract(entry)
        if of.option:
            raise entry.error("type", "a settlement of an option: no recording shows one")
        self.move(entry, of, 0)
        session, item = self.session(of), entry.item
        price = item.positive("price") if session.size else 0
        shown = item.number("session_upl") + item.number("session_rpl")
        if abs(shown - entry.change) > 2 * LAST_UNIT or entry.cashflow != entry.change:
            raise entry.error("change", "is not session_upl and session_rpl together")
        funding = item.number("total_interest_pl") if item.has("total_interest_pl") else 0
        self.pay(entry, of, entry.change, price, funding)

    def pay(self, entry: Entry, of: Contract, amount: int, price: int, funding: int) -> None:
        """A settlement's payment (1e-18 of the currency); the rest of it is funding."""
        session, unit = self.session(of), 1 if of.inverse else UNIT
        allowed = session.rounding(price)
        rest = session.settle(amount * unit, price)
        if abs(rest - funding * unit) > allowed:
            due = amount * unit - rest
            raise entry.error(
                "change",
                f"{plain(amount, UNIT)} is not what the fills of {of.name} make by this price, "
                f"{plain(due // unit, UNIT)}, and the funding, {plain(funding, UNIT)}",
            )
        if of.inverse:
            self.events.carry(entry, rest, self.index(entry))
        else:
            self.events.carry_dollars(entry, rest)

    def _flow(self, entry: Entry) -> None:
        if entry.kind == "deposit" and entry.change <= 0:
            raise entry.error("change", "a deposit of nothing or less")
        if entry.kind == "withdrawal" and entry.change >= 0:
            raise entry.error("change", "a withdrawal of nothing or less")
        if entry.item.has("instrument_name"):
            raise entry.error("instrument_name", f"a {entry.kind} of {entry.currency} has none")
        self.events.transfer(entry, entry.change, self.index(entry), self.moved.get(entry))
