"""A policy as people read it: thresholds by tier with the names of their metrics, and terms."""

from __future__ import annotations

from typing import Any

from history.v2.metrics import METRICS
from history.v2.metrics.form import Metric, Threshold
from history.v2.thresholds import Thresholds
from policies.advice import by_luck
from policies.policy import Policy, Tier
from tierproof.formats.units import duration, percent, usd, window


def view(policy: Policy) -> dict[str, Any]:
    """Name, id, window, whom it trusts, and each tier."""
    return {
        "name": policy.name,
        "policy_id": "0x" + policy.policy_id.hex(),
        "window": window(policy.first_day, policy.last_day),
        "series": _series(policy),
        "documents": [name for name, _ in policy.documents.files]
        or "none: counts logs made by no margin document",
        **({"index": policy.index} if policy.index else {}),
        "attestor_set": "0x" + policy.attestor_set.hex()
        if any(policy.attestor_set)
        else "zero: trusts nobody yet",
        **_market(policy),
        "tiers": [_tier(tier, policy) for tier in policy.tiers],
        "advice": policy.advice(),
    }


def _series(policy: Policy) -> dict[str, Any]:
    return {
        "name": policy.series_name,
        "id": "0x" + policy.series.id.hex(),
        "windows": f"of at least {policy.least_days} days",
        "grants end": f"{policy.max_age_days} days after the window at the latest",
    }


def _market(policy: Policy) -> dict[str, Any]:
    market = policy.market
    if market is None:
        return {}
    moved = f"{market.index} moved by {percent(market.greatest_move)} in a day at most"
    return {"market": f"{moved}: leverage {market.leverage}"}


def _tier(tier: Tier, policy: Policy) -> dict[str, Any]:
    thresholds = tier.thresholds
    return {
        "tier": tier.name,
        "asks": {
            f"M{number} {METRICS[number].name}": asked(METRICS[number], thresholds, policy)
            for number in sorted(thresholds.asked)
        },
        **_luck(thresholds, policy.days),
        "counted_with": {
            "least divisor of a day's return": usd(thresholds.floor),
            "a day is active from": usd(thresholds.activity),
            "risk-free rate a day": percent(thresholds.risk_free, 6),
            "near liquidation below a distance of": percent(thresholds.near_line),
        },
        "grants": {
            "initial margin": percent(tier.terms.initial_margin_bp),
            "maintenance margin": percent(tier.terms.maintenance_margin_bp),
            "taker fee": percent(tier.terms.taker_fee, 4),
            "maker fee": percent(tier.terms.maker_fee, 4),
            "leverage": f"at most {tier.terms.max_leverage} times",
            "limit": usd(tier.terms.limit * 100_000),
            "for": duration(tier.terms.validity_days * 86_400),
        },
    }


def _luck(thresholds: Thresholds, days: int) -> dict[str, str]:
    if 22 not in thresholds.asked:
        return {}
    window, year = (percent(round(odds * 10_000)) for odds in by_luck(thresholds, days))
    return {"passes M22 without skill": f"at most {window} of windows, {year} of years"}


def asked(metric: Metric, thresholds: Thresholds, policy: Policy) -> str:
    """What a tier asks of one metric, in words."""
    if metric.number == 8:
        word, prior = thresholds.near_word, policy.prior
        return (
            f"at least {word[0]} counted days without a near one, {word[1]} with one; more than "
            f"{percent(prior.l)} of days near has a probability of at most {percent(prior.e)}"
        )
    own = metric.threshold
    bound = f"at {'least' if metric.at_least else 'most'} {stated(own, thresholds)}"
    if metric.number in (17, 18):
        side = "at most" if metric.number == 17 else "above"
        return f"net of gross positions {side} {stated(own, thresholds)}"
    others = [stated(each, thresholds) for each in metric.thresholds if each is not own]
    return ", ".join([bound, *(f"at least {other}" for other in others)])


def stated(of: Threshold, thresholds: Thresholds) -> str:
    """A number of a tier with its unit."""
    return of.unit.full(thresholds.number(of.name))
