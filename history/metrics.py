"""
The metrics of policy v1, each once (docs/explanation/metrics.md C).

Read by the oracle (`history/oracle.py`), the threshold words (`history/thresholds.py`), the circuit
(`circuits/credential/v1/comparisons.py`), policy documents and the docs. The order is the order of
the threshold words and of the circuit's comparison rows; the shape of a formula is part of the
circuit's text, and so of every key.

Names in formulas: `h` has the sums over all days (`history.day_rows.Sums`), `h.days` = N, and what
`history.oracle` says of the witnesses and extremes; `t` the thresholds.
"""

from __future__ import annotations

from typing import Any

from history.metric import (
    INDEX_SCALE,
    Condition,
    Metric,
    MetricTable,
    OneFails,
    Place,
    Threshold,
    Unit,
)
from history.posterior import POSTERIOR_WORDS
from history.record import BUFFER_OFFSET

DAYS_A_YEAR = 365  # M1 is annualised by it
DRAWDOWN_STEP = INDEX_SCALE // 10_000  # 1/10^4 of the index

MONEY = (1 << 48) - 1  # four limbs, cents
TWO_LIMBS, ONE_LIMB = (1 << 24) - 1, (1 << 12) - 1
RATIO = (1 << 16) - 1  # greatest threshold of a Sharpe ratio
WHOLE = 10_000  # 1.0 in 1/10^4

SHORT, OVER = "short by {by}", "over by {by}"
USD = Unit("cents", 2, " USD")
PERCENT = Unit("1/10^4", 2, " %")
LEVERAGE = Unit("1/100", 2, "x")
HOLDING = Unit("1/100 day", 2, noun="day{s} of holding")


def count(noun: str) -> Unit:
    """The unit of a number of things."""
    return Unit(noun=noun + "{s}")


COMMON = (
    Threshold("floor", 4, MONEY, USD, least=1),
    Threshold("activity", 4, MONEY, USD, least=1),
    Threshold("risk_free", 2, 1_000_000, Unit("1e-8 a day", 6, " % a day")),
    Threshold("near_line", 2, BUFFER_OFFSET - 1, Unit("1/10^4", 4), BUFFER_OFFSET),
)
"""
Floor F: least divisor of a day's return. Activity A: volume + open positions from which a day is
active. Risk-free rate rho. Near line: margin buffer below which a record is near liquidation.
"""


# -- ratios ----------------------------------------------------------------------------------------
def _excess(h: Any, t: Any) -> Any:
    return h.returns - h.days * t.risk_free  # A


def _variance(h: Any) -> Any:
    return h.days * h.returns_square - h.returns * h.returns  # V


SHARPE = Metric(
    1,
    "Sharpe ratio of daily returns",
    (Threshold("sharpe", 2, RATIO, Unit("1/1000", 3)),),
    (
        Condition(
            "excess",
            "mean return not below the risk-free rate",
            "the mean return is below the risk-free rate",
            lambda h, t: (_excess(h, t), 0),
            Place("sharpe_parts", 0, 4),
        ),
        Condition(
            "variance",
            "variance of daily returns above zero",
            "all daily returns are equal: their variance is zero",
            lambda h, t: (_variance(h), 1),
            Place("sharpe_parts", 4, 8),
        ),
        Condition(
            "ratio",
            "ratio",
            SHORT,
            lambda h, t: (
                (h.days * h.days - h.days)
                * (DAYS_A_YEAR * 10**6)
                * (_excess(h, t) * _excess(h, t)),
                t.sharpe * t.sharpe * h.days * h.days * _variance(h),
            ),
            Place("sharpe", 0, 16),
            "sharpe",
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
    (Threshold("regime_sharpe", 2, RATIO, SHARPE.unit),),
    needs_feed=True,
    see="C1",
)

MIN_TRADE_CLOSES = 30  # M3: fewer closes make a ratio of luck (docs/explanation/metrics.md F)


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
    (
        Threshold("trade_sharpe", 2, RATIO, Unit("1/10^4", 4)),
        Threshold("trade_closes", 2, TWO_LIMBS, count("close"), least=MIN_TRADE_CLOSES),
    ),
    (
        Condition(
            "closes",
            "number of closes",
            "{left} of {right} closes",
            lambda h, t: (h.closes, t.trade_closes),
            Place("trades_variance", 0, 2),
            "trade_closes",
        ),
        Condition(
            "variance_positive",
            "variance of closes above zero",
            "all closes have the same result: their variance is zero",
            lambda h, t: (h.close_variance, 1),
            Place("trades_variance", 2, 12),
        ),
        Condition(  # G is the prover's: the best is the smaller of the two, or 0
            "gain",
            "gain not negative",
            "the gain is negative",
            lambda h, t: (h.gain, 0),
            Place("gain", 0, 5),
        ),
        Condition(
            "gain_below_pnl",
            "realised pnl of at least the gain",
            "the realised pnl is below zero",
            lambda h, t: (h.pnl, h.gain),
            Place("gain", 5, 6),
        ),
        Condition(
            "gain_below_profit",
            "profit of at least the gain, open positions included",
            "the profit is below zero, open positions included",
            lambda h, t: (h.profit, h.gain),
            Place("gain", 11, 5),
        ),
        Condition(
            "ratio",
            "ratio",
            SHORT,
            lambda h, t: (
                h.gain_part * 10**8,
                t.trade_sharpe * t.trade_sharpe * (h.closes * h.closes * h.close_variance),
            ),
            Place("trades_low", 0, 19),
            "trade_sharpe",
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
    (
        Threshold("regime_trade_sharpe", 2, RATIO, TRADE_SHARPE.unit),
        Threshold("regime_trade_closes", 2, TWO_LIMBS, count("close")),
    ),
    needs_feed=True,
    see="C2",
)

# -- margin ----------------------------------------------------------------------------------------
BUFFER = Metric(
    5,
    "margin buffer",
    (
        Threshold(
            "buffer",
            2,
            BUFFER_OFFSET - 1,
            Unit("1/10^4", 4, noun="of equity"),
            BUFFER_OFFSET,
            weakest=-BUFFER_OFFSET,
        ),
    ),
    (
        Condition(  # on every record row
            "buffer",
            "least buffer",
            SHORT,
            lambda h, t: (h.least_buffer, t.buffer),
            threshold="buffer",
        ),
    ),
)

LIQUIDATIONS = Metric(
    6,
    "liquidations",
    (Threshold("liquidations", 1, ONE_LIMB, count("liquidation")),),
    (
        Condition(
            "liquidations",
            "number of liquidations",
            OVER,
            lambda h, t: (t.liquidations, h.liquidations),
            Place("liquidations", 0, 2),
            "liquidations",
        ),
    ),
    at_least=False,
    rows={"liquidations": ("liquidations",)},
)


def drawdown_line(t: Any) -> Any:
    """Least index that M7 admits on a day."""
    return INDEX_SCALE - t.drawdown * DRAWDOWN_STEP


DRAWDOWN = Metric(
    7,
    "drawdown",
    (Threshold("drawdown", 2, WHOLE, PERCENT, weakest=WHOLE),),
    (
        Condition(  # on every day's index row
            "drawdown",
            "least index",
            OVER,
            lambda h, t: (h.least_index, drawdown_line(t)),
            threshold="drawdown",
        ),
    ),
    at_least=False,
)

NEAR_RATE = Metric(
    8,
    "near-liquidation rate",
    (Threshold("near_word", 1, ONE_LIMB, count("counted day"), count=POSTERIOR_WORDS),),
    (
        Condition(
            "fifteen_near_days",
            f"at most {POSTERIOR_WORDS - 1} near days",
            "{right} near days, at most {left} can be made up for",
            lambda h, t: (POSTERIOR_WORDS - 1, h.near_days),
        ),
        Condition(  # t.near_word: the number of the word that the near days choose
            "counted_days",
            "counted days",
            SHORT,
            lambda h, t: (h.counted_days, t.near_word),
            Place("near", 15, 1),
            "near_word",
        ),
    ),
    rows={"near": ("near_days", "counted_days")},
    see="C3",
)

# -- size and activity -----------------------------------------------------------------------------
TURNOVER = Metric(
    9,
    "turnover of collateral",
    (Threshold("turnover", 2, TWO_LIMBS, LEVERAGE),),
    (
        Condition(
            "equity",
            "equity above zero",
            "there is no equity at the close of any day",
            lambda h, t: (h.equity, 1),
            Place("turnover", 8, 5),
        ),
        Condition(
            "turnover",
            "turnover",
            SHORT,
            lambda h, t: (h.days * 100 * h.volume, t.turnover * h.equity),
            Place("turnover", 0, 8),
            "turnover",
        ),
    ),
    rows={"turnover": ("volume", "equity")},
)

VOLUME = Metric(
    10,
    "volume",
    (Threshold("volume", 5, (1 << 60) - 1, USD),),
    (
        Condition(
            "volume",
            "volume",
            SHORT,
            lambda h, t: (h.volume, t.volume),
            Place("volume_equity", 0, 6),
            "volume",
        ),
    ),
    rows={"volume_equity": ("volume",)},
)

MEAN_EQUITY = Metric(
    11,
    "mean equity",
    (Threshold("mean_equity", 4, MONEY, USD),),
    (
        Condition(
            "mean_equity",
            "sum of equity",
            SHORT,
            lambda h, t: (h.equity, h.days * t.mean_equity),
            Place("volume_equity", 6, 5),
            "mean_equity",
        ),
    ),
    rows={"volume_equity": ("equity",)},
)


def counted(number: int, name: str, threshold: Threshold, place: Place) -> Metric:
    """A metric that asks a number of things: S(name) >= T, threshold and sum of one name."""

    def sides(h: Any, t: Any) -> tuple[Any, Any]:
        return getattr(h, threshold.name), getattr(t, threshold.name)

    condition = Condition(threshold.name, f"number of {name}", SHORT, sides, place, threshold.name)
    rows = {place.row: (threshold.name,)}
    return Metric(number, name, (threshold,), (condition,), rows=rows)


ACTIVE_DAYS = counted(
    12,
    "active days",
    Threshold("active_days", 1, ONE_LIMB, count("day")),
    Place("days_fills", 0, 1),
)
FILLS = counted(
    13, "fills", Threshold("fills", 2, TWO_LIMBS, count("fill")), Place("days_fills", 1, 2)
)

MAKER_SHARE = Metric(
    14,
    "maker share",
    (Threshold("maker_share", 2, WHOLE, PERCENT),),
    (
        Condition(
            "volume",
            "volume above zero",
            "there is no volume",
            lambda h, t: (h.volume, 1),
            Place("maker_share", 7, 6),
        ),
        Condition(
            "maker_share",
            "share",
            SHORT,
            lambda h, t: (h.maker_volume * 10**4, t.maker_share * h.volume),
            Place("maker_share", 0, 7),
            "maker_share",
        ),
    ),
    rows={"maker_share": ("maker_volume", "volume")},
)

MEAN_EXPOSURE = Metric(
    15,
    "mean exposure",
    (Threshold("mean_exposure", 2, TWO_LIMBS, LEVERAGE),),
    (
        Condition(
            "equity",
            "equity above zero",
            "there is no equity at the close of any day",
            lambda h, t: (h.equity, 1),
            Place("mean_exposure", 8, 5),
        ),
        Condition(
            "mean_exposure",
            "mean exposure",
            OVER,
            lambda h, t: (t.mean_exposure * h.equity, h.open * 100),
            Place("mean_exposure", 0, 8),
            "mean_exposure",
        ),
    ),
    at_least=False,
    rows={"mean_exposure": ("open", "equity")},
)

PEAK_EXPOSURE = Metric(
    16,
    "peak exposure",
    (Threshold("peak_exposure", 1, ONE_LIMB, Unit("1/20", 2, "x", step=5), weakest=ONE_LIMB),),
    (
        Condition(  # on every record row
            "exposure",
            "peak exposure",
            OVER,
            lambda h, t: (t.peak_exposure, h.peak_exposure),
            threshold="peak_exposure",
        ),
    ),
    at_least=False,
)

# -- classes ---------------------------------------------------------------------------------------
CLASS_THRESHOLDS = (
    Threshold("class_holding", 2, TWO_LIMBS, HOLDING),
    Threshold("class_exposure", 2, TWO_LIMBS, LEVERAGE),
)
CLASS_VOLUME = Condition(
    "volume",
    "volume above zero",
    "there is no volume",
    lambda h, t: (h.volume, 1),
    Place("class_holding", 9, 6),
)
CLASS_EQUITY = Condition(
    "equity",
    "equity above zero",
    "there is no equity at the close of any day",
    lambda h, t: (h.equity, 1),
    Place("class_exposure", 9, 5),
)
CLASS_EXPOSURE = Condition(
    "exposure",
    "mean exposure not above a hedger's",
    "the mean exposure is above a hedger's",
    lambda h, t: (t.class_exposure * h.equity, h.open * 100),
    Place("class_exposure", 0, 9),
    "class_exposure",
)
CLASS_HOLDING = Condition(
    "holding",
    "days of holding for each turn",
    SHORT,
    lambda h, t: (h.open * 200, t.class_holding * h.volume),
    Place("class_holding", 0, 9),
    "class_holding",
)

HEDGER = Metric(
    17,
    "class hedger",
    CLASS_THRESHOLDS,
    (CLASS_VOLUME, CLASS_EQUITY, CLASS_EXPOSURE, CLASS_HOLDING),
    rows={"class_holding": ("open", "volume"), "class_exposure": ("open", "equity")},
    excludes=18,
)

SPECULATOR = Metric(
    18,
    "class speculator",
    CLASS_THRESHOLDS,
    (CLASS_VOLUME,),
    at_least=False,
    one_fails=OneFails(
        "no_hedger",
        "shorter holding, higher exposure or less equity than a hedger's",
        "holding, exposure and equity are a hedger's",
        (CLASS_HOLDING, CLASS_EXPOSURE, CLASS_EQUITY),
    ),
    excludes=17,
)

# -- taking part, and luck -------------------------------------------------------------------------
VOTES = counted(
    19, "votes", Threshold("votes", 1, ONE_LIMB, count("vote")), Place("votes_rewards", 0, 2)
)
REWARDS = counted(
    20, "rewards", Threshold("rewards", 1, ONE_LIMB, count("reward")), Place("votes_rewards", 2, 2)
)

BEST_DAY = Metric(
    21,
    "best day's share of all returns",
    (Threshold("best_day", 2, WHOLE, PERCENT),),
    (
        Condition(
            "returns",
            "sum of daily returns above zero",
            "the sum of daily returns is not above zero",
            lambda h, t: (h.returns, 1),
            Place("best_day", 6, 4),
        ),
        Condition(  # h.best_day: m, which no day's return exceeds (index rows)
            "share",
            "share",
            OVER,
            lambda h, t: (t.best_day * h.returns, h.best_day * 10**4),
            Place("best_day", 0, 6),
            "best_day",
        ),
    ),
    at_least=False,
    rows={"best_day": ("returns", "best_day")},
)

METRICS = MetricTable(
    COMMON,
    (
        SHARPE,
        REGIME_SHARPE,
        TRADE_SHARPE,
        REGIME_TRADE_SHARPE,
        BUFFER,
        LIQUIDATIONS,
        DRAWDOWN,
        NEAR_RATE,
        TURNOVER,
        VOLUME,
        MEAN_EQUITY,
        ACTIVE_DAYS,
        FILLS,
        MAKER_SHARE,
        MEAN_EXPOSURE,
        PEAK_EXPOSURE,
        HEDGER,
        SPECULATOR,
        VOTES,
        REWARDS,
        BEST_DAY,
    ),
)
"""All of policy v1."""
