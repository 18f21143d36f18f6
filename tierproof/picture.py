"""
A picture for the institution's own eyes: how far each asked metric is from its line, worst first,
and where it falls when the days are drawn anew; then equity, drawdown and distance to liquidation
by day.

It shows what the proof hides, so it is drawn on the owner's machine only and goes nowhere else.
Axes fit the data. A line that lies far from them is named at the edge, so that it cannot press the
data flat.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from itertools import accumulate
from pathlib import Path

import numpy as np

from algebra.errors import Refused
from algebra.extras import libraries
from algebra.files import write_atomic
from attestor.attestation import Attestation
from history.v2.metrics.form import INDEX_SCALE
from history.v2.oracle import Assessment
from policies.policy import Policy
from prover.credential import assess_tier
from tierproof.explained import Explained, explain

with libraries("picture"):
    import matplotlib
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CENTS, DISTANCE_SCALE, DRAWDOWN_SCALE = 100, 10_000, 10_000
INK, FAINT, LINE, PALE = "#16324f", "#7d93ab", "#b00020", "#dfe7ef"
WIDTH, PANEL, BAR = 10.0, 2.3, 0.27  # inches: the picture, a panel by day, a bar of headroom
MARGIN, REACH = 0.08, 0.6
"""Room around the data, and how far beyond them a line is drawn, both in spans of the data."""
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Line:
    """A number that a series is compared with, and its name."""

    value: float
    name: str
    style: str = "--"
    colour: str = LINE


def draw(attestation: Attestation, policy: Policy, tier_name: str, path: Path) -> Assessment:
    """
    Write the picture as SVG or PNG, by the ending of `path`, whole or not at all.

    Parameters
    ----------
    attestation : checked; its window is the policy's
    tier_name : whose thresholds are drawn; they need not hold

    Returns
    -------
    The oracle's verdicts, which the picture's title counts.

    Raises
    ------
    Refused
        `refused.picture` for another ending, `refused.policy.tier`, and what `assess` refuses.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in ("svg", "png"):
        raise Refused("refused.picture", f"picture {path.name}: end its name in .svg or .png")
    assessment = assess_tier(attestation, policy.tier(tier_name))
    write_atomic(path, _render(attestation, policy, tier_name, assessment, kind))
    return assessment


# -- what is drawn ---------------------------------------------------------------------------------
def paid_in(assessment: Assessment, opening: int) -> list[int]:
    """
    Opening equity and all flows up to each day, cents: what equity would be without any profit.
    """
    flows = [row.flow for row in assessment.rows]
    return list(accumulate(flows, initial=opening))[1:]


def least_distances(attestation: Attestation) -> list[float]:
    """
    Least distance to liquidation of each day as a fraction of the price; every day has a record,
    for every day has marks.
    """
    days = attestation.leaf.last_day - attestation.leaf.first_day + 1
    least = np.full(days, DISTANCE_SCALE, dtype=np.int64)
    np.minimum.at(least, attestation.records.day, attestation.records.distance)
    return [int(value) / DISTANCE_SCALE for value in least]


def drawdowns(assessment: Assessment) -> list[float]:
    """Fall below the running peak at each day's close, 0..1."""
    return [1 - row.index / INDEX_SCALE for row in assessment.rows]


def limits(values: Sequence[float], lines: Sequence[Line], floor: float) -> tuple[float, float]:
    """
    Bounds of an axis: the data with some room, and each line that is near enough to them.

    Parameters
    ----------
    values : the data, at least one
    lines : drawn if within `REACH` spans of the data
    floor : least span that the axis shows, so that noise does not look like a mountain
    """
    low, high = min(values), max(values)
    span = max(high - low, floor)
    near = [line.value for line in lines if low - REACH * span <= line.value <= high + REACH * span]
    low, high = min([low, *near]), max([high, *near])
    room = MARGIN * max(high - low, floor)
    return low - room, high + room


# -- drawing ---------------------------------------------------------------------------------------
def _render(
    attestation: Attestation, policy: Policy, tier_name: str, assessment: Assessment, kind: str
) -> bytes:
    thresholds = policy.tier(tier_name).thresholds
    asked, rows = thresholds.asked, assessment.rows
    days = [_EPOCH + timedelta(days=attestation.leaf.first_day + i) for i in range(len(rows))]
    bars = max(1, len(assessment.verdicts)) * BAR + 0.5
    figure = Figure(figsize=(WIDTH, bars + 3 * PANEL + 0.6), layout="constrained")
    top, equity, fall, distance = figure.subplots(4, 1, height_ratios=[bars, PANEL, PANEL, PANEL])

    _headroom(top, explain(assessment, changes=False))

    paid = [cents / CENTS for cents in paid_in(assessment, attestation.leaf.opening)]
    worth = [row.equity / CENTS for row in rows]
    equity.fill_between(days, paid, worth, color=PALE, label="profit between")
    equity.step(days, paid, where="mid", color=FAINT, linewidth=1.1, label="paid in, net")
    lines = [Line(sum(worth) / len(worth), "its mean", ":", INK)]
    if 11 in asked:
        lines.append(Line(thresholds.mean_equity / CENTS, "mean at least (M11)"))
    _by_day(equity, days, worth, "equity, USD", lines, floor=1.0, show=_dollars, also=paid)

    limit = [Line(thresholds.drawdown / DRAWDOWN_SCALE, "at most (M7)")] if 7 in asked else []
    _by_day(fall, days, drawdowns(assessment), "drawdown", limit, floor=0.01, show=_percent)
    fall.invert_yaxis()

    lines = [Line(thresholds.near_line / DISTANCE_SCALE, "near line", ":", INK)]
    if 5 in asked:
        lines.append(Line(thresholds.distance / DISTANCE_SCALE, "at least (M5)"))
    # A wiped-out wallet has distance -838: what lies below -1 is cut, so that the rest can be read.
    least = [max(-1.0, value) for value in least_distances(attestation)]
    label = "distance to liquidation, least of the day"
    _by_day(distance, days, least, label, lines, floor=0.05, show=_percent)

    failing = len(assessment.failing)
    verdict = "holds" if not failing else f"{failing} of {len(assessment.verdicts)} metrics fail"
    figure.suptitle(f"{policy.name}, tier {tier_name}: {verdict}", color=INK)
    # Fixed date and salt: same history, same bytes, so a picture can be compared and says nothing
    # of when it was made.
    with matplotlib.rc_context({"svg.hashsalt": "tierproof", "font.family": "DejaVu Sans"}):
        out = BytesIO()
        _settle(figure)
        metadata = {"Date": datetime(1970, 1, 1, tzinfo=UTC)} if kind == "svg" else {"Software": ""}
        figure.savefig(out, format=kind, metadata=metadata)
    return out.getvalue()


def _settle(figure: Figure) -> None:
    """
    Lay the axes out and keep them there, at a millionth of the picture: the solver's last digits
    differ from run to run, and names in an SVG are hashes of places.
    """
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for axes in figure.axes:
        x, y, width, height = (round(part, 6) for part in axes.get_position().bounds)
        axes.set_position((x, y, width, height))


def whiskers(each: Explained) -> tuple[float, float] | None:
    """
    Headroom at both ends of the range in which the metric falls when the days are drawn anew; None
    where there is no range.
    """
    if each.spread is None:
        return None
    ends = (each.spread.low, each.spread.high)
    low, high = sorted(-1.0 if end is None else each.verdict.headroom_at(end) for end in ends)
    return low, high


def _headroom(axes: Axes, explained: Sequence[Explained]) -> None:
    """
    A bar a metric: to the right what is left, to the left what is missing, hatched; a line where
    the days drawn anew would put its end.
    """
    axes.set_title("headroom of each asked metric, worst first", fontsize=9, color=INK, loc="left")
    for place, each in enumerate(explained):
        verdict, ends = each.verdict, whiskers(each)
        good = verdict.holds
        axes.barh(
            place,
            verdict.headroom,
            height=0.62,
            color=INK if good else "white",
            edgecolor=INK if good else LINE,
            hatch="" if good else "////",
        )
        if ends is not None:
            axes.plot(ends, (place, place), color=FAINT, linewidth=2.4, solid_capstyle="butt")
        said = verdict.said.split(";")[0].removesuffix(" asked")
        axes.text(1.06, place, said if good else f"fails: {said}", va="center", fontsize=8)
    names = [f"M{each.verdict.metric} {each.verdict.name}" for each in explained]
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_ylim(max(len(names), 1) - 0.4, -0.6)
    axes.set_xlim(-1.03, 2.4)
    axes.set_xticks([-1, -0.5, 0, 0.5, 1], ["-100 %", "-50 %", "line", "50 %", "100 %"], fontsize=8)
    axes.axvline(0, color=LINE, linewidth=1.2)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _by_day(
    axes: Axes,
    days: list[date],
    values: list[float],
    label: str,
    lines: Sequence[Line],
    *,
    floor: float,
    show: Callable[[float], str],
    also: Sequence[float] = (),
) -> None:
    """A series by day with its lines; a line too far away is named at the edge instead."""
    axes.yaxis.set_major_formatter(lambda value, _: show(value))
    axes.plot(days, values, color=INK, linewidth=1.4)  # type: ignore[arg-type]
    axes.set_title(label, fontsize=9, color=INK, loc="left")
    axes.grid(color="#e6ecf2", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
    low, high = limits([*values, *also], lines, floor)
    axes.set_ylim(low, high)
    for line in lines:
        if low <= line.value <= high:
            axes.axhline(
                line.value, color=line.colour, linestyle=line.style, linewidth=1.2, label=line.name
            )
        else:
            axes.plot([], [], " ", label=f"{line.name}: {show(line.value)}, beyond what is shown")
    if axes.get_legend_handles_labels()[1]:
        axes.legend(loc="best", fontsize=8, frameon=False)


def _dollars(value: float) -> str:
    return f"{value:,.0f}"


def _percent(value: float) -> str:
    return f"{100 * value:.4g} %"
