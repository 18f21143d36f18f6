"""`/v1/credentials`: what was accepted."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool

from algebra.errors import Malformed
from algebra.hexadecimal import hex20, hex32
from algebra.interface import R
from history.dates import day_text
from service.api.access import requires
from service.api.problem import known
from service.api.request import parse_hex32
from service.api.service import Shared
from service.store.credentials import Credential

router = APIRouter()


@router.get("/credentials/{nullifier}", dependencies=[requires("read")])
async def credential(nullifier: str, service: Shared) -> dict[str, Any]:
    """An accepted credential by its nullifier."""
    value = parse_hex32(nullifier, "nullifier")
    if not 1 <= value < R:
        raise Malformed("malformed.range", "nullifier: out of range", part="nullifier")
    found = await run_in_threadpool(service.store.credential, value)
    if found is None:
        raise known("unknown.credential", "nullifier: no credential was accepted for it")
    return credential_json(found)


def credential_json(credential: Credential) -> dict[str, Any]:
    """An accepted credential as the service shows it: numbers of 32 bytes are hexadecimal."""
    return {
        "nullifier": hex32(credential.nullifier),
        "scope": hex32(credential.scope),
        "policy_id": hex32(credential.policy_id),
        "tier": credential.tier,
        "account": hex20(credential.account),
        "last_day": day_text(credential.last_day),
        "attestor_set": hex32(credential.attestor_set),
        "root": hex32(credential.root),
        "key_digest": hex32(credential.key_digest),
        **asdict(credential.place),
        "accepted_at": credential.accepted_at,
    }
