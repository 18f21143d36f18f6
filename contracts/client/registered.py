"""Whether a registry holds what a document says."""

from __future__ import annotations

from typing import Any

from algebra.errors import Refused
from contracts.client.model import thresholds_hash
from contracts.client.records import Records
from contracts.client.revert import named
from policies.policy import Policy
from policies.series import Series

_ZERO = bytes(32)


def has_series(records: Records, series: Series) -> bool:
    """
    Whether a series is there; Refused (`refused.policy`) where other values stand under its id.
    """
    held = records.series_of(series.id)
    if held["attestor_set"] == _ZERO:
        return False
    names = ("attestor_set", "least_days", "max_age_days")
    _require_same("series", held, {name: getattr(series, name) for name in names})
    return True


def has_policy(records: Records, policy: Policy) -> bool:
    """
    Whether a policy is there as its document says, and not switched off.

    Raises
    ------
    Refused
        `refused.policy`: under its id stand other values.
    """
    held = records.policy_of(policy.policy_id)
    if not held["serial"]:
        return False
    _compare(records, held, policy)
    return not held["disabled_at"]


def check_policy(records: Records, policy: Policy) -> None:
    """
    Whether the registry holds under a policy's id what its document says.

    Raises
    ------
    Refused
        `refused.policy`: what differs.
    Rejected
        `rejected.PolicyUnknown`, `rejected.PolicyDisabled`.
    """
    held = records.policy_of(policy.policy_id)
    if not held["serial"] or held["disabled_at"]:
        name = "PolicyDisabled" if held["serial"] else "PolicyUnknown"
        raise named(name, {"policyId": "0x" + policy.policy_id.hex()})
    _compare(records, held, policy)


def _compare(records: Records, held: dict[str, Any], policy: Policy) -> None:
    serials = range(held["first_tier"], held["first_tier"] + held["tiers"])
    tiers = [records.tier_of(serial) for serial in serials]
    found = {
        **{name: held[name] for name in ("series", "first_day", "last_day")},
        "tiers": [(tier["terms"], tier["thresholds_hash"]) for tier in tiers],
    }
    expected = {
        "series": policy.series.id,
        "first_day": policy.first_day,
        "last_day": policy.last_day,
        "tiers": [(tier.terms, thresholds_hash(tier.thresholds.words())) for tier in policy.tiers],
    }
    _require_same("policy", found, expected)


def _require_same(what: str, held: dict[str, Any], expected: dict[str, Any]) -> None:
    differing = [name for name, value in expected.items() if held[name] != value]
    if differing:
        raise Refused(
            "refused.policy",
            f"the registry holds this {what} with other values of: {', '.join(differing)}",
        )
