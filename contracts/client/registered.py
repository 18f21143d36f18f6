"""Whether a registry holds what a document says."""

from __future__ import annotations

from typing import Any

from algebra.errors import Refused, Rejected
from contracts.client.model import PolicyRegistration, thresholds_hash
from contracts.client.registry import RegistryClient
from policies.address import address
from policies.policy import Policy


def is_registered(client: RegistryClient, registration: PolicyRegistration) -> bool:
    """
    Whether a policy is there as it would be registered.

    Raises
    ------
    Refused
        `refused.policy`: under its id stand other values.
    """
    try:
        held = client.policy_of(registration.policy.policy_id)
    except Rejected:  # the registry reads out no policy that it does not know
        return False
    _compare(client, held, registration.policy, registration.verifier)
    return True


def check_policy(client: RegistryClient, policy: Policy, verifier: str) -> None:
    """
    Whether the registry holds under a policy's id what its document says, and asks this verifier.

    Raises
    ------
    Refused
        `refused.policy`: what differs.
    Rejected
        `rejected.PolicyUnknown`.
    """
    _compare(client, client.policy_of(policy.policy_id), policy, verifier)


def _compare(client: RegistryClient, held: dict[str, Any], policy: Policy, verifier: str) -> None:
    tiers = [client.tier_of(policy.policy_id, tier) for tier in range(held["tiers"])]
    held = {**held, "tiers": tiers}
    expected = {
        "verifier": address(verifier, "verifier"),
        "attestor_set": policy.attestor_set,
        "first_day": policy.first_day,
        "last_day": policy.last_day,
        "tiers": [(tier.terms, thresholds_hash(tier.thresholds.words())) for tier in policy.tiers],
    }
    differing = [name for name, value in expected.items() if held[name] != value]
    if differing:
        raise Refused(
            "refused.policy",
            f"the registry holds this policy with other values of: {', '.join(differing)}",
        )
