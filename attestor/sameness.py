"""
One id, one fact (docs/explanation/metrics.md A7).

A trade has one buyer and one seller, and both have it at one instant, price and size. A transaction
moves money into or out of a wallet once. A line that says otherwise is a line read twice, or an id
that stands for two things; either would put a number into the books that nobody owns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from algebra.errors import Malformed
from attestor.statement import Fill, Line, Transfer, bad_line


def repeated_ids(fills: Iterable[Fill], lines: Iterable[Line]) -> Iterator[Malformed]:
    """
    The complaints about ids, `malformed.statement` with file, line and the line that was there
    before.

    Parameters
    ----------
    fills : of any wallets; a trade id counts within its instrument, as venues number each market
        apart. Those without an id are not looked at.
    lines : of any wallets; of the transfers, those with a transaction id
    """
    yield from _trades(fills)
    yield from _transactions(lines)


def _trades(fills: Iterable[Fill]) -> Iterator[Malformed]:
    sides: dict[tuple[str, str, bool], Fill] = {}
    for fill in fills:
        if fill.trade_id is None:
            continue
        bought = fill.size > 0
        for side in (bought, not bought):
            before = sides.get((fill.instrument, fill.trade_id, side))
            if before is None:
                continue
            what = _difference(fill, before)
            if what is None and side != bought:
                continue  # the other side of the trade
            reason = f"another {what}" if what else "the same side of the trade"
            told = f"id: trade {fill.trade_id} stands at {_place(fill, before)} with {reason}"
            yield bad_line(fill.source, told)
            break
        sides.setdefault((fill.instrument, fill.trade_id, bought), fill)


def _difference(fill: Fill, before: Fill) -> str | None:
    """What two sides of one trade must share, and these do not."""
    if fill.time != before.time:
        return "instant"
    if fill.price != before.price:
        return "price"
    return "size" if abs(fill.size) != abs(before.size) else None


def _transactions(lines: Iterable[Line]) -> Iterator[Malformed]:
    known: dict[tuple[str, str, bool], Transfer] = {}
    for line in lines:
        if not isinstance(line, Transfer) or line.transaction is None:
            continue
        key = (line.wallet, line.transaction, line.amount > 0)
        before = known.setdefault(key, line)
        if before is line:
            continue
        reason = "the same amount" if line.amount == before.amount else "another amount"
        way = "into" if line.amount > 0 else "out of"
        told = (
            f"id: transaction {line.transaction} {way} this wallet stands at "
            f"{_place(line, before)} with {reason}"
        )
        yield bad_line(line.source, told)


def _place(line: Fill | Transfer, before: Fill | Transfer) -> str:
    """Where the line before stands, seen from `line`."""
    same = line.source.file == before.source.file
    return f"line {before.source.line}" if same else f"{before.source.file}:{before.source.line}"
