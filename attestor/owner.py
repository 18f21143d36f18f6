"""
The owner's mark: what he holds over all his accounts together (docs/explanation/metrics.md A6).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from attestor.ledger import Book
from attestor.prices import PriceBoard
from attestor.statement import CENT, DELTA_UNIT


class OwnerMark(NamedTuple):
    """
    net : sum over underlyings of |signed delta notional|, cents, rounded up
    gross : sum over instruments of |delta notional|, cents, rounded up
    """

    net: int
    gross: int


def owner_mark(books: Iterable[Book], board: PriceBoard, asset: Callable[[str], str]) -> OwnerMark:
    """
    Of the positions of all accounts at the prices of now; `asset` says what nets.

    Opposite positions in one instrument at two accounts are no position of the owner.
    """
    held: Counter[str] = Counter()
    for book in books:
        for name, holding in book.holdings.items():
            held[name] += board.delta_notional(name, holding.size, holding.unit_cost)
    net: Counter[str] = Counter()
    for name, notional in held.items():
        net[asset(name)] += notional
    gross = sum(map(abs, held.values()))
    unit = CENT * DELTA_UNIT
    return OwnerMark(-(-sum(map(abs, net.values())) // unit), -(-gross // unit))
