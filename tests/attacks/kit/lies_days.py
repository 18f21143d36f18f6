"""Lies in the books: opening rows, days, sums, and the numbers that move between them."""

from __future__ import annotations

from collections.abc import Callable

from attacks.kit.books import Books, Said, Says, rewrite
from attacks.kit.cheats import Cheat, truth
from attacks.kit.hands import Broken, follow
from attacks.kit.trace import Trace
from attacks.kit.weaken import Monomial
from support.credential import LAYOUT, Case, close, honest, mark, vote, week

from algebra.interface import R
from circuits.credential.v2.days import DAY_BITS, INDEX_START, WIRES
from circuits.credential.v2.layout import DAY_ROWS, SUM_ROWS
from circuits.credential.v2.trace import LIMB_BITS
from history.v2.day_rows import SUMS
from history.v2.feed import DAYS_A_WORD
from history.v2.record import MAX_DAYS, Record
from history.v2.totals import TOTALS

DAY, LAST, SPARE = 3, 6, 200
"""A day of the window, its last, and one after it."""
OPEN, CLOSE, SUM = LAYOUT.days, LAYOUT.day(MAX_DAYS), LAYOUT.sums
EQUITY, RETURN, INDEX, RISK, ACTIVITY = range(DAY_ROWS)
MUCH = 10**6
Hook = Callable[[Trace], None]


def plus(step: int) -> Callable[[int], int]:
    return lambda value: value + step


def cheat(
    gain: str,
    label: str,
    row: int,
    says: Says | None = None,
    *,
    rows: list[Record] | None = None,
    days: int = 7,
    before: Hook = truth,
    after: Hook = truth,
    found: Case | None = None,
) -> Cheat:
    """
    Books around one lie, which breaks the rule `label` on `row`.

    rows : another history, attested. before, after : change cells before and after the books are
        kept.
    """
    broken: Broken = frozenset({(label, row)})

    def lie(trace: Trace) -> None:
        if rows is not None:
            rewrite(trace, rows)
        before(trace)
        Books(trace, says or {}, broken, days).keep()
        after(trace)

    return Cheat(gain, found or honest(), lie)


def without_day(day: int) -> list[Record]:
    return [row for row in week() if row.day != day]


def days() -> dict[str, Cheat]:
    """One quantity of one day."""
    out: dict[str, Cheat] = {}

    def add(
        label: str,
        what: str,
        day: int,
        part: int,
        /,
        *,
        rows: list[Record] | None = None,
        more: Says | None = None,
        window: int = 7,
        found: Case | None = None,
        **said: Said,
    ) -> None:
        says = {(day, name): value for name, value in said.items()} | dict(more or {})
        out[label] = cheat(
            what, label, LAYOUT.day(day) + part, says, rows=rows, days=window, found=found
        )

    no_marks = [row for row in week() if row.day < LAST - 1 and row.kind & 8 == 0]
    add("day.flag_is_bit", "a day counted twice", LAST - 1, EQUITY, rows=no_marks, window=5, flag=2,
        more={("open", "wallets"): 0})  # fmt: skip
    add(
        "day.flag_falls_once",
        "a day left out of the window",
        DAY + 1,
        EQUITY,
        rows=[*without_day(DAY), mark(7)],
        window=8,
        more={(DAY, "flag"): 0},
    )
    add("day.gain_is_bit", "a divisor three times too great", DAY, EQUITY, gain=2)
    add("day.profit", "a profit that no record gives", DAY, EQUITY, profit=plus(MUCH))
    add("day.profit_size", "a divisor below the profit", DAY, EQUITY, size=0)
    add("day.equity", "equity from nowhere", DAY, EQUITY, equity=plus(MUCH))
    add(
        "day.divisor_over_capital",
        "a return over less than the capital",
        DAY,
        EQUITY,
        divisor=2000,
        over_capital=0,
    )
    add(
        "day.divisor_product",
        "a loss made small by a great divisor",
        1,
        EQUITY,
        divisor=plus(MUCH),
        product=0,
    )
    add(
        "day.divisor_is_one_of_three",
        "a loss made small by a great divisor",
        1,
        EQUITY,
        divisor=plus(MUCH),
    )
    add("return.division", "any return", DAY, RETURN, daily=MUCH, rest=0)
    add(
        "return.rest_below_divisor",
        "a return rounded down without end",
        DAY,
        RETURN,
        daily=plus(-1),
        below=0,
    )
    add(
        "return.divisor_over_profit",
        "a return of more than one",
        0,
        RETURN,
        rows=[*week(), *close(0, MUCH // 2)],
        divisor=100_000,
        over_size_limbs=0,
    )
    add("return.range", "a return out of range", DAY, RETURN, range=5)
    add(
        "return.no_records_after_window",
        "records outside the window",
        SPARE,
        RETURN,
        rows=[*week(), vote(SPARE)],
    )
    add("return.marks", "a day without its mark", DAY, RETURN, marks=0,
        rows=[row for row in week() if row.kind & 8 == 0 or row.day != DAY])  # fmt: skip
    add("risk.square", "no variance", DAY, RISK, square=0)
    add("risk.weighted", "any weighted return", DAY, RISK, weighted=plus(MUCH))
    add("risk.recency", "a day away that was none", DAY, RISK, recency=plus(1))
    # 100 r = 3 g + 2 above the start: the index rises by g, over its peak
    thrice = next(k for k in range(9) if 10**8 * (510 + k) // 100_000 % 3 == 2)
    add(
        "index.capped_is_bit",
        "a peak that later losses start from",
        0,
        INDEX,
        rows=[*week(), *close(0, thrice)],
        capped=2,
        gap=lambda gap: gap // 9,
    )
    add("index.division", "no drawdown", 1, INDEX, moved=INDEX_START, index_rest=0)
    add("index.rest", "an index rounded without end", 1, INDEX, moved=plus(-1), index_below=0)
    add(
        "index.drawdown",
        "a drawdown over the line",
        DAY,
        INDEX,
        found=honest(7, drawdown=10_000),
        drawdown=5,
    )
    add("risk.beyond", "a loss below the level that is above it", 1, RISK, beyond=0, slack=0)
    add("risk.best_day", "a best day that is not the best", 5, RISK, best_gap=0)
    add("activity.active_is_bit", "a day active twice", DAY, ACTIVITY, active=2, counted=2)
    add("activity.active", "an active day without volume", SPARE, ACTIVITY, active=1, over=0)
    add(
        "activity.near_positive", "a near day without cause", DAY, ACTIVITY, near_day=1, near_less=0
    )
    add("activity.near_zero", "a near day hidden", 1, ACTIVITY, near_day=0)
    add("activity.counted", "days that do not count, counted", SPARE, ACTIVITY, counted=1)
    return out


def taken(*rows: int) -> Hook:
    """Register v as the cells of the last row have it, on all of the rows."""

    def after(trace: Trace) -> None:
        parts = {RETURN: "day_return", INDEX: "day_index", RISK: "day_risk"}
        name = parts.get(rows[-1] - LAYOUT.day(DAY), "day_equity")
        rule = next(c for c in trace.circuit.constraints if c.label == f"{name}.take_over")
        for row in rows:
            trace.put("v", row, trace.value(rule.body.right, rows[-1]))

    return after


def carried(*rows: int) -> Hook:
    """Register sum as the risk row at the end of the rows has it, on all of them."""

    def after(trace: Trace) -> None:
        rule = next(c for c in trace.circuit.constraints if c.label == "risk.take_over_risk")
        for row in rows:
            trace.put("sum", row, trace.value(rule.body.right, rows[-1]))

    return after


def level_of(trace: Trace) -> None:
    """Register v after the last day as the next row's cells say."""
    rule = next(c for c in trace.circuit.constraints if c.label == "close_next.take_over")
    trace.put("v", CLOSE + 1, trace.value(rule.body.right, CLOSE + 1))


def handed() -> dict[str, Cheat]:
    """Numbers that change on their way from row to row, in register v."""
    day, before, first = LAYOUT.day(DAY), LAYOUT.day(DAY - 1), LAYOUT.day(0)
    profit: Says = {(DAY, "return_profit"): plus(1000)}
    daily: Says = {(DAY, "index_daily"): plus(1000)}
    other_level: Says = {("close_next", "level"): 9, ("shortfall", "loss_level"): 9}
    risky: Says = {(DAY, "risk_daily"): plus(1000)}
    lag: Says = {(DAY, "return_before"): plus(1000)}
    first_lag: Says = {(0, "return_before"): 1000}
    equity: Says = {(DAY, "equity_before"): plus(MUCH)}
    opening: Says = {(0, "equity_before"): plus(MUCH)}
    later: Says = {(DAYS_A_WORD, "equity_before"): plus(MUCH)}
    word, next_day = LAYOUT.word(0), LAYOUT.day(DAYS_A_WORD)
    weight: Says = {(DAY, "weight"): plus(1), ("word 0", "word"): 0}
    plan: dict[str, tuple[int, Says, Hook]] = {
        "day_equity.take_over": (day, equity, truth),
        "day_equity.hand_over": (day, profit, taken(day + RETURN)),
        "day_return.take_over": (day + RETURN, profit, truth),
        "day_return.hand_over": (day + RETURN, daily, taken(day + INDEX)),
        "day_index.take_over": (day + INDEX, daily, truth),
        "day_index.hand_over": (day + INDEX, risky, taken(day + RISK)),
        "day_risk.take_over": (day + RISK, risky, truth),
        "day_risk.hand_over": (before + RISK, equity, taken(before + ACTIVITY, day)),
        "day_activity.keep_v": (before + ACTIVITY, equity, taken(day)),
        "open.hand_over": (OPEN, opening, taken(OPEN + 1, first)),
        "open_next.keep_v": (OPEN + 1, opening, taken(first)),
        "close.take_over": (CLOSE, {("close", "equity"): plus(MUCH)}, truth),
        "close.closing": (CLOSE, {("close", "closing"): plus(MUCH)}, truth),
        "close.hand_over": (CLOSE, other_level, level_of),
        "close_next.take_over": (CLOSE + 1, other_level, truth),
        "close.risk": (CLOSE, {("close", "best"): 0, ("best_day", "best_day"): 0}, truth),
        "risk.take_over_risk": (day + RISK, lag, truth),
        "risk.hand_over_risk": (
            before + RISK,
            lag,
            carried(*range(before + ACTIVITY, day + RISK + 1)),
        ),
        "open_next.risk": (OPEN + 1, first_lag, carried(*range(first, first + RISK + 1))),
        "day_word.keep_v": (word, later, taken(next_day)),
        "word.take_over": (word, weight, truth),
        "word.hand_over": (word, carried_over(), carried(*range(word + 1, next_day + RISK + 1))),
    }
    return {
        label: cheat("money from nowhere", label, row, says, after=after)
        for label, (row, says, after) in plan.items()
    }


def carried_over() -> Says:
    """
    A weight of the second word, and a number before that word's first day which brings the word of
    ten days back to the feed's, 0.
    """
    weight = 1 << DAY_BITS * (DAYS_A_WORD - 1) + LIMB_BITS
    before = -weight * pow(1 << DAY_BITS * DAYS_A_WORD, -1, R) % R
    return {(DAYS_A_WORD, "weight"): plus(1), (DAYS_A_WORD, "word"): before}


def wallets() -> dict[str, Cheat]:
    """The leaf has two wallets; from some row on the days know of one."""
    out = {}
    first = LAYOUT.day(0)
    for label, row in {
        "open.wallets": OPEN, "open_next.keep_slope": OPEN + 1, "day_equity.keep_slope": first,
        "day_return.keep_slope": first + RETURN, "day_index.keep_slope": first + INDEX,
        "day_risk.keep_slope": first + RISK, "day_activity.keep_slope": first + ACTIVITY,
        "day_word.keep_slope": LAYOUT.word(0),
    }.items():  # fmt: skip
        twice = row > first
        says: dict[tuple[int | str, str], Said] = {("open", "wallets"): 2, ("days", "wallets"): 1}
        if twice:
            says[(0, "marks")] = 2

        def before(trace: Trace, row: int = row) -> None:
            trace.put("slope", row + 1, 1)

        rows = [*week(), mark(0)] if twice else None
        if row == LAYOUT.word(0):  # after the window's days, each of which had both
            says = {("open", "wallets"): 2}
            rows = [*week(), *(mark(day) for day in range(LAST + 1))]
        out[label] = cheat(
            "a wallet kept out of the log", label, row, says, rows=rows, before=before
        )
    return out


def best_day() -> dict[str, Cheat]:
    """The best day's witness falls on the last day."""
    out = {}
    returns = [row.daily_return for row in honest().assessment.rows]
    later = returns[LAST]
    parts = {"equity": EQUITY, "return": RETURN, "index": INDEX, "activity": ACTIVITY}
    for name, part in parts.items():
        label, row = f"day_{name}.keep_sum", LAYOUT.day(LAST) + part
        first = LAST if part < RISK else LAST + 1
        says: dict[tuple[int | str, str], Said] = {
            (day, "best"): later for day in range(first, MAX_DAYS)
        }
        says |= {("close", "best"): later, ("best_day", "best_day"): later}
        after = carried(*range(row + 1, LAYOUT.day(first) + RISK + 1))
        out[label] = cheat("a best day that is not the best", label, row, says, after=after)
    return out


def opening() -> dict[str, Cheat]:
    """The leaf's packed numbers."""
    count: Says = {("open", "count"): plus(1), ("next", "count"): plus(-1)}

    def register(trace: Trace) -> None:
        rule = next(c for c in trace.circuit.constraints if c.label == "open_next.count_closing")
        trace.put("sum", OPEN + 1, trace.value(rule.body.right, OPEN + 1))

    return {
        "open.counts": cheat(
            "another count", "open.counts", OPEN, {("open", "counts"): plus(1 << 24)}
        ),
        "open.money": cheat("another balance", "open.money", OPEN, {("open", "money"): plus(MUCH)}),
        "open.first_row": cheat(
            "records of another owner", "open.first_row", OPEN, {("open", "first"): 7}
        ),
        "open.count_closing": cheat(
            "a record left out", "open.count_closing", OPEN, count, after=register
        ),
        "open_next.count_closing": cheat(
            "a record left out", "open_next.count_closing", OPEN + 1, count
        ),
        "window.days": cheat(
            "a window shorter than asked",
            "window.days",
            LAYOUT.comparison("window"),
            rows=without_day(LAST),
            days=6,
        ),
    }


def sums() -> dict[str, Cheat]:
    """No liquidation; the fold closes because a register is chosen after sigma."""
    end = SUM + SUM_ROWS - 1

    def jump(row: int) -> Hook:
        def after(trace: Trace) -> None:
            assert trace.base is not None
            missing = trace.base.get("sum", end) - trace.get("sum", end)
            trace.put(
                "sum",
                row,
                trace.get("sum", row) + missing * pow(trace.scalars["sigma"], 2 * (row - end), R),
            )
            follow(trace, range(row, end))

        return after

    says: Says = {("sums", "liquidations"): 0}
    return {
        "sums.start": cheat("no liquidation", "sums.start", SUM, says, after=jump(SUM)),
        "sums.fold": cheat("no liquidation", "sums.fold", SUM + 5, says, after=jump(SUM + 6)),
    }


def total(monomial: Monomial) -> Cheat:
    """A day's total that its records do not give."""
    name = [*TOTALS, *WIRES, "active"][dict(monomial).get("group", 0)]
    if name == "active":
        return cheat("a day away that was none", "", 0, {(DAY, "active_sent"): 0})
    if name == "marks":
        return cheat("a wallet without a mark", "", 0, {("open", "wallets"): 2})
    return cheat(f"any {name}", "", 0, {(DAY, name): plus(1)})


def summed(monomial: Monomial) -> Cheat:
    """A sum that the days do not give."""
    name = list(SUMS)[2 * SUM_ROWS - 3 - dict(monomial).get("sigma", 0)]
    if name == "days":
        return cheat(
            "a window shorter than asked",
            "",
            0,
            {("sums", name): 7},
            rows=without_day(LAST),
            days=6,
        )
    return cheat(f"any sum of {name}", "", 0, {("sums", name): plus(1)})


def message(name: str, row: int) -> Cheat:
    """A consumer of the days that takes another value than was sent."""
    if row == OPEN:  # words of the leaf: the leaf says something else
        return cheat("another word in the leaf", "", 0, {("leaf", name): plus(1)})
    if row == OPEN + 1:
        place = {"sum_records": "count"}.get(name, name)
        return cheat("books that do not close", "", 0, {("open", place): plus(1)})
    if name.startswith("feed"):
        day = DAYS_A_WORD * int(name.removeprefix("feed"))
        return cheat("a weight that is not the feed's", "", 0, {(day, "weight"): plus(1)})
    where = next(kind for kind in LAYOUT.comparison_rows if LAYOUT.comparison(kind) == row)
    if name == "sum_days":
        return cheat(
            "a window shorter than asked", "", 0, {(where, name): 7}, rows=without_day(LAST), days=6
        )
    return cheat("another sum compared than summed", "", 0, {(where, name): plus(1)})


def cheats() -> dict[str, Cheat]:
    return {**days(), **handed(), **wallets(), **best_day(), **opening(), **sums()}
