"""
Rows of `statement.csv` as events: executions, ledger lines, trades of others
(`attestor.venues.statement_columns`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from attestor.cells import parse_choice, parse_decimal, parse_money, parse_positive
from attestor.statement import (
    Carry,
    Coin,
    Fill,
    Instrument,
    Line,
    Quote,
    Reward,
    Source,
    Transfer,
    Vote,
    bad_line,
)
from attestor.venues.marks_csv import parse_price
from attestor.venues.statement_columns import BOOKED

Row = Mapping[str, str]
"""A line's cells by column."""
_SIDE = {"buy": True, "sell": False}
_LIQUIDITY = {"maker": True, "taker": False}


def signed_size(row: Row, source: Source) -> int:
    """Bought or long above 0."""
    size = parse_positive(row["size"], source, "size")
    return size if parse_choice(row["side"], source, "side", _SIDE) else -size


def read_public(row: Row, source: Source, time: int, sequence: int) -> Quote:
    """A trade of others."""
    price = parse_positive(row["price"], source, "price")
    size = parse_positive(row["size"], source, "size")
    trade_id = row["id"] or None
    return Quote(source, time, sequence, row["instrument"], price, False, None, size, trade_id)


def _own_money(text: str, source: Source, what: str, *, coins: bool) -> int:
    """Dollars in u', or coins in 1e-18."""
    return parse_decimal(text, source, what) if coins else parse_money(text, source, what)


def _paid_in(row: Row, source: Source, coin: str | None) -> Coin | None:
    """In what an inverse contract pays: its lines carry the index price at which that counts."""
    if coin is None:
        if row["index"]:
            raise bad_line(source, f"index: {row['instrument']} pays in dollars")
        return None
    if not row["index"]:
        raise bad_line(
            source, f"index: empty, {row['instrument']} pays in {coin}, which needs its price"
        )
    return Coin(coin, 0, parse_positive(row["index"], source, "index"))


def set_aside(row: Row, source: Source, instrument: Instrument) -> int:
    """The margin of a position alone: dollars, or coins where it pays in them."""
    amount = _own_money(row["amount"], source, "amount", coins=instrument.coin is not None)
    if amount < 0:
        raise bad_line(source, "amount: what is set aside is not below 0")
    return amount


def read_fill(
    row: Row, source: Source, time: int, sequence: int, wallet: str, instrument: Instrument
) -> Fill:
    """A trade, or what is booked without one."""
    paid_in = _paid_in(row, source, instrument.coin)
    option = instrument.underlying is not None
    start, pnl, booked = row["start_position"], row["closed_pnl"], row["kind"] in BOOKED
    own = partial(_own_money, source=source, coins=paid_in is not None)
    return Fill(
        source=source,
        time=time,
        sequence=sequence,
        wallet=wallet,
        instrument=row["instrument"],
        size=signed_size(row, source),
        price=parse_price(row["price"], source, zero=booked and paid_in is None),
        fee=own(row["fee"], what="fee") if row["fee"] else 0,
        maker=not booked and parse_choice(row["liquidity"], source, "liquidity", _LIQUIDITY),
        liquidation=row["kind"] in ("liquidation", "takeover"),
        trade_id=row["id"] or None,
        reported_start=parse_decimal(start, source, "start_position") if start else None,
        reported_pnl=own(pnl, what="closed_pnl") if pnl else None,
        order=row["order"] or None,
        booked=booked,
        mark=parse_price(row["mark"], source, "mark", zero=option) if row["mark"] else None,
        paid_in=paid_in,
    )


def read_line(row: Row, source: Source, time: int, sequence: int, wallet: str) -> Line:
    """A transfer, carry, reward or vote."""
    if row["kind"] == "vote":
        return Vote(source, time, sequence, wallet, row["id"])
    amount, coin = _amount(row, source)
    if row["kind"] == "transfer":
        return Transfer(source, time, sequence, wallet, amount, row["id"] or None, coin)
    if row["kind"] in ("carry", "socialised"):
        return Carry(source, time, sequence, wallet, amount, row["id"] or None, coin)
    if amount < 0:
        raise bad_line(source, "reward: amount below 0")
    return Reward(source, time, sequence, wallet, row["id"], amount, coin)


def _amount(row: Row, source: Source) -> tuple[int, Coin | None]:
    """Dollars; or of a coin, whose line carries the index price at which it counts."""
    if not row["instrument"] and not row["price"]:
        return parse_money(row["amount"], source, "amount"), None
    if not row["price"]:
        raise bad_line(source, "price: empty, a line in a coin needs its index price")
    if not row["instrument"]:
        raise bad_line(source, "instrument: empty, a price belongs to a line in a coin")
    size = parse_decimal(row["amount"], source, "amount")
    coin = Coin(row["instrument"], size, parse_positive(row["price"], source, "price"))
    return coin.size * coin.price, coin
