"""
Figures for Prometheus, in a registry of the service's own. Parts call the functions below; a value
that is none of a label's own is counted as `other`, so that no client can make new series.
"""

from __future__ import annotations

import math
import time
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import Engine, event

from algebra.codes import CATALOGUE

REGISTRY = CollectorRegistry()
OTHER = "other"
OUTCOMES = frozenset({"accepted", "rejected", "malformed", "refused", "failed"})
STATES = frozenset({"verified", "submitted", "included", "final", "superseded", "failed"})
"""Of an onboarding."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_SECONDS = (0.001, 0.002, 0.004, 0.008, 0.016, 0.03, 0.06, 0.12, 0.25, 0.5, 1, 2, 5, 10)
_VERDICTS = Counter(
    "tierproof_verdicts", "Credentials by what became of them", ("outcome", "code"),
    registry=REGISTRY,
)  # fmt: skip
_VERIFICATION = Histogram(
    "tierproof_verification_seconds", "From a request to its verdict", buckets=_SECONDS,
    registry=REGISTRY,
)  # fmt: skip
_REQUESTS = Counter(
    "tierproof_requests", "Requests", ("method", "route", "status"), registry=REGISTRY
)
_QUEUE = Gauge("tierproof_queue_depth", "Proofs verified or waiting", registry=REGISTRY)
_BATCH = Histogram(
    "tierproof_batch_proofs", "Proofs verified together", buckets=(1, 2, 4, 8, 16, 32, 64, 128),
    registry=REGISTRY,
)  # fmt: skip
_DATABASE = Histogram(
    "tierproof_database_seconds", "Statements to the database", buckets=_SECONDS,
    registry=REGISTRY,
)  # fmt: skip
_LAG_SECONDS = Gauge("tierproof_follower_lag_seconds", "Behind the head", registry=REGISTRY)
_LAG_BLOCKS = Gauge("tierproof_follower_lag_blocks", "Behind the head", registry=REGISTRY)
_WEBHOOKS = Gauge("tierproof_webhooks_waiting", "Deliveries that are due", registry=REGISTRY)
for _unknown in (_LAG_SECONDS, _LAG_BLOCKS, _WEBHOOKS):
    _unknown.set(math.nan)  # until somebody says: none is no zero
_ONBOARDINGS = Gauge("tierproof_onboardings", "By state", ("state",), registry=REGISTRY)
_DEVELOPMENT = Gauge(
    "tierproof_development_setup", "1: keys of a setup beside the ceremonies' are taken",
    registry=REGISTRY,
)  # fmt: skip


def verdict(outcome: str, code: str, seconds: float) -> None:
    """A credential's outcome, its code (empty where it was accepted), and how long it took."""
    known = code if code in CATALOGUE or code == "" else OTHER
    _VERDICTS.labels(outcome if outcome in OUTCOMES else OTHER, known).inc()
    _VERIFICATION.observe(seconds)


def request(method: str, route: str | None, status: int) -> None:
    """A request by the template of its route below `/v1`, None where no route took it."""
    _REQUESTS.labels(method if method in METHODS else OTHER, route or OTHER, str(status)).inc()


def queue_depth(proofs: int) -> None:
    """Proofs that are verified or wait."""
    _QUEUE.set(proofs)


def batch(proofs: int) -> None:
    """A batch of so many was verified."""
    _BATCH.observe(proofs)


def follower_lag(seconds: float, blocks: int) -> None:
    """How far what was followed is behind the head of its chain."""
    _LAG_SECONDS.set(seconds)
    _LAG_BLOCKS.set(blocks)


def webhooks_waiting(deliveries: int) -> None:
    """Deliveries that are due and were not made."""
    _WEBHOOKS.set(deliveries)


def onboardings(state: str, count: int) -> None:
    """How many onboardings are in a state."""
    _ONBOARDINGS.labels(state if state in STATES else OTHER).set(count)


def development(allowed: bool) -> None:
    """Whether a setup is allowed that is no ceremony's."""
    _DEVELOPMENT.set(allowed)


def watch(engine: Engine) -> None:
    """Count the time of every statement that an engine sends."""

    def begin(_: Any, __: Any, ___: Any, ____: Any, context: Any, _____: Any) -> None:
        context.tierproof_began = time.perf_counter()

    def end(_: Any, __: Any, ___: Any, ____: Any, context: Any, _____: Any) -> None:
        _DATABASE.observe(time.perf_counter() - context.tierproof_began)

    event.listen(engine, "before_cursor_execute", begin)
    event.listen(engine, "after_cursor_execute", end)


def text() -> bytes:
    """All figures as Prometheus reads them."""
    return generate_latest(REGISTRY)
