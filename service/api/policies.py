"""`/v1/policies`: what credentials are asked for."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter

from algebra.hexadecimal import hex32
from history.dates import day_text
from policies.place import Place
from policies.policy import Policy
from service.api.access import requires
from service.api.service import Shared

router = APIRouter()


@router.get("/policies", dependencies=[requires("read")])
def policies(service: Shared) -> dict[str, Any]:
    """Registered policies, their tiers and where their credentials count."""
    return {
        "policies": [_policy_json(policy, places) for policy, places in service.store.policies()]
    }


def _policy_json(policy: Policy, deployments: list[Place]) -> dict[str, Any]:
    return {
        "policy_id": hex32(policy.policy_id),
        "name": policy.name,
        "first_day": day_text(policy.first_day),
        "last_day": day_text(policy.last_day),
        "attestor_set": hex32(policy.attestor_set),
        "tiers": [
            {
                "tier": index,
                "name": tier.name,
                "thresholds": [hex32(word) for word in tier.thresholds.words()],
            }
            for index, tier in enumerate(policy.tiers)
        ],
        "deployments": [asdict(place) for place in deployments],
    }
