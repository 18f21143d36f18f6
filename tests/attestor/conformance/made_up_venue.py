"""
An adapter to copy from: a made-up exchange of perpetuals whose export is one file, in which every
row has a number and the balance after it.

    export.csv   row,time,wallet,what,market,side,size,price,fee,amount,balance

Rows of a wallet are numbered from 1 and the last says that it is the last, so a missing one shows;
the balance must step by what the row says, so that a wrong one does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from attestor.cells import parse_choice, parse_money, parse_positive, parse_time, parse_wallet
from attestor.complaints import Complaints
from attestor.ledger import apply_fill
from attestor.statement import (
    Fill,
    Instrument,
    Line,
    Source,
    Statement,
    Transfer,
    bad_line,
    public_fill,
    quote_key,
)
from attestor.venues.adapter import Adapter, Facts, Input, Tally, given, lacking
from attestor.venues.asked import require_asked
from attestor.venues.csv_file import Clock, read_rows

EXPORT = "export.csv"
COLUMNS = (
    "row", "time", "wallet", "what", "market", "side", "size", "price", "fee", "amount", "balance",
)  # fmt: skip
MARKETS = ("BTC-PERP", "ETH-PERP")


@dataclass(slots=True)
class Account:
    """A wallet while its rows are read: how many, its money (u'), its positions."""

    rows: int = 0
    ended: bool = False
    balance: int = 0
    held: dict[str, tuple[int, int]] = field(default_factory=dict)
    fills: list[Fill] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    places: list[Source] = field(default_factory=list)


@dataclass(slots=True)
class Export:
    """The file, read and checked once; as `attestor.venues.adapter.VenueFiles`."""

    venue: str
    accounts: dict[str, Account] = field(default_factory=lambda: defaultdict(Account))
    read: int = 0

    @classmethod
    def load(cls, folder: Path, venue: str) -> Export:
        """Malformed (`malformed.statement`) with line and reason; Unavailable."""
        found, wrong, clock = cls(venue), Complaints(), Clock()

        def take(source: Source, cells: list[str]) -> None:
            row = dict(zip(COLUMNS, cells, strict=True))
            clock.tick(parse_time(row["time"], source), source)
            found._take(source, row)

        found.read = read_rows(folder / EXPORT, COLUMNS, take, wrong)
        for account in found.accounts.values():
            if account.places and not account.ended:
                wrong.add(bad_line(account.places[-1], "what: the wallet's last row, and no end"))
        wrong.settle()
        return found

    def _take(self, source: Source, row: dict[str, str]) -> None:
        wallet, time = parse_wallet(row["wallet"], source), parse_time(row["time"], source)
        account = self.accounts[wallet]
        if account.ended:
            raise bad_line(source, "row: after the wallet's end")
        if row["row"] != str(account.rows + 1):
            raise bad_line(source, f"row: {row['row'][:20]!a}, {account.rows + 1} is next")
        account.rows += 1
        account.places.append(source)
        change = 0
        if row["what"] == "end":
            account.ended = True
        elif row["what"] == "transfer":
            change = parse_money(row["amount"], source, "amount")
            account.lines.append(Transfer(source, time, source.line, wallet, change))
        elif row["what"] == "trade":
            fill = self._fill(source, row, wallet, time)
            applied = apply_fill(*account.held.get(fill.instrument, (0, 0)), fill.size, fill.price)
            account.held[fill.instrument] = applied.size, applied.cost
            account.fills.append(fill)
            change = applied.realised - fill.fee
        else:
            raise bad_line(source, f"what: {row['what'][:40]!a} is none of trade, transfer, end")
        account.balance += change
        if account.balance != parse_money(row["balance"], source, "balance"):
            raise bad_line(source, "balance: not the one before it with what the row says")

    def _fill(self, source: Source, row: dict[str, str], wallet: str, time: int) -> Fill:
        if row["market"] not in MARKETS:
            raise bad_line(source, f"market: unknown: {row['market'][:40]!a}")
        bought = parse_choice(row["side"], source, "side", {"buy": True, "sell": False})
        size, price = (parse_positive(row[name], source, name) for name in ("size", "price"))
        fee = parse_money(row["fee"], source, "fee")
        signed = size if bought else -size
        return Fill(source, time, source.line, wallet, row["market"], signed, price, fee, False)

    def statement(self, wallets: Collection[str], first_day: int, last_day: int) -> Statement:
        """As `VenueFiles`; everybody's trades are prices."""
        mine = [self.accounts[wallet] for wallet in wallets if wallet in self.accounts]
        quotes = [public_fill(f) for each in self.accounts.values() for f in each.fills]
        return Statement(
            venue=self.venue,
            wallets=tuple(wallets),
            first_day=first_day,
            days=last_day - first_day + 1,
            fills=[fill for each in mine for fill in each.fills],
            lines=[line for each in mine for line in each.lines],
            openings={},
            quotes=sorted(quotes, key=quote_key),
            instruments={name: Instrument(name) for name in MARKETS},
        )

    def require_asked(self, asked: Collection[str], left_out: Collection[str]) -> None:
        """As `VenueFiles`."""
        require_asked({w: each.places for w, each in self.accounts.items()}, asked, left_out)

    def tally(self, asked: Collection[str]) -> list[Tally]:
        """As `VenueFiles`; trades of others are prices."""
        others = [each for wallet, each in self.accounts.items() if wallet not in asked]
        left, prices = (
            sum(len(o.lines) + o.ended for o in others),
            sum(len(o.fills) for o in others),
        )
        return [Tally(EXPORT, self.read, self.read - left - prices, prices, left)]

    def idle(self, wallets: Collection[str]) -> list[str]:
        """As `VenueFiles`."""
        return [wallet for wallet in wallets if wallet not in self.accounts]


ADAPTER = Adapter(
    name="made-up",
    venue="made-up",
    what="a made-up exchange, to copy from",
    inputs=(Input(EXPORT, "the account's export, all wallets in one"),),
    facts=Facts(
        completeness=given("rows are numbered from 1 to an end; the balance steps by each"),
        equity=given("the balance of every row"),
        fees=given("of each trade"),
        funding=lacking("the exchange charges none"),
        marks=lacking("the mean of the last hour's trades of others stands in"),
        deltas=lacking("perpetuals alone"),
        liquidations=lacking("the exchange does not say"),
        openings=lacking("every wallet begins with row 1"),
        closing=lacking("nothing is stated but the balance of each row"),
    ),
    margin=None,
    read=Export.load,
)
