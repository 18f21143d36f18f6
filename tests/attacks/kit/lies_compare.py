"""
Lies in the comparisons: a metric that does not hold, and the rows of M3, M8, M17 that decide it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attacks.kit.books import settle_trades
from attacks.kit.cheats import Cheat
from attacks.kit.hands import follow, set_free, set_limb, set_limbs, signed
from attacks.kit.trace import Trace
from support.credential import LAYOUT, Case, case, close, fill, honest, mark, thresholds, week

from algebra.interface import R
from circuits.credential.v1.trace import LIMBS
from history.record import FILL, TRIP, Record

ROW = LAYOUT.comparison


def failing(metric: int, **numbers: Any) -> Cheat:
    """An honest witness of the stock week under a threshold that it misses; its limbs wrap."""
    return Cheat(f"M{metric} by a desk that misses it", honest(metric, **numbers))


def desk(rows: list[Record], metric: int, opening: int = 100_000, **numbers: Any) -> Case:
    return case(rows, 7, opening, thresholds([metric], **numbers), others=5)


def idle() -> list[Record]:
    """Seven days without a trade."""
    return [mark(day) for day in range(7)]


def with_last_mark(value: int) -> list[Record]:
    """The stock week, with an open position at its end."""
    return [row._replace(value=value) if row == mark(6) else row for row in week()]


def missed() -> dict[str, Cheat]:
    """Every inequality by a desk for which it is false."""
    silent = [fill(day, 0, notional=1000) for day in range(7)]
    out = {
        "M1.excess": failing(1, risk_free=230_000),
        "M1.ratio": failing(1, sharpe=65_535),
        "M3.closes": failing(3, trade_closes=36),
        "M3.ratio": failing(3, trade_sharpe=65_535),
        "M6.liquidations": failing(6, liquidations=0),
        "M8.counted_days": failing(8, near_word=(3, 90, *range(91, 105))),
        "M9.turnover": failing(9, turnover=50),
        "M10.volume": failing(10, volume=36_000),
        "M11.mean_equity": failing(11, mean_equity=200_000),
        "M12.active_days": failing(12, active_days=8),
        "M13.fills": failing(13, fills=36),
        "M14.maker_share": failing(14, maker_share=9_999),
        "M15.mean_exposure": failing(15, mean_exposure=1),
        "M17.hedger": failing(17, class_holding=10**6, class_exposure=10**6),
        "M18.speculator": failing(18, class_holding=1, class_exposure=10**6),
        "M19.votes": failing(19, votes=3),
        "M20.rewards": failing(20, rewards=2),
        "M21.share": failing(21, best_day=1),
        "M1.variance": Cheat("a ratio without variance", desk(idle(), 1)),
        "M3.variance_positive": Cheat(
            "a ratio without variance",
            desk(
                [row for day in range(7) for row in (*close(day, 5) * 5, mark(day))],
                3,
            ),
        ),
        "M9.equity": Cheat("a turnover of no equity", desk(idle(), 9, 0)),
        "M15.equity": Cheat("an exposure of no equity", desk(idle(), 15, 0)),
        "M14.volume": Cheat("a share of no volume", desk(idle(), 14)),
        "M17.volume": Cheat("a holding of no volume", desk(idle(), 17)),
        "M21.returns": Cheat("a share of no return", desk(idle(), 21)),
        "M17.equity": Cheat(
            "solvent without equity", desk([*silent, *idle()], 17, 0, class_holding=0), solvent
        ),
    }
    return {f"metric.{name}": cheat for name, cheat in out.items()}


def solvent(trace: Trace) -> None:
    set_limb(trace, ROW("class_exposure"), 14, 1)
    set_limbs(trace, ROW("class_exposure"), 9, 5, 0)


def trades() -> dict[str, Cheat]:
    """M3: the parts of the ratio, one of them wrong; a poor ratio becomes a great one."""
    parts, variance, low, high = (
        ROW(name) for name in ("trades_parts", "trades_variance", "trades_low", "trades_high")
    )

    def part(label: str, row: int, name: str, at: int, value: Callable[[int], int]) -> Cheat:
        broken = frozenset({(label, row)})

        def lie(trace: Trace) -> None:
            trace.put(name, at, value(signed(trace.get(name, at))))
            settle_trades(trace, broken)
            settle_two(trace)

        return Cheat("a ratio of trades that is not so", honest(3), lie)

    def settle_two(trace: Trace) -> None:
        """The two limb numbers of the variance row, as its registers say."""
        closes, spread = trace.get("sum", variance), signed(trace.get("free2", variance))
        set_limbs(trace, variance, 0, 2, closes - trace.scalars["t_trade_closes"])
        set_limbs(trace, variance, 2, 12, spread - 1)

    plan: dict[str, tuple[int, str, int, Callable[[int], int]]] = {
        "M3.gain_square": (parts, "free2", parts, lambda x: 2 * x),
        "M3.spread": (parts, "free3", parts, lambda x: 2 * x),
        "M3.hand_gain": (parts - 1, "v", parts, lambda x: 2 * x),
        "M3.hand_closes_squares": (parts, "v", variance, lambda x: x - 1),
        "M3.hand_left": (parts, "slope", variance, lambda x: 2 * x),
        "M3.hand_closes": (parts, "sum", variance, lambda x: x + 1),
        "M3.variance": (variance, "free2", variance, lambda x: x - 1),
        "M3.hand_difference": (variance, "v", low, lambda x: x + 7),
        "M3.hand_high": (low, "v", high, lambda x: x + (1 << 192)),
    }
    out = {label: part(label, *rest) for label, rest in plan.items()}

    def gain(value: int, found: Case) -> Cheat:
        def lie(trace: Trace) -> None:
            row = ROW("gain")
            pnl, profit = (signed(trace.get(f"free{i}", row)) for i in (0, 1))
            set_free(trace, row, value, start=2)
            for start, limbs, number in (
                (0, 5, value),
                (5, 6, pnl - value),
                (11, 5, profit - value),
            ):
                set_limbs(trace, row, start, limbs, number % (1 << 12 * limbs))
            settle_trades(trace)

        return Cheat("a ratio of a gain that nobody made", found, lie)

    losses = [row._replace(value=-row.value) if row.kind & (FILL | TRIP) else row for row in week()]
    return {
        **out,
        "metric.M3.gain": gain(-5000, desk(losses, 3)),
        "metric.M3.gain_below_pnl": gain(5000, desk(with_last_mark(50_000), 3)),
        "metric.M3.gain_below_profit": gain(1000, desk(with_last_mark(-5000), 3)),
    }


def near_days() -> dict[str, Cheat]:
    """M8: two flags at once give a weaker word; another K."""
    row = ROW("near")
    rows = [
        row_._replace(buffer=-7) if row_.kind & FILL and row_.day < 3 else row_ for row_ in week()
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


def classes() -> dict[str, Cheat]:
    """M17, M18: the three bits and what they decide."""
    holding, exposure = ROW("class_holding"), ROW("class_exposure")

    def number(trace: Trace, row: int, limbs: int, value: int) -> None:
        set_limbs(trace, row, 0, limbs, value % (1 << 12 * limbs))

    def bit(row: int, limb: int, value: int, body: str) -> Callable[[Trace], None]:
        """A bit of any value, the number beside it as the inequality then has it."""

        def lie(trace: Trace) -> None:
            set_limb(trace, row, limb, value)
            a, b = (signed(trace.get(f"free{i}", row)) for i in (0, 1))
            t = trace.scalars
            side = {
                "long": 200 * a - t["t_class_holding"] * b,
                "low": t["t_class_exposure"] * b - 100 * a,
            }.get(body)
            if side is not None:
                number(trace, row, 9, (2 * value - 1) * side + value - 1)
            if body == "solvent":
                set_limbs(trace, row, 9, 5, b - value)
            follow(trace, [holding])

        return lie

    short = honest(17, class_holding=10**6, class_exposure=10**6)

    def hand_long(trace: Trace) -> None:
        trace.put("v", exposure, 1)

    far, hedger = (
        honest(17, class_holding=1, class_exposure=1),
        honest(18, class_holding=1, class_exposure=10**6),
    )
    places = {"long": (holding, 15), "low": (exposure, 15)}
    second = "a second value; no false statement: a product of limbs is one only if all are"
    return {
        **{
            f"metric.M17.{n}_is_bit": Cheat(second, honest(), bit(*place, 2, n))
            for n, place in places.items()
        },
        "metric.M17.holding": Cheat(
            "a hedger that holds for minutes", short, bit(holding, 15, 1, "long")
        ),
        "M17.hand_long": Cheat("a hedger that holds for minutes", short, hand_long),
        "metric.M17.exposure": Cheat("a hedger far exposed", far, bit(exposure, 15, 1, "low")),
        "metric.M17.no_equity": Cheat(
            "a hedger that passes for a speculator", hedger, bit(exposure, 14, 0, "solvent")
        ),
    }


def out_of_range(limb: int) -> Cheat:
    """M1 by a desk that misses it: what is below zero lies whole in one limb."""
    row = ROW("sharpe")

    def lie(trace: Trace) -> None:
        rule = next(c for c in trace.circuit.constraints if c.label == "metric.M1.ratio")
        for i in range(LIMBS):
            set_limb(trace, row, i, 0)
        missing = trace.value(rule.body, row)
        set_limb(trace, row, limb, missing * pow(1 << 12 * limb, -1, R))

    return Cheat("a ratio below the threshold", honest(1, sharpe=65_535), lie)


def cheats() -> dict[str, Cheat]:
    return {**missed(), **trades(), **near_days(), **classes()}
