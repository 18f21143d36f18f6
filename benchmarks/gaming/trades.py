"""Tricks with executions that make trades look even: M3."""

from __future__ import annotations

from dataclasses import replace

from attestor.ledger import apply_fill
from attestor.statement import CENT, Fill, Opening, Statement
from benchmarks.gaming.figures import closes_ratio, rows_of, trips_t
from benchmarks.gaming.owners import PLACE
from benchmarks.gaming.played import Played

PARTS = 10
"""Into which each fill is split."""
SPARE = "0x" + "5" * 40
"""The owner's second wallet."""
EACH = 100 * CENT
"""What every close of the second wallet makes, u'; each other one a hundredth more."""

PURSE = 10**6 * EACH
"""What the second wallet holds, u': enough for every position while it passes."""


def split(statement: Statement) -> Statement:
    """Each fill in equal parts, at its instant and price."""
    fills = [
        fill._replace(
            sequence=PARTS * fill.sequence + part, size=fill.size // PARTS, fee=fill.fee // PARTS
        )
        for fill in statement.fills
        for part in range(PARTS)
    ]
    return replace(statement, fills=fills)


def through_a_wallet(statement: Statement) -> Statement:
    """
    What would close goes to a second wallet of the owner, at a price at which its close makes a
    dollar there: closes are alike then, and what was lost is in trades with oneself.
    """
    held: dict[str, tuple[int, int]] = {}
    fills: list[Fill] = []
    even = False
    for fill in sorted(statement.fills, key=lambda fill: (fill.time, fill.sequence)):
        before = held.get(fill.instrument, (0, 0))
        after = apply_fill(*before, fill.size, fill.price)
        held[fill.instrument] = after.size, after.cost
        number = 4 * fill.sequence
        closed = min(abs(fill.size), abs(before[0])) if before[0] * fill.size < 0 else 0
        signed = closed if fill.size > 0 else -closed
        made = EACH + EACH // 100 * even
        price = fill.price + (made // signed if signed else 0)
        if not closed or price <= 0:
            fills.append(fill._replace(sequence=number))
            continue
        name, even = f"own-{fill.sequence}", not even
        moved = fill._replace(size=signed, price=price, mark=price, fee=0, trade_id=name)
        fills += [
            moved._replace(sequence=number),
            moved._replace(sequence=number + 1, wallet=SPARE, size=-signed),
            fill._replace(sequence=number + 2, wallet=SPARE, size=signed),
        ]
        if fill.size != signed:
            fills.append(fill._replace(sequence=number + 3, size=fill.size - signed, fee=0))
    return replace(
        statement,
        wallets=(*statement.wallets, SPARE),
        fills=fills,
        lines=[line._replace(sequence=4 * line.sequence) for line in statement.lines],
        openings={**statement.openings, SPARE: Opening(PLACE, statement.start, PURSE)},
    )


def own_wallet(statement: Statement) -> Played:
    """Closes through an own wallet; the owner must have a gain."""
    tricked = through_a_wallet(statement)
    honest, rows = rows_of(statement), rows_of(tricked)
    return Played(
        "closes through an own wallet",
        "M3, multiple of what it was",
        closes_ratio(tricked, rows) / closes_ratio(statement, honest),
        trips_t(rows) / trips_t(honest),
        1.0,
        "a trip is the owner's: what goes from wallet to wallet of his neither ends nor makes one",
        "trips by owner (metrics A9)",
    )


def split_fills(statement: Statement) -> Played:
    """Each fill in ten; the owner must have a gain."""
    tricked = split(statement)
    honest, rows = rows_of(statement), rows_of(tricked)
    closes = len(statement.fills), len(tricked.fills)
    return Played(
        "each fill split in ten",
        "t value of trades, multiple of what it was",
        closes_ratio(tricked, rows)
        / closes_ratio(statement, honest)
        * (closes[1] / closes[0]) ** 0.5,
        trips_t(rows) / trips_t(honest),
        1.0,
        "a trip ends when the position comes to zero, however many fills bring it there",
        "trips by owner (metrics A9)",
    )
