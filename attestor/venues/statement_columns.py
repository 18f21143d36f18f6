"""
Columns and kinds of `statement.csv`, the project's own statement format
(docs/explanation/attestation.md 2.2).

One line an event, in the order of time, every cell present, unused cells empty:

    time,sequence,kind,wallet,instrument,side,size,price,fee,liquidity,id,amount,delta,start_position,closed_pnl

    kind         uses
    opening      wallet, amount (cash balance at the window's first instant)
    position     wallet, instrument, side, size, price (average entry); amount: what is set aside
                 for it alone, if anything is
    isolated     wallet, instrument, amount: what is set aside for a position alone, in all, from
                 now on
    mark         instrument, price, delta (options only)
    fill         wallet, instrument, side (buy, sell), size, price, fee, liquidity (maker, taker),
                 id (trade id, may be empty), start_position and closed_pnl (the venue's own
                 figures, may be empty)
    liquidation  as fill: each execution of a liquidation
    delivery, expiry, exercise, assignment, deleveraging, takeover
                 wallet, instrument, side, size, price (may be 0); fee, id, start_position and
                 closed_pnl (may be empty): nobody traded; a takeover is a liquidation
    transfer     wallet, amount, id (transaction, may be empty)
    carry        wallet, amount: funding, interest, fees outside fills; id (payment, may be empty)
    socialised   as carry: a share in a loss of the venue
    reward       wallet, amount, id (programme)
    vote         wallet, id (proposal)
    trade        instrument, size, price: a trade of others, told to all; id (may be empty)
    closing      wallet, amount: the cash that the venue states, all of this instant included
    holding      wallet, instrument, side, size: a position that it states with the closing before
    value        wallet, amount: the account's value that it states, at the marks

A transfer, carry or reward in a coin names it as instrument and its index price as price; the
amount is in the coin then. A sub-account is `wallet/number`. Four more columns may be left out:
`order`, the order that a fill or liquidation fills; `volatility`, a year, of an option's mark;
`mark`, the mark price that the venue gives with a fill or liquidation; and `index`, the price of
the coin at which an execution of an inverse contract pays: such a line needs it, its size is the
face in dollars, its fee and closed_pnl are coins.

`sequence` counts the lines upwards, over all pages (`attestor.venues.line_order`).
"""

from __future__ import annotations

from attestor.statement import Source, bad_line
from attestor.venues.csv_file import check_name

COLUMNS = (
    "time",
    "sequence",
    "kind",
    "wallet",
    "instrument",
    "side",
    "size",
    "price",
    "fee",
    "liquidity",
    "id",
    "amount",
    "delta",
    "start_position",
    "closed_pnl",
)
OPTIONAL = ("order", "volatility", "mark", "index")
"""Columns that a file may leave out."""
BOOKED = ("delivery", "expiry", "exercise", "assignment", "deleveraging", "takeover")
"""Executions that nobody traded."""
USES: dict[str, frozenset[str]] = {
    "opening": frozenset({"wallet", "amount"}),
    "position": frozenset({"wallet", "instrument", "side", "size", "price"}),
    "isolated": frozenset({"wallet", "instrument", "amount"}),
    "mark": frozenset({"instrument", "price"}),
    "fill": frozenset({"wallet", "instrument", "side", "size", "price", "fee", "liquidity"}),
    "liquidation": frozenset({"wallet", "instrument", "side", "size", "price", "fee", "liquidity"}),
    **dict.fromkeys(BOOKED, frozenset({"wallet", "instrument", "side", "size", "price"})),
    "transfer": frozenset({"wallet", "amount"}),
    "carry": frozenset({"wallet", "amount"}),
    "socialised": frozenset({"wallet", "amount"}),
    "reward": frozenset({"wallet", "amount", "id"}),
    "vote": frozenset({"wallet", "id"}),
    "trade": frozenset({"instrument", "size", "price"}),
    "closing": frozenset({"wallet", "amount"}),
    "holding": frozenset({"wallet", "instrument", "side", "size"}),
    "value": frozenset({"wallet", "amount"}),
}
"""Cells that a kind must fill, beside time, sequence and kind."""
MAY_USE: dict[str, frozenset[str]] = {
    "position": frozenset({"amount"}),
    "mark": frozenset({"delta", "volatility"}),
    "fill": frozenset({"id", "start_position", "closed_pnl", "order", "mark", "index"}),
    "liquidation": frozenset({"id", "start_position", "closed_pnl", "order", "mark", "index"}),
    **dict.fromkeys(BOOKED, frozenset({"fee", "id", "start_position", "closed_pnl", "index"})),
    "transfer": frozenset({"id", "instrument", "price"}),
    "carry": frozenset({"id", "instrument", "price"}),
    "socialised": frozenset({"id", "instrument", "price"}),
    "reward": frozenset({"instrument", "price"}),
    "trade": frozenset({"id"}),
}
"""Cells that it may leave empty."""


def check_cells(row: dict[str, str], source: Source) -> None:
    """Refuse a line that lacks a cell of its kind or has one of another (`malformed.statement`)."""
    kind = row["kind"]
    if kind not in USES:
        raise bad_line(source, f"kind: unknown: {kind[:40]!a}")
    for column in (*COLUMNS[3:], *OPTIONAL):
        wanted, allowed = column in USES[kind], column in MAY_USE.get(kind, frozenset())
        if wanted and not row[column]:
            raise bad_line(source, f"{column}: empty, a {kind} needs it")
        if row[column] and not wanted and not allowed:
            raise bad_line(source, f"{column}: a {kind} has none")
    for column in ("id", "order"):
        if row[column]:
            check_name(row[column], source, column)
