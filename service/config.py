"""Settings of the verification service; every default is the careful one."""

from __future__ import annotations

from dataclasses import dataclass, field

from algebra.errors import Refused
from service.store.url import default_url
from service.verification.settings import VerificationSettings
from verifier.ceremonies import allowed_id


@dataclass(frozen=True, slots=True)
class ServiceConfig:
    """
    Attributes
    ----------
    database_url : SQLite or PostgreSQL, by default a file in this user's data folder
        (`service.store.url`).
    host, port : loopback unless told otherwise; others reach a service with API keys alone.
    allow_setup : a setup whose keys are accepted beside the known ceremonies': `development`, for
        demos only, or an srs id.
    verification : threads, line and batches of the verifier.
    body_limit : bytes of a request body.
    batch_body_limit : bytes of a body that may hold several credentials, or a policy or root.
    body_seconds : how long a client may take to send it.
    """

    database_url: str = field(default_factory=default_url)
    host: str = "127.0.0.1"
    port: int = 8787
    allow_setup: str | None = None
    verification: VerificationSettings = field(default_factory=VerificationSettings)
    body_limit: int = 64 * 1024
    batch_body_limit: int = 512 * 1024
    body_seconds: float = 10.0

    def check(self) -> None:
        """
        Refused (`refused.config`) for a number out of range, (`usage.allow_setup`) for no setup.
        """
        if self.allow_setup is not None:
            allowed_id(self.allow_setup)
        for name, least in (
            ("body_limit", 1024),
            ("batch_body_limit", 1024),
            ("port", 0),
        ):
            if getattr(self, name) < least:
                raise Refused(
                    "refused.config", f"service: {name} must be at least {least}", field=name
                )
        if self.port > 65535 or self.body_seconds <= 0:
            raise Refused("refused.config", "service: port or body_seconds out of range")
