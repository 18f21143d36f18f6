"""
A picture for the institution's own eyes: equity, drawdown and margin buffer by day against one
tier's thresholds.

It shows what the proof hides, so it is drawn on the owner's machine only and goes nowhere else.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import numpy as np

from algebra.errors import Refused
from algebra.extras import libraries
from algebra.files import write_atomic
from attestor.attestation import Attestation
from history.day_rows import INDEX_SCALE
from history.oracle import Assessment
from policies.policy import Policy
from prover.credential import assess_tier

with libraries("picture"):
    import matplotlib
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ticker import PercentFormatter, StrMethodFormatter

CENTS, BUFFER_SCALE, DRAWDOWN_SCALE = 100, 10_000, 10_000
INK, FAINT, LINE = "#16324f", "#9fb3c8", "#c1121f"
_EPOCH = date(1970, 1, 1)


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
    tier = policy.tier(tier_name)
    assessment = assess_tier(attestation, tier)
    write_atomic(path, _render(attestation, policy, tier_name, assessment, kind))
    return assessment


def least_buffers(attestation: Attestation) -> list[float]:
    """
    Least margin buffer of each day as a fraction of equity; every day has a record, for every day
    has marks.
    """
    days = attestation.leaf.last_day - attestation.leaf.first_day + 1
    least = np.full(days, BUFFER_SCALE, dtype=np.int64)
    np.minimum.at(least, attestation.records.day, attestation.records.buffer)
    return [int(value) / BUFFER_SCALE for value in least]


def drawdowns(assessment: Assessment) -> list[float]:
    """Fall below the running peak at each day's close, 0..1."""
    return [1 - row.index / INDEX_SCALE for row in assessment.rows]


def _render(
    attestation: Attestation, policy: Policy, tier_name: str, assessment: Assessment, kind: str
) -> bytes:
    thresholds = policy.tier(tier_name).thresholds
    asked = thresholds.asked
    days = [
        _EPOCH + timedelta(days=attestation.leaf.first_day + i) for i in range(len(assessment.rows))
    ]
    figure = Figure(figsize=(9, 7.5), layout="constrained")
    top, middle, bottom = figure.subplots(3, 1, sharex=True)

    equity = [row.equity / CENTS for row in assessment.rows]
    mean = thresholds.mean_equity / CENTS if 11 in asked else None
    _panel(top, days, equity, "equity, USD", mean, "mean equity at least (M11)")
    top.axhline(sum(equity) / len(equity), color=FAINT, linewidth=1, label="mean equity")

    limit = thresholds.drawdown / DRAWDOWN_SCALE if 7 in asked else None
    _panel(middle, days, drawdowns(assessment), "drawdown", limit, "at most (M7)")
    middle.invert_yaxis()

    floor = thresholds.buffer / BUFFER_SCALE if 5 in asked else None
    # A wiped-out wallet has buffer -838: cut the axis at -1, not the data, so that the rest can be
    # read.
    _panel(bottom, days, least_buffers(attestation), "margin buffer, least", floor, "at least (M5)")
    bottom.axhline(
        thresholds.near_line / BUFFER_SCALE,
        color=FAINT,
        linestyle=":",
        linewidth=1,
        label="near line",
    )
    bottom.set_ylim(bottom=max(-1.0, bottom.get_ylim()[0]))

    top.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    for axes in (middle, bottom):
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    for axes in (top, middle, bottom):
        axes.legend(loc="best", fontsize=8, frameon=False)
    failing = len(assessment.failing)
    verdict = "holds" if not failing else f"{failing} of {len(assessment.verdicts)} thresholds fail"
    figure.suptitle(f"{policy.name}, tier {tier_name}: {verdict}", color=INK)
    # Fixed date and salt: same history, same bytes, so a picture can be compared and says nothing
    # of when it was made.
    with matplotlib.rc_context({"svg.hashsalt": "tierproof", "font.family": "DejaVu Sans"}):
        out = BytesIO()
        metadata = {"Date": datetime(1970, 1, 1, tzinfo=UTC)} if kind == "svg" else {"Software": ""}
        figure.savefig(out, format=kind, metadata=metadata)
    return out.getvalue()


def _panel(
    axes: Axes,
    days: list[date],
    values: list[float],
    label: str,
    threshold: float | None,
    threshold_label: str,
) -> None:
    axes.plot(days, values, color=INK, linewidth=1.4, label=label)  # type: ignore[arg-type]
    axes.set_ylabel(label, color=INK)
    axes.grid(color="#e6ecf2", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    if threshold is not None:
        axes.axhline(threshold, color=LINE, linestyle="--", linewidth=1.2, label=threshold_label)
