"""Settings of the follower; every default is the careful one."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class FollowerSettings(BaseModel):
    """What is asked of a node, what counts as final, and how far behind is too far."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    confirmations: int | None = Field(
        default=None,
        ge=0,
        le=10_000,
        description="a block is final with so many after it; without it, when the node says so",
    )
    start_block: int | None = Field(
        default=None,
        ge=1,
        description="first block that is read; without it, the one that made the authority",
    )
    poll_seconds: float = Field(default=4.0, gt=0, le=600, description="between two questions")
    span: int = Field(
        default=10_000, ge=1, le=1_000_000, description="final blocks asked for at once, at most"
    )
    batch_blocks: int = Field(
        default=256, ge=1, le=10_000, description="later blocks in a transaction, at most"
    )
    batch_events: int = Field(
        default=2_000, ge=1, le=100_000, description="events asked for at once, at most"
    )
    most_blocks_behind: int = Field(
        default=10, ge=0, description="behind the node's head; beyond it nothing is accepted"
    )
    most_silent_seconds: int = Field(
        default=60, ge=1, description="without an answer of use; beyond it nothing is accepted"
    )
    most_head_seconds: int | None = Field(
        default=600,
        ge=1,
        description="age of the newest block; beyond it nothing is accepted, unless it is a "
        "development chain's",
    )
