"""
The project's own statement format: `statement.csv`, its further pages, and `instruments.csv`
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
    carry        wallet, amount: funding, interest, fees outside fills; id (payment, may be empty)
    reward       wallet, amount, id (programme)
    vote         wallet, id (proposal)
    trade        instrument, size, price: a trade of others, told to all; id (may be empty)
    closing      wallet, amount: the cash that the venue states, all of this instant included
    holding      wallet, instrument, side, size: a position that it states with the closing before
    value        wallet, amount: the account's value that it states, at the marks

`sequence` counts the lines upwards, over all pages (`attestor.venues.line_order`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from attestor.complaints import Complaints
from attestor.sameness import repeated_ids
from attestor.statement import (
    DELTA_PLACES,
    DELTA_UNIT,
    Carry,
    Fill,
    Instrument,
    Line,
    Opening,
    OpeningPosition,
    Quote,
    Reward,
    Source,
    Stated,
    Statement,
    Transfer,
    Vote,
    bad_line,
    parse_choice,
    parse_decimal,
    parse_money,
    parse_positive,
    parse_wallet,
    quote_key,
)
from attestor.venues.adapter import Tally
from attestor.venues.asked import require_asked
from attestor.venues.csv_file import check_name, read_rows
from attestor.venues.instruments_csv import INSTRUMENTS as INSTRUMENTS
from attestor.venues.instruments_csv import read_instruments
from attestor.venues.line_order import LineOrder
from attestor.venues.pages import pages
from attestor.venues.stated_lines import KINDS as STATED
from attestor.venues.stated_lines import StatedLines

STATEMENT = "statement.csv"
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
    "trade": frozenset({"instrument", "size", "price"}),
    "closing": frozenset({"wallet", "amount"}),
    "holding": frozenset({"wallet", "instrument", "side", "size"}),
    "value": frozenset({"wallet", "amount"}),
}
"""Cells that a kind must fill, beside time, sequence and kind."""
MAY_USE: dict[str, frozenset[str]] = {
    "mark": frozenset({"delta"}),
    "fill": frozenset({"id", "start_position", "closed_pnl"}),
    "liquidation": frozenset({"id", "start_position", "closed_pnl"}),
    "transfer": frozenset({"id"}),
    "carry": frozenset({"id"}),
    "trade": frozenset({"id"}),
}
"""Cells that it may leave empty."""

_SIDE = {"buy": True, "sell": False}
_LIQUIDITY = {"maker": True, "taker": False}


@dataclass(slots=True)
class StatementFile:
    """
    A folder's statement, read and checked once; `statement` takes out an owner's part.

    Attributes
    ----------
    fills, lines, openings, stated : of each wallet
    marks, public : prices of nobody here: the venue's marks, and trades of others
    places : of each wallet, where its lines stand
    read, repeated : lines by file: all, and those that an earlier page has too
    """

    venue: str
    instruments: dict[str, Instrument]
    fills: dict[str, list[Fill]] = field(default_factory=dict)
    lines: dict[str, list[Line]] = field(default_factory=dict)
    openings: dict[str, Opening] = field(default_factory=dict)
    stated: StatedLines = field(default_factory=StatedLines)
    marks: list[Quote] = field(default_factory=list)
    public: list[Quote] = field(default_factory=list)
    places: dict[str, list[Source]] = field(default_factory=dict)
    read: Counter[str] = field(default_factory=Counter)
    repeated: Counter[str] = field(default_factory=Counter)

    @classmethod
    def load(cls, folder: Path, venue: str) -> StatementFile:
        """
        Read `statement.csv`, its further pages, and `instruments.csv` of a folder.

        Raises
        ------
        Malformed
            `malformed.statement` with file, line and reason (docs/explanation/metrics.md A7),
            several as one (`attestor.complaints`).
        Unavailable
            `unavailable.file`.
        """
        wrong = Complaints()
        instruments, read = read_instruments(folder / INSTRUMENTS, wrong)
        if not instruments:
            wrong.settle()  # else every line of the statement would be refused for its instrument
        loaded = cls(venue, instruments, read=Counter({INSTRUMENTS: read}))
        files = pages(folder, STATEMENT)
        order = LineOrder(COLUMNS, paged=len(files) > 1)

        def take(source: Source, cells: list[str]) -> None:
            row = dict(zip(COLUMNS, cells, strict=True))
            _check_cells(row, source)
            place = order.next(cells, source)
            event = loaded._event(row, source, *place) if place is not None else None
            if event is not None:
                order.require_new(event)
                loaded._keep(event)

        for path in files:
            loaded.read[path.name] = read_rows(path, COLUMNS, take, wrong)
        fills, lines = chain(*loaded.fills.values()), chain(*loaded.lines.values())
        for error in repeated_ids(fills, lines, loaded.public):
            wrong.add(error)
        wrong.settle()
        loaded.repeated = order.repeated
        return loaded

    def statement(self, wallets: Iterable[str], first_day: int, last_day: int) -> Statement:
        """
        The part of the owner of `wallets`, for a window in days since 1970-01-01 UTC, both ends
        included.
        """
        chosen = tuple(wallets)
        # Public fills are prices where the venue marks nothing: all fills of the file, not the
        # owner's alone.
        fills = [
            Quote(f.source, f.time, f.sequence, f.instrument, f.price, mark=False, size=abs(f.size))
            for f in chain(*self.fills.values())
            if not f.booked
        ]
        quotes = sorted([*self.marks, *self.public, *fills], key=quote_key)
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
            stated=[said for wallet in chosen for said in self.stated.of(wallet)],
            instruments=self.instruments,
            fill_prices=False,
        )

    def require_asked(self, asked: Collection[str], left_out: Collection[str]) -> None:
        """As `attestor.venues.adapter.VenueFiles`."""
        require_asked(self.places, asked, left_out)

    def tally(self, asked: Collection[str]) -> list[Tally]:
        """As `attestor.venues.adapter.VenueFiles`."""
        of = {True: Counter[str](), False: Counter[str]()}
        for wallet, places in self.places.items():
            of[wallet in asked].update(place.file for place in places)
        of[True][INSTRUMENTS] = self.read[INSTRUMENTS]
        prices = Counter(quote.source.file for quote in chain(self.marks, self.public))
        return [
            Tally(file, read, of[True][file], prices[file], of[False][file], self.repeated[file])
            for file, read in self.read.items()
        ]

    def idle(self, wallets: Collection[str]) -> list[str]:
        """As `attestor.venues.adapter.VenueFiles`."""
        return [wallet for wallet in wallets if wallet not in self.places]

    def _event(
        self, row: dict[str, str], source: Source, time: int, sequence: int
    ) -> Fill | Line | Quote | None:
        """The event of a line; None for what is held at an instant, which is taken in here."""
        kind = row["kind"]
        if row["instrument"] and row["instrument"] not in self.instruments:
            raise bad_line(source, f"instrument: unknown: {row['instrument'][:40]!a}")
        if kind == "mark":
            return self._mark(row, source, time, sequence)
        if kind == "trade":
            return _public(row, source, time, sequence)
        wallet = parse_wallet(row["wallet"], source)
        self.places.setdefault(wallet, []).append(source)
        if kind in ("opening", "position"):
            self._open(row, source, time, wallet)
            return None
        if kind in STATED:
            self._state(row, source, time, sequence, wallet)
            return None
        read = _fill if kind in ("fill", "liquidation") else _line
        return read(row, source, time, sequence, wallet)

    def _keep(self, event: Fill | Line | Quote) -> None:
        if isinstance(event, Fill):
            self.fills.setdefault(event.wallet, []).append(event)
        elif isinstance(event, Quote):
            (self.marks if event.mark else self.public).append(event)
        else:
            self.lines.setdefault(event.wallet, []).append(event)

    def _mark(self, row: dict[str, str], source: Source, time: int, sequence: int) -> Quote:
        option = self.instruments[row["instrument"]].underlying is not None
        if option != bool(row["delta"]):
            raise bad_line(source, "delta: an option's mark carries one, another's does not")
        delta = parse_decimal(row["delta"], source, "delta", DELTA_PLACES) if option else None
        if delta is not None and abs(delta) > DELTA_UNIT:
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

    def _state(
        self, row: dict[str, str], source: Source, time: int, sequence: int, wallet: str
    ) -> None:
        if row["kind"] == "holding":
            size = _signed_size(row, source)
            self.stated.holding(source, time, wallet, row["instrument"], size)
            return
        amount = parse_money(row["amount"], source, "amount")
        self.stated.money(row["kind"], Stated(source, time, sequence, wallet), amount)


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


def _public(row: dict[str, str], source: Source, time: int, sequence: int) -> Quote:
    price = parse_positive(row["price"], source, "price")
    size = parse_positive(row["size"], source, "size")
    trade_id = row["id"] or None
    return Quote(source, time, sequence, row["instrument"], price, False, None, size, trade_id)


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
        return Carry(source, time, sequence, wallet, amount, row["id"] or None)
    if amount < 0:
        raise bad_line(source, "reward: amount below 0")
    return Reward(source, time, sequence, wallet, row["id"], amount)
