"""
What is told: kinds of events and the ids that each has. None has a field for an account, a name or
anything that a key opens; a receiver asks the API for what else he may know.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

Word = Annotated[str, Field(pattern=r"^0x[0-9a-f]{64}$")]
Why = Literal["moved", "replaced", "relinquished", "retired", "revoked"]
"""Whoever ended a grant: the registry's own words."""
Seconds = Annotated[int, Field(ge=0, lt=1 << 53, description="seconds since 1970")]


class Told(BaseModel):
    """The data of an event; `kind` is its type, `timed` whether the time is a part of its id."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
    kind: ClassVar[str]
    timed: ClassVar[bool] = True


class CredentialAccepted(Told):
    """A credential was accepted; that is no grant."""

    kind: ClassVar[str] = "credential.accepted"
    nullifier: Word
    series: Word
    policy_id: Word
    tier: Annotated[int, Field(ge=0, lt=256, description="index in the policy, from 0")]


class GrantExpiring(Told):
    """A grant ends soon, unless it is renewed; told once for each end."""

    kind: ClassVar[str] = "grant.expiring"
    timed: ClassVar[bool] = False
    nullifier: Word
    series: Word
    policy_id: Word
    expires_at: Seconds


class GrantEnded(Told):
    """A grant ended, and why; at its last second if nobody ended it before."""

    kind: ClassVar[str] = "grant.ended"
    nullifier: Word
    series: Word
    policy_id: Word | None = None
    why: Literal["expired"] | Why


class MoveAnnounced(Told):
    """A nullifier is to move to another account; its holder may contest until then."""

    kind: ClassVar[str] = "move.announced"
    nullifier: Word
    series: Word
    contest_until: Seconds


class Test(Told):
    """Sent on request, to one address."""

    kind: ClassVar[str] = "webhook.test"
    endpoint_id: Annotated[str, Field(pattern=r"^ep_[0-9a-f]{32}$")]


TOLD = (CredentialAccepted, GrantExpiring, GrantEnded, MoveAnnounced)
KINDS = tuple(each.kind for each in TOLD)
"""What an address can ask for; a test comes to whoever asked for it."""


@dataclass(frozen=True, slots=True)
class Event:
    """
    One thing that happened.

    Attributes
    ----------
    time : when, seconds since 1970
    data : of one of the kinds
    """

    time: int
    data: Told

    @property
    def id(self) -> str:
        """A digest of what it tells: who tells the same again tells nothing new."""
        said = {"type": self.data.kind, **self.data.model_dump()}
        if self.data.timed:
            said["time"] = self.time
        return "evt_" + hashlib.sha256(_json(said)).hexdigest()[:32]

    def body(self) -> bytes:
        """The bytes that are signed and sent: one JSON object, ASCII, names in order."""
        when = datetime.fromtimestamp(self.time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        data = self.data.model_dump()
        return _json({"id": self.id, "type": self.data.kind, "timestamp": when, "data": data})


def _json(value: dict[str, object]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")
