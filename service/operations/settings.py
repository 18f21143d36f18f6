"""
Settings of the service, a section a part: from the options of the command, the environment and a
table of `tierproof.toml`, in this order. No part reads the environment itself.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from algebra.errors import Refused
from service.access.settings import AccessSettings, ConnectionSettings
from service.operations.sections import (
    DatabaseSettings,
    LogSettings,
    MetricsSettings,
    ServerSettings,
    TelemetrySettings,
)
from service.verification.settings import VerificationSettings
from service.webhooks.settings import WebhookSettings

PREFIX, BETWEEN = "TIERPROOF_SERVICE__", "__"
"""`TIERPROOF_SERVICE__SERVER__PORT` is `server.port`."""

TYPED = (("server", "allow_setup"),)
"""What is dangerous is typed on the command line: neither environment nor file may say it."""

Layer = Mapping[str, Mapping[str, Any]]
"""Values by section and name, as one source gives them."""


class Settings(BaseModel):
    """All settings; made directly, every default but what is given, whatever the environment."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    database: DatabaseSettings = Field(default_factory=DatabaseSettings)
    server: ServerSettings = ServerSettings()
    verification: VerificationSettings = VerificationSettings()
    access: AccessSettings = AccessSettings()
    connections: ConnectionSettings = ConnectionSettings()
    webhooks: WebhookSettings = WebhookSettings()
    logs: LogSettings = LogSettings()
    metrics: MetricsSettings = MetricsSettings()
    telemetry: TelemetrySettings = TelemetrySettings()

    def shown(self) -> dict[str, Any]:
        """As they may be printed: files of secrets are named, nothing of them is read."""
        return self.model_dump(mode="json")


def load(options: Layer | None = None, table: Layer | None = None) -> Settings:
    """
    The settings in force.

    Parameters
    ----------
    options : what the command line says; wins over the environment
    table : `[service]` of `tierproof.toml`; the environment wins over it

    Raises
    ------
    Refused
        `refused.config` with `field`: a name that there is not, a value out of range, a file of a
        secret that is missing or that others can read. The value itself is never repeated.
    """
    _check_environment()
    file = dict(table or {})
    for section, name in TYPED:
        if name in file.get(section, {}):
            raise _typed(section, name)

    class Layered(Settings, BaseSettings):
        model_config = SettingsConfigDict(
            env_prefix=PREFIX, env_nested_delimiter=BETWEEN, extra="forbid", frozen=True
        )

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, InitSettingsSource(settings_cls, init_kwargs=file)

    said: dict[str, Any] = {name: dict(values) for name, values in (options or {}).items()}
    try:
        found = Layered(**said)
    except ValidationError as error:
        raise _refused(error) from None
    except SettingsError:  # its text repeats the value
        raise Refused("refused.config", "service: the environment: a value is not JSON") from None
    return Settings(**{name: getattr(found, name) for name in Settings.model_fields})


def _check_environment() -> None:
    """
    A name under our prefix that says no section. One underscore is not ours: Kubernetes sets
    TIERPROOF_SERVICE_HOST and _PORT for a service that is called tierproof.
    """
    for name in os.environ:
        section, _, rest = name.upper().removeprefix(PREFIX).partition(BETWEEN)
        if name.upper().startswith(PREFIX) and (
            section.lower() not in Settings.model_fields or not rest
        ):
            raise Refused(
                "refused.config", f"service: the environment: {name[:80]!a} names no setting",
                field=name[:80],
            )  # fmt: skip
        for typed in TYPED:
            if name.upper() == PREFIX + BETWEEN.join(typed).upper():
                raise _typed(*typed)


def _typed(section: str, name: str) -> Refused:
    option = name.replace("_", "-")
    return Refused(
        "refused.config", f"service: {section}.{name}: typed on the command line alone, --{option}",
        field=f"{section}.{name}",
    )  # fmt: skip


def _refused(error: ValidationError) -> Refused:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = ".".join(str(step)[:40] for step in first["loc"])
    said = {"extra_forbidden": "there is no such setting"}.get(
        first["type"], first["msg"].removeprefix("Value error, ")
    )
    return Refused("refused.config", f"service: {field}: {said}", field=field)
