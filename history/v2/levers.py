"""
Pasts that might have been: day rows with one quantity a little otherwise, all else as it was.

`history.v2.changes` tries them on metrics that fail. A lever is for what a person can act on in
truth: how large positions and losses are let become, how much money stands behind them, how much
is hedged, traded, waited for. A change that only a trick could make, such as money at the close of
a day alone, is none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from history.v2.day_rows import DayRow, Sums, sums, with_losses
from history.v2.metrics.form import INDEX_SCALE, RETURN_SCALE, Unit
from history.v2.metrics.units import USD
from history.v2.oracle import Extremes
from history.v2.record import MAX_DAYS, NO_POSITION_DISTANCE
from history.v2.thresholds import Thresholds

WHOLE = 1_000  # steps of the parts of a quantity
MOST = 9 * WHOLE  # a quantity grows to ten times of what it was at most
LEAST = 9 * WHOLE // 10  # or falls to a tenth
RETURN_STEP, RETURN_STEPS = 100, 10_000  # in 1e-8: up to a percent a day
NO_EXPOSURE_SAID = (1 << 12) - 1  # what a record carries where equity is not above zero
RETURN = Unit("1e-8", 6, " %")
SIZE = Unit("1/1000", 1, " %")
DAYS = Unit("days", noun="day{s}")


@dataclass(frozen=True, slots=True)
class Past:
    """
    A history, or one that might have been.

    Attributes
    ----------
    rows, extremes : as `assess` has them
    days : of the window; more than there are rows where these stand for more
    size : of all positions, in 1 / WHOLE of what they were
    """

    rows: Sequence[DayRow]
    extremes: Extremes
    days: int
    size: int = WHOLE

    def sums(self) -> Sums:
        """S(x) over the window."""
        total = sums(list(self.rows))
        factor, of = self.days, total.days
        return Sums(*(getattr(total, name) * factor // of for name in Sums.__dataclass_fields__))


class Lever(NamedTuple):
    """
    A quantity that can be moved.

    quantity : its name
    words : with `{to}`, `{now}` and `{by}`
    unit : of the quantity
    of : how much there is, in a past
    moved : the past with the quantity `step` steps away
    steps : how far it may be moved; 0: not at all
    limits : True: for metrics that are a limit, False: for those that ask for more, None: for both
    """

    quantity: str
    words: str
    unit: Unit
    of: Callable[[Past], int]
    moved: Callable[[Past, int, Thresholds], Past]
    steps: Callable[[Past], int]
    limits: bool | None


# -- pasts that might have been --------------------------------------------------------------------
def _part(number: int, parts: int) -> int:
    return number * parts // WHOLE


def _with_profits(
    rows: Sequence[DayRow], profits: Sequence[int], money: int, thresholds: Thresholds
) -> list[DayRow]:
    """Other profits and `money` more on every day; returns by B2 and B4, equity not carried on."""
    returns = [
        RETURN_SCALE * profit // max(thresholds.floor, abs(profit), row.capital + money)
        for row, profit in zip(rows, profits, strict=True)
    ]
    return _with_returns(rows, returns, profits, thresholds)


def _with_returns(
    rows: Sequence[DayRow],
    returns: Sequence[int],
    profits: Sequence[int],
    thresholds: Thresholds,
) -> list[DayRow]:
    """Other returns and profits, and what follows by day: realised pnl, index, losses."""
    out: list[DayRow] = []
    index, before = INDEX_SCALE, 0
    for row, daily_return, profit in zip(rows, returns, profits, strict=True):
        index = min(INDEX_SCALE, index * (RETURN_SCALE + daily_return) // RETURN_SCALE)
        out.append(
            replace(
                row,
                daily_return=daily_return,
                return_before=before,
                profit=profit,
                pnl=row.pnl + profit - row.profit,
                index=index,
            )
        )
        before = daily_return
    return with_losses(out, thresholds)


def _worst(past: Past) -> int:
    return max(-row.daily_return for row in past.rows)


def _cut_losses(past: Past, step: int, thresholds: Thresholds) -> Past:
    least = -_part(_worst(past), WHOLE - step)
    return _raised(past, [max(row.daily_return, least) for row in past.rows], thresholds)


def _more_return(past: Past, step: int, thresholds: Thresholds) -> Past:
    more = step * RETURN_STEP
    return _raised(
        past, [min(RETURN_SCALE, row.daily_return + more) for row in past.rows], thresholds
    )


def _raised(past: Past, returns: Sequence[int], thresholds: Thresholds) -> Past:
    profits = [
        row.profit + (raised - row.daily_return) * row.divisor // RETURN_SCALE
        for row, raised in zip(past.rows, returns, strict=True)
    ]
    return replace(past, rows=_with_returns(past.rows, returns, profits, thresholds))


def _smaller(past: Past, step: int, thresholds: Thresholds) -> Past:
    """
    Everything that grows with the positions, as much smaller. A distance d of linear positions
    becomes d / size at least, for E stays and M gets less; of options it is near that, or less
    where they are short.
    """
    size = WHOLE - step
    distance, exposure = past.extremes
    if distance > 0:
        distance = min(NO_POSITION_DISTANCE, distance * WHOLE // size)
    if exposure < NO_EXPOSURE_SAID:
        exposure = -_part(-exposure, size)
    scaled = ("volume", "maker_volume", "open", "net", "gross", "trip_pnl")
    rows: list[DayRow] = []
    for row in past.rows:
        numbers: dict[str, Any] = {name: _part(getattr(row, name), size) for name in scaled}
        numbers["trip_square"] = _part(_part(row.trip_square, size), size)
        rows.append(replace(row, **numbers))
    rows = _with_profits(rows, [_part(row.profit, size) for row in rows], 0, thresholds)
    return replace(past, rows=rows, extremes=Extremes(distance, exposure), size=size)


def _mean(name: str) -> Callable[[Past], int]:
    return lambda past: sum(getattr(row, name) for row in past.rows) // len(past.rows)


def _sum(name: str) -> Callable[[Past], int]:
    return lambda past: sum(getattr(row, name) for row in past.rows)


KEPT = _mean("kept")


def _more_money(past: Past, step: int, thresholds: Thresholds) -> Past:
    money = _part(KEPT(past), step)
    rows = _with_profits(past.rows, [row.profit for row in past.rows], money, thresholds)
    return replace(past, rows=[replace(row, kept=row.kept + money) for row in rows])


def _only(
    name: str, changed: Callable[[DayRow, int], int]
) -> Callable[[Past, int, Thresholds], Past]:
    """One number of the days alone."""

    def moved(past: Past, step: int, _: Thresholds) -> Past:
        numbers: list[dict[str, Any]] = [{name: changed(row, step)} for row in past.rows]
        rows = [replace(row, **number) for row, number in zip(past.rows, numbers, strict=True)]
        return replace(past, rows=rows)

    return moved


LEVERS = (
    Lever(
        "largest_loss",
        "a largest loss of a day of {to} instead of {now}",
        RETURN,
        of=_worst,
        moved=_cut_losses,
        steps=lambda past: LEAST if _worst(past) > 0 else 0,
        limits=None,
    ),
    Lever(
        "position_size",
        "all positions at {to} of their size",
        SIZE,
        of=lambda past: past.size,
        moved=_smaller,
        steps=lambda past: LEAST,
        limits=None,
    ),
    Lever(
        "equity_kept",
        "{by} more equity on every day, with the same positions",
        USD,
        of=KEPT,
        moved=_more_money,
        steps=lambda past: MOST if KEPT(past) > 0 else 0,
        limits=True,
    ),
    Lever(
        "idle_capital",
        "{by} less capital on the mean day, with the same positions",
        USD,
        of=_mean("available"),
        moved=_only("available", lambda row, step: _part(row.available, WHOLE - step)),
        steps=lambda past: LEAST,
        limits=False,
    ),
    Lever(
        "volume",
        "{by} more volume",
        USD,
        of=_sum("volume"),
        moved=_only("volume", lambda row, step: _part(row.volume, WHOLE + step)),
        steps=lambda past: MOST,
        limits=False,
    ),
    Lever(
        "maker_volume",
        "{by} of the volume as maker instead of taker",
        USD,
        of=_sum("maker_volume"),
        moved=_only(
            "maker_volume",
            lambda row, step: row.maker_volume + _part(row.volume - row.maker_volume, step),
        ),
        steps=lambda past: WHOLE,
        limits=False,
    ),
    Lever(
        "net_positions",
        "{by} more of the positions hedged, on the mean day",
        USD,
        of=_mean("net"),
        moved=_only("net", lambda row, step: _part(row.net, WHOLE - step)),
        steps=lambda past: WHOLE,
        limits=True,
    ),
    Lever(
        "days",
        "{to} like these instead of {now}",
        DAYS,
        of=lambda past: past.days,
        moved=lambda past, step, _: replace(past, days=past.days + step),
        steps=lambda past: MAX_DAYS - past.days,
        limits=None,
    ),
    Lever(
        "mean_return",
        "a mean return of {to} a day instead of {now}",
        RETURN,
        of=_mean("daily_return"),
        moved=_more_return,
        steps=lambda past: RETURN_STEPS,
        limits=False,
    ),
)
"""In the order in which they are tried and said."""
