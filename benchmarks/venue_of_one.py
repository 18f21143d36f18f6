"""
A made-up venue with Hyperliquid's account interface: consistent histories of a few accounts, and
the answers that the interface would give, cut as it cuts them.

It follows the recordings' forms, not their numbers: orders filled in several parts within a
millisecond and listed newest first, hourly funding that older days tell in one sum, deposits,
withdrawals and transfers. Tests ask it.
"""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HOUR, DAY = 3_600_000, 86_400_000
SIX = Decimal("0.000001")
COINS = {"BTC": (5, "81000"), "ETH": (4, "2600"), "SOL": (2, "140"), "DOGE": (0, "0.17")}
"""Decimals of a size, and the price of the first hour."""
Row = dict[str, Any]


def plain(number: Decimal) -> str:
    """As the venue writes numbers: a point and a digit at least."""
    text = format(number.normalize() + 0, "f")
    return text if "." in text else text + ".0"


@dataclass
class Account:
    """
    An account's rows, ascending.

    Attributes
    ----------
    changes : time, coin, signed size, what moved the money: all that a state is made of
    """

    address: str
    mode: str = "default"
    role: Row = field(default_factory=lambda: {"role": "user"})
    sub_accounts: list[str] = field(default_factory=list)
    fills: list[Row] = field(default_factory=list)
    funding: list[Row] = field(default_factory=list)
    ledger: list[Row] = field(default_factory=list)
    changes: list[tuple[int, str, Decimal, Decimal, Decimal]] = field(default_factory=list)
    positions: dict[str, tuple[Decimal, Decimal]] = field(default_factory=dict)

    def move(self, time: int, kind: str, amount: str, **more: Any) -> None:
        """An entry of the ledger; `amount` is signed, the entry's is not."""
        money = Decimal(amount)
        said = {"type": kind, "usdc": plain(abs(money) - Decimal(more.get("fee", 0))), **more}
        self.ledger.append({"time": time, "hash": hash_of(time, kind), "delta": said})
        self.changes.append((time, "", Decimal(0), money, Decimal(0)))

    def fill(self, time: int, coin: str, size: Decimal, price: Decimal, **more: Any) -> Row:
        """A fill; `more` goes into its row."""
        held, cost = self.positions.get(coin, (Decimal(0), Decimal(0)))
        pnl, left, paid = Decimal(0), size, cost
        if held * size < 0:
            closed = min(abs(held), abs(size)) * (1 if size > 0 else -1)
            out = cost * -closed / held
            pnl, left, paid = -closed * price - out, size - closed, cost - out
        after = held + size
        self.positions[coin] = (after, paid + left * price if after else Decimal(0))
        fee = (abs(size) * price * Decimal("0.00045")).quantize(SIX)
        row: Row = {
            "coin": coin,
            "px": plain(price),
            "sz": plain(abs(size)),
            "side": "B" if size > 0 else "A",
            "time": time,
            "startPosition": plain(held),
            "dir": direction(held, size),
            "closedPnl": plain(pnl.quantize(SIX)),
            "hash": hash_of(time, coin),
            "oid": 7_000_000 + time % 1_000_000,
            "crossed": size > 0,
            "fee": plain(fee),
            "tid": 10**14 + len(self.fills) * 7 + int(self.address[-4:], 16) * 10**6,
            "feeToken": "USDC",
            "twapId": None,
            **more,
        }
        self.fills.append(row)
        self.changes.append((time, coin, size, -size * price - Decimal(row["fee"]), size * price))
        return row

    def fund(self, time: int, coin: str, price: Decimal, rate: Decimal) -> None:
        """An hour's funding of what is held now."""
        held = self.positions.get(coin, (Decimal(0), Decimal(0)))[0]
        paid = (-held * price * rate).quantize(SIX)
        if not paid:
            return
        said = {
            "type": "funding", "coin": coin, "usdc": plain(paid), "szi": plain(held),
            "fundingRate": plain(rate), "nSamples": None,
        }  # fmt: skip
        self.funding.append({"time": time, "hash": "0x" + "0" * 64, "delta": said})
        self.changes.append((time, "", Decimal(0), paid, Decimal(0)))


def direction(held: Decimal, size: Decimal) -> str:
    """As the recordings call a fill."""
    if held * size >= 0:
        return "Open Long" if size > 0 else "Open Short"
    if abs(size) <= abs(held):
        return "Close Short" if size > 0 else "Close Long"
    return "Short > Long" if size > 0 else "Long > Short"


def hash_of(time: int, what: str) -> str:
    """A transaction's, of its own for each instant and thing."""
    return "0x" + f"{time:012x}".ljust(40, "a") + what.encode().hex()[:24].ljust(24, "0")


class Venue:
    """
    Parameters
    ----------
    first_day, days : of the prices, days since 1970
    summed : days of funding from the first that are told in one sum each
    """

    def __init__(self, first_day: int, days: int, seed: int = 1, summed: int = 0) -> None:
        self.start, self.end = first_day * DAY, (first_day + days) * DAY
        self.now = self.end + 2 * HOUR
        self.random = random.Random(seed)
        self.accounts: dict[str, Account] = {}
        self.prices = {coin: self._prices(coin) for coin in COINS}
        self.summed = self.start + summed * DAY
        self.page, self.rows = 2_000, 500

    def _prices(self, coin: str) -> list[Decimal]:
        decimals, price = 6 - COINS[coin][0], Decimal(COINS[coin][1])
        out = []
        for _ in range((self.end - self.start) // HOUR + 30 + 4):
            price *= 1 + Decimal(self.random.randint(-40, 40)) / 10_000
            out.append(price.quantize(Decimal(1).scaleb(-decimals)))
        return out

    def price(self, coin: str, time: int) -> Decimal:
        """The close of the hour before an instant; prices begin 30 hours before the first day."""
        return self.prices[coin][(time - self.start) // HOUR + 29]

    def trade(self, address: str, fills: int, deposit: str = "250000") -> Account:
        """An account that trades all coins until the venue's last hour, and pays funding."""
        account = self.accounts[address] = Account(address)
        account.move(self.start + 5_000, "deposit", deposit)
        hours, done = (self.end - self.start) // HOUR, 0
        for hour in range(hours):
            begin = self.start + hour * HOUR
            if hour:
                for coin in COINS:
                    rate = Decimal(self.random.randint(-20, 60)) / 10**7
                    account.fund(begin + 51, coin, self.price(coin, begin), rate)
            while done < fills * (hour + 1) // hours:
                time = begin + 10_000 + (done * 977) % (HOUR - 20_000)
                done += self._order(account, time, min(4, fills - done))
        account.fills.sort(key=lambda row: row["time"])
        return account

    def _order(self, account: Account, time: int, parts: int) -> int:
        """An order, filled in parts within one millisecond."""
        coin = self.random.choice(list(COINS))
        decimals, price = COINS[coin][0], self.price(coin, time)
        unit = Decimal(1).scaleb(-decimals)
        held = account.positions.get(coin, (Decimal(0), Decimal(0)))[0]
        bought = self.random.random() < (0.3 if held > 0 else 0.7 if held < 0 else 0.5)
        time = max(time, max((row["time"] for row in account.fills[-1:]), default=0) + 1)
        for _ in range(parts):
            size = (Decimal(self.random.randint(60, 900)) / price).quantize(unit) or unit
            account.fill(time, coin, size if bought else -size, price)
        return parts

    # -- the interface -----------------------------------------------------------------------------
    def answer(self, request: Mapping[str, Any]) -> Any:
        """What the interface would say."""
        kind = request["type"]
        if kind == "meta":
            return {"universe": [
                {"name": coin, "szDecimals": decimals, "maxLeverage": 40, "marginTableId": 56}
                for coin, (decimals, _) in COINS.items()
            ]}  # fmt: skip
        if kind == "candleSnapshot":
            return self._candles(**request["req"])
        account = self.accounts.get(request["user"])
        if account is None:
            account = Account(request["user"], role={"role": "missing"})
        if kind == "userRole":
            return account.role
        if kind == "subAccounts":
            return [
                {"name": f"sub {n}", "subAccountUser": each, "master": account.address}
                for n, each in enumerate(account.sub_accounts)
            ] or None
        if kind == "userAbstraction":
            return account.mode
        if kind == "clearinghouseState":
            return self.state(account, self.now)
        start, end = request["startTime"], request["endTime"]
        rows = {
            "userFillsByTime": account.fills,
            "userFunding": self._funding(account),
            "userNonFundingLedgerUpdates": account.ledger,
        }[kind]
        within = [row for row in rows if start <= row["time"] <= end]
        if kind == "userFillsByTime":
            return within[: self.page][::-1]
        return within[: self.rows]

    def _funding(self, account: Account) -> list[Row]:
        """Older days in one sum each."""
        sums: dict[tuple[int, str], list[Row]] = {}
        later = []
        for row in account.funding:
            if row["time"] < min(self.summed, (self.now - DAY) // DAY * DAY):
                day = row["time"] // DAY * DAY
                sums.setdefault((day, row["delta"]["coin"]), []).append(row["delta"])
            else:
                later.append(row)
        out = []
        for (day, coin), deltas in sorted(sums.items()):
            amount = sum(Decimal(delta["usdc"]) for delta in deltas)
            size = Decimal(1 if amount < 0 else -1)
            said = {
                "type": "funding", "coin": coin, "usdc": plain(Decimal(amount)),
                "szi": plain(size), "fundingRate": "0.00001", "nSamples": len(deltas),
            }  # fmt: skip
            out.append({"time": day, "hash": hash_of(day, coin), "delta": said})
        return out + later

    def _candles(self, coin: str, interval: str, startTime: int, endTime: int) -> list[Row]:
        if coin not in self.prices:
            return []
        out = []
        for hour, price in enumerate(self.prices[coin]):
            begin = self.start + (hour - 30) * HOUR
            if startTime - HOUR < begin <= min(endTime, self.now):
                value = plain(price)
                out.append({
                    "t": begin, "T": begin + HOUR - 1, "s": coin, "i": interval, "o": value,
                    "c": value, "h": value, "l": value, "v": "12.5", "n": 40,
                })  # fmt: skip
        return out[:5_000]

    def state(self, account: Account, time: int) -> Row:
        """What an account holds at an instant, all of it included."""
        raw, held, cost = Decimal(0), dict[str, Decimal](), dict[str, Decimal]()
        for at, coin, size, money, paid in account.changes:
            if at > time:
                continue
            raw += money
            before = held.get(coin, Decimal(0))
            if not size:
                continue
            held[coin] = before + size
            if before * size >= 0:
                cost[coin] = cost.get(coin, Decimal(0)) + paid
            elif abs(size) <= abs(before):
                cost[coin] *= held[coin] / before
            else:
                cost[coin] = paid * held[coin] / size
        positions, value, gross = [], raw, Decimal(0)
        for coin, size in sorted(held.items()):
            if not size:
                continue
            worth = size * self.price(coin, min(time, self.now))
            value, gross = value + worth, gross + abs(worth)
            entry = (cost[coin] / size).quantize(Decimal(1).scaleb(COINS[coin][0] - 6))
            positions.append({"type": "oneWay", "position": {
                "coin": coin, "szi": plain(size), "leverage": {"type": "cross", "value": 20},
                "entryPx": plain(entry), "positionValue": plain(abs(worth)),
                "unrealizedPnl": plain((worth - cost[coin]).quantize(SIX)),
                "returnOnEquity": "0.0", "liquidationPx": None, "marginUsed": "0.0",
                "maxLeverage": 40,
            }})  # fmt: skip
        summary = {
            "accountValue": plain(value), "totalNtlPos": plain(gross),
            "totalRawUsd": plain(raw), "totalMarginUsed": "0.0",
        }  # fmt: skip
        return {
            "marginSummary": summary, "crossMarginSummary": summary,
            "crossMaintenanceMarginUsed": "0.0", "withdrawable": "0.0",
            "assetPositions": positions, "time": time,
        }  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    """A loopback server's, for a venue that stands in its server's `venue`."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """One request of the interface."""
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.reply(200, json.dumps(self.server.venue.answer(request)).encode())  # type: ignore[attr-defined]

    def reply(self, status: int, body: bytes, **headers: str) -> None:
        """An answer with its length."""
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def served(venue: Venue, handler: type[Handler] = Handler, **more: Any) -> Iterator[Any]:
    """A server of a venue on this machine, with its `url`; `more` are attributes of it."""
    made: Any = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    made.venue, made.url = venue, f"http://127.0.0.1:{made.server_port}/info"
    for name, value in more.items():
        setattr(made, name, value)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made
    finally:
        made.shutdown()
        thread.join()
        made.server_close()
