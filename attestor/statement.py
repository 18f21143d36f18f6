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

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import NamedTuple

from algebra.errors import Malformed
from attestor.by_hand import looks_like
from attestor.complaints import Complaints
from history.dates import DAY_LIMIT
from policies.address import address
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

_DECIMAL = re.compile(r"(-?)(\d{1,18})(?:\.(\d+))?", re.ASCII)
_TIME = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?Z", re.ASCII)
_ADDRESS = re.compile(r"0x[0-9a-f]{40}", re.ASCII)
_SUB_ACCOUNT = re.compile(r"[1-9]\d{0,9}", re.ASCII)


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
        """|size| at the price, u'; of an inverse contract its face."""
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
    position, or the account's value at the marks (u'), or both.
    """

    source: Source
    time: int
    sequence: int
    wallet: str
    balance: int | None = None
    positions: tuple[tuple[str, int], ...] = ()
    value: int | None = None


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
    )


# Places in the order of A2 within one instant: marks, then ledger lines, then fills, then what is
# stated of it.
MARK_RANK, LINE_RANK, FILL_RANK, STATED_RANK = 0, 1, 2, 3


def quote_key(quote: Quote) -> tuple[int, int, int]:
    """When a price begins to count, comparable with (time, rank, sequence) of an event."""
    return (quote.time, MARK_RANK, 0) if quote.mark else (quote.time, FILL_RANK, quote.sequence)


# -- reading cells ---------------------------------------------------------------------------------
def parse_decimal(text: str, source: Source, what: str, places: int = PLACES) -> int:
    """
    A decimal with at most `places` places as an integer of 10^-places.

    Raises
    ------
    Malformed
        `malformed.statement`: empty, plus sign, exponent, blanks, more places, more than 18 digits
        before them.
    """
    match = _DECIMAL.fullmatch(text)
    if match is None:
        hint = "; a point and no thousands marks wanted" if "," in text else ""
        raise bad_line(source, f"{what}: not a plain decimal: {text[:40]!a}{hint}")
    sign: str = match.group(1)
    whole: str = match.group(2)
    fraction: str = match.group(3) or ""
    if len(fraction) > places:
        raise bad_line(source, f"{what}: more than {places} decimals: {text[:60]!a}")
    scale: int = 10**places
    number = int(whole) * scale + int(fraction.ljust(places, "0"))
    if sign and number == 0:
        raise bad_line(source, f"{what}: minus zero")
    return -number if sign else number


def parse_positive(text: str, source: Source, what: str) -> int:
    """As `parse_decimal`, and > 0."""
    number = parse_decimal(text, source, what)
    if number <= 0:
        raise bad_line(source, f"{what}: must be above 0: {text[:40]!a}")
    return number


def parse_money(text: str, source: Source, what: str) -> int:
    """A decimal amount of USD with at most 36 places, in u'."""
    return parse_decimal(text, source, what, MONEY_PLACES)


def parse_time(text: str, source: Source, what: str = "time") -> int:
    """`2023-02-27T15:02:26Z`, up to six decimals of a second, in microseconds since 1970 UTC."""
    match = _TIME.fullmatch(text)
    if match is None:
        hint = looks_like(int(text)) if text.isdecimal() and len(text) <= 18 else ""
        form = "2023-02-27T15:02:26Z (UTC)"
        raise bad_line(source, f"{what}: not of the form {form}: {text[:40]!a}{hint}")
    try:
        moment = datetime.strptime(match.group(1), "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise bad_line(source, f"{what}: no such instant: {text[:40]!a}") from error
    fraction: str = match.group(2) or ""
    return int(moment.timestamp()) * MICROSECONDS + int(fraction.ljust(6, "0"))


def parse_wallet(text: str, source: Source) -> str:
    """An address in lower case; a checksum is checked where the text has one (EIP-55)."""
    if _ADDRESS.fullmatch(text) is not None:
        return text
    try:
        return address(text, "wallet").lower()
    except Malformed as error:
        raise bad_line(source, f"{error.message}: {text[:50]!a}") from None


def parse_account(text: str, source: Source) -> str:
    """A wallet, or `wallet/number` for a sub-account; the number has no zero before it."""
    wallet, slash, number = text.partition("/")
    account = parse_wallet(wallet, source)
    if slash and _SUB_ACCOUNT.fullmatch(number) is None:
        raise bad_line(source, f"wallet: no number of a sub-account, 1 or more: {number[:20]!a}")
    return account + slash + number


def parse_choice(text: str, source: Source, what: str, choices: Mapping[str, bool]) -> bool:
    """One of two words."""
    if text not in choices:
        raise bad_line(source, f"{what}: {text[:40]!a} is none of {', '.join(choices)}")
    return choices[text]


# -- what must hold whatever the venue -------------------------------------------------------------
def check_statement(statement: Statement) -> None:
    """
    The refusals of A7 that need no bookkeeping.

    Raises
    ------
    Malformed
        `malformed.statement` with file, line and reason, several as one (`attestor.complaints`):
        price or size, time outside the window, unknown wallet or instrument, repeated sequence
        number, negative reward. `malformed.window`, `malformed.wallets`.
    """
    if (
        not 2 <= statement.days <= 366
        or not 0 <= statement.first_day <= statement.last_day < DAY_LIMIT
    ):
        raise Malformed(
            "malformed.window",
            f"window: {statement.days} days from day {statement.first_day}; 2..366 days wanted",
        )
    wallets = set(statement.wallets)
    if not wallets or len(wallets) != len(statement.wallets) or len(statement.accounts) >= 1 << 12:
        raise Malformed(
            "malformed.wallets", "wallets: none, one named twice, or more than 4,095 accounts"
        )
    for wallet in statement.wallets:
        if _ADDRESS.fullmatch(wallet) is None:
            raise Malformed(
                "malformed.wallets", "wallets: an address is not lower-case hexadecimal of 20 bytes"
            )
    wrong = Complaints()
    for line_error in _line_errors(statement, wallets):
        wrong.add(line_error)
    wrong.settle()


def _line_errors(statement: Statement, wallets: set[str]) -> Iterator[Malformed]:
    """The complaints about single lines."""
    for event in (*statement.fills, *statement.lines):
        if not statement.start <= event.time < statement.end:
            yield bad_line(event.source, "time: outside the window")
        if wallet_of(event.wallet) not in wallets:
            yield bad_line(event.source, "wallet: not one of the owner's")
    for fill in statement.fills:
        if fill.price < 0 or fill.size == 0 or (fill.price == 0 and not fill.booked):
            yield bad_line(fill.source, "price and size must be above 0")
        if fill.instrument not in statement.instruments:
            yield bad_line(fill.source, f"instrument: unknown: {fill.instrument[:40]!a}")
        else:
            yield from _payment_errors(fill, statement.instruments[fill.instrument])
    for line in statement.lines:
        if isinstance(line, Reward) and line.amount < 0:
            yield bad_line(line.source, "reward: amount below 0")
        if isinstance(line, Isolated):
            if line.instrument not in statement.instruments:
                yield bad_line(line.source, f"instrument: unknown: {line.instrument[:40]!a}")
            if line.amount < 0:
                yield bad_line(line.source, "amount: below 0")
        elif not isinstance(line, Vote) and line.coin is not None:
            yield from _coin_errors(statement, line, line.coin)
    yield from _repeated_sequences(statement.fills)
    yield from _repeated_sequences(statement.lines)
    for wallet, opening in statement.openings.items():
        yield from _opening_errors(statement, wallet, opening, wallets)
    previous = (0, 0, 0)
    for quote in statement.quotes:
        key = quote_key(quote)
        if key < previous:
            yield bad_line(quote.source, "time: goes back")
        previous = max(key, previous)
        instrument = statement.instruments.get(quote.instrument)
        worthless = quote.price == 0 and quote.mark and instrument and instrument.underlying
        if quote.price <= 0 and not worthless:
            yield bad_line(quote.source, "price must be above 0; 0 is an option's mark only")
        if not quote.mark and quote.size <= 0:
            yield bad_line(quote.source, "size: of a public fill, must be above 0")
        if instrument is None:
            yield bad_line(quote.source, f"instrument: unknown: {quote.instrument[:40]!a}")


def _repeated_sequences(events: list[Fill] | list[Line]) -> Iterator[Malformed]:
    """
    A sequence number stands for one line; two sides of one trade in two wallets may share it (A2,
    A7).
    """
    seen: set[tuple[int, str]] = set()
    for event in events:
        key = (event.sequence, event.wallet)
        if key in seen:
            yield bad_line(event.source, f"sequence: {event.sequence} is repeated")
        seen.add(key)


def _payment_errors(fill: Fill, instrument: Instrument) -> Iterator[Malformed]:
    """Of an inverse contract, and of none: in what it pays, and at which price that counts."""
    paid = None if fill.paid_in is None else fill.paid_in.instrument
    if paid != instrument.coin:
        yield bad_line(
            fill.source,
            f"index: {fill.instrument} pays in {instrument.coin or 'dollars'}; a price of the coin "
            "belongs to a line that pays in one, and to no other",
        )
    elif fill.paid_in is not None:
        if fill.price == 0 or fill.paid_in.price <= 0:
            yield bad_line(fill.source, "price, index: an inverse contract's must be above 0")
        elif fill.cash_at(fill.price) == 0:
            yield bad_line(fill.source, "size: less than the smallest part of a coin")


def _coin_errors(statement: Statement, line: Line, coin: Coin) -> Iterator[Malformed]:
    instrument = statement.instruments.get(coin.instrument)
    if instrument is None:
        yield bad_line(line.source, f"instrument: unknown: {coin.instrument[:40]!a}")
    elif instrument.underlying or instrument.expiry is not None or instrument.coin:
        yield bad_line(line.source, f"instrument: {coin.instrument} is no coin")
    if coin.price <= 0 or coin.size == 0:
        yield bad_line(line.source, "a line in a coin: its amount and price must not be 0")


def _opening_errors(
    statement: Statement, wallet: str, opening: Opening, wallets: set[str]
) -> Iterator[Malformed]:
    if wallet_of(wallet) not in wallets:
        yield bad_line(opening.source, "wallet: not one of the owner's")
    if opening.time != statement.start:
        yield bad_line(opening.source, "time: an opening is of the window's first instant")
    held: set[str] = set()
    for position in opening.positions:
        if position.instrument not in statement.instruments:
            yield bad_line(position.source, f"instrument: unknown: {position.instrument[:40]!a}")
        if position.instrument in held:
            yield bad_line(position.source, "opening: the instrument stands twice")
        if position.size == 0 or position.entry <= 0:
            yield bad_line(position.source, "opening: size and entry price must not be 0")
        if (position.isolated or 0) < 0:
            yield bad_line(position.source, "opening: the margin set aside is below 0")
        held.add(position.instrument)
