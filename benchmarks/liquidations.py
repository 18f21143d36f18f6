"""
`python -m benchmarks.liquidations FOLDER`: how near real accounts stood to liquidation in the day
before it (docs/explanation/margin.md 6).

FOLDER holds the venue's public history of 2023 (`attestor.venues.hyperliquid_2023`). Every
liquidation of a cross account whose ledger is whole is looked at: from a day before it to just
before it, the least distance at records and marks, and with the hourly clock. Maintenance is 1 % of
notional, as it was then.
"""

from __future__ import annotations

import argparse
import csv
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from attestor.cells import (
    parse_time,
)
from attestor.margin.account import MONEY, UNIT, MarginAccount, Mark
from attestor.margin.distance import FARTHEST, standing
from attestor.margin.moment import MICROSECONDS, Valuer
from attestor.statement import (
    FILL_RANK,
    LINE_RANK,
    Fill,
    Source,
    Transfer,
)
from attestor.statement import UNIT as PLACES
from attestor.venues.hyperliquid_2023 import LIQUIDATIONS, History
from policies.margin import example

HOUR = 3_600 * MICROSECONDS
DAY = 24 * HOUR
LINES = (200, 500, 1_000, 2_000)
"""Distances that are counted, 1/10^4."""
_SIZE, _AMOUNT = UNIT // PLACES, MONEY // PLACES**2
Key = tuple[int, int, int]


class Prices:
    """The last public fill of each coin at or before a place in the order of events."""

    def __init__(self, history: History) -> None:
        self._keys: dict[str, list[Key]] = defaultdict(list)
        self._prices: dict[str, list[int]] = defaultdict(list)
        for quote in history.quotes:
            self._keys[quote.instrument].append((quote.time, FILL_RANK, quote.sequence))
            self._prices[quote.instrument].append(quote.price * _SIZE)

    def at(self, coin: str, key: Key) -> int:
        """1e-18."""
        return self._prices[coin][bisect_right(self._keys[coin], key) - 1]


class Seen(NamedTuple):
    """What an account stood at: at a record (or mark), or at an instant of the clock alone."""

    time: int
    distance: int
    buffer: float
    clock: bool
    held: bool


@dataclass(slots=True)
class Wallet:
    """One wallet's events in order; `seen` and `liquidations` (instants) fill as it is walked."""

    fills: list[Fill]
    transfers: list[Transfer]
    isolated: frozenset[int]
    seen: list[Seen] = field(default_factory=list)
    liquidations: list[int] = field(default_factory=list)
    whole: bool = True
    cash: int = 0
    deposits: int = 0
    sizes: dict[str, int] = field(default_factory=dict)

    def events(self) -> list[tuple[Key, Fill | Transfer]]:
        """In the order of docs/explanation/metrics.md A2."""
        out: list[tuple[Key, Fill | Transfer]] = [
            ((line.time, LINE_RANK, line.sequence), line) for line in self.transfers
        ]
        out += [((fill.time, FILL_RANK, fill.sequence), fill) for fill in self.fills]
        return sorted(out, key=lambda event: event[0])

    def apply(self, event: Fill | Transfer) -> None:
        """Cash and sizes after it; the money of a position is in `cash` at its cost."""
        if isinstance(event, Transfer):
            self.cash += event.amount * _AMOUNT
            self.deposits += max(0, event.amount) * _AMOUNT
            return
        size = self.sizes.get(event.instrument, 0) + event.size * _SIZE
        self.sizes[event.instrument] = size
        self.cash -= event.size * event.price * _AMOUNT
        if event.liquidation and event.time not in self.isolated:
            self.liquidations.append(event.time)


class Walk:
    """Looks at each wallet wherever a record, a mark or the clock does."""

    def __init__(self, folder: Path) -> None:
        self.history = history = History.load(folder)
        self.isolated = isolated(folder / LIQUIDATIONS)
        self.prices = Prices(history)
        self.valuer = Valuer(example("hyperliquid"), {})
        self.end = history.quotes[-1].time // DAY * DAY + DAY

    def look(self, wallet: Wallet, key: Key, *, clock: bool) -> None:
        """Add how the wallet stands at a place in the order."""
        held = {coin: size for coin, size in wallet.sizes.items() if size}
        at = self.valuer.at(key[0], lambda coin: Mark(self.prices.at(coin, key)), held)
        found = standing(MarginAccount(wallet.cash, held), at)
        wallet.whole &= 100 * found.equity >= -wallet.deposits
        none = not held or found.equity <= 0
        buffer = -1.0 if none else (found.equity - found.margin) / found.equity
        wallet.seen.append(
            Seen(key[0], found.distance, 1.0 if not held else buffer, clock, bool(held))
        )

    def run(self, name: str) -> Wallet:
        """One wallet over all of the history."""
        fills, transfers = self.history.fills[name], self.history.transfers.get(name, [])
        wallet = Wallet(fills, transfers, frozenset(self.isolated[name]))
        events = wallet.events()
        if not wallet.transfers or not wallet.fills:
            wallet.whole = False
            return wallet
        last = events[0][0][0]
        for key, event in events:
            for instant in self.valuer.instants(last, key[0] - 1):
                self.instant(wallet, instant)
            last = max(last, key[0] - 1)
            self.look(wallet, key, clock=False)
            wallet.apply(event)
            self.look(wallet, key, clock=False)
        for instant in self.valuer.instants(last, self.end):
            self.instant(wallet, instant)
        return wallet

    def instant(self, wallet: Wallet, time: int) -> None:
        """An instant of the clock; at midnight the day's mark stands a second before it."""
        if time % DAY == 0:
            self.look(wallet, (time - MICROSECONDS, FILL_RANK, 1 << 62), clock=False)
        self.look(wallet, (time - 1, FILL_RANK, 1 << 62), clock=True)


def isolated(path: Path) -> dict[str, set[int]]:
    """Instants at which an isolated position was liquidated, by wallet."""
    out: dict[str, set[int]] = defaultdict(set)
    with path.open(newline="") as stream:
        for row in csv.DictReader(stream):
            if row["leverage_type"] == "Isolated":
                source = Source(path.name, 0)
                out[row["user"]].add(parse_time(row["time"], source))
    return out


def before(wallet: Wallet, time: int) -> list[Seen]:
    """What was seen in the day before an instant."""
    times = [seen.time for seen in wallet.seen]
    return wallet.seen[bisect_left(times, time - DAY) : bisect_left(times, time)]


def days(wallet: Wallet, line: int) -> Iterator[bool]:
    """
    Of each day with a position on which the distance is below `line`: whether a liquidation follows
    such an instant within 24 hours.
    """
    by_day: dict[int, list[int]] = defaultdict(list)
    for seen in wallet.seen:
        if seen.held and seen.distance < line:
            by_day[seen.time // DAY].append(seen.time)
    for touched in by_day.values():
        yield any(0 < at - time <= DAY for at in wallet.liquidations for time in touched)


def table(wallets: list[Wallet]) -> list[str]:
    """The lines of docs/explanation/margin.md 6."""
    cases = [
        before(wallet, time) for wallet in wallets for time in sorted(set(wallet.liquidations))
    ]
    out = [f"{len(cases)} liquidations of wallets with a whole ledger; in the day before:"]
    out.append("| distance below | at a record or mark | with the hourly clock |\n|---|---|---|")
    for line in LINES:
        at_records, with_clock = (
            sum(any(seen.distance < line for seen in case if clock or not seen.clock)
                for case in cases)
            for clock in (False, True)
        )  # fmt: skip
        out.append(f"| {line / 100:g} % | {at_records} | {with_clock} |")
    low = sum(any(seen.buffer < 0.25 for seen in case if not seen.clock) for case in cases)
    low_clock = sum(any(seen.buffer < 0.25 for seen in case) for case in cases)
    out.append(f"margin buffer below 0.25: {low} at a record or mark, {low_clock} with the clock")
    for line, name in (200, "that touches 2 %"), (500, "that touches 5 %"), (FARTHEST + 1, "held"):
        ended = [end for wallet in wallets for end in days(wallet, line)]
        out.append(f"a day {name}: {sum(ended)} of {len(ended)} liquidated within 24 hours")
    never = [wallet for wallet in wallets if not wallet.liquidations]
    once = sum(any(seen.distance < 500 for seen in wallet.seen) for wallet in never)
    out.append(f"of {len(never)} wallets never liquidated {once} were below 5 % once")
    return out


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the venue's public history files")
    options = parser.parse_args()
    walk = Walk(options.folder)
    names = sorted(walk.history.fills)
    wallets = [walk.run(name) for name in names]
    print("\n".join(table([wallet for wallet in wallets if wallet.whole])))


if __name__ == "__main__":
    main()
