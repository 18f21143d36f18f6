"""
Sections of the service's settings that belong to no part of their own. Every default is the careful
one; nothing in them is secret, for secrets are named by the path of their file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from algebra.errors import TierproofError
from algebra.private_file import read_private
from service.store.url import database_url, default_url
from verifier.ceremonies import allowed_id

Port = Annotated[int, Field(ge=0, le=65535)]


class Section(BaseModel):
    """A section: frozen, its names those below and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _readable(path: Path) -> Path:
    try:
        read_private(path)
    except TierproofError as error:
        raise ValueError(error.message) from None
    return path


SecretFile = Annotated[Path, AfterValidator(_readable)]
"""Path of a file that holds a secret; it is there, and its owner alone reads it (mode 0600)."""


def _without_password(url: str) -> str:
    try:
        parsed = database_url(url)
    except TierproofError as error:
        raise ValueError(error.message.removeprefix("database: ")) from None
    if parsed.password is not None:
        raise ValueError("a password stands in it; name its file by database.password_file")
    return url


class DatabaseSettings(Section):
    """Where the service keeps what it knows."""

    url: Annotated[str, AfterValidator(_without_password)] = Field(
        default_factory=default_url,
        description="`sqlite:///PATH` or `postgresql://USER@HOST/NAME`, without a password; by "
        "default `tierproof/service.sqlite` in this user's data",
    )
    password_file: SecretFile | None = Field(
        default=None, description="file, mode 0600, with the password of the database's user"
    )

    def full_url(self) -> str:
        """
        The URL with its driver and the password of its file: for an engine alone, never to be
        shown.
        """
        url = database_url(self.url)
        if self.password_file is not None:
            url = url.set(password=read_private(self.password_file).strip())
        return url.render_as_string(hide_password=False)


def _allowed(setup: str) -> str:
    try:
        allowed_id(setup)
    except TierproofError as error:
        raise ValueError(error.message) from None
    return setup


class ServerSettings(Section):
    """The socket, and what a request may be."""

    host: str = Field(default="127.0.0.1", min_length=1, description="address to listen on")
    port: Port = Field(default=8787, description="port to listen on; 0 takes a free one")
    body_limit: int = Field(default=64 * 1024, ge=1024, description="bytes of a request body")
    batch_body_limit: int = Field(
        default=512 * 1024,
        ge=1024,
        description="bytes of a body that may hold several credentials, or a policy or root",
    )
    body_seconds: float = Field(
        default=10.0, gt=0, le=600, description="seconds in which a body must have arrived"
    )
    allow_setup: Annotated[str, AfterValidator(_allowed)] | None = Field(
        default=None,
        description="setup whose keys are taken beside the known ceremonies': `development`, for "
        "demos alone, or an srs id",
    )


class LogSettings(Section):
    """The log on stderr."""

    format: Literal["json", "console"] = Field(
        default="json", description="a JSON object a line, or lines for people"
    )
    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="the least that is written; verdicts and requests are `info`"
    )


class MetricsSettings(Section):
    """Figures for Prometheus, on a socket of their own."""

    port: Port | None = Field(
        default=None,
        description="port of `/metrics`; without one there are none; 0 takes a free one",
    )
    host: str = Field(default="127.0.0.1", min_length=1, description="address of `/metrics`")


class TelemetrySettings(Section):
    """Traces by OpenTelemetry (extra `telemetry`); they hold routes, statuses and times alone."""

    endpoint: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s@]+$",
        description="URL of an OTLP collector over HTTP; without one nothing is sent",
    )
    sample: float = Field(default=1.0, ge=0, le=1, description="share of requests that are traced")
