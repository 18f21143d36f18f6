"""What is wrong with the lines of a statement, all of it said at once, before any book is kept."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import chain

from algebra.errors import Malformed
from attestor.cells import is_address
from attestor.complaints import Complaints
from attestor.expiry import expiry_errors
from attestor.sameness import repeated_ids
from attestor.stated import stated_errors
from attestor.statement import (
    Coin,
    Fill,
    Instrument,
    Isolated,
    Line,
    Opening,
    Reward,
    Statement,
    Vote,
    bad_line,
    quote_key,
    wallet_of,
)
from history.dates import DAY_LIMIT


def check_lines(statement: Statement) -> None:
    """
    The refusals of A7 that need no bookkeeping.

    Raises
    ------
    Malformed
        As `check_statement`; `malformed.statement` with file, line and reason
        for ids that stand twice (`attestor.sameness`), lines past the expiry of their instrument
        (`attestor.expiry`), and for what is stated of no wallet or
        instant of the statement (`attestor.stated`). Several as one (`attestor.complaints`).
    """
    wrong = Complaints()
    wrong.take(partial(check_statement, statement), None)
    for error in chain(
        repeated_ids(statement.fills, statement.lines),
        expiry_errors(statement),
        stated_errors(statement),
    ):
        wrong.add(error)
    wrong.settle()


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
        if not is_address(wallet):
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
