"""The venue's real owners, and real prices."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from algebra.errors import TierproofError
from attestor.log import Log, build_log
from attestor.prices import HOUR, PriceBoard
from attestor.statement import (
    DAY_MICROSECONDS,
    FILL_RANK,
    Fill,
    Instrument,
    Line,
    Quote,
    Source,
    Statement,
    Transfer,
)
from attestor.venues.hyperliquid_2023 import History
from benchmarks.gaming.figures import days_of, marked_as_traded
from history.v2.day_rows import DayRow

PLACE = Source("trick", 1)


class Owner(NamedTuple):
    """A real owner: what he did, the log of it, its days."""

    statement: Statement
    log: Log
    days: list[DayRow]


class Market:
    """
    The venue's history: its owners, and what its public fills say of prices.

    Parameters
    ----------
    folder : the venue's public history files
    """

    def __init__(self, folder: Path) -> None:
        self.history = History.load(folder)
        times = [quote.time // DAY_MICROSECONDS for quote in self.history.quotes]
        self.first, self.last = min(times), max(times)

    def statement(self, *wallets: str) -> Statement:
        """Of an owner, over the whole window, without the band."""
        return marked_as_traded(self.history.statement(wallets, self.first, self.last))

    def owners(self, least: int, most: int) -> Iterator[tuple[str, Owner]]:
        """
        Those of one wallet with so many fills, a whole ledger and days that can be proven, by
        address.
        """
        for wallet, fills in sorted(self.history.fills.items()):
            if not least <= len(fills) <= most or wallet not in self.history.transfers:
                continue
            statement = self.statement(wallet)
            try:
                log = build_log(statement)
                yield wallet, Owner(statement, log, days_of(log))
            except TierproofError:
                continue

    def hourly(self, first: int) -> tuple[list[str], NDArray[np.float64]]:
        """
        Names of the coins that were traded before day `first` of the window, and the price of each
        at each hour from that day on, shape (coins, hours), USD.
        """
        names = _instruments(self.history.quotes)
        board = PriceBoard(self.history.quotes, names)
        columns: list[list[int]] = []
        told: list[str] = []
        start, end = ((day * DAY_MICROSECONDS) for day in (self.first + first, self.last + 1))
        for instant in range(start, end + 1, HOUR):
            board.advance((instant - 1, FILL_RANK, 1 << 62))
            told = told or [name for name in names if board.told(name)]
            columns.append([board.price(name) for name in told])
        return told, np.array(columns).T / 1e18


def _instruments(quotes: list[Quote]) -> dict[str, Instrument]:
    return {name: Instrument(name) for name in sorted({quote.instrument for quote in quotes})}


class Events:
    """Makes the lines of a trick, after those of a statement that have their instant."""

    def __init__(self, statement: Statement) -> None:
        numbers = [event.sequence for event in (*statement.fills, *statement.lines)]
        self._number = max(numbers, default=0)

    def _next(self) -> int:
        self._number += 1
        return self._number

    def fill(self, time: int, wallet: str, name: str, size: int, price: int) -> Fill:
        """An execution; size (signed) and price in 1e-18."""
        return Fill(PLACE, time, self._next(), wallet, name, size, price, 0, maker=False)

    def transfer(self, time: int, wallet: str, amount: int) -> Line:
        """Money in or out, u'."""
        return Transfer(PLACE, time, self._next(), wallet, amount)
