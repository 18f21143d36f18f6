"""
The project's own statement format: `statement.csv` and `instruments.csv`
(docs/explanation/attestation.md 2.2).

One line an event, in the order of time, every cell present, unused cells empty:

    time,sequence,kind,wallet,instrument,side,size,price,fee,liquidity,id,amount,delta,start_position,closed_pnl

    kind         uses
    opening      wallet, amount (cash balance at the window's first instant)
    position     wallet, instrument, side, size, price (average entry)
    mark         instrument, price, delta (options only)
    fill         wallet, instrument, side (buy, sell), size, price, fee, liquidity (maker, taker),
                 id (trade id, may be empty), start_position and closed_pnl (the venue's own
                 figures, may be empty)
    liquidation  as fill: the first fill of a liquidation
    transfer     wallet, amount, id (transaction, may be empty)
    carry        wallet, amount: funding, interest, fees outside fills
    reward       wallet, amount, id (programme)
    vote         wallet, id (proposal)

`sequence` counts the lines of the file upwards. `instruments.csv` is `name,underlying`; the
underlying is empty for what is not an option.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from attestor.complaints import Complaints
from attestor.statement import (
    UNIT,
    Carry,
    Fill,
    Instrument,
    Line,
    Opening,
    OpeningPosition,
    Quote,
    Reward,
    Source,
    Statement,
    Transfer,
    Vote,
    bad_line,
    parse_choice,
    parse_decimal,
    parse_money,
    parse_positive,
    parse_time,
    parse_wallet,
    quote_key,
)
from attestor.venues.csv_file import Clock, check_name, read_rows

STATEMENT, INSTRUMENTS = "statement.csv", "instruments.csv"
COLUMNS = (
    "time",
    "sequence",
    "kind",
    "wallet",
    "instrument",
    "side",
    "size",
    "price",
    "fee",
    "liquidity",
    "id",
    "amount",
    "delta",
    "start_position",
    "closed_pnl",
)
USES: dict[str, frozenset[str]] = {
    "opening": frozenset({"wallet", "amount"}),
    "position": frozenset({"wallet", "instrument", "side", "size", "price"}),
    "mark": frozenset({"instrument", "price"}),
    "fill": frozenset({"wallet", "instrument", "side", "size", "price", "fee", "liquidity"}),
    "liquidation": frozenset({"wallet", "instrument", "side", "size", "price", "fee", "liquidity"}),
    "transfer": frozenset({"wallet", "amount"}),
    "carry": frozenset({"wallet", "amount"}),
    "reward": frozenset({"wallet", "amount", "id"}),
    "vote": frozenset({"wallet", "id"}),
}
"""Cells that a kind must fill, beside time, sequence and kind."""
MAY_USE: dict[str, frozenset[str]] = {
    "mark": frozenset({"delta"}),
    "fill": frozenset({"id", "start_position", "closed_pnl"}),
    "liquidation": frozenset({"id", "start_position", "closed_pnl"}),
    "transfer": frozenset({"id"}),
}
"""Cells that it may leave empty."""

_SIDE = {"buy": True, "sell": False}
_LIQUIDITY = {"maker": True, "taker": False}
_SEQUENCE = re.compile(r"[1-9]\d{0,17}", re.ASCII)


@dataclass(slots=True)
class StatementFile:
    """A folder's statement, read and checked once; `statement` takes out an owner's part."""

    venue: str
    instruments: dict[str, Instrument]
    fills: dict[str, list[Fill]] = field(default_factory=dict)
    lines: dict[str, list[Line]] = field(default_factory=dict)
    openings: dict[str, Opening] = field(default_factory=dict)
    marks: list[Quote] = field(default_factory=list)

    @classmethod
    def load(cls, folder: Path, venue: str) -> StatementFile:
        """
        Read `statement.csv` and `instruments.csv` of a folder.

        Raises
        ------
        Malformed
            `malformed.statement` with file, line and reason (docs/explanation/metrics.md A7),
            several as one (`attestor.complaints`).
        Unavailable
            `unavailable.file`.
        """
        wrong = Complaints()
        loaded = cls(venue, _instruments(folder / INSTRUMENTS, wrong))
        if not loaded.instruments:
            wrong.settle()  # else every line of the statement would be refused for its instrument
        order = _Order()

        def take(source: Source, cells: list[str]) -> None:
            row = dict(zip(COLUMNS, cells, strict=True))
            _check_cells(row, source)
            loaded._add(row, source, *order.next(row, source))

        read_rows(folder / STATEMENT, COLUMNS, take, wrong)
        wrong.settle()
        return loaded

    def statement(self, wallets: Iterable[str], first_day: int, last_day: int) -> Statement:
        """
        The part of the owner of `wallets`, for a window in days since 1970-01-01 UTC, both ends
        included.
        """
        chosen = tuple(wallets)
        # Public fills are prices where the venue marks nothing: all fills of the file, not the
        # owner's alone.
        fills = [fill for wallet_fills in self.fills.values() for fill in wallet_fills]
        public = [
            Quote(f.source, f.time, f.sequence, f.instrument, f.price, mark=False) for f in fills
        ]
        quotes = sorted([*self.marks, *public], key=quote_key)
        return Statement(
            venue=self.venue,
            wallets=chosen,
            first_day=first_day,
            days=last_day - first_day + 1,
            fills=[fill for wallet in chosen for fill in self.fills.get(wallet, [])],
            lines=[line for wallet in chosen for line in self.lines.get(wallet, [])],
            openings={
                wallet: self.openings[wallet] for wallet in chosen if wallet in self.openings
            },
            quotes=quotes,
            instruments=self.instruments,
            fill_prices=False,
        )

    def _add(self, row: dict[str, str], source: Source, time: int, sequence: int) -> None:
        kind = row["kind"]
        if row["instrument"] and row["instrument"] not in self.instruments:
            raise bad_line(source, f"instrument: unknown: {row['instrument'][:40]!a}")
        if kind == "mark":
            self.marks.append(self._mark(row, source, time, sequence))
            return
        wallet = parse_wallet(row["wallet"], source)
        if kind in ("opening", "position"):
            self._open(row, source, time, wallet)
        elif kind in ("fill", "liquidation"):
            self.fills.setdefault(wallet, []).append(_fill(row, source, time, sequence, wallet))
        else:
            self.lines.setdefault(wallet, []).append(_line(row, source, time, sequence, wallet))

    def _mark(self, row: dict[str, str], source: Source, time: int, sequence: int) -> Quote:
        option = self.instruments[row["instrument"]].underlying is not None
        if option != bool(row["delta"]):
            raise bad_line(source, "delta: an option's mark carries one, another's does not")
        delta = parse_decimal(row["delta"], source, "delta") if option else None
        if delta is not None and abs(delta) > UNIT:
            raise bad_line(source, "delta: outside -1..1")
        price = parse_positive(row["price"], source, "price")
        return Quote(source, time, sequence, row["instrument"], price, mark=True, delta=delta)

    def _open(self, row: dict[str, str], source: Source, time: int, wallet: str) -> None:
        opening = self.openings.get(wallet)
        if row["kind"] == "opening":
            if opening is not None:
                raise bad_line(source, "opening: the wallet has one already")
            # Entered before its amount is read: a wrong amount is then the only complaint.
            opening = self.openings[wallet] = Opening(source, time, 0)
            opening.balance = parse_money(row["amount"], source, "amount")
            return
        if opening is None:
            raise bad_line(source, "position: no opening line of this wallet before it")
        if time != opening.time:
            raise bad_line(
                source, "time: a position is of the same instant as its wallet's opening"
            )
        size = _signed_size(row, source)
        entry = parse_positive(row["price"], source, "price")
        opening.positions.append(OpeningPosition(source, row["instrument"], size, entry))


class _Order:
    """Time and sequence, which rise from line to line."""

    def __init__(self) -> None:
        self._clock, self._sequence = Clock(), 0

    def next(self, row: dict[str, str], source: Source) -> tuple[int, int]:
        """Time and sequence of a line."""
        if _SEQUENCE.fullmatch(row["sequence"]) is None:
            raise bad_line(source, "sequence: not a whole number above 0")
        time = self._clock.tick(parse_time(row["time"], source), source)
        if int(row["sequence"]) <= self._sequence:
            raise bad_line(source, f"sequence: {row['sequence']} is repeated or goes back")
        self._sequence = int(row["sequence"])
        return time, self._sequence


def _check_cells(row: dict[str, str], source: Source) -> None:
    kind = row["kind"]
    if kind not in USES:
        raise bad_line(source, f"kind: unknown: {kind[:40]!a}")
    for column in COLUMNS[3:]:
        wanted, allowed = column in USES[kind], column in MAY_USE.get(kind, frozenset())
        if wanted and not row[column]:
            raise bad_line(source, f"{column}: empty, a {kind} needs it")
        if row[column] and not wanted and not allowed:
            raise bad_line(source, f"{column}: a {kind} has none")
    if row["id"]:
        check_name(row["id"], source, "id")


def _signed_size(row: dict[str, str], source: Source) -> int:
    size = parse_positive(row["size"], source, "size")
    return size if parse_choice(row["side"], source, "side", _SIDE) else -size


def _fill(row: dict[str, str], source: Source, time: int, sequence: int, wallet: str) -> Fill:
    start, pnl = row["start_position"], row["closed_pnl"]
    return Fill(
        source=source,
        time=time,
        sequence=sequence,
        wallet=wallet,
        instrument=row["instrument"],
        size=_signed_size(row, source),
        price=parse_positive(row["price"], source, "price"),
        fee=parse_money(row["fee"], source, "fee"),
        maker=parse_choice(row["liquidity"], source, "liquidity", _LIQUIDITY),
        liquidation=row["kind"] == "liquidation",
        trade_id=row["id"] or None,
        reported_start=parse_decimal(start, source, "start_position") if start else None,
        reported_pnl=parse_money(pnl, source, "closed_pnl") if pnl else None,
    )


def _line(row: dict[str, str], source: Source, time: int, sequence: int, wallet: str) -> Line:
    if row["kind"] == "vote":
        return Vote(source, time, sequence, wallet, row["id"])
    amount = parse_money(row["amount"], source, "amount")
    if row["kind"] == "transfer":
        return Transfer(source, time, sequence, wallet, amount, row["id"] or None)
    if row["kind"] == "carry":
        return Carry(source, time, sequence, wallet, amount)
    if amount < 0:
        raise bad_line(source, "reward: amount below 0")
    return Reward(source, time, sequence, wallet, row["id"], amount)


def _instruments(path: Path, wrong: Complaints) -> dict[str, Instrument]:
    """
    The instruments by name; one that is refused is among them, so that its lines are not refused
    for it again.
    """
    instruments: dict[str, Instrument] = {}
    underlyings: list[tuple[Source, str]] = []

    def take(source: Source, cells: list[str]) -> None:
        name, underlying = cells
        twice = name in instruments
        instruments[name] = Instrument(name, underlying or None)
        check_name(name, source, "name")
        if twice:
            raise bad_line(source, f"name: {name} stands twice")
        if underlying:
            underlyings.append((source, underlying))

    read_rows(path, ("name", "underlying"), take, wrong)
    for source, underlying in underlyings:
        if underlying not in instruments or instruments[underlying].underlying is not None:
            wrong.add(
                bad_line(source, f"underlying: no instrument of its own: {underlying[:40]!a}")
            )
    return instruments
