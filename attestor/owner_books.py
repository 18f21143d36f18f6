"""
The books of all accounts of an owner as the window goes on: prices, states, trips, and the records
that come of them (docs/explanation/metrics.md A3, A6, A9).
"""

from __future__ import annotations

from algebra.errors import Refused
from attestor.ledger import Book, Holding, floor_cents
from attestor.margin.distance import UNTOUCHED, State
from attestor.prices import PriceBoard
from attestor.rows import Rows
from attestor.standing import Standings
from attestor.stated import EntryCosts
from attestor.statement import (
    CENT,
    MARK_RANK,
    UNIT,
    Fill,
    Line,
    OpeningPosition,
    Reward,
    Statement,
    Transfer,
    coins,
)
from attestor.trips import Execution, Trips
from history.v2 import record as kinds

MONEY_LIMIT = 1 << 47  # |closing| below, cents; leaf word `money`
OPENING_LIMIT = 1 << 48


class OwnerBooks:
    """
    Attributes
    ----------
    board : prices of now
    books, entries : of each account
    confirmed : wallets of which the venue states what is left at the window's end: it is compared,
        so no other sign of an incomplete ledger is wanted
    """

    def __init__(self, statement: Statement) -> None:
        self.statement, self.board = statement, PriceBoard.of(statement)
        self.entries = {
            account: EntryCosts(statement.openings.get(account), statement.instruments)
            for account in statement.accounts
        }
        self.standings = Standings(statement, self.board, self.entries)
        self.books = {account: Book(account) for account in statement.accounts}
        self.rows, self.trips = Rows(), Trips()
        self.confirmed = {said.wallet for said in statement.stated if said.time == statement.end}

    # -- the window's first and last instant -------------------------------------------------------
    def open_window(self) -> int:
        """
        Re-base open positions to their mark price: opening unrealised pnl is 0 (A3). Returns the
        opening, cents; Refused (`refused.ledger`, `refused.price`, `refused.range`).
        """
        self.board.advance((self.statement.start, MARK_RANK, 0))
        traders = {fill.wallet for fill in self.statement.fills}
        for wallet, book in self.books.items():
            opening = self.statement.openings.get(wallet)
            equity = 0
            if opening is not None:
                equity = opening.balance
                equity += sum(self._open_position(book, held) for held in opening.positions)
            book.open_with(equity)
            incoming = [
                line.amount
                for line in self.statement.lines
                if line.wallet == wallet and isinstance(line, Transfer | Reward)
            ]
            book.deposits = max(0, equity) + sum(amount for amount in incoming if amount > 0)
            if book.deposits == 0 and wallet in traders - self.confirmed:
                raise Refused(
                    "refused.ledger",
                    f"wallet {wallet}: neither deposit nor opening balance",
                    wallet=wallet,
                )
        opening_cents = sum(book.opening for book in self.books.values())
        if not 0 <= opening_cents < OPENING_LIMIT:
            raise Refused(
                "refused.range",
                "opening: the wallets' equity together is below 0 or 2^48 cents and more",
            )
        return opening_cents

    def _open_position(self, book: Book, held: OpeningPosition) -> int:
        """
        Take a position in at its mark: what it has made before the window, u', which is money then.
        An inverse contract's is coins. It was traded once, so its trip counts: else losers from
        before the window would be in none.
        """
        price, coin = self.board.price(held.instrument), self.coin_of(held.instrument)
        if held.isolated is not None:
            book.isolate(held.instrument, held.isolated, self.statement.start)
        if coin is None:
            book.fill(held.instrument, held.size, price, 0)
            self.trips.execute(held.instrument, Execution(held.size, -held.size * price, 0))
            return held.size * (price - held.entry)
        worth, at = coins(held.size, price), self.board.price(coin)
        book.holdings[held.instrument] = Holding(worth, held.size * UNIT, inverse=True)
        self.trips.execute(held.instrument, Execution(held.size, worth, 0))
        made = coins(held.size, held.entry) - worth
        if made:
            book.fill(coin, made, at, 0)
            self.trips.execute(coin, Execution(made, -made * at, 0, fill=False))
        return made * at

    def closing(self) -> int:
        """Cents; Refused (`refused.range`, `refused.reconciliation`)."""
        closing = sum(book.closing for book in self.books.values())
        if abs(closing) >= MONEY_LIMIT:
            raise Refused("refused.range", "closing: 2^47 cents and more")
        rest = sum(book.balance for book in self.books.values()) - closing * CENT
        if not 0 <= rest < 3 * CENT * len(self.books):
            raise Refused(
                "refused.reconciliation",
                "closing: not within 3 cents a wallet of the exact balance",
            )
        return closing

    # -- what stands now ---------------------------------------------------------------------------
    def state(self, book: Book, without: int = 0) -> State:
        """
        A6 of a wallet now, as if `without` (u') had not been credited; refuses a ledger that cannot
        be complete (`refused.ledger`).
        """
        valued = book.value(self.board)
        equity = book.balance + valued.unrealised
        if 100 * equity < -book.deposits and book.wallet not in self.confirmed:
            raise Refused(
                "refused.ledger",
                f"wallet {book.wallet}: equity falls below -1 % of its deposits on day "
                f"{self.rows.day} of the window; "
                "its ledger is incomplete",
                wallet=book.wallet,
                day=self.rows.day,
            )
        return self.standings.now(book, without)

    def state_since(self, book: Book, before: State) -> State:
        """The worst of `before`, of now and of the clock's instants since the last record."""
        return before.worse(self.state(book)).worse(self.standings.since(book))

    def level(self) -> int:
        """The owner's profit since the window began, exact, at the prices of now, u'."""
        return sum(
            book.trading + book.carry + book.value(self.board).unrealised
            for book in self.books.values()
        )

    def told_at(self) -> int:
        """The instant at or after which the price of all that is held was told, microseconds."""
        held = {name for book in self.books.values() for name in book.holdings}
        return min((self.board.told_at(name) for name in held), default=self.board.now)

    def coin_of(self, instrument: str) -> str | None:
        """The coin that an inverse contract pays in."""
        return self.statement.instruments[instrument].coin

    # -- trips -------------------------------------------------------------------------------------
    def end_trip(self, instrument: str, done: Execution, event: Fill | Line) -> None:
        """The record of a trip, if this execution of the owner ends one (A9)."""
        made = self.trips.execute(instrument, done)
        if made is None:
            return
        if isinstance(event, Fill) and event.instrument == instrument:
            made = event.dollars(made)
        self.rows.add(kinds.TRIP, event.time, UNTOUCHED, 0, floor_cents(made), event.source)

    def end_trips(self, time: int) -> None:
        """What is open at the window's end ends at the last mark."""
        for instrument, money in self.trips.finish():
            made = self._made(instrument, money)
            self.rows.add(kinds.TRIP, time, UNTOUCHED, 0, floor_cents(made), None)

    def _made(self, instrument: str, money: int) -> int:
        """
        What a trip has made that is open at the prices of now, u': its money and what the owner's
        position is worth; of an inverse contract its coins, less the face that is owed.
        """
        books = (book.holdings for book in self.books.values())
        held = [holdings[instrument] for holdings in books if instrument in holdings]
        prices = [self.board.price(instrument, each.unit_cost) for each in held]
        if self.coin_of(instrument) is None:
            return money + sum(each.size * at for each, at in zip(held, prices, strict=True))
        return money * (prices[0] if prices else 0) - sum(each.cost for each in held)
