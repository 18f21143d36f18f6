"""`/v1/health`: for who watches over the service."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import Field

from service.api.access import ANYBODY, requires
from service.api.answers import answers
from service.api.models import Described, example
from service.api.problem import known
from service.api.service import Shared
from service.operations.health import GOOD

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


class Live(Described):
    """The process answers."""

    status: Literal["ok"] = Field(description="there is no other answer")

    model_config = example({"status": "ok"})


class Ready(Described):
    """Credentials can be taken."""

    status: Literal["ok"] = Field(description="every check is good")
    allow_setup: str | None = Field(
        description="setup whose keys are accepted beside the known ceremonies'; for demos only"
    )
    checks: dict[str, str] = Field(description="what each check found")

    model_config = example(
        {"status": "ok", "allow_setup": None, "checks": {"database": "ok", "keys": "ok"}}
    )


@router.get("/health", response_model=Health, responses=answers(), dependencies=[requires("read")])
def health(service: Shared) -> Health:
    """Whether the database answers, and how much is in it."""
    allowed = service.settings.server.allow_setup
    return Health(status="ok", allow_setup=allowed, **service.store.ping())


@router.get("/health/live", response_model=Live, responses=answers(), dependencies=[ANYBODY])
async def live() -> Live:
    """That the process answers; nothing is looked at. Start it anew where this fails."""
    return Live(status="ok")


@router.get(
    "/health/ready",
    response_model=Ready,
    responses=answers("unavailable.not_ready"),
    dependencies=[ANYBODY],
)
def ready(service: Shared) -> Ready:
    """Whether credentials can be taken now. Send it no requests where this fails."""
    checks = service.readiness.look()
    missing = [name for name, found in checks.items() if found != GOOD]
    if missing:
        raise known(
            "unavailable.not_ready", f"not ready: {', '.join(missing)}", checks=dict(checks)
        )
    return Ready(status="ok", allow_setup=service.settings.server.allow_setup, checks=dict(checks))
