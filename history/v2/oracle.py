"""
The plain-Python oracle: every metric of `history/v2/metrics/`, decided in integers
(docs/explanation/metrics.md C).

`assess` says of each asked metric whether it holds, by how much, and in words for the history's
owner. The circuit must agree with it on every input. It also gives the numbers that the circuit
takes as witnesses: the best day m of M21, and the best choice of every number that a metric leaves
to the prover (`history.v2.metrics.form.Part`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, NamedTuple

from algebra.errors import Refused, TierNotMet
from history.v2.day_rows import SUMS, DayRow, Sums, day_rows, loss_level, reconcile, sums
from history.v2.feed import Feed
from history.v2.metrics.form import Metric, Unit
from history.v2.metrics.table import MetricTable
from history.v2.posterior import POSTERIOR_WORDS
from history.v2.record import NO_POSITION_DISTANCE, Records
from history.v2.thresholds import Thresholds

__all__ = [
    "Assessment",
    "DayRow",
    "Decided",
    "Extremes",
    "Sums",
    "Verdict",
    "asks",
    "assess",
    "best_day",
    "chosen",
    "day_rows",
    "history",
    "named",
    "reconcile",
    "strictest",
    "sums",
]


@dataclass(frozen=True, slots=True)
class Decided:
    """
    One inequality left >= right of a metric with its numbers. `asked` says what is wanted, `failed`
    what happened where it does not hold; `own`: it compares with the metric's T.
    """

    label: str
    asked: str
    failed: str
    left: int
    right: int
    own: bool = False

    @property
    def holds(self) -> bool:
        """Whether left >= right."""
        return self.left >= self.right


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What became of one asked metric.

    Attributes
    ----------
    metric, name : number i of Mi, and its name
    conditions : all inequalities of the metric, the one with the threshold last
    measured : the strictest threshold that this history would still meet, in the threshold's unit;
        None where the metric is degenerate (zero variance, no volume, ...) and no threshold is met.
        Of M8: counted days M
    asked : T, in the same unit; of M8 the number of its word that the near days choose
    at_least : whether the measured number must reach T, or must not pass it
    unit : of both numbers
    happened : where it does not hold, what is missing or what happened; else empty
    """

    metric: int
    name: str
    conditions: tuple[Decided, ...]
    measured: int | None
    asked: int
    at_least: bool
    unit: Unit
    happened: str

    @property
    def holds(self) -> bool:
        """Whether every condition of the metric holds."""
        return all(condition.holds for condition in self.conditions)

    @property
    def deciding(self) -> Decided:
        """The first condition that fails, else the last one."""
        return next(
            (condition for condition in self.conditions if not condition.holds), self.conditions[-1]
        )

    @property
    def left(self) -> int:
        """Left side of the deciding condition, in the unit of the metric's formula."""
        return self.deciding.left

    @property
    def right(self) -> int:
        """Right side of the deciding condition, in the unit of `left`."""
        return self.deciding.right

    @property
    def gap(self) -> int:
        """left - right of the deciding condition: negative when the metric fails."""
        return self.left - self.right

    @property
    def by(self) -> int | None:
        """
        By how much it holds, or negative what is missing, in the threshold's unit; None where what
        was measured does not decide.
        """
        if not self.deciding.own or self.measured is None:
            return None
        return self.measured - self.asked if self.at_least else self.asked - self.measured

    @property
    def said(self) -> str:
        """What was measured, what is asked, and where it fails why."""
        if self.measured is None:
            says, wants = "not defined", self.unit.full(self.asked)
        else:
            says, wants = self.unit.full(self.measured), self.unit.text(self.asked)
        text = f"{says}, {'at least' if self.at_least else 'at most'} {wants} asked"
        return f"{text}; {self.happened}" if self.happened else text

    @property
    def text(self) -> str:
        """For the owner, with the metric's name, the number, the threshold and what is missing."""
        return f"M{self.metric} {self.name}: {self.said}"

    @property
    def headroom(self) -> float:
        """
        How far the history is from the line, -1..1, negative when the metric fails.

        Where it holds: the share of what was measured that could be lost, or the share of a limit
        that is left. Where it fails: the share of the threshold that is missing, or the share of
        what was measured that is too much.
        """
        if self.by is None or self.measured is None:
            return _share(self.gap, self.left, self.right)
        return self.headroom_at(self.measured)

    def headroom_at(self, measured: int) -> float:
        """The same, had this been measured."""
        by = measured - self.asked if self.at_least else self.asked - measured
        return _share(by, measured, self.asked)


def _share(by: int, left: int, right: int) -> float:
    return max(-1.0, min(1.0, by / max(abs(left), abs(right), 1)))


class Extremes(NamedTuple):
    """Over all records: the least distance in 1/10^4, the greatest exposure in 1/20."""

    least_distance: int
    peak_exposure: int

    @classmethod
    def of(cls, records: Records) -> Extremes:
        """Of a log; without a record as without a position."""
        return cls(
            int(records.distance.min(initial=NO_POSITION_DISTANCE)),
            int(records.exposure.max(initial=0)),
        )


@dataclass(frozen=True, slots=True)
class Assessment:
    """
    A history against one tier's thresholds.

    Attributes
    ----------
    thresholds : what is asked
    rows, sums : day rows and S(x)
    verdicts : of each asked metric, by number
    best_day : m = max r_d, 1e-8
    least_distance, peak_exposure : over all records, 1/10^4 and 1/20
    """

    thresholds: Thresholds
    rows: tuple[DayRow, ...]
    sums: Sums
    verdicts: tuple[Verdict, ...]
    best_day: int
    least_distance: int
    peak_exposure: int

    @property
    def extremes(self) -> Extremes:
        """The worst of all records."""
        return Extremes(self.least_distance, self.peak_exposure)

    @property
    def holds(self) -> bool:
        """Whether every asked metric holds; a metric that is not asked has no verdict."""
        return all(verdict.holds for verdict in self.verdicts)

    @property
    def failing(self) -> tuple[Verdict, ...]:
        """Verdicts of the asked metrics that do not hold, by number."""
        return tuple(verdict for verdict in self.verdicts if not verdict.holds)

    @property
    def worst_first(self) -> list[Verdict]:
        """The verdict of every asked metric, the one with the least headroom first."""
        return sorted(self.verdicts, key=lambda verdict: verdict.headroom)

    def require(self, tier: str) -> None:
        """
        Raise TierNotMet (`refused.tier`) with every failing metric; its text is for the owner only.
        """
        if self.failing:
            listed = "; ".join(verdict.text for verdict in self.failing)
            raise TierNotMet(
                "refused.tier",
                f"tier {tier} is not met: {listed}",
                tier=tier,
                failing={verdict.metric: verdict.gap for verdict in self.failing},
            )


def best_day(rows: Sequence[DayRow]) -> int:
    """m of M21: the greatest r_d."""
    return max(row.daily_return for row in rows)


def assess(
    records: Records,
    opening: int,
    closing: int,
    wallets: int,
    first_day: int,
    last_day: int,
    thresholds: Thresholds,
    feed: Feed | None = None,
) -> Assessment:
    """
    Decide every asked metric.

    Parameters
    ----------
    records : canonical, day 0 is `first_day`
    opening, closing : cents; 0 <= opening < 2^48, |closing| < 2^47
    wallets : 1..4095, marks of every day
    first_day, last_day : days since 1970-01-01, both inside the window
    thresholds : must pass `Thresholds.check`
    feed : the window's market feed; None without an index

    Raises
    ------
    Malformed
        A record that is not canonical.
    Refused
        `refused.policy.*` (`Thresholds.check`, `check_feed`), `refused.oracle.*` (`day_rows`,
        `reconcile`).
    """
    days = last_day - first_day + 1
    thresholds.check(days)
    thresholds.check_feed(present=feed is not None and feed.present)
    rows = day_rows(records, opening, days, thresholds, first_day=first_day, feed=feed)
    reconcile(rows, closing, wallets, first_day=first_day)
    total, extremes = sums(rows), Extremes.of(records)
    h = history(rows, total, extremes, thresholds)
    return Assessment(
        thresholds=thresholds,
        rows=tuple(rows),
        sums=total,
        verdicts=tuple(_verdict(metric, h, thresholds) for metric in sorted(thresholds.asked)),
        best_day=h.best_day,
        least_distance=h.least_distance,
        peak_exposure=h.peak_exposure,
    )


def history(
    rows: Sequence[DayRow], total: Sums, extremes: Extremes, thresholds: Thresholds
) -> SimpleNamespace:
    """All that the metrics' formulas read, `h`: as `named`, and the worst of records and days."""
    h = named(total, chosen(rows, thresholds), thresholds, thresholds.metrics)
    h.least_distance, h.peak_exposure = extremes
    h.least_index = min(row.index for row in rows)
    return h


def chosen(rows: Sequence[DayRow], thresholds: Thresholds) -> dict[str, int]:
    """What the day rows leave to the prover, the best: m of M21 and v of M24."""
    return {
        "best_day": best_day(rows),
        "loss_level": loss_level(rows, thresholds.effective.worst_days),
    }


def named(
    total: Sums,
    witnesses: Mapping[str, int],
    t: Any,
    metrics: MetricTable,
    *,
    days: int | None = None,
) -> SimpleNamespace:
    """
    The history as the metrics' formulas read it, `h`: the sums by name, what `chosen` gives, and
    every part of a metric, of those left to the prover the best. `days`: N of a window that is not
    the one of the sums.
    """
    h = SimpleNamespace(**{name: getattr(total, name) for name in SUMS}, **witnesses)
    h.days = total.days if days is None else days
    for metric in metrics:
        for part in metric.parts:
            setattr(h, part.name, part.of(h, t))
    return h


# -- verdicts --------------------------------------------------------------------------------------
def _verdict(number: int, h: SimpleNamespace, thresholds: Thresholds) -> Verdict:
    metric = thresholds.metrics[number]
    if not metric.conditions:
        raise Refused(
            "refused.policy.metric", f"M{number}: this version cannot decide it", metric=number
        )
    t = asks(h, thresholds)
    own = metric.threshold.name
    measured = strictest(metric, h, t)
    decided = [
        Decided(c.label, c.asked, c.failed, *c.sides(h, t), own=c.threshold == own)
        for c in metric.conditions
    ]
    asked: int = getattr(t, own)
    return Verdict(
        metric=number,
        name=metric.name,
        conditions=tuple(decided),
        measured=measured,
        asked=asked,
        at_least=metric.at_least,
        unit=metric.unit,
        happened=_happened(metric, decided, measured, asked),
    )


def _happened(metric: Metric, decided: Sequence[Decided], measured: int | None, asked: int) -> str:
    """What failed, in words; where the metric is not defined, only what stands against that."""
    failing = [c for c in decided if not c.holds]
    if measured is None:
        failing, missing = failing[:1], ""
    else:
        missing = metric.unit.full(abs(asked - measured))
    said = (c.failed.format(left=f"{c.left:,}", right=f"{c.right:,}", by=missing) for c in failing)
    return "; ".join(dict.fromkeys(said))


def asks(h: SimpleNamespace, thresholds: Thresholds) -> SimpleNamespace:
    """
    The thresholds as the metrics' formulas read them, `t`: of M8 the number of its word that the
    near days of `h` choose.
    """
    t = SimpleNamespace(**thresholds.numbers)
    t.near_word = thresholds.near_word[min(h.near_days, POSTERIOR_WORDS - 1)]
    return t


def strictest(metric: Metric, h: SimpleNamespace, t: SimpleNamespace) -> int | None:
    """
    The strictest T that the history meets, None if the metric is not defined for it.

    Found by bisection: the conditions with T hold up to some T and fail from there on, or the other
    way round.
    """
    if not all(c.holds(h, t) for c in metric.conditions if c.threshold is None):
        return None
    threshold = metric.threshold
    deciding = [c for c in metric.conditions if c.threshold == threshold.name]
    trial = SimpleNamespace(**vars(t))

    def holds(number: int) -> bool:
        setattr(trial, threshold.name, number)
        return all(c.holds(h, trial) for c in deciding)

    least = -threshold.offset
    if metric.at_least:
        return _last(holds, least) if holds(least) else None
    return least if holds(least) else _last(lambda number: not holds(number), least) + 1


def _last(true: Callable[[int], bool], start: int) -> int:
    """The last number from `start` on up to which `true` holds; it must end somewhere."""
    step = 1
    while true(start + step):
        start, step = start + step, 2 * step
        if step >> 512:
            raise ArithmeticError("metrics: a condition does not depend on its threshold")
    while step > 1:
        step //= 2
        if true(start + step):
            start += step
    return start
