"""M3: whether the trades earn more than chance gives, over trades and over days (C2)."""

from __future__ import annotations

from history.v2.metrics.form import Condition, Metric, Part, Place, Threshold, Unit
from history.v2.metrics.units import ONE_LIMB, SHORT, TWO_LIMBS, count

MIN_TRIPS = 30  # fewer trips make a ratio of luck (docs/explanation/metrics.md F)
T_VALUE = Unit("1/100", 2)

TRADE_T = Metric(
    3,
    "t value of executed trades",
    thresholds=(
        Threshold("trade_t", 1, ONE_LIMB, unit=T_VALUE, spare=1),
        Threshold(  # M4 was behind it
            "trade_trips",
            2,
            TWO_LIMBS,
            unit=count("trip"),
            least=MIN_TRIPS,
            spare=4,
        ),
    ),
    conditions=(
        Condition(
            "trips",
            asked="number of trips",
            failed="{left} of {right} trips",
            sides=lambda h, t: (h.trips, t.trade_trips),
            place=Place("trades_parts", 0, 2),
            threshold="trade_trips",
        ),
        Condition(
            "variance_positive",
            asked="variance of trips above zero",
            failed="all trips have the same result: their variance is zero",
            sides=lambda h, t: (h.trip_variance, 1),
            place=Place("trades_variance", 0, 12),
        ),
        Condition(
            "days_differ",
            asked="variance of daily profits above zero",
            failed="all days have the same profit: their variance is zero",
            sides=lambda h, t: (h.profit_variance, 1),
            place=Place("trades_parts", 2, 10),
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
            "over_trades",
            asked="t value over trades",
            failed=SHORT,
            sides=lambda h, t: (
                h.gain_square * (h.trips - 1) * 10**4,
                t.trade_t * t.trade_t * h.trip_variance,
            ),
            place=Place("trades", 0, 13),
            threshold="trade_t",
        ),
        Condition(
            "over_days",
            asked="t value over days",
            failed=SHORT,
            sides=lambda h, t: (
                h.gain_square * (h.days - 1) * 10**4,
                t.trade_t * t.trade_t * h.profit_variance,
            ),
            place=Place("trades_days", 0, 12),
            threshold="trade_t",
        ),
    ),
    rows={
        "gain": ("pnl", "profit"),
        "trades_parts": ("trips", "profit_square"),
        "trades_variance": ("trip_square", "trip_pnl"),
        "trades": (),
        "trades_days": (),
    },
    hands={
        "trades_parts": ("gain", "profit"),
        "trades_variance": ("trips", "gain_square", "profit_variance"),
        "trades": ("trips", "gain_square", "profit_variance", "trip_variance"),
        "trades_days": ("gain_square", "profit_variance"),
    },
    parts=(
        Part("gain", "gain", lambda h, t: max(0, min(h.pnl, h.profit)), limbs=5),
        Part("gain_square", "trades_parts", lambda h, t: h.gain * h.gain),
        Part(
            "profit_variance",
            "trades_parts",
            lambda h, t: h.days * h.profit_square - h.profit * h.profit,
        ),
        Part(
            "trip_variance",
            "trades_variance",
            lambda h, t: h.trips * h.trip_square - h.trip_pnl * h.trip_pnl,
        ),
    ),
    see="C2",
)

RETIRED = Metric(4, "retired", thresholds=(), refused="it is retired; ask M3")
"""Of the Sharpe ratio of trades by regime; its bit stays refused."""

TRADES = (TRADE_T, RETIRED)
