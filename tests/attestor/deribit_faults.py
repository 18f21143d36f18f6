"""What may be wrong with Deribit's answers: each fault changes the story's, and is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from deribit_story import CALL, LINEAR, PERPETUAL, PUT
from deribit_world import SUB, WALLET, Folder

LOG, TRADES = "private/get_transaction_log", "private/get_user_trades_by_currency_and_time"
POSITIONS, TICKER = "private/get_positions", "public/ticker"
Line = dict[str, Any]


class Fault(NamedTuple):
    """How the answers are changed, and what the refusal says."""

    change: Callable[[Folder], None]
    reason: str
    pages: int = 250


def lines(found: Folder, currency: str = "BTC", account: str = WALLET) -> list[Line]:
    """The lines of a log on its only page, newest first: the list itself."""
    (body,) = found.of(LOG, account=account, currency=currency)
    listed: list[Line] = body["result"]["logs"]
    return listed


def line(found: Folder, kind: str, currency: str = "BTC", **more: Any) -> Line:
    """The first line of a kind, or the last where `number` is -1."""
    number, account = more.pop("number", 0), more.pop("account", WALLET)
    fit = [
        each
        for each in reversed(lines(found, currency, account))
        if each["type"] == kind and all(each.get(name) == more[name] for name in more)
    ]
    return fit[number]


def trades(found: Folder, currency: str = "BTC") -> list[Line]:
    (body,) = found.of(TRADES, account=WALLET, currency=currency)
    listed: list[Line] = body["result"]["trades"]
    return listed


def without(kind: str, currency: str = "BTC", **more: Any) -> Callable[[Folder], None]:
    """A line is missing."""

    def change(found: Folder) -> None:
        lines(found, currency).remove(line(found, kind, currency, **more))

    return change


def with_cell(
    kind: str, name: str, value: Any, currency: str = "BTC", **more: Any
) -> Callable[[Folder], None]:
    """A cell of a line is another; a function is given the old one."""

    def change(found: Folder) -> None:
        cells = line(found, kind, currency, **more)
        cells[name] = value(cells[name]) if callable(value) else value

    return change


def with_trade(name: str, value: Any) -> Callable[[Folder], None]:
    def change(found: Folder) -> None:
        trades(found)[-1][name] = value

    return change


def hidden(kind: str, **more: Any) -> Callable[[Folder], None]:
    """A line is missing, and all later numbers and balances say that there was none."""

    def change(found: Folder) -> None:
        gone = line(found, kind, **more)
        for currency in ("BTC", "ETH", "USDC"):
            for each in lines(found, currency):
                if each["user_seq"] > gone["user_seq"]:
                    each["user_seq"] -= 1
                    if currency == gone["currency"]:
                        each["balance"] = round(each["balance"] - gone["change"], 8)
        lines(found, gone["currency"]).remove(gone)

    return change


def drop_answer(method: str, which: int, **wanted: Any) -> Callable[[Folder], None]:
    def change(found: Folder) -> None:
        fit = [
            pair
            for pair in found.answers
            if pair[0]["method"] == method
            and all((pair[0] | pair[0]["params"]).get(name) == wanted[name] for name in wanted)
        ]
        found.answers.remove(fit[which])

    return change


def drop_trade(found: Folder) -> None:
    trades(found).pop()


def reorder(found: Folder) -> None:
    listed = lines(found)
    listed[3]["user_seq"], listed[4]["user_seq"] = listed[4]["user_seq"], listed[3]["user_seq"]


def line_twice(found: Folder) -> None:
    lines(found).insert(2, lines(found)[2])


def page_again(found: Folder) -> None:
    """A page's line stands on the next page too, with another change."""
    (first, second, *_) = found.of(LOG, account=WALLET, currency="BTC")
    second["result"]["logs"].insert(0, first["result"]["logs"][-1] | {"cashflow": 1})


def page_twice(found: Folder) -> None:
    request, body = found.answers[1]
    found.answers.insert(2, (request | {"note": "again"}, json.loads(json.dumps(body))))


def stray_page(found: Folder) -> None:
    request, body = found.answers[1]
    params = request["params"] | {"continuation": 5}
    found.answers.append((request | {"params": params}, json.loads(json.dumps(body))))


def foreign_currency(found: Folder) -> None:
    request, body = found.answers[0]
    params = request["params"] | {"currency": "EURR"}
    found.answers.append((request | {"params": params}, body))


def strangers_line(found: Folder) -> None:
    line(found, "deposit")["user_id"] = 4711


def strangers_account(found: Folder) -> None:
    request, body = found.answers[0]
    found.answers.append((request | {"account": "0x" + "9" * 40}, body))


def no_sub_account(found: Folder) -> None:
    found.accounts = {WALLET: ()}
    found.answers = [pair for pair in found.answers if pair[0].get("account") != str(SUB)]


def no_index(found: Folder) -> None:
    """No ticker of an inverse contract within the hour before the withdrawal."""
    found.answers = [
        pair
        for pair in found.answers
        if pair[0]["method"] != TICKER or pair[0]["params"]["instrument_name"] != "ETH-PERPETUAL"
    ]


def no_mark(found: Folder) -> None:
    found.answers = [
        pair
        for pair in found.answers
        if pair[0]["method"] != TICKER or pair[0]["params"]["instrument_name"] != LINEAR
    ]


def two_prices(found: Folder) -> None:
    """Two tickers of one instant tell two prices of the coin."""
    bodies = found.of(TICKER, instrument_name=CALL)
    bodies[30]["result"]["index_price"] += 1


def position_moved(found: Folder) -> None:
    line(found, "transfer", account=str(SUB))["info"]["transfer_type"] = "block"


def one_side_gone(found: Folder) -> None:
    gone = line(found, "transfer", number=-1, account=str(SUB))
    lines(found, "BTC", str(SUB)).remove(gone)


def stated_positions(found: Folder) -> None:
    (body,) = found.of(POSITIONS, account=WALLET, currency="BTC")
    body["result"][0]["size"] += 10


def positions_twice(found: Folder) -> None:
    request, body = next(pair for pair in found.answers if pair[0]["method"] == POSITIONS)
    found.answers.append((request | {"note": "again"}, body))


def no_delivery(found: Folder) -> None:
    """The put expired and no line says what became of it; the venue states it no more."""
    gone = [each for each in lines(found) if each["type"] == "delivery"][:3]
    hidden_lines = sorted((each["user_seq"] for each in gone), reverse=True)
    for seq in hidden_lines:
        hidden("delivery", user_seq=seq)(found)


def still_stated(found: Folder) -> None:
    """As `no_delivery`, and the venue's answer was made to agree."""
    no_delivery(found)
    (body,) = found.of(POSITIONS, account=WALLET, currency="BTC")
    body["result"].append({"instrument_name": PUT, "direction": "sell", "size": -1})


def in_cash(found: Folder) -> None:
    """An option of after August 2026 that pays at once."""
    cells = line(found, "delivery", instrument_name=PUT)
    cells["cashflow"] = 0.02


def through_other_strike(found: Folder) -> None:
    line(found, "delivery", instrument_name="BTC-2AUG26")["price"] = 60_500


FAULTS: dict[str, Fault] = {
    "number-missing": Fault(without("trade", number=1), "a line between them is missing"),
    "balance-breaks": Fault(with_cell("deposit", "change", 4.5), "the account's first line"),
    "first-line-missing": Fault(without("deposit"), "the log must begin with the account's first"),
    "change-differs": Fault(
        with_cell("settlement", "change", lambda old: round(old + 1e-7, 8)),
        "a line before it is missing",
    ),
    "last-line-missing": Fault(
        hidden("trade", number=-1), "of BTC-PERPETUAL has no line in the log"
    ),
    "trade-hidden": Fault(hidden("trade", number=1), "has no line in the log"),
    "settlement-hidden": Fault(hidden("settlement", number=2), "is not what the fills"),
    "trade-not-on-pages": Fault(drop_trade, "is on no page of the account's trades"),
    "reordered": Fault(reorder, "a line before it is missing, wrong or out of order"),
    "line-twice": Fault(line_twice, "no overlap explains it"),
    "page-overlaps-otherwise": Fault(page_again, "no overlap explains it", pages=4),
    "page-twice": Fault(page_twice, "the page after the same one", pages=4),
    "page-missing": Fault(
        drop_answer(LOG, 1, account=WALLET, currency="BTC"), "that page is missing", pages=4
    ),
    "first-page-missing": Fault(
        drop_answer(LOG, 0, account=WALLET, currency="BTC"), "first page is missing", pages=4
    ),
    "page-of-another": Fault(stray_page, "no page says that this one follows", pages=4),
    "log-missing": Fault(drop_answer(LOG, 0, currency="ETH"), "in ETH is missing"),
    "foreign-currency": Fault(foreign_currency, "'EURR': only BTC, ETH, USDC"),
    "line-of-another": Fault(strangers_line, "a line of another account"),
    "answer-of-another": Fault(strangers_account, "none that collected.json lists"),
    "sub-account-missing": Fault(no_sub_account, "sub-account 27 is not in collected.json"),
    "no-index": Fault(no_index, "no ticker tells the price of ETH"),
    "no-mark": Fault(no_mark, "no ticker of SOL_USDC-PERPETUAL"),
    "two-prices": Fault(two_prices, "another price of this instant"),
    "fee-in-a-token": Fault(with_trade("fee_currency", "USDT"), "a fee in another currency"),
    "fee-differs": Fault(with_trade("fee", 0.001), "is not that of"),
    "price-differs": Fault(with_trade("price", 59900), "another instant, price or order"),
    "unknown-transfer": Fault(position_moved, "a transfer of kind 'block'"),
    "one-side-gone": Fault(one_side_gone, "the other side of this transfer is not in the log"),
    "swap": Fault(with_cell("deposit", "type", "swap"), "'swap' is refused"),
    "correction": Fault(with_cell("deposit", "type", "correction"), "'correction' is refused"),
    "position-move": Fault(
        with_cell("trade", "type", "position move", number=1), "'position move' is refused"
    ),
    "position-differs": Fault(
        with_cell("trade", "position", 31_000), "BTC-PERPETUAL, the lines before it"
    ),
    "stated-position": Fault(stated_positions, "the venue states"),
    "positions-missing": Fault(
        drop_answer(POSITIONS, 0, account=WALLET, currency="BTC"), "is missing: it shows"
    ),
    "positions-twice": Fault(positions_twice, "request: the same as that of answers/"),
    "cashflow-wrong": Fault(
        with_cell("trade", "cashflow", -0.08, instrument_name=CALL), "is not the amount at the"
    ),
    "premium-elsewhere": Fault(
        with_cell("trade", "price_currency", "USD", instrument_name=CALL), "price is in BTC"
    ),
    "profit-at-once": Fault(with_cell("trade", "profit_as_cashflow", True), "not its commission"),
    "funding-wrong": Fault(
        with_cell("settlement", "total_interest_pl", 0.001), "is not what the fills"
    ),
    "settled-at-another-price": Fault(
        with_cell("settlement", "price", 58_000, number=1), "is not what the fills"
    ),
    "no-delivery": Fault(no_delivery, "the venue states 0, the log makes -1"),
    "no-delivery-stated-open": Fault(still_stated, "at the end of the day on which it expired"),
    "delivered-in-cash": Fault(in_cash, "not in cash"),
    "through-another-strike": Fault(through_other_strike, "no option was delivered into"),
    "delivered-at-another-index": Fault(
        with_cell("delivery", "index_price", 59_000, instrument_name=CALL), "worth at the index"
    ),
    "unknown-name": Fault(with_cell("deposit", "instrument_name", PERPETUAL), "has none"),
    "new-cell": Fault(with_cell("deposit", "rebate", 1), "unknown name"),
    "combination": Fault(
        with_cell("trade", "instrument_name", "BTC-FS-25SEP26_PERP"), "is none of an inverse"
    ),
    "float-nan": Fault(with_cell("deposit", "change", float("nan")), "not JSON"),
    "float-infinite": Fault(with_cell("deposit", "change", float("inf")), "not JSON"),
    "float-artefact": Fault(with_cell("settlement", "balance", lambda old: old + 4e-16), "is not"),
    "float-tiny": Fault(with_cell("deposit", "change", 5.1e-19), "more than 18 decimals"),
    "number-as-true": Fault(with_cell("deposit", "change", True), "not a number"),
}
