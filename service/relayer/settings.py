"""Settings of the relayer."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

GWEI = 10**9
DAY = 86_400


class RelayerSettings(BaseModel):
    """
    What a relayer pays at most, and how long it waits.

    Attributes
    ----------
    confirmations, finalized : as `contracts.client.finality.Finality`: what `final` means
    most_fee : wei that a unit of gas may cost
    bump_percent : a replacement pays more by at least so much; nodes ask for 10
    replace_seconds : a transaction that is in no block is replaced after
    most_claims : of one transaction
    key_gas, account_gas : gas a day for the requests of one API key, and for one account
    keep_seconds : how long a claim that may count later is tried again
    retry_seconds : between two trials
    lease_seconds : how long a process that died keeps the key's others from sending
    poll_seconds : between two steps of the worker
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    confirmations: int = Field(1, ge=1, le=10_000)
    finalized: bool = True
    most_fee: int = Field(200 * GWEI, ge=1)
    bump_percent: int = Field(12, ge=10, le=1_000)
    replace_seconds: int = Field(60, ge=1, le=DAY)
    most_claims: int = Field(32, ge=1, le=32)
    key_gas: int = Field(100_000_000, ge=1)
    account_gas: int = Field(5_000_000, ge=1)
    keep_seconds: int = Field(DAY, ge=1, le=90 * DAY)
    retry_seconds: int = Field(60, ge=1, le=DAY)
    lease_seconds: int = Field(30, ge=5, le=3_600)
    poll_seconds: float = Field(2.0, gt=0, le=60)
