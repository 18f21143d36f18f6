"""Settings of access; every default is the careful one."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator

from service.access.origins import is_exact_origin


class ConnectionSettings(BaseModel):
    """
    Limits of connections. A connection that waits for its client has a time limit whatever it waits
    for; one that waits for the service has none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    most: int = Field(
        default=512, ge=16, le=65_536, description="open at a time, all addresses together"
    )
    most_by_address: int = Field(
        default=64, ge=1, le=65_536, description="open at a time, of one IPv4 address or IPv6 /64"
    )
    header_seconds: float = Field(
        default=10.0, gt=0, le=600, description="from the first moment to the end of the header"
    )
    body_seconds: float = Field(
        default=15.0,
        gt=0,
        le=600,
        description="from the header to the last byte; the answer 408 should come before",
    )
    idle_seconds: float = Field(
        default=15.0, gt=0, le=600, description="between an answer and the next request"
    )
    read_seconds: float = Field(default=30.0, gt=0, le=600, description="for reading an answer")
    stop_seconds: int = Field(
        default=30,
        ge=1,
        le=600,
        description="for requests under way once the service is told to stop",
    )


class AccessSettings(BaseModel):
    """Limits by caller, origins of browsers, idempotency keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key_requests: int = Field(default=6_000, ge=1, description="a minute, by API key")
    address_requests: int = Field(
        default=600, ge=1, description="a minute without a valid key, by IPv4 address or IPv6 /64"
    )
    loopback_requests: int = Field(
        default=60_000, ge=1, description="a minute from this machine, while there are no keys"
    )
    cors_origins: tuple[str, ...] = Field(
        default=(), description="exact origins whose pages may call the service; none by default"
    )
    idempotency_days: int = Field(default=7, ge=1, le=90, description="for which an answer is kept")
    idempotency_hold_seconds: int = Field(
        default=60, ge=1, le=3_600, description="after which a request without an answer has died"
    )

    @field_validator("cors_origins")
    @classmethod
    def _exact(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not is_exact_origin(origin):
                raise ValueError("not an origin as browsers send it, such as https://desk.example")
        return origins
