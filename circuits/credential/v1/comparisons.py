"""
The metrics: each `left >= right` in integers, shown by the limbs of left - right
(docs/explanation/layout.md 6, docs/explanation/metrics.md C).

Each comparison has a row of its own, which takes its sums from the bus. A comparison binds only if
the tier's mask asks for the metric: the public bit multiplies it. M5, M7 and M16 are checked on
record and day rows.

Correctness
-----------
Drop a line and the metric of its label is no longer asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from algebra.interface import R
from circuits.credential.v1.days import RETURN_OFFSET
from circuits.credential.v1.layout import COMPARISONS, SUM_ROWS, SUMS, Layout
from circuits.credential.v1.records import total_bounds
from circuits.credential.v1.trace import LIMBS, Cells, Shared
from circuits.language.circuit import Kind
from circuits.language.expression import Expression, add_all
from history.posterior import POSTERIOR_WORDS
from history.record import MAX_DAYS

CONSUMES: dict[str, tuple[str, ...]] = {
    "sharpe_parts": ("sum_return", "sum_return_square"),
    "sharpe": ("sum_return", "sum_return_square"),
    "gain": ("sum_pnl", "sum_profit"),
    "trades_parts": ("sum_closes", "sum_close_square"),
    "trades_variance": ("sum_close_pnl",),
    "trades_low": (),
    "trades_high": (),
    "liquidations": ("sum_liquidations",),
    "near": ("sum_near_days", "sum_counted_days"),
    "turnover": ("sum_volume", "sum_equity"),
    "volume_equity": ("sum_volume", "sum_equity"),
    "days_fills": ("sum_active_days", "sum_fills"),
    "maker_share": ("sum_maker_volume", "sum_volume"),
    "mean_exposure": ("sum_open", "sum_equity"),
    "class_holding": ("sum_open", "sum_volume"),
    "class_exposure": ("sum_open", "sum_equity"),
    "votes_rewards": ("sum_votes", "sum_rewards"),
    "best_day": ("sum_return", "best_day"),
    "window": ("sum_days",),
}
"""Values that a row takes into free cells 0 and 1."""


def sum_bounds(s: Shared, layout: Layout) -> dict[str, tuple[int, int]]:
    """Interval of every value that a comparison takes."""
    bounds = total_bounds(s, s.circuit.kinds["record"], layout.capacity)
    days = MAX_DAYS
    money = (1 << 48) - 1
    bounds |= {
        "return": (-RETURN_OFFSET * days, RETURN_OFFSET * days),
        "return_square": (0, RETURN_OFFSET**2 * days),
        "profit": (-(money + 1) * days, money * days),
        "equity": (0, money * days),
        **dict.fromkeys(("near_days", "counted_days", "active_days", "days"), (0, days)),
    }
    return {**{f"sum_{name}": bounds[name] for name in SUMS}, "best_day": (-RETURN_OFFSET, 1 << 37)}


def comparisons(s: Shared, layout: Layout, t: Mapping[str, Expression], days: Expression) -> None:
    """
    Constrain the comparison rows.

    Parameters
    ----------
    t : public scalars: every number of the threshold words by name (offsets included), and ask_1 ..
        ask_21.
    days : N.
    """
    c, bounds = s.circuit, sum_bounds(s, layout)
    kinds: dict[str, Kind] = {}
    for name in COMPARISONS:
        kinds[name] = c.single(f"compare_{name}", layout.comparison(name))
        for slot, value in enumerate(CONSUMES[name]):
            s.consume(value, layout.comparison(name), slot)
            c.bound(kinds[name], s.free[slot], *bounds[value])
    a, b = s.free[:2]

    def at_least(
        row: str, label: str, left: Expression, start: int, limbs: int, ask: Expression
    ) -> None:
        c.require(kinds[row], f"metric.{label}", ask * (left - s.number(start, limbs)))

    _sharpe(s, kinds, t, days, at_least)
    _trades(s, kinds, t, at_least)

    at_least("liquidations", "M6.liquidations", t["liquidations"] - a, 0, 2, t["ask_6"])

    # M8: one flag for each K = 1 .. 15, K = 0 if none; limb 15 is M - m_K. Limbs whose sum is 0 or
    # 1 are bits, one at most set
    flags = s.limb[: POSTERIOR_WORDS - 1]
    none = 1 - add_all(flags)
    c.require(kinds["near"], "metric.M8.one_flag", t["ask_8"] * none * (none - 1))
    c.require(
        kinds["near"],
        "metric.M8.near_days",
        t["ask_8"] * (add_all(f * (i + 1) for i, f in enumerate(flags)) - a),
    )
    wanted = add_all(t[f"near_word_{i}"] * flag for i, flag in enumerate([none, *flags]))
    at_least("near", "M8.counted_days", b - wanted, 15, 1, t["ask_8"])

    at_least("turnover", "M9.turnover", days * 100 * a - t["turnover"] * b, 0, 8, t["ask_9"])
    at_least("turnover", "M9.equity", b - 1, 8, 5, t["ask_9"])
    at_least("volume_equity", "M10.volume", a - t["volume"], 0, 6, t["ask_10"])
    at_least("volume_equity", "M11.mean_equity", b - days * t["mean_equity"], 6, 5, t["ask_11"])
    at_least("days_fills", "M12.active_days", a - t["active_days"], 0, 1, t["ask_12"])
    at_least("days_fills", "M13.fills", b - t["fills"], 1, 2, t["ask_13"])
    at_least("maker_share", "M14.maker_share", a * 10**4 - t["maker_share"] * b, 0, 7, t["ask_14"])
    at_least("maker_share", "M14.volume", b - 1, 7, 6, t["ask_14"])
    at_least(
        "mean_exposure", "M15.mean_exposure", t["mean_exposure"] * b - a * 100, 0, 8, t["ask_15"]
    )
    at_least("mean_exposure", "M15.equity", b - 1, 8, 5, t["ask_15"])
    _class(s, kinds, t, at_least)
    at_least("votes_rewards", "M19.votes", a - t["votes"], 0, 2, t["ask_19"])
    at_least("votes_rewards", "M20.rewards", b - t["rewards"], 2, 2, t["ask_20"])
    at_least("best_day", "M21.share", t["best_day"] * a - b * 10**4, 0, 6, t["ask_21"])
    at_least("best_day", "M21.returns", a - 1, 6, 4, t["ask_21"])
    c.require(kinds["window"], "window.days", a - days)


AtLeast = Callable[[str, str, Expression, int, int, Expression], None]


def _sharpe(
    s: Shared,
    kinds: dict[str, Kind],
    t: Mapping[str, Expression],
    days: Expression,
    at_least: AtLeast,
) -> None:
    """M1 (C1, w = 1): A >= 0, V >= 1, 365e6 A^2 (N^2 - N) >= T^2 N^2 V."""
    a, b = s.free[:2]
    excess, variance = a - days * t["risk_free"], days * b - a * a
    at_least("sharpe_parts", "M1.excess", excess, 0, 4, t["ask_1"])
    at_least("sharpe_parts", "M1.variance", variance - 1, 4, 8, t["ask_1"])
    left = (days * days - days) * (365 * 10**6) * (excess * excess)
    right = t["sharpe"] * t["sharpe"] * days * days * variance
    at_least("sharpe", "M1.ratio", left - right, 0, LIMBS, t["ask_1"])


def _trades(
    s: Shared, kinds: dict[str, Kind], t: Mapping[str, Expression], at_least: AtLeast
) -> None:
    """
    M3 (C2, w = 1): 1e8 G^2 (W^2 - W) >= T^2 W^2 V over four rows, parts handed on in registers.
    """
    c, (a, b, gain) = s.circuit, s.free[:3]
    ask, closes_bound = t["ask_3"], c.cell_bounds[(kinds["trades_parts"].name, a.place[0])][1]
    gain_bound = (1 << 60) - 1
    row = kinds["gain"]
    c.bound(row, gain, 0, gain_bound)  # by M3.gain where the tier asks; unasked rows bind nothing
    at_least("gain", "M3.gain", gain, 0, 5, ask)
    at_least("gain", "M3.gain_below_pnl", a - gain, 5, 6, ask)
    at_least("gain", "M3.gain_below_profit", b - gain, 11, 5, ask)
    c.require(row, "M3.hand_gain", c.next(s.v) - gain, exact=False)

    row = kinds["trades_parts"]
    square, spread = s.free[2:4]
    c.require(row, "M3.gain_square", square - s.v * s.v, exact=False)
    c.bound(row, square, 0, gain_bound**2)
    c.bound(row, spread, 0, closes_bound**2)
    c.require(row, "M3.spread", spread - a * (a - 1))
    c.require(row, "M3.hand_closes_squares", c.next(s.v) - a * b, exact=False)
    c.require(row, "M3.hand_left", c.next(s.slope) - square * spread, exact=False)
    c.require(row, "M3.hand_closes", c.next(s.sum) - a, exact=False)

    row = kinds["trades_variance"]
    variance = s.free[2]
    squares_bound = c.cell_bounds[(kinds["trades_parts"].name, b.place[0])][1]
    c.bound(
        row, s.v, 0, closes_bound * squares_bound
    )  # the three registers: by the hand-over rules above
    c.bound(row, s.slope, 0, gain_bound**2 * closes_bound**2)
    c.bound(row, s.sum, 0, closes_bound)
    c.require(row, "M3.variance", variance - s.v + a * a, exact=False)
    close_pnl_bound = max(map(abs, c.cell_bounds[(row.name, a.place[0])]))
    c.bound(row, variance, -(close_pnl_bound**2), closes_bound * squares_bound)
    at_least("trades_variance", "M3.closes", s.sum - t["trade_closes"], 0, 2, ask)
    at_least("trades_variance", "M3.variance_positive", variance - 1, 2, 12, ask)  # so W >= 2
    difference = s.slope * 10**8 - t["trade_sharpe"] * t["trade_sharpe"] * (
        s.sum * s.sum * variance
    )
    low, high = c.interval(difference, row)
    if max(-low, high) >= R // 2 - (1 << 228):
        raise OverflowError("M3: the ratio can wrap the field")
    c.require(row, "M3.hand_difference", c.next(s.v) - difference, exact=False)

    c.require(
        kinds["trades_low"], "M3.hand_high", c.next(s.v) - (s.v - s.number(0, LIMBS)), exact=False
    )
    c.require(
        kinds["trades_high"],
        "metric.M3.ratio",
        ask * (s.v - s.number(0, 3) * (1 << 12 * LIMBS)),
        exact=False,
    )


def _class(
    s: Shared, kinds: dict[str, Kind], t: Mapping[str, Expression], at_least: AtLeast
) -> None:
    """
    M17 and M18: three true bits (long holding, low exposure, equity above zero); a hedger has all
    three.

    Long and low are decided both ways: x = 1 shows left - right >= 0, x = 0 shows right - left - 1
    >= 0. Solvent is a limb with equity - solvent >= 0 and (1 - solvent) equity = 0: one, or zero
    with the equity.
    """
    c, (a, b) = s.circuit, s.free[:2]
    asked = t["ask_17"] + t["ask_18"]
    long, row = s.limb[15], kinds["class_holding"]
    c.require(row, "metric.M17.long_is_bit", long * (long - 1))
    side = (long * 2 - 1) * (a * 200 - t["class_holding"] * b) + long - 1
    at_least("class_holding", "M17.holding", side, 0, 9, asked)
    at_least("class_holding", "M17.volume", b - 1, 9, 6, asked)
    c.require(row, "M17.hand_long", c.next(s.v) - long, exact=False)

    low, solvent, row = s.limb[15], s.limb[14], kinds["class_exposure"]
    c.require(row, "metric.M17.low_is_bit", low * (low - 1))
    side = (low * 2 - 1) * (t["class_exposure"] * b - a * 100) + low - 1
    at_least("class_exposure", "M17.exposure", side, 0, 9, asked)
    at_least("class_exposure", "M17.equity", b - solvent, 9, 5, asked)
    c.require(row, "metric.M17.no_equity", asked * (1 - solvent) * b)
    hedger = s.v * low * solvent
    c.require(row, "metric.M17.hedger", t["ask_17"] * (1 - hedger), exact=False)
    c.require(row, "metric.M18.speculator", t["ask_18"] * hedger, exact=False)


# ---- honest cells --------------------------------------------------------------------------------
def fill_sums(cells: Cells, layout: Layout, sums: Mapping[str, int]) -> None:
    """The sum rows."""
    for i in range(SUM_ROWS - 1):
        cells.set_free(layout.sums + i, [sums[name] for name in SUMS[2 * i : 2 * i + 2]])


def fill_comparisons(
    cells: Cells,
    layout: Layout,
    t: Mapping[str, int],
    days: int,
    sums: Mapping[str, int],
    best_day: int,
    gain: int,
) -> None:
    """
    Honest cells of all comparisons; a metric that does not hold gets limbs that wrap, and fails its
    constraint.

    `t` as for `comparisons`, in ints; `gain` is G, 0 where there is none.
    """
    values = {**{f"sum_{name}": value for name, value in sums.items()}, "best_day": best_day}
    row = {name: layout.comparison(name) for name in COMPARISONS}
    for name, taken in CONSUMES.items():
        cells.set_free(row[name], [values[value] for value in taken])

    def put(name: str, *numbers: tuple[int, int]) -> None:
        start = 0
        for number, limbs in numbers:
            cells.set_limbs(row[name], start, number % (1 << 12 * limbs), limbs)
            start += limbs

    s = sums
    excess = s["return"] - days * t["risk_free"]
    variance = days * s["return_square"] - s["return"] ** 2
    put("sharpe_parts", (excess, 4), (variance - 1, 8))
    ratio = (
        365 * 10**6 * excess**2 * (days * days - days) - t["sharpe"] ** 2 * days * days * variance
    )
    put("sharpe", (ratio, LIMBS))
    put("gain", (gain, 5), (s["pnl"] - gain, 6), (s["profit"] - gain, 5))
    cells.set_free(row["gain"], [gain], start=2)
    closes = s["closes"]
    cells.set_free(row["trades_parts"], [gain**2, closes * (closes - 1)], start=2)
    spread = closes * s["close_square"] - s["close_pnl"] ** 2
    cells.set_free(row["trades_variance"], [spread], start=2)
    put("trades_variance", (closes - t["trade_closes"], 2), (spread - 1, 12))
    ratio = 10**8 * gain**2 * closes * (closes - 1) - t["trade_sharpe"] ** 2 * closes**2 * spread
    put("trades_low", (ratio, LIMBS))
    put("trades_high", (ratio >> 12 * LIMBS, 3))
    put("liquidations", (t["liquidations"] - s["liquidations"], 2))
    near = min(s["near_days"], POSTERIOR_WORDS - 1)
    if near:
        cells.set_limbs(row["near"], near - 1, 1, 1)
    cells.set_limbs(row["near"], 15, (s["counted_days"] - t[f"near_word_{near}"]) % 4096, 1)
    put(
        "turnover",
        (100 * days * s["volume"] - t["turnover"] * s["equity"], 8),
        (s["equity"] - 1, 5),
    )
    put("volume_equity", (s["volume"] - t["volume"], 6), (s["equity"] - days * t["mean_equity"], 5))
    put("days_fills", (s["active_days"] - t["active_days"], 1), (s["fills"] - t["fills"], 2))
    put(
        "maker_share",
        (10**4 * s["maker_volume"] - t["maker_share"] * s["volume"], 7),
        (s["volume"] - 1, 6),
    )
    put(
        "mean_exposure",
        (t["mean_exposure"] * s["equity"] - 100 * s["open"], 8),
        (s["equity"] - 1, 5),
    )
    side = 200 * s["open"] - t["class_holding"] * s["volume"]
    long = int(side >= 0)
    put("class_holding", (side if long else -side - 1, 9), (s["volume"] - 1, 6), (long, 1))
    side = t["class_exposure"] * s["equity"] - 100 * s["open"]
    low, solvent = int(side >= 0), int(s["equity"] >= 1)
    put(
        "class_exposure",
        (side if low else -side - 1, 9),
        (s["equity"] - solvent, 5),
        (solvent, 1),
        (low, 1),
    )
    put("votes_rewards", (s["votes"] - t["votes"], 2), (s["rewards"] - t["rewards"], 2))
    put("best_day", (t["best_day"] * s["return"] - 10**4 * best_day, 6), (s["return"] - 1, 4))


def comparison_registers(cells: Cells, layout: Layout, t: Mapping[str, int]) -> None:
    """Honest registers of the comparison rows."""
    free = cells.get_free
    parts, variance = layout.comparison("trades_parts"), layout.comparison("trades_variance")
    cells.v[parts] = free(layout.comparison("gain"), 2)
    closes = free(parts, 0)
    cells.v[variance] = closes * free(parts, 1) % R
    cells.slope[variance] = free(parts, 2) * free(parts, 3) % R
    cells.sum[variance] = closes
    ratio = 10**8 * cells.slope[variance] - t["trade_sharpe"] ** 2 * closes * closes * free(
        variance, 2
    )
    low = layout.comparison("trades_low")
    cells.v[low] = ratio % R
    cells.v[low + 1] = (ratio - cells.get_limbs(low, 0, LIMBS)) % R
    holding = layout.comparison("class_holding")
    cells.v[holding + 1] = cells.get_limbs(holding, 15, 1)
