"""
How near an account is to liquidation, at each record and at each instant of the clock between two
(docs/explanation/metrics.md A6).

A statement with a margin document is judged by its rules (`attestor.margin`); one without, by a
hundredth of every position's exposure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from algebra.errors import Refused
from attestor.ledger import Book, Holding
from attestor.margin.account import Group, HeldLinear, MarginAccount, Mark, OptionTerms
from attestor.margin.distance import UNTOUCHED, Standing, State, measured, state, together
from attestor.margin.moment import Valuer
from attestor.margin.requirement import linear_margin
from attestor.prices import PriceBoard
from attestor.stated import EntryCosts
from attestor.statement import DELTA_UNIT, MICROSECONDS, Instrument, Statement
from policies.margin import Bracket, Linear, Rate

CLOCK = 3_600
"""Seconds, where no document says less."""
FLAT = Linear("*", "*", (Bracket(0, Rate(1, 100)),), Rate(0, 1))
"""Maintenance margin where no document is: a hundredth of each position's exposure."""


class Standings:
    """The states of all accounts as the prices move on."""

    def __init__(
        self, statement: Statement, board: PriceBoard, entries: Mapping[str, EntryCosts]
    ) -> None:
        self._board, self._instruments, self._entries = board, statement.instruments, entries
        document = statement.margin
        self._valuer = None
        if document is not None:
            known = {name: _terms(each) for name, each in statement.instruments.items()}
            self._valuer = Valuer(document, {name: terms for name, terms in known.items() if terms})
        self.step = (CLOCK if document is None else document.clock) * MICROSECONDS
        self._since: dict[str, State] = {}

    def now(self, book: Book, without: int = 0) -> State:
        """
        An account at the prices of now, as if `without` (u') had not been credited.

        Raises
        ------
        Refused
            `refused.price`, `refused.margin.rule`, `refused.margin.version` or
            `refused.margin.range`.
        """
        accounts = self._margin_accounts(book, without)
        if self._valuer is None:
            return together([self._flat(each, book) for each in accounts])
        held = {name for each in accounts for name, size in each.sizes.items() if size}
        for name in sorted(held):
            if self._instruments[name].underlying and name not in self._valuer.options:
                raise Refused(
                    "refused.margin.rule",
                    f"{name}: an option under a margin document needs its expiry, strike and right",
                    instrument=name,
                )

        def mark(name: str) -> Mark:
            return self._board.mark(name, _unit_cost(book, name))

        return state(accounts, self._valuer.at(self._board.now, mark, held))

    def _margin_accounts(self, book: Book, without: int) -> list[MarginAccount]:
        """
        The cross part of an account, as if `without` (u') had not been credited, and each position
        that has a margin of its own, which is money, or of an inverse contract coins.
        """
        sizes = {name: each.size for name, each in book.holdings.items()}
        faces = {name: each.cost for name, each in book.holdings.items() if each.inverse}
        cash = book.balance - sum(each.cost for each in book.holdings.values()) - without
        apart = []
        for name, stated in book.isolated.items():
            held = book.holdings.get(name, Holding())
            amount = stated + self._entries[book.wallet].before_window(book, name)
            coin = self._instruments[name].coin
            own = {name: sizes.pop(name, 0)}
            if coin is not None:
                sizes[coin] = sizes.get(coin, 0) - amount
                own[coin] = amount
            put = amount if coin is None else 0
            cash += held.cost - put
            apart.append(MarginAccount(put - held.cost, own, faces=faces))
        return self._without_debt(MarginAccount(cash, sizes, faces=faces), apart, book)

    def _without_debt(
        self, cross: MarginAccount, apart: list[MarginAccount], book: Book
    ) -> list[MarginAccount]:
        """
        A cross part without a position that is worth less than 0 (a fee or funding after all was
        set aside, in dollars or coins) is nothing that a venue liquidates: what it owes comes off
        the positions apart, off each in full. Together they are worth as much as before.
        """
        held = [name for name, size in cross.sizes.items() if size]
        lent = {self._instruments[name].coin for name in book.isolated}
        if not lent.issuperset(held):
            return [cross, *apart]
        worth = cross.cash + sum(
            cross.sizes[name] * self._board.price(name, _unit_cost(book, name)) for name in held
        )
        if worth >= 0:
            return [cross, *apart]
        charged = [replace(each, cash=each.cash + worth) for each in apart]
        return [MarginAccount(worth - len(apart) * worth, {}), *charged]

    def tick(self, books: Iterable[Book]) -> None:
        """An instant of the clock: what each account stands at is kept for its next record."""
        for book in books:
            if book.holdings:
                since = self._since.get(book.wallet, UNTOUCHED)
                self._since[book.wallet] = since.worse(self.now(book))

    def since(self, book: Book) -> State:
        """The worst of the clock's instants since the account's last record; forgotten with it."""
        return self._since.pop(book.wallet, UNTOUCHED)

    def asset(self, name: str) -> str:
        """What an instrument's price follows: positions on one asset net."""
        instrument = self._instruments[name]
        underlying = instrument.underlying or name
        if self._valuer is None:
            return instrument.coin or underlying
        rules = self._valuer.document.at(self._board.now)
        coin = rules.find_coin(underlying)
        return rules.underlying_of(underlying) if coin is None else coin.underlying

    def _flat(self, account: MarginAccount, book: Book) -> Standing:
        """
        A margin account where M is a hundredth of each exposure: an option counts as so much of its
        underlying as its delta says.
        """
        groups: defaultdict[str, Group] = defaultdict(Group)
        for name, size in account.sizes.items():
            if size:
                self._add(groups[self.asset(name)], name, size, account.faces.get(name), book)
        held = (each for group in groups.values() for each in group.linear)
        maintenance = sum(int(linear_margin(each.rule, *each.charged)) for each in held)
        return measured(account.cash, list(groups.values()), maintenance)

    def _add(self, group: Group, name: str, size: int, face: int | None, book: Book) -> None:
        cost = _unit_cost(book, name)
        exact = self._board.delta_notional(name, size, cost)
        notional = -(-abs(exact) // DELTA_UNIT) * (1 if exact >= 0 else -1)
        group.still += size * self._board.price(name, cost) - notional
        group.linear.append(HeldLinear(size, notional, FLAT, face))


def _unit_cost(book: Book, name: str) -> int | None:
    holding = book.holdings.get(name)
    return None if holding is None else holding.unit_cost


def _terms(option: Instrument) -> OptionTerms | None:
    """None of what is no option, and of an option whose terms nobody says."""
    if option.underlying is None or option.expiry is None or option.strike is None:
        return None
    return OptionTerms(option.underlying, option.call, option.strike, option.expiry)
