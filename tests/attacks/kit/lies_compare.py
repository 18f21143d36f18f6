"""
Lies in the comparisons: a metric that does not hold, and the numbers that decide it, one of them
wrong where it is made, handed over or chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from attacks.kit.books import Books, settle, show
from attacks.kit.cheats import Cheat
from attacks.kit.hands import set_limb, set_limbs, signed
from attacks.kit.trace import Trace
from support.credential import (
    FIRST_DAY,
    LAYOUT,
    Case,
    case,
    close,
    fill,
    honest,
    mark,
    owner_mark,
    thresholds,
    week,
)
from support.feeds import market

from algebra.interface import R
from circuits.credential.v2.rows import wide_cell
from circuits.credential.v2.trace import LIMBS
from history.v2.feed import Feed
from history.v2.metrics import METRICS
from history.v2.record import FILL, TRIP, Record

ROW = LAYOUT.comparison


def failing(metric: int, **numbers: Any) -> Cheat:
    """An honest witness of the stock week under a threshold that it misses; its limbs wrap."""
    return Cheat(f"M{metric} by a desk that misses it", honest(metric, **numbers))


def desk(
    rows: list[Record],
    metric: int,
    opening: int = 100_000,
    *,
    feed: Feed | None = None,
    **numbers: Any,
) -> Case:
    return case(rows, 7, opening, thresholds([metric], **numbers), others=5, feed=feed)


def changing(*changes: int) -> Feed:
    """A feed of the week with other changes."""
    return replace(market(FIRST_DAY, 7), changes=changes)


def idle() -> list[Record]:
    """Seven days without a trade."""
    return [mark(day) for day in range(7)]


def with_last_mark(value: int) -> list[Record]:
    """The stock week, with an open position at its end."""
    return [row._replace(value=value) if row == mark(6) else row for row in week()]


def closes_of(*days: tuple[int, ...]) -> list[Record]:
    """Closes of each day, and their marks."""
    return [
        row
        for day, values in enumerate(days)
        for row in (*(each for value in values for each in close(day, value)), mark(day))
    ]


def uneven(day: int) -> tuple[int, ...]:
    """Five closes that differ, of a sum that the day decides."""
    return 1000, -990, 1000, -990, day


EVEN_DAYS = closes_of(*((10 + i, 10 - i, 20, 20 + i, 20 - i) for i in range(7)))
NOISY = closes_of(*(uneven(day) for day in range(7)))
LUCKY = [*week(), fill(5, 3000)]
TREND = [*(fill(day, 900 if day < 3 else 0) for day in range(7)), *(mark(day) for day in range(7))]


RISING, FALLING = (
    changing(*(sign * gain for gain in (10, -5, 8, 6, -2, 9, 4))) for sign in (1, -1)
)
NONE_A_POINT = {"volatility_sensitivity": 0}


def missed() -> dict[str, Cheat]:
    """Every inequality by a desk for which it is false."""
    out = {
        "M1.excess": failing(1, risk_free=230_000),
        "M1.ratio": failing(1, sharpe=65_535),
        "M2.excess": failing(2, risk_free=400_000),
        "M2.ratio": failing(2, regime_sharpe=65_535),
        "M2.variance": Cheat("a ratio without variance", desk(idle(), 2)),
        "M3.trips": failing(3, trade_trips=36),
        "M3.over_days": failing(3, trade_t=190),
        "M3.over_trades": Cheat("trades of chance", desk(NOISY, 3, trade_t=100)),
        "M3.days_differ": Cheat("a t value without variance", desk(EVEN_DAYS, 3)),
        "M6.liquidations": failing(6, liquidations=0),
        "M8.counted_days": failing(8, near_word=(3, 90, *range(91, 105))),
        "M9.turnover": failing(9, turnover=50),
        "M10.volume": failing(10, volume=36_000),
        "M11.mean_equity": failing(11, mean_equity=200_000),
        "M12.active_days": failing(12, active_days=8),
        "M13.fills": failing(13, fills=36),
        "M14.maker_share": failing(14, maker_share=9_999),
        "M15.mean_exposure": failing(15, mean_exposure=1),
        "M17.net": failing(17, class_net=42),
        "M18.net": failing(18, class_net=43),
        "M19.votes": failing(19, votes=3),
        "M20.rewards": failing(20, rewards=2),
        "M21.share": failing(21, best_day=1),
        "M22.excess": failing(22, risk_free=230_000),
        "M23.capital_use": failing(23, capital_use=10),
        "M24.shortfall": failing(24, shortfall=16),
        "M24.regime_days": failing(24, shortfall_mode=2, worst_days=4),
        "M25.changes": Cheat(
            "a sensitivity to what does not move", desk(week(), 25, feed=changing(*[3] * 7))
        ),
        "M25.rising": Cheat(
            "M25 by a desk that gains with the index", desk(week(), 25, feed=RISING, **NONE_A_POINT)
        ),
        "M25.falling": Cheat(
            "M25 by a desk that loses with it", desk(week(), 25, feed=FALLING, **NONE_A_POINT)
        ),
        "M27.excess": failing(27, risk_free=230_000),
        "M27.ratio": failing(27, correlated_sharpe=65_535),
        "M1.variance": Cheat("a ratio without variance", desk(idle(), 1)),
        "M22.variance": Cheat("a ratio without variance", desk(idle(), 22)),
        "M27.variance": Cheat("a ratio without variance", desk(idle(), 27)),
        "M3.variance_positive": Cheat(
            "a t value without variance",
            desk([*closes_of(*((5,) * 5 for _ in range(7))), fill(0, 1)], 3),
        ),
        "M9.available": Cheat("a turnover of no capital", desk(idle(), 9, 0)),
        "M15.kept": Cheat("an exposure of no equity", desk(idle(), 15, 0)),
        "M23.available": Cheat("use of no capital", desk(idle(), 23, 0)),
        "M14.volume": Cheat("a share of no volume", desk(idle(), 14)),
        "M17.gross": Cheat("a hedger without positions", desk(idle(), 17)),
        "M18.gross": Cheat(
            "a speculator without positions", desk([*idle(), owner_mark(0, 5, 0)], 18)
        ),
        "M21.returns": Cheat("a share of no return", desk(idle(), 21)),
    }
    return {f"metric.{name}": cheat for name, cheat in out.items()}


def negative_level() -> Cheat:
    """M24 with a level below zero, of a desk without losses."""
    rows = [mark(day) for day in range(7)]

    def lie(trace: Trace) -> None:
        Books(trace, level=-5).keep()
        show(trace, 24, ("level",))

    return Cheat("losses that were gains", desk(rows, 24, worst_days=7), lie)


def shifted(metric: int, label: str, row: str, name: str, broken: str, found: Case) -> Cheat:
    """
    The number `name` of a row is another one, by as much as the metric's inequalities admit; what
    follows from it follows.
    """
    at = ROW(broken.rsplit(" ", 1)[-1])
    made = any(part.name == name and part.row == row for part in METRICS[metric].parts)

    def tell(trace: Trace, step: int) -> None:
        cell = METRICS.rows[row].cells[name]
        value = signed(trace.get(f"free{cell}", ROW(row))) + step
        if made:
            trace.put(f"free{cell}", ROW(row), value)
        settle(trace, frozenset({(label, at)}), {} if made else {f"{row} {name}": value})
        if label.endswith("hand_over"):
            rule = next(
                c
                for c in trace.circuit.constraints
                if c.label == f"metric.M{metric}.{row}.take_over"
            )
            trace.put("v", ROW(row), trace.value(rule.body.right, ROW(row)))
        show(trace, metric)

    def lie(trace: Trace) -> None:
        for step in (1, -1, 1 << 20, -(1 << 20)):
            try:
                tell(trace.copy(), step)
            except OverflowError:
                continue
            return tell(trace, step)
        raise OverflowError(f"{label}: no other number is admitted")

    return Cheat("a metric of numbers that are not so", found, lie)


def made_and_handed() -> dict[str, Cheat]:
    """Every number that a row makes, and every row that hands some on."""
    out: dict[str, Cheat] = {}
    names = list(METRICS.rows)
    for metric in METRICS:
        if not metric.parts:
            continue
        m, found = metric.number, honest(metric.number)
        for part in metric.parts:
            if not part.limbs:
                label = f"metric.M{m}.{part.row}.{part.name}"
                out[label] = shifted(m, label, part.row, part.name, f"on {part.row}", found)
        for row, handed in metric.hands.items():
            before, last = names[names.index(row) - 1], handed[-1]
            label = f"metric.M{m}.{row}.take_over"
            out[label] = shifted(m, label, row, last, f"on {row}", found)
            label = f"metric.M{m}.{before}.hand_over"
            out[label] = shifted(m, label, row, last, f"on {before}", found)
    return {**out, **wide()}


def wide() -> dict[str, Cheat]:
    """M22's difference, over two rows."""
    low, high = ROW("confidence"), ROW("confidence_high")
    miss = honest(22, sharpe_confidence=4095)

    def none_missing(trace: Trace) -> None:
        label = "metric.M22.ratio"
        trace.put(f"free{wide_cell(METRICS.rows['confidence'])}", low, 0)
        settle(trace, frozenset({(label, low)}))

    def high_limb(trace: Trace) -> None:
        set_limb(trace, high, 3, trace.get("limb3", high) + 1)

    def handed(trace: Trace) -> None:
        high_limb(trace)
        rule = next(
            c
            for c in trace.circuit.constraints
            if c.label == "metric.M22.confidence_high.take_over"
        )
        trace.put("v", high, trace.value(rule.body.right, high))

    gain = "a ratio below the threshold"
    return {
        "metric.M22.ratio": Cheat(gain, miss, none_missing),
        "metric.M22.confidence_high.take_over": Cheat(gain, honest(22), high_limb),
        "metric.M22.confidence.hand_over": Cheat(gain, honest(22), handed),
    }


def chosen() -> dict[str, Cheat]:
    """What the prover may choose, outside of what he may."""

    def choose(metric: int, row: str, name: str, value: int, false: str, found: Case) -> Cheat:
        def lie(trace: Trace) -> None:
            trace.put(f"free{METRICS.rows[row].cells[name]}", ROW(row), value)
            settle(trace)
            show(trace, metric, (false,))

        return Cheat("a metric of a number that nobody may choose", found, lie)

    losses = [row._replace(value=-row.value) if row.kind & (FILL | TRIP) else row for row in week()]
    above, below = desk(with_last_mark(50_000), 3), desk(with_last_mark(-5000), 3)
    gain = partial(choose, 3, "gain", "gain")
    cost = partial(choose, 22, "shape_parts", "skewness_cost")
    covariance = partial(choose, 27, "lag_parts", "covariance")
    out = {
        "M3.gain": gain(-5000, "gain", desk(losses, 3)),
        "M3.gain_below_pnl": gain(5000, "gain_below_pnl", above),
        "M3.gain_below_profit": gain(1000, "gain_below_profit", below),
        "M22.skewness_cost": cost(-5, "skewness_cost", desk(LUCKY, 22)),
        "M22.skewness": cost(0, "skewness", honest(22)),
        "M27.covariance_positive": covariance(-5, "covariance_positive", honest(27)),
        "M27.covariance": covariance(0, "covariance", desk(TREND, 27)),
    }
    return {f"metric.{name}": cheat for name, cheat in out.items()}


def near_days() -> dict[str, Cheat]:
    """M8: two flags at once give a weaker word; another K."""
    row = ROW("near")
    rows = [
        row_._replace(distance=-7) if row_.kind & FILL and row_.day < 3 else row_ for row_ in week()
    ]
    three = desk(rows, 8, near_word=(3, 4, 5, 90, *range(91, 103)))

    def flags(*chosen: int) -> Callable[[Trace], None]:
        def lie(trace: Trace) -> None:
            words = [trace.scalars[f"t_near_word_{i}"] for i in range(16)]
            for limb in range(15):
                set_limb(trace, row, limb, int(limb + 1 in chosen))
            wanted = words[0] * (1 - len(chosen)) + sum(words[i] for i in chosen)
            set_limb(trace, row, 15, trace.get("free1", row) - wanted)

        return lie

    return {
        "metric.M8.one_flag": Cheat("two weak words for a strong one", three, flags(1, 2)),
        "metric.M8.near_days": Cheat("fewer near days", three, flags(1)),
    }


def out_of_range(limb: int) -> Cheat:
    """M22 by a desk that misses it: what is below zero lies whole in one limb of the low row."""
    low, high = ROW("confidence"), ROW("confidence_high")
    wide = f"free{wide_cell(METRICS.rows['confidence'])}"

    def lie(trace: Trace) -> None:
        rule = next(c for c in trace.circuit.constraints if c.label == "metric.M22.ratio")
        for i in range(LIMBS):
            set_limb(trace, low, i, 0)
        set_limbs(trace, high, 0, 4, 0)
        trace.put("v", high, 0)
        trace.put(wide, low, 0)
        missing = -trace.value(rule.body, low)
        trace.put(wide, low, missing)
        set_limb(trace, low, limb, missing * pow(1 << 12 * limb, -1, R))

    return Cheat("a ratio below the threshold", honest(22, sharpe_confidence=4095), lie)


def cheats() -> dict[str, Cheat]:
    return {
        **missed(),
        "metric.M24.level": negative_level(),
        **made_and_handed(),
        **chosen(),
        **near_days(),
    }
