"""
The description of a route: the problems that it can answer, each code with its row of the
catalogue, and the document that it takes.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from algebra.codes import http_status, row_of
from service.api.problem import MEDIA_TYPE, known
from service.api.request import JSON

COMMON = (
    "malformed.target", "malformed.framing", "malformed.authorization", "refused.unauthenticated",
    "refused.scope", "refused.loopback", "refused.rate", "refused.quota", "refused.slow_body",
    "refused.too_large", "fault", "unavailable.database",
)  # fmt: skip
"""Codes that every route can have."""
ONCE = ("malformed.idempotency_key", "refused.idempotency_underway", "refused.idempotency_reused")
"""Codes of a route that may be asked with an idempotency key."""

Responses = dict[int | str, dict[str, Any]]


def answers(*codes: str) -> Responses:
    """The problems of a route, for `responses` of its decorator: its own codes and the common."""
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in sorted({*codes, *COMMON}):
        by_status[http_status(code)].append(code)
    return {status: _answer(named) for status, named in sorted(by_status.items())}


def _answer(codes: list[str]) -> dict[str, Any]:
    return {
        "description": " ".join(f"`{code}`: {row_of(code).meaning}" for code in codes),
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {code: {"value": _example(code)} for code in codes},
            }
        },
    }


def _example(code: str) -> dict[str, object]:
    return known(code, row_of(code).meaning).body()


def takes(name: str, description: str) -> dict[str, Any]:
    """The body of a route, for `openapi_extra`: a document whose schema stands under `name`."""
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {
        "requestBody": {
            "required": True,
            "description": description,
            "content": {JSON: {"schema": schema}},
        }
    }
