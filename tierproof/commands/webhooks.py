"""Commands of the webhooks: the key that seals their secrets, and the addresses that are told."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from algebra.errors import Refused, Unavailable
from algebra.extras import libraries
from tierproof.commands.command import Audience, command
from tierproof.commands.options import DATABASE, Option
from tierproof.console import Console

if TYPE_CHECKING:
    from service.store.database import Database
    from service.webhooks.sealing import Sealer
    from service.webhooks.signature import Secret

WEBHOOK = Option("webhook", "id of the address, as `webhooks list` prints it", required=True)
WEBHOOK_KEY = Option(
    "--webhook-key",
    "key file that `webhooks keygen` wrote, and the service reads",
    "FILE",
    "file",
    setting="webhook_key",
    required=True,
)
SECRET_FILE = Option(
    "--secret-file", "write the secret there, for its owner alone, and do not print it", "FILE",
    "file",
)  # fmt: skip


@command(
    "webhooks keygen",
    "make the key that seals the secrets of webhooks in a service's database",
    Audience.PROTOCOL,
    Option("--out", "key file", "FILE", "file", default="webhooks.key"),
)
def keygen(options: Namespace, console: Console) -> dict[str, Any]:
    """The key is in the file alone; who loses it adds every address anew."""
    with libraries("service"):
        from service.webhooks import sealing
    sealing.create_key(Path(options.out))
    return {"key_file": options.out}


@command(
    "webhooks add",
    "tell an address what happens; its secret is shown this once",
    Audience.PROTOCOL,
    Option("url", "https, on the internet", "URL", required=True),
    Option("--kind", "of events, all of them without it", "KIND", many=True),
    DATABASE,
    WEBHOOK_KEY,
    SECRET_FILE,
    Option("--allow-port", "that the service's settings allow besides 443", "N", "number",
           many=True),
    Option("--allow-loopback", "development: this machine, on any port", switch=True),
)  # fmt: skip
def add(options: Namespace, console: Console) -> dict[str, Any]:
    """The address and its secret; with `--secret-file` the secret is in that file alone."""
    with _database(options) as database:
        from service.webhooks.endpoints import Endpoints
        from service.webhooks.settings import WebhookSettings

        settings = WebhookSettings(
            ports=(443, *_ports(options.allow_port)), allow_loopback=options.allow_loopback
        )
        sealer = _sealer(options, database)
        _require_free(options)
        made, secret = database.transact(
            lambda session: Endpoints(session).add(
                options.url, options.kind, settings, sealer, database.now
            )
        )
    return {
        "webhook": made.id,
        "url": made.url,
        "kinds": list(made.kinds),
        **_told(options, secret),
    }


@command(
    "webhooks list",
    "list the addresses that are told, and how that goes",
    Audience.PROTOCOL,
    DATABASE,
)
def listed(options: Namespace, console: Console) -> dict[str, Any]:
    """Each with its state and what became of the last that was sent."""
    with _database(options) as database, database.reading() as session:
        from service.webhooks.endpoints import MOST_ENDPOINTS, Endpoints

        known, out = Endpoints(session), []
        for each in known.page("", MOST_ENDPOINTS):
            last = known.deliveries(each.id, None, 1)
            out.append(
                {
                    "webhook": each.id,
                    "url": each.url,
                    "kinds": list(each.kinds),
                    "state": each.state,
                    "failing_since": each.failing_since,
                    "last": f"{last[0].kind} {last[0].state}" if last else None,
                    "answer": last[0].answer if last else None,
                }
            )
    return {"webhooks": out}


@command(
    "webhooks rotate",
    "change the secret of an address; the one before signs too for a while",
    Audience.PROTOCOL,
    WEBHOOK,
    Option("--keep", "for which the old secret signs too", "SECONDS", "number", default=86_400),
    DATABASE,
    WEBHOOK_KEY,
    SECRET_FILE,
)
def rotate(options: Namespace, console: Console) -> dict[str, Any]:
    """The new secret, shown this once."""
    with _database(options) as database:
        from service.webhooks.endpoints import Endpoints

        sealer = _sealer(options, database)
        _require_free(options)
        made, secret = database.transact(
            lambda session: Endpoints(session).rotate(
                options.webhook, sealer, database.now, keep=options.keep
            )
        )
    return {
        "webhook": made.id,
        "old_secret_until": made.old_secret_until,
        **_told(options, secret),
    }


@command(
    "webhooks remove",
    "tell an address nothing any more, and forget it",
    Audience.PROTOCOL,
    WEBHOOK,
    DATABASE,
)
def remove(options: Namespace, console: Console) -> dict[str, Any]:
    """What waits for it is forgotten too."""
    with _database(options) as database:
        from service.webhooks.endpoints import Endpoints

        database.transact(lambda session: Endpoints(session).remove(options.webhook))
    return {"removed": options.webhook}


@command(
    "webhooks test",
    "have the running service send a test to an address",
    Audience.PROTOCOL,
    WEBHOOK,
    DATABASE,
)
def test(options: Namespace, console: Console) -> dict[str, Any]:
    """The event's id; `webhooks list` says what became of it once the service has sent it."""
    with _database(options) as database:
        from service.webhooks.outbox import emit_test

        event = database.transact(lambda session: emit_test(session, options.webhook, database.now))
    return {"webhook": options.webhook, "event": event.id}


@contextmanager
def _database(options: Namespace) -> Iterator[Database]:
    """The service's database: it is there, or nothing is done."""
    with libraries("service"):
        from service.store.database import Database
        from service.store.url import database_url
        from service.webhooks.endpoints import Endpoints
    url = database_url(options.database)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise Unavailable("unavailable.file", f"database {url.database!a}: no such file")
    database = Database(options.database)
    try:
        with database.reading() as session:
            Endpoints(session).require_tables()
        yield database
    finally:
        database.close()


def _sealer(options: Namespace, database: Database) -> Sealer:
    """Of the key file; it opens what is sealed already, or nothing is added."""
    from service.webhooks.endpoints import Endpoints
    from service.webhooks.sealing import read_key

    sealer = read_key(Path(options.webhook_key))
    with database.reading() as session:
        Endpoints(session).require_key(sealer)
    return sealer


def _ports(given: list[int]) -> list[int]:
    if not all(0 < port < 1 << 16 for port in given):
        raise Refused("refused.webhook_port", "--allow-port: not in 1..65535")
    return given


def _require_free(options: Namespace) -> None:
    """Before a secret is drawn that would have nowhere to go."""
    if options.secret_file is not None and Path(options.secret_file).exists():
        raise Refused("refused.webhook_key_file", f"{options.secret_file}: there is a file")


def _told(options: Namespace, secret: Secret) -> dict[str, str]:
    from algebra.files import write_atomic

    if options.secret_file is None:
        return {"secret": secret.text()}
    write_atomic(Path(options.secret_file), secret.text().encode() + b"\n")
    return {"secret_file": options.secret_file}
