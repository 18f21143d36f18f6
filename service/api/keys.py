"""`/v1/keys`: by which keys the service verifies."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from service.api.service import Shared

router = APIRouter()


@router.get("/keys")
def keys(service: Shared) -> dict[str, Any]:
    """Registered verifying keys, smallest class first."""
    return {"keys": [_key_json(digest, document) for digest, document in service.store.keys()]}


def _key_json(digest: str, document: dict[str, Any]) -> dict[str, Any]:
    return {
        "digest": digest,
        "size": document.get("size"),
        "insecure": document.get("insecure"),
    }
