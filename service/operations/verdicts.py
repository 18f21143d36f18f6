"""A verdict in the log and in the figures: by public words of the policy, never by account."""

from __future__ import annotations

import logging

from algebra.codes import kind_of
from algebra.hexadecimal import hex32
from service.operations import metrics
from service.operations.logs import NAME

log = logging.getLogger(NAME)


def accepted(policy_id: bytes, tier: int, seconds: float) -> None:
    """A credential was accepted."""
    metrics.verdict("accepted", "", seconds)
    shown = {"policy": hex32(policy_id)[:18], "tier": tier, "ms": round(seconds * 1e3, 1)}
    log.info("verdict", extra={"outcome": "accepted", **shown})


def not_accepted(code: str, seconds: float) -> None:
    """One was not; its outcome is the kind of its code."""
    outcome = {"rejected": "rejected", "malformed": "malformed", "fault": "failed"}.get(
        kind_of(code).name, "refused"
    )
    metrics.verdict(outcome, code, seconds)
    log.info("verdict", extra={"outcome": outcome, "code": code, "ms": round(seconds * 1e3, 1)})
