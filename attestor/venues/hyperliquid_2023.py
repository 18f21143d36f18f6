"""
The venue's public history files of 2023 (docs/explanation/attestation.md 2.1).

    non_mm_trades.csv           time,user,coin,side,px,sz,crossed
    non_mm_ledger_updates.csv   time,user,delta_usd
    liquidations.csv            time,user,liquidated_ntl_pos,liquidated_account_value,leverage_type

The files hold all wallets; `statement` takes out an owner's. They know no fees, no funding and no
mark price, so the price is the mean of the last hour's public fills, those of the owner apart, and
fees are 0.
Maintenance margin was 1 % of notional
(`policies/examples/margin/hyperliquid.json`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from algebra.files import read_file
from attestor.cells import (
    parse_choice,
    parse_decimal,
    parse_money,
    parse_positive,
    parse_time,
    parse_wallet,
)
from attestor.complaints import Complaints
from attestor.statement import (
    Fill,
    Instrument,
    Quote,
    Source,
    Statement,
    Transfer,
    bad_line,
    public_fill,
    seen_from,
)
from attestor.venues.adapter import Adapter, Facts, Input, Tally, given, lacking
from attestor.venues.csv_file import Clock, read_rows
from policies.margin import example
from policies.rule_files import MARKS, RuleFiles

VENUE = "hyperliquid"
TRADES, LEDGER, LIQUIDATIONS = "non_mm_trades.csv", "non_mm_ledger_updates.csv", "liquidations.csv"
TRADE_COLUMNS = ("time", "user", "coin", "side", "px", "sz", "crossed")
LEDGER_COLUMNS = ("time", "user", "delta_usd")
LIQUIDATION_COLUMNS = (
    "time",
    "user",
    "liquidated_ntl_pos",
    "liquidated_account_value",
    "leverage_type",
)
COINS = (
    "APE",
    "ARB",
    "ATOM",
    "AVAX",
    "BNB",
    "BTC",
    "DOGE",
    "DYDX",
    "ETH",
    "INJ",
    "LTC",
    "MATIC",
    "OP",
    "SOL",
)
"""Perpetuals that the venue listed in the window of the files."""

_BOUGHT = {"Bid": True, "Ask": False}
_BOOLEAN = {"true": True, "false": False}
_LEVERAGE = {"Cross": True, "Isolated": False}


@dataclass(frozen=True, slots=True)
class History:
    """
    The three files, read and checked once; `marks` is the one whose fills are the prices, as a root
    names it.
    """

    fills: dict[str, list[Fill]]
    transfers: dict[str, list[Transfer]]
    quotes: list[Quote]
    marks: RuleFiles
    liquidations: Counter[str]

    @classmethod
    def load(cls, folder: Path) -> History:
        """
        Read the files of `folder`.

        Raises
        ------
        Malformed
            `malformed.statement` with file, line and reason, several as one
            (`attestor.complaints`): any cell that A7 refuses, a liquidation that joins no fill on
            exactly (user, time), or one that stands twice.
        Unavailable
            `unavailable.file`.
        """
        wrong = Complaints()
        flagged = _liquidations(folder / LIQUIDATIONS, wrong)
        fills: dict[str, list[Fill]] = defaultdict(list)
        quotes: list[Quote] = []
        clock = Clock()

        def take(source: Source, cells: list[str]) -> None:
            fill = _fill(source, cells, clock, flagged)
            fills[fill.wallet].append(fill)
            quotes.append(public_fill(fill))

        before = len(wrong)
        read_rows(folder / TRADES, TRADE_COLUMNS, take, wrong)
        if len(wrong) == before:  # else the fill may be among the lines that are refused
            met = {(f.time, f.wallet) for mine in fills.values() for f in mine if f.liquidation}
            for key, source in flagged.items():
                if key not in met:
                    wrong.add(bad_line(source, "liquidation: no fill of this user at this time"))
        transfers = _transfers(folder / LEDGER, wrong)
        wrong.settle()
        flags = Counter(wallet for _, wallet in flagged)
        marks = RuleFiles.of({f"{MARKS}{TRADES}": read_file(folder / TRADES)})
        return cls(dict(fills), transfers, quotes, marks, flags)

    def statement(self, wallets: Iterable[str], first_day: int, last_day: int) -> Statement:
        """The owner's part, for a window in days since 1970-01-01 UTC, both ends included."""
        chosen = tuple(wallets)
        return Statement(
            venue=VENUE,
            wallets=chosen,
            first_day=first_day,
            days=last_day - first_day + 1,
            fills=[fill for wallet in chosen for fill in self.fills.get(wallet, [])],
            lines=[line for wallet in chosen for line in self.transfers.get(wallet, [])],
            openings={},
            quotes=self.quotes,
            instruments={coin: Instrument(coin) for coin in COINS},
            margin=example(VENUE),
            marks=self.marks,
        )

    def require_asked(self, asked: Collection[str], left_out: Collection[str]) -> None:
        """Nothing to refuse: the files are the venue's own, of all its wallets."""

    def tally(self, asked: Collection[str]) -> list[Tally]:
        """As `VenueFiles`; the fills of others are prices."""
        fills = {wallet: len(found) for wallet, found in self.fills.items()}
        transfers = {wallet: len(found) for wallet, found in self.transfers.items()}
        trades, ledger, liquidations = (
            (sum(counts.values()), sum(counts.get(wallet, 0) for wallet in asked))
            for counts in (fills, transfers, self.liquidations)
        )
        return [
            Tally(TRADES, trades[0], trades[1], prices=trades[0] - trades[1]),
            Tally(LEDGER, *ledger, left_out=ledger[0] - ledger[1]),
            Tally(LIQUIDATIONS, *liquidations, left_out=liquidations[0] - liquidations[1]),
        ]

    def idle(self, wallets: Collection[str]) -> list[str]:
        """As `VenueFiles`."""
        return [each for each in wallets if each not in self.fills.keys() | self.transfers.keys()]


_PUBLIC = "of all wallets, from hyperliquid-dex/historical_data"

ADAPTER = Adapter(
    name="hyperliquid-2023",
    venue=VENUE,
    what="the venue's public history of 2023",
    inputs=(
        Input(TRADES, f"fills {_PUBLIC}"),
        Input(LEDGER, f"deposits and withdrawals {_PUBLIC}"),
        Input(LIQUIDATIONS, f"liquidations {_PUBLIC}"),
    ),
    facts=Facts(
        completeness=lacking("fills have no id and no start position; take each file whole"),
        equity=given("deposits and withdrawals of the ledger, with realised pnl"),
        fees=lacking("not in the files; counted as 0"),
        funding=lacking("not in the files; counted as 0"),
        marks=lacking("the mean of the last hour's public fills stands in"),
        deltas=lacking("perpetuals alone"),
        liquidations=given("each joins the fills of its user and instant"),
        openings=lacking("every wallet begins empty"),
        closing=lacking("nothing is stated to compare the books with"),
    ),
    margin=VENUE,
    read=lambda folder, _: History.load(folder),
)


def _fill(
    source: Source, cells: list[str], clock: Clock, flagged: dict[tuple[int, str], Source]
) -> Fill:
    """A trade; part of a liquidation if one of its user is at its time."""
    time_text, user, coin, side, px, sz, crossed = cells
    time = clock.tick(parse_time(time_text, source), source)
    wallet = parse_wallet(user, source)
    liquidation = (time, wallet) in flagged
    if coin not in COINS:
        raise bad_line(source, f"coin: unknown: {coin[:40]!a}")
    bought = parse_choice(side, source, "side", _BOUGHT)
    price = parse_positive(px, source, "px")
    size = parse_positive(sz, source, "sz")
    taker = parse_choice(crossed, source, "crossed", _BOOLEAN)
    signed = size if bought else -size
    return Fill(source, time, source.line, wallet, coin, signed, price, 0, not taker, liquidation)


def _liquidations(path: Path, wrong: Complaints) -> dict[tuple[int, str], Source]:
    joined: dict[tuple[int, str], Source] = {}
    clock = Clock()

    def take(source: Source, cells: list[str]) -> None:
        time_text, user, notional, value, leverage = cells
        key = (clock.tick(parse_time(time_text, source), source), parse_wallet(user, source))
        if key in joined:
            raise bad_line(source, "liquidation: stands twice")
        joined[key] = source
        parse_positive(notional, source, "liquidated_ntl_pos")
        parse_decimal(value, source, "liquidated_account_value")
        parse_choice(leverage, source, "leverage_type", _LEVERAGE)

    read_rows(path, LIQUIDATION_COLUMNS, take, wrong)
    return joined


def _transfers(path: Path, wrong: Complaints) -> dict[str, list[Transfer]]:
    transfers: dict[str, list[Transfer]] = defaultdict(list)
    seen: dict[tuple[int, str, int], Source] = {}
    clock = Clock()

    def take(source: Source, cells: list[str]) -> None:
        time = clock.tick(parse_time(cells[0], source), source)
        wallet, amount = parse_wallet(cells[1], source), parse_money(cells[2], source, "delta_usd")
        before = seen.setdefault((time, wallet, amount), source)
        if before is not source:
            raise bad_line(source, f"the same as {seen_from(source, before)}: read twice")
        transfers[wallet].append(Transfer(source, time, source.line, wallet, amount))

    read_rows(path, LEDGER_COLUMNS, take, wrong)
    return dict(transfers)
