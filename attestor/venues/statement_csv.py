"""
The project's own statement format: `statement.csv`, its further pages, and `instruments.csv`
(docs/explanation/attestation.md 2.2).

One line an event, in the order of time, every cell present, unused cells empty:

    time,sequence,kind,wallet,instrument,side,size,price,fee,liquidity,id,amount,delta,start_position,closed_pnl

    kind         uses
    opening      wallet, amount (cash balance at the window's first instant)
    position     wallet, instrument, side, size, price (average entry); amount: what is set aside
                 for it alone, if anything is
    isolated     wallet, instrument, amount: what is set aside for a position alone, in all, from
                 now on
    mark         instrument, price, delta (options only)
    fill         wallet, instrument, side (buy, sell), size, price, fee, liquidity (maker, taker),
                 id (trade id, may be empty), start_position and closed_pnl (the venue's own
                 figures, may be empty)
    liquidation  as fill: each execution of a liquidation
    delivery, expiry, exercise, assignment, deleveraging, takeover
                 wallet, instrument, side, size, price (may be 0); fee, id, start_position and
                 closed_pnl (may be empty): nobody traded; a takeover is a liquidation
    transfer     wallet, amount, id (transaction, may be empty)
    carry        wallet, amount: funding, interest, fees outside fills; id (payment, may be empty)
    socialised   as carry: a share in a loss of the venue
    reward       wallet, amount, id (programme)
    vote         wallet, id (proposal)
    trade        instrument, size, price: a trade of others, told to all; id (may be empty)
    closing      wallet, amount: the cash that the venue states, all of this instant included
    holding      wallet, instrument, side, size: a position that it states with the closing before
    value        wallet, amount: the account's value that it states, at the marks

A transfer, carry or reward in a coin names it as instrument and its index price as price; the
amount is in the coin then. A sub-account is `wallet/number`. Four more columns may be left out:
`order`, the order that a fill or liquidation fills; `volatility`, a year, of an option's mark;
`mark`, the mark price that the venue gives with a fill or liquidation; and `index`, the price of
the coin at which an execution of an inverse contract pays: such a line needs it, its size is the
face in dollars, its fee and closed_pnl are coins.
Beside the statement may stand `margin.json`, the venue's margin document, and `marks.csv`, in which
all marks are then (`attestor.venues.marks_csv`).

`sequence` counts the lines upwards, over all pages (`attestor.venues.line_order`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path

from algebra.files import read_file
from attestor.complaints import Complaints
from attestor.sameness import repeated_ids
from attestor.statement import (
    Carry,
    Coin,
    Fill,
    Instrument,
    Isolated,
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
    parse_account,
    parse_choice,
    parse_decimal,
    parse_money,
    parse_positive,
    public_fill,
    quote_key,
    wallet_of,
)
from attestor.venues.adapter import Tally
from attestor.venues.asked import require_asked
from attestor.venues.csv_file import check_name, read_rows
from attestor.venues.instruments_csv import INSTRUMENTS as INSTRUMENTS
from attestor.venues.instruments_csv import read_instruments
from attestor.venues.line_order import LineOrder
from attestor.venues.marks_csv import MARKS, parse_price, read_mark, read_marks
from attestor.venues.pages import pages
from attestor.venues.stated_lines import KINDS as STATED
from attestor.venues.stated_lines import StatedLines
from policies.margin import MarginDocument
from policies.rule_files import MARKS as MARKS_FOLDER
from policies.rule_files import NO_FILES, RuleFiles

STATEMENT, MARGIN = "statement.csv", "margin.json"
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
OPTIONAL = ("order", "volatility", "mark", "index")
"""Columns that a file may leave out."""
BOOKED = ("delivery", "expiry", "exercise", "assignment", "deleveraging", "takeover")
"""Executions that nobody traded."""
USES: dict[str, frozenset[str]] = {
    "opening": frozenset({"wallet", "amount"}),
    "position": frozenset({"wallet", "instrument", "side", "size", "price"}),
    "isolated": frozenset({"wallet", "instrument", "amount"}),
    "mark": frozenset({"instrument", "price"}),
    "fill": frozenset({"wallet", "instrument", "side", "size", "price", "fee", "liquidity"}),
    "liquidation": frozenset({"wallet", "instrument", "side", "size", "price", "fee", "liquidity"}),
    **dict.fromkeys(BOOKED, frozenset({"wallet", "instrument", "side", "size", "price"})),
    "transfer": frozenset({"wallet", "amount"}),
    "carry": frozenset({"wallet", "amount"}),
    "socialised": frozenset({"wallet", "amount"}),
    "reward": frozenset({"wallet", "amount", "id"}),
    "vote": frozenset({"wallet", "id"}),
    "trade": frozenset({"instrument", "size", "price"}),
    "closing": frozenset({"wallet", "amount"}),
    "holding": frozenset({"wallet", "instrument", "side", "size"}),
    "value": frozenset({"wallet", "amount"}),
}
"""Cells that a kind must fill, beside time, sequence and kind."""
MAY_USE: dict[str, frozenset[str]] = {
    "position": frozenset({"amount"}),
    "mark": frozenset({"delta", "volatility"}),
    "fill": frozenset({"id", "start_position", "closed_pnl", "order", "mark", "index"}),
    "liquidation": frozenset({"id", "start_position", "closed_pnl", "order", "mark", "index"}),
    **dict.fromkeys(BOOKED, frozenset({"fee", "id", "start_position", "closed_pnl", "index"})),
    "transfer": frozenset({"id", "instrument", "price"}),
    "carry": frozenset({"id", "instrument", "price"}),
    "socialised": frozenset({"id", "instrument", "price"}),
    "reward": frozenset({"instrument", "price"}),
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
    fills, lines, openings, stated : of each account
    marks, public : prices of nobody here: the venue's marks, and trades of others
    places : of each wallet, where its lines stand
    price_files : the file of marks, if there is one, as a root names it
    read, repeated : lines by file: all, and those that an earlier page has too
    """

    venue: str
    instruments: dict[str, Instrument]
    margin: MarginDocument | None = None
    fills: dict[str, list[Fill]] = field(default_factory=dict)
    lines: dict[str, list[Line]] = field(default_factory=dict)
    openings: dict[str, Opening] = field(default_factory=dict)
    stated: StatedLines = field(default_factory=StatedLines)
    marks: list[Quote] = field(default_factory=list)
    public: list[Quote] = field(default_factory=list)
    places: dict[str, list[Source]] = field(default_factory=dict)
    price_files: RuleFiles = NO_FILES
    read: Counter[str] = field(default_factory=Counter)
    repeated: Counter[str] = field(default_factory=Counter)

    @classmethod
    def load(cls, folder: Path, venue: str) -> StatementFile:
        """
        Read `statement.csv`, its further pages, `instruments.csv`, and `marks.csv` and
        `margin.json` where they are there, of a folder.

        Raises
        ------
        Malformed
            `malformed.statement` with file, line and reason (docs/explanation/metrics.md A7),
            several as one (`attestor.complaints`); `malformed.margin`.
        Unavailable
            `unavailable.file`.
        """
        wrong = Complaints()
        instruments, read = read_instruments(folder / INSTRUMENTS, wrong)
        if not instruments:
            wrong.settle()  # else every line of the statement would be refused for its instrument
        margin = MarginDocument.load(folder / MARGIN) if (folder / MARGIN).exists() else None
        loaded = cls(venue, instruments, margin, read=Counter({INSTRUMENTS: read}))
        if (folder / MARKS).exists():
            loaded._take_marks(folder / MARKS, wrong)
        files = pages(folder, STATEMENT)
        order = LineOrder(COLUMNS + OPTIONAL, paged=len(files) > 1)

        def take(source: Source, cells: list[str]) -> None:
            row = dict(zip(COLUMNS + OPTIONAL, cells, strict=True))
            _check_cells(row, source)
            place = order.next(cells, source)
            event = loaded._event(row, source, *place) if place is not None else None
            if event is not None:
                order.require_new(event)
                loaded._keep(event)

        for path in files:
            loaded.read[path.name] = read_rows(path, COLUMNS, take, wrong, optional=OPTIONAL)
        fills, lines = chain(*loaded.fills.values()), chain(*loaded.lines.values())
        for error in repeated_ids(fills, lines, loaded.public):
            wrong.add(error)
        wrong.settle()
        loaded.repeated = order.repeated
        return loaded

    def _take_marks(self, path: Path, wrong: Complaints) -> None:
        """The marks of a file of their own, which every attestor of the venue calls the same."""
        self.marks, self.read[path.name] = read_marks(path, self.instruments, wrong)
        self.price_files = RuleFiles.of({f"{MARKS_FOLDER}{self.venue}.csv": read_file(path)})

    def statement(self, wallets: Iterable[str], first_day: int, last_day: int) -> Statement:
        """
        The part of the owner of `wallets`, for a window in days since 1970-01-01 UTC, both ends
        included.
        """
        chosen = tuple(wallets)

        def mine(account: str) -> bool:
            return wallet_of(account) in chosen

        # Public fills are prices where the venue marks nothing: the board leaves the owner's out.
        fills = [public_fill(fill) for fill in chain(*self.fills.values()) if not fill.booked]
        quotes = sorted([*self.marks, *self.public, *fills], key=quote_key)
        return Statement(
            venue=self.venue,
            wallets=chosen,
            first_day=first_day,
            days=last_day - first_day + 1,
            fills=[fill for each, fills in self.fills.items() if mine(each) for fill in fills],
            lines=[line for each, lines in self.lines.items() if mine(each) for line in lines],
            openings={each: opening for each, opening in self.openings.items() if mine(each)},
            quotes=quotes,
            stated=self.stated.of(mine),
            instruments=self.instruments,
            margin=self.margin,
            marks=self.price_files,
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
            if self.price_files.files:
                raise bad_line(source, f"kind: the marks of this statement stand in {MARKS}")
            return read_mark(row, source, time, sequence, self.instruments)
        if kind == "trade":
            return _public(row, source, time, sequence)
        wallet = parse_account(row["wallet"], source)
        self.places.setdefault(wallet_of(wallet), []).append(source)
        if kind in ("opening", "position"):
            self._open(row, source, time, wallet)
            return None
        if kind in STATED:
            self._state(row, source, time, sequence, wallet)
            return None
        if kind == "isolated":
            amount = self._set_aside(row, source)
            return Isolated(source, time, sequence, wallet, row["instrument"], amount)
        if kind not in ("fill", "liquidation", *BOOKED):
            return _line(row, source, time, sequence, wallet)
        coin = self.instruments[row["instrument"]].coin
        fill = _fill(row, source, time, sequence, wallet, _paid_in(row, source, coin))
        if not row["mark"]:
            return fill
        option = self.instruments[fill.instrument].underlying is not None
        return fill._replace(mark=parse_price(row["mark"], source, "mark", zero=option))

    def _keep(self, event: Fill | Line | Quote) -> None:
        if isinstance(event, Fill):
            self.fills.setdefault(event.wallet, []).append(event)
        elif isinstance(event, Quote):
            (self.marks if event.mark else self.public).append(event)
        else:
            self.lines.setdefault(event.wallet, []).append(event)

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
        apart = self._set_aside(row, source) if row["amount"] else None
        opening.positions.append(OpeningPosition(source, row["instrument"], size, entry, apart))

    def _set_aside(self, row: dict[str, str], source: Source) -> int:
        """The margin of a position alone: dollars, or coins where it pays in them."""
        inverse = self.instruments[row["instrument"]].coin is not None
        amount = _own_money(row["amount"], source, "amount", coins=inverse)
        if amount < 0:
            raise bad_line(source, "amount: what is set aside is not below 0")
        return amount

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
    for column in (*COLUMNS[3:], *OPTIONAL):
        wanted, allowed = column in USES[kind], column in MAY_USE.get(kind, frozenset())
        if wanted and not row[column]:
            raise bad_line(source, f"{column}: empty, a {kind} needs it")
        if row[column] and not wanted and not allowed:
            raise bad_line(source, f"{column}: a {kind} has none")
    for column in ("id", "order"):
        if row[column]:
            check_name(row[column], source, column)


def _signed_size(row: dict[str, str], source: Source) -> int:
    size = parse_positive(row["size"], source, "size")
    return size if parse_choice(row["side"], source, "side", _SIDE) else -size


def _public(row: dict[str, str], source: Source, time: int, sequence: int) -> Quote:
    price = parse_positive(row["price"], source, "price")
    size = parse_positive(row["size"], source, "size")
    trade_id = row["id"] or None
    return Quote(source, time, sequence, row["instrument"], price, False, None, size, trade_id)


def _own_money(text: str, source: Source, what: str, *, coins: bool) -> int:
    """Dollars in u', or coins in 1e-18."""
    return parse_decimal(text, source, what) if coins else parse_money(text, source, what)


def _paid_in(row: dict[str, str], source: Source, coin: str | None) -> Coin | None:
    """In what an inverse contract pays: its lines carry the index price at which that counts."""
    if coin is None:
        if row["index"]:
            raise bad_line(source, f"index: {row['instrument']} pays in dollars")
        return None
    if not row["index"]:
        raise bad_line(
            source, f"index: empty, {row['instrument']} pays in {coin}, which needs its price"
        )
    return Coin(coin, 0, parse_positive(row["index"], source, "index"))


def _fill(
    row: dict[str, str],
    source: Source,
    time: int,
    sequence: int,
    wallet: str,
    paid_in: Coin | None,
) -> Fill:
    start, pnl, booked = row["start_position"], row["closed_pnl"], row["kind"] in BOOKED
    own = partial(_own_money, source=source, coins=paid_in is not None)
    return Fill(
        source=source,
        time=time,
        sequence=sequence,
        wallet=wallet,
        instrument=row["instrument"],
        size=_signed_size(row, source),
        price=parse_price(row["price"], source, zero=booked and paid_in is None),
        fee=own(row["fee"], what="fee") if row["fee"] else 0,
        maker=not booked and parse_choice(row["liquidity"], source, "liquidity", _LIQUIDITY),
        liquidation=row["kind"] in ("liquidation", "takeover"),
        trade_id=row["id"] or None,
        reported_start=parse_decimal(start, source, "start_position") if start else None,
        reported_pnl=own(pnl, what="closed_pnl") if pnl else None,
        order=row["order"] or None,
        booked=booked,
        paid_in=paid_in,
    )


def _line(row: dict[str, str], source: Source, time: int, sequence: int, wallet: str) -> Line:
    if row["kind"] == "vote":
        return Vote(source, time, sequence, wallet, row["id"])
    amount, coin = _amount(row, source)
    if row["kind"] == "transfer":
        return Transfer(source, time, sequence, wallet, amount, row["id"] or None, coin)
    if row["kind"] in ("carry", "socialised"):
        return Carry(source, time, sequence, wallet, amount, row["id"] or None, coin)
    if amount < 0:
        raise bad_line(source, "reward: amount below 0")
    return Reward(source, time, sequence, wallet, row["id"], amount, coin)


def _amount(row: dict[str, str], source: Source) -> tuple[int, Coin | None]:
    """Dollars; or of a coin, whose line carries the index price at which it counts."""
    if not row["instrument"] and not row["price"]:
        return parse_money(row["amount"], source, "amount"), None
    if not row["price"]:
        raise bad_line(source, "price: empty, a line in a coin needs its index price")
    if not row["instrument"]:
        raise bad_line(source, "instrument: empty, a price belongs to a line in a coin")
    size = parse_decimal(row["amount"], source, "amount")
    coin = Coin(row["instrument"], size, parse_positive(row["price"], source, "price"))
    return coin.size * coin.price, coin
