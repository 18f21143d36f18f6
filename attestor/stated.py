"""
What a venue states of a wallet at an instant, beside the books (docs/explanation/metrics.md A7).

It is compared and never used: a balance or position that differs shows a line that is missing, or
one that is there twice.
"""

from __future__ import annotations

from collections.abc import Iterator

from algebra.errors import Malformed, Refused
from attestor.ledger import Book
from attestor.statement import CENT, UNIT, Source, Stated, Statement, bad_line

USD = 100 * CENT


def stated_errors(statement: Statement) -> Iterator[Malformed]:
    """
    The complaints about the lines themselves, `malformed.statement`: an unknown wallet or
    instrument, or an instant before the window or after its end.
    """
    for said in statement.stated:
        if said.wallet not in statement.wallets:
            yield bad_line(said.source, "wallet: not one of the owner's")
        if not statement.start <= said.time <= statement.end:
            yield bad_line(said.source, "time: outside the window and its end")
        for instrument, _ in said.positions:
            if instrument not in statement.instruments:
                yield bad_line(said.source, f"instrument: unknown: {instrument[:40]!a}")


def contradictions(said: Stated, book: Book, value: int) -> Iterator[Refused]:
    """
    What the books have otherwise than `said`, each `refused.ledger` with both numbers.

    Parameters
    ----------
    book : the wallet's, with all of the instant booked
    value : its balance and unrealised pnl at the prices of the instant, u

    Notes
    -----
    Money may differ by one cent, as venues round; positions not at all. A closing states all
    positions: one that it leaves out is stated to be 0.
    """
    if said.balance is not None:
        if abs(said.balance - book.balance) > CENT:
            yield _differs(said.source, "balance", _usd(said.balance), _usd(book.balance))
        stated = dict(said.positions)
        held = {name: holding.size for name, holding in book.holdings.items()}
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
    return Refused(
        "refused.ledger",
        f"{source.file}:{source.line}: {reason}",
        file=source.file,
        line=source.line,
        reason=reason,
        stated=stated,
        rebuilt=rebuilt,
    )
