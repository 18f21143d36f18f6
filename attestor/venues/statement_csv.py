"""
The files of the project's own statement format: `statement.csv` and its further pages,
`instruments.csv`, and `margin.json` and `marks.csv` where they are there
(docs/explanation/attestation.md 2.2).

What a line may hold is `attestor.venues.statement_columns`, what becomes of it
`attestor.venues.statement_rows`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from algebra.files import read_file
from attestor.cells import parse_account, parse_money, parse_positive
from attestor.complaints import Complaints
from attestor.sameness import repeated_ids
from attestor.statement import (
    Fill,
    Instrument,
    Isolated,
    Line,
    Opening,
    OpeningPosition,
    Quote,
    Source,
    Stated,
    Statement,
    bad_line,
    public_fill,
    quote_key,
    wallet_of,
)
from attestor.venues.adapter import Tally
from attestor.venues.asked import require_asked
from attestor.venues.csv_file import read_rows
from attestor.venues.instruments_csv import INSTRUMENTS as INSTRUMENTS
from attestor.venues.instruments_csv import read_instruments
from attestor.venues.line_order import LineOrder
from attestor.venues.marks_csv import MARKS, read_mark, read_marks
from attestor.venues.pages import pages
from attestor.venues.stated_lines import KINDS as STATED
from attestor.venues.stated_lines import StatedLines
from attestor.venues.statement_columns import BOOKED, check_cells
from attestor.venues.statement_columns import COLUMNS as COLUMNS
from attestor.venues.statement_columns import OPTIONAL as OPTIONAL
from attestor.venues.statement_rows import (
    read_fill,
    read_line,
    read_public,
    set_aside,
    signed_size,
)
from policies.margin import MarginDocument
from policies.rule_files import MARKS as MARKS_FOLDER
from policies.rule_files import NO_FILES, RuleFiles

STATEMENT, MARGIN = "statement.csv", "margin.json"


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
            check_cells(row, source)
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
            return read_public(row, source, time, sequence)
        wallet = parse_account(row["wallet"], source)
        self.places.setdefault(wallet_of(wallet), []).append(source)
        if kind in ("opening", "position"):
            self._open(row, source, time, wallet)
            return None
        if kind in STATED:
            self._state(row, source, time, sequence, wallet)
            return None
        if kind == "isolated":
            amount = set_aside(row, source, self.instruments[row["instrument"]])
            return Isolated(source, time, sequence, wallet, row["instrument"], amount)
        if kind not in ("fill", "liquidation", *BOOKED):
            return read_line(row, source, time, sequence, wallet)
        return read_fill(row, source, time, sequence, wallet, self.instruments[row["instrument"]])

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
        size = signed_size(row, source)
        entry = parse_positive(row["price"], source, "price")
        apart = (
            set_aside(row, source, self.instruments[row["instrument"]]) if row["amount"] else None
        )
        opening.positions.append(OpeningPosition(source, row["instrument"], size, entry, apart))

    def _state(
        self, row: dict[str, str], source: Source, time: int, sequence: int, wallet: str
    ) -> None:
        if row["kind"] == "holding":
            size = signed_size(row, source)
            self.stated.holding(source, time, wallet, row["instrument"], size)
            return
        amount = parse_money(row["amount"], source, "amount")
        self.stated.money(row["kind"], Stated(source, time, sequence, wallet), amount)
