"""
What a venue states of a wallet at an instant, beside the books (docs/explanation/metrics.md A7).

It is compared and never used: a balance or position that differs shows a line that is missing, or
one that is there twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from algebra.errors import Malformed, Refused
from attestor.ledger import Book, apply_fill, apply_inverse
from attestor.statement import (
    CENT,
    UNIT,
    Coin,
    Fill,
    Instrument,
    Opening,
    Source,
    Stated,
    Statement,
    bad_line,
    coins,
    refused_line,
    wallet_of,
)

USD = 100 * CENT


class EntryCosts:
    """
    One wallet's positions at the venue's entry prices, while they last.

    The books start an opening position at its mark (A3), the venue goes on from its entry price: so
    cash and realised pnl that the venue states differ from the books' until the position is closed.
    """

    def __init__(self, opening: Opening | None, instruments: Mapping[str, Instrument]) -> None:
        self._held: dict[str, tuple[int, int]] = {}
        for each in opening.positions if opening is not None else []:
            inverse = instruments[each.instrument].coin is not None
            self._held[each.instrument] = (
                (coins(each.size, each.entry), each.size * UNIT)
                if inverse
                else (each.size, each.size * each.entry)
            )

    def fill(self, fill: Fill | Coin) -> int | None:
        """
        Follow a fill, or what a line moves in a coin: the pnl that the venue realises, in the
        fill's own money; None where it is the books'.
        """
        held = self._held.get(fill.instrument)
        if held is None:
            return None
        inverse = isinstance(fill, Fill) and fill.paid_in is not None
        apply = apply_inverse if inverse else apply_fill
        applied = apply(*held, fill.size, fill.price)
        self._held[fill.instrument] = (applied.size, applied.cost)
        if applied.size == 0:
            del self._held[fill.instrument]
        return applied.realised

    def before_window(self, book: Book, name: str) -> int:
        """
        What the position had made when the window began and the venue has not realised yet, in its
        own money: it is in the books' balance, and in no margin that the venue says is set aside.
        """
        held = self._held.get(name)
        if held is None:
            return 0
        ours = book.holdings[name]
        return held[0] - ours.size if ours.inverse else ours.cost - held[1]

    def cash(self, book: Book) -> int:
        """
        The wallet's balance as the venue has it, u': cash and positions together are worth the
        same.
        """
        excess = sum(cost - book.holdings[name].cost for name, (_, cost) in self._held.items())
        return book.balance + excess


def stated_errors(statement: Statement) -> Iterator[Malformed]:
    """
    The complaints about the lines themselves, `malformed.statement`: an unknown wallet or
    instrument, or an instant before the window or after its end.
    """
    for said in statement.stated:
        if wallet_of(said.wallet) not in statement.wallets:
            yield bad_line(said.source, "wallet: not one of the owner's")
        if not statement.start <= said.time <= statement.end:
            yield bad_line(said.source, "time: outside the window and its end")
        for instrument, _ in said.positions:
            if instrument not in statement.instruments:
                yield bad_line(said.source, f"instrument: unknown: {instrument[:40]!a}")


def contradictions(said: Stated, book: Book, entries: EntryCosts, value: int) -> Iterator[Refused]:
    """
    What the books have otherwise than `said`, each `refused.ledger` with both numbers.

    Parameters
    ----------
    book, entries : the wallet's, with all of the instant booked
    value : its balance and unrealised pnl at the prices of the instant, u'

    Notes
    -----
    Money may differ by one cent, as venues round; positions not at all. A closing states all
    positions: one that it leaves out is stated to be 0.
    """
    if said.balance is not None:
        costs = (held.cost for name, held in book.holdings.items() if name in said.paid)
        cash = entries.cash(book) - sum(costs)
        if abs(said.balance - cash) > CENT:
            yield _differs(said.source, "balance", _usd(said.balance), _usd(cash))
        stated = dict(said.positions)
        held = {name: holding.stated for name, holding in book.holdings.items()}
        for name in sorted(stated.keys() | held.keys()):
            there, here = stated.get(name, 0), held.get(name, 0)
            if there != here:
                sizes = plain(there, UNIT), plain(here, UNIT)
                yield _differs(said.source, f"position in {name}", *sizes)
    if said.value is not None and abs(said.value - value) > CENT:
        yield _differs(said.source, "account value", _usd(said.value), _usd(value))


def plain(number: int, unit: int) -> str:
    """A whole number of 1 / `unit`, a power of ten, as a plain decimal."""
    whole, rest = divmod(abs(number), unit)
    places = str(rest).rjust(len(str(unit)) - 1, "0").rstrip("0")
    return f"{'-' if number < 0 else ''}{whole}{'.' if places else ''}{places}"


def _usd(amount: int) -> str:
    return f"{plain(amount, USD)} USD"


def _differs(source: Source, what: str, stated: str, rebuilt: str) -> Refused:
    reason = (
        f"{what}: the venue states {stated}, the books have {rebuilt}; "
        "a line before it is missing, wrong or there twice"
    )
    return refused_line("refused.ledger", source, reason, stated=stated, rebuilt=rebuilt)
