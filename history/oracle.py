"""
The plain-Python oracle of policy v1: every metric, decided in integers (docs/explanation/metrics.md
C).

`assess` says of each asked metric whether it holds, by how much, and in words for the history's
owner. The circuit must agree with it on every input. It also gives the two numbers that the circuit
takes as witnesses: the best gain G of M3 and the best day m of M21.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isqrt

from algebra.errors import Refused, TierNotMet
from history.day_rows import INDEX_SCALE, DayRow, Sums, day_rows, reconcile, sums
from history.posterior import POSTERIOR_WORDS
from history.record import NO_POSITION_BUFFER, Records
from history.thresholds import METRIC_NAMES, Thresholds

__all__ = [
    "Assessment",
    "Condition",
    "DayRow",
    "Sums",
    "Verdict",
    "assess",
    "best_day",
    "best_gain",
    "day_rows",
    "reconcile",
    "sums",
]

DAYS_A_YEAR = 365  # M1 is annualised by it
DRAWDOWN_STEP = INDEX_SCALE // 10_000  # 1/10^4 of the index


@dataclass(frozen=True, slots=True)
class Condition:
    """One inequality left >= right of a metric, and what it says."""

    text: str
    left: int
    right: int

    @property
    def holds(self) -> bool:
        return self.left >= self.right


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What became of one asked metric.

    Attributes
    ----------
    metric, name : number 1..21, and its name
    conditions : all inequalities of the metric, the one with the threshold last
    measured : the strictest threshold that this history would still meet, in the threshold's unit;
        None where the metric is degenerate (zero variance, no volume, ...) and no threshold is met.
        Of M8: counted days M
    text : for the owner, with the number, the threshold and what is missing
    """

    metric: int
    name: str
    conditions: tuple[Condition, ...]
    measured: int | None
    text: str

    @property
    def holds(self) -> bool:
        return all(condition.holds for condition in self.conditions)

    @property
    def deciding(self) -> Condition:
        """The first condition that fails, else the last one."""
        return next(
            (condition for condition in self.conditions if not condition.holds), self.conditions[-1]
        )

    @property
    def left(self) -> int:
        return self.deciding.left

    @property
    def right(self) -> int:
        return self.deciding.right

    @property
    def gap(self) -> int:
        """left - right of the deciding condition: negative when the metric fails."""
        return self.left - self.right


@dataclass(frozen=True, slots=True)
class Assessment:
    """
    A history against one tier's thresholds.

    Attributes
    ----------
    rows, sums : day rows and S(x)
    verdicts : of each asked metric, by number
    best_gain : G = min(S(pnl), S(P)), cents, None when negative (no proof of M3 then)
    best_day : m = max r_d, 1e-8
    least_buffer, peak_exposure : over all records, 1/10^4 and 1/20
    """

    rows: tuple[DayRow, ...]
    sums: Sums
    verdicts: tuple[Verdict, ...]
    best_gain: int | None
    best_day: int
    least_buffer: int
    peak_exposure: int

    @property
    def holds(self) -> bool:
        return all(verdict.holds for verdict in self.verdicts)

    @property
    def failing(self) -> tuple[Verdict, ...]:
        return tuple(verdict for verdict in self.verdicts if not verdict.holds)

    def require(self, tier: str) -> None:
        """
        Raise TierNotMet (`refused.tier`) with every failing metric; its text is for the owner only.
        """
        if self.failing:
            listed = "; ".join(verdict.text for verdict in self.failing)
            raise TierNotMet(
                "refused.tier",
                f"tier {tier} is not met: {listed}",
                tier=tier,
                failing={verdict.metric: verdict.gap for verdict in self.failing},
            )


def best_gain(total: Sums) -> int | None:
    """G of C2: the smaller of S(pnl) and S(P), None when it is negative."""
    gain = min(total.pnl, total.profit)
    return gain if gain >= 0 else None


def best_day(rows: list[DayRow]) -> int:
    """m of M21: the greatest r_d."""
    return max(row.daily_return for row in rows)


def assess(
    records: Records,
    opening: int,
    closing: int,
    wallets: int,
    first_day: int,
    last_day: int,
    thresholds: Thresholds,
) -> Assessment:
    """
    Decide every asked metric.

    Parameters
    ----------
    records : canonical, day 0 is `first_day`
    opening, closing : cents; 0 <= opening < 2^48, |closing| < 2^47
    wallets : 1..4095, marks of every day
    first_day, last_day : days since 1970-01-01, both inside the window
    thresholds : must pass `Thresholds.check`

    Raises
    ------
    Malformed
        A record that is not canonical.
    Refused
        `refused.policy.*` (`Thresholds.check`), `refused.oracle.*` (`day_rows`, `reconcile`).
    """
    days = last_day - first_day + 1
    thresholds.check(days)
    rows = day_rows(records, opening, days, thresholds, first_day=first_day)
    reconcile(rows, closing, wallets, first_day=first_day)
    total = sums(rows)
    history = _History(
        thresholds,
        total,
        best_gain(total),
        best_day(rows),
        int(records.buffer.min(initial=NO_POSITION_BUFFER)),
        int(records.exposure.max(initial=0)),
        min(row.index for row in rows),
    )
    return Assessment(
        rows=tuple(rows),
        sums=total,
        verdicts=tuple(_verdict(metric, history) for metric in sorted(thresholds.asked)),
        best_gain=history.gain,
        best_day=history.best,
        least_buffer=history.least_buffer,
        peak_exposure=history.peak_exposure,
    )


# -- the metrics -----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _History:
    t: Thresholds
    s: Sums
    gain: int | None
    best: int
    least_buffer: int
    peak_exposure: int
    least_index: int


@dataclass(frozen=True, slots=True)
class _Result:
    """
    Conditions, strictest threshold met, threshold asked, how to print them, and which side is good.
    """

    conditions: tuple[Condition, ...]
    measured: int | None
    asked: int
    show: Callable[[int], str]
    at_least: bool = True


def _ceil(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)


def _decimal(number: int, digits: int) -> str:
    whole, rest = divmod(abs(number), 10**digits)
    return f"{'-' if number < 0 else ''}{whole:,}.{rest:0{digits}}"


def _scaled(digits: int) -> Callable[[int], str]:
    return lambda number: _decimal(number, digits)


def _usd(cents: int) -> str:
    return f"{_decimal(cents, 2)} USD"


def _percent(number: int) -> str:
    return f"{_decimal(number, 2)} %"


def _count(number: int) -> str:
    return f"{number:,}"


def _leverage(number: int) -> str:
    return f"{_decimal(number * 5, 2)}x"  # 1/20


def _sharpe(h: _History) -> _Result:  # C1 with w = 1: W = W2 = N
    n = h.s.days
    excess = h.s.returns - n * h.t.risk_free  # A
    variance = n * h.s.returns_square - h.s.returns**2  # V
    left = DAYS_A_YEAR * 10**6 * excess**2 * (n * n - n)
    conditions = (
        Condition("mean return not below the risk-free rate", excess, 0),
        Condition("variance of daily returns above zero", variance, 1),
        Condition("ratio", left, h.t.sharpe**2 * n * n * variance),
    )
    measured = isqrt(left // (n * n * variance)) if excess >= 0 and variance >= 1 else None
    return _Result(conditions, measured, h.t.sharpe, _scaled(3))


def _trade_sharpe(h: _History) -> _Result:  # C2 with w = 1: W = W2 = S(closes)
    closes = h.s.closes
    spread = closes * closes - closes  # W^2 - W2
    variance = closes * h.s.close_square - h.s.close_pnl**2  # V
    gain = h.gain if h.gain is not None else 0
    left = 10**8 * gain**2 * spread
    conditions = (
        Condition(f"closes: {closes:,} of {h.t.trade_closes:,}", closes, h.t.trade_closes),
        Condition("two closes", spread, 1),
        Condition("variance of closes above zero", variance, 1),
        Condition("gain of fills and whole profit not negative", min(h.s.pnl, h.s.profit), 0),
        Condition("ratio", left, h.t.trade_sharpe**2 * closes * closes * variance),
    )
    degenerate = spread < 1 or variance < 1 or h.gain is None
    measured = None if degenerate else isqrt(left // (closes * closes * variance))
    return _Result(conditions, measured, h.t.trade_sharpe, _scaled(4))


def _buffer(h: _History) -> _Result:
    return _Result(
        (Condition("least buffer", h.least_buffer, h.t.buffer),),
        h.least_buffer,
        h.t.buffer,
        _scaled(4),
    )


def _liquidations(h: _History) -> _Result:
    number = h.s.liquidations
    return _Result(
        (Condition("count", h.t.liquidations, number),),
        number,
        h.t.liquidations,
        _count,
        at_least=False,
    )


def _drawdown(h: _History) -> _Result:
    least = INDEX_SCALE - DRAWDOWN_STEP * h.t.drawdown
    measured = _ceil(INDEX_SCALE - h.least_index, DRAWDOWN_STEP)
    return _Result(
        (Condition("index", h.least_index, least),),
        measured,
        h.t.drawdown,
        _percent,
        at_least=False,
    )


def _near_rate(h: _History) -> _Result:
    near, counted = h.s.near_days, h.s.counted_days
    wanted = h.t.near_word[min(near, POSTERIOR_WORDS - 1)]
    conditions = (
        Condition(f"near days: {near} of at most {POSTERIOR_WORDS - 1}", POSTERIOR_WORDS - 1, near),
        Condition(f"counted days with {near} near days", counted, wanted),
    )
    return _Result(conditions, counted, wanted, _count)


def _turnover(h: _History) -> _Result:
    left = 100 * h.s.days * h.s.volume
    conditions = (
        Condition("equity above zero", h.s.equity, 1),
        Condition("turnover", left, h.t.turnover * h.s.equity),
    )
    return _Result(conditions, left // h.s.equity if h.s.equity else None, h.t.turnover, _scaled(2))


def _volume(h: _History) -> _Result:
    return _Result((Condition("volume", h.s.volume, h.t.volume),), h.s.volume, h.t.volume, _usd)


def _mean_equity(h: _History) -> _Result:
    condition = Condition("sum of equity", h.s.equity, h.s.days * h.t.mean_equity)
    return _Result((condition,), h.s.equity // h.s.days, h.t.mean_equity, _usd)


def _maker_share(h: _History) -> _Result:
    left = 10**4 * h.s.maker_volume
    conditions = (
        Condition("volume above zero", h.s.volume, 1),
        Condition("share", left, h.t.maker_share * h.s.volume),
    )
    return _Result(
        conditions, left // h.s.volume if h.s.volume else None, h.t.maker_share, _percent
    )


def _exposure_condition(h: _History, threshold: int) -> tuple[Condition, Condition]:
    return (
        Condition("equity above zero", h.s.equity, 1),
        Condition("mean exposure", threshold * h.s.equity, 100 * h.s.open),
    )


def _mean_exposure(h: _History) -> _Result:
    measured = _ceil(100 * h.s.open, h.s.equity) if h.s.equity else None
    conditions = _exposure_condition(h, h.t.mean_exposure)
    return _Result(conditions, measured, h.t.mean_exposure, _scaled(2), at_least=False)


def _peak_exposure(h: _History) -> _Result:
    condition = Condition("peak exposure", h.t.peak_exposure, h.peak_exposure)
    return _Result((condition,), h.peak_exposure, h.t.peak_exposure, _leverage, at_least=False)


def _holding(h: _History) -> tuple[Condition, int | None]:
    left = 200 * h.s.open
    condition = Condition("days of holding for each turn", left, h.t.class_holding * h.s.volume)
    return condition, left // h.s.volume if h.s.volume else None


def _hedger(h: _History) -> _Result:
    holding, measured = _holding(h)
    conditions = (
        Condition("volume above zero", h.s.volume, 1),
        *_exposure_condition(h, h.t.class_exposure),
        holding,
    )
    return _Result(conditions, measured, h.t.class_holding, _scaled(2))


def _speculator(h: _History) -> _Result:
    """
    Volume, and one of the three ways not to be a hedger: short holding, high exposure, no equity at
    all.
    """
    holding, measured = _holding(h)
    ways = (
        Condition("holding shorter than a hedger's", holding.right, holding.left + 1),
        Condition("exposure above a hedger's", 100 * h.s.open, h.t.class_exposure * h.s.equity + 1),
        Condition("no equity", 0, h.s.equity),
    )
    way = next((condition for condition in ways if condition.holds), ways[0])
    conditions = (Condition("volume above zero", h.s.volume, 1), way)
    return _Result(conditions, measured, h.t.class_holding, _scaled(2), at_least=False)


def _best_day(h: _History) -> _Result:
    returns = h.s.returns
    conditions = (
        Condition("sum of daily returns above zero", returns, 1),
        Condition("share", h.t.best_day * returns, 10**4 * h.best),
    )
    measured = _ceil(10**4 * h.best, returns) if returns >= 1 else None
    return _Result(conditions, measured, h.t.best_day, _percent, at_least=False)


def _counted(name: str) -> Callable[[_History], _Result]:
    def metric(h: _History) -> _Result:
        number, threshold = getattr(h.s, name), getattr(h.t, name)
        return _Result((Condition("count", number, threshold),), number, threshold, _count)

    return metric


_METRICS: dict[int, Callable[[_History], _Result]] = {
    1: _sharpe,
    3: _trade_sharpe,
    5: _buffer,
    6: _liquidations,
    7: _drawdown,
    8: _near_rate,
    9: _turnover,
    10: _volume,
    11: _mean_equity,
    12: _counted("active_days"),
    13: _counted("fills"),
    14: _maker_share,
    15: _mean_exposure,
    16: _peak_exposure,
    17: _hedger,
    18: _speculator,
    19: _counted("votes"),
    20: _counted("rewards"),
    21: _best_day,
}


def _verdict(metric: int, history: _History) -> Verdict:
    if metric not in _METRICS:
        raise Refused(
            "refused.policy.metric", f"M{metric}: this version cannot decide it", metric=metric
        )
    result = _METRICS[metric](history)
    name = METRIC_NAMES[metric]
    side = "at least" if result.at_least else "at most"
    failed = [condition for condition in result.conditions if not condition.holds]
    measured = "not defined" if result.measured is None else result.show(result.measured)
    text = f"M{metric} {name}: {measured}, {side} {result.show(result.asked)} asked"
    if failed:
        first = failed[0]
        if (
            first is result.conditions[-1]
            and result.measured is not None
            and metric not in (17, 18)
        ):
            text += (
                f"; {'short' if result.at_least else 'over'} by "
                f"{result.show(abs(result.asked - result.measured))}"
            )
        else:
            text += f"; fails: {first.text}"
    return Verdict(metric, name, result.conditions, result.measured, text)
