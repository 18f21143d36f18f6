"""The webhooks of a service: its settings, its key, and what works in the background."""

from __future__ import annotations

from algebra.errors import Refused
from service.store.database import Database
from service.webhooks.endpoints import Endpoints
from service.webhooks.sealing import Sealer, read_key
from service.webhooks.sender import Sender
from service.webhooks.settings import WebhookSettings
from service.webhooks.sweep import Endings, Sweeper
from service.webhooks.worker import Worker


class Webhooks:
    """
    Parameters
    ----------
    database : of the service
    endings : of the grants that it knows

    Attributes
    ----------
    tasks : each has `async def run`, from the start of the service to its end

    Raises
    ------
    Refused
        `refused.webhook_key`: addresses are known that the key is not for, or none is named;
        `refused.open_key_file`; `refused.config`: the certificates.
    Malformed
        `malformed.webhook_key`.
    Unavailable
        A file that is not there.
    """

    def __init__(self, database: Database, settings: WebhookSettings, endings: Endings) -> None:
        self.database, self.settings = database, settings
        self._sealer = None if settings.key_file is None else read_key(settings.key_file)
        with database.reading() as session:
            known = Endpoints(session)
            if self._sealer is None:
                known.require_none()
            else:
                known.require_key(self._sealer)
        self.tasks: tuple[Worker | Sweeper, ...] = ()
        if self._sealer is not None:
            clock = lambda: database.now  # noqa: E731
            self.tasks = (
                Worker(database, self._sealer, Sender(settings), settings, clock=clock),
                Sweeper(database, endings, settings, clock=clock),
            )

    @property
    def sealer(self) -> Sealer:
        """Seals secrets; Refused (`refused.webhooks`) where the settings name no key."""
        if self._sealer is None:
            raise Refused("refused.webhooks", "webhooks: the settings name no key for them")
        return self._sealer
