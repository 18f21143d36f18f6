"""Settings of the webhooks; every default is the careful one."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

Network = IPv4Network | IPv6Network
MARGIN_DAYS = 7
"""Longer than the end of a grant is looked for afterwards (`service.webhooks.sweep`)."""
Port = Annotated[int, Field(ge=1, le=65535)]


class WebhookSettings(BaseModel):
    """What an operator may set; no secret is in here, only the path of its file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key_file: Path | None = Field(
        default=None, description="key that seals secrets; without it no address is told anything"
    )
    ports: tuple[Port, ...] = Field(
        default=(443,), min_length=1, description="that an address may have"
    )
    refused_networks: tuple[Network, ...] = Field(
        default=(),
        description="refused besides those that are not public: your own, a NAT64 prefix",
    )
    ca_file: Path | None = Field(
        default=None, description="certificates to trust in place of the system's"
    )
    allow_loopback: bool = Field(
        default=False, description="development: tell this machine too, on any port"
    )
    connect_seconds: float = Field(
        default=5.0, gt=0, le=60, description="to resolve, and to connect"
    )
    answer_seconds: float = Field(default=15.0, gt=0, le=60, description="for each step after that")
    whole_seconds: float = Field(default=30.0, gt=0, le=120, description="for a delivery in all")
    at_once: int = Field(
        default=16, ge=1, le=256, description="deliveries that a process has on their way"
    )
    at_once_each: int = Field(default=2, ge=1, le=256, description="of them to one address")
    poll_seconds: float = Field(
        default=1.0, gt=0, le=60, description="between looks for what is due"
    )
    sweep_seconds: float = Field(
        default=600.0, gt=0, le=86_400, description="between sweeps of grants"
    )
    expiring_days: int = Field(
        default=14, ge=1, le=60, description="ahead of its end a grant is told of"
    )
    switch_off_days: int = Field(
        default=5,
        ge=1,
        le=60,
        description="without a success, after which an address is switched off",
    )
    keep_days: int = Field(
        default=30, ge=4, le=3650, description="for which what was sent is shown"
    )

    @model_validator(mode="after")
    def _remembers(self) -> WebhookSettings:
        """A grant that is told of is remembered until it has ended, or it would be told again."""
        if self.keep_days < self.expiring_days + MARGIN_DAYS:
            raise ValueError(f"keep_days: at least expiring_days and {MARGIN_DAYS}")
        return self
