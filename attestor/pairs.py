"""
What an owner did with himself: own trades (docs/explanation/metrics.md A4) and internal transfers
(A5); and which public trades are none of his (A6).

All look at all accounts of the owner together, and none depends on the order of wallets.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from attestor.statement import DAY_MICROSECONDS, Coin, Fill, Line, Quote, Transfer


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


def internal_transfers(lines: list[Line]) -> dict[int, Transfer]:
    """
    The transfers between two accounts of the owner by index, as they are booked.

    Opposite amounts of dollars, or of one coin, in two accounts, of one venue transaction, or at
    one instant where a line names no transaction. The two must lie on one day, so that they cancel
    within it: money under way over midnight is a withdrawal and a deposit. Coins count at the index
    price of the first line on both sides: what they gain or lose under way is no flow.
    """
    groups: dict[object, list[tuple[int, Transfer]]] = defaultdict(list)
    for index, line in enumerate(lines):
        if not isinstance(line, Transfer) or line.amount == 0:
            continue
        name, moved = _moved(line)
        if line.transaction is not None:
            day = line.time // DAY_MICROSECONDS
            groups["id", line.transaction, day, abs(moved), name].append((index, line))
        else:
            groups[line.time, abs(moved), name].append((index, line))
    return dict(pair for members in groups.values() for pair in _pair(members))


def _pair(members: list[tuple[int, Transfer]]) -> Iterator[tuple[int, Transfer]]:
    """
    Match lines out with lines in of another wallet, each once, in an order that input order does
    not change.
    """

    def order(member: tuple[int, Transfer]) -> tuple[int, int, str]:
        _, line = member
        return line.time, line.sequence, line.wallet

    ordered = sorted(members, key=order)
    incoming = [member for member in ordered if member[1].amount > 0]
    for out in (member for member in ordered if member[1].amount < 0):
        match = next((each for each in incoming if each[1].wallet != out[1].wallet), None)
        if match is None:
            continue
        incoming.remove(match)
        first, second = sorted((out, match), key=order)
        yield first
        yield second[0], second[1]._replace(amount=-first[1].amount, coin=_back(first[1].coin))


def _back(coin: Coin | None) -> Coin | None:
    return None if coin is None else coin._replace(size=-coin.size)


def _moved(line: Transfer) -> tuple[str | None, int]:
    """The coin, None for dollars, and how much of it."""
    return (None, line.amount) if line.coin is None else (line.coin.instrument, line.coin.size)
