"""
The log of an owner: one list of records over all his wallets, in the order of time
(docs/explanation/metrics.md A2 to A8).

`build_log` is the only maker of records. It walks the days of the window once, keeps one `Book` a
wallet, and checks at the end that opening + sum of the values of all records but marks = closing,
to the cent.
"""

from __future__ import annotations

from dataclasses import dataclass

from algebra.errors import Refused
from attestor.band import Bands, beyond
from attestor.checks import check_lines
from attestor.complaints import Complaints
from attestor.executions import Accounts, Gathered, Latest, RecordKey
from attestor.expiry import open_past_expiry
from attestor.flows import DayFlows
from attestor.ledger import Applied, Book, Holding, floor_cents
from attestor.margin.distance import UNTOUCHED, State
from attestor.owner import owner_mark
from attestor.pairs import internal_transfers, own_groups
from attestor.prices import PriceBoard
from attestor.standing import Standings
from attestor.stated import EntryCosts, contradictions
from attestor.statement import (
    CENT,
    DAY_MICROSECONDS,
    FILL_RANK,
    LINE_RANK,
    MARK_RANK,
    MICROSECONDS,
    STATED_RANK,
    UNIT,
    Carry,
    Coin,
    Fill,
    Isolated,
    Line,
    OpeningPosition,
    Reward,
    Source,
    Stated,
    Statement,
    Transfer,
    Vote,
    bad_line,
    coins,
)
from attestor.trips import Execution, Trips
from history.v2 import record as kinds
from history.v2.record import NOTIONAL_LIMIT, VALUE_OFFSET, Record, Records

LAST_MINUTE = 1439
Event = Fill | Line | Stated
MONEY_LIMIT = 1 << 47  # |closing| below, cents; leaf word `money`
OPENING_LIMIT = 1 << 48


@dataclass(frozen=True, slots=True)
class Log:
    """
    Records and what the leaf says of them.

    Attributes
    ----------
    records : day counted from first_day; every account has one mark a day, and the owner one
    opening, closing : cents; opening + sum of values of non-marks = closing
    wallets : how many accounts, sub-accounts too
    first_day, days : days since 1970-01-01 UTC, and how many
    """

    records: Records
    opening: int
    closing: int
    wallets: int
    first_day: int
    days: int

    @property
    def last_day(self) -> int:
        """Last day inside the window, days since 1970-01-01 UTC."""
        return self.first_day + self.days - 1

    def check(self) -> None:
        """Refused (`refused.reconciliation`) unless the books close to the cent (A3)."""
        if self.opening + self.records.moved != self.closing:
            raise Refused(
                "refused.reconciliation", "log: opening + values of records differs from closing"
            )


def build_log(statement: Statement, capacity: int | None = None) -> Log:
    """
    Turn a statement into the owner's log.

    Parameters
    ----------
    statement : every line of every wallet of the owner in the window
    capacity : most records that the size class holds, None for no limit

    Raises
    ------
    Malformed
        `malformed.statement` with file, line and reason (A7).
    Refused
        `refused.capacity` (more records than `capacity`), `refused.ledger` (a wallet that traded
        without deposit and opening, or whose equity falls below -1 % of its deposits, unless the
        venue states what is left at the window's end; books that differ from what it states),
        `refused.expired` (a position that outlives its instrument), `refused.price` (an open
        position without a price), `refused.range` (a sum that a record or
        the leaf cannot hold), `refused.reconciliation`.

    Notes
    -----
    The order of wallets, fills and lines in the statement changes nothing. Cost: one pass, a few
    microseconds for each record and open position.
    """
    check_lines(statement)
    log = _Builder(statement).run()
    if capacity is not None and len(log.records) > capacity:
        raise Refused(
            "refused.capacity",
            f"log: {len(log.records)} records, the size class holds {capacity}; take a larger "
            "class",
            records=len(log.records),
            capacity=capacity,
        )
    log.check()
    return log


class _Builder:
    """State of one run of `build_log`."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.board = PriceBoard.of(statement)
        self.entries = {
            account: EntryCosts(statement.openings.get(account), statement.instruments)
            for account in statement.accounts
        }
        self.standings = Standings(statement, self.board, self.entries)
        self.instant = (
            -(-statement.start // self.standings.step) * self.standings.step
        )  # clock's next
        self.wallets = statement.accounts
        self.books = {wallet: Book(wallet) for wallet in self.wallets}
        self.rows: list[Record] = []
        self.own = own_groups(statement.fills)
        self.accounts = Accounts()
        self.gathered, self.trips = Gathered(self.own), Trips()
        self.internal = internal_transfers(statement.lines)
        self.day = 0
        self.flows, self.bands = DayFlows(), Bands(statement, self.board)
        self.proposals: set[str] = set()
        self.rewarded: set[tuple[str, int]] = set()
        self.wrong = Complaints()
        self.broken: set[tuple[str, str]] = set()  # wallet, instrument; a fill is missing
        # Wallets of which the venue states what is left at the window's end: it is compared, so no
        # other sign of an incomplete ledger is wanted.
        self.confirmed = {said.wallet for said in statement.stated if said.time == statement.end}
        self.contradicted: dict[str, int] = {}  # by wallet, the first instant

    # -- the walk ----------------------------------------------------------------------------------
    def run(self) -> Log:
        statement = self.statement
        self.open_window()
        opening = sum(book.opening for book in self.books.values())
        if not 0 <= opening < OPENING_LIMIT:
            raise Refused(
                "refused.range",
                "opening: the wallets' equity together is below 0 or 2^48 cents and more",
            )
        try:
            self.walk()
        except Refused:
            self.wrong.settle()  # a missing fill is said before what follows from it
            raise
        self.wrong.settle()
        closing = sum(book.closing for book in self.books.values())
        self.check_closing(closing)
        # What one execution won beyond the band another of its record may have lost again.
        undone = kinds.ACTIVE | kinds.TRANSFER | kinds.INFLOW | kinds.BASE
        rows = (row for row in self.rows if row.kind != undone or row.value)
        records = Records.from_rows(rows)
        records.check()
        return Log(
            records, opening, closing, len(self.wallets), statement.first_day, statement.days
        )

    def walk(self) -> None:
        """All events and days, in order; complaints about reported figures are gathered."""
        statement, events, position = self.statement, self.ordered_events(), 0
        for self.day in range(statement.days):
            end = statement.start + (self.day + 1) * DAY_MICROSECONDS
            while position < len(events) and events[position][0][0] < end:
                key, index, event = events[position]
                self.run_clock(key[0])
                self.board.advance(key[:3])
                try:
                    if isinstance(event, Stated):
                        self.compare(event)
                    elif isinstance(event, Fill):
                        self.add_fill(event, index)
                    else:
                        self.add_line(event, internal=index in self.internal)
                except Refused as refusal:
                    raise _at(refusal, event.source) from refusal
                position += 1
            self.run_clock(end - 1)
            self.board.advance_before(end)
            self.check_expired(end)
            if self.day == statement.days - 1:
                self.end_trips(end - MICROSECONDS)
            self.close_day()
        for _, _, event in events[position:]:  # of the window's end
            if isinstance(event, Stated):
                self.compare(event)

    def run_clock(self, until: int) -> None:
        """
        Look at every account at the clock's instants up to `until`, before the lines and fills of
        each.
        """
        while self.instant <= until:
            self.board.advance((self.instant, MARK_RANK, 0))
            self.standings.tick(self.books.values())
            if self.flows.waiting:
                self.flows.look(self.level())
            self.instant += self.standings.step

    def check_expired(self, end: int) -> None:
        """No position outlives the day on which its instrument expires (A7)."""
        wrong = Complaints()
        for book in self.books.values():
            for error in open_past_expiry(self.statement, book, end):
                wrong.add(error)
        wrong.settle()

    def ordered_events(self) -> list[tuple[tuple[int, int, int, str], int, Event]]:
        """
        A2: time, ledger lines before fills, sequence, wallet; with the index in its own list. What
        is stated of an instant comes after all of it.
        """
        events: list[tuple[tuple[int, int, int, str], int, Event]] = []
        for index, fill in enumerate(self.statement.fills):
            events.append(((fill.time, FILL_RANK, fill.sequence, fill.wallet), index, fill))
        for index, line in enumerate(self.statement.lines):
            events.append(((line.time, LINE_RANK, line.sequence, line.wallet), index, line))
        for index, said in enumerate(self.statement.stated):
            events.append(((said.time, STATED_RANK, said.sequence, said.wallet), index, said))
        events.sort(key=lambda item: item[0])
        return events

    def open_window(self) -> None:
        """Re-base open positions to their mark price: opening unrealised pnl is 0 (A3)."""
        self.board.advance((self.statement.start, MARK_RANK, 0))
        traders = {fill.wallet for fill in self.statement.fills}
        for wallet, book in self.books.items():
            opening = self.statement.openings.get(wallet)
            equity = 0
            if opening is not None:
                equity = opening.balance
                equity += sum(self.open_position(book, held) for held in opening.positions)
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
        self.flows.begin(self.level())

    def open_position(self, book: Book, held: OpeningPosition) -> int:
        """
        Take a position in at its mark: what it has made before the window, u', which is money then.
        An inverse contract's is coins.
        """
        price, coin = self.board.price(held.instrument), self.coin_of(held.instrument)
        if held.isolated is not None:
            book.isolate(held.instrument, held.isolated)
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
            self.trips.execute(coin, Execution(made, -made * at, 0))
        return made * at

    def coin_of(self, instrument: str) -> str | None:
        """The coin that an inverse contract pays in."""
        return self.statement.instruments[instrument].coin

    # -- records -----------------------------------------------------------------------------------
    def add_fill(self, fill: Fill, index: int) -> None:
        book, group = self.books[fill.wallet], self.own.get(index)
        before = self.state(book)
        held = book.holdings.get(fill.instrument)
        size_before = held.stated if held else 0
        value, applied, paid = book.execute(fill)
        realised = self.entries[fill.wallet].fill(fill)
        self.check_reported(fill, size_before, applied.realised if realised is None else realised)
        state = before.worse(self.state(book)).worse(self.standings.since(book))
        if fill.liquidation:
            state = State(min(state.distance, 0), state.exposure)
        booked = fill.booked or group is not None
        kind = kinds.BOOKED if booked else kinds.FILL | (kinds.MAKER if fill.maker else 0)
        latest = self.add_execution(fill, RecordKey.of(fill, kind, group), state, value)
        given = 0 if booked else self.give(fill, applied, latest)
        cash = fill.cash_at(fill.price) - given * CENT // fill.dollars(1)
        done = self.gathered.take(index, Execution(fill.size, cash, fill.fee))
        if done is not None:
            self.end_trip(fill.instrument, done, fill)
        if paid is not None and paid.size:
            self.entries[fill.wallet].fill(paid)
            self.end_trip(paid.instrument, Execution(paid.size, -paid.size * paid.price, 0), fill)

    def end_trip(self, instrument: str, done: Execution, event: Fill | Line) -> None:
        """The record of a trip, if this execution of the owner ends one (A9)."""
        made = self.trips.execute(instrument, done)
        if made is None:
            return
        if isinstance(event, Fill) and event.instrument == instrument:
            made = event.dollars(made)
        self.add(kinds.TRIP, event.time, UNTOUCHED, 0, floor_cents(made), event.source)

    def give(self, fill: Fill, applied: Applied, latest: Latest) -> int:
        """
        Cents by which an execution changes what its record wins at once beyond the band: a flow
        (A4), whose record follows.
        """
        latest.surplus += self.bands.surplus(fill, applied)
        given = beyond(latest.surplus)
        cents, latest.given = given - latest.given, given
        if cents == 0:
            return 0
        book = self.books[fill.wallet]
        book.give(cents)
        record = self.rows[latest.row]
        self.check_money(0, max(given, cents - record.value), fill.source)
        self.rows[latest.row] = record._replace(value=record.value - cents)
        if latest.gift is None:
            latest.gift = len(self.rows)
            kind = kinds.TRANSFER | kinds.INFLOW | kinds.BASE
            self.add(kind, fill.time, self.state(book), 0, given, fill.source)
        else:
            gift = self.rows[latest.gift]
            state = self.state(book).worse(State(gift.distance, gift.exposure))
            self.rows[latest.gift] = gift._replace(value=given, **state._asdict())
        return cents

    def add_execution(self, fill: Fill, key: RecordKey, state: State, value: int) -> Latest:
        """A record of its own, or the part of one: notional and value are floored once."""
        begins, notional = self.accounts.begins_liquidation(fill), fill.notional
        kind = key.kind | (kinds.LIQUIDATION if begins else 0)
        latest = self.accounts.joins(fill.wallet, key, begins)
        if latest is None:
            self.add(kind, fill.time, state, floor_cents(notional), value, fill.source)
            latest = Latest(key, len(self.rows) - 1, notional, begins)
            self.accounts.begin(fill.wallet, latest)
            return latest
        latest.notional += notional
        latest.liquidation |= begins
        record = self.rows[latest.row]
        state = state.worse(State(record.distance, record.exposure))
        notional, value = floor_cents(latest.notional), record.value + value
        self.check_money(notional, value, fill.source)
        self.rows[latest.row] = record._replace(
            kind=record.kind | kind,
            distance=state.distance,
            exposure=state.exposure,
            notional=notional,
            value=value,
        )
        return latest

    def end_trips(self, time: int) -> None:
        """What is open at the window's end ends at the last mark."""
        for instrument, money in self.trips.finish():
            made = self.made(instrument, money)
            self.add(kinds.TRIP, time, UNTOUCHED, 0, floor_cents(made), None)

    def made(self, instrument: str, money: int) -> int:
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

    def check_reported(self, fill: Fill, size_before: int, realised: int) -> None:
        """
        A7: the venue's own figures, within one cent. Once a fill is missing all later ones of its
        instrument differ: the first is told.
        """
        held = (fill.wallet, fill.instrument)
        if held in self.broken:
            return
        start, pnl = fill.reported_start, fill.reported_pnl
        unit = fill.notional // abs(fill.size)
        if start is not None and abs(start - size_before) * unit > CENT:
            self.broken.add(held)
            reason = "start position differs from the rebuilt one: a fill is missing before it"
            self.wrong.add(bad_line(fill.source, reason))
        elif pnl is not None and abs(fill.dollars(pnl - realised)) > CENT:
            reason = "reported pnl differs from the rebuilt one by more than one cent"
            self.wrong.add(bad_line(fill.source, reason))

    def compare(self, said: Stated) -> None:
        """
        A7: what the venue states. After a contradiction all that follows differs: the first instant
        is told.
        """
        if said.time > self.contradicted.get(said.wallet, said.time):
            return
        book = self.books[said.wallet]
        value = 0
        if said.value is not None:
            valued = book.value(self.board)
            value = book.balance + valued.unrealised
        for error in contradictions(said, book, self.entries[said.wallet], value):
            self.contradicted[said.wallet] = said.time
            self.wrong.add(error)

    def add_line(self, line: Line, *, internal: bool) -> None:
        book = self.books[line.wallet]
        if isinstance(line, Isolated):
            self.standings.tick([book])
            book.isolate(line.instrument, line.amount)
            self.standings.tick([book])
            return
        self.accounts.line(line.wallet, moves=isinstance(line, Transfer))
        before = self.state(book)
        if isinstance(line, Vote):
            if line.proposal not in self.proposals:  # whichever wallet voted first (A5)
                self.proposals.add(line.proposal)
                state = before.worse(self.standings.since(book))
                self.add(kinds.VOTE, line.time, state, 0, 0, line.source)
            return
        if isinstance(line, Carry):
            book.accrue(line.amount)
            gained, after = book.coin(line.coin), self.state(book)
            if line.coin is not None:
                state = before.worse(after).worse(self.standings.since(book))
                self.add_coin(line, line.coin, state, gained, internal=False)
            return
        level = self.level()
        kind = kinds.TRANSFER
        if isinstance(line, Reward):
            # One reward record a programme and day; what comes after pays as an external deposit
            # (A5).
            key = (line.programme, self.day)
            if key in self.rewarded and line.amount == 0:
                return
            if key not in self.rewarded:
                self.rewarded.add(key)
                kind = kinds.REWARD
        value, gained = book.flow(line.amount), book.coin(line.coin)
        state = before.worse(self.state(book)).worse(self.standings.since(book))
        if not internal:
            if value > 0:
                kind |= kinds.INFLOW
            if line.amount:
                self.flows.add(len(self.rows), line.amount, level)
        self.add(kind, line.time, state, 0, value, line.source)
        if line.coin is not None:
            self.add_coin(line, line.coin, state, gained, internal=internal)

    def add_coin(
        self, line: Line, coin: Coin, state: State, gained: int, *, internal: bool
    ) -> None:
        """
        The booked purchase or sale of what a line moves in a coin (A5). One that goes from account
        to account is none of the owner's.
        """
        self.entries[line.wallet].fill(coin)
        amount = coin.size * coin.price
        notional = floor_cents(abs(amount))
        self.add(kinds.BOOKED, line.time, state, notional, gained, line.source)
        if not internal:
            self.end_trip(coin.instrument, Execution(coin.size, -amount, 0), line)

    def close_day(self) -> None:
        """
        Carry record and mark of every account and the owner's mark, then the flows' flag, which
        looks at the marks.
        """
        close = self.statement.start + (self.day + 1) * DAY_MICROSECONDS - MICROSECONDS
        for wallet in self.wallets:
            book = self.books[wallet]
            state = self.state(book).worse(self.standings.since(book))
            if book.carry_lines:
                # The balance has moved at each line; the record shows the worse of without and with
                # what it books.
                state_before = self.state(book, without=book.carry - book.carry_booked)
                self.add(kinds.CARRY, close, state.worse(state_before), 0, book.book_carry(), None)
            valued = book.value(self.board)
            self.add(
                kinds.MARK,
                close,
                state,
                -(-valued.gross // CENT),
                floor_cents(valued.unrealised),
                None,
            )
        marked = owner_mark(self.books.values(), self.board, self.standings.asset)
        self.add(kinds.MARK | kinds.MAKER, close, UNTOUCHED, marked.net, marked.gross, None)
        level = self.level()
        for row in self.flows.close(level):
            self.rows[row] = self.rows[row]._replace(kind=self.rows[row].kind | kinds.BASE)
        self.flows.begin(level)

    def add(
        self, kind: int, time: int, state: State, notional: int, value: int, source: Source | None
    ) -> None:
        self.check_money(notional, value, source)
        minute = LAST_MINUTE if source is None else time // MICROSECONDS % 86_400 // 60
        self.rows.append(
            Record(
                kinds.ACTIVE | kind,
                self.day,
                minute,
                state.exposure,
                state.distance,
                notional,
                value,
            )
        )

    def check_money(self, notional: int, value: int, source: Source | None) -> None:
        """A7: what a record cannot hold."""
        if notional < NOTIONAL_LIMIT and abs(value) < VALUE_OFFSET:
            return
        reason = "notional of 2^48 cents and more, or |value| of 2^47 cents and more"
        if source is None:
            raise Refused("refused.range", f"mark, carry or trip: {reason}")
        raise bad_line(source, reason)

    # -- sums --------------------------------------------------------------------------------------
    def state(self, book: Book, without: int = 0) -> State:
        """
        A6 of a wallet now, as if `without` (u') had not been credited; refuses a ledger that cannot
        be complete.
        """
        valued = book.value(self.board)
        equity = book.balance + valued.unrealised
        if 100 * equity < -book.deposits and book.wallet not in self.confirmed:
            raise Refused(
                "refused.ledger",
                f"wallet {book.wallet}: equity falls below -1 % of its deposits on day "
                f"{self.day} of the window; "
                "its ledger is incomplete",
                wallet=book.wallet,
                day=self.day,
            )
        return self.standings.now(book, without)

    def level(self) -> int:
        """The owner's profit since the window began, exact, at the prices of now, u'."""
        return sum(
            book.trading + book.carry + book.value(self.board).unrealised
            for book in self.books.values()
        )

    def check_closing(self, closing: int) -> None:
        if abs(closing) >= MONEY_LIMIT:
            raise Refused("refused.range", "closing: 2^47 cents and more")
        rest = sum(book.balance for book in self.books.values()) - closing * CENT
        if not 0 <= rest < 3 * CENT * len(self.books):
            raise Refused(
                "refused.reconciliation",
                "closing: not within 3 cents a wallet of the exact balance",
            )


def _at(refusal: Refused, source: Source) -> Refused:
    """The refusal with the line at which it showed (A7)."""
    fields: dict[str, object] = {**refusal.fields, "file": source.file, "line": source.line}
    return Refused(refusal.code, f"{source.file}:{source.line}: {refusal.message}", **fields)
