"""
The venue's public history files of 2023 (docs/explanation/attestation.md 2.1).

    non_mm_trades.csv           time,user,coin,side,px,sz,crossed
    non_mm_ledger_updates.csv   time,user,delta_usd
    liquidations.csv            time,user,liquidated_ntl_pos,liquidated_account_value,leverage_type

The files hold all wallets; `statement` takes out an owner's. They know no fees, no funding and no
mark price, so the price is the last public fill, over all fills of the file, and fees are 0.
Maintenance margin was 1 % of notional.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from attestor.statement import (
    Fill,
    Instrument,
    Quote,
    Source,
    Statement,
    Transfer,
    bad_line,
    parse_choice,
    parse_decimal,
    parse_money,
    parse_positive,
    parse_time,
    parse_wallet,
)
from attestor.venues.csv_file import Clock, read_rows

VENUE = "hyperliquid"
TRADES, LEDGER, LIQUIDATIONS = "non_mm_trades.csv", "non_mm_ledger_updates.csv", "liquidations.csv"
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
MAINTENANCE = 100  # basis points of notional

_BOUGHT = {"Bid": True, "Ask": False}
_BOOLEAN = {"true": True, "false": False}
_LEVERAGE = {"Cross": True, "Isolated": False}


@dataclass(frozen=True, slots=True)
class History:
    """The three files, read and checked once."""

    fills: dict[str, list[Fill]]
    transfers: dict[str, list[Transfer]]
    quotes: list[Quote]

    @classmethod
    def load(cls, folder: Path) -> History:
        """
        Read the files of `folder`.

        Raises
        ------
        Malformed
            `malformed.statement` with file, line and reason: any cell that A7 refuses, a
            liquidation that joins no fill on exactly (user, time), or one that stands twice.
        Unavailable
            `unavailable.file`.
        """
        liquidated = _liquidations(folder / LIQUIDATIONS)
        fills: dict[str, list[Fill]] = defaultdict(list)
        quotes: list[Quote] = []
        open_flags = dict(liquidated)
        clock = Clock()
        columns = ("time", "user", "coin", "side", "px", "sz", "crossed")
        for source, (time_text, user, coin, side, px, sz, crossed) in read_rows(
            folder / TRADES, columns
        ):
            time = clock.tick(parse_time(time_text, source), source)
            wallet = parse_wallet(user, source)
            if coin not in COINS:
                raise bad_line(source, f"coin: unknown: {coin[:40]!r}")
            bought = parse_choice(side, source, "side", _BOUGHT)
            price = parse_positive(px, source, "px")
            size = parse_positive(sz, source, "sz")
            taker = parse_choice(crossed, source, "crossed", _BOOLEAN)
            # A liquidation of several fills flags its first fill only (A8).
            liquidation = open_flags.pop((time, wallet), None) is not None
            signed = size if bought else -size
            fills[wallet].append(
                Fill(
                    source,
                    time,
                    source.line,
                    wallet,
                    coin,
                    signed,
                    price,
                    0,
                    not taker,
                    liquidation,
                )
            )
            quotes.append(Quote(source, time, source.line, coin, price, mark=False))
        for source in open_flags.values():
            raise bad_line(source, "liquidation: no fill of this user at this time")
        return cls(dict(fills), _transfers(folder / LEDGER), quotes)

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
            maintenance=MAINTENANCE,
            fill_prices=False,
        )


def _liquidations(path: Path) -> dict[tuple[int, str], Source]:
    joined: dict[tuple[int, str], Source] = {}
    clock = Clock()
    columns = ("time", "user", "liquidated_ntl_pos", "liquidated_account_value", "leverage_type")
    for source, (time_text, user, notional, value, leverage) in read_rows(path, columns):
        key = (clock.tick(parse_time(time_text, source), source), parse_wallet(user, source))
        parse_positive(notional, source, "liquidated_ntl_pos")
        parse_decimal(value, source, "liquidated_account_value")
        parse_choice(leverage, source, "leverage_type", _LEVERAGE)
        if key in joined:
            raise bad_line(source, "liquidation: stands twice")
        joined[key] = source
    return joined


def _transfers(path: Path) -> dict[str, list[Transfer]]:
    transfers: dict[str, list[Transfer]] = defaultdict(list)
    clock = Clock()
    for source, (time_text, user, delta) in read_rows(path, ("time", "user", "delta_usd")):
        time = clock.tick(parse_time(time_text, source), source)
        wallet = parse_wallet(user, source)
        transfers[wallet].append(
            Transfer(source, time, source.line, wallet, parse_money(delta, source, "delta_usd"))
        )
    return dict(transfers)
