"""
Books with one number cooked: days, sums, comparisons and the leaf computed anew around whatever the
forger says.

`keep_books` writes what `prover.witness.v2.days` writes, from the records in the trace, but asks
`says` before it writes down a quantity. All that follows from a quantity follows from what was
said; the leaf is made to fit and its root published, as if a careless quorum had signed it. So only
the rule that the lie breaks complains.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
from attacks.kit.hands import (
    NOTHING,
    Broken,
    follow,
    get_limbs,
    rehash,
    set_free,
    set_limb,
    set_limbs,
    signed,
)
from attacks.kit.score_rows import keep_score
from attacks.kit.trace import Trace
from attacks.kit.weaken import GROUP, expand, helper_of
from support.credential import LAYOUT

from algebra.interface import R
from circuits.credential.v2.days import (
    ACTIVE_WIRE,
    ACTIVITY_TOTALS,
    CHANGE,
    DAY_BITS,
    EQUITY_TOTALS,
    FIRST_WIRE,
    INDEX_START,
    LAST_WORD,
    RETURN_OFFSET,
    WEIGHT,
    WIRES,
    WORD_SO_FAR,
)
from circuits.credential.v2.layout import SUM_ROWS, WORD_ROWS, bus_name
from circuits.credential.v2.records import DAY
from circuits.credential.v2.rows import wide_cell, without_offsets
from circuits.credential.v2.sponge import LEAF
from circuits.credential.v2.statement import by_name
from circuits.credential.v2.trace import FREE, LIMB_BITS, LIMBS
from history.v2.day_rows import SUMS
from history.v2.feed import CHANGE_OFFSET, DAYS_A_WORD
from history.v2.metrics import METRICS
from history.v2.metrics.form import RETURN_SCALE, Condition
from history.v2.metrics.losses import day_loss
from history.v2.record import MAX_DAYS, VALUE_OFFSET, Record, Records
from history.v2.totals import TOTALS
from prover.witness.v2.cells import Cells
from prover.witness.v2.records import fill_records

Said = int | Callable[[int], int]
Says = Mapping[tuple[int | str, str], Said]
"""By (day, quantity), or (region, quantity): a number, or a change of the honest one."""


def totals_of(trace: Trace, rows: int) -> dict[int, dict[str, int]]:
    """
    Day totals of the first rows of the trace, whatever their bits are: coefficients of the
    group-by's own numerator.
    """
    polynomial = expand(helper_of(trace.circuit, "exchange").fractions[0][0], GROUP)
    at = np.arange(rows)
    out: dict[int, dict[str, int]] = {}
    for power, name in enumerate(TOTALS):
        values = trace.values([polynomial[(("group", power),) if power else ()]], at)[0]
        for day, value in zip(trace.columns[f"limb{DAY}"][:rows], values, strict=True):
            totals = out.setdefault(int(day), dict.fromkeys(TOTALS, 0))
            totals[name] = signed((totals[name] + value) % R)
    return out


def rewrite(trace: Trace, rows: Sequence[Record]) -> None:
    """Other records from row 0 on, attested as they stand. For histories that no oracle takes."""
    cells, t = Cells(trace.circuit.size), trace.scalars
    exposure = t["ask_16"] * (t["t_peak_exposure"] - 4095) + 4095
    fill_records(
        cells, Records.from_rows(rows), t["ask_5"] * t["t_distance"], t["t_near_line"], exposure
    )
    for row in range(ROWS):
        for i in range(LIMBS):
            set_limb(trace, row, i, int(cells.limbs[i, row]))
        set_free(trace, row, *(cells.get_free(row, i) for i in range(FREE)))
    attest(trace)


def attest(trace: Trace) -> None:
    """The record column is committed to as the cells have it."""
    assert trace.circuit.record_body is not None
    at = np.arange(ROWS)
    trace.records[at] = trace.values([trace.circuit.record_body], at)[0]


HANDED_ON = ("free5", "free8", "free0", f"limb{ACTIVE_WIRE + 2}")
"""Cells of the risk row that the word row has after it: m, v, r and g."""
ROWS = 128
"""Record rows that books are kept of; more than any history here has."""


@dataclass
class Books:
    """
    Parameters
    ----------
    days : days of the window.
    says : what is said instead of the truth.
    broken : rules that are left as they stand.
    level : v of M24.
    """

    trace: Trace
    says: Says = field(default_factory=dict)
    broken: Broken = NOTHING
    days: int = 7
    level: int = 0
    sums: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SUMS, 0))
    recency: int = 0

    def say(self, where: int | str, name: str, honest: int) -> int:
        said = self.says.get((where, name), honest)
        return said(honest) if callable(said) else said

    def scalar(self, name: str) -> int:
        return self.trace.scalars[name]

    def keep(self) -> None:
        """Write all rows from the opening to the last comparison, and the leaf."""
        trace, row = self.trace, LAYOUT.days
        counts = trace.get("free0", row)
        wallets = self.say("open", "wallets", counts >> 48)
        opening = get_limbs(trace, row, 5, 4)
        totals = totals_of(trace, ROWS)
        marks = self.say("days", "wallets", wallets)
        before: tuple[int, ...] = (opening, 0, INDEX_START, 1)
        best, last = 0, 0
        for day in range(MAX_DAYS):
            total = totals.get(day, dict.fromkeys(TOTALS, 0))
            before, last = self._day(day, total, before, marks, last)
            best = max(best, last)
        best = self.say("open", "best", best)
        for day in range(MAX_DAYS):
            at = LAYOUT.day(day) + 3
            of_day = self.say(day, "best", best)
            level = self.say(day, "level", self.level)
            set_free(trace, at, of_day, start=5)
            set_free(trace, at, level, start=8)
            weight, weighted = self._market(day, at)
            loss = trace.get("free4", at) * day_loss(
                self.scalar("t_shortfall_mode"),
                *(signed(trace.get(f"free{i}", at)) for i in (0, 3)),
                weight,
                weighted,
            )
            beyond = self.say(day, "beyond", max(0, loss - level))
            set_limbs(trace, at, 3, 3, beyond)
            set_limbs(trace, at, 6, 4, self.say(day, "slack", beyond + level - loss))
            self.sums["loss_beyond"] += beyond
            slack = self.say(day, "best_gap", of_day - signed(trace.get("free0", at)))
            set_limbs(trace, at, 0, 3, slack)
        word = self._words()
        equity, open_now, index, flag = (self.say("close", n, v) for n, v in zip(
            ("equity", "open_now", "index", "flag"), before, strict=True))  # fmt: skip
        closing = self.say("close", "closing", equity - open_now + VALUE_OFFSET)
        set_free(
            trace,
            LAYOUT.day(MAX_DAYS),
            self.say("close", "best", best),
            closing,
            equity,
            open_now,
            index,
            flag,
            self.say("close", "last", last),
            self.say("close", "level", self.level),
            self.say("close", "word", word),
            self.recency,
        )
        after = [self.say("close_next", "level", self.level)]
        after.append(self.say("close_next", "word", word * LAST_WORD))
        set_free(trace, LAYOUT.day(MAX_DAYS) + 1, *after)
        for i in range(SUM_ROWS - 1):
            for slot, name in enumerate(list(SUMS)[2 * i : 2 * i + 2]):
                self.sums[name] = self.say("sums", name, self.sums[name])
                trace.put(f"free{slot}", LAYOUT.sums + i, self.sums[name])
        self._open(wallets, opening, closing, best)
        self._compare(best)
        end = LAYOUT.comparisons + len(LAYOUT.comparison_rows)
        follow(trace, range(row, end), self.broken)
        rehash(trace, broken=self.broken)

    def _market(self, day: int, at: int) -> tuple[int, int]:
        """
        Weight, change and what they add to the sums, on a risk row; weight and weighted return.
        """
        trace, daily = self.trace, signed(self.trace.get("free0", at))
        weight = self.say(day, "weight", trace.get(f"limb{WEIGHT}", at))
        change = self.say(day, "change", trace.get(f"limb{CHANGE}", at))
        set_limb(trace, at, WEIGHT, weight)
        set_limb(trace, at, CHANGE, change)
        weighted = self.say(day, "weighted", weight * daily)
        set_free(trace, at, weighted, start=9)
        change -= trace.get("free4", at) * CHANGE_OFFSET
        adds = {
            "weights": weight,
            "weights_square": weight**2,
            "weighted": weighted,
            "weighted_square": weight * signed(trace.get("free7", at)),
            "changes": change,
            "changes_square": change**2,
            "changes_returns": change * daily,
        }
        for name, number in adds.items():
            self.sums[name] += number
        return weight, weighted

    def _words(self) -> int:
        """
        The feed's word so far on every day, and the rows after ten days; the last word so far.
        """
        trace, word = self.trace, 0
        for day in range(MAX_DAYS):
            index, done = divmod(day, DAYS_A_WORD)
            at = LAYOUT.day(day) + 3
            word = self.say(day, "word", word)
            set_free(trace, at, word, start=WORD_SO_FAR)
            limbs = [trace.get(f"limb{i}", at) for i in (WEIGHT, CHANGE)]
            word = (word << DAY_BITS) + (limbs[0] << LIMB_BITS) + limbs[1]
            if done == DAYS_A_WORD - 1 and index < WORD_ROWS:
                handed = [trace.get(name, at) for name in HANDED_ON]
                word = self.say(f"word {index}", "word", word)
                set_free(trace, LAYOUT.word(index), word)
                set_free(trace, LAYOUT.word(index), *handed, start=2)
                word = 0
        return word

    def _open(self, wallets: int, opening: int, closing: int, best: int) -> None:
        trace, row = self.trace, LAYOUT.days
        count = self.say("open", "count", self.sums["records"])
        first = self.say("open", "first", 0)
        opening, closing = (
            self.say("open", "opening", opening),
            self.say("open", "closing", closing),
        )
        for start, limbs, number in (
            (0, 2, first),
            (2, 2, count),
            (4, 1, wallets),
            (5, 4, opening),
            (9, 4, closing),
        ):
            set_limbs(trace, row, start, limbs, number)
        counts = self.say("open", "counts", first + (count << 24) + (wallets << 48))
        money = self.say("open", "money", opening + (closing << 48))
        set_free(trace, row, counts, money)
        set_free(
            trace, row + 1, self.say("next", "count", count), self.say("next", "closing", closing)
        )
        trace.put("free2", row + 1, self.say("next", "best", best))
        trace.put("free3", row + 1, self.say("next", "level", self.level))
        trace.put("free1", LAYOUT.permutation(LEAF + 3), self.say("leaf", "counts", counts))
        trace.put("free1", LAYOUT.permutation(LEAF + 4), self.say("leaf", "money", money))

    def _day(
        self, day: int, total: dict[str, int], before: tuple[int, ...], marks: int, last: int
    ) -> tuple[tuple[int, ...], int]:
        trace, row, floor = self.trace, LAYOUT.day(day), self.scalar("t_floor")

        def say(name: str, honest: int) -> int:
            return self.say(day, name, honest)

        t = {name: say(name, value) for name, value in total.items()}
        equity0, open0, index0, flag0 = (say(f"{n}_before", v) for n, v in zip(
            ("equity", "open", "index", "flag"), before, strict=True))  # fmt: skip
        flag = say("flag", int(day < self.days))
        t["marks"] = say("marks", flag * marks)
        open1 = say("open_now", open0 + flag * (t["unrealised"] - open0))
        profit = say("profit", t["pnl"] + flag * (t["unrealised"] - open0))
        gain = say("gain", int(profit >= 0))
        size = say("size", (2 * gain - 1) * profit - (1 - gain))
        magnitude = size + 1 - gain
        equity = say("equity", equity0 + profit + t["flow"])
        capital = equity0 + t["base"] + gain * (t["inflow"] - t["base"])
        divisor = say("divisor", max(floor, magnitude, capital))
        over_floor, over_capital = divisor - floor, say("over_capital", divisor - capital)
        product = say("product", over_floor * over_capital)
        set_free(
            trace,
            row,
            *(t[n] for n in EQUITY_TOTALS),
            flag,
            gain,
            equity0,
            open0,
            index0,
            flag0,
            profit,
            product,
        )
        for i, number in enumerate((size, equity, over_floor, over_capital)):
            set_limbs(trace, row, 4 * i, 4, number)

        self.sums["profit"] += profit
        self.sums["days"] += flag
        wires = {
            "kept": flag * equity0 + t["flow"] - t["inflow"] + (1 - gain) * profit,
            "available": flag * (equity0 + t["inflow"]),
            "profit_square": profit * profit,
        }
        names = ("profit", "divisor", "over_size", "equity", "open_now", "index", "flag")
        numbers = (profit, divisor, divisor - magnitude, equity, open1, index0, flag)
        profit, divisor, over_size, equity, open1, index0, flag = (
            say(f"return_{n}", v) for n, v in zip(names, numbers, strict=True)
        )
        daily = say("daily", RETURN_SCALE * profit // divisor)
        rest = say("rest", RETURN_SCALE * profit - daily * divisor)
        taken = (profit, divisor, over_size, equity, open1, index0, flag)
        set_free(trace, row + 1, *taken, daily, t["marks"], t["records"])
        for i, number in enumerate(
            (rest, say("below", divisor - 1 - rest), say("over_size_limbs", over_size))
        ):
            set_limbs(trace, row + 1, 4 * i, 4, number)
        set_limbs(trace, row + 1, 12, 3, say("range", daily + RETURN_OFFSET))
        self.sums["records"] += t["records"]

        handed = zip(
            ("daily", "equity", "open_now", "before", "flag"),
            (daily, equity, open1, index0, flag),
            strict=True,
        )
        daily, equity, open1, index0, flag = (say(f"index_{n}", v) for n, v in handed)
        moved = say("moved", index0 * (RETURN_SCALE + daily) // RETURN_SCALE)
        capped = say("capped", int(moved > INDEX_START))
        gap = say("gap", (2 * capped - 1) * (moved - INDEX_START - capped))
        index = INDEX_START - (1 - capped) * gap
        moved = INDEX_START + (2 * capped - 1) * gap + capped
        rest = say("index_rest", index0 * (RETURN_SCALE + daily) - moved * RETURN_SCALE)
        line = self.scalar("ask_7") * (INDEX_START - self.scalar("t_drawdown") * 10**6)
        set_free(trace, row + 2, daily, equity, open1, index0, flag, capped)
        for i, name in enumerate(WIRES):
            value = say(name, wires[name])
            set_free(trace, row + 2, value, start=FIRST_WIRE + i)
            self.sums[name] += value
        slack = (
            gap,
            rest,
            say("index_below", RETURN_SCALE - 1 - rest),
            say("drawdown", index - line),
        )
        for i, number in enumerate(slack):
            set_limbs(trace, row + 2, 3 * i, 3, number)

        handed = zip(
            ("daily", "equity", "open_now", "index", "flag"),
            (daily, equity, open1, index, flag),
            strict=True,
        )
        daily, equity, open1, index, flag = (say(f"risk_{n}", v) for n, v in handed)
        last, square = say("return_before", last), say("square", daily * daily)
        set_free(trace, row + 3, daily, equity, open1, index, flag)
        set_free(trace, row + 3, last, square, start=6)
        powers = {
            "returns": daily,
            "returns_square": square,
            "returns_cube": square * daily,
            "returns_fourth": square * square,
            "returns_lag": daily * last,
        }
        for name, number in powers.items():
            self.sums[name] += number

        over = t["volume"] + t["open"] - self.scalar("t_activity")
        active, near = say("active", int(over >= 0)), say("near_day", int(t["near"] > 0))
        counted = say("counted", near + active - near * active)
        set_free(trace, row + 4, *(t[n] for n in ACTIVITY_TOTALS))
        set_limbs(trace, row + 4, 0, 4, say("over", (2 * active - 1) * over + active - 1))
        set_limbs(trace, row + 4, 4, 2, say("near_less", t["near"] - near))
        for limb, bit in ((6, active), (7, near), (8, counted)):
            set_limbs(trace, row + 4, limb, 1, bit)
        for name in (
            "trips",
            "trip_square",
            "trip_pnl",
            "liquidations",
            "volume",
            "fills",
            "maker_volume",
            "open",
            "net",
            "gross",
            "votes",
            "rewards",
            "pnl",
        ):
            self.sums[name] += t[name]
        more = {"near_days": near, "counted_days": counted, "active_days": active}
        for name, number in more.items():
            self.sums[name] += number
        self._recency(day, flag, active)
        return (equity, open1, index, flag), daily

    def _recency(self, day: int, flag: int, active: int) -> None:
        """The days since the last active one, on the risk row."""
        active = self.say(day, "active_sent", active)
        before = self.say(day, "recency_before", self.recency)
        recency = self.say(day, "recency", (1 - active) ** 2 * (before + flag))
        for i, number in enumerate((active, before, recency)):
            set_limb(self.trace, LAYOUT.day(day) + 3, ACTIVE_WIRE + i, number)
        self.sums["recency"] += recency - before
        self.sums["clumpiness"] += flag * recency
        self.sums["active_moment"] += day * active
        self.recency = recency

    def _compare(self, best: int) -> None:
        trace = self.trace
        values = {**{bus_name(name): value for name, value in self.sums.items()}, "best_day": best}
        values["loss_level"] = self.level
        for row, taken in LAYOUT.comparison_rows.items():
            for slot, name in enumerate(taken):
                trace.put(f"free{slot}", LAYOUT.comparison(row), self.say(row, name, values[name]))
        settle(trace, self.broken)
        keep_score(trace, self.sums, self.broken)


def settle(trace: Trace, broken: Broken = NOTHING, said: Mapping[str, int] | None = None) -> None:
    """
    The comparison rows from what they took: what each takes over, makes and hands on, and the limbs
    of what one row does not hold. `said`: numbers taken over, by row and name (`trades gain`).
    """
    wide = {c.row: c for m in METRICS for c in m.shown if c.cells.start + c.cells.limbs > LIMBS}
    before = 0
    for name, row in METRICS.rows.items():
        at = LAYOUT.comparison(name)
        for each in row.handed:
            there = list(METRICS.rows.values())[before - 1].cells[each]
            value = (said or {}).get(f"{name} {each}", trace.get(f"free{there}", at - 1))
            trace.put(f"free{row.cells[each]}", at, value)
        follow(trace, [at], broken)
        if name in wide:
            _, start, limbs = wide[name].cells
            number, low = trace.get(f"free{wide_cell(row)}", at), LIMBS - start
            set_limbs(trace, at, start, low, number % (1 << 12 * low))
            set_limbs(trace, at + 1, 0, limbs - low, number >> 12 * low)
            follow(trace, [at], broken)
        before += 1


def number(trace: Trace, condition: Condition) -> int:
    """left - right of a condition, from the cells of its row."""
    row = METRICS.rows[condition.row]
    at = LAYOUT.comparison(condition.row)
    cells = {name: signed(trace.get(f"free{i}", at)) for name, i in row.cells.items()}
    h = SimpleNamespace(**cells, days=trace.scalars["days"])
    difference = condition.difference(h, without_offsets(by_name(trace.scalars), LAYOUT))
    return int(difference)


def show(trace: Trace, metric: int, but: tuple[str, ...] = ()) -> None:
    """
    Limbs of a metric's conditions, from the cells of their rows; of those in `but`, that are false,
    zero. OverflowError for another that is false.
    """
    for condition in METRICS[metric].shown:
        row, start, limbs = condition.cells
        value = 0 if condition.label in but else number(trace, condition)
        if start + limbs <= LIMBS:
            set_limbs(trace, LAYOUT.comparison(row), start, limbs, value)
