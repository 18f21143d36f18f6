"""Whether an event fits what was said before it."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


class Missing(Exception):
    """Something must have been said that was not told."""


def require_known(found: T | None, what: str) -> T:
    """What was found; Missing if nothing was."""
    if found is None:
        raise Missing(f"{what} is unknown")
    return found


def require_same(told: object, held: object, what: str) -> None:
    """Missing where an event repeats what was said and says something else."""
    if told != held:
        raise Missing(f"{what} is {held}, and it says {told}")
