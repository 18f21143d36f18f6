"""`/v1/keys`: by which keys the service verifies."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from service.api.access import requires
from service.api.service import Shared
from verifier.ceremonies import setup_status

router = APIRouter()


@router.get("/keys", dependencies=[requires("read")])
def keys(service: Shared) -> dict[str, Any]:
    """Registered verifying keys, smallest class first."""
    return {"keys": [_key_json(digest, document) for digest, document in service.store.keys()]}


def _key_json(digest: str, document: dict[str, Any]) -> dict[str, Any]:
    srs_id = int(document["srs_id"], 16)
    return {
        "digest": digest,
        "size": document.get("size"),
        "setup": setup_status(srs_id),
    }
