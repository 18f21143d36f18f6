"""Errors as RFC 9457 problem documents: one code, one status, no surprises inside."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi.responses import JSONResponse

from algebra.errors import Malformed, Rejected, TierproofError

MEDIA_TYPE = "application/problem+json"
OUTCOMES = {400: "malformed", 422: "rejected"}

STATUS = {
    "unknown.policy": 404,
    "unknown.tier": 404,
    "unknown.key": 404,
    "unknown.root": 404,
    "unknown.deployment": 404,
    "unknown.epoch": 404,
    "unknown.credential": 404,
    "refused.root_expired": 409,
    "refused.root_revoked": 409,
    "refused.nullifier_used": 409,
    "refused.development_key": 403,
    "refused.too_large": 413,
    "refused.media_type": 415,
    "refused.slow_body": 408,
    "unavailable.busy": 503,
    "unavailable.database": 503,
}
"""Status of every code that is neither `malformed.*` (400) nor `rejected.*` (422)."""

TITLES = {
    400: "Malformed request or proof",
    403: "Not allowed here",
    404: "Not known here",
    405: "Method not allowed",
    408: "Request too slow",
    409: "Conflict",
    413: "Body too large",
    415: "Only application/json",
    422: "Proof rejected",
    500: "Fault in the service",
    503: "Try again later",
}


class Problem(Exception):
    """A response on its way out."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        fields: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.fields, self.headers = dict(fields or {}), dict(headers or {})

    def body(self) -> dict[str, object]:
        """The document; `outcome` says which of the three verdicts it is, where it is one."""
        document: dict[str, object] = {
            "type": f"urn:tierproof:problem:{self.code}",
            "title": TITLES.get(self.status, "Error"),
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }
        if self.status in OUTCOMES:
            document["outcome"] = OUTCOMES[self.status]
        document.update(
            {name: value for name, value in self.fields.items() if name not in document}
        )
        return document

    def response(self) -> JSONResponse:
        return JSONResponse(self.body(), self.status, self.headers, MEDIA_TYPE)


def known(
    code: str, detail: str, *, headers: Mapping[str, str] | None = None, **fields: object
) -> Problem:
    """A problem of a code listed in `STATUS`."""
    return Problem(STATUS[code], code, detail, fields=fields, headers=headers)


def from_error(error: TierproofError) -> Problem:
    """
    The answer to an error of ours. Only small fields travel (names and numbers): never proof bytes.

    A code that has no status here is a fault of the service, and says nothing about the proof.
    """
    fields = {
        name: value
        for name, value in error.fields.items()
        if isinstance(value, (int, str)) and len(str(value)) < 80
    }
    if isinstance(error, Malformed):
        return Problem(400, error.code, error.message, fields=fields)
    if isinstance(error, Rejected):
        return Problem(422, error.code, error.message, fields=fields)
    if error.code in STATUS:
        return Problem(STATUS[error.code], error.code, error.message, fields=fields)
    return fault()


def fault() -> Problem:
    """500 without a word about the inside."""
    return Problem(500, "fault", "the service failed; nothing was recorded")
