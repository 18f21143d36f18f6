"""
Derive: options and perpetuals of sub-accounts, from a collected folder (docs/guides/attestor.md).

`answers` says what is wanted of every sub-account and whether it is whole, `rows` what a row
becomes, `standing` and `prices` what the venue states and tells, `books` proves that nothing is
missing. Here they are put together.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from attestor.collect.folder import Collected
from attestor.collect.item import Item
from attestor.statement import (
    DAY_MICROSECONDS,
    MARK_AGE,
    Fill,
    Opening,
    Source,
    Stated,
    Statement,
    bad_line,
    refused_line,
    wallet_of,
)
from attestor.venues.adapter import Adapter, Facts, Input, Tally, given
from attestor.venues.asked import require_asked
from attestor.venues.derive.answers import (
    ACCOUNT,
    ACCOUNTS,
    DEPOSITS,
    FUNDING,
    HISTORIES,
    INDEX,
    INTEREST,
    LIQUIDATIONS,
    SETTLEMENTS,
    TICKERS,
    TRADES,
    TRANSFERS,
    VALUES,
    WITHDRAWALS,
    Answers,
    lacks,
)
from attestor.venues.derive.books import Booked, Payment, Proof, opening_at
from attestor.venues.derive.books import Stated as Said
from attestor.venues.derive.names import Instruments
from attestor.venues.derive.prices import Prices, read_public
from attestor.venues.derive.rows import Event, Rows, Side
from attestor.venues.derive.standing import Snapshot, read_snapshot, read_values
from attestor.venues.marks_csv import marks_file
from policies.margin import example

VENUE = "derive"
HISTORY_MOVES = (DEPOSITS, WITHDRAWALS, TRANSFERS)
"""What brings money or coins in or takes them out."""


@dataclass(slots=True)
class _Account:
    """A sub-account as it is read: its rows, what the venue states of it, and what is proven."""

    rows: Rows
    events: list[Event]
    snapshots: list[Snapshot]
    proven: list[Booked]


class DeriveFiles:
    """
    A folder that is read and proven once.

    Attributes
    ----------
    places : of each wallet, where its rows stand
    compared : by sub-account, at how many instants of its value history the books were compared
    """

    def __init__(self, folder: Path) -> None:
        """
        Read a folder.

        Raises
        ------
        Malformed
            `malformed.collected`, as `Collected.load` and where an answer is wanted that is not
            there; `malformed.statement` with file, place and reason.
        Refused
            `refused.portfolio_margin`; `refused.ledger`, `refused.expired`: a history is not whole
            (`attestor.venues.derive.books`).
        Unavailable
            `unavailable.file`.
        """
        self._collected = Collected.load(folder, VENUE)
        self._answers = Answers.of(self._collected)
        self._answers.require_known()
        self._instruments, self._prices = Instruments(), Prices()
        self._document = example(VENUE)
        self.places: dict[str, list[Source]] = defaultdict(list)
        self.compared: dict[str, int] = {}
        read_public(self._answers, self._prices, self._instruments)
        numbers = sorted(self._answers.accounts)
        self._accounts = {number: self._priced(number) for number in numbers}
        self._prices.settle()
        for number in numbers:
            self._move(number)
        _require_both_sides(self._answers, [each.rows for each in self._accounts.values()])
        for number in numbers:
            self._prove(number)

    # -- reading ---------------------------------------------------------------------------------
    def _priced(self, number: int) -> _Account:
        """What tells prices: trades, and the positions that the venue states."""
        name = self._answers.accounts[number]
        rows = Rows(number, name, self._instruments, self._prices)
        fills: list[Event] = []
        for item in self._answers.history(TRADES, number).rows:
            fill, told = rows.trade(item)
            fills.append(fill)
            self._prices.told += told
            self.places[wallet_of(name)].append(item.source)
        snapshots = []
        for answer in self._answers.of_account(ACCOUNT, number):
            snapshot, marks = read_snapshot(answer, number, name, self._instruments)
            snapshots.append(snapshot)
            self._prices.told += marks
        snapshots.sort(key=lambda each: each.time)
        return _Account(rows, fills, snapshots, [])

    def _move(self, number: int) -> None:
        """All other histories."""
        account, answers = self._accounts[number], self._answers
        read: dict[str, Callable[[Item], Iterable[Event]]] = {
            FUNDING: lambda item: [account.rows.funding(item)],
            INTEREST: lambda item: [account.rows.interest(item)],
            SETTLEMENTS: lambda item: [account.rows.settlement(item)],
            LIQUIDATIONS: account.rows.auction,
        }
        for method in HISTORY_MOVES:
            read[method] = lambda item, of=method: [account.rows.movement(of, item)]  # type: ignore[misc]
        wallet = wallet_of(account.rows.account)
        for method, taken in read.items():
            for item in answers.history(method, number).rows:
                account.events += taken(item)
                self.places[wallet].append(item.source)

    def _prove(self, number: int) -> None:
        """The histories against what the venue states."""
        account, answers = self._accounts[number], self._answers
        if not account.snapshots:
            raise lacks(f"no answer to {ACCOUNT} of sub-account {number}")
        last = account.snapshots[-1]
        for method in HISTORIES:
            if answers.history(method, number).until < last.time:
                raise lacks(
                    f"{method} of sub-account {number} ends before {last.source.file} came, which "
                    "says what it must lead to: collect it afterwards, up to then"
                )
        values = [
            each
            for found in answers.of_account(VALUES, number)
            for each in read_values(found, number)
        ]
        payments = [
            *self._payments(FUNDING, number, "funding"),
            *self._payments(INTEREST, number, "interest"),
        ]
        said = Said(
            account.snapshots, [each for each in values if each.time <= last.time], payments
        )
        name, by_name = account.rows.account, self._instruments.by_name
        proof = Proof(name, said, by_name, self._prices)
        known = [event for event in account.events if event.time <= last.time]
        account.proven = proof.run(known)
        self.compared[name] = proof.compared

    def _payments(self, method: str, number: int, name: str) -> list[Payment]:
        return [
            Payment(
                row.time("timestamp"),
                row.text("instrument_name") if row.has("instrument_name") else "",
                row.money(name),
            )
            for row in self._answers.history(method, number).rows
        ]

    # -- as every adapter --------------------------------------------------------------------------
    def statement(
        self, wallets: Collection[str], first_day: int, last_day: int
    ) -> Statement:  # fmt: skip
        """
        As `attestor.venues.adapter.VenueFiles`; Refused (`refused.ledger`) where the window ends
        after what the venue states last of a sub-account.
        """
        start, end = first_day * DAY_MICROSECONDS, (last_day + 1) * DAY_MICROSECONDS
        mine = [each for each in self._accounts.values() if wallet_of(each.rows.account) in wallets]
        for each in mine:
            self._require_after(each.snapshots[-1], end)
        events = [event for each in mine for event in each.proven if start <= event.time < end]
        openings: dict[str, Opening] = {}
        for each in mine:
            opening = opening_at(each.rows.account, each.proven, start)
            if opening is not None:
                openings[each.rows.account] = opening
        span = (start - MARK_AGE, end)
        return Statement(
            venue=VENUE,
            wallets=tuple(wallets),
            first_day=first_day,
            days=last_day - first_day + 1,
            fills=[event for event in events if isinstance(event, Fill)],
            lines=[event for event in events if not isinstance(event, Fill)],
            openings=openings,
            quotes=self._prices.quotes(wallets, span, self._document, self._instruments.by_name),
            instruments=self._instruments.by_name,
            margin=self._document,
            marks=marks_file(VENUE, self._prices.public),
            stated=[
                Stated(said.source, said.time, number, each.rows.account, value=said.value)
                for each in mine
                for number, said in enumerate(each.snapshots, start=1)
                if start <= said.time <= end
            ],
        )

    def _require_after(self, last: Snapshot, end: int) -> None:
        if last.time >= end:
            return
        reason = "taken before the window's end: collect again when it is over"
        raise refused_line("refused.ledger", last.source, reason)

    def require_asked(self, asked: Collection[str], left_out: Collection[str]) -> None:
        """As `attestor.venues.adapter.VenueFiles`."""
        require_asked(self.places, asked, left_out)

    def tally(self, asked: Collection[str]) -> list[Tally]:
        """As `attestor.venues.adapter.VenueFiles`: rows of histories, and prices for everybody."""
        of = {True: Counter[str](), False: Counter[str]()}
        for wallet, places in self.places.items():
            of[wallet in asked].update(place.file for place in places)
        public = (each for each in self._prices.told if each.account is None)
        prices = Counter(file for file, _ in {each.source for each in public})
        files = sorted({*of[True], *of[False], *prices})
        return [
            Tally(
                file,
                of[True][file] + prices[file] + of[False][file],
                of[True][file],
                prices[file],
                of[False][file],
            )
            for file in files
        ]

    def idle(self, wallets: Collection[str]) -> list[str]:
        """As `attestor.venues.adapter.VenueFiles`."""
        return [wallet for wallet in wallets if wallet not in self.places]


ADAPTER = Adapter(
    name=VENUE,
    venue=VENUE,
    what="answers of the account interface of Derive, version 2, as they were collected",
    inputs=(
        Input("collected.json", "the list of answers, each with what was asked"),
        Input(ACCOUNTS, "the sub-accounts of each wallet"),
        Input(ACCOUNT, "what each holds, once after the window's end or more often"),
        *(Input(method, "of each sub-account, from 0 on") for method in HISTORIES),
        Input(VALUES, "of each sub-account", optional=True),
        Input(TICKERS, "perpetuals, and options by expiry, at least once a day", optional=True),
        Input(INDEX, "of each currency, by the hour, where coins move", optional=True),
    ),
    facts=Facts(
        completeness=given(
            "counts of pages; from nothing on, positions and value lead to what the venue states"
        ),
        equity=given("from the first deposit on, and compared with the venue's value"),
        fees=given("trade_fee, which has all of them in it"),
        funding=given("funding and interest as they were paid"),
        marks=given("beside each trade and position, and in tickers"),
        deltas=given("in tickers; else Black's, at the volatility of the mark"),
        liquidations=given("auctions, with what each bid took"),
        openings=given("what the history before the window leads to"),
        closing=given("positions and value after the window's end"),
    ),
    margin=VENUE,
    read=lambda folder, _: DeriveFiles(folder),
)


def _require_both_sides(answers: Answers, accounts: list[Rows]) -> None:
    """
    What went from one sub-account of the owner to another stands at both, or one history lacks it;
    what came from elsewhere stands at one.
    """
    sides: dict[tuple[object, ...], list[Side]] = defaultdict(list)
    for rows in accounts:
        for side in rows.moved:
            sides[(*side.key, abs(side.signed))].append(side)
    for found in sides.values():
        for side in found:
            inside = side.other is None or side.other in answers.accounts
            if inside and not any(_mirrors(side, each, answers) for each in found):
                reason = "the other side, at another sub-account of the owner, is missing"
                raise bad_line(side.source, f"{side.key[0]}: {reason}")


def _mirrors(side: Side, other: Side, answers: Answers) -> bool:
    """Whether another side is the one that this one names."""
    if other.signed != -side.signed or other.account == side.account:
        return False
    return side.other is None or answers.accounts[side.other] == other.account
