"""
Honest cells of day and sum rows (docs/explanation/layout.md 5, docs/explanation/metrics.md B).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from circuits.credential.v2.days import (
    ACTIVE_WIRE,
    ACTIVITY_TOTALS,
    CHANGE,
    DAY_BITS,
    EQUITY_TOTALS,
    FIRST_WIRE,
    INDEX_START,
    LAST_WORD,
    MONEY,
    RETURN_OFFSET,
    WEIGHT,
    WIRES,
    WORD_SO_FAR,
)
from circuits.credential.v2.layout import WORD_ROWS, Layout
from history.v2.day_rows import SUMS, DayRow
from history.v2.feed import CHANGE_OFFSET, DAYS_A_WORD
from history.v2.metrics.form import RETURN_SCALE
from history.v2.record import MAX_DAYS, VALUE_OFFSET
from history.v2.totals import TOTALS
from prover.witness.v2.cells import Cells


@dataclass(frozen=True, slots=True)
class DayCells:
    """
    What the oracle knows of one day; see `history.v2.oracle.DayRow`. Spare days have flag 0.
    `change` is carried with its offset.
    """

    totals: dict[str, int]
    flag: int
    profit: int
    equity: int
    open_now: int
    divisor: int
    capital: int
    daily: int
    daily_before: int
    index: int
    loss: int
    weight: int
    change: int
    active: int
    recency: int
    recency_before: int
    wires: tuple[int, ...]


def day_cells(row: DayRow) -> DayCells:
    """An oracle's day in the cells' terms."""
    return DayCells(
        {name: getattr(row, name) for name in TOTALS},
        1,
        row.profit,
        row.equity,
        row.unrealised,
        row.divisor,
        row.capital,
        row.daily_return,
        row.return_before,
        row.index,
        row.loss,
        row.weight,
        row.change + CHANGE_OFFSET,
        int(row.active_day),
        row.recency,
        row.recency_before,
        tuple(SUMS[name](row) for name in WIRES),
    )


def spare_day(last: DayCells, floor: int) -> DayCells:
    """A day after the window: nothing happens, and equity, open positions and index stay."""
    zero = dict.fromkeys(last.totals, 0)
    divisor = max(floor, last.equity)
    return DayCells(
        totals=zero,
        flag=0,
        profit=0,
        equity=last.equity,
        open_now=last.open_now,
        divisor=divisor,
        capital=last.equity,
        daily=0,
        daily_before=last.daily,
        index=last.index,
        loss=0,
        weight=0,
        change=0,
        active=0,
        recency=last.recency,
        recency_before=last.recency,
        wires=(0,) * len(WIRES),
    )


def fill_opening(
    cells: Cells, layout: Layout, counts: int, money: int, closing: int, chosen: Mapping[str, int]
) -> None:
    """The two opening rows."""
    row = layout.days
    cells.set_free(row, [counts, money])
    cells.set_limbs(row, 0, counts & 0xFFFFFF, 2)
    cells.set_limbs(row, 2, counts >> 24 & 0xFFFFFF, 2)
    cells.set_limbs(row, 4, counts >> 48, 1)
    cells.set_limbs(row, 5, money & MONEY, 4)
    cells.set_limbs(row, 9, money >> 48, 4)
    cells.set_free(row + 1, [counts >> 24 & 0xFFFFFF, closing + VALUE_OFFSET, *chosen.values()])


def fill_day(
    cells: Cells,
    row: int,
    day: DayCells,
    before: tuple[int, int, int, int],
    p: tuple[int, int, int],
    chosen: Mapping[str, int],
) -> None:
    """
    The five rows of one day.

    Parameters
    ----------
    before : equity, unrealised, index and flag of the day before.
    chosen : `history.v2.oracle.chosen`.
    p : F, A and the drawdown line.
    """
    floor, activity, index_floor = p
    best_day, level = chosen.values()
    equity_before, open_before, index_before, flag_before = before
    t, gain, size = day.totals, int(day.profit >= 0), abs(day.profit)
    over_floor, over_capital = day.divisor - floor, day.divisor - day.capital
    cells.set_free(row, [t[name] for name in EQUITY_TOTALS])
    cells.set_free(
        row,
        [
            day.flag,
            gain,
            equity_before,
            open_before,
            index_before,
            flag_before,
            day.profit,
            over_floor * over_capital,
        ],
        5,
    )
    for i, number in enumerate((size - 1 + gain, day.equity, over_floor, over_capital)):
        cells.set_limbs(row, 4 * i, number, 4)

    rest = RETURN_SCALE * day.profit - day.daily * day.divisor
    cells.set_free(
        row + 1,
        [
            day.profit,
            day.divisor,
            day.divisor - size,
            day.equity,
            day.open_now,
            index_before,
            day.flag,
            day.daily,
            t["marks"],
            t["records"],
        ],
    )
    for i, number in enumerate((rest, day.divisor - 1 - rest, day.divisor - size)):
        cells.set_limbs(row + 1, 4 * i, number, 4)
    cells.set_limbs(row + 1, 12, day.daily + RETURN_OFFSET, 3)

    moved, rest = divmod(index_before * (RETURN_SCALE + day.daily), RETURN_SCALE)
    capped = int(moved > INDEX_START)
    cells.set_free(row + 2, [day.daily, day.equity, day.open_now, index_before, day.flag, capped])
    cells.set_free(row + 2, day.wires, FIRST_WIRE)
    slack = (
        abs(INDEX_START - moved) - capped,
        rest,
        RETURN_SCALE - 1 - rest,
        day.index - index_floor,
    )
    for i, number in enumerate(slack):
        cells.set_limbs(row + 2, 3 * i, number % (1 << 36), 3)

    cells.set_free(
        row + 3,
        [
            *(day.daily, day.equity, day.open_now, day.index, day.flag),
            *(best_day, day.daily_before, day.daily**2, level, day.weight * day.daily),
        ],
    )
    cells.set_limbs(row + 3, 0, best_day - day.daily, 3)
    beyond = max(0, day.loss - level)
    cells.set_limbs(row + 3, 3, beyond, 3)
    cells.set_limbs(row + 3, 6, beyond + level - day.loss, 4)
    cells.set_limbs(row + 3, WEIGHT, day.weight, 1)
    cells.set_limbs(row + 3, CHANGE, day.change, 1)
    for i, number in enumerate((day.active, day.recency_before, day.recency)):
        cells.set_limbs(row + 3, ACTIVE_WIRE + i, number, 1)

    over = t["volume"] + t["open"] - activity
    near_day = int(t["near"] > 0)
    cells.set_free(row + 4, [t[name] for name in ACTIVITY_TOTALS])
    cells.set_limbs(row + 4, 0, over if day.active else -over - 1, 4)
    cells.set_limbs(row + 4, 4, t["near"] - near_day, 2)
    cells.set_limbs(row + 4, 6, day.active, 1)
    cells.set_limbs(row + 4, 7, near_day, 1)
    cells.set_limbs(row + 4, 8, near_day | day.active, 1)


def fill_words(cells: Cells, layout: Layout, words: Sequence[int]) -> None:
    """The rows after every ten days, and the word so far in every day; `words` are the feed's."""
    closing = layout.day(MAX_DAYS)
    for day in range(MAX_DAYS):
        index, done = divmod(day, DAYS_A_WORD)
        cells.set_free(
            layout.day(day) + 3, [words[index] >> DAY_BITS * (DAYS_A_WORD - done)], WORD_SO_FAR
        )
    for i in range(WORD_ROWS):
        risk = layout.day(DAYS_A_WORD * (i + 1) - 1) + 3
        best, level, daily = (cells.get_free(risk, cell) for cell in (5, 8, 0))
        recent = cells.get_limbs(risk, ACTIVE_WIRE + 2, 1)
        cells.set_free(layout.word(i), [words[i], 0, best, level, daily, recent])
    last = words[WORD_ROWS]
    cells.set_free(closing, [last // LAST_WORD], 8)
    cells.set_free(closing + 1, [last], 1)
