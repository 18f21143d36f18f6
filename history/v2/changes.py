"""
What would have had to be otherwise for a metric to hold: the least change of one quantity, all else
as it was.

Each lever (`history.v2.levers`) is tried on every metric that fails, by the metric's own
definition; so a metric needs no entry here. What is found says how far away the line is. It is no
advice, and trades that are made to pass a line are what docs/explanation/metrics.md D is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace

from history.v2.day_rows import DayRow
from history.v2.levers import LEVERS, Lever, Past
from history.v2.metrics.form import Metric
from history.v2.oracle import Extremes, Verdict, asks, history
from history.v2.thresholds import Thresholds


@dataclass(frozen=True, slots=True)
class Change:
    """
    One quantity otherwise, and the metric would hold.

    Attributes
    ----------
    quantity : its name, which stays
    now, needed : how much there is, and the least change found that is enough, in `unit`
    text : for the owner
    """

    quantity: str
    now: int
    needed: int
    unit: str
    text: str


class Changes:
    """
    What would make the failing metrics of an assessment hold.

    Parameters
    ----------
    rows, extremes, thresholds : as of `history.v2.oracle.Assessment`
    """

    def __init__(self, rows: Sequence[DayRow], extremes: Extremes, thresholds: Thresholds) -> None:
        self._past = Past(rows, extremes, len(rows))
        self._thresholds = thresholds
        self._history = cache(self._moved)

    def of(self, verdict: Verdict) -> list[Change]:
        """
        For a metric that fails, in the order of `LEVERS`; none where no single change is enough.
        A number of things or of money is its own quantity: what is missing of it.
        """
        metric = self._thresholds.metrics[verdict.metric]
        if verdict.holds:
            return []
        if metric.unit.counts:
            return [] if verdict.by is None else [_itself(metric, verdict)]
        return [change for lever in LEVERS if (change := self._least(lever, metric)) is not None]

    def _least(self, lever: Lever, metric: Metric) -> Change | None:
        """By bisection: a change that is enough, while a step less is not."""
        steps = lever.steps(self._past)
        if lever.limits is metric.at_least or steps < 1 or not self._holds(metric, lever, steps):
            return None
        fails, holds = 0, steps
        while holds - fails > 1:
            middle = (fails + holds) // 2
            fails, holds = (
                (fails, middle) if self._holds(metric, lever, middle) else (middle, holds)
            )
        now = lever.of(self._past)
        needed = lever.of(lever.moved(self._past, holds, self._thresholds))
        by = lever.unit.full(abs(needed - now))
        text = lever.words.format(to=lever.unit.full(needed), now=lever.unit.full(now), by=by)
        return Change(lever.quantity, now, needed, lever.unit.label, text)

    def _holds(self, metric: Metric, lever: Lever, step: int) -> bool:
        h = self._history(lever, step)
        t = asks(h, self._thresholds)
        return all(condition.holds(h, t) for condition in metric.conditions)

    def _moved(self, lever: Lever, step: int) -> SimpleNamespace:
        past = lever.moved(self._past, step, self._thresholds)
        return history(past.rows, past.sums(), past.extremes, self._thresholds)


def _itself(metric: Metric, verdict: Verdict) -> Change:
    now, needed = verdict.measured or 0, verdict.asked
    text = f"{verdict.unit.full(needed)} instead of {verdict.unit.full(now)}"
    return Change(metric.threshold.name, now, needed, verdict.unit.label, text)
