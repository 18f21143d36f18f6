"""
A small Deribit: accounts that trade, are settled and delivered, and the answers that the venue
gives of them, rounded and spelt as it does. Its arithmetic is its own: fractions, by session.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from typing import Any

from attestor.collect.folder import COLLECTED, FORMAT, Answer, Collected, list_document
from history.dates import day_number

WALLET = "0x" + "d" * 40
MAIN, SUB = 7, 27
FIRST, LAST = "2026-07-30", "2026-08-03"
BEGIN = "2026-07-28"
CURRENCIES = ("BTC", "ETH", "USDC")
Number = Fraction | int | str
HOUR_MS = 3_600_000


def ms(day: str, hour: int = 0, minute: int = 0, second: int = 0) -> int:
    """Milliseconds of a moment."""
    moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return int(moment.timestamp() * 1000) + ((hour * 60 + minute) * 60 + second) * 1000


def btc(time: int) -> Fraction:
    """The index of bitcoin: falls by 2 % and comes back."""
    hours = (time - ms(BEGIN)) // HOUR_MS
    return Fraction(60_000 - 40 * min(hours % 60, 60 - hours % 60)) + Fraction(hours % 7, 4)


def sol(time: int) -> Fraction:
    hours = (time - ms(BEGIN)) // HOUR_MS
    return Fraction(150) + Fraction(hours % 11, 10)


def eth(_: int) -> Fraction:
    return Fraction(3_000)


INDEX: dict[str, Callable[[int], Fraction]] = {"BTC": btc, "ETH": eth, "SOL": sol}


def unit(number: Fraction) -> Fraction:
    """To the venue's last unit."""
    exact = Decimal(number.numerator) / Decimal(number.denominator)
    return Fraction(exact.quantize(Decimal("1e-8"), ROUND_HALF_EVEN))


def base_of(name: str) -> str:
    return name.split("-")[0].split("_")[0]


def currency_of(name: str) -> str:
    return "USDC" if "_USDC" in name else base_of(name)


def is_option(name: str) -> bool:
    return name.count("-") == 3


def is_inverse(name: str) -> bool:
    return "_USDC" not in name and not is_option(name)


@dataclass
class Held:
    """A future in its session: what fills brought (exact), and the last settlement's price."""

    size: Fraction = Fraction(0)
    brought: Fraction = Fraction(0)


@dataclass
class Member:
    """One account of the venue."""

    user: int
    lines: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {name: [] for name in CURRENCIES}
    )
    trades: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {name: [] for name in CURRENCIES}
    )
    balance: dict[str, Fraction] = field(
        default_factory=lambda: dict.fromkeys(CURRENCIES, Fraction(0))
    )
    futures: dict[str, Held] = field(default_factory=lambda: defaultdict(Held))
    options: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    seq: int = 6000

    def line(self, time: int, kind: str, currency: str, change: Fraction, **more: Any) -> None:
        """A line of the log, as the venue's book moves."""
        self.seq += 1
        self.balance[currency] += change
        self.lines[currency].append(
            {
                "user_seq": self.seq,
                "user_id": self.user,
                "username": "somebody",
                "id": self.seq * 10 + self.user % 10,
                "type": kind,
                "timestamp": time,
                "currency": currency,
                "change": float(change),
                "balance": float(self.balance[currency]),
                "equity": 0.1,
                "info": None,
                **{name: plain(value) for name, value in more.items()},
            }
        )

    # -- money -------------------------------------------------------------------------------------
    def deposit(self, time: int, currency: str, amount: Number) -> None:
        paid = Fraction(amount)
        info = {"transaction": "redacted", "deposit_type": "wallet"}
        self.line(time, "deposit", currency, paid, cashflow=paid, commission=0, info=info)

    def withdraw(self, time: int, currency: str, amount: Number) -> None:
        paid = -Fraction(amount)
        self.line(time, "withdrawal", currency, paid, cashflow=paid, commission=0)

    def transfer(self, time: int, to: Member, currency: str, amount: Number) -> None:
        moved = Fraction(amount)
        for one, other, change in ((self, to, -moved), (to, self, moved)):
            info = {"transfer_type": "subaccount", "other_user_id": other.user, "other_user": "x"}
            at = time if one is self else time + 3
            one.line(at, "transfer", currency, change, cashflow=change, commission=0, info=info)

    # -- trades ------------------------------------------------------------------------------------
    def trade(
        self,
        time: int,
        name: str,
        size: Number,
        price: Number,
        *,
        fee: Number = 0,
        maker: bool = False,
        liquidation: str | None = None,
        order: str | None = None,
        trade_id: str | None = None,
        fee_balance: bool = False,
    ) -> None:
        """One side of a trade; its lines are two where it turns the position."""
        size, price, fee = Fraction(size), Fraction(price), Fraction(fee)
        currency, before = currency_of(name), self.position(name)
        trade_id = trade_id or f"{currency}-{self.seq}"
        order = order or f"o-{self.seq}"
        side = "buy" if size > 0 else "sell"
        parts = [size]
        if before * size < 0 and abs(size) > abs(before):
            parts = [-before, size + before]
        paid_fee = Fraction(0)
        for part in parts:
            share = fee - paid_fee if part is parts[-1] else unit(fee * part / size)
            paid_fee += share
            closing = self.position(name) * part < 0
            cashflow = Fraction(0)
            self.move(name, part, price)
            if is_option(name):
                cashflow = -part * price
            change = cashflow if fee_balance else cashflow - share
            self.line(
                time,
                "trade",
                currency,
                change,
                cashflow=cashflow,
                commission=share,
                instrument_name=name,
                side=f"{'close' if closing else 'open'} {side}",
                amount=abs(part),
                price=price,
                position=self.position(name),
                order_id=order,
                trade_id=trade_id,
                price_currency=currency if is_option(name) else "USD",
                profit_as_cashflow=False,
                user_role="maker" if maker else "taker",
                interest_pl=0,
            )
        index = INDEX[base_of(name)](time)
        self.trades[currency].append(
            {
                "trade_seq": self.seq,
                "trade_id": trade_id,
                "timestamp": time,
                "state": "filled",
                "price": plain(price),
                "order_id": order,
                "order_type": "limit",
                "mark_price": plain(price),
                "liquidity": "M" if maker else "T",
                "instrument_name": name,
                "index_price": plain(index),
                "fee_currency": currency,
                "fee": plain(fee),
                "direction": side,
                "amount": plain(abs(size)),
                **({} if liquidation is None else {"liquidation": liquidation}),
            }
        )

    def position(self, name: str) -> Fraction:
        return self.options[name] if is_option(name) else self.futures[name].size

    def move(self, name: str, size: Fraction, price: Fraction) -> None:
        if is_option(name):
            self.options[name] += size
            return
        held = self.futures[name]
        held.size += size
        held.brought += size / price if is_inverse(name) else -size * price

    # -- what the venue books ----------------------------------------------------------------------
    def made(self, name: str, price: Fraction) -> Fraction:
        """What a future has made since the last settlement, and start anew at this price."""
        held = self.futures[name]
        worth = held.size / price if is_inverse(name) else -held.size * price
        out = held.brought - worth
        held.brought = worth
        return out

    def settle(self, time: int, name: str, price: Number, funding: Number = 0) -> None:
        """08:00: the session's profit and the funding."""
        price, funding = Fraction(price), Fraction(funding)
        pnl, size = self.made(name, price), self.position(name)
        change = unit(pnl + funding)
        self.line(
            time,
            "settlement",
            currency_of(name),
            change,
            cashflow=change,
            instrument_name=name,
            side="long" if size > 0 else "short" if size < 0 else "-",
            session_upl=unit(pnl),
            session_rpl=unit(funding),
            total_interest_pl=unit(funding),
            interest_pl=unit(funding / 2),
            position=size,
            amount=abs(size),
            price=price if size else None,
            price_currency="USD",
            commission=None,
        )

    def deliver_future(self, time: int, name: str, price: Number, fee: Number = 0) -> None:
        price, fee, size = Fraction(price), Fraction(fee), self.position(name)
        self.move(name, -size, price)
        self._delivered(time, name, -size, unit(self.made(name, price)), fee, price, price)

    def deliver(self, time: int, name: str, index: Number, fee: Number = 0) -> None:
        """An option in cash."""
        index, fee, size = Fraction(index), Fraction(fee), self.options[name]
        worth = intrinsic(name, index) / (1 if "_USDC" in name else index)
        self.options[name] = Fraction(0)
        self._delivered(time, name, -size, unit(size * worth), fee, index, index)

    def deliver_through(self, time: int, name: str, index: Number) -> None:
        """An option into the future of its expiry, which settles at once."""
        index, size = Fraction(index), self.options[name]
        strike, future = Fraction(name.split("-")[2]), name.rsplit("-", 2)[0]
        self.options[name] = Fraction(0)
        self._delivered(time, name, -size, Fraction(0), Fraction(0), index, index)
        amount = size * (1 if name.endswith("C") else -1)
        if is_inverse(future):
            amount *= strike
        self.move(future, amount, strike)
        side = "open buy" if amount > 0 else "open sell"
        self._delivered(time, future, amount, Fraction(0), Fraction(0), strike, index, side)
        self.deliver_future(time, future, index)

    def _delivered(
        self,
        time: int,
        name: str,
        size: Fraction,
        cashflow: Fraction,
        fee: Fraction,
        price: Fraction,
        index: Fraction,
        side: str | None = None,
    ) -> None:
        self.line(
            time,
            "delivery",
            currency_of(name),
            cashflow - fee,
            cashflow=cashflow,
            commission=fee,
            instrument_name=name,
            side=side or ("close buy" if size > 0 else "close sell"),
            amount=abs(size),
            position=self.position(name),
            price=price,
            settlement_price=price,
            index_price=index,
        )


def intrinsic(name: str, index: Fraction) -> Fraction:
    strike = Fraction(name.split("-")[2])
    return max(Fraction(0), index - strike if name.endswith("C") else strike - index)


def plain(value: Any) -> Any:
    """As the venue's JSON has it: whole numbers whole, others as floats."""
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else float(value)
    return value


# -- the folder ------------------------------------------------------------------------------------
@dataclass
class Folder:
    """Requests with their bodies, to be changed before they are written."""

    answers: list[tuple[dict[str, Any], Any]] = field(default_factory=list)
    accounts: dict[str, tuple[str, ...]] = field(default_factory=lambda: {WALLET: (str(SUB),)})

    def write(self, folder: Path) -> Path:
        if folder.exists():
            rmtree(folder)
        (folder / "answers").mkdir(parents=True)
        listed = []
        for number, (request, body) in enumerate(self.answers, start=1):
            content = json.dumps(body).encode()
            file = f"answers/{number:06}.json"
            (folder / file).write_bytes(content)
            taken = ms(LAST, 30) * 1000
            listed.append(Answer(file, request, taken, sha256(content).hexdigest()))
        collected = Collected(
            "deribit",
            day_number(FIRST),
            day_number(LAST),
            self.accounts,
            tuple(listed),
        )
        (folder / COLLECTED).write_bytes(list_document(collected, FORMAT))
        return folder

    @classmethod
    def read(cls, folder: Path) -> Folder:
        """What was written, to be changed and written again."""
        found = json.loads((folder / COLLECTED).read_text())
        answers = [
            (each["request"], json.loads((folder / each["file"]).read_text()))
            for each in found["answers"]
        ]
        accounts = {each["wallet"]: tuple(each["sub_accounts"]) for each in found["accounts"]}
        return cls(answers, accounts)

    def of(self, method: str, **wanted: Any) -> list[Any]:
        """The bodies of a method, by account and parameters."""
        return [
            body
            for request, body in self.answers
            if request["method"] == method
            and all(wanted[k] == (request | request["params"]).get(k) for k in wanted)
        ]


def answer(result: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 4, "result": result}


def pages(
    member: Member, account: str, currency: str, size: int
) -> list[tuple[dict[str, Any], Any]]:
    """The log newest first, page by page."""
    newest = member.lines[currency][::-1]
    out = []
    for start in range(0, max(1, len(newest)), size):
        cut = newest[start : start + size]
        after = start + size < len(newest)
        params: dict[str, Any] = {
            "currency": currency,
            "start_timestamp": 0,
            "end_timestamp": ms(LAST, 30),
            "count": size,
        }
        if start:
            params["continuation"] = newest[start - 1]["id"]
        request = {"method": "private/get_transaction_log", "account": account, "params": params}
        more = cut[-1]["id"] if after else None
        out.append((request, answer({"logs": cut, "continuation": more})))
    return out


def collected(
    members: dict[str, Member],
    marks: dict[str, str | None],
    size: int = 250,
    sizes: Mapping[str, int] | None = None,
) -> Folder:
    """
    What an attestor saves.

    Parameters
    ----------
    members : by name of the account
    marks : instruments with tickers, each until the day of its expiry
    size, sizes : lines a page, and of accounts by name where they are others
    """
    folder = Folder()
    for account, member in members.items():
        for currency in CURRENCIES:
            folder.answers += pages(member, account, currency, (sizes or {}).get(account, size))
            for method, result in (
                ("private/get_user_trades_by_currency_and_time", trades_of(member, currency)),
                ("private/get_positions", positions_of(member, currency)),
            ):
                params = {"currency": currency, "start_timestamp": 0, "historical": True}
                request = {"method": method, "account": account, "params": params}
                folder.answers.append((request, answer(result)))
    for name, until in marks.items():
        last = ms(until, 8) if until else ms(LAST, 24)
        for time in range(ms(BEGIN), last, HOUR_MS):
            params = {"instrument_name": name}
            request = {"method": "public/ticker", "at": time, "params": params}
            folder.answers.append((request, answer(ticker(name, time))))
    return folder


def trades_of(member: Member, currency: str) -> dict[str, Any]:
    return {"trades": member.trades[currency][::-1], "has_more": False}


def positions_of(member: Member, currency: str) -> list[dict[str, Any]]:
    held = {name: each.size for name, each in member.futures.items()} | member.options
    return [
        {
            "instrument_name": name,
            "direction": "buy" if size > 0 else "sell",
            "size": plain(size),
            "kind": "option" if is_option(name) else "future",
        }
        for name, size in held.items()
        if size and currency_of(name) == currency
    ]


def ticker(name: str, time: int) -> dict[str, Any]:
    index = INDEX[base_of(name)](time)
    out = {
        "instrument_name": name,
        "timestamp": time,
        "index_price": plain(index),
        "mark_price": plain(index),
        "state": "open",
    }
    if is_option(name):
        value = intrinsic(name, index) + 300
        out["mark_price"] = float(round(value / (1 if "_USDC" in name else index), 6))
        out["greeks"] = {"delta": 0.5 if name.endswith("C") else -0.5, "gamma": 0.00001}
        out["mark_iv"] = 55.25
    return out
