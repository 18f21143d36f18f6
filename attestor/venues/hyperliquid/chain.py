"""
The order of fills, and the proof that none is missing: each finds the position that the one before
it left.

Within a millisecond the venue lists fills one way or the other, so the chain of positions alone
orders them. Both sides of an own trade carry one start position: they leave it where it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter

from algebra.errors import Refused
from attestor.stated import plain
from attestor.statement import UNIT, Fill
from attestor.venues.hyperliquid.merged import incomplete, told

Key = tuple[int, str, str, int, int]


def ordered(fills: Iterable[Fill], position: int) -> list[Fill]:
    """
    The fills of one account and coin in the order in which they happened.

    Parameters
    ----------
    position : signed size, 1e-18, before the first of them

    Raises
    ------
    Refused
        `refused.incomplete` with account, coin, instant and both positions: the first fill that
        does not find what the one before it left.
    """
    out: list[Fill] = []
    for _, found in groupby(sorted(fills, key=attrgetter("time")), key=attrgetter("time")):
        together = list(found)
        if len(together) > 1:
            together = _of_instant(together, position)
        elif together[0].reported_start != position:
            raise _broken(together, position)
        for fill in together:
            position += fill.size
        out += together
    return out


def _of_instant(fills: list[Fill], position: int) -> list[Fill]:
    """The fills of one millisecond: a path that takes each once, own trades where they stand."""
    straight = _straight(fills, position)
    if straight is not None:
        return straight
    rest, own = _own_pairs(fills)
    path = _path(rest, position)
    out: list[Fill] = []
    for fill in (*path, None):
        for pair in sorted(own.pop(position, ()), key=lambda each: _key(each[0])):
            out += pair
        if fill is not None:
            out.append(fill)
            position += fill.size
    if own:
        start, pairs = min(own.items())
        raise _broken([pairs[0][0]._replace(reported_start=start)], position)
    return out


def _straight(fills: list[Fill], position: int) -> list[Fill] | None:
    """One order in parts, which is most of what shares a millisecond: one way, step by step."""
    bought = fills[0].size > 0
    if any((fill.size > 0) != bought for fill in fills):
        return None
    steps = sorted(fills, key=lambda fill: fill.reported_start or 0, reverse=not bought)
    for fill in steps:
        if fill.reported_start != position:
            return None
        position += fill.size
    return steps


def _own_pairs(fills: list[Fill]) -> tuple[list[Fill], dict[int, list[tuple[Fill, Fill]]]]:
    """Fills with a stranger, and by start position the pairs without, the closing side first."""
    sides: dict[tuple[object, ...], tuple[list[Fill], list[Fill]]] = defaultdict(lambda: ([], []))
    for fill in sorted(fills, key=_key):
        name = (fill.trade_id, fill.reported_start, fill.price, abs(fill.size))
        sides[name][fill.size > 0].append(fill)
    rest: list[Fill] = []
    own: dict[int, list[tuple[Fill, Fill]]] = defaultdict(list)
    for sold, bought in sides.values():
        both = min(len(sold), len(bought))
        rest += sold[both:] + bought[both:]
        for pair in zip(sold[:both], bought[:both], strict=True):
            start = pair[0].reported_start or 0
            first, second = (_unreported(fill) for fill in (pair if start > 0 else pair[::-1]))
            own[start].append((first, second))
    return rest, own


def _unreported(fill: Fill) -> Fill:
    """Of both sides the venue tells start and pnl as if the other were not."""
    return fill._replace(reported_start=None, reported_pnl=None)


def _path(fills: list[Fill], position: int) -> list[Fill]:
    """
    A walk over positions that takes each fill once (Hierholzer 1873).

    Where a position is left by several fills, more than one walk may do: which is taken follows
    from the fills and not from their places.
    """
    leaving: dict[int, list[Fill]] = defaultdict(list)
    for fill in sorted(fills, key=_key, reverse=True):
        leaving[fill.reported_start or 0].append(fill)
    stack: list[Fill] = []
    path: list[Fill] = []
    at = position
    while True:
        if leaving[at]:
            stack.append(leaving[at].pop())
            at += stack[-1].size
        elif stack:
            path.append(stack.pop())
            at = path[-1].reported_start or 0
        else:
            break
    path.reverse()
    before = position
    for fill in path:
        if fill.reported_start != before:
            raise _broken([fill], before)
        before += fill.size
    if len(path) != len(fills):
        raise _broken([fill for left in leaving.values() for fill in left], before)
    return path


def _key(fill: Fill) -> Key:
    return (fill.reported_start or 0, fill.trade_id or "", fill.order or "", fill.price, fill.size)


def _broken(fills: list[Fill], position: int) -> Refused:
    """The chain ends here: what was left, and what the next fill finds."""
    fill = min(fills, key=lambda each: abs((each.reported_start or 0) - position))
    found, left = plain(fill.reported_start or 0, UNIT), plain(position, UNIT)
    return incomplete(
        fill.wallet,
        f"{fill.instrument} at {told(fill.time // 1_000)} ({fill.source.file}:{fill.source.line}): "
        f"the fill finds a position of {found}, those before it leave {left}; fills between them "
        "are missing, or stand twice",
        coin=fill.instrument,
        time=fill.time,
        found=found,
        left=left,
    )
