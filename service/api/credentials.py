"""`/v1/credentials`: what was accepted."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from pydantic import Field

from algebra.errors import Malformed
from algebra.hexadecimal import hex20, hex32
from algebra.interface import R
from history.dates import day_text
from service.api.access import requires
from service.api.answers import answers
from service.api.models import Date, Described, Hex20, Hex32, example, word
from service.api.pages import Asked, Next, page_of
from service.api.problem import known
from service.api.request import parse_hex32
from service.api.service import Shared
from service.store.credentials import Credential, credential_of
from service.store.tables import CredentialRow

router = APIRouter()

CREDENTIAL = {
    "nullifier": word(22),
    "scope": word(33),
    "policy_id": word(44),
    "tier": 1,
    "account": "0x" + "ac" * 20,
    "last_day": "2026-09-30",
    "attestor_set": word(55),
    "root": word(66),
    "key_digest": word(77),
    "chain_id": 1,
    "registry": "0x" + "cd" * 20,
    "digest": word(88),
    "accepted_at": 1790000000,
}
"""For examples."""


class CredentialModel(Described):
    """An accepted credential, in public words only."""

    nullifier: Hex32 = Field(description="one a vault and scope")
    scope: Hex32 = Field(description="of the place and the policy's series")
    policy_id: Hex32 = Field(description="of the policy that it was proven for")
    tier: int = Field(description="index of the tier in the policy, from 0")
    account: Hex20 = Field(description="who gets the terms")
    last_day: Date = Field(description="last day of the policy's window")
    attestor_set: Hex32 = Field(description="whose root it rests on")
    root: Hex32 = Field(description="that the history is attested under")
    key_digest: Hex32 = Field(description="of the verifying key")
    chain_id: int = Field(description="of the place where it counts")
    registry: Hex20 = Field(description="of the place where it counts")
    digest: Hex32 = Field(
        description="keccak256 of the credential file, names in order and no spaces"
    )
    accepted_at: int = Field(description="when, in seconds since 1970")

    model_config = example(CREDENTIAL)


class Credentials(Described):
    """A page of accepted credentials, by nullifier; the last accepted one of each."""

    credentials: list[CredentialModel] = Field(description="as many as were asked for, or fewer")
    next: Next

    model_config = example({"credentials": [CREDENTIAL], "next": None})


@router.get(
    "/credentials",
    response_model=Credentials,
    responses=answers("malformed.cursor", "malformed.request"),
    dependencies=[requires("read")],
)
def credentials(service: Shared, asked: Asked) -> Credentials:
    """Accepted credentials. One that was there all the time is on exactly one page."""
    with service.reading() as session:
        rows, following = page_of(session, CredentialRow, (CredentialRow.nullifier,), asked)
        listed = [credential_model(credential_of(row)) for row in rows]
        return Credentials(credentials=listed, next=following)


@router.get(
    "/credentials/{nullifier}",
    response_model=CredentialModel,
    responses=answers("malformed.range", "malformed.request", "unknown.credential"),
    dependencies=[requires("read")],
)
async def credential(nullifier: str, service: Shared) -> CredentialModel:
    """The accepted credential of a nullifier."""
    value = parse_hex32(nullifier, "nullifier")
    if not 1 <= value < R:
        raise Malformed("malformed.range", "nullifier: out of range", part="nullifier")
    found = await run_in_threadpool(service.store.credential, value)
    if found is None:
        raise known("unknown.credential", "nullifier: no credential was accepted for it")
    return credential_model(found)


def credential_model(credential: Credential) -> CredentialModel:
    """An accepted credential as the service shows it: numbers of 32 bytes are hexadecimal."""
    return CredentialModel(
        nullifier=hex32(credential.nullifier),
        scope=hex32(credential.scope),
        policy_id=hex32(credential.policy_id),
        tier=credential.tier,
        account=hex20(credential.account),
        last_day=day_text(credential.last_day),
        attestor_set=hex32(credential.attestor_set),
        root=hex32(credential.root),
        key_digest=hex32(credential.key_digest),
        chain_id=credential.place.chain_id,
        registry=credential.place.registry,
        digest=hex32(credential.digest),
        accepted_at=credential.accepted_at,
    )
