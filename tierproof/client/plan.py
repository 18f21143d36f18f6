"""
One call as a plan: a generator that says what to send and how long to wait, and is given what
came. Nothing here opens a socket, so the plan is the same for both clients.
"""

from __future__ import annotations

import secrets
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from algebra.errors import Malformed, Refused, Rejected, TierproofError, Unavailable
from algebra.files import parse_json

T = TypeVar("T")

TRIED_AGAIN = frozenset({429, 503})
"""Statuses after which the same request may be sent again."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request to send: `path` is below the base URL."""

    method: str
    path: str
    body: bytes | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds to wait before the plan goes on."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Came:
    """
    What became of a request: an answer, or `failed`, what kept it from coming; `retry_after` is
    what the answer asks for, in seconds.
    """

    status: int = 0
    body: bytes = b""
    retry_after: float | None = None
    failed: str = ""


Plan = Generator[Ask | Wait, Came | None, T]


@dataclass(frozen=True, slots=True)
class Retries:
    """
    Attributes
    ----------
    attempts : in all, 1 or more
    first, most : seconds of the first wait, which doubles, and of the longest
    """

    attempts: int = 4
    first: float = 0.2
    most: float = 20.0

    def wait(self, attempt: int, asked: float | None) -> float:
        """
        Seconds after an attempt (from 0): no less than the service asked for, and a random part
        more, so that clients that failed together do not come again together.
        """
        usual = min(self.most, self.first * float(1 << attempt))
        jitter: float = secrets.randbelow(1001) / 1000 * usual
        return jitter if asked is None else min(self.most, asked) + jitter


def exchanged(ask: Ask, retries: Retries) -> Plan[Any]:
    """
    Send a request until it is answered for good; the JSON value of its answer.

    Raises
    ------
    Malformed, Rejected, Refused, Unavailable
        With the code of the service's problem; Unavailable `unavailable.service` where nothing
        came, or no answer of this service.
    """
    for attempt in range(retries.attempts):
        came = yield ask
        if not isinstance(came, Came):
            raise TypeError("a request was given no answer")
        last = attempt == retries.attempts - 1
        if not last and (came.failed or came.status in TRIED_AGAIN):
            yield Wait(retries.wait(attempt, came.retry_after))
            continue
        return answered(came)
    raise ValueError("attempts: at least one is wanted")


def answered(came: Came) -> Any:
    """The JSON value of an answer, or its problem raised; errors as `exchanged`."""
    if came.failed:
        raise _unavailable(came.failed)
    try:
        value = parse_json(came.body)
    except ValueError:
        raise _unavailable(f"status {came.status}, and no JSON") from None
    if came.status == 200:
        return value
    raise problem(value, came.status)


def problem(value: object, status: int) -> TierproofError:
    """The error of a problem document."""
    code = value.get("code") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(code, str):
        return _unavailable(f"status {status}, and no problem document")
    kinds: dict[str, type[TierproofError]] = {
        "malformed": Malformed, "rejected": Rejected, "refused": Refused, "unknown": Refused,
    }  # fmt: skip
    kind = Unavailable if status >= 500 else kinds.get(code.split(".")[0], Unavailable)
    known = ("type", "title", "status", "detail", "code", "outcome")
    fields = {
        name: each
        for name, each in value.items()
        if name.isidentifier() and name not in (*known, "message")
    }
    detail = value.get("detail")
    return kind(code, detail if isinstance(detail, str) else code, **fields)


def _unavailable(what: str) -> Unavailable:
    return Unavailable("unavailable.service", f"service: {what}")
