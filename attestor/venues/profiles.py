"""
How wallets trade options, where a venue's files do not tell what the wallets are worth.

The books are those of an account (`attestor.ledger`): average cost, exact, fees out of profit. What
a position held to its end pays is the option's worth at the spot of that instant. There is no
equity, so no return, no drawdown and no margin follows from it, and no statement is made of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from attestor.ledger import Book
from attestor.statement import UNIT, Instrument, Source, bad_line, seen_from

DUST = 10**6
"""
1e-12 of an option: what binary floats leave of a position whose parts were closed, as the exports
of on-chain venues are written by. A position of so little is closed.
"""


class OptionTrade(NamedTuple):
    """
    A trade of one position with the venue's pool.

    Attributes
    ----------
    time : microseconds since 1970-01-01 UTC
    position : the venue's name of it; it is long or short and never turns round
    option : of which it is, with strike and expiry
    size : signed, bought > 0, 1e-18; `opens` says whether it adds to the position
    premium, spot : prices of one option and of its underlying, 1e-18
    fee : u'
    """

    source: Source
    time: int
    wallet: str
    position: str
    option: Instrument
    size: int
    opens: bool
    premium: int
    fee: int
    spot: int


class Spots(Protocol):
    """Prices of underlyings."""

    def at(self, underlying: str, time: int) -> int | None:
        """Price, 1e-18, at an instant, microseconds; None: the files do not know it."""
        ...


@dataclass(slots=True)
class Profile:
    """
    What a wallet did.

    Attributes
    ----------
    trades : of which `bought` and `written` opened or added to a long and to a short position
    premium, fees, volume : paid or got; paid; size times spot; u', all sides summed
    positions : that it traded in: each is `closed` by trades, `held` to its expiry, `open` where
        that is past the files' last price, or `moved`, traded by another wallet too
    realised : u', profit of what was closed or held, less the fees of all; nothing of a moved
        position, for what it was moved nobody says
    """

    wallet: str
    trades: int = 0
    bought: int = 0
    written: int = 0
    premium: int = 0
    fees: int = 0
    volume: int = 0
    positions: int = 0
    closed: int = 0
    held: int = 0
    open: int = 0
    moved: int = 0
    realised: int = 0

    @property
    def kind(self) -> str:
        """The class of the wallet: a `buyer` or a `writer` of options, or one of `both`."""
        return "buyer" if not self.written else "both" if self.bought else "writer"

    def take(self, trade: OptionTrade) -> None:
        """Count a trade."""
        self.trades += 1
        self.premium += abs(trade.size) * trade.premium
        self.fees += trade.fee
        self.volume += abs(trade.size) * trade.spot
        if trade.opens and trade.size < 0:
            self.written += 1
        elif trade.opens:
            self.bought += 1


@dataclass(slots=True)
class _Position:
    """A position while it is read."""

    first: OptionTrade
    wallets: set[str] = field(default_factory=set)


def profiles(trades: Iterable[OptionTrade], spots: Spots) -> dict[str, Profile]:
    """
    The profile of every wallet, in the order of the first trades.

    Parameters
    ----------
    trades : in the order of time; within an instant in the order of the file

    Raises
    ------
    Malformed
        `malformed.statement`: a position of two options or sides, or that closes more than it has.
    """
    given = list(trades)
    known = _positions(given)
    found: dict[str, Profile] = {}
    books: dict[str, Book] = {}
    for trade in given:
        profile = found.setdefault(trade.wallet, Profile(trade.wallet))
        profile.take(trade)
        if len(known[trade.position].wallets) == 1:
            _book(books.setdefault(trade.wallet, Book(trade.wallet)), trade)
    for position, each in known.items():
        for wallet in sorted(each.wallets):
            _end(found[wallet], books.get(wallet), position, each, spots)
    for wallet, book in books.items():
        found[wallet].realised = book.trading
    return found


def _positions(trades: list[OptionTrade]) -> Mapping[str, _Position]:
    known: dict[str, _Position] = {}
    for trade in trades:
        position = known.setdefault(trade.position, _Position(trade))
        position.wallets.add(trade.wallet)
        before = position.first
        if trade.option != before.option or _long(trade) != _long(before):
            raise bad_line(
                trade.source,
                f"position: {trade.position} is another option or side at "
                f"{seen_from(trade.source, before.source)}",
            )
    return known


def _long(trade: OptionTrade) -> bool:
    return (trade.size > 0) == trade.opens


def _book(book: Book, trade: OptionTrade) -> None:
    holding = book.holdings.get(trade.position)
    held, size = (0 if holding is None else holding.size), trade.size
    if not trade.opens:
        if abs(held + size) <= DUST:
            size = -held
        if abs(size) > abs(held) or not held:
            raise bad_line(
                trade.source,
                f"size: closes {abs(trade.size) / UNIT:g} of position {trade.position}, which has "
                f"{abs(held) / UNIT:g}",
            )
    book.fill(trade.position, size, trade.premium, trade.fee)


def _end(
    profile: Profile, book: Book | None, position: str, known: _Position, spots: Spots
) -> None:
    """What became of a position."""
    profile.positions += 1
    if len(known.wallets) > 1 or book is None:
        profile.moved += 1
        return
    holding = book.holdings.get(position)
    if holding is None:
        profile.closed += 1
        return
    option = known.first.option
    spot = spots.at(option.underlying or "", option.expiry or 0)
    if spot is None:
        profile.open += 1
        return
    book.fill(position, -holding.size, option.intrinsic(spot), 0)
    profile.held += 1
