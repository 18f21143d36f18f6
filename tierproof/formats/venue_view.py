"""The entry of an adapter as people read it: what it needs, what it gives and what it does not."""

from __future__ import annotations

from typing import Any

from attestor.venues.adapter import Adapter, Entry, Fact, ProfileReader
from history.v2.metrics import METRICS

_FACTS = (
    "completeness",
    "equity",
    "fees",
    "funding",
    "marks",
    "deltas",
    "liquidations",
    "openings",
    "closing",
)
_RECORDS = ("fill", "booked", "transfer", "carry", "reward", "mark", "vote", "trip", "liquidation")
"""Kinds of records that a history is made of (`history.v2.record.KIND_NAMES`)."""


def view(entry: Entry) -> dict[str, Any]:
    """All that an entry says, in the order of `attestor.venues.adapter.Facts`."""
    facts: list[tuple[str, Fact]] = [(name, getattr(entry.facts, name)) for name in _FACTS]
    return {
        "name": entry.name,
        "what": entry.what,
        "venue": entry.venue or "any, as the job names it",
        "gives": "statements, to attest" if isinstance(entry, Adapter) else "profiles alone",
        "needs": _inputs(entry, optional=False),
        "may_have": _inputs(entry, optional=True),
        "known": {name: fact.how for name, fact in facts if fact.given},
        "not_known": {name: fact.how for name, fact in facts if not fact.given},
        **_margin(entry),
        **_lacking(entry),
        "collect": f"tierproof collect {entry.name}" if entry.collects else "by hand",
    }


def _inputs(entry: Entry, *, optional: bool) -> list[dict[str, str]]:
    return [
        {"name": each.name, "source": each.source}
        for each in entry.inputs
        if each.optional is optional
    ]


def _margin(entry: Entry) -> dict[str, str]:
    if not isinstance(entry, Adapter):
        return {}
    own = f"margin/{entry.margin}, which the adapter binds"
    return {"margin_document": own if entry.margin else "the folder's margin.json, if it has one"}


def _lacking(entry: Entry) -> dict[str, Any]:
    """Of a reader of profiles the records and metrics that cannot be had."""
    if not isinstance(entry, ProfileReader):
        return {}
    return {
        "no_records_of": [kind for kind in _RECORDS if kind not in entry.records],
        "no_metrics": [
            f"M{metric.number}, {metric.name}"
            for metric in METRICS
            if metric.number not in entry.metrics and metric.thresholds
        ],
    }
