"""
The log of an owner: one list of records over all his wallets, in the order of time
(docs/explanation/metrics.md A2 to A8).

`build_log` is the only maker of records. It walks the days of the window once, keeps one `Book` a
wallet, and checks at the end that opening + sum of the values of all records but marks = closing,
to the cent.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from algebra.errors import Refused
from attestor.checks import check_lines
from attestor.complaints import Complaints
from attestor.executions import Accounts
from attestor.expiry import open_past_expiry
from attestor.flows import DayFlows
from attestor.ledger import Book, floor_cents
from attestor.margin.distance import UNTOUCHED
from attestor.movements import Movements
from attestor.owner import owner_mark
from attestor.owner_books import OwnerBooks
from attestor.stated import contradictions
from attestor.statement import (
    CENT,
    DAY_MICROSECONDS,
    FILL_RANK,
    LINE_RANK,
    MARK_RANK,
    MICROSECONDS,
    STATED_RANK,
    Fill,
    Line,
    Source,
    Stated,
    Statement,
)
from attestor.trades import Trades
from history.v2 import record as kinds
from history.v2.record import Records

Event = Fill | Line | Stated


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
    sources : of each record the line that it began with, None: the day's end; two logs are equal
        wherever their lines stand
    """

    records: Records
    opening: int
    closing: int
    wallets: int
    first_day: int
    days: int
    sources: tuple[Source | None, ...] = field(compare=False)

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
    log = _Walk(statement).run()
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


class _Walk:
    """One run of `build_log` through the days of the window."""

    def __init__(self, statement: Statement) -> None:
        self.statement, self.owner = statement, OwnerBooks(statement)
        step = self.owner.standings.step
        self.instant = -(-statement.start // step) * step  # the clock's next
        self.wrong, self.flows, accounts = Complaints(), DayFlows(), Accounts()
        self.trades = Trades(self.owner, accounts, self.flows, self.wrong)
        self.movements = Movements(self.owner, accounts, self.flows)
        self.contradicted: dict[str, int] = {}  # by wallet, the first instant

    def run(self) -> Log:
        """The log; complaints about reported and stated figures come together."""
        statement, owner = self.statement, self.owner
        opening = owner.open_window()
        self.flows.begin(owner.level())
        try:
            self.walk()
        except Refused:
            self.wrong.settle()  # a missing fill is said before what follows from it
            raise
        self.wrong.settle()
        closing = owner.closing()
        records, sources = owner.rows.records()
        return Log(
            records,
            opening,
            closing,
            len(owner.books),
            statement.first_day,
            statement.days,
            sources,
        )

    def walk(self) -> None:
        """All events and days, in order."""
        statement, events, position = self.statement, ordered_events(self.statement), 0
        for day in range(statement.days):
            self.owner.rows.day = day
            end = statement.start + (day + 1) * DAY_MICROSECONDS
            while position < len(events) and events[position][0][0] < end:
                self.take(*events[position])
                position += 1
            self.run_clock(end - 1)
            self.owner.board.advance_before(end)
            self.check_expired(end)
            if day == statement.days - 1:
                self.owner.end_trips(end - MICROSECONDS)
            self.close_day(end - MICROSECONDS)
        for _, _, event in events[position:]:  # of the window's end
            if isinstance(event, Stated):
                self.compare(event)

    def take(self, key: EventKey, index: int, event: Event) -> None:
        """An event, at the prices of its place; Refused with its line."""
        self.run_clock(key[0])
        self.owner.board.advance(key[:3])
        try:
            if isinstance(event, Stated):
                self.compare(event)
            elif isinstance(event, Fill):
                self.trades.add(event, index)
            else:
                self.movements.add(event, index)
        except Refused as refusal:
            raise _at(refusal, event.source) from refusal

    def run_clock(self, until: int) -> None:
        """
        Look at every account at the clock's instants up to `until`, before the lines and fills of
        each.
        """
        owner = self.owner
        while self.instant <= until:
            owner.board.advance((self.instant, MARK_RANK, 0))
            owner.standings.tick(owner.books.values())
            if self.flows.waiting:
                self.flows.look(owner.level(), owner.told_at())
            self.instant += owner.standings.step

    def check_expired(self, end: int) -> None:
        """No position outlives the day on which its instrument expires (A7)."""
        wrong = Complaints()
        for book in self.owner.books.values():
            for error in open_past_expiry(self.statement, book, end):
                wrong.add(error)
        wrong.settle()

    def compare(self, said: Stated) -> None:
        """
        A7: what the venue states. After a contradiction all that follows differs: the first instant
        is told.
        """
        if said.time > self.contradicted.get(said.wallet, said.time):
            return
        book = self.owner.books[said.wallet]
        value = 0
        if said.value is not None:
            value = book.balance + book.value(self.owner.board).unrealised
        for error in contradictions(said, book, self.owner.entries[said.wallet], value):
            self.contradicted[said.wallet] = said.time
            self.wrong.add(error)

    def close_day(self, close: int) -> None:
        """
        Carry record and mark of every account and the owner's mark, at the instant `close`, then
        the flows' flag, which looks at the marks.
        """
        owner = self.owner
        for book in owner.books.values():
            self.close_account(book, close)
        marked = owner_mark(owner.books.values(), owner.board, owner.standings.asset)
        owner.rows.add(kinds.MARK | kinds.MAKER, close, UNTOUCHED, marked.net, marked.gross, None)
        level = owner.level()
        for row in self.flows.close(level):
            owner.rows.mark_as(row, kinds.BASE)
        self.flows.begin(level)

    def close_account(self, book: Book, close: int) -> None:
        """Carry, if the day has any, and mark."""
        owner, rows = self.owner, self.owner.rows
        state = owner.state(book).worse(owner.standings.since(book))
        if book.carry_lines:
            # The balance has moved at each line; the record shows the worse of without and with
            # what it books.
            state_before = owner.state(book, without=book.carry - book.carry_booked)
            rows.add(kinds.CARRY, close, state.worse(state_before), 0, book.book_carry(), None)
        valued = book.value(owner.board)
        gross, unrealised = -(-valued.gross // CENT), floor_cents(valued.unrealised)
        rows.add(kinds.MARK, close, state, gross, unrealised, None)


EventKey = tuple[int, int, int, str]
"""Time, rank, sequence, wallet (A2)."""


def ordered_events(statement: Statement) -> list[tuple[EventKey, int, Event]]:
    """
    A2: time, ledger lines before fills, sequence, wallet; with the index in its own list. What is
    stated of an instant comes after all of it.
    """
    ranked = (
        (FILL_RANK, statement.fills),
        (LINE_RANK, statement.lines),
        (STATED_RANK, statement.stated),
    )
    events: list[tuple[EventKey, int, Event]] = [
        ((event.time, rank, event.sequence, event.wallet), index, event)
        for rank, listed in ranked
        for index, event in enumerate(listed)
    ]
    events.sort(key=lambda item: item[0])
    return events


def _at(refusal: Refused, source: Source) -> Refused:
    """The refusal with the line at which it showed (A7)."""
    fields: dict[str, object] = {**refusal.fields, "file": source.file, "line": source.line}
    return Refused(refusal.code, f"{source.file}:{source.line}: {refusal.message}", **fields)
