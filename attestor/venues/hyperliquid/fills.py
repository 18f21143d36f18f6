"""
Fills as `userFillsByTime` has them, as fills of a statement (docs/explanation/attestation.md 2.7).

`fee` contains `builderFee`; a fill of a liquidation says whose it is, and the counterparty's says
so too. What no recording shows is refused by its name.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from algebra.errors import Malformed
from attestor.collect.item import Item, exact
from attestor.statement import MONEY_PLACES, Fill, Source, bad_line
from attestor.venues.hyperliquid.merged import Row

NAMES = frozenset(
    "coin px sz side time startPosition dir closedPnl hash oid crossed fee".split()
)  # of 2023 on
OPTIONAL = frozenset("tid feeToken builderFee liquidation cloid twapId".split())
ALL = NAMES | OPTIONAL
DIRS = frozenset(
    ("Open Long", "Open Short", "Close Long", "Close Short", "Long > Short", "Short > Long")
)


def identity(row: Row) -> tuple[Any, ...] | None:
    """The side of a trade; None where the venue numbers none, as in 2023."""
    tid = row.get("tid")
    return (row.get("coin"), tid, row.get("side")) if tid else None


def read_fill(
    row: Row, source: Source, account: str, address: str, perpetuals: Collection[str]
) -> Fill:
    """
    A fill of an account, without its place among the others (`sequence` is 0).

    Parameters
    ----------
    account, address : its name here, and what the venue calls it
    perpetuals : coins of the venue's own perpetuals

    Raises
    ------
    Malformed
        `malformed.statement`: a name that is missing or new, a number or word that is none, another
        instrument than a perpetual, another fee token than USDC, a `dir` that no recording shows or
        that side and start position contradict.
    """
    if not NAMES <= row.keys() <= ALL:
        Item(row, source).only(NAMES, OPTIONAL)
    coin, way = row["coin"], row["dir"]
    if coin not in perpetuals:
        raise _strange_coin(coin, source)
    if row.get("feeToken", "USDC") != "USDC":
        raise bad_line(source, f"feeToken: {str(row['feeToken'])[:20]!a}, USDC wanted")
    size, start = exact(row["sz"], source, "sz"), exact(row["startPosition"], source, "start")
    price = exact(row["px"], source, "px")
    if size <= 0 or price <= 0:
        raise bad_line(source, "px, sz: must be above 0")
    if row["side"] == "A":
        size = -size
    elif row["side"] != "B":
        raise bad_line(source, f"side: {str(row['side'])[:20]!a} is neither B nor A")
    if way != expected_dir(start, size):
        raise _strange_dir(way, expected_dir(start, size), source)
    time, tid, order = row["time"], row.get("tid", 0), row["oid"]
    if not (type(time) is type(tid) is type(order) is int and 0 <= time < 1 << 47 and tid >= 0):
        raise bad_line(source, "time, tid, oid: not whole numbers")
    if type(row["crossed"]) is not bool:
        raise bad_line(source, "crossed: neither true nor false")
    if row.get("builderFee") is not None:
        exact(row["builderFee"], source, "builderFee")  # it is in the fee already
    liquidated, mark = False, None
    if row.get("liquidation") is not None:
        liquidated, mark = _liquidation(Item(row, source).child("liquidation"), address)
    return Fill(
        source,
        time * 1_000,
        0,
        account,
        coin,
        size,
        price,
        exact(row["fee"], source, "fee", MONEY_PLACES),
        not row["crossed"],
        liquidated,
        str(tid) if tid else None,
        start,
        exact(row["closedPnl"], source, "closedPnl", MONEY_PLACES),
        str(order),
        False,
        mark,
    )


def expected_dir(start: int, size: int) -> str:
    """How the venue calls a fill of a signed size that finds a position."""
    long, after = size > 0, start + size
    if start == 0 or (start > 0) == long:
        return "Open Long" if long else "Open Short"
    if after == 0 or (after > 0) == (start > 0):
        return "Close Short" if long else "Close Long"
    return "Short > Long" if long else "Long > Short"


def _strange_coin(coin: Any, source: Source) -> Malformed:
    name = str(coin)[:40]
    if name.startswith("@") or "/" in name:
        reason = "is a spot pair"
    elif name.startswith("#"):
        reason = "is an outcome"
    elif ":" in name:
        reason = "is of another exchange on the venue, with its own collateral"
    else:
        reason = "is no perpetual of the venue"
    return bad_line(source, f"coin: {name!a} {reason}; only its own perpetuals are read")


def _strange_dir(way: Any, expected: str, source: Source) -> Malformed:
    found = str(way)[:40]
    if found in DIRS:
        return bad_line(source, f"dir: {found!a}, but side and startPosition make it {expected!a}")
    return bad_line(source, f"dir: {found!a} is none that a recording shows")


def _liquidation(part: Item, address: str) -> tuple[bool, int]:
    """Whether it is the account's own, and the venue's mark price then."""
    part.only(("liquidatedUser", "markPx", "method"))
    method = part.text("method")
    if method != "market":
        raise part.error("method", f"{method[:20]!a} is none that a recording shows")
    return part.wallet("liquidatedUser") == address, part.positive("markPx")
