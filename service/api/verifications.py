"""`/v1/verifications`: a credential comes in, is verified, and counts once."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session

from algebra.errors import TierproofError
from algebra.hexadecimal import hex32
from service.access.idempotency import Once
from service.api.access import requires
from service.api.credentials import credential_json
from service.api.problem import MEDIA_TYPE, known
from service.api.request import VerificationRequest
from service.api.service import Shared
from service.store.credentials import Credential

log = logging.getLogger("tierproof.service")
router = APIRouter()

_PROBLEM = {"content": {MEDIA_TYPE: {"schema": {"type": "object"}}}}
VERDICTS: dict[int | str, dict[str, Any]] = {
    400: {"description": "malformed", **_PROBLEM},
    403: {"description": "development key", **_PROBLEM},
    404: {"description": "unknown policy, deployment, tier, key or root", **_PROBLEM},
    409: {"description": "nullifier used; root expired or revoked", **_PROBLEM},
    413: {"description": "body too large", **_PROBLEM},
    422: {"description": "rejected: the proof does not show the statement", **_PROBLEM},
    503: {"description": "busy, try again", **_PROBLEM},
}
SCHEMA = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": VerificationRequest.model_json_schema()}},
    }
}


@router.post(
    "/verifications",
    responses=VERDICTS,
    openapi_extra=SCHEMA,
    dependencies=[requires("verify")],
)
async def verify_credential(request: Request, service: Shared, place: Once) -> dict[str, Any]:
    """Verify a credential and record it. 200 means accepted, and only once per nullifier."""

    def answered(session: Session, accepted: Credential) -> None:
        place.within(session, 200, _accepted(accepted))

    stated = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if stated != "application/json":
        raise known("refused.media_type", "content-type: application/json wanted")
    try:
        credential = await service.verify(await request.body(), answered)
    except TierproofError as error:
        log.info("verification: %s", error.code)
        raise
    log.info(
        "verification: accepted policy=%s tier=%d",
        hex32(credential.policy_id)[:18],
        credential.tier,
    )
    return _accepted(credential)


def _accepted(credential: Credential) -> dict[str, Any]:
    return {"outcome": "accepted", "credential": credential_json(credential)}
