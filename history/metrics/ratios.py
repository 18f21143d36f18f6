"""
M1 to M4, the Sharpe ratios, and M21, which tells luck from them (docs/explanation/metrics.md C1,
C2).
"""

from __future__ import annotations

from typing import Any

from history.metrics.form import Condition, Metric, Place, Threshold, Unit
from history.metrics.units import OVER, PERCENT, SHORT, TWO_LIMBS, WHOLE, count

DAYS_A_YEAR = 365  # M1 is annualised by it
MIN_TRADE_CLOSES = 30  # M3: fewer closes make a ratio of luck (docs/explanation/metrics.md F)
RATIO = (1 << 16) - 1  # greatest threshold of a ratio


def _excess(h: Any, t: Any) -> Any:
    return h.returns - h.days * t.risk_free  # A


def _variance(h: Any) -> Any:
    return h.days * h.returns_square - h.returns * h.returns  # V


SHARPE = Metric(
    1,
    "Sharpe ratio of daily returns",
    thresholds=(Threshold("sharpe", 2, RATIO, unit=Unit("1/1000", 3)),),
    conditions=(
        Condition(
            "excess",
            asked="mean return not below the risk-free rate",
            failed="the mean return is below the risk-free rate",
            sides=lambda h, t: (_excess(h, t), 0),
            place=Place("sharpe_parts", 0, 4),
        ),
        Condition(
            "variance",
            asked="variance of daily returns above zero",
            failed="all daily returns are equal: their variance is zero",
            sides=lambda h, t: (_variance(h), 1),
            place=Place("sharpe_parts", 4, 8),
        ),
        Condition(
            "ratio",
            asked="ratio",
            failed=SHORT,
            sides=lambda h, t: (
                (h.days * h.days - h.days)
                * (DAYS_A_YEAR * 10**6)
                * (_excess(h, t) * _excess(h, t)),
                t.sharpe * t.sharpe * h.days * h.days * _variance(h),
            ),
            place=Place("sharpe", 0, 16),
            threshold="sharpe",
        ),
    ),
    rows={
        "sharpe_parts": ("returns", "returns_square"),
        "sharpe": ("returns", "returns_square"),
    },
    see="C1 with w = 1",
)

REGIME_SHARPE = Metric(
    2,
    "Sharpe ratio of daily returns by regime",
    thresholds=(Threshold("regime_sharpe", 2, RATIO, unit=SHARPE.unit),),
    needs_feed=True,
    see="C1",
)


def trade_parts(h: Any) -> tuple[Any, Any, Any]:
    """
    What M3 compares (C2 with w = 1), in ints: W^2 - W, V and G^2 (W^2 - W).

    In the formulas they are `h.spread`, `h.close_variance` and `h.gain_part`; the circuit makes
    them over four rows (circuits/credential/v1/trades.py).
    """
    spread = h.closes * (h.closes - 1)
    return spread, h.closes * h.close_square - h.close_pnl * h.close_pnl, h.gain * h.gain * spread


TRADE_SHARPE = Metric(
    3,
    "Sharpe ratio of executed trades",
    thresholds=(
        Threshold("trade_sharpe", 2, RATIO, unit=Unit("1/10^4", 4)),
        Threshold("trade_closes", 2, TWO_LIMBS, unit=count("close"), least=MIN_TRADE_CLOSES),
    ),
    conditions=(
        Condition(
            "closes",
            asked="number of closes",
            failed="{left} of {right} closes",
            sides=lambda h, t: (h.closes, t.trade_closes),
            place=Place("trades_variance", 0, 2),
            threshold="trade_closes",
        ),
        Condition(
            "variance_positive",
            asked="variance of closes above zero",
            failed="all closes have the same result: their variance is zero",
            sides=lambda h, t: (h.close_variance, 1),
            place=Place("trades_variance", 2, 12),
        ),
        Condition(  # G is the prover's: the best is the smaller of the two, or 0
            "gain",
            asked="gain not negative",
            failed="the gain is negative",
            sides=lambda h, t: (h.gain, 0),
            place=Place("gain", 0, 5),
        ),
        Condition(
            "gain_below_pnl",
            asked="realised pnl of at least the gain",
            failed="the realised pnl is below zero",
            sides=lambda h, t: (h.pnl, h.gain),
            place=Place("gain", 5, 6),
        ),
        Condition(
            "gain_below_profit",
            asked="profit of at least the gain, open positions included",
            failed="the profit is below zero, open positions included",
            sides=lambda h, t: (h.profit, h.gain),
            place=Place("gain", 11, 5),
        ),
        Condition(
            "ratio",
            asked="ratio",
            failed=SHORT,
            sides=lambda h, t: (
                h.gain_part * 10**8,
                t.trade_sharpe * t.trade_sharpe * (h.closes * h.closes * h.close_variance),
            ),
            place=Place("trades_low", 0, 19),
            threshold="trade_sharpe",
        ),
    ),
    rows={
        "gain": ("pnl", "profit"),
        "trades_parts": ("closes", "close_square"),
        "trades_variance": ("close_pnl",),
        "trades_low": (),
        "trades_high": (),
    },
    see="C2 with w = 1",
)

REGIME_TRADE_SHARPE = Metric(
    4,
    "Sharpe ratio of executed trades by regime",
    thresholds=(
        Threshold("regime_trade_sharpe", 2, RATIO, unit=TRADE_SHARPE.unit),
        Threshold("regime_trade_closes", 2, TWO_LIMBS, unit=count("close")),
    ),
    needs_feed=True,
    see="C2",
)

BEST_DAY = Metric(
    21,
    "best day's share of all returns",
    thresholds=(Threshold("best_day", 2, WHOLE, unit=PERCENT),),
    conditions=(
        Condition(
            "returns",
            asked="sum of daily returns above zero",
            failed="the sum of daily returns is not above zero",
            sides=lambda h, t: (h.returns, 1),
            place=Place("best_day", 6, 4),
        ),
        Condition(  # h.best_day: m, which no day's return exceeds (index rows)
            "share",
            asked="share",
            failed=OVER,
            sides=lambda h, t: (t.best_day * h.returns, h.best_day * 10**4),
            place=Place("best_day", 0, 6),
            threshold="best_day",
        ),
    ),
    at_least=False,
    rows={"best_day": ("returns", "best_day")},
)

RATIOS = (SHARPE, REGIME_SHARPE, TRADE_SHARPE, REGIME_TRADE_SHARPE, BEST_DAY)
