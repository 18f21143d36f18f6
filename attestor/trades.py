"""
Executions as records: what each books, which are one record, what is a gift, and what the venue
says beside them (docs/explanation/metrics.md A3, A4, A7).
"""

from __future__ import annotations

from attestor.band import Bands, beyond
from attestor.complaints import Complaints
from attestor.executions import Accounts, Gathered, Latest, RecordKey
from attestor.flows import DayFlows
from attestor.ledger import Applied, floor_cents
from attestor.margin.distance import State
from attestor.owner_books import OwnerBooks
from attestor.pairs import even_groups, own_groups
from attestor.rows import check_money
from attestor.statement import CENT, Coin, Fill, bad_line
from attestor.trips import Execution
from history.v2 import record as kinds

_GIFT = kinds.TRANSFER | kinds.INFLOW


class Trades:
    """
    The executions of an owner, one by one in the order of A2; `wrong` gathers what differs from the
    venue's own figures.
    """

    def __init__(
        self, owner: OwnerBooks, accounts: Accounts, flows: DayFlows, wrong: Complaints
    ) -> None:
        self._owner, self._accounts, self._flows, self._wrong = owner, accounts, flows, wrong
        self._own = own_groups(owner.statement.fills)
        self._even = even_groups(owner.statement.fills, self._own)
        self._gathered, self._paid = Gathered(self._own), Gathered(self._own)
        self._bands = Bands(owner.statement, owner.board)
        self._broken: set[tuple[str, str]] = set()  # wallet, instrument; a fill is missing

    def add(self, fill: Fill, index: int) -> None:
        """The execution that has this index in the statement."""
        owner, book, group = self._owner, self._owner.books[fill.wallet], self._own.get(index)
        entries = owner.entries[fill.wallet]
        before, held = owner.state(book), book.holdings.get(fill.instrument)
        value, applied, paid = book.execute(fill)
        realised = entries.fill(fill)
        if realised is None:
            realised = applied.realised
        self._check_reported(fill, held.stated if held else 0, realised)
        book.lose(fill.instrument, realised, fill.time)
        state = owner.state_since(book, before)
        if fill.liquidation:
            state = State(min(state.distance, 0), state.exposure)
        booked = fill.booked or group is not None
        kind = kinds.BOOKED if booked else kinds.FILL | (kinds.MAKER if fill.maker else 0)
        latest = self._record(fill, RecordKey.of(fill, kind, group), state, value)
        given = 0 if self._exempt(fill, group) else self._give(fill, applied, latest)
        cash = fill.cash_at(fill.price) - given * CENT // fill.dollars(1)
        traded = not fill.booked and group not in self._even
        done = self._gathered.take(index, Execution(fill.size, cash, fill.fee, traded))
        if done is not None:
            owner.end_trip(fill.instrument, done, fill)
        if paid is not None:
            self._pay(paid, fill, index, traded and paid.size != 0)

    def _pay(self, paid: Coin, fill: Fill, index: int, traded: bool) -> None:
        """The coins that an inverse contract pays; of an own group all of them as one."""
        if paid.size:
            self._owner.entries[fill.wallet].fill(paid)
        bought = self._paid.take(index, Execution(paid.size, -paid.size * paid.price, 0, traded))
        if bought is not None:
            self._owner.end_trip(paid.instrument, bought, fill)

    def _exempt(self, fill: Fill, group: int | None) -> bool:
        """
        Whether a fill can win nothing at once (A4): nobody traded it, or as much was bought as sold
        of what stands at a told price, so that another price of his own changes nothing.
        """
        return fill.booked or (group in self._even and self._owner.board.told(fill.instrument))

    def _record(self, fill: Fill, key: RecordKey, state: State, value: int) -> Latest:
        """A record of its own, or the part of one: notional and value are floored once."""
        rows, begins = self._owner.rows, self._accounts.begins_liquidation(fill)
        kind, notional = key.kind | (kinds.LIQUIDATION if begins else 0), fill.notional
        latest = self._accounts.joins(fill.wallet, key, begins)
        if latest is None:
            row = rows.add(kind, fill.time, state, floor_cents(notional), value, fill.source)
            latest = Latest(key, row, notional, begins)
            self._accounts.begin(fill.wallet, latest)
            return latest
        latest.notional += notional
        latest.liquidation |= begins
        record = rows[latest.row]
        worst = state.worse(State(record.distance, record.exposure))
        rows.mark_as(latest.row, kind)
        rows.change(
            latest.row,
            fill.source,
            notional=floor_cents(latest.notional),
            value=record.value + value,
            **worst._asdict(),
        )
        return latest

    def _give(self, fill: Fill, applied: Applied, latest: Latest) -> int:
        """
        Cents by which an execution changes what its record wins at once beyond the band: a flow
        (A4), whose record follows.
        """
        latest.surplus += self._bands.surplus(fill, applied, own=latest.key.group is not None)
        given = beyond(latest.surplus)
        cents, latest.given = given - latest.given, given
        if cents == 0:
            return 0
        owner, rows, book = self._owner, self._owner.rows, self._owner.books[fill.wallet]
        book.give(cents)
        value = rows[latest.row].value
        check_money(0, max(given, cents - value), fill.source)
        rows.change(latest.row, fill.source, value=value - cents)
        if latest.gift is None:
            latest.gift = rows.add(_GIFT, fill.time, owner.state(book), 0, given, fill.source)
            self._flows.add(latest.gift, given, fill.time, owner.level())
        else:
            gift = rows[latest.gift]
            state = owner.state(book).worse(State(gift.distance, gift.exposure))
            rows.change(latest.gift, fill.source, value=given, **state._asdict())
        return cents

    def _check_reported(self, fill: Fill, size_before: int, realised: int) -> None:
        """
        A7: the venue's own figures, within one cent. Once a fill is missing all later ones of its
        instrument differ: the first is told.
        """
        held = (fill.wallet, fill.instrument)
        if held in self._broken:
            return
        start, pnl = fill.reported_start, fill.reported_pnl
        unit = fill.notional // abs(fill.size)
        if start is not None and abs(start - size_before) * unit > CENT:
            self._broken.add(held)
            reason = "start position differs from the rebuilt one: a fill is missing before it"
            self._wrong.add(bad_line(fill.source, reason))
        elif pnl is not None and abs(fill.dollars(pnl - realised)) > CENT:
            reason = "reported pnl differs from the rebuilt one by more than one cent"
            self._wrong.add(bad_line(fill.source, reason))
