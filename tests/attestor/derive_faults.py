"""What can be wrong with the answers of Derive, each with the code and words of its refusal."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from derive_world import CALL, DESK, END, HEDGE, PERP, SHORT, drop, rewrite

TRADES, FUNDING = "private/get_trade_history", "private/get_funding_history"
INTEREST, DEPOSITS = "private/get_interest_history", "private/get_deposit_history"
SETTLEMENTS, TRANSFERS = (
    "private/get_option_settlement_history",
    "private/get_erc20_transfer_history",
)
ACCOUNT, VALUES = "private/get_subaccount", "private/get_subaccount_value_history"
LIQUIDATIONS, INDEX = "private/get_liquidation_history", "public/get_spot_feed_history"
ACCOUNTS, TICKERS = "private/get_subaccounts", "public/get_tickers"

Change = Callable[[Any, dict[str, Any]], None]


class Wrong(NamedTuple):
    """A change of an honest folder, and how it is refused."""

    change: Callable[[Path], None]
    code: str
    words: str


def of(method: str, number: int | None, change: Change) -> Callable[[Path], None]:
    """Every answer to a method about a sub-account, changed."""
    return lambda folder: rewrite(folder, method, number, change)


def without(method: str, **params: Any) -> Callable[[Path], None]:
    """The folder without the answers to a request."""

    def unwanted(request: Mapping[str, Any]) -> bool:
        return request["method"] == method and params.items() <= request["params"].items()

    return lambda folder: drop(folder, unwanted)


def row(name: str, place: int, **cells: Any) -> Change:
    """Other cells in a row of a list, on the first page."""

    def change(result: Any, params: dict[str, Any]) -> None:
        if params.get("page", 1) == 1:
            (result[name] if name else result)[place] |= cells

    return change


def gone(name: str, place: int) -> Change:
    """A row less in a list, on the first page, and in the count."""

    def change(result: Any, params: dict[str, Any]) -> None:
        if params.get("page", 1) == 1:
            del (result[name] if name else result)[place]
        if "pagination" in result:
            result["pagination"]["count"] -= 1

    return change


def again(name: str, place: int) -> Change:
    """A row twice in a list, on the first page, and in the count."""

    def change(result: Any, params: dict[str, Any]) -> None:
        if params.get("page", 1) == 1:
            rows = result[name] if name else result
            rows.append(dict(rows[place]))
        if "pagination" in result:
            result["pagination"]["count"] += 1

    return change


def count(by: int) -> Change:
    """Another count than there are rows."""

    def change(result: Any, params: dict[str, Any]) -> None:
        result["pagination"]["count"] += by

    return change


def positions(**cells: Any) -> Change:
    """Other cells in the first position, or in the sub-account where it has no such cell."""

    def change(result: Any, params: dict[str, Any]) -> None:
        for name, value in cells.items():
            (result["positions"][0] if name in result["positions"][0] else result)[name] = value

    return change


def bid(**cells: Any) -> Change:
    """Other cells in the only bid."""
    return lambda result, params: result[0]["bids"][0].update(cells)


def many(name: str) -> Change:
    """As many rows as the venue gives at most."""

    def change(result: Any, params: dict[str, Any]) -> None:
        result[name] = [result[name][0] | {"timestamp": n} for n in range(1_000)]

    return change


LEDGER, LINE, LIST = "refused.ledger", "malformed.statement", "malformed.collected"
WRONG: dict[str, Wrong] = {
    # -- pages and counts --------------------------------------------------------------------------
    "a count of more rows": Wrong(
        of(TRADES, DESK, count(1)), LINE, "count: 7 rows, the pages have 6"
    ),
    "a count of fewer rows": Wrong(of(FUNDING, HEDGE, count(-1)), LINE, "3 rows, the pages have 4"),
    "counts that differ": Wrong(
        of(TRADES, DESK, lambda r, p: r["pagination"].update(count=p["page"])),
        LINE,
        "another count; collect them again",
    ),
    "a page is missing": Wrong(
        without(TRADES, subaccount_id=DESK, page=2), LIST, "page 2 of 2 is missing"
    ),
    "a page too many": Wrong(
        of(TRADES, DESK, lambda r, p: r["pagination"].update(num_pages=1)), LIST, "page 2 of 1"
    ),
    "a history was not asked for": Wrong(
        without(INTEREST, subaccount_id=DESK), LIST, f"no answer to {INTEREST} of sub-account 42"
    ),
    "a sub-account was not collected": Wrong(
        of(ACCOUNTS, None, lambda r, p: r["subaccount_ids"].append(99)),
        LINE,
        "sub-account 99: not collected",
    ),
    "sub-accounts were not asked for": Wrong(without(ACCOUNTS), LIST, f"no answer to {ACCOUNTS}"),
    "a history that may have been cut": Wrong(
        of(INTEREST, DESK, many("events")), LINE, "1000 rows: it may have been cut"
    ),
    "nothing is stated at the end": Wrong(
        without(ACCOUNT), LIST, f"no answer to {ACCOUNT} of sub-account"
    ),
    "an error for an answer": Wrong(
        of(INTEREST, DESK, lambda r, p: r.clear()), LINE, "events: missing"
    ),
    # -- rows: missing, twice, another's -----------------------------------------------------------
    "a trade is missing": Wrong(
        of(TRADES, DESK, gone("trades", 1)), LEDGER, "states 113876.675, the books have 114177.175"
    ),
    "a trade stands twice": Wrong(
        of(TRADES, DESK, again("trades", 1)), LINE, "trade_id: stands at"
    ),
    "funding is missing": Wrong(
        of(FUNDING, DESK, gone("events", 3)), LEDGER, "subaccount_value: the venue states"
    ),
    "funding stands twice": Wrong(
        of(FUNDING, DESK, again("events", 3)), LINE, "timestamp: stands at"
    ),
    "interest is missing": Wrong(
        of(INTEREST, DESK, gone("events", 1)), LEDGER, "subaccount_value: the venue states"
    ),
    "interest stands twice": Wrong(
        of(INTEREST, DESK, again("events", 1)), LINE, "timestamp: stands at"
    ),
    "a deposit is missing": Wrong(
        of(DEPOSITS, HEDGE, gone("events", 0)), LEDGER, "subaccount_value: the venue states"
    ),
    "a deposit stands twice": Wrong(
        of(DEPOSITS, DESK, again("events", 0)), LINE, "tx_hash: stands at"
    ),
    "a transfer stands at one side": Wrong(
        of(TRANSFERS, HEDGE, gone("events", 0)), LINE, "transfer: the other side"
    ),
    "a moved position stands at one side": Wrong(
        of(TRADES, HEDGE, row("trades", 3, is_transfer=False)), LINE, "trade: the other side"
    ),
    "another sub-account's trade": Wrong(
        of(TRADES, DESK, row("trades", 0, subaccount_id=HEDGE)), LINE, "another than was asked for"
    ),
    "another sub-account's funding": Wrong(
        of(FUNDING, DESK, row("events", 0, subaccount_id=7)), LINE, "another than was asked for"
    ),
    "another sub-account's holdings": Wrong(
        of(ACCOUNT, DESK, lambda r, p: r.update(subaccount_id=HEDGE)),
        LINE,
        "another than was asked",
    ),
    # -- settlements -------------------------------------------------------------------------------
    "an option did not settle": Wrong(
        of(SETTLEMENTS, DESK, gone("settlements", 0)),
        "refused.expired",
        f"{CALL} expired with -4 open and did not settle",
    ),
    "an option settles with another amount": Wrong(
        of(SETTLEMENTS, DESK, row("settlements", 0, amount="-3")),
        LEDGER,
        f"settlement of {CALL}: the venue states -3, the books have -4",
    ),
    "an option settles twice": Wrong(
        of(SETTLEMENTS, DESK, again("settlements", 0)), LINE, "instrument_name: stands at"
    ),
    "another settlement price": Wrong(
        of(SETTLEMENTS, DESK, row("settlements", 0, settlement_price="3151")),
        LEDGER,
        "subaccount_value: the venue states",
    ),
    "an option settles at another time": Wrong(
        of(SETTLEMENTS, DESK, row("settlements", 0, expiry=1785650401)), LINE, "expiry: not that of"
    ),
    "a perpetual settles": Wrong(
        of(SETTLEMENTS, DESK, row("settlements", 0, instrument_name=PERP)), LINE, "does not settle"
    ),
    "a trade after the expiry": Wrong(
        of(TRADES, DESK, row("trades", 0, instrument_name=CALL, timestamp=END - 5_000_000)),
        LINE,
        f"timestamp: {CALL} had expired",
    ),
    # -- cells -------------------------------------------------------------------------------------
    "a fee in another token": Wrong(
        of(TRADES, DESK, row("trades", 0, fee_asset="DRV")), LINE, "'fee_asset': unknown name"
    ),
    "a fee below 0": Wrong(
        of(TRADES, DESK, row("trades", 0, trade_fee="-0.1")), LINE, "trade_fee: below 0"
    ),
    "an extra fee beyond the fee": Wrong(
        of(TRADES, DESK, row("trades", 0, extra_fee="9")), LINE, "trade_fee: below 0, or less than"
    ),
    "a direction of another kind": Wrong(
        of(TRADES, DESK, row("trades", 0, direction="short")), LINE, "direction: 'short' is none of"
    ),
    "a role of another kind": Wrong(
        of(TRADES, DESK, row("trades", 0, liquidity_role="rfq")), LINE, "liquidity_role: 'rfq'"
    ),
    "a trade that is not settled": Wrong(
        of(TRADES, DESK, row("trades", 0, tx_status="reverted")), LINE, "tx_status: not settled but"
    ),
    "a deposit that is not settled": Wrong(
        of(DEPOSITS, DESK, row("events", 0, tx_status="pending")),
        LINE,
        "tx_status: not settled but",
    ),
    "a trade of version 3": Wrong(
        of(TRADES, DESK, row("trades", 0, op_uuid="x", batch_status="Settled")),
        LINE,
        "unknown name",
    ),
    "a trade of coins": Wrong(
        of(TRADES, DESK, row("trades", 0, instrument_name="ETH-USDC")), LINE, "neither a perpetual"
    ),
    "no such day": Wrong(
        of(TRADES, DESK, row("trades", 0, instrument_name="ETH-20260231-3000-C")),
        LINE,
        "neither a perpetual",
    ),
    "no index beside a trade": Wrong(
        of(TRADES, DESK, row("trades", 0, index_price="0")), LINE, "index_price: must be above 0"
    ),
    "no mark beside a trade": Wrong(
        of(TRADES, DESK, row("trades", 0, mark_price=None)), LINE, "mark_price: not a number"
    ),
    "a number in its exponent form": Wrong(
        of(TRADES, DESK, row("trades", 0, trade_price="3e3")), LINE, "not a plain decimal"
    ),
    "more decimals than are kept": Wrong(
        of(TRADES, DESK, row("trades", 0, trade_amount="1.0000000000000000001")),
        LINE,
        "more than 18 decimals",
    ),
    "a price below 0": Wrong(
        of(TRADES, DESK, row("trades", 0, trade_price="-1")), LINE, "trade_price: must be above 0"
    ),
    "an instant in seconds": Wrong(
        of(TRADES, HEDGE, row("trades", 0, timestamp=1785650400)),
        LEDGER,
        "the venue states",
    ),
    "the other sign": Wrong(
        of(TRADES, HEDGE, row("trades", 0, direction="buy")), LEDGER, "the venue states"
    ),
    "funding of an option": Wrong(
        of(FUNDING, DESK, row("events", 0, instrument_name=CALL)), LINE, "an option has no funding"
    ),
    "a coin without an index": Wrong(
        of(DEPOSITS, DESK, row("events", 0, timestamp=1785200000000)),
        LINE,
        "no index price of ETH in the hour before",
    ),
    "another coin without an index": Wrong(
        of(DEPOSITS, DESK, row("events", 0, asset="WSTETH")), LINE, "no index price of WSTETH"
    ),
    "an asset that is no currency": Wrong(
        of(DEPOSITS, DESK, row("events", 0, asset="usdc.e")), LINE, "asset: no currency: 'usdc.e'"
    ),
    # -- what the venue states ---------------------------------------------------------------------
    "another position": Wrong(
        of(ACCOUNT, DESK, positions(amount="6.5")), LEDGER, "states 6.5, the books have 6"
    ),
    "another value": Wrong(
        of(ACCOUNT, DESK, lambda r, p: r.update(subaccount_value="1")), LEDGER, "subaccount_value"
    ),
    "another coin balance": Wrong(
        of(ACCOUNT, DESK, lambda r, p: r["collaterals"][1].update(amount="4.5")),
        LEDGER,
        "position in ETH: the venue states 4.5, the books have 4",
    ),
    "portfolio margin": Wrong(
        of(ACCOUNT, DESK, positions(margin_type="PM2")), "refused.portfolio_margin", "'PM2'"
    ),
    "an auction that goes on": Wrong(
        of(ACCOUNT, DESK, positions(is_under_liquidation=True)), LINE, "the auction is not over"
    ),
    "a USDC below a dollar": Wrong(
        of(ACCOUNT, DESK, lambda r, p: r["collaterals"][0].update(mark_price="0.97")),
        LINE,
        "one USDC is a dollar here",
    ),
    "a position twice": Wrong(
        of(ACCOUNT, DESK, lambda r, p: r["positions"].append(r["positions"][0])),
        LINE,
        f"{PERP} stands twice",
    ),
    "an earlier value that differs": Wrong(
        of(VALUES, DESK, row("subaccount_value_history", 1, subaccount_value="114000")),
        LEDGER,
        "subaccount_value: the venue states 114000, the books have",
    ),
    "a value of portfolio margin": Wrong(
        of(VALUES, DESK, row("subaccount_value_history", 1, margin_type="PM")),
        "refused.portfolio_margin",
        "'PM'",
    ),
    # -- auctions ----------------------------------------------------------------------------------
    "an insolvent auction": Wrong(
        of(LIQUIDATIONS, SHORT, row("", 0, auction_type="insolvent")), LINE, "none of solvent"
    ),
    "an auction without an end": Wrong(
        of(LIQUIDATIONS, SHORT, row("", 0, end_timestamp=None)), LINE, "the auction is not over"
    ),
    "an auction stands twice": Wrong(
        of(LIQUIDATIONS, SHORT, again("", 0)), LINE, "auction_id: stands at"
    ),
    "an auction is missing": Wrong(
        of(LIQUIDATIONS, SHORT, gone("", 0)), LEDGER, "states 1549.5, the books have 2199.5"
    ),
    "a bid that took nothing": Wrong(
        of(LIQUIDATIONS, SHORT, bid(amounts_liquidated={})), LINE, "not one for each of the amounts"
    ),
    "a bid that took coins": Wrong(
        of(LIQUIDATIONS, SHORT, bid(amounts_liquidated={"ETH": "1", PERP: "4"})),
        LINE,
        "neither a perpetual",
    ),
    "a bid that took too much": Wrong(
        of(LIQUIDATIONS, SHORT, bid(amounts_liquidated={PERP: "9"})),
        LEDGER,
        f"liquidated of {PERP}: the venue states 9, the books have 8",
    ),
    "a bid with another discount": Wrong(
        of(LIQUIDATIONS, SHORT, bid(discount_pnl="-30")),
        LEDGER,
        "subaccount_value: the venue states",
    ),
    "a bid whose sum is another": Wrong(
        of(LIQUIDATIONS, SHORT, bid(realized_pnl_excl_fees="0")), LINE, "not the sum of that of"
    ),
    "a bid below a price of 0": Wrong(
        of(
            LIQUIDATIONS,
            SHORT,
            bid(positions_realized_pnl_excl_fees={PERP: "99999"}, realized_pnl_excl_fees="99999"),
        ),
        LINE,
        f"{PERP} below 0",
    ),
    # -- prices ------------------------------------------------------------------------------------
    "an index of another currency": Wrong(
        of(INDEX, None, lambda r, p: r.update(currency="BTC")), LINE, "another than was asked for"
    ),
    "an option's ticker without its delta": Wrong(
        of(TICKERS, None, lambda r, p: _pricing(r, None)), LINE, "an option's ticker has it"
    ),
    "a call's delta below 0": Wrong(
        of(TICKERS, None, lambda r, p: _pricing(r, {"d": "-0.5", "i": "0.5"})),
        LINE,
        "a call's is in",
    ),
    "a volatility of 0": Wrong(
        of(TICKERS, None, lambda r, p: _pricing(r, {"d": "0", "i": "0"})), LINE, "must be above 0"
    ),
    # -- requests ----------------------------------------------------------------------------------
    "a history that begins late": Wrong(
        lambda folder: _asked(folder, INTEREST, start_timestamp=5), LIST, "from 5 ms, from 0 wanted"
    ),
    "a history that ends early": Wrong(
        lambda folder: _asked(folder, INTEREST, end_timestamp=END - 900_000),
        LIST,
        "collect it afterwards",
    ),
    "a request without its span": Wrong(
        lambda folder: _asked(folder, INTEREST, end_timestamp=None), LINE, "no span"
    ),
    "a request of another method": Wrong(
        lambda folder: _method(folder, INTEREST, "private/get_orders"), LIST, "none that is read"
    ),
    "an answer about a stranger": Wrong(
        lambda folder: _asked(folder, VALUES, subaccount_id=5), LINE, "5 is not collected"
    ),
}


def _pricing(result: Any, pricing: Any) -> None:
    for name, ticker in result["tickers"].items():
        if name.endswith("C"):
            ticker["option_pricing"] = pricing


def _asked(folder: Path, method: str, **params: Any) -> None:
    _requests(folder, method, lambda request: request["params"].update(params))


def _method(folder: Path, method: str, other: str) -> None:
    _requests(folder, method, lambda request: request.update(method=other))


def _requests(folder: Path, method: str, change: Callable[[dict[str, Any]], None]) -> None:
    """The first request of a method, as the list has it."""
    path = folder / "collected.json"
    listed = json.loads(path.read_bytes())
    change(next(e["request"] for e in listed["answers"] if e["request"]["method"] == method))
    path.write_text(json.dumps(listed))
