"""
Errors as RFC 9457 problem documents: one code, one status, no surprises inside. Titles and statuses
stand in the catalogue (`algebra.codes`).
"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi.responses import JSONResponse

from algebra.codes import http_status, row_of
from algebra.errors import TierproofError
from algebra.system import system_refusal

MEDIA_TYPE = "application/problem+json"
OUTCOMES = ("malformed", "rejected")
"""Kinds of codes that are verdicts."""


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
            "title": row_of(self.code).meaning,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }
        kind = self.code.partition(".")[0]
        if kind in OUTCOMES:
            document["outcome"] = kind
        document.update(
            {name: value for name, value in self.fields.items() if name not in document}
        )
        return document

    def response(self) -> JSONResponse:
        """The answer: the document of `body` under its status, as `application/problem+json`."""
        return JSONResponse(self.body(), self.status, self.headers, MEDIA_TYPE)


def known(
    code: str, detail: str, *, headers: Mapping[str, str] | None = None, **fields: object
) -> Problem:
    """A problem of a code of the catalogue."""
    return Problem(http_status(code), code, detail, fields=fields, headers=headers)


def from_error(error: TierproofError) -> Problem:
    """
    The answer to an error of ours. Only small fields travel (names and numbers): never proof bytes.

    A code that no client can cause or mend is a fault of the service, and says nothing about the
    proof.
    """
    status = http_status(error.code)
    if status == 500:
        return fault()
    fields = {
        name: value
        for name, value in error.fields.items()
        if isinstance(value, (int, str)) and len(str(value)) < 80
    }
    return Problem(status, error.code, error.message, fields=fields)


def from_exception(error: BaseException) -> Problem:
    """The answer to an exception that is none of ours: 503 where the system gives too little."""
    refusal = system_refusal(error)
    return fault() if refusal is None else from_error(refusal)


def fault() -> Problem:
    """500 without a word about the inside."""
    return Problem(500, "fault", "the service failed; nothing was recorded")
