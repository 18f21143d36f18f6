"""
What the made-up venue of the sample writes down: the lines of all its wallets, its marks and its
instruments (docs/explanation/attestation.md 2.3).

Seconds and hours are counted from the window's start; prices are in cents, sizes in 1e-8, until
they are written.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from attestor.ledger import apply_fill
from attestor.venues.instruments_csv import COLUMNS as INSTRUMENT_COLUMNS
from attestor.venues.instruments_csv import OPTIONAL as INSTRUMENT_OPTIONAL
from attestor.venues.marks_csv import COLUMNS as MARK_COLUMNS
from attestor.venues.marks_csv import OPTIONAL as MARK_OPTIONAL
from attestor.venues.statement_csv import COLUMNS, OPTIONAL

UNIT = 10**8
"""1.0 of a size here, which has eight decimals."""
MAKER_REBATE, TAKER_FEE = -50_000, 300_000  # -0.5 and 3 bp of notional, in 1e-9
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Option:
    """
    A listed option: its strike in cents, and the hours of the window in which it can be traded.
    """

    name: str
    underlying: str
    strike: int
    call: bool
    listed: int
    expiry: int

    def payoff(self, price: int) -> int:
        """At the expiry, cents."""
        return max(0, price - self.strike if self.call else self.strike - price)


class VenueBook:
    """All that happens at the venue, and what its wallets hold of it."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self.held: dict[tuple[str, str], int] = defaultdict(int)
        self._events: list[tuple[int, Row]] = []  # second, row
        self._marks: list[Row] = []
        self._entries: dict[tuple[str, str], tuple[int, int]] = {}  # size and cost of the opening
        self._own = 0

    # -- events ------------------------------------------------------------------------------------
    def line(self, second: int, kind: str, **cells: str) -> None:
        """A line of a wallet."""
        self._events.append((second, {"kind": kind, **cells}))

    def mark(self, second: int, instrument: str, price: int, **cells: str) -> None:
        """A mark of the venue; delta and volatility of an option."""
        self._marks.append(
            {"time": self.time(second), "instrument": instrument, "price": cents(price), **cells}
        )

    def opens(self, wallet: str, cash: int) -> None:
        """Cash at the window's start, whole USD."""
        self.line(0, "opening", wallet=wallet, amount=str(cash))

    def holds(self, wallet: str, instrument: str, size: int, entry: int) -> None:
        """A position from before the window, at an average entry in cents."""
        self.line(
            0, "position", wallet=wallet, instrument=instrument, side=_side(size),
            size=decimal(abs(size), 8), price=cents(entry),
        )  # fmt: skip
        self.held[wallet, instrument] += size
        self._entries[wallet, instrument] = (size, size * entry * (UNIT // 100))

    def own_trade_id(self) -> str:
        """An id for a trade between two wallets of the desk, which has it on both sides."""
        self._own += 1
        return f"own-{self._own}"

    def trade(
        self,
        second: int,
        wallet: str,
        instrument: str,
        size: int,
        price: int,
        *,
        mark: int,
        maker: bool,
        kind: str = "fill",
        identity: str = "",
    ) -> None:
        """An execution in the book, with the venue's mark of its instant."""
        self.held[wallet, instrument] += size
        notional = abs(size) * price // UNIT
        fee = notional * (MAKER_REBATE if maker else TAKER_FEE) // 10**5  # 1e-6 USD
        self.line(
            second, kind, wallet=wallet, instrument=instrument, side=_side(size),
            size=decimal(abs(size), 8), price=cents(price), fee=decimal(fee, 6),
            liquidity="maker" if maker else "taker", id=identity, mark=cents(mark),
        )  # fmt: skip

    def deliver(self, second: int, wallet: str, option: Option, price: int) -> None:
        """An option is settled in cash: nobody trades, nobody pays a fee."""
        size, paid = -self.held[wallet, option.name], option.payoff(price)
        if size:
            self.held[wallet, option.name] = 0
            self.line(
                second, "delivery" if paid else "expiry", wallet=wallet, instrument=option.name,
                side=_side(size), size=decimal(abs(size), 8), price=cents(paid),
            )  # fmt: skip

    def coins(
        self, second: int, kind: str, wallet: str, coin: str, size: int, price: int, identity: str
    ) -> None:
        """Coins come in or go out, at the index price."""
        self.held[wallet, coin] += size
        self.line(
            second, kind, wallet=wallet, instrument=coin, amount=decimal(size, 8),
            price=cents(price), id=identity,
        )  # fmt: skip

    # -- files -------------------------------------------------------------------------------------
    def time(self, second: int) -> str:
        """A second of the window as statements spell it."""
        return (self._start + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def instruments_csv(self, lasting: Sequence[str], options: Sequence[Option]) -> bytes:
        """Of coins and perpetuals by name, and of options."""
        rows = [{"name": name} for name in lasting]
        rows += [
            {
                "name": each.name,
                "underlying": each.underlying,
                "expiry": self.time(each.expiry * 3600),
                "strike": cents(each.strike),
                "right": "call" if each.call else "put",
            }
            for each in options
        ]
        return _table((*INSTRUMENT_COLUMNS, *INSTRUMENT_OPTIONAL), rows)

    def marks_csv(self) -> bytes:
        """In the order of time."""
        return _table((*MARK_COLUMNS, *MARK_OPTIONAL), self._marks)

    def statement_csv(self) -> bytes:
        """
        All lines in the order of time, with the venue's own start position and closed pnl for each
        execution.
        """
        books, rows = dict(self._entries), []
        ordered = sorted(enumerate(self._events), key=lambda item: (item[1][0], item[0]))
        for sequence, (_, (second, cells)) in enumerate(ordered, start=1):
            row = {**cells, "time": self.time(second), "sequence": str(sequence)}
            if "side" in row and row["kind"] != "position":
                key, price = (row["wallet"], row["instrument"]), units(row["price"])
                size, cost = books.get(key, (0, 0))
                traded = units(row["size"]) * (1 if row["side"] == "buy" else -1)
                applied = apply_fill(size, cost, traded, price)
                books[key] = (applied.size, applied.cost)
                row["start_position"] = decimal(size, 8)
                row["closed_pnl"] = decimal(applied.realised // UNIT, 8)
            elif "instrument" in row and row["kind"] != "position":  # coins
                key = (row["wallet"], row["instrument"])
                size, cost = books.get(key, (0, 0))
                applied = apply_fill(size, cost, units(row["amount"]), units(row["price"]))
                books[key] = (applied.size, applied.cost)
            rows.append(row)
        return _table((*COLUMNS, *OPTIONAL), rows)


def _table(columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def _side(size: int) -> str:
    return "buy" if size > 0 else "sell"


def decimal(number: int, places: int) -> str:
    """A number of 10^-places as a plain decimal."""
    if number == 0:
        return "0"
    whole, rest = divmod(abs(number), 10**places)
    text = f"{whole}.{rest:0{places}d}".rstrip("0").rstrip(".")
    return f"-{text}" if number < 0 else text


def cents(number: int) -> str:
    """A price in cents as a plain decimal."""
    return decimal(number, 2)


def units(text: str) -> int:
    """1e-8 of a decimal that this file wrote itself."""
    whole, _, places = text.removeprefix("-").partition(".")
    magnitude = int(whole) * UNIT + int(places.ljust(8, "0"))
    return -magnitude if text.startswith("-") else magnitude
