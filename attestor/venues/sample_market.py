"""
The made-up market of the sample: prices by the hour and option values
(docs/explanation/attestation.md 2.3).

Same numbers on every machine: a generator of integers, and floats only by + - * / and square root,
which IEEE 754 fixes to the last bit (a library's exp or log it does not).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

_MASK = (1 << 64) - 1
HOURS_A_YEAR = 8_766


class Dice:
    """SplitMix64 (Steele, Lea, Flood 2014)."""

    def __init__(self, seed: int) -> None:
        self._state = seed & _MASK

    def word(self) -> int:
        """64 bits."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        z = self._state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB & _MASK
        return z ^ (z >> 31)

    def below(self, bound: int) -> int:
        """0 .. bound - 1."""
        return self.word() % bound

    def between(self, least: int, greatest: int) -> int:
        """least .. greatest."""
        return least + self.below(greatest - least + 1)

    def normal(self, deviation: int) -> int:
        """About normal with this standard deviation, mean 0: twelve uniform numbers."""
        total = sum(self.below(1_000_001) for _ in range(12)) - 6_000_000
        return total * deviation // 1_000_000


@dataclass(frozen=True, slots=True)
class Market:
    """Index prices in cents at each full hour, hours + 1 of them."""

    btc: list[int]
    eth: list[int]

    @classmethod
    def draw(cls, dice: Dice, hours: int) -> Market:
        """A walk with 0.42 % an hour (about 40 % a year), ether moving with bitcoin to 0.8."""
        btc, eth = [9_500_000], [330_000]
        for _ in range(hours):
            common = dice.normal(4_200)  # parts per million
            own = dice.normal(3_000)
            btc.append(btc[-1] + btc[-1] * common // 1_000_000)
            eth.append(eth[-1] + eth[-1] * (common * 11 // 10 + own) // 1_000_000)
        return cls(btc, eth)


def _exp(x: float) -> float:
    """
    e^x for x below 40: halve ten times, ten terms, square ten times; 0 below -40, where it is under
    1e-17.
    """
    if x < -40:
        return 0.0
    y = x / 1024
    term = total = 1.0
    for i in range(1, 11):
        term *= y / i
        total += term
    for _ in range(10):
        total *= total
    return total


def _log(x: float) -> float:
    """Natural logarithm of x > 0 by four Newton steps from a rational guess; for x in 0.05..20."""
    y = 2 * (x - 1) / (x + 1)
    for _ in range(4):
        y += x / _exp(y) - 1
    return y


def _cdf(x: float) -> float:
    """Normal distribution, Abramowitz and Stegun 26.2.17, error below 1e-7."""
    t = 1 / (1 + 0.2316419 * abs(x))
    poly = t * (
        0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429)))
    )
    tail = 0.3989422804014327 * _exp(-x * x / 2) * poly
    return 1 - tail if x > 0 else tail


def option(spot: int, strike: int, hours: int, volatility: float, call: bool) -> tuple[int, int]:
    """
    Black-Scholes without interest.

    Parameters
    ----------
    spot, strike : cents
    hours : to expiry, at least 1
    volatility : a year, 0.5 for 50 %

    Returns
    -------
    price in cents, at least 100; delta in 1e-4, signed
    """
    width = volatility * sqrt(hours / HOURS_A_YEAR)
    d1 = _log(spot / strike) / width + width / 2
    call_price = spot * _cdf(d1) - strike * _cdf(d1 - width)
    if call:
        return max(100, round(call_price)), round(10_000 * _cdf(d1))
    return max(100, round(call_price - spot + strike)), round(10_000 * (_cdf(d1) - 1))
