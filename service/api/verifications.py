"""`/v1/verifications`: a credential comes in, is verified, and counts once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import Field
from sqlalchemy.orm import Session

from algebra.errors import Malformed, TierproofError
from policies.credential_file import CredentialFile
from service.access.door import caller_of
from service.access.idempotency import Once
from service.api import problem
from service.api.access import requires
from service.api.answers import ONCE, answers, takes
from service.api.credentials import CREDENTIAL, CredentialModel, credential_model
from service.api.errors import problem_of
from service.api.models import Described, Problem, example
from service.api.request import body_of, json_value, parse_credential
from service.api.service import Service, Shared, Verdict
from service.operations import verdicts
from service.store.credentials import Also, Credential, nothing_else

router = APIRouter()

MOST_IN_A_BATCH = 32
REFUSALS = (
    "malformed.json", "malformed.credential", "malformed.range", "malformed.length",
    "malformed.point", "malformed.proof", "malformed.scalar", "rejected.key", "rejected.equation",
    "rejected.challenge", "refused.key_setup", "refused.media_type", "refused.nullifier_used",
    "refused.root_expired", "refused.root_revoked", "refused.generation_ended", "refused.rules",
    "unknown.policy", "unknown.deployment", "unknown.tier", "unknown.key", "unknown.root",
    "unavailable.busy", "refused.memory", "refused.threads",
)  # fmt: skip
"""Codes that a verification can have, beside those of every route."""


class Reason(Described):
    """One thing that speaks against an accepted credential now."""

    code: str = Field(description="of the catalogue of codes")
    detail: str = Field(description="one sentence for people")


class Standing(Described):
    """
    What is so now, of all that can be said without looking at the proof again. A stored verdict
    says nothing of today.
    """

    stands: bool = Field(description="whether nothing speaks against it")
    reasons: list[Reason] = Field(description="what speaks against it; none where it stands")


class Verification(Described):
    """An acceptance. It is a verdict and no grant: terms are granted on chain."""

    outcome: Literal["accepted"] = Field(description="the other outcomes are problem documents")
    replayed: bool = Field(
        description="whether the same file came before: this is its stored verdict"
    )
    standing: Standing = Field(description="what is so now")
    credential: CredentialModel = Field(description="what was recorded when it came first")

    model_config = example(
        {
            "outcome": "accepted",
            "replayed": True,
            "standing": {
                "stands": False,
                "reasons": [
                    {"code": "refused.root_revoked", "detail": "root: it has been revoked"}
                ],
            },
            "credential": CREDENTIAL,
        }
    )


class Judged(Described):
    """What became of one credential of a batch: one of the two is there."""

    status: int = Field(description="HTTP status that it would have alone")
    verification: Verification | None = Field(description="where it was accepted")
    problem: Problem | None = Field(description="where it was not")


class Batch(Described):
    """Verdicts in the order of the credentials; none speaks for another."""

    verdicts: list[Judged] = Field(description=f"one a credential, at most {MOST_IN_A_BATCH}")

    model_config = example(
        {
            "verdicts": [
                {
                    "status": 422,
                    "verification": None,
                    "problem": {
                        "type": "urn:tierproof:problem:rejected.equation",
                        "title": "The proof does not show the statement.",
                        "status": 422,
                        "detail": "proof: the equation does not hold",
                        "code": "rejected.equation",
                        "outcome": "rejected",
                    },
                }
            ]
        }
    )


@router.post(
    "/verifications",
    response_model=Verification,
    responses=answers(*REFUSALS, *ONCE),
    openapi_extra=takes("credential", "The credential file, as `tierproof prove` writes it."),
    dependencies=[requires("verify")],
)
async def verify_credential(request: Request, service: Shared, place: Once) -> Verification:
    """
    Verify a credential and record it. The same file again is told its stored verdict, and what
    speaks against it now.
    """

    def answered(session: Session, accepted: Credential) -> None:
        place.within(session, 200, _verification(Verdict(accepted)).model_dump())

    body = await body_of(request)
    verdict = await _verdict(service, client_of(request), lambda: parse_credential(body), answered)
    return _verification(verdict)


@router.post(
    "/verifications/batch",
    response_model=Batch,
    responses=answers("malformed.json", "malformed.request", "refused.media_type", *ONCE),
    openapi_extra=takes("credentials", f"1 to {MOST_IN_A_BATCH} credential files."),
    dependencies=[requires("verify")],
)
async def verify_credentials(request: Request, service: Shared, place: Once) -> Batch:
    """Verify several credentials, each with a verdict of its own as if it had come alone."""
    listed = _listed(json_value(await body_of(request)))
    made = Batch(
        verdicts=list(
            await asyncio.gather(*(_each(service, client_of(request), one) for one in listed))
        )
    )
    if all(each.status < 500 for each in made.verdicts):
        await run_in_threadpool(place.finish, 200, made.model_dump())
    return made


def _listed(value: object) -> list[object]:
    if not isinstance(value, dict) or value.keys() != {"credentials"}:
        raise Malformed(
            "malformed.request", "body: not one list called credentials", part="credentials"
        )
    listed = value["credentials"]
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_IN_A_BATCH:
        raise Malformed(
            "malformed.request",
            f"credentials: not a list of 1 to {MOST_IN_A_BATCH}",
            part="credentials",
        )
    return listed


async def _each(service: Service, client: str, value: object) -> Judged:
    try:
        verdict = await _verdict(service, client, lambda: CredentialFile.parse(value))
    except Exception as error:  # whatever became of one is no answer for the others
        found = problem_of(error)
        said = Problem.model_validate(found.body())
        return Judged(status=found.status, verification=None, problem=said)
    return Judged(status=200, verification=_verification(verdict), problem=None)


async def _verdict(
    service: Service,
    client: str,
    read: Callable[[], CredentialFile],
    also: Also = nothing_else,
) -> Verdict:
    began = time.perf_counter()
    try:
        verdict = await service.verify(read(), also, client)
    except (TierproofError, problem.Problem) as error:
        verdicts.not_accepted(error.code, time.perf_counter() - began)
        raise
    if not verdict.replayed:
        of = verdict.accepted
        verdicts.accepted(of.policy_id, of.tier, time.perf_counter() - began)
    return verdict


def _verification(verdict: Verdict) -> Verification:
    reasons = [Reason(code=error.code, detail=error.message) for error in verdict.against]
    return Verification(
        outcome="accepted",
        replayed=verdict.replayed,
        standing=Standing(stands=not reasons, reasons=reasons),
        credential=credential_model(verdict.accepted),
    )


def client_of(request: Request) -> str:
    """Who sends a request, for the line of proofs: the API key's name, or the address."""
    return caller_of(request).id or (request.client.host if request.client else "")
