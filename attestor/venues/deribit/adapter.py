"""
Deribit, by the answers of its account interface (docs/explanation/attestation.md 2.6).

    private/get_transaction_log                     of each account in BTC, ETH and USDC, from its
                                                    first line on, in pages
    private/get_user_trades_by_currency_and_time    index, mark and liquidation of each trade
    private/get_positions                           what the lines must have made, asked after them
    public/ticker                                   marks and index, every hour; a request that is
                                                    made again has its instant as `at` beside it

A folder holds them (`attestor.collect.folder`); a private request says as `account` whose it is:
the wallet, or the sub-account by the venue's number.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from algebra.errors import Malformed
from attestor.collect.folder import COLLECTED, Collected
from attestor.complaints import Complaints
from attestor.prices import PriceBoard
from attestor.statement import (
    DAY_MICROSECONDS,
    MARK_RANK,
    Opening,
    Quote,
    Source,
    Stated,
    Statement,
    bad_line,
    wallet_of,
)
from attestor.venues.adapter import Adapter, Facts, Input, Tally, given
from attestor.venues.asked import require_asked
from attestor.venues.deribit import transfers
from attestor.venues.deribit.account import Account
from attestor.venues.deribit.events import Events
from attestor.venues.deribit.log import CURRENCIES, Entry, Logs, read_logs
from attestor.venues.deribit.log import METHOD as LOG
from attestor.venues.deribit.positions import METHOD as POSITIONS
from attestor.venues.deribit.positions import check_positions
from attestor.venues.deribit.prices import METHOD as TICKER
from attestor.venues.deribit.prices import Tickers, instruments, read_tickers
from attestor.venues.deribit.trades import METHOD as TRADES
from attestor.venues.deribit.trades import Trades, joined, read_trades
from attestor.venues.marks_csv import marks_file
from policies.margin import example

VENUE, DOCUMENT = "deribit", "deribit-standard"


@dataclass(slots=True)
class Part:
    """What an account's lines make in the window."""

    events: Events
    opening: Opening | None
    stated: Stated


@dataclass(frozen=True, slots=True)
class History:
    """
    A folder's answers, read and checked once.

    Attributes
    ----------
    parts : by account
    tickers, logs, trades : what was read
    positions : lines of `private/get_positions` by file
    owners : by file of answers, the wallet that it is of
    """

    collected: Collected
    parts: dict[str, Part]
    tickers: Tickers
    logs: Logs
    trades: Trades
    positions: Counter[str]

    @classmethod
    def load(cls, folder: Path) -> History:
        """
        Read a folder.

        Raises
        ------
        Malformed
            `malformed.statement` with file, place and reason, several as one
            (`attestor.complaints`); `malformed.collected`.
        Refused
            `refused.collecting`; `refused.price`: a position at the window's first instant that no
            ticker prices.
        Unavailable
            `unavailable.file`.
        """
        collected, wrong = Collected.load(folder, VENUE), Complaints()
        logs, trades = read_logs(collected, wrong), read_trades(collected, wrong)
        tickers = read_tickers(collected, wrong)
        _require_whole(collected, logs, wrong)
        wrong.settle()  # what follows from lines that were not taken would only hide it
        known = transfers.users(collected.names(), logs.entries, wrong)
        pairs = transfers.moved(logs.entries, known, wrong)
        sides = joined(logs.entries, trades, wrong)
        wrong.settle()
        accounts, parts = {}, {}
        for name, entries in logs.entries.items():
            account = Account(name, tickers, sides, pairs, Events(name))
            read = partial(_read, account, entries, collected, tickers)
            part = wrong.take(read, None)
            if part is not None:
                accounts[name], parts[name] = account, part
        if len(parts) == len(logs.entries):
            positions = check_positions(collected, accounts, wrong)
        wrong.settle()
        return cls(collected, parts, tickers, logs, trades, positions)

    def statement(self, wallets: Iterable[str], first_day: int, last_day: int) -> Statement:
        """
        The owner's part, for a window in days since 1970-01-01 UTC, both ends included; Malformed
        (`malformed.collected`) for another window than was collected for.
        """
        window = (self.collected.first_day, self.collected.last_day)
        if (first_day, last_day) != window:
            raise Malformed(
                "malformed.collected",
                f"{COLLECTED}: collected for days {window[0]} to {window[1]} since 1970, "
                f"{first_day} to {last_day} are wanted",
                part="first_day",
            )
        chosen = tuple(wallets)
        mine = {
            name: part for name, part in sorted(self.parts.items()) if wallet_of(name) in chosen
        }
        sides = (side.of for side in self.trades.sides.values())
        return Statement(
            venue=VENUE,
            wallets=chosen,
            first_day=first_day,
            days=last_day - first_day + 1,
            fills=[fill for part in mine.values() for fill in part.events.fills],
            lines=[line for part in mine.values() for line in part.events.lines],
            openings={n: part.opening for n, part in mine.items() if part.opening is not None},
            quotes=self.tickers.quotes,
            instruments=instruments([*sides, *self.tickers.contracts.values()]),
            margin=example(DOCUMENT),
            marks=marks_file(VENUE, self.tickers.quotes),
            stated=[part.stated for part in mine.values()],
        )

    def require_asked(self, asked: Collection[str], left_out: Collection[str]) -> None:
        """As `VenueFiles`."""
        require_asked(self._places(), asked, left_out)

    def tally(self, asked: Collection[str]) -> list[Tally]:
        """As `VenueFiles`, by request: there are as many answers as hours."""
        names = self.collected.names()
        found: dict[str, Counter[str]] = {}
        for answer in self.collected.answers:
            file, account = answer.file, names.get(str(answer.request.get("account")))
            read = self.logs.read[file] + self.trades.read[file] + self.positions[file]
            repeated = self.logs.repeated[file] + self.trades.repeated[file]
            prices = self.tickers.read[file]
            mine = account is not None and wallet_of(account) in asked
            method = str(answer.request.get("method"))
            total = found.setdefault(method, Counter[str]())
            total.update(read=read + prices, prices=prices, repeated=repeated)
            total["used" if mine else "left_out"] += read - repeated
        return [Tally(method, **total) for method, total in found.items()]

    def idle(self, wallets: Collection[str]) -> list[str]:
        """As `VenueFiles`."""
        places = self._places()
        return [wallet for wallet in wallets if wallet not in places]

    def _places(self) -> dict[str, list[Source]]:
        places: defaultdict[str, list[Source]] = defaultdict(list)
        for name, entries in self.logs.entries.items():
            places[wallet_of(name)] += [entry.source for entry in entries]
        return {wallet: found for wallet, found in places.items() if found}


def _require_whole(collected: Collected, logs: Logs, wrong: Complaints) -> None:
    """Every account's log in every currency, also where it is empty: money may be in any."""
    for name in collected.names().values():
        for currency in CURRENCIES:
            if currency not in logs.asked.get(name, ()):
                wrong.add(
                    bad_line(
                        Source(COLLECTED, 1),
                        f"the log of {name} in {currency} is missing; an empty one shows that "
                        "nothing is there",
                    )
                )


def _read(account: Account, entries: list[Entry], collected: Collected, tickers: Tickers) -> Part:
    """All lines of an account; events are of the window alone."""
    start = collected.first_day * DAY_MICROSECONDS
    end = (collected.last_day + 1) * DAY_MICROSECONDS
    account.events.silent = True
    before = [entry for entry in entries if entry.time < start]
    inside = [entry for entry in entries if start <= entry.time < end]
    for entry in before:
        account.take(entry)
    opening = account.open(start, _board(tickers.quotes, tickers, start))
    account.events.silent = False
    for entry in inside:
        account.take(entry)
    stated = account.stated(end)
    account.events.silent = True
    for entry in entries[len(before) + len(inside) :]:
        account.take(entry)
    account.require_delivered()
    return Part(account.events, opening, stated)


def _board(quotes: list[Quote], tickers: Tickers, time: int) -> PriceBoard:
    """The prices of an instant."""
    board = PriceBoard(quotes, instruments(list(tickers.contracts.values())))
    board.advance((time, MARK_RANK, 0))
    return board


ADAPTER = Adapter(
    name=VENUE,
    venue=VENUE,
    what="answers of the account interface, in a collected folder",
    inputs=(
        Input(COLLECTED, "what was asked, and the digest of each answer"),
        Input(LOG, "of each account in each currency, from its first line on"),
        Input(TRADES, "index, mark and liquidation of each trade"),
        Input(POSITIONS, "asked after the log"),
        Input(TICKER, "marks and index, every hour"),
    ),
    facts=Facts(
        completeness=given("balances and positions line by line, numbers without gap, trades"),
        equity=given("the balance of each currency after each line"),
        fees=given("the commission of each line"),
        funding=given("what a settlement pays beyond the fills, beside the venue's figure"),
        marks=given("tickers that the attestors took"),
        deltas=given("tickers, with the venue's volatility"),
        liquidations=given("the trade says which side was liquidated"),
        openings=given("the lines before the window, from an empty account on"),
        closing=given("balances of the log, positions as the venue states them after it"),
    ),
    margin=DOCUMENT,
    read=lambda folder, _: History.load(folder),
)
