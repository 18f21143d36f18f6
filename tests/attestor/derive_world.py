"""
A made-up account of Derive, as the venue would answer about it.

The desk keeps the venue's own book: cash that moves with every premium, average prices in
fractions, a value at the marks. Nothing of the attestor's books is used, so that what they rebuild
is compared with something else.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

from attestor_world import key

from attestor.collect.folder import COLLECTED
from attestor.collect.writer import Collecting
from history.dates import day_number

WALLET, STRANGER = key("derive desk").address.lower(), "0x" + "b2" * 20
FIRST_DAY, LAST_DAY = day_number("2026-08-01"), day_number("2026-08-04")
HOUR = 3_600_000
PERP = "ETH-PERP"
CALL, PUT, LATER = "ETH-20260802-3100-C", "ETH-20260802-2900-P", "ETH-20260828-3200-C"
DESK, HEDGE, SHORT, OTHER = 42, 77, 88, 9
"""Sub-accounts: the first three are the wallet's."""
PAGE = 4
"""Rows of a page, so that there are several."""


def at(day: str, hour: int = 0, minute: int = 0) -> int:
    """Milliseconds of an instant."""
    return day_number(f"2026-{day}") * 24 * HOUR + hour * HOUR + minute * 60_000


END = at("08-05", 0, 20)
"""When the histories came."""


def spot(time: int) -> Fraction:
    """The index of ether."""
    if time < at("08-02"):
        return Fraction(3000)
    if time < at("08-03", 12):
        return Fraction(3150)
    return Fraction(3400) if time < at("08-03", 15) else Fraction(3250)


def mark(name: str, time: int) -> Fraction:
    """A mark: what an option is worth now and a little for every day left."""
    if name == "ETH":
        return spot(time)
    if name == PERP:
        return spot(time) + 1
    _, _, strike, right = name.split("-")
    apart = (spot(time) - int(strike)) * (1 if right == "C" else -1)
    left = expiry(name) - time
    return max(Fraction(0), apart) + Fraction(left // HOUR, 2)


def expiry(name: str) -> int:
    """Milliseconds."""
    day = name.split("-")[1]
    return at(f"{day[4:6]}-{day[6:]}", 8)


def text(number: Fraction | int, places: int = 18) -> str:
    """A decimal, rounded towards zero."""
    scaled = abs(Fraction(number)) * 10**places
    whole, rest = divmod(int(scaled), 10**places)
    out = f"{whole}.{rest:0{places}}".rstrip("0").rstrip(".")
    return f"-{out}" if number < 0 and out != "0" else out


@dataclass
class Held:
    """A position and its average price, without fees."""

    amount: Fraction = Fraction(0)
    average: Fraction = Fraction(0)

    def trade(self, size: Fraction, price: Fraction) -> Fraction:
        """What the trade realises."""
        made = Fraction(0)
        if self.amount * size < 0:
            closed = min(abs(size), abs(self.amount))
            sign = 1 if self.amount > 0 else -1
            made = closed * sign * (price - self.average)
            if abs(size) > abs(self.amount):
                self.average = price
        elif size:
            whole = self.amount * self.average + size * price
            self.average = whole / (self.amount + size)
        self.amount += size
        return made


@dataclass
class SubAccount:
    """The venue's book of one."""

    cash: Fraction = Fraction(0)
    held: dict[str, Held] = field(default_factory=lambda: defaultdict(Held))
    coins: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    pending_funding: Fraction = Fraction(0)
    pending_interest: Fraction = Fraction(0)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def value(self, time: int) -> Fraction:
        """At the marks, with what is pending."""
        out = self.cash + self.pending_funding + self.pending_interest
        out += sum(amount * spot(time) for amount in self.coins.values())
        for name, held in self.held.items():
            base = held.average if name == PERP else 0
            out += held.amount * (mark(name, time) - base)
        return out


class Desk:
    """All sub-accounts, and the requests that a collector would make."""

    def __init__(self) -> None:
        self.accounts: dict[int, SubAccount] = defaultdict(SubAccount)
        self.owners = {DESK: WALLET, HEDGE: WALLET, SHORT: WALLET, OTHER: STRANGER}
        self.asked: list[tuple[str, dict[str, Any], Any, int]] = []
        self._ids = 0

    def _id(self, what: str) -> str:
        self._ids += 1
        return f"{what}-{self._ids:04}"

    # -- what happens ----------------------------------------------------------------------------
    def trade(
        self,
        number: int,
        time: int,
        name: str,
        size: int | Fraction,
        *,
        fee: str = "0.5",
        price: Fraction | None = None,
        order: str | None = None,
        transfer: bool = False,
    ) -> None:
        account, size = self.accounts[number], Fraction(size)
        price = mark(name, time) if price is None else price
        made = account.held[name].trade(size, price)
        account.cash += (made if name == PERP else -size * price) - Fraction(fee)
        account.rows["private/get_trade_history"].append(
            {
                "direction": "buy" if size > 0 else "sell",
                "expected_rebate": "0.01",
                "extra_fee": "0",
                "index_price": text(spot(time)),
                "instrument_name": name,
                "is_transfer": transfer,
                "label": "",
                "liquidity_role": "taker",
                "mark_price": text(mark(name, time)),
                "order_id": order or self._id("order"),
                "quote_id": None,
                "realized_pnl": text(made - Fraction(fee)),
                "realized_pnl_excl_fees": text(made),
                "rfq_id": None,
                "subaccount_id": number,
                "timestamp": time,
                "trade_amount": text(abs(size)),
                "trade_fee": fee,
                "trade_id": self._id("trade"),
                "trade_price": text(price),
                "transaction_id": self._id("transaction"),
                "tx_hash": self._id("0x"),
                "tx_status": "settled",
                "wallet": self.owners[number],
            }
        )

    def move(self, number: int, time: int, amount: int, asset: str = "USDC") -> None:
        """A deposit, or a withdrawal below 0."""
        self._credit(number, Fraction(amount), asset)
        kind = "deposit" if amount > 0 else "withdrawal"
        row = {
            "amount": text(abs(amount)),
            "asset": asset,
            "error_log": None,
            "timestamp": time,
            "tx_hash": self._id("0x"),
            "tx_status": "settled",
        }
        if amount > 0:
            row["transaction_id"] = self._id("transaction")
        self.accounts[number].rows[f"private/get_{kind}_history"].append(row)

    def _credit(self, number: int, amount: Fraction, asset: str) -> None:
        account = self.accounts[number]
        if asset == "USDC":
            account.cash += amount
        else:
            account.coins[asset] += amount

    def between(self, giver: int, taker: int, time: int, amount: int, asset: str) -> None:
        """A transfer from one sub-account to another."""
        transaction = self._id("0x")
        for number, other, sign in ((giver, taker, -1), (taker, giver, 1)):
            self._credit(number, Fraction(sign * amount), asset)
            self.accounts[number].rows["private/get_erc20_transfer_history"].append(
                {
                    "amount": text(amount),
                    "asset": asset,
                    "counterparty_subaccount_id": other,
                    "is_outgoing": sign < 0,
                    "subaccount_id": number,
                    "timestamp": time,
                    "tx_hash": transaction,
                }
            )

    def fund(self, number: int, time: int, amount: str) -> None:
        account = self.accounts[number]
        account.cash += Fraction(amount)
        account.rows["private/get_funding_history"].append(
            {
                "funding": amount,
                "instrument_name": PERP,
                "pnl": "12.5",
                "subaccount_id": number,
                "timestamp": time,
            }
        )

    def interest(self, number: int, time: int, amount: str) -> None:
        account = self.accounts[number]
        account.cash += Fraction(amount)
        account.rows["private/get_interest_history"].append(
            {"interest": amount, "subaccount_id": number, "timestamp": time}
        )

    def settle(self, name: str, price: int) -> None:
        """What every sub-account has of an option, at its expiry."""
        _, _, strike, right = name.split("-")
        worth = max(Fraction(0), (price - Fraction(strike)) * (1 if right == "C" else -1))
        for number, account in self.accounts.items():
            held = account.held[name]
            amount, average = held.amount, held.average
            if not amount:
                continue
            held.trade(-amount, worth)
            account.cash += amount * worth
            account.rows["private/get_option_settlement_history"].append(
                {
                    "amount": text(amount),
                    "expiry": expiry(name) // 1000,
                    "instrument_name": name,
                    "option_settlement_pnl": text(amount * (worth - average)),
                    "option_settlement_pnl_excl_fees": text(amount * (worth - average)),
                    "settlement_price": text(price),
                    "subaccount_id": number,
                }
            )

    def liquidate(self, number: int, time: int, share: Fraction, discount: int, fee: int) -> None:
        """An auction that sells a share of everything, below its value at the marks."""
        account = self.accounts[number]
        begun = time - 60_000
        account.cash -= fee
        worth = share * account.value(time)
        amounts, made = {}, {}
        for name, held in account.held.items():
            size = held.amount * share
            if size:
                amounts[name] = text(size)
                made[name] = held.trade(-size, mark(name, time))
                account.cash += made[name] if name == PERP else size * mark(name, time)
        account.cash -= discount
        account.rows["private/get_liquidation_history"].append(
            {
                "auction_id": self._id("auction"),
                "auction_type": "solvent",
                "bids": [
                    {
                        "amounts_liquidated": {**amounts, "USDC": text(share * account.cash)},
                        "cash_received": text(worth - discount),
                        "discount_pnl": text(-discount),
                        "percent_liquidated": text(share),
                        "positions_realized_pnl": {n: text(each) for n, each in made.items()},
                        "positions_realized_pnl_excl_fees": {
                            n: text(each) for n, each in made.items()
                        },
                        "realized_pnl": text(sum(made.values(), Fraction(0))),
                        "realized_pnl_excl_fees": text(sum(made.values(), Fraction(0))),
                        "timestamp": time,
                        "tx_hash": self._id("0x"),
                    }
                ],
                "end_timestamp": time,
                "fee": text(fee),
                "start_timestamp": begun,
                "subaccount_id": number,
                "tx_hash": self._id("0x"),
            }
        )

    # -- what the venue says -----------------------------------------------------------------------
    def ask(self, method: str, params: dict[str, Any], result: Any, time: int = END) -> None:
        self.asked.append((method, params, result, time))

    def snapshot(self, time: int) -> None:
        """What every sub-account holds."""
        for number, account in self.accounts.items():
            positions = [
                {
                    "amount": text(held.amount),
                    "index_price": text(spot(time)),
                    "instrument_name": name,
                    "mark_price": text(mark(name, time)),
                    "pending_funding": text(account.pending_funding if name == PERP else 0),
                    "average_price": text(held.average),
                }
                for name, held in account.held.items()
                if held.amount
            ]
            collaterals = [
                {
                    "amount": text(amount),
                    "asset_name": name,
                    "asset_type": "erc20",
                    "mark_price": text(1 if name == "USDC" else spot(time)),
                    "pending_interest": text(account.pending_interest if name == "USDC" else 0),
                }
                for name, amount in (("USDC", account.cash), *account.coins.items())
            ]
            result = {
                "collaterals": collaterals,
                "is_under_liquidation": False,
                "margin_type": "SM",
                "positions": positions,
                "subaccount_id": number,
                "subaccount_value": text(account.value(time), 30),
            }
            self.ask("private/get_subaccount", {"subaccount_id": number}, result, time)

    def worth(self, time: int) -> None:
        """A row of the value history of every sub-account."""
        for account in self.accounts.values():
            account.rows["values"].append(
                {
                    "currency": "",
                    "delayed_maintenance_margin": "0",
                    "initial_margin": "0",
                    "maintenance_margin": "0",
                    "margin_type": "SM",
                    "subaccount_value": text(account.value(time)),
                    "timestamp": time // 1000,
                }
            )

    def tickers(self, time: int, *names: str) -> None:
        """Of the perpetual, or of options of one expiry."""
        found = {}
        for name in names:
            ticker = {key: "0" for key in ("A", "B", "a", "b", "maxp", "minp")}
            ticker |= {"I": text(spot(time)), "M": text(mark(name, time)), "stats": {}, "t": time}
            ticker["f"] = "0.00001" if name == PERP else None
            ticker["option_pricing"] = None
            if name != PERP:
                delta = "0.45" if name.endswith("C") else "-0.3"
                ticker["option_pricing"] = {"d": delta, "i": "0.65"}
            found[name] = ticker
        params: dict[str, Any] = {"instrument_type": "perp" if names == (PERP,) else "option"}
        if names != (PERP,):
            params |= {"currency": "ETH", "expiry_date": names[0].split("-")[1]}
        self.ask("public/get_tickers", params, {"tickers": found}, time)

    def requests(self) -> list[tuple[str, dict[str, Any], Any, int]]:
        """All that is asked, with its answers, in order."""
        out = list(self.asked)
        for wallet in (WALLET, STRANGER):
            ids = [number for number, owner in self.owners.items() if owner == wallet]
            result = {"subaccount_ids": ids, "wallet": wallet}
            out.append(("private/get_subaccounts", {"wallet": wallet}, result, END))
        for number, account in self.accounts.items():
            out += self._histories(number, account)
        return out

    def _histories(
        self, number: int, account: SubAccount
    ) -> list[tuple[str, dict[str, Any], Any, int]]:
        out = []
        for method, (name, first, last) in {
            "private/get_trade_history": ("trades", "from_timestamp", "to_timestamp"),
            "private/get_funding_history": ("events", "start_timestamp", "end_timestamp"),
        }.items():
            rows = account.rows[method][::-1]
            pages = max(1, -(-len(rows) // PAGE))
            for page in range(pages):
                result: dict[str, Any] = {
                    name: rows[page * PAGE : (page + 1) * PAGE],
                    "pagination": {"count": len(rows), "num_pages": pages},
                }
                if name == "trades":
                    result["subaccount_id"] = number
                params = {"subaccount_id": number, first: 0, last: END}
                out.append((method, params | {"page": page + 1, "page_size": PAGE}, result, END))
        for kind in ("interest", "deposit", "withdrawal", "erc20_transfer", "liquidation"):
            method = f"private/get_{kind}_history"
            rows = account.rows[method][::-1]
            params = {"subaccount_id": number, "start_timestamp": 0, "end_timestamp": END}
            out.append((method, params, rows if kind == "liquidation" else {"events": rows}, END))
        method = "private/get_option_settlement_history"
        out.append((method, {"subaccount_id": number}, {"settlements": account.rows[method]}, END))
        params = {"subaccount_id": number, "period": 3600, "start_timestamp": 0}
        params["end_timestamp"] = END // 1000
        result = {"subaccount_id": number, "subaccount_value_history": account.rows["values"]}
        out.append(("private/get_subaccount_value_history", params, result, END))
        return out

    def write(self, folder: Path) -> None:
        """The folder as a collector leaves it."""
        writer = Collecting(folder, "derive", FIRST_DAY, LAST_DAY, [WALLET, STRANGER])
        for number, (method, params, result, time) in enumerate(self.requests(), start=1):
            body = json.dumps({"id": number, "result": result}).encode()
            request = {"id": number, "method": method, "params": params}
            writer.keep(request, body, time * 1000)
        owned: dict[str, list[str]] = {WALLET: [], STRANGER: []}
        for number, wallet in self.owners.items():
            owned[wallet].append(str(number))
        writer.finish(owned)


def desk() -> Desk:
    """The whole history of the tests."""
    out = Desk()
    for number, cash in ((DESK, 100_000), (HEDGE, 50_000), (SHORT, 3_000), (OTHER, 10_000)):
        out.move(number, at("07-30", 10), cash)
    out.move(DESK, at("07-30", 12), 5, "ETH")
    out.trade(DESK, at("07-31", 9), PERP, 10, fee="3")
    steps: list[tuple[int, Callable[[int], None]]] = [
        (at("08-01", 9), lambda t: out.trade(DESK, t, CALL, -4, fee="1.2")),
        (at("08-01", 9, 1), lambda t: out.trade(DESK, t, PUT, 6)),
        (at("08-01", 10), lambda t: out.trade(HEDGE, t, PERP, -2, order="twice")),
        (at("08-01", 10), lambda t: out.trade(HEDGE, t, PERP, -1, order="twice")),
        (at("08-01", 15), lambda t: out.between(DESK, HEDGE, t, 1_000, "USDC")),
        (at("08-01", 16), lambda t: out.between(DESK, HEDGE, t, 1, "ETH")),
        (at("08-02", 3), lambda t: out.trade(SHORT, t, PERP, -8)),
        (at("08-02", 8), lambda t: out.settle(CALL, 3_150)),
        (at("08-02", 8), lambda t: out.settle(PUT, 3_150)),
        (at("08-02", 11), lambda t: out.trade(DESK, t, PERP, -1, fee="0", transfer=True)),
        (at("08-02", 11), lambda t: out.trade(HEDGE, t, PERP, 1, fee="0", transfer=True)),
        (at("08-02", 12), lambda t: out.trade(DESK, t, PERP, -3)),
        (at("08-02", 13), lambda t: out.trade(OTHER, t, PERP, 1)),
        (at("08-03", 10), lambda t: out.trade(HEDGE, t, LATER, 5)),
        (
            at("08-03", 13),
            lambda t: out.liquidate(SHORT, t, Fraction(1, 2), discount=40, fee=10),
        ),
        (at("08-04", 9), lambda t: out.move(DESK, t, -500)),
        (at("08-03", 20), lambda t: out.trade(HEDGE, t, LATER, 2)),
        (at("08-04", 10), lambda t: out.trade(HEDGE, t, LATER, Fraction(-5, 4), fee="0.1")),
        (at("08-05", 0, 5), lambda t: out.fund(DESK, t, "0.25")),
        (at("08-05", 0, 6), lambda t: out.trade(DESK, t, PERP, 1)),
    ]
    for day in ("08-01", "08-02", "08-03", "08-04"):
        steps.append((at(day, 16, 1), lambda t: out.fund(DESK, t, "-1.5")))
        steps.append((at(day, 16, 1), lambda t: out.fund(HEDGE, t, "0.375")))
        steps.append((at(day, 17), lambda t: out.interest(DESK, t, "2.125")))
        steps.append((at(day, 18), lambda t: out.worth(t)))
    for day in ("07-31", "08-01", "08-02", "08-03", "08-04"):
        for hour in (0, 6, 12, 18):
            steps.append((at(day, hour), lambda t: out.tickers(t, PERP)))
            if at(day, hour) < expiry(CALL):
                steps.append((at(day, hour), lambda t: out.tickers(t, CALL, PUT)))
            steps.append((at(day, hour), lambda t: out.tickers(t, LATER)))
    steps.append((at("08-03", 23, 30), out.snapshot))
    steps.append((at("08-05", 0, 10), lambda t: _last(out, t)))
    for time, step in sorted(steps, key=lambda each: each[0]):
        step(time)
    hours = range(at("07-30"), at("08-05", 1), HOUR)
    rows = [{"price": text(spot(t)), "timestamp": t // 1000} for t in hours]
    params = {"currency": "ETH", "period": 3600, "start_timestamp": 0, "end_timestamp": END // 1000}
    out.ask("public/get_spot_feed_history", params, {"currency": "ETH", "spot_feed_history": rows})
    return out


def _last(out: Desk, time: int) -> None:
    out.accounts[DESK].pending_interest = Fraction("0.0625")
    out.accounts[DESK].pending_funding = Fraction("-0.125")
    out.snapshot(time)


# -- changes ---------------------------------------------------------------------------------------
def rewrite(
    folder: Path, method: str, number: int | None, change: Callable[[Any, dict[str, Any]], None]
) -> None:
    """
    Change every answer to a method about a sub-account, and its digest on the list; `change` gets
    the result and the parameters.
    """
    listed = json.loads((folder / COLLECTED).read_bytes())
    for each in listed["answers"]:
        request: Mapping[str, Any] = each["request"]
        if request["method"] != method:
            continue
        if number is not None and request["params"].get("subaccount_id") != number:
            continue
        path = folder / each["file"]
        body = json.loads(path.read_bytes())
        change(body["result"], each["request"]["params"])
        path.write_bytes(json.dumps(body).encode())
        each["sha256"] = sha256(path.read_bytes()).hexdigest()
    (folder / COLLECTED).write_text(json.dumps(listed))


def drop(folder: Path, unwanted: Callable[[Mapping[str, Any]], bool]) -> None:
    """Take answers off the list, and number the others anew."""
    listed = json.loads((folder / COLLECTED).read_bytes())
    kept = [each for each in listed["answers"] if not unwanted(each["request"])]
    bodies = [(folder / each["file"]).read_bytes() for each in kept]
    for each in listed["answers"]:
        (folder / each["file"]).unlink()
    for index, (each, body) in enumerate(zip(kept, bodies, strict=True), start=1):
        each["file"] = f"answers/{index:06}.json"
        (folder / each["file"]).write_bytes(body)
    listed["answers"] = kept
    (folder / COLLECTED).write_text(json.dumps(listed))
