"""`/v1/health`: for who watches over the service."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from service.api.access import requires
from service.api.service import Shared

router = APIRouter()


@router.get("/health", dependencies=[requires("read")])
def health(service: Shared) -> dict[str, Any]:
    """Whether the database answers."""
    return {
        "status": "ok",
        "allow_setup": service.config.allow_setup,
        **service.store.ping(),
    }
