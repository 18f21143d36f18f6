"""Policies that the service verifies for, and the places where their credentials count."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from algebra.errors import Refused
from algebra.hexadecimal import hex32
from policies.place import Place
from policies.policy import Policy
from policies.signed_root import RootDomain
from service.audit.entries import Entry
from service.audit.log import AuditLog
from service.store import parsed
from service.store.tables import CredentialRow, DeploymentRow, PolicyRow, VerdictRow


def register(session: Session, policy: Policy, places: Sequence[Place], now: int) -> None:
    """As `Store.register_policy`, in the caller's transaction."""
    log, policy_id = AuditLog(session), hex32(policy.policy_id)
    if session.get(PolicyRow, policy_id) is None:
        document = policy.document().decode("ascii")
        session.add(PolicyRow(policy_id=policy_id, document=document, registered_at=now))
        log.append(Entry("policy", now, {"policy_id": policy_id}))
    for place in places:
        key = _key(policy_id, place.chain_id, place.registry)
        if session.get(DeploymentRow, key) is None:
            session.add(
                DeploymentRow(
                    policy_id=policy_id,
                    chain_id=str(place.chain_id),
                    registry_address=place.registry,
                )
            )
            log.append(Entry("place", now, {"policy_id": policy_id, **place_fields(place)}))


def all_of(session: Session) -> list[tuple[Policy, list[Place]]]:
    """All policies with their places, oldest first."""
    rows = session.scalars(
        select(PolicyRow).order_by(PolicyRow.registered_at, PolicyRow.policy_id)
    ).all()
    places = session.scalars(
        select(DeploymentRow).order_by(DeploymentRow.chain_id, DeploymentRow.registry_address)
    ).all()
    return [
        (
            parsed.policy(row.document),
            [place_of(each) for each in places if each.policy_id == row.policy_id],
        )
        for row in rows
    ]


def get(session: Session, policy_id: bytes) -> Policy:
    """Refused (`unknown.policy`) if not registered."""
    row = session.get(PolicyRow, hex32(policy_id))
    if row is None:
        raise Refused("unknown.policy", "policy: not registered here")
    return parsed.policy(row.document)


def deployment(session: Session, policy_id: bytes, chain_id: int, registry: str) -> Place:
    """Refused (`unknown.deployment`) if credentials of the policy do not count there."""
    row = session.get(DeploymentRow, _key(hex32(policy_id), chain_id, registry))
    if row is None:
        raise Refused("unknown.deployment", "chain_id and registry: not registered for this policy")
    return place_of(row)


def place_of(row: DeploymentRow | CredentialRow | VerdictRow) -> Place:
    """The place that a row names."""
    return Place(int(row.chain_id), row.registry_address)


def place_fields(place: Place | RootDomain) -> dict[str, str | int]:
    """A place as entries of the audit log name it."""
    return {"chain_id": str(place.chain_id), "registry": place.registry}


def _key(policy_id: str, chain_id: int, registry: str) -> tuple[str, str, str]:
    return policy_id, str(chain_id), registry
