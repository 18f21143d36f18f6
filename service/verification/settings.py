"""Settings of the verification of proofs."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class VerificationSettings(BaseModel):
    """
    Attributes
    ----------
    workers : batches verified at a time, each in a thread. One computes equations while another is
        in the native algebra, which releases the GIL: two serve two cores.
    queue_limit : proofs verified or waiting; above it the answer is 503.
    batch_limit : proofs of one batch, one product of pairings.
    gather_ms : how long the first of a batch waits for company, in milliseconds.
    apart_limit : proofs of one batch of a client who sent a false proof lately.
    apart_seconds : how long such a client's proofs stay out of the batches of others.
    retry_after : seconds that a 503 asks the client to wait.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    workers: int = Field(default=2, ge=1, le=64)
    queue_limit: int = Field(default=256, ge=1, le=1 << 16)
    batch_limit: int = Field(default=32, ge=1, le=1024)
    gather_ms: float = Field(default=3, ge=0, le=1000)
    apart_limit: int = Field(default=8, ge=1, le=1024)
    apart_seconds: float = Field(default=600, gt=0, le=86_400)
    retry_after: int = Field(default=1, ge=1, le=3600)
