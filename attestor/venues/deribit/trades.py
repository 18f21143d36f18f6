"""
Deribit's trades of an account (`private/get_user_trades_by_currency_and_time`), which say what the
log does not: the index and mark at each, the liquidation, the currency of the fee
(docs/explanation/attestation.md 2.6).

Every trade has its lines in the log and every such line its trade: either shows what the other
lacks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from attestor.collect.folder import Answer, Collected
from attestor.collect.item import Item
from attestor.complaints import Complaints
from attestor.statement import UNIT, Source, bad_line, seen_from
from attestor.venues.deribit.log import Entry, account_of
from attestor.venues.deribit.names import Contract, contract

METHOD = "private/get_user_trades_by_currency_and_time"
_BOUGHT = {"buy": 1, "sell": -1}
_MAKER = {"M": True, "T": False}
_FORCED = {"M": "M", "T": "T", "MT": "MT"}

TradeKey = tuple[str, str, str, int]
"""Account, instrument, id of the trade, 1 bought or -1 sold: an account may have both sides."""


class Trade(NamedTuple):
    """
    One side of a trade.

    Attributes
    ----------
    size : signed, 1e-18; of an inverse future its face
    price, index_price, mark : 1e-18; of an option paid in a coin price and mark are coins
    fee : in the currency in which the contract pays, 1e-18
    liquidation : whether the account was the one that was liquidated
    """

    source: Source
    of: Contract
    time: int
    size: int
    price: int
    index_price: int
    mark: int
    fee: int
    maker: bool
    liquidation: bool
    order: str

    def dollars(self, price: int) -> int:
        """
        A price of it in dollars, 1e-18, rounded down: of an option paid in a coin at the index.
        """
        if not self.of.option or self.of.currency != self.of.base:
            return price
        return price * self.index_price // UNIT


@dataclass(slots=True)
class Trades:
    """
    Attributes
    ----------
    sides : every trade of the folder's accounts
    read, repeated : by file
    """

    sides: dict[TradeKey, Trade] = field(default_factory=dict)
    read: Counter[str] = field(default_factory=Counter)
    repeated: Counter[str] = field(default_factory=Counter)


def read_trades(collected: Collected, wrong: Complaints) -> Trades:
    """
    The trades of all accounts; `wrong` gathers what is refused, `malformed.statement`. Pages may
    overlap: that none is missing the log shows.
    """
    trades, names = Trades(), collected.names()
    kept: dict[TradeKey, object] = {}
    for answer in collected.asked(method=METHOD):
        wrong.take(partial(_page, answer, names, trades, kept), None)
    return trades


def _page(
    answer: Answer, names: dict[str, str], trades: Trades, kept: dict[TradeKey, object]
) -> None:
    account = account_of(answer, names)
    listed = answer.item().child("result").list("trades")
    trades.read[answer.file] = len(listed)
    for index, value in enumerate(listed):
        item = Item(value, answer.place(index))
        trade = read_trade(item)
        key = (account, trade.of.name, item.text("trade_id"), 1 if trade.size > 0 else -1)
        before = trades.sides.setdefault(key, trade)
        if before is trade:
            kept[key] = value
            continue
        if kept[key] != value or before.source.file == answer.file:
            there = seen_from(item.source, before.source)
            raise item.error("trade_id", f"stands at {there} too, and no overlap explains it")
        trades.repeated[answer.file] += 1


def read_trade(item: Item) -> Trade:
    """A trade as the venue gives it; Malformed (`malformed.statement`)."""
    of = contract(item.text("instrument_name"), item.source)
    side, liquidity = item.text("direction"), item.text("liquidity")
    if side not in _BOUGHT:
        raise item.error("direction", "neither buy nor sell")
    if liquidity not in _MAKER:
        raise item.error("liquidity", "neither M nor T")
    if item.text("fee_currency") != of.currency:
        raise item.error(
            "fee_currency",
            f"{item.text('fee_currency')}: a fee in another currency than {of.currency}, in which "
            f"{of.name} pays, has no price here",
        )
    forced = item.text("liquidation") if item.has("liquidation") else ""
    if forced and forced not in _FORCED:
        raise item.error("liquidation", "none of M, T, MT")
    return Trade(
        item.source,
        of,
        item.time("timestamp"),
        _BOUGHT[side] * item.positive("amount"),
        item.positive("price"),
        item.positive("index_price"),
        item.number("mark_price") if of.option else item.positive("mark_price"),
        item.number("fee"),
        _MAKER[liquidity],
        liquidity in forced,
        item.text("order_id"),
    )


class Side(NamedTuple):
    """A trade with its lines in the log, more than one where it turned the position."""

    trade: Trade
    lines: tuple[Entry, ...]


def joined(
    entries: Mapping[str, list[Entry]], trades: Trades, wrong: Complaints
) -> dict[Entry, Side]:
    """
    By its last line, every trade with the lines of the log that are of it.

    Parameters
    ----------
    wrong : gathers `malformed.statement`: a line without trade, a trade without line, two that
        differ in instant, price, size, order or fee, and lines of one trade that others part
    """
    lines: dict[TradeKey, list[_Line]] = {}
    for account, listed in entries.items():
        for index, entry in enumerate(listed):
            if entry.kind == "trade":
                line = wrong.take(partial(_line, account, index, entry), None)
                if line is not None:
                    lines.setdefault(line.key, []).append(line)
    found = {}
    for key, placed in lines.items():
        side = wrong.take(partial(_joined, trades.sides.get(key), placed), None)
        if side is not None:
            found[placed[-1].entry] = side
    for key in trades.sides.keys() - lines.keys():
        trade, what = trades.sides[key], f"trade_id: {key[2]} of {key[1]}"
        wrong.add(bad_line(trade.source, f"{what} has no line in the log of {key[0]}"))
    return found


def signed_amount(entry: Entry) -> int:
    """Size that a line of a trade or delivery moves, 1e-18: its side says the sign."""
    side = entry.item.text("side")
    if side not in ("open buy", "close buy", "open sell", "close sell"):
        raise entry.error("side", f"{side!a} is none of open or close, buy or sell")
    return entry.item.positive("amount") * (1 if side.endswith("buy") else -1)


class _Line(NamedTuple):
    """A line of a trade: whose, where among the account's lines, and the signed size it moves."""

    key: TradeKey
    place: int
    entry: Entry
    size: int


def _line(account: str, place: int, entry: Entry) -> _Line:
    item, size = entry.item, signed_amount(entry)
    of = contract(item.text("instrument_name"), entry.source)
    key = (account, of.name, item.text("trade_id"), 1 if size > 0 else -1)
    return _Line(key, place, entry, size)


def _joined(trade: Trade | None, placed: list[_Line]) -> Side:
    entries = tuple(line.entry for line in placed)
    last = entries[-1]
    if trade is None:
        trade_id = last.item.text("trade_id")
        raise last.error("trade_id", f"{trade_id} is on no page of the account's trades")
    if placed[-1].place - placed[0].place != len(placed) - 1 or len(placed) > 2:
        raise last.error("trade_id", "its lines do not follow each other, or are more than two")
    for entry in entries:
        item = entry.item
        if (entry.time, item.positive("price"), item.text("order_id")) != (
            trade.time,
            trade.price,
            trade.order,
        ):
            there = seen_from(entry.source, trade.source)
            raise entry.error("trade_id", f"another instant, price or order than at {there}")
    size, fee = sum(line.size for line in placed), sum(each.commission for each in entries)
    if (size, fee) != (trade.size, trade.fee):
        there = seen_from(last.source, trade.source)
        raise last.error("amount", f"the lines' amount or commission is not that of {there}")
    return Side(trade, entries)
