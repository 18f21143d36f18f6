"""Tricks with prices that somebody makes: gifts of a confederate, prints before midnight."""

from __future__ import annotations

from dataclasses import replace

from attestor.prices import PriceBoard
from attestor.statement import (
    DAY_MICROSECONDS,
    FILL_RANK,
    MICROSECONDS,
    Fill,
    Quote,
    Statement,
    public_fill,
    quote_key,
)
from benchmarks.gaming.figures import marked_as_traded, rows_of, sharpe
from benchmarks.gaming.owners import Events
from benchmarks.gaming.played import Played
from policies.margin.rules import SHARE

NOON, LAST = DAY_MICROSECONDS // 2, DAY_MICROSECONDS - MICROSECONDS
CHEAP = 100
"""The confederate sells at a hundredth of the price."""
SMOOTHED = 5
"""One part in so many of a day's result is shown."""


def prices_at(statement: Statement, name: str, offset: int) -> list[int | None]:
    """Of each day, the price that the attestor has at `offset` of it; None before the first."""
    board, out = PriceBoard.of(statement), list[int | None]()
    for day in range(statement.days):
        board.advance((statement.start + day * DAY_MICROSECONDS + offset, FILL_RANK, -1))
        out.append(board.price(name) if board.told(name) else None)
    return out


def gifts(statement: Statement, name: str, size: int, share: int) -> list[Fill]:
    """
    Each day at noon `size` is bought at `share` / 10^4 of the price and sold at the price.
    """
    events, out = Events(statement), list[Fill]()
    for day, price in enumerate(prices_at(statement, name, NOON)):
        if price is None:
            continue
        time, wallet = statement.start + day * DAY_MICROSECONDS + NOON, statement.wallets[0]
        out.append(events.fill(time, wallet, name, size, price * share // SHARE))
        out.append(events.fill(time + MICROSECONDS, wallet, name, -size, price))
    return out


def paid_in(statement: Statement, given: list[Fill]) -> Statement:
    """The same money as deposits."""
    events, wallet = Events(statement), statement.wallets[0]
    lines = [
        events.transfer(sold.time, wallet, -sold.size * (sold.price - bought.price))
        for bought, sold in zip(given[::2], given[1::2], strict=True)
    ]
    return replace(statement, lines=[*statement.lines, *lines])


def confederate(statement: Statement, name: str, size: int) -> Played:
    """
    A confederate loses to the owner each day.

    Parameters
    ----------
    size : 1e-18 of instrument `name`, bought each day at a hundredth of its price
    """
    band = statement.margin.at(statement.start).band.linear if statement.margin else 100
    given = gifts(statement, name, size, SHARE // CHEAP)
    paid, plain = paid_in(statement, given), rows_of(statement)
    left = gifts(statement, name, size, SHARE - band // CHEAP - 1)
    edge = gifts(statement, name, size, SHARE * SHARE // (SHARE + band) + 1)

    def shown(base: Statement, fills: list[Fill]) -> float:
        return sharpe(rows_of(replace(base, fills=[*base.fills, *fills])))

    honest = sharpe(rows_of(paid))
    free = [fill._replace(mark=fill.price) for fill in given]
    return Played(
        "a confederate loses to the owner each day",
        "Sharpe ratio, more than if it were paid in",
        shown(statement, free) - honest,
        shown(statement, given) - honest,
        round(shown(paid, left) - honest + 0.005, 2),
        "what the band leaves of these fills; at its edge the same size wins "
        f"{shown(statement, edge) - sharpe(plain):.2f}, which is not stopped and costs its fees",
        "what a fill wins at once beyond the band is a flow (metrics A4)",
    )


def prints(statement: Statement) -> list[Fill]:
    """
    At the last second of each day a dust trade with a confederate in the instrument of the only
    position, at a price at which the day shows a fifth of what it made, and the mean gain besides.
    """
    (name,) = {fill.instrument for fill in statement.fills}
    events, held, hidden, out = Events(statement), 0, 0, list[Fill]()
    fills = sorted(statement.fills, key=lambda fill: fill.time)
    before: int | None = None
    for day, price in enumerate(prices_at(statement, name, LAST)):
        end = statement.start + day * DAY_MICROSECONDS + LAST
        held = sum(fill.size for fill in fills if fill.time <= end)
        if price is None or not held:
            continue
        made = 0 if before is None else price - before
        before, hidden = price, hidden - made + made // SMOOTHED + price // 1_000
        wallet = statement.wallets[0]
        out.append(events.fill(end, wallet, name, held // 10**6, max(1, price + hidden)))
    return out


def last_fill_counts(statement: Statement) -> Statement:
    """Prices as version 1 had them: the last public fill, whoever made it, the owner's own too."""
    told = [
        Quote(each.source, each.time, each.sequence, each.instrument, each.price, mark=True)
        for each in (*statement.quotes, *map(public_fill, statement.fills))
    ]
    return replace(statement, quotes=sorted(told, key=quote_key), mark_age=400 * DAY_MICROSECONDS)


def printing(statement: Statement) -> Played:
    """
    The last price of the day printed by oneself; of an owner of one long position, at a venue
    without marks.
    """
    printed = prints(statement)
    tricked = marked_as_traded(replace(statement, fills=[*statement.fills, *printed]))
    seen = [tricked, last_fill_counts(tricked)]
    honest = [statement, last_fill_counts(statement)]
    now, then = (
        sharpe(rows_of(with_)) - sharpe(rows_of(without))
        for with_, without in zip(seen, honest, strict=True)
    )
    return Played(
        "printing the day's last price",
        "Sharpe ratio, more than without",
        then,
        now,
        0.01,
        "own fills price nothing; what is left is the dust that was bought",
        "marks are the last hour's public fills of others (metrics A6)",
    )
