"""
What an owner did with himself: own trades (docs/explanation/metrics.md A4) and internal transfers
(A5); and which public trades are none of his (A6).

All look at all accounts of the owner together, and none depends on the order of wallets.
"""

from __future__ import annotations

from collections import defaultdict

from attestor.statement import DAY_MICROSECONDS, Fill, Line, Quote, Transfer


def own_groups(fills: list[Fill]) -> dict[int, int]:
    """
    Executions that are the owner's on both sides: the index of each, and a number of its group.

    With the venue's trade id: both sides under one id. Without: same time, instrument, price and
    size on opposite sides, and then all fills of that key, since they cannot be told apart (A4).
    Bookings of one instrument, instant and price belong together likewise: a delivery that closes a
    long at one account and a short at another moves nothing of the owner's.
    """
    groups: dict[object, list[int]] = defaultdict(list)
    for index, fill in enumerate(fills):
        if fill.booked:
            groups["booked", fill.time, fill.instrument, fill.price].append(index)
        elif fill.trade_id is not None:
            groups["id", fill.instrument, fill.trade_id].append(index)
        else:
            groups[fill.time, fill.instrument, fill.price, abs(fill.size)].append(index)
    own: dict[int, int] = {}
    for members in groups.values():
        if len({fills[i].size > 0 for i in members}) == 2:
            own.update((index, members[0]) for index in members)
    return own


def even_groups(fills: list[Fill], own: dict[int, int]) -> set[int]:
    """
    Numbers of the own groups whose net size is 0: at one price they move no money of the owner's.
    What is left over of another was traded with a stranger.
    """
    net: dict[int, int] = defaultdict(int)
    for index, group in own.items():
        net[group] += fills[index].size
    return {group for group, size in net.items() if size == 0}


def trades_of_others(quotes: list[Quote], fills: list[Fill]) -> list[Quote]:
    """
    The quotes without the public fills that are a side of one of the owner's own trades.

    By the venue's trade id where both carry one, else by instant, instrument, price and size.
    """
    ids = {(fill.instrument, fill.trade_id) for fill in fills if fill.trade_id is not None}
    places = {_place(fill) for fill in fills}
    unnamed = {_place(fill) for fill in fills if fill.trade_id is None}

    def own(quote: Quote) -> bool:
        if quote.trade_id is None:
            return _place(quote) in places
        return (quote.instrument, quote.trade_id) in ids or _place(quote) in unnamed

    return [quote for quote in quotes if quote.mark or not own(quote)]


def _place(trade: Fill | Quote) -> tuple[int, str, int, int]:
    return trade.time, trade.instrument, trade.price, abs(trade.size)


def internal_transfers(lines: list[Line]) -> set[int]:
    """
    Indices of the transfers between two accounts of the owner.

    Opposite amounts, in dollars or in one coin, in two accounts, of one venue transaction, or at
    one instant where a line names no transaction. The two must lie on one day, so that they cancel
    within it: money under way over midnight is a withdrawal and a deposit.
    """
    groups: dict[object, list[int]] = defaultdict(list)
    for index, line in enumerate(lines):
        if not isinstance(line, Transfer) or line.amount == 0:
            continue
        if line.transaction is not None:
            day = line.time // DAY_MICROSECONDS
            groups["id", line.transaction, day, abs(line.amount), _coin(line)].append(index)
        else:
            groups[line.time, abs(line.amount), _coin(line)].append(index)
    internal: set[int] = set()
    for members in groups.values():
        internal.update(_pair(members, lines))
    return internal


def _pair(members: list[int], lines: list[Line]) -> set[int]:
    """
    Match lines out with lines in of another wallet, each once, in an order that input order does
    not change.
    """

    def order(index: int) -> tuple[int, str, int]:
        return (lines[index].time, lines[index].wallet, lines[index].sequence)

    paired: set[int] = set()
    incoming = sorted((i for i in members if _amount(lines[i]) > 0), key=order)
    for out in sorted((i for i in members if _amount(lines[i]) < 0), key=order):
        for candidate in incoming:
            if candidate not in paired and lines[candidate].wallet != lines[out].wallet:
                paired.update((out, candidate))
                break
    return paired


def _coin(line: Transfer) -> str | None:
    return line.coin.instrument if line.coin is not None else None


def _amount(line: Line) -> int:
    return line.amount if isinstance(line, Transfer) else 0
