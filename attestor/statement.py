"""
What an account statement says, the same for every venue (docs/explanation/attestation.md 1;
docs/explanation/metrics.md A1, A7).

An adapter turns a venue's files into these events and nothing else reaches the log. All numbers are
exact integers:

    price, size     1e-18 units
    delta           1e-8 units
    money           1e-36 USD ("u'"), so that price * size is money; 1 cent = 10^34 u'
    time            microseconds since 1970-01-01 UTC

A line that is not understood is refused with file, line and reason. Nothing is clipped, rounded or
skipped in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from algebra.errors import Malformed, Refused
from policies.margin import MarginDocument
from policies.rule_files import MARGIN, NO_FILES, RuleFiles

PLACES, MONEY_PLACES, DELTA_PLACES = 18, 36, 8
"""Decimals of prices and sizes, of money, and of deltas and volatilities; more are refused."""
UNIT: int = 10**PLACES
"""1.0 of a price or a size."""
CENT: int = 10 ** (MONEY_PLACES - 2)
"""1 cent in u'."""
DELTA_UNIT: int = 10**DELTA_PLACES
"""1.0 of a delta or a volatility."""
MICROSECONDS = 1_000_000
DAY_MICROSECONDS = 86_400 * MICROSECONDS
MARK_AGE = 25 * 3_600 * MICROSECONDS
"""A mark a day, an hour late at most; A6."""


class Source(NamedTuple):
    """Where a line stands; line 1 is the header of a file."""

    file: str
    line: int


def seen_from(source: Source, other: Source) -> str:
    """Where `other` stands, told at `source`: the file only where it is another."""
    same = source.file == other.file
    return f"line {other.line}" if same else f"{other.file}:{other.line}"


def bad_line(source: Source, reason: str) -> Malformed:
    """The error of A7; the caller raises it."""
    return Malformed(
        "malformed.statement",
        f"{source.file}:{source.line}: {reason}",
        file=source.file,
        line=source.line,
        reason=reason,
    )


def refused_line(code: str, source: Source, reason: str, **fields: object) -> Refused:
    """A refusal that shows at a line, with `fields` of its own; the caller raises it."""
    return Refused(
        code,
        f"{source.file}:{source.line}: {reason}",
        file=source.file,
        line=source.line,
        reason=reason,
        **fields,
    )


def wallet_of(account: str) -> str:
    """
    The wallet of an account.

    An account is a wallet, by its address, or a sub-account of one: the address, `/` and its number
    from 1 on. The wallet's binding covers every sub-account.
    """
    return account.partition("/")[0]


def account_order(account: str) -> tuple[str, int]:
    """Accounts are ordered by wallet, then by number, the wallet itself first."""
    wallet, _, number = account.partition("/")
    return wallet, int(number or 0)


class Coin(NamedTuple):
    """
    What a line moves in place of dollars: a signed amount (1e-18) of an instrument, and the index
    price (1e-18) at which it counts. The line's amount is their product.
    """

    instrument: str
    size: int
    price: int


def coins(face: int, price: int) -> int:
    """Coins (1e-18, signed, rounded towards zero) that a signed face (1e-18 USD) is at a price."""
    return (1 if face >= 0 else -1) * (abs(face) * UNIT // price)


class Fill(NamedTuple):
    """
    One execution of one account; `wallet` is the account's name (`wallet_of`), in all events.

    `sequence` orders fills of one instant: the venue's number, or the line number. `size` is signed
    (bought > 0), `fee` is paid if > 0 and a rebate if < 0. `trade_id` names both sides of one
    trade, `order` the order that it fills, where the venue gives them. `booked` says that nobody
    traded: a delivery, expiry, exercise or assignment, a deleveraging, a take-over; its price may
    be 0. `liquidation` is on every execution of one. The `reported_*` are the venue's own figures,
    None where it gives none: they are checked, never used. `mark` is the venue's mark price at the
    execution, where it gives one with it.

    `paid_in` is of an inverse contract: the coin in which it pays, with the index price at which
    that counts and no size yet. Its size is then the face in dollars, and fee and reported pnl are
    coins (1e-18).
    """

    source: Source
    time: int
    sequence: int
    wallet: str
    instrument: str
    size: int
    price: int
    fee: int
    maker: bool
    liquidation: bool = False
    trade_id: str | None = None
    reported_start: int | None = None
    reported_pnl: int | None = None
    order: str | None = None
    booked: bool = False
    mark: int | None = None
    paid_in: Coin | None = None

    @property
    def notional(self) -> int:
        """Size without its sign at the price, u'; of an inverse contract its face."""
        return abs(self.size) * (self.price if self.paid_in is None else UNIT)

    def cash_at(self, price: int) -> int:
        """
        What it brings at a price, in its own money: u', or coins (1e-18), of which the buyer of an
        inverse contract gets what its face is worth and owes what it will be.
        """
        return -self.size * price if self.paid_in is None else coins(self.size, price)

    def dollars(self, amount: int) -> int:
        """An amount of its own money in u'."""
        return amount if self.paid_in is None else amount * self.paid_in.price


class Transfer(NamedTuple):
    """
    Money into (amount > 0, u') or out of (< 0) a wallet; `transaction` is the venue's id of the
    movement, if any.
    """

    source: Source
    time: int
    sequence: int
    wallet: str
    amount: int
    transaction: str | None = None
    coin: Coin | None = None


class Carry(NamedTuple):
    """
    Funding, interest or a fee outside fills; amount in u', received if > 0. `payment` is the
    venue's id of it, if any.
    """

    source: Source
    time: int
    sequence: int
    wallet: str
    amount: int
    payment: str | None = None
    coin: Coin | None = None


class Reward(NamedTuple):
    """A payment of a programme, u', >= 0 (0 if it is paid elsewhere)."""

    source: Source
    time: int
    sequence: int
    wallet: str
    programme: str
    amount: int
    coin: Coin | None = None


class Isolated(NamedTuple):
    """
    From now on the account's position in an instrument has a margin of its own: `amount` (u', or
    coins of 1e-18 where the instrument is an inverse contract) of the account is set aside for it,
    in all. 0, or the close of the position, puts it back among the others.
    """

    source: Source
    time: int
    sequence: int
    wallet: str
    instrument: str
    amount: int


class Vote(NamedTuple):
    """A vote on a proposal; it carries no money."""

    source: Source
    time: int
    sequence: int
    wallet: str
    proposal: str


Line = Transfer | Carry | Reward | Vote | Isolated


class Quote(NamedTuple):
    """
    A price for everybody: a venue mark (`mark`) or a public fill.

    `sequence` places a public fill among the fills of its instant; a mark counts from the first
    moment of its instant. `delta` (1e-8, signed) is given for options only, and only by marks.
    `volatility` (1e-8 a year) may be, too.
    `size` (1e-18, above 0) is a public fill's, and `trade_id` where the venue tells it.
    """

    source: Source
    time: int
    sequence: int
    instrument: str
    price: int
    mark: bool
    delta: int | None = None
    size: int = 0
    trade_id: str | None = None
    volatility: int | None = None


def public_fill(fill: Fill) -> Quote:
    """An execution as everybody sees it."""
    size, trade_id = abs(fill.size), fill.trade_id
    return Quote(
        fill.source, fill.time, fill.sequence, fill.instrument, fill.price, False, None, size,
        trade_id,
    )  # fmt: skip


class OpeningPosition(NamedTuple):
    """
    A position carried into the window: signed size and average entry price; `isolated` is what is
    set aside for it alone, as in `Isolated`.
    """

    source: Source
    instrument: str
    size: int
    entry: int
    isolated: int | None = None


@dataclass(slots=True)
class Opening:
    """
    What a wallet holds at the window's first instant: cash balance (u', unrealised pnl not
    included), positions.
    """

    source: Source
    time: int
    balance: int
    positions: list[OpeningPosition] = field(default_factory=list)


class Stated(NamedTuple):
    """
    What the venue says that a wallet held once all of `time` had happened, to be compared with the
    books and never used: cash (u', unrealised pnl not included) with the signed size of every
    position, or the account's value at the marks (u'), or both. The cost of the positions `paid`,
    coins and what was bought with money, is not in the cash.
    """

    source: Source
    time: int
    sequence: int
    wallet: str
    balance: int | None = None
    positions: tuple[tuple[str, int], ...] = ()
    value: int | None = None
    paid: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Instrument:
    """
    `underlying` is set for an option: its exposure is |delta| q times the underlying's price (A6).
    `expiry` is the instant, in microseconds, at which it ceases to be; None: it does not.
    `strike` (1e-18) and `call` are an option's too. `coin` is set for an inverse contract, which
    has a face in dollars and pays in that coin.
    """

    name: str
    underlying: str | None = None
    expiry: int | None = None
    strike: int | None = None
    call: bool = False
    coin: str | None = None

    def intrinsic(self, price: int) -> int:
        """
        What an option is worth at its expiry, where its underlying stands at a price, both 1e-18:
        max(0, S - K), of a put max(0, K - S); ValueError for another instrument.
        """
        if self.strike is None:
            raise ValueError(f"{self.name}: no strike")
        return max(0, price - self.strike if self.call else self.strike - price)


@dataclass(frozen=True, slots=True)
class Statement:
    """
    All that an owner's wallets did at one venue in one window.

    Attributes
    ----------
    venue : name, ascii; its id is `venue_id`
    wallets : lower-case addresses; their order means nothing
    first_day, days : window in days since 1970-01-01 UTC; 2 <= days <= 366
    fills, lines : in the order of their files
    openings : by account, none where it was empty
    stated : balances, positions and values that the venue states, to be compared with the books
    quotes : the venue's marks and public fills, ascending in `quote_key`; the owner's own trades
        may be among them and are no prices (`attestor.pairs.trades_of_others`)
    instruments : by name, every instrument named anywhere
    margin : the venue's rules of maintenance margin; None: a hundredth of each exposure
    marks : the files of marks among what was read, as a root names them
    mark_age : how long a mark is a price, microseconds; the venue's adapter states it
    """

    venue: str
    wallets: tuple[str, ...]
    first_day: int
    days: int
    fills: list[Fill]
    lines: list[Line]
    openings: Mapping[str, Opening]
    quotes: list[Quote]
    instruments: Mapping[str, Instrument]
    margin: MarginDocument | None = None
    marks: RuleFiles = NO_FILES
    mark_age: int = MARK_AGE
    stated: list[Stated] = field(default_factory=list)

    @property
    def accounts(self) -> list[str]:
        """The wallets, and the sub-accounts that any line or opening names, in order."""
        named = {event.wallet for event in (*self.fills, *self.lines, *self.stated)}
        return sorted({*self.wallets, *named, *self.openings}, key=account_order)

    @property
    def files(self) -> RuleFiles:
        """The margin document and the marks by which the log is made, as a root names them."""
        if self.margin is None:
            return self.marks
        document = RuleFiles(((MARGIN + self.margin.name, self.margin.digest),))
        return RuleFiles.together([document, self.marks])

    @property
    def start(self) -> int:
        """First instant, microseconds."""
        return self.first_day * DAY_MICROSECONDS

    @property
    def end(self) -> int:
        """First instant after the window, microseconds."""
        return (self.first_day + self.days) * DAY_MICROSECONDS

    @property
    def last_day(self) -> int:
        """Last day inside the window, days since 1970-01-01 UTC."""
        return self.first_day + self.days - 1


def relabel(statement: Statement, addresses: Mapping[str, str]) -> Statement:
    """
    The same history under other addresses: public histories are attested in tests by keys that
    stand in for their wallets'.

    Wallets that `addresses` does not name keep theirs.
    """

    def name(account: str) -> str:
        wallet = wallet_of(account)
        return addresses.get(wallet, wallet) + account.removeprefix(wallet)

    return replace(
        statement,
        wallets=tuple(name(wallet) for wallet in statement.wallets),
        fills=[fill._replace(wallet=name(fill.wallet)) for fill in statement.fills],
        lines=[line._replace(wallet=name(line.wallet)) for line in statement.lines],
        openings={name(wallet): opening for wallet, opening in statement.openings.items()},
        stated=[said._replace(wallet=name(said.wallet)) for said in statement.stated],
    )


# Places in the order of A2 within one instant: marks, then ledger lines, then fills, then what is
# stated of it.
MARK_RANK, LINE_RANK, FILL_RANK, STATED_RANK = 0, 1, 2, 3


def quote_key(quote: Quote) -> tuple[int, int, int]:
    """When a price begins to count, comparable with (time, rank, sequence) of an event."""
    return (quote.time, MARK_RANK, 0) if quote.mark else (quote.time, FILL_RANK, quote.sequence)
