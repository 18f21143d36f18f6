"""`/v1/health`: for who watches over the service."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import Field

from service.api.access import requires
from service.api.answers import answers
from service.api.models import Described, example
from service.api.service import Shared

router = APIRouter()


class Health(Described):
    """What the service says of itself."""

    status: Literal["ok"] = Field(description="the database answers")
    allow_setup: str | None = Field(
        description="setup whose keys are accepted beside the known ceremonies'; for demos only"
    )
    policies: int = Field(description="registered")
    keys: int = Field(description="registered")
    credentials: int = Field(description="accepted")

    model_config = example(
        {"status": "ok", "allow_setup": None, "policies": 1, "keys": 2, "credentials": 7}
    )


@router.get("/health", response_model=Health, responses=answers(), dependencies=[requires("read")])
def health(service: Shared) -> Health:
    """Whether the database answers, and how much is in it."""
    return Health(status="ok", allow_setup=service.config.allow_setup, **service.store.ping())
