"""
Day rows: totals of each day, equity, return, index, risk, activity, and the market feed's words;
then the sums over days (docs/explanation/layout.md 5, docs/explanation/metrics.md B).

A day takes five rows. Values cross rows in register v as a tuple folded by the carry challenge;
every element of the tuple is a stage-1 cell, or a polynomial in such cells, on both sides, so
equality of the fold is equality of each. Register slope holds the number of wallets
(`Shared.wallets`). Register sum carries from risk row to risk row (`Shared.risk`): the best-day
witness m, the level v of the losses of M24, the return of the day before, the days since the last
active one, and the feed's word as far as its days have come; after every ten days a row compares it
with the word that was hashed.

The equity row has no cells left for what it alone can compute: those go over wires to the index
row, under powers of the group challenge that no total has, in the group-by that is there already;
so does, from the activity to the risk row, whether the day is active.

Correctness
-----------
Without the carried tuples a day could start anywhere; without the day flag's rules days could be
dropped; without each range an inequality would hold mod r only. `totals` ties the totals to the
records: one logUp identity for all, and the wires with them. Weight and change are limbs, so a word
of ten days has one reading, the feed's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from circuits.credential.v2.layout import DAY_ROWS, SUM_ROWS, WORD_ROWS, Layout
from circuits.credential.v2.records import grouped, total_bounds
from circuits.credential.v2.trace import LIMB_BITS, Shared
from circuits.language.circuit import Kind
from circuits.language.expression import Expression, add_all, power, wrap
from history.v2.day_rows import SUMS
from history.v2.feed import CHANGE_OFFSET, DAY_WORDS, DAYS_A_WORD
from history.v2.metrics.form import INDEX_SCALE, RETURN_SCALE
from history.v2.metrics.losses import day_loss
from history.v2.record import MAX_DAYS, VALUE_OFFSET
from history.v2.totals import TOTALS

INDEX_START = INDEX_SCALE
RETURN_OFFSET = 1 << 35
EQUITY_TOTALS = ("pnl", "flow", "inflow", "base", "unrealised")
RETURN_TOTALS = ("marks", "records")
ACTIVITY_TOTALS = tuple(n for n in TOTALS if n not in EQUITY_TOTALS + RETURN_TOTALS)
MONEY = (1 << 48) - 1
"""Greatest number of four limbs."""
WIRES = ("kept", "available", "profit_square")
"""From the equity to the index row, where they are free 6 to 8."""
FIRST_WIRE = 6
WEIGHT, CHANGE = 10, 11
"""Limbs of the risk row: w, and x + 2^11, both 0 after the window and without an index."""
WORD_SO_FAR = 10
"""Free cell of the risk row: the feed's word before the day."""
DAY_BITS = 2 * LIMB_BITS
LAST_WORD = 1 << DAY_BITS * (DAY_WORDS * DAYS_A_WORD - MAX_DAYS)
"""What the days of the last word, fewer than ten, are shifted by."""
ACTIVE_WIRE = 12
"""Limb of the risk row to which the activity row sends a."""


@dataclass(frozen=True, slots=True)
class DayParameters:
    """
    Public scalars that the day rows use: F, A, the drawdown line 10^10 - 10^6 T (its weakest: 0),
    and the mode of M24.
    """

    floor: Expression
    activity: Expression
    index_floor: Expression
    shortfall_mode: Expression


def day_rows(s: Shared, layout: Layout, p: DayParameters) -> tuple[Expression, Expression]:
    """
    Constrain the day region.

    Bus: consumes counts, money, sum_records, feed0..36; produces closing (to itself), best_day and
    loss_level.

    Returns
    -------
    The selector of day rows with totals, and their grouped totals: both for the group-by helper.
    """
    c = s.circuit
    rows = [layout.day(day) for day in range(MAX_DAYS)]
    for day, row in enumerate(rows):
        for i in range(DAY_ROWS):
            c.set_fixed("c0", row + i, day)
    kinds = [
        c.kind(f"day_{name}", [r + i for r in rows], pure=name == "risk")
        for i, name in enumerate(PARTS)
    ]
    _opening_rows(s, layout)
    totals = (
        _equity(s, kinds[0], layout, p),
        _return(s, kinds[1], layout),
        _index(s, kinds[2], p),
        _risk(s, kinds[3], p),
        _activity(s, kinds[4], layout, p),
    )
    for kind in kinds:
        s.keep(kind, s.wallets)
        if kind is not kinds[3]:
            s.keep(kind, s.risk)
    s.keep(kinds[4], s.v)
    _words(s, layout)
    _closing_row(s, layout)
    return (
        add_all(kind.selector for kind in kinds),
        add_all(kind.selector * of_row for kind, of_row in zip(kinds, totals, strict=True)),
    )


PARTS = ("equity", "return", "index", "risk", "activity")
"""Rows of a day. `risk` is pure, so its sums may be of degree two."""


def _hand_over(s: Shared, kind: Kind, values: Sequence[Expression | int]) -> None:
    s.circuit.require(
        kind, f"{kind.name}.hand_over", s.circuit.next(s.v) - s.carried(values), exact=False
    )


def _take_over(s: Shared, kind: Kind, values: Sequence[Expression]) -> None:
    s.circuit.require(kind, f"{kind.name}.take_over", s.v - s.carried(values), exact=False)


def _opening_rows(s: Shared, layout: Layout) -> None:
    """Two rows: the leaf's packed numbers are opened, and handed to the first day."""
    c, free = s.circuit, s.free
    row = layout.days
    start = c.single("open", row)
    s.consume("counts", row, 0)
    s.consume("money", row, 1)
    first, count, wallets = s.number(0, 2), s.number(2, 2), s.number(4, 1)
    opening, closing = s.number(5, 4), s.number(9, 4)
    c.bound(start, free[0], 0, (1 << 60) - 1)  # by open.counts itself
    c.bound(start, free[1], 0, (1 << 96) - 1)  # by open.money itself
    c.require(start, "open.counts", free[0] - first - count * (1 << 24) - wallets * (1 << 48))
    c.require(start, "open.money", free[1] - opening - closing * (1 << 48))
    c.require(start, "open.first_row", first)
    _hand_over(s, start, [opening, 0, INDEX_START, 1])
    c.require(start, "open.wallets", c.next(s.wallets) - wallets, exact=False)
    c.require(start, "open.count_closing", c.next(s.sum) - s.carried([count, closing]), exact=False)
    second = c.single("open_next", row + 1)
    s.consume("sum_records", row + 1, 0)
    s.consume("closing", row + 1, 1)
    c.require(second, "open_next.count_closing", s.sum - s.carried(free[:2]), exact=False)
    risk = c.next(s.risk) - s.carried([free[2], free[3], 0, 0])
    c.require(second, "open_next.risk", risk, exact=False)
    s.keep(second, s.v, s.wallets)


def _equity(s: Shared, kind: Kind, layout: Layout, p: DayParameters) -> Expression:
    c, free = s.circuit, s.free
    (
        pnl,
        flow,
        inflow,
        base,
        unrealised,
        flag,
        gain,
        equity_before,
        open_before,
        index,
        flag_before,
        profit,
        product,
    ) = free
    bounds = total_bounds(layout.capacity)
    for name, column in zip(EQUITY_TOTALS, free, strict=False):
        c.bound(kind, column, *bounds[name])
    for column in (flag, gain, flag_before):
        c.bound(kind, column, 0, 1)
    c.bound(kind, equity_before, 0, MONEY)  # limbs of the day before, or of the leaf
    c.bound(kind, open_before, *bounds["unrealised"])
    c.bound(kind, index, 0, INDEX_START)
    c.bound(kind, profit, -MONEY - 1, MONEY)  # by day.profit_size
    c.bound(kind, product, 0, MONEY * MONEY)
    size, equity = s.number(0, 4), s.number(4, 4)
    over_floor, over_capital = s.number(8, 4), s.number(12, 4)
    _take_over(s, kind, [equity_before, open_before, index, flag_before])
    c.require(kind, "day.flag_is_bit", flag * (flag - 1))
    c.require(kind, "day.flag_falls_once", flag * (1 - flag_before))
    c.require(kind, "day.gain_is_bit", gain * (gain - 1))
    c.require(kind, "day.profit", profit - pnl - flag * (unrealised - open_before))
    # gain 1: size = profit; gain 0: size = -profit - 1; so one of the two holds, never both
    c.require(kind, "day.profit_size", (gain * 2 - 1) * profit - (1 - gain) - size)
    magnitude = size + 1 - gain
    c.require(kind, "day.equity", equity - equity_before - profit - flow)
    divisor = p.floor + over_floor
    capital = equity_before + base + gain * (inflow - base)
    c.require(kind, "day.divisor_over_capital", divisor - capital - over_capital)
    c.require(kind, "day.divisor_product", product - over_floor * over_capital)
    c.require(kind, "day.divisor_is_one_of_three", product * (divisor - magnitude))
    open_now = open_before + flag * (unrealised - open_before)
    _hand_over(s, kind, [profit, divisor, divisor - magnitude, equity, open_now, index, flag])
    _sum(s, kind, {"pnl": pnl, "profit": profit, "days": flag})
    wires = {
        "kept": flag * equity_before + flow - inflow + (1 - gain) * profit,
        "available": flag * (equity_before + inflow),
        "profit_square": profit * profit,
    }
    for name, value in wires.items():
        c.bound(c.kinds["day_index"], wire(s, name), *c.interval(value, kind))
    totals = grouped(s, dict(zip(EQUITY_TOTALS, free, strict=False)))
    return totals + _wired(s, {name: -value for name, value in wires.items()})


def _return(s: Shared, kind: Kind, layout: Layout) -> Expression:
    c, free = s.circuit, s.free
    (
        profit,
        divisor,
        over_size,
        equity,
        open_now,
        index,
        flag,
        daily,
        marks,
        records,
    ) = free[:10]
    bounds = total_bounds(layout.capacity)
    c.bound(kind, profit, -MONEY - 1, MONEY)
    c.bound(kind, divisor, 0, 2 * MONEY)
    c.bound(kind, over_size, -MONEY - 1, 2 * MONEY)
    c.bound(kind, equity, 0, MONEY)
    c.bound(kind, flag, 0, 1)
    c.bound(kind, daily, -RETURN_OFFSET, RETURN_OFFSET)  # by return.range
    c.bound(kind, marks, *bounds["marks"])
    c.bound(kind, records, *bounds["records"])
    rest, below = s.number(0, 4), s.number(4, 4)
    _take_over(s, kind, [profit, divisor, over_size, equity, open_now, index, flag])
    c.require(kind, "return.division", daily * divisor + rest - profit * RETURN_SCALE)
    c.require(kind, "return.rest_below_divisor", divisor - 1 - rest - below)
    c.require(kind, "return.divisor_over_profit", over_size - s.number(8, 4))
    c.require(kind, "return.range", daily + RETURN_OFFSET - s.number(12, 3))
    c.require(kind, "return.no_records_after_window", (1 - flag) * records)
    c.require(kind, "return.marks", marks - flag * s.wallets, exact=False)
    _hand_over(s, kind, [daily, equity, open_now, index, flag])
    _sum(s, kind, {"records": records})
    return grouped(s, {"marks": marks, "records": records})


def _index(s: Shared, kind: Kind, p: DayParameters) -> Expression:
    c, free = s.circuit, s.free
    daily, equity, open_now, before, flag, capped = free[:6]
    c.bound(kind, daily, -RETURN_SCALE, RETURN_SCALE)  # by return.division, the divisor over |P|
    c.bound(kind, before, 0, INDEX_START)
    c.bound(kind, capped, 0, 1)
    gap, rest, below = s.number(0, 3), s.number(3, 3), s.number(6, 3)
    _take_over(s, kind, [daily, equity, open_now, before, flag])
    c.require(kind, "index.capped_is_bit", capped * (capped - 1))
    # capped 1: the index moves gap + 1 above its start, and is cut there; capped 0: gap below it
    moved = INDEX_START + (capped * 2 - 1) * gap + capped
    index = INDEX_START - (1 - capped) * gap
    c.require(kind, "index.division", moved * RETURN_SCALE + rest - before * (RETURN_SCALE + daily))
    c.require(kind, "index.rest", RETURN_SCALE - 1 - rest - below)
    c.require(kind, "index.drawdown", index - p.index_floor - s.number(9, 3))
    _hand_over(s, kind, [daily, equity, open_now, index, flag])
    wires = {name: wire(s, name) for name in WIRES}
    _sum(s, kind, wires)
    return _wired(s, wires)


def wire(s: Shared, name: str) -> Expression:
    """The index row's cell of a wire."""
    return s.free[FIRST_WIRE + WIRES.index(name)]


def _wired(s: Shared, values: dict[str, Expression]) -> Expression:
    """Values of wires under the powers of the group challenge that come after the totals'."""
    first = len(TOTALS)
    return add_all(
        power(s.challenge["group"], first + (*WIRES, "active").index(name)) * value
        for name, value in values.items()
    )


def _risk(s: Shared, kind: Kind, p: DayParameters) -> Expression:
    c = s.circuit
    daily, equity, open_now, index, flag, best, before, square, level, weighted = s.free[:10]
    word = s.free[WORD_SO_FAR]
    beyond, slack = s.number(3, 3), s.number(6, 4)
    weight, change = s.limb[WEIGHT], s.limb[CHANGE] - flag * CHANGE_OFFSET
    active, recent_before, recent = (s.limb[ACTIVE_WIRE + i] for i in range(3))
    c.bound(kind, index, 0, INDEX_START)  # by the limbs of the index row
    c.bound(kind, flag, 0, 1)
    c.bound(kind, level, 0, (1 << 36) - 1)  # by M24.level where the tier asks
    for column in (daily, before):  # by return.division, as on the index row
        c.bound(kind, column, -RETURN_SCALE, RETURN_SCALE)
    c.bound(kind, square, 0, RETURN_SCALE**2)
    c.bound(kind, weighted, *c.interval(weight * daily, kind))
    c.bound(kind, best, -RETURN_SCALE, RETURN_SCALE + (1 << 36))  # by risk.best_day itself
    _take_over(s, kind, [daily, equity, open_now, index, flag])
    taken = s.carried([best, level, before, recent_before, word])
    c.require(kind, "risk.take_over_risk", s.risk - taken, exact=False)
    c.require(kind, "risk.square", square - daily * daily)
    c.require(kind, "risk.weighted", weighted - weight * daily)
    c.require(kind, "risk.best_day", best - daily - s.number(0, 3))
    # e >= z - v and e >= 0; a spare day has no loss
    loss = flag * day_loss(p.shortfall_mode, daily, index, weight, weighted)
    c.require(kind, "risk.beyond", beyond + level - loss - slack)
    _hand_over(s, kind, [equity, open_now, index, flag])
    # a is a bit, by the wire; it is 0 on a spare day, which keeps what was before it. The square
    # leaves it to the activity row alone to say that a is one
    idle = (1 - active) * (1 - active)
    c.require(kind, "risk.recency", recent - idle * (recent_before + flag))
    word = word * (1 << DAY_BITS) + s.number(CHANGE, 1) + weight * (1 << LIMB_BITS)
    onward = c.next(s.risk) - s.carried([best, level, daily, recent, word])
    c.require(kind, "risk.hand_over_risk", onward, exact=False)
    _sum(
        s,
        kind,
        {
            "returns": daily,
            "returns_square": square,
            "returns_cube": square * daily,
            "returns_fourth": square * square,
            "returns_lag": daily * before,
            "loss_beyond": beyond,
            "weights": weight,
            "weights_square": weight * weight,
            "weighted": weighted,
            "weighted_square": weight * square,
            "changes": change,
            "changes_square": change * change,
            "changes_returns": change * daily,
            "recency": recent - recent_before,
            "clumpiness": flag * recent,
            "active_moment": s.c[0] * active,
        },
    )
    return _wired(s, {"active": active})


def _activity(s: Shared, kind: Kind, layout: Layout, p: DayParameters) -> Expression:
    c, free = s.circuit, s.free
    value = dict(zip(ACTIVITY_TOTALS, free, strict=False))
    bounds = total_bounds(layout.capacity)
    for name, column in value.items():
        c.bound(kind, column, *bounds[name])
    active, near_day, counted = s.limb[6], s.limb[7], s.limb[8]
    c.require(kind, "activity.active_is_bit", active * (active - 1))
    over = value["volume"] + value["open"] - p.activity
    c.require(kind, "activity.active", (active * 2 - 1) * over + active - 1 - s.number(0, 4))
    # a limb: one where there is a near record; where there is none, its negative has two limbs, so
    # zero
    c.require(kind, "activity.near_positive", value["near"] - near_day - s.number(4, 2))
    c.require(kind, "activity.near_zero", (1 - near_day) * value["near"])
    c.require(kind, "activity.counted", counted - near_day - active + near_day * active)
    flags = {"near_days": near_day, "counted_days": counted, "active_days": active}
    _sum(s, kind, {**{name: value[name] for name in SUMS if name in value}, **flags})
    return grouped(s, value) + _wired(s, {"active": -active})


def _words(s: Shared, layout: Layout) -> None:
    """After every ten days: their word is the one that was hashed, and the next begins at 0."""
    c, (word, best, level, last, recent) = s.circuit, (s.free[0], *s.free[2:6])
    kind = c.kind("day_word", [layout.word(i) for i in range(WORD_ROWS)])
    for i in range(WORD_ROWS):
        s.consume(f"feed{i}", layout.word(i), 0)
    taken = s.carried([best, level, last, recent, word])
    c.require(kind, "word.take_over", s.risk - taken, exact=False)
    onward = c.next(s.risk) - s.carried([best, level, last, recent])
    c.require(kind, "word.hand_over", onward, exact=False)
    s.keep(kind, s.v, s.wallets)


def _closing_row(s: Shared, layout: Layout) -> None:
    """
    Two rows after the last day: the books close, m and v go to their comparisons, and the feed's
    last word is the one that was hashed.
    """
    c, free = s.circuit, s.free
    row = layout.day(MAX_DAYS)
    end = c.single("close", row)
    best, closing, equity, open_now, index, flag, last, level, word, recent = free[:10]
    _take_over(s, end, [equity, open_now, index, flag])
    taken = s.carried([best, level, last, recent, word])
    c.require(end, "close.risk", s.risk - taken, exact=False)
    c.require(end, "close.closing", closing - (equity - open_now + VALUE_OFFSET), exact=False)
    s.produce("best_day", row, 0)
    s.produce("closing", row, 1)
    handed = s.carried([level, word * LAST_WORD])
    c.require(end, "close.hand_over", c.next(s.v) - handed, exact=False)
    onward = c.single("close_next", row + 1)
    c.require(onward, "close_next.take_over", s.v - s.carried(free[:2]), exact=False)
    s.produce("loss_level", row + 1, 0)
    s.consume(f"feed{DAY_WORDS - 1}", row + 1, 1)


def _sum(s: Shared, kind: Kind, values: dict[str, Expression]) -> None:
    """Add named quantities of a day row to the running sum, weighted as the sum rows fold them."""
    sigma = s.challenge["sigma"]
    total = add_all(
        power(sigma, 2 * (SUM_ROWS - 1) - 1 - list(SUMS).index(name)) * value
        for name, value in values.items()
    )
    s.circuit.accumulate(kind.name, kind.selector * total)


def sum_rows(s: Shared, layout: Layout) -> None:
    """
    The sums over all days, two a row, proven together: their fold by sigma leaves the running sum.

    Bus: produces sum_<name> for every name of `history.v2.day_rows.SUMS`.
    """
    c, sigma = s.circuit, s.challenge["sigma"]
    rows = [layout.sums + i for i in range(SUM_ROWS - 1)]
    c.require(c.single("sums_first", rows[0]), "sums.start", s.sum, exact=False)
    kind = c.kind("sums", rows)
    fold = s.sum * sigma * sigma + s.free[0] * sigma + s.free[1]
    c.require(kind, "sums.fold", c.next(s.sum) - fold, exact=False)
    end = c.single("sums_end", layout.sums + SUM_ROWS - 1)
    # the register is the fold of the cells above it, by sums.start and sums.fold
    c.accumulate("sums_end", wrap(0) - end.selector * s.sum, registers=[s.sum])
    for i, name in enumerate(SUMS):
        s.produce(f"sum_{name}", rows[i // 2], i % 2)
