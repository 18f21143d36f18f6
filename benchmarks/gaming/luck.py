"""
Tricks with luck: an account without skill, tried so often or so cut that it looks good. Its results
are real moves of prices, its directions are drawn.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from math import erf, sqrt
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from benchmarks.gaming.figures import holds
from benchmarks.gaming.played import Played
from history.v2.day_rows import Sums

Z95 = 165
"""1/100: M22's and M3's threshold at 95 %."""
CONFIDENT = {"sharpe_confidence": Z95}
MARGIN = 0.03
"""Of odds found by simulation, and for tails that are not normal."""
ONE = 1_000_000
"""A result of 1.0, cents."""
Floats = NDArray[np.float64]


def totals(days: Floats, trips: Floats | None = None) -> Sums:
    """The sums of a history whose days made `days` (shares of one capital), in these trips."""
    fields = dict.fromkeys(Sums.__dataclass_fields__, 0)
    profits = [round(each * ONE) for each in days.tolist()]
    returns = [round(each * 10**8) for each in days.tolist()]
    made = profits if trips is None else [round(each * ONE) for each in trips.tolist()]
    for power, name in enumerate(("", "_square", "_cube", "_fourth"), start=1):
        fields["returns" + name] = sum(r**power for r in returns)
    fields |= {
        "returns_lag": sum(a * b for a, b in pairwise(returns)),
        "profit": sum(profits),
        "profit_square": sum(p * p for p in profits),
        "pnl": sum(made),
        "trips": len(made),
        "trip_pnl": sum(made),
        "trip_square": sum(each * each for each in made),
        "days": len(profits),
    }
    return Sums(**fields)


# -- M3 --------------------------------------------------------------------------------------------
Account = tuple[Floats, Floats]
"""What its days made, and its trips."""


def winners_closed(moves: Floats, draw: np.random.Generator, accounts: int) -> list[Account]:
    """
    Coin-flippers who look each hour, close what has won three per cent and flip anew, and keep what
    has lost.

    Parameters
    ----------
    moves : relative moves, shape (coins, hours)
    """
    coins, hours = moves.shape
    side = draw.choice((-1.0, 1.0), (accounts, coins))
    run, paid = np.zeros((accounts, coins)), np.zeros((accounts, hours))
    made: list[list[float]] = [[] for _ in range(accounts)]
    for hour in range(hours):
        # The market's way is drawn each hour: nobody can know it, whatever it did before.
        step = side * moves[:, hour] * draw.choice((-1.0, 1.0), (accounts, 1))
        run, paid[:, hour] = run + step, step.sum(1)
        won = np.argwhere(run >= 0.03)
        for account, coin in won:
            made[account].append(run[account, coin])
            run[account, coin], side[account, coin] = 0.0, draw.choice((-1.0, 1.0))
    days = paid.reshape(accounts, -1, 24).sum(2) / coins
    trips = [np.array([*closed, *left]) / coins for closed, left in zip(made, run, strict=True)]
    return list(zip(days, trips, strict=True))


def one_bet(moves: Floats, draw: np.random.Generator, accounts: int) -> list[Account]:
    """
    As `winners_closed`: each day one coin is flipped, for the same bet in ten instruments on one
    underlying.
    """
    daily = moves.reshape(len(moves), -1, 24).sum(2)
    out = []
    for _ in range(accounts):
        days = daily[draw.integers(len(daily))] * draw.choice((-1.0, 1.0), daily.shape[1])
        out.append((days, np.repeat(days, 10) / 10))
    return out


def even_trades(
    trick: str,
    accounts: Iterable[Account],
) -> Played:
    """How many accounts without skill reach a t value of 1.65 over 30 trips and more."""
    found = [totals(days, trips) for days, trips in accounts]
    asked = {"trade_t": Z95, "trade_trips": 30}
    before = fmean(holds(3, each, asked, without="over_days") for each in found)
    after = fmean(holds(3, each, asked) for each in found)
    return Played(
        trick,
        "odds without skill of a t value of 1.65",
        before,
        after,
        round(alpha() + MARGIN, 2),
        f"the t value of days too: 1 - Phi(1.65) = {alpha():.3f}, and {MARGIN} for the draw",
        "M3 asks the t value of days too (metrics C2)",
    )


def alpha() -> float:
    """1 - Phi(1.65)."""
    return 0.5 * (1 - erf(Z95 / 100 / sqrt(2)))


# -- M22 -------------------------------------------------------------------------------------------
def confidence(days: Floats, *, credit: bool) -> float:
    """
    Probabilistic Sharpe ratio against 0; `credit` lets skewness count for it too, as its authors
    have it.
    """
    mean, spread = days.mean(), days.std()
    if spread == 0:
        return 0.0
    ratio = mean / spread
    skewness, kurtosis = (float((((days - mean) / spread) ** k).mean()) for k in (3, 4))
    cost = skewness if credit else min(0.0, skewness)
    variance = 1 - cost * ratio + (kurtosis - 1) * ratio**2 / 4
    return 0.5 * (1 + erf(ratio * sqrt(len(days) - 1) / sqrt(2 * variance)))


def lucky_days(returns: Floats, count: int) -> Played:
    """
    `count` days of great luck among the days of an owner, who makes nothing on the others.

    Parameters
    ----------
    returns : of each day, shares; their mean is taken off
    """
    days = (returns - returns.mean()) / 1_000
    days[:: max(1, len(days) // count)][:count] = 0.5
    words = {1: "one lucky day", 2: "two lucky days"}[count]
    return Played(
        f"{words} in a window",
        "confidence that the Sharpe ratio is above 0",
        confidence(days, credit=True),
        confidence(days, credit=False),
        0.95,
        "a lucky day is all skewness, which counts against only; M22 at 1.65 asks 0.95",
        "M22 (metrics C4)",
    )


def two_trading_days(
    moves: Floats, draw: np.random.Generator, accounts: int, window: int = 180
) -> Played:
    """Two days of trading in all, of a coin-flipper: odds of a confidence of 95 %."""
    daily = moves.reshape(len(moves), -1, 24).sum(2)
    before = after = 0
    for _ in range(accounts):
        days = np.zeros(window)
        coin, when = draw.integers(len(daily), size=2), draw.integers(daily.shape[1], size=2)
        days[[60, 120]] = draw.choice((-1.0, 1.0), 2) * daily[coin, when]
        before += confidence(days, credit=True) >= 0.95
        after += holds(22, totals(days), CONFIDENT)
    return Played(
        "two days of trading in a window",
        "odds without skill of a confidence of 95 %",
        before / accounts,
        after / accounts,
        round(alpha() + MARGIN, 2),
        f"1 - Phi(1.65) = {alpha():.3f}, and {MARGIN} for the draw",
        "M22 (metrics C4)",
    )


# -- tries -----------------------------------------------------------------------------------------
def passes(days: Floats, ratio: float, *, sure: bool) -> bool:
    """Whether a window shows a Sharpe ratio, and with `sure` the confidence of M22."""
    if days.std() == 0 or sqrt(365) * days.mean() / days.std(ddof=1) < ratio:
        return False
    return not sure or holds(22, totals(days), CONFIDENT)


def without_skill(moves: Floats, draw: np.random.Generator, days: int) -> Floats:
    """Daily results of a coin-flipper in one coin, drawn from real days."""
    daily = moves.reshape(len(moves), -1, 24).sum(2)
    coin = daily[draw.integers(len(daily))]
    made: Floats = draw.choice((-1.0, 1.0), days) * coin[draw.integers(len(coin), size=days)]
    return made


def identities(
    moves: Floats, draw: np.random.Generator, tries: int, count: int = 4, window: int = 180
) -> Played:
    """The best of four identities in one window: odds of a Sharpe ratio of 1."""
    found = np.zeros(2)
    for _ in range(tries):
        each = [without_skill(moves, draw, window) for _ in range(count)]
        found += [any(passes(days, 1.0, sure=sure) for days in each) for sure in (False, True)]
    return Played(
        f"the best of {count} identities",
        "odds without skill of a Sharpe ratio of 1",
        float(found[0] / tries),
        float(found[1] / tries),
        round(1 - (1 - alpha()) ** count + MARGIN, 2),
        f"M22 leaves 1 - Phi(1.65) to each of {count} tries: 1 - (1 - {alpha():.3f})^{count}, and "
        f"{MARGIN} for the draw; advice counts the tries of a year",
        "M22 with every Sharpe ratio, and the advice on tries",
    )


def rolling_windows(
    moves: Floats, draw: np.random.Generator, tries: int, window: int = 180
) -> Played:
    """The best window of a year, of any first day before, of the calendar now."""
    found = np.zeros(2)
    for _ in range(tries):
        year = without_skill(moves, draw, 365)
        any_day = [year[start : start + window] for start in range(0, 365 - window + 1, 5)]
        announced = [year[:window], year[window : 2 * window]]
        found[0] += any(passes(days, 1.0, sure=False) for days in any_day)
        found[1] += any(passes(days, 1.0, sure=True) for days in announced)
    return Played(
        "the best window of a year",
        "odds without skill of a Sharpe ratio of 1",
        float(found[0] / tries),
        float(found[1] / tries),
        round(1 - (1 - alpha()) ** 2 + MARGIN, 2),
        f"the calendar leaves two tries, M22 1 - Phi(1.65) to each: 1 - (1 - {alpha():.3f})^2, and "
        f"{MARGIN} for the draw",
        "windows are a calendar announced before they begin; M22",
    )
