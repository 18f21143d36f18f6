"""
Which scope a route asks for, said where the route stands. `requires` asks whoever guards the
application (`app.state.guard`); where nobody does, nobody may.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from service.api.problem import known

Scope = Literal["read", "verify", "onboard", "webhooks", "admin"]
Guard = Callable[[Request, Scope], Awaitable[None]]
"""Returns where the caller may, raises the problem of the answer where not."""


def requires(scope: Scope) -> Any:
    """A dependency of a route: the caller has the scope."""

    async def ask(request: Request) -> None:
        guard: Guard | None = getattr(request.app.state, "guard", None)
        if guard is None:
            raise known("refused.unauthenticated", "nobody guards this service")
        await guard(request, scope)

    ask.scope = scope  # type: ignore[attr-defined]
    return Depends(ask)


async def _anybody() -> None:
    """No key is asked for."""


_anybody.scope = None  # type: ignore[attr-defined]
ANYBODY: Any = Depends(_anybody)
"""A dependency of a route that needs no key; while there are no keys it is for loopback too."""


def scope_of(route: BaseRoute) -> Scope | None:
    """
    The scope that a route asks for, None for anybody; RuntimeError for a route that says nothing,
    or two things: a service with one does not start.
    """
    asked: list[Any] = []
    if isinstance(route, APIRoute):
        asked = [each.dependency for each in route.dependencies]
    said = [each.scope for each in asked if hasattr(each, "scope")]
    if len(said) != 1:
        raise RuntimeError(f"{route!r}: {len(said)} scopes, where a route has one")
    scope: Scope | None = said[0]
    return scope


def check_scopes(router: APIRouter) -> None:
    """Every route of a router says its scope; RuntimeError as `scope_of`."""
    for route in router.routes:
        scope_of(route)
