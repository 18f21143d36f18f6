"""
The engine in integers, written from its rules: what a book needs, and what each act changes.

USD have 18 decimals as prices, 36 as values; `unit` is what one unit of the token is of the latter.
"""

from __future__ import annotations

from collections import defaultdict
from copy import deepcopy
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

from engine.world import CALL, OWN, PERPETUAL, Terms

E18 = 10**18
WHOLE = E18


class Refusal(Exception):
    """What the engine refuses, by the name of its error."""


@dataclass(frozen=True)
class Instrument:
    underlying: int = 0
    kind: int = PERPETUAL
    strike: int = 0
    expiry: int = 0

    def pays(self, price: int) -> int:
        """What an option is worth at expiry."""
        return max(price - self.strike if self.kind == CALL else self.strike - price, 0)


@dataclass
class Account:
    cash: int = 0
    sizes: dict[int, int] = field(default_factory=dict)
    lots: dict[int, list[list[int]]] = field(default_factory=lambda: defaultdict(list))
    """Holder, units, notional of each, newest last."""


@dataclass
class Model:
    """The engine's books; an act that is refused changes nothing."""

    unit: int
    depth: list[int]
    instruments: list[Instrument]
    spot: list[int] = field(default_factory=list)
    premium: dict[int, int] = field(default_factory=dict)
    settled: dict[int, int] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=lambda: defaultdict(Account))
    terms: dict[str, Terms] = field(default_factory=dict)
    opened: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    held: int = 0
    fund: int = 0
    deficit: int = 0

    # ---- a book ----

    def mark(self, number: int) -> int:
        each = self.instruments[number]
        if number in self.settled:
            return each.pays(self.settled[number])
        spot = self.spot[each.underlying]
        if each.kind == PERPETUAL:
            return spot
        most = spot if each.kind == CALL else each.strike
        return min(max(self.premium[number], each.pays(spot)), most)

    def equity(self, account: str) -> int:
        book = self.accounts[account]
        return book.cash * self.unit + sum(n * self.mark(i) for i, n in book.sizes.items())

    def gross(self, account: str) -> int:
        live = {i: n for i, n in self.accounts[account].sizes.items() if i not in self.settled}
        return sum(abs(n) * self.spot[self.instruments[i].underlying] for i, n in live.items())

    def loss(self, book: dict[int, int], price: int) -> int:
        """What positions in one underlying lose if it goes to a price."""
        total = 0
        for number, size in book.items():
            each = self.instruments[number]
            spot = self.spot[each.underlying]
            if each.kind == PERPETUAL:
                total += size * (spot - price)
            elif size > 0:
                total += size * (self.mark(number) - each.pays(price))
            else:
                total += size * (each.pays(spot) - each.pays(price))
        return total

    def needed(self, account: str, rate: int) -> int:
        total = 0
        sizes = self.accounts[account].sizes
        for underlying, spot in enumerate(self.spot):
            book = {
                i: n
                for i, n in sizes.items()
                if self.instruments[i].underlying == underlying and i not in self.settled
            }
            if not book:
                continue
            low = floor(Fraction(spot * (10_000 - rate), 10_000))
            high = ceil(Fraction(spot * (10_000 + rate), 10_000))
            strikes = (self.instruments[i].strike for i in book)
            points = [low, high, *(k for k in strikes if low < k < high)]
            worst = max(self.loss(book, point) for point in points)
            shorts = sum(
                -n for i, n in book.items() if n < 0 and self.instruments[i].kind != PERPETUAL
            )
            base = worst + ceil(Fraction(shorts * spot * rate, 40_000))
            notional = sum(map(abs, book.values())) * spot
            depth = self.depth[underlying] * 10**36
            total += ceil(Fraction(base * (depth + notional), depth))
        return total

    # ---- acts ----

    def deposit(self, account: str, amount: int) -> None:
        self.accounts[account].cash += amount
        self.held += amount

    def give(self, amount: int) -> None:
        self.held += amount
        self._raise(amount)

    def withdraw(self, account: str, amount: int) -> None:
        self.accounts[account].cash -= amount
        self._margin(account, None)
        paid = amount * self.held // (self.held + self.deficit)
        if paid > self.held:
            raise Refusal("PaidTooLittle")
        self.deficit -= amount - paid
        self.held -= paid

    def trade(self, taker: str, maker: str, number: int, size: int, price: int) -> None:
        if number in self.settled:
            raise Refusal("NotTradable")
        before = {who: self._before(who, number, n) for who, n in ((taker, size), (maker, -size))}
        self._pay(taker, maker, size * price)
        self._change(taker, number, size, self.terms[taker])
        self._change(maker, number, -size, self.terms[maker])
        spot = self.spot[self.instruments[number].underlying]
        fees = [
            ceil(Fraction(abs(size) * spot * rate, self.unit * 10**6))
            for rate in (self.terms[taker].taker_fee, self.terms[maker].maker_fee)
        ]
        if fees[0] < 0:
            fees[0] = max(fees[0], -max(fees[1], 0))
        if fees[1] < 0:
            fees[1] = max(fees[1], -max(fees[0], 0))
        self.accounts[taker].cash -= fees[0]
        self.accounts[maker].cash -= fees[1]
        self._raise(sum(fees))
        self._margin(taker, before[taker])
        self._margin(maker, before[maker])

    def liquidate(self, account: str, by: str, part: int) -> str:
        """What was done: `Partly` or `Liquidated`."""
        book, rate = self.accounts[account], self.terms[account].maintenance
        equity, maintenance, gross = self.equity(account), self.needed(account, rate), 0
        if equity >= maintenance or not book.sizes:
            raise Refusal("Healthy")
        gross = self.gross(account)
        for number, size in list(book.sizes.items()):
            units = ceil(Fraction(abs(size) * part, WHOLE)) * (1 if size > 0 else -1)
            self._pay(by, account, units * self.mark(number))
            self._change(account, number, -units, self.terms[account])
            self._change(by, number, units, self.terms[by])
        full = ceil(Fraction(maintenance * part // WHOLE * 2_000 // 10_000, self.unit))
        penalty = min(full, max(floor(Fraction(equity, self.unit)), 0))
        reward = full // 2
        missing = min(max(reward - penalty, 0), self.fund)
        self.fund -= missing
        book.cash -= penalty
        self.accounts[by].cash += min(reward, penalty) + missing
        self._raise(max(penalty - reward, 0))
        if gross > 1_000 * 10**36 and self.equity(account) * 10_000 > 12_500 * self.needed(
            account, rate
        ):
            raise Refusal("TooMuch")
        self._margin(by, None)
        if not book.sizes:
            self._write_off(account)
        return "Partly" if book.sizes else "Liquidated"

    def settle(self, account: str, number: int) -> None:
        size = self.accounts[account].sizes.get(number, 0)
        if number not in self.settled or size == 0:
            raise Refusal("NothingToSettle")
        self.accounts[account].cash += floor(Fraction(size * self.mark(number), self.unit))
        self._change(account, number, -size, self.terms[account])
        if not self.accounts[account].sizes:
            self._write_off(account)

    def tried(self) -> Model:
        """A copy to try an act on."""
        return deepcopy(self)

    # ---- inside ----

    def _raise(self, amount: int) -> None:
        repaid = min(amount, self.deficit)
        self.deficit -= repaid
        self.fund += amount - repaid

    def _pay(self, source: str, target: str, value: int) -> None:
        if value < 0:
            self._pay(target, source, -value)
            return
        paid, got = ceil(Fraction(value, self.unit)), floor(Fraction(value, self.unit))
        self.accounts[source].cash -= paid
        self.accounts[target].cash += got
        self._raise(paid - got)

    def _write_off(self, account: str) -> None:
        debt = max(-self.accounts[account].cash, 0)
        covered = min(debt, self.fund)
        self.accounts[account].cash += debt
        self.fund -= covered
        self.deficit += debt - covered

    def _before(self, account: str, number: int, change: int) -> int | None:
        """The surplus over maintenance, if the change only takes from a position."""
        size = self.accounts[account].sizes.get(number, 0)
        if size * change >= 0 or abs(change) > abs(size):
            return None
        return self.equity(account) - self.needed(account, self.terms[account].maintenance)

    def _margin(self, account: str, before: int | None) -> None:
        terms, equity = self.terms[account], self.equity(account)
        needed = Fraction(self.needed(account, terms.initial))
        if before is None:
            needed = max(needed, Fraction(self.gross(account), terms.leverage))
        if equity >= needed:
            return
        if before is not None and equity >= 0:
            if equity - self.needed(account, terms.maintenance) >= before:
                return
        raise Refusal("NotEnoughMargin")

    def _change(self, account: str, number: int, change: int, terms: Terms) -> None:
        book = self.accounts[account]
        size, lots = book.sizes.get(number, 0), book.lots[number]
        units = abs(change)
        if size * change < 0:
            closed = min(units, abs(size))
            units -= closed
            while closed:
                part = min(closed, lots[-1][1])
                notional = lots[-1][2] * part // lots[-1][1]
                self.opened[lots[-1][0]] -= notional
                closed -= part
                if part == lots[-1][1]:
                    lots.pop()
                else:
                    lots[-1][1] -= part
                    lots[-1][2] -= notional
        if units:
            self._open(account, number, units, terms)
        if size == 0 and len(book.sizes) == 12:
            raise Refusal("TooMany")
        book.sizes[number] = size + change
        if book.sizes[number] == 0:
            del book.sizes[number]

    def _open(self, account: str, number: int, units: int, terms: Terms) -> None:
        holder = terms.subject or (1 << 255) | int(account, 16)
        spot = 0 if number in self.settled else self.spot[self.instruments[number].underlying]
        notional = ceil(Fraction(units * spot, E18))
        if self.opened[holder] + notional > (terms.limit or OWN[5]) * 1_000 * E18:
            raise Refusal("OverLimit")
        self.opened[holder] += notional
        lots = self.accounts[account].lots[number]
        if lots and lots[-1][0] == holder:
            lots[-1][1] += units
            lots[-1][2] += notional
            return
        if len(lots) == 4:
            raise Refusal("TooMany")
        lots.append([holder, units, notional])
