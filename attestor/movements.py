"""
Ledger lines as records: money and coins that come and go, carry, rewards, votes
(docs/explanation/metrics.md A5).
"""

from __future__ import annotations

from attestor.executions import Accounts
from attestor.flows import DayFlows
from attestor.ledger import floor_cents
from attestor.margin.distance import State
from attestor.owner_books import OwnerBooks
from attestor.pairs import internal_transfers
from attestor.statement import Carry, Coin, Isolated, Line, Reward, Transfer, Vote
from attestor.trips import Execution
from history.v2 import record as kinds


class Movements:
    """The ledger lines of an owner, one by one in the order of A2."""

    def __init__(self, owner: OwnerBooks, accounts: Accounts, flows: DayFlows) -> None:
        self._owner, self._accounts, self._flows = owner, accounts, flows
        self._internal = internal_transfers(owner.statement.lines)
        self._proposals: set[str] = set()
        self._rewarded: set[tuple[str, int]] = set()

    def add(self, line: Line, index: int) -> None:
        """The line that has this index in the statement."""
        if isinstance(line, Isolated):
            self._isolate(line)
            return
        self._accounts.line(line.wallet, moves=isinstance(line, Transfer))
        if isinstance(line, Vote):
            self._vote(line)
        elif isinstance(line, Carry):
            self._accrue(line)
        else:
            self._flow(self._internal.get(index, line), internal=index in self._internal)

    def _isolate(self, line: Isolated) -> None:
        """No record: the states before and after count for the account's next."""
        book, standings = self._owner.books[line.wallet], self._owner.standings
        standings.tick([book])
        book.isolate(line.instrument, line.amount, line.time)
        standings.tick([book])

    def _vote(self, line: Vote) -> None:
        """A record for a proposal, whichever wallet voted first."""
        owner, book = self._owner, self._owner.books[line.wallet]
        before = owner.state(book)
        if line.proposal not in self._proposals:
            self._proposals.add(line.proposal)
            state = before.worse(owner.standings.since(book))
            owner.rows.add(kinds.VOTE, line.time, state, 0, 0, line.source)

    def _accrue(self, line: Carry) -> None:
        """Carry counts now and has its record at the day's end; what it brings in a coin now."""
        owner, book = self._owner, self._owner.books[line.wallet]
        before = owner.state(book)
        book.accrue(line.amount)
        gained, after = book.coin(line.coin), owner.state(book)
        if line.coin is not None:
            state = before.worse(after).worse(owner.standings.since(book))
            self._coin(line, line.coin, state, gained, internal=False)

    def _flow(self, line: Transfer | Reward, *, internal: bool) -> None:
        owner, book = self._owner, self._owner.books[line.wallet]
        before, level = owner.state(book), owner.level()
        kind = kinds.TRANSFER
        if isinstance(line, Reward):
            # One reward record a programme and day; what comes after pays as an external deposit.
            key = (line.programme, owner.rows.day)
            if key in self._rewarded and line.amount == 0:
                return
            if key not in self._rewarded:
                self._rewarded.add(key)
                kind = kinds.REWARD
        value, gained = book.flow(line.amount), book.coin(line.coin)
        state = owner.state_since(book, before)
        if not internal:
            if value > 0:
                kind |= kinds.INFLOW
            if line.amount:
                self._flows.add(len(owner.rows), line.amount, line.time, level)
        owner.rows.add(kind, line.time, state, 0, value, line.source)
        if line.coin is not None:
            self._coin(line, line.coin, state, gained, internal=internal)

    def _coin(self, line: Line, coin: Coin, state: State, gained: int, *, internal: bool) -> None:
        """
        The booked purchase or sale of what a line moves in a coin. One that goes from account to
        account is none of the owner's.
        """
        self._owner.entries[line.wallet].fill(coin)
        amount = coin.size * coin.price
        notional = floor_cents(abs(amount))
        self._owner.rows.add(kinds.BOOKED, line.time, state, notional, gained, line.source)
        if not internal:
            self._owner.end_trip(
                coin.instrument, Execution(coin.size, -amount, 0, fill=False), line
            )
