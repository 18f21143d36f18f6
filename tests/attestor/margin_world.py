"""
Accounts for tests of margin, and a slow reference: Fractions for money, double precision for
Black's formula. Nothing of it is taken from `attestor.margin` but the plain types.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from attestor.margin.account import MONEY, UNIT, MarginAccount, Mark, OptionTerms
from attestor.margin.moment import Moment, Valuer
from policies.margin import Linear, MarginDocument, OptionRule, Scenario

HOUR = 3_600 * 1_000_000
DAY = 24 * HOUR
NOW = 20_500 * DAY
RUNGS = [*range(0, 1_001, 25), *range(1_100, 10_001, 100)]
YEAR = 31_536_000


def units(text: str | int) -> int:
    """A decimal in 1e-18."""
    return int(Fraction(text) * UNIT)


def usd(text: str | int) -> int:
    """A decimal of USD in u'."""
    return int(Fraction(text) * MONEY)


def linear(name: str, *rate: int, slope: tuple[int, int] = (0, 1), **more: Any) -> dict[str, Any]:
    brackets = more.pop("brackets", [{"from": 0, "rate": list(rate)}])
    return {"name": name, "underlying": more.pop("underlying", name[:3]), "brackets": brackets,
            "slope": list(slope)}  # fmt: skip


def option(**more: Any) -> dict[str, Any]:
    plain = {"underlying": "BTC", "call": 750, "put": 750, "put_mark": 750, "long": 0}
    return plain | {"spread": False, "unpaired": 0} | more


def scenario(**more: Any) -> dict[str, Any]:
    moves = [[move, way, 10_000] for move in (-1_600, -800, 0, 800, 1_600) for way in (1, 0, -1)]
    plain = {"underlying": "BTC", "moves": [*moves, [-6_600, 1, 2_100], [20_000, 1, 690]]}
    rest = {
        "up": 5_000,
        "down": 2_750,
        "least_up": 4_000,
        "floor_days": 1,
        "powers": [3_000, 1_300],
    }
    return plain | rest | {"factor": 8_000, "perpetual": 300, "short_option": 30} | more


def document(**parts: Any) -> MarginDocument:
    version = {
        "from": "1970-01-01T00:00:00Z",
        "band": {"linear": 100, "option": 100},
        "volatility": {"least": 500, "greatest": 50_000},
        "collateral": [{"name": "COIN", "underlying": "BTC", "factor": 8_000}],
        "linear": [linear("BTC-PERP", 1, 100), linear("ETH-PERP", 1, 50)],
        "option": [option(), option(underlying="ETH")],
        "scenario": [scenario()],
    }
    whole = {"format": "tierproof/margin", "version": 1, "name": "test", "venue": "test"}
    lists: dict[str, Any] = {"sources": [], "not_confirmed": [], "left_out": []}
    content = whole | {"clock": 3_600, "versions": [version | parts]} | lists
    return MarginDocument.from_bytes(json.dumps(content).encode())


def moment(
    prices: Mapping[str, Mark | int], options: Mapping[str, OptionTerms] | None = None, **parts: Any
) -> Moment:
    """NOW, with these prices."""
    marks = {k: v if isinstance(v, Mark) else Mark(v) for k, v in prices.items()}
    return Valuer(document(**parts), options or {}).at(NOW, marks.__getitem__, marks)


def account(cash: int, portfolio: bool = False, **sizes: int) -> MarginAccount:
    """`BTC_PERP=units(1)` is a position in BTC-PERP."""
    named = {name.replace("_PERP", "-PERP"): size for name, size in sizes.items()}
    return MarginAccount(cash, named, portfolio)


# -- the reference ---------------------------------------------------------------------------------
def black(call: bool, strike: float, s: float, forward: float) -> float:
    if forward <= 0 or s <= 0:
        return max(0.0, forward - strike if call else strike - forward)
    d1 = math.log(forward / strike) / s + s / 2
    sign = 1 if call else -1

    def n(d: float) -> float:
        return 0.5 * math.erfc(-d / math.sqrt(2))

    return sign * (forward * n(sign * d1) - strike * n(sign * (d1 - s)))


def linear_margin(rule: Linear, notional: Fraction, size: Fraction) -> Fraction:
    """Bracket by bracket, each part at its own rate."""
    starts = [Fraction(each.start) for each in rule.brackets]
    total = notional * size * Fraction(*rule.slope)
    for start, end, each in zip(starts, [*starts[1:], None], rule.brackets, strict=True):
        part = max(Fraction(0), (notional if end is None else min(notional, end)) - start)
        total += part * Fraction(*each.rate)
    return total


class Slow:
    """An account in USD at one moment, in floats where options are held."""

    def __init__(self, of: MarginAccount, at: Moment) -> None:
        self.account, self.moment, self.rules = of, at, at.rules
        self.held = {name: Fraction(size, UNIT) for name, size in of.sizes.items() if size}
        self.options = {n: at.valuer.options[n] for n in self.held if n in at.valuer.options}

    def price(self, name: str) -> Fraction:
        return Fraction(self.moment.marks[name].price, UNIT)

    def underlying(self, name: str) -> str:
        if name in self.options:
            return self.rules.underlying_of(self.options[name].underlying)
        coin = self.rules.find_coin(name)
        return self.rules.linear_of(name).underlying if coin is None else coin.underlying

    def value(self, name: str, move: float, volatility: float | None = None) -> float:
        """Of one option after its underlying moved by `move`: mark + B' - B."""
        terms, mark = self.options[name], self.moment.marks[name]
        forward = float(self.price(terms.underlying))
        years = max(0, terms.expiry - NOW) / 1e6 / YEAR
        low, high = (each / 10_000 for each in self.rules.volatility)
        own = min(max((mark.volatility or 0) / 1e8, low), high)
        strike = terms.strike / UNIT

        def b(f: float, v: float) -> float:
            return black(terms.call, strike, v * math.sqrt(years), f)

        used = own if volatility is None else volatility
        return mark.price / UNIT + b(forward * (1 + move), used) - b(forward, own)

    def face(self, name: str) -> Fraction:
        """|face| of an inverse contract, USD."""
        return abs(Fraction(self.account.faces[name], MONEY))

    def moved(self, name: str, move: float) -> Fraction:
        return self.price(name) * max(Fraction(1 + move), Fraction(1, 10_000))

    def equity(self, moves: Mapping[str, float]) -> float:
        total = float(Fraction(self.account.cash, MONEY))
        for name, size in self.held.items():
            move = moves.get(self.underlying(name), 0)
            if name in self.options:
                total += float(size) * self.value(name, move)
                continue
            coin, worth = self.rules.find_coin(name), float(size * self.price(name)) * (1 + move)
            total += worth * (coin.factor / 10_000 if coin and worth > 0 else 1)
        return total

    def margin(self, moves: Mapping[str, float]) -> float:
        return sum(
            self._portfolio(u, moves.get(u, 0)) if self.account.portfolio
            else self._standard(u, moves.get(u, 0))
            for u in {self.underlying(name) for name in self.held}
        )  # fmt: skip

    def of(self, underlying: str) -> list[str]:
        return [name for name in self.held if self.underlying(name) == underlying]

    def _standard(self, underlying: str, move: float) -> float:
        total, expiries = 0.0, {}
        for name in self.of(underlying):
            if name in self.options:
                terms = self.options[name]
                expiries.setdefault((terms.underlying, terms.expiry), []).append(name)
            elif self.rules.find_coin(name) is None:
                size, rule = abs(self.held[name]), self.rules.linear_of(name)
                notional = size * self.price(name) * Fraction(1 + move)
                if name in self.account.faces:
                    notional, size = self.face(name), self.face(name) / self.moved(name, move)
                total += float(linear_margin(rule, notional, size))
        rule = self.rules.option_of(underlying) if expiries else None
        return total + sum(self._expiry(rule, names, move) for names in expiries.values())

    def _expiry(self, rule: OptionRule | None, names: list[str], move: float) -> float:
        assert rule is not None
        forward = float(self.price(self.options[names[0]].underlying)) * (1 + move)
        charges, value = 0.0, 0.0
        for name in names:
            size, unit = float(self.held[name]), self.value(name, move)
            value += size * unit
            if size > 0:
                charges += size * unit * (1 - rule.long / 10_000)
            elif self.options[name].call:
                charges += -size * forward * rule.call / 10_000
            else:
                charges += -size * max(forward * rule.put, unit * rule.put_mark) / 10_000
        if not rule.spread:
            return charges
        calls = sum(float(self.held[name]) for name in names if self.options[name].call)
        loss = max(0.0, *(-self.payoff(names, at) for at in self.strikes(names)))
        return min(charges, value + loss + max(0, -calls) * forward * rule.unpaired / 10_000)

    def strikes(self, names: list[str]) -> list[float]:
        return [0.0, *(self.options[name].strike / UNIT for name in names)]

    def payoff(self, names: list[str], at: float) -> float:
        return sum(
            float(self.held[name]) * black(terms.call, terms.strike / UNIT, 0, at)
            for name in names
            for terms in (self.options[name],)
        )

    def _portfolio(self, underlying: str, move: float) -> float:
        rule, names = self.rules.scenario_of(underlying), self.of(underlying)
        worst = 0.0
        for price, way, damping in rule.moves:
            loss = 0.0
            for name in names:
                size = float(self.held[name])
                if name in self.options:
                    moved = (1 + move) * (1 + price / 10_000) - 1
                    after = self.value(name, moved, self._shock(rule, name, way))
                    loss += size * (self.value(name, move) - after)
                else:
                    coin = self.rules.find_coin(name)
                    worth = size * float(self.price(name)) * (1 + move) * price / 10_000
                    loss -= worth * (coin.factor / 10_000 if coin and size > 0 else 1)
            worst = max(worst, loss * damping / 10_000)
        top, by_strike = 0.0, {}
        for name in names:
            size = float(self.held[name])
            if name in self.options:
                key = (self.options[name].expiry, self.options[name].strike)
                by_strike[key] = by_strike.get(key, 0.0) + size
            elif name in self.account.faces:
                top += float(self.face(name)) * rule.perpetual / 10_000
            elif self.rules.find_coin(name) is None:
                top += abs(size) * float(self.price(name)) * (1 + move) * rule.perpetual / 10_000
        short = sum(max(0, -each) for each in by_strike.values())
        forward = float(self.price("BTC")) * (1 + move) if by_strike else 0
        return worst * rule.factor / 10_000 + top + short * forward * rule.short_option / 10_000

    def _shock(self, rule: Scenario, name: str, way: int) -> float:
        low, high = (each / 10_000 for each in self.rules.volatility)
        own = min(max((self.moment.marks[name].volatility or 0) / 1e8, low), high)
        days = max((self.options[name].expiry - NOW) / DAY, rule.floor_days)
        scale = (30 / days) ** (rule.powers[days > 30] / 10_000)
        if way > 0:
            return max(own * (1 + rule.up / 10_000 * scale), rule.least_up / 10_000)
        return max(0, own * (1 - rule.down / 10_000 * scale)) if way < 0 else own

    def spare(self, rung: int) -> float:
        """E - M + sum over u of W_u(rung)."""
        still = self.equity({}) - self.margin({})
        total = still
        for u in {self.underlying(name) for name in self.held}:
            changes = [
                self.equity({u: sign * y / 10_000}) - self.margin({u: sign * y / 10_000}) - still
                for y in RUNGS
                if y <= rung
                for sign in (1, -1)
            ]
            total += min(changes)
        return total
