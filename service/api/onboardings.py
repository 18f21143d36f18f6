"""
`/v1/onboardings`: a credential with its consents, verified and handed to the relayer. An answer is
no grant: `granted` turns true when the block that grants is final.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import Field

from algebra.errors import Refused, Unavailable
from algebra.hexadecimal import hex20
from policies.place import Place
from policies.policy import Policy
from service.access.door import caller_of
from service.api.access import requires
from service.api.answers import answers, takes
from service.api.models import Described, Hex20, Hex32, example, word
from service.api.request import body_of, json_value
from service.api.service import Shared
from service.api.verifications import REFUSALS, client_of
from service.relayer.asked import NO_CONSENT, Asked
from service.relayer.body import OnboardingRequest, consent_for
from service.relayer.relaying import Relaying
from service.store.credentials import Credential

router = APIRouter()
MOST_ON_A_PAGE = 100
_EXAMPLE = {
    "id": "5f0c6a1e9b7d4c3f8a2e1d0b9c8f7a6e", "state": "included", "granted": False, "code": None,
    "policy_id": word(11), "tier": 1, "nullifier": word(22), "account": "0x" + "33" * 20,
    "chain_id": 31337, "registry": "0x" + "44" * 20, "asked_at": 1_800_000_000,
    "changed_at": 1_800_000_012, "transaction": word(55), "act": None, "expiry": None,
    "ready_at": None,
}  # fmt: skip


class OnboardingAnswer(Described):
    """A request as it stands now."""

    id: str = Field(description="names the request")
    state: Literal["verified", "submitted", "included", "final", "superseded", "failed"] = Field(
        description="how far it has come"
    )
    granted: bool = Field(description="whether the block that grants is final; false before")
    code: str | None = Field(description="why it waits, or came to nothing")
    policy_id: Hex32 = Field(description="of the credential's policy")
    tier: int = Field(description="index of the tier in the policy, from 0")
    nullifier: Hex32 = Field(description="of the credential")
    account: Hex20 = Field(description="that the terms are for")
    chain_id: int = Field(description="of the registry")
    registry: Hex20 = Field(description="where the claim is brought")
    asked_at: int = Field(description="Unix seconds")
    changed_at: int = Field(description="Unix seconds")
    transaction: Hex32 | None = Field(description="that carries it, as it was signed last")
    act: str | None = Field(description="how the claim counted; none before it is final")
    expiry: int | None = Field(
        description="first second without the terms; none before it is final"
    )
    ready_at: int | None = Field(description="second from which an announced move counts")

    model_config = example(_EXAMPLE)


class OnboardingPage(Described):
    """Requests in the order in which they were asked for."""

    onboardings: list[OnboardingAnswer] = Field(description="oldest first")
    next: str | None = Field(description="cursor of the next page; none at the end")

    model_config = example({"onboardings": [_EXAMPLE], "next": None})


_ASKED = (
    *(code for code in REFUSALS if code != "refused.nullifier_used"), "malformed.request",
    "malformed.grant_consent", "malformed.address", "refused.grant_consent",
    "refused.onboarding_exists",
)  # fmt: skip
_NONE = ("unavailable.relayer",)


@router.post(
    "/onboardings", status_code=202, response_model=OnboardingAnswer,
    responses=answers(*_ASKED, *_NONE),
    openapi_extra=takes("onboarding", "The credential file, and the consents to its claim."),
    dependencies=[requires("onboard")],
)  # fmt: skip
async def ask(request: Request, service: Shared) -> dict[str, Any]:
    """Verify a credential and have its claim brought to the registry. 202 is no grant."""
    relaying = _relaying(request)
    asked = OnboardingRequest.parse(json_value(await body_of(request)))
    at = Place(asked.credential.chain_id, asked.credential.registry)
    if at != relaying.place:
        raise Refused("unknown.deployment", "chain_id and registry: not where claims are brought")
    policy, credential = await service.shown(asked.credential, client_of(request))
    content = _asked(asked, policy, credential)
    return await run_in_threadpool(relaying.onboardings.add, content, _owner(request))


@router.get(
    "/onboardings/{id}",
    response_model=OnboardingAnswer,
    responses=answers("unknown.onboarding", *_NONE),
    dependencies=[requires("onboard")],
)
async def one(id: str, request: Request) -> dict[str, Any]:
    """A request by its id."""
    return await run_in_threadpool(_relaying(request).onboardings.get, id, _owner(request))


@router.get(
    "/onboardings",
    response_model=OnboardingPage,
    responses=answers("malformed.request", *_NONE),
    dependencies=[requires("onboard")],
)
async def some(
    request: Request,
    cursor: Annotated[str, Query(pattern=r"^[0-9a-f]{1,15}$")] = "0",
    limit: Annotated[int, Query(ge=1, le=MOST_ON_A_PAGE)] = 20,
) -> dict[str, Any]:
    """The requests of the caller, oldest first."""
    found = await run_in_threadpool(
        _relaying(request).onboardings.page, _owner(request), int(cursor, 16), limit + 1
    )
    page = found[:limit]
    more = f"{page[-1][0]:x}" if len(found) > limit else None
    return {"onboardings": [each for _, each in page], "next": more}


def _relaying(request: Request) -> Relaying:
    relaying: Relaying | None = request.app.state.relayer
    if relaying is None:
        raise Unavailable("unavailable.relayer", "onboarding: this service has no relayer")
    return relaying


def _owner(request: Request) -> str:
    """The API key's public id, "" where there are no keys."""
    return caller_of(request).id


def _asked(request: OnboardingRequest, policy: Policy, credential: Credential) -> Asked:
    consents = [
        NO_CONSENT if each is None else consent_for(each, policy, credential)
        for each in (request.consent, request.holder_consent)
    ]
    return Asked(
        place=credential.place,
        policy_id=credential.policy_id,
        tier=credential.tier,
        last_day=credential.last_day,
        root=credential.root,
        nullifier=credential.nullifier,
        account=hex20(credential.account),
        key_digest=credential.key_digest,
        thresholds=tuple(policy.tiers[credential.tier].thresholds.words()),
        proof=request.credential.proof,
        of_account=consents[0],
        of_holder=consents[1],
    )
