"""
How near an account is to liquidation, at each record and at each instant of the clock between two
(docs/explanation/metrics.md A6).

A statement with a margin document is judged by its rules (`attestor.margin`); one without, by a
hundredth of every position's exposure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from algebra.errors import Refused
from attestor.ledger import Book, Holding
from attestor.margin.account import MarginAccount, Mark, OptionTerms
from attestor.margin.distance import FARTHEST, NEAREST, UNTOUCHED, State, exposure, state
from attestor.margin.moment import Valuer
from attestor.prices import PriceBoard
from attestor.statement import DELTA_UNIT, MICROSECONDS, Instrument, Statement
from policies.margin.rules import SHARE

CLOCK = 3_600
"""Seconds, where no document says less."""
FLAT = 100
"""One part in so many of each position's exposure is maintenance margin where no document is."""


class Standings:
    """The states of all accounts as the prices move on."""

    def __init__(self, statement: Statement, board: PriceBoard) -> None:
        self._board, self._instruments = board, statement.instruments
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
        cash = book.balance - sum(each.cost for each in book.holdings.values()) - without
        if self._valuer is None:
            return self._flat(cash, book.holdings)
        held = {name: each.size for name, each in book.holdings.items()}
        for name in held:
            if self._instruments[name].underlying and name not in self._valuer.options:
                raise Refused(
                    "refused.margin.rule",
                    f"{name}: an option under a margin document needs its expiry, strike and right",
                    instrument=name,
                )

        def mark(name: str) -> Mark:
            holding = book.holdings.get(name)
            return self._board.mark(name, None if holding is None else holding.unit_cost)

        moment = self._valuer.at(self._board.now, mark, held)
        return state([MarginAccount(cash, held)], moment)

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
        underlying = self._instruments[name].underlying or name
        if self._valuer is None:
            return underlying
        rules = self._valuer.document.at(self._board.now)
        coin = rules.find_coin(underlying)
        return rules.underlying_of(underlying) if coin is None else coin.underlying

    def _flat(self, cash: int, held: Mapping[str, Holding]) -> State:
        """10^4 (E - M) // sum |n_u - m_u| with M a hundredth of each exposure."""
        moving: Counter[str] = Counter()
        charged: Counter[str] = Counter()
        equity, gross, margin = cash, 0, 0
        for name, holding in held.items():
            size, cost = holding.size, holding.unit_cost
            notional, on = self._board.delta_notional(name, size, cost), self.asset(name)
            exposed = -(-abs(notional) // DELTA_UNIT)
            part = -(-exposed // FLAT)
            equity += size * self._board.price(name, cost)
            gross, margin = gross + exposed, margin + part
            moving[on] += notional // DELTA_UNIT
            charged[on] += part
        if not held:
            distance = FARTHEST if equity >= 0 else NEAREST
        else:
            slope = sum(abs(moving[on] - charged[on]) for on in moving)
            distance = SHARE * (equity - margin) // max(slope if equity >= margin else gross, 1)
        return State(min(FARTHEST, max(NEAREST, distance)), exposure(equity, gross))


def _terms(option: Instrument) -> OptionTerms | None:
    """None of what is no option, and of an option whose terms nobody says."""
    if option.underlying is None or option.expiry is None or option.strike is None:
        return None
    return OptionTerms(option.underlying, option.call, option.strike, option.expiry)
