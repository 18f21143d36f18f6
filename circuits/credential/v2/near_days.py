"""
M8: the near days K choose a number of the word (docs/explanation/metrics.md C3).

One flag for each K = 1 .. 15, none if K = 0; the last limb is M - m_K.

Correctness
-----------
With two flags at once, or a flag of another K, a weaker number of the word would be met.
"""

from __future__ import annotations

from types import SimpleNamespace

from circuits.credential.v2.rows import ComparisonRows
from circuits.language.expression import add_all
from history.v2.metrics.form import Metric
from history.v2.posterior import POSTERIOR_WORDS

FLAGS = POSTERIOR_WORDS - 1


def near_days(rows: ComparisonRows, metric: Metric) -> None:
    """The flags, and the number that they choose."""
    (counted,) = metric.shown
    h, t, ask = rows.history("near"), rows.t, rows.t.ask[metric.number]
    flags = rows.s.limb[:FLAGS]
    none = 1 - add_all(flags)  # limbs whose sum is 0 or 1 are bits, one at most set
    rows.require(metric, "near", "one_flag", ask * none * (none - 1))
    chosen = add_all(flag * (i + 1) for i, flag in enumerate(flags))
    rows.require(metric, "near", "near_days", ask * (chosen - h.near_days))
    wanted = add_all(getattr(t, f"near_word_{i}") * flag for i, flag in enumerate([none, *flags]))
    rows.show(metric, counted, t=SimpleNamespace(near_word=wanted))
