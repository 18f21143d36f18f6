"""
One id, one fact (docs/explanation/metrics.md A7).

A trade has one buyer and one seller, and both have it at one instant, price and size. A transaction
moves money into or out of a wallet once. A line that says otherwise is a line read twice, or an id
that stands for two things; either would put a number into the books that nobody owns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from algebra.errors import Malformed
from attestor.statement import Carry, Fill, Line, Quote, Transfer, bad_line, seen_from


def repeated_ids(
    fills: Iterable[Fill], lines: Iterable[Line], public: Iterable[Quote] = ()
) -> Iterator[Malformed]:
    """
    The complaints about ids, `malformed.statement` with file, line and the line that was there
    before.

    Parameters
    ----------
    fills : of any wallets; a trade id counts within its instrument, as venues number each market
        apart, a booking's within its account, as one delivery reaches many. Those without an id are
        not looked at.
    lines : of any wallets; the transfers with a transaction id, the carry with a payment's, a coin
        apart from dollars and from another coin
    public : trades of nobody here; one may be a trade of `fills` as the venue showed it to all
    """
    sides: dict[tuple[str, str, str, int], Fill | Quote] = {}
    trades: Iterable[Fill | Quote] = chain(fills, public)
    for trade in trades:
        if trade.trade_id is None:
            continue
        reason = _against(trade, sides)
        if reason is not None:
            called = "booking" if _account(trade) else "trade"
            yield bad_line(trade.source, f"id: {called} {trade.trade_id} stands at {reason}")
        sides.setdefault(_key(trade, _side(trade)), trade)
    yield from _payments(lines)


def _key(trade: Fill | Quote, side: int) -> tuple[str, str, str, int]:
    return _account(trade), trade.instrument, trade.trade_id or "", side


def _account(trade: Fill | Quote) -> str:
    """Whose a booking is; empty for a trade, which has two sides."""
    return trade.wallet if isinstance(trade, Fill) and trade.booked else ""


def _side(trade: Fill | Quote) -> int:
    """1 bought, -1 sold, 0 told by the venue to all."""
    return 0 if isinstance(trade, Quote) else (1 if trade.size > 0 else -1)


def _against(
    trade: Fill | Quote, sides: dict[tuple[str, str, str, int], Fill | Quote]
) -> str | None:
    """What a line of the same trade has otherwise, or that it is the same side again."""
    for side in (_side(trade), *({-1, 0, 1} - {_side(trade)})):
        before = sides.get(_key(trade, side))
        if before is None:
            continue
        what = _difference(trade, before)
        if what is None and side != _side(trade):
            continue  # the same trade seen from elsewhere
        reason = f"another {what}" if what else "the same side of the trade"
        return f"{seen_from(trade.source, before.source)} with {reason}"
    return None


def _difference(trade: Fill | Quote, before: Fill | Quote) -> str | None:
    """What all lines of one trade must share, and these do not."""
    if trade.time != before.time:
        return "instant"
    if trade.price != before.price:
        return "price"
    return "size" if abs(trade.size) != abs(before.size) else None


def _payments(lines: Iterable[Line]) -> Iterator[Malformed]:
    known: dict[tuple[object, ...], Line] = {}
    for line in lines:
        if isinstance(line, Transfer):
            called, identity = "transaction", line.transaction
        elif isinstance(line, Carry):
            called, identity = "payment", line.payment
        else:
            continue
        if identity is None:
            continue
        coin = line.coin.instrument if line.coin is not None else None
        key = (type(line), line.wallet, identity, coin, line.amount > 0)
        before = known.setdefault(key, line)
        if before is line or not isinstance(before, Transfer | Carry):
            continue
        place = seen_from(line.source, before.source)
        way = "into" if line.amount > 0 else "out of"
        amount = "the same" if line.amount == before.amount else "another"
        told = f"id: {called} {identity} {way} this wallet stands at {place} with {amount} amount"
        yield bad_line(line.source, told)
