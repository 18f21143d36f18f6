"""The OpenAPI document: what the framework finds, and the schemas of the documents that travel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from service.api.models import Problem
from service.api.verifications import MOST_IN_A_BATCH
from service.api.webhooks import NewWebhook, Rotation

BODIES = ("credential", "root", "policy", "consent")
"""Names of the file formats that come as bodies."""
Schemas = Mapping[str, dict[str, Any]]
"""JSON Schemas of them, by name."""

DESCRIPTION = (
    "Verifies credentials of a protocol's policies and records each once. A verdict is no grant: "
    "terms are granted on chain. Errors are problem documents (RFC 9457) with stable codes."
)
_TEXT = {"type": "string"}
_WORD = {"type": "string", "pattern": "^0x[0-9a-f]{64}$"}


def describe(app: FastAPI, documents: Schemas) -> None:
    """Have the application give this document."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes
            )
            schemas = made["components"]["schemas"]
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            schemas["Problem"] = Problem.model_json_schema()
            schemas.update(_bodies(documents))
            for operation in operations(made):
                _leave_out_the_framework(operation["responses"])
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The operations of an OpenAPI document, in its order."""
    for path in document["paths"].values():
        yield from path.values()


def _leave_out_the_framework(responses: dict[str, Any]) -> None:
    """What is said of a parameter out of range: it is answered as 400 here, and never as 422."""
    if "application/json" in responses.get("422", {}).get("content", {}):
        del responses["422"]


def _bodies(documents: Schemas) -> dict[str, Any]:
    of = {name: documents.get(name, {"type": "object"}) for name in BODIES}
    place = {"chain_id": {"type": "integer", "minimum": 1}, "registry": _TEXT}
    return {
        **of,
        "webhook": NewWebhook.model_json_schema(),
        "rotation": Rotation.model_json_schema(),
        "credentials": _object(
            credentials={
                "type": "array",
                "minItems": 1,
                "maxItems": MOST_IN_A_BATCH,
                "items": {"$ref": "#/components/schemas/credential"},
            }
        ),
        "onboarding": {
            **_object(
                credential={"$ref": "#/components/schemas/credential"},
                consent={"$ref": "#/components/schemas/consent"},
                holder_consent={"$ref": "#/components/schemas/consent"},
            ),
            "required": ["credential", "consent"],
        },
        "registration": _object(
            policy={"$ref": "#/components/schemas/policy"},
            deployments={"type": "array", "items": _object(**place)},
        ),
        "revocation": _object(attestor_set=_WORD, root=_WORD),
        "generation": _object(
            attestor_set=_WORD,
            generation={"type": "integer", "minimum": 1, "maximum": (1 << 32) - 1},
        ),
    }


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
