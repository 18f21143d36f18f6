"""`/v1/policies`: what credentials are asked for."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from algebra.errors import Refused
from algebra.hexadecimal import hex32
from history.dates import day_text
from policies.policy import Policy
from service.api.access import requires
from service.api.answers import answers
from service.api.models import Date, Described, Hex32, PlaceModel, example, word
from service.api.pages import Asked, Next, page_of
from service.api.request import parse_hex32
from service.api.service import Shared
from service.store.tables import DeploymentRow, PolicyRow

router = APIRouter()

_POLICY: dict[str, Any] = {
    "policy_id": word(44),
    "name": "standard",
    "first_day": "2025-10-01",
    "last_day": "2026-09-30",
    "attestor_set": word(55),
    "tiers": [{"tier": 0, "name": "member", "thresholds": [word(index) for index in range(5)]}],
    "deployments": [{"chain_id": 1, "registry": "0x" + "cd" * 20}],
}


class TierModel(Described):
    """A tier of a policy."""

    tier: int = Field(description="index in the policy, from 0")
    name: str = Field(description="as the policy has it")
    thresholds: list[Hex32] = Field(description="the public words t0 .. t4 of its proofs")


class PolicyModel(Described):
    """A registered policy."""

    policy_id: Hex32 = Field(description="keccak256 of the policy document")
    name: str = Field(description="as the policy has it")
    first_day: Date = Field(description="first day of its window")
    last_day: Date = Field(description="last day of its window")
    attestor_set: Hex32 = Field(description="whose roots it trusts")
    tiers: list[TierModel] = Field(description="in the order of the policy")
    deployments: list[PlaceModel] = Field(
        description="where its credentials count; nowhere if there is none"
    )

    model_config = example(_POLICY)


class PolicyDocument(PolicyModel):
    """A registered policy with its document."""

    document: dict[str, Any] = Field(
        description="as `tierproof verify --policy` reads it (schema: policy)"
    )

    model_config = example({**_POLICY, "document": {"format": "tierproof/policy", "version": 2}})


class Policies(Described):
    """A page of policies, oldest registration first."""

    policies: list[PolicyModel] = Field(description="as many as were asked for, or fewer")
    next: Next

    model_config = example({"policies": [_POLICY], "next": None})


@router.get(
    "/policies",
    response_model=Policies,
    responses=answers("malformed.cursor", "malformed.request"),
    dependencies=[requires("read")],
)
def policies(service: Shared, asked: Asked) -> Policies:
    """Registered policies, their tiers and where their credentials count."""
    with service.reading() as session:
        key = (PolicyRow.registered_at, PolicyRow.policy_id)
        rows, following = page_of(session, PolicyRow, key, asked)
        listed = [PolicyModel(**_fields(session, row)) for row in rows]
        return Policies(policies=listed, next=following)


@router.get(
    "/policies/{policy_id}",
    response_model=PolicyDocument,
    responses=answers("malformed.request", "unknown.policy"),
    dependencies=[requires("read")],
)
def policy(policy_id: str, service: Shared) -> PolicyDocument:
    """A policy by its id, with its document."""
    wanted = hex32(parse_hex32(policy_id, "policy_id"))
    with service.reading() as session:
        row = session.get(PolicyRow, wanted)
        if row is None:
            raise Refused("unknown.policy", "policy_id: not registered here")
        document = Policy.parse(row.document.encode()).as_json()
        return PolicyDocument(**_fields(session, row), document=document)


def _fields(session: Session, row: PolicyRow) -> dict[str, Any]:
    policy = Policy.parse(row.document.encode())
    places = session.scalars(
        select(DeploymentRow)
        .where(DeploymentRow.policy_id == row.policy_id)
        .order_by(DeploymentRow.chain_id, DeploymentRow.registry_address)
    )
    return {
        "policy_id": row.policy_id,
        "name": policy.name,
        "first_day": day_text(policy.first_day),
        "last_day": day_text(policy.last_day),
        "attestor_set": hex32(policy.attestor_set),
        "tiers": [
            TierModel(
                tier=index,
                name=tier.name,
                thresholds=[hex32(word) for word in tier.thresholds.words()],
            )
            for index, tier in enumerate(policy.tiers)
        ],
        "deployments": [
            PlaceModel(chain_id=int(each.chain_id), registry=each.registry_address)
            for each in places
        ],
    }
