"""
A tier against a history, in words for the history's owner: what holds, by how much, how sure that
is, and what would have had to be otherwise.

The words come from the metrics' definitions (`history.v2.metrics`), so a new metric is explained
without a line here. For the owner's eyes: nothing of it is in a proof.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from textwrap import wrap
from typing import Any

from history.v2.changes import Change, Changes
from history.v2.oracle import Assessment, Verdict
from history.v2.spread import INSIDE, LEAST_DAYS, RUN, Redrawn, Spread

WIDTH = 80
NO_BREAK = "\N{NO-BREAK SPACE}"
ABOUT = (
    f"Ranges: where a ratio falls {INSIDE} times of 100 when the days are drawn anew, in runs of "
    f"{RUN}; fewer than {LEAST_DAYS} days give none. They say how much chance is in the number, "
    "not what will come, and decide nothing: the attested days do. Changes: the least of one "
    "quantity, all else as it was. They say how far away the line is; they are no advice."
)
"""What ranges and changes are, and what they are not."""


@dataclass(frozen=True, slots=True)
class Explained:
    """
    A metric of a tier, explained.

    Attributes
    ----------
    verdict : the oracle's
    spread : of a ratio over enough days; else None
    changes : where it fails, what alone would have been enough, if anything
    """

    verdict: Verdict
    spread: Spread | None
    changes: tuple[Change, ...]

    def as_json(self) -> dict[str, Any]:
        """
        Fields that stay. Numbers are integers of `unit`, as in a policy; `by` is negative where it
        fails and null where the metric is not defined or another condition of it fails; `headroom`
        is -1..1, what the picture shows.
        """
        v = self.verdict
        return {
            "metric": f"M{v.metric}",
            "name": v.name,
            "holds": v.holds,
            "text": v.text,
            "unit": v.unit.label,
            "measured": v.measured,
            "asked": v.asked,
            "at_least": v.at_least,
            "by": v.by,
            "headroom": round(v.headroom, 4),
            "spread": None if self.spread is None else {"inside": INSIDE, **asdict(self.spread)},
            "changes": [asdict(change) for change in self.changes],
        }

    def says(self) -> str:
        """In a few sentences."""
        v = self.verdict
        out = v.text
        if v.holds and v.by is not None:
            out += f"; {v.unit.full(v.by)} to spare" if v.by else "; just so"
        if self.spread is not None:
            out += f". {self._range(self.spread)}"
        if self.changes and not v.unit.counts:
            out += f". It would hold with {'; or '.join(change.text for change in self.changes)}"
        elif not v.holds and not v.unit.counts:
            out += ". No one change alone would be enough"
        return out

    def _range(self, spread: Spread) -> str:
        v = self.verdict
        share = f"holds in {100 * spread.holding // spread.drawings} of 100"
        ends = [spread.low, spread.high] if v.at_least else [spread.high, spread.low]
        worst, best = ends
        if best is None:
            return f"Days drawn anew: mostly not defined, {share}"
        if worst is None:
            return f"Days drawn anew: from not defined to {v.unit.text(best)}, {share}"
        low, high = sorted((worst, best))
        return f"Days drawn anew: {v.unit.text(low)} to {v.unit.text(high)}, {share}"


def explain(assessment: Assessment, *, changes: bool = True) -> list[Explained]:
    """Every asked metric, the one with the least headroom first; `changes`: also look for them."""
    given = (assessment.rows, assessment.extremes, assessment.thresholds)
    metrics, search = assessment.thresholds.metrics, Changes(*given)
    drawn: Redrawn | None = None
    out: list[Explained] = []
    for verdict in assessment.worst_first:
        spread = None
        if metrics[verdict.metric].sampled and len(assessment.rows) >= LEAST_DAYS:
            drawn = drawn or Redrawn(*given)
            spread = drawn.spread(metrics[verdict.metric])
        found = search.of(verdict) if changes else []
        out.append(Explained(verdict, spread, tuple(found)))
    return out


def paragraph(text: str, indent: int) -> str:
    """
    Lines of `WIDTH` columns at most where they begin `indent` columns in; a number stays with its
    unit.
    """
    kept = re.sub(r"(?<=\d) (?=%|USD)", NO_BREAK, text)
    lines = wrap(kept, WIDTH - indent, break_on_hyphens=False, break_long_words=False)
    return "\n".join(lines).replace(NO_BREAK, " ")


def listed(verdicts: Sequence[Verdict]) -> str:
    """M1, M5 and so on, by number."""
    return ", ".join(f"M{number}" for number in sorted(verdict.metric for verdict in verdicts))
