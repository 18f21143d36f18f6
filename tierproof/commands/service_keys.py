"""Commands of the service's API keys."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from tierproof.commands.command import Audience, command
from tierproof.commands.options import DATABASE, Option
from tierproof.commands.service_settings import database_url
from tierproof.console import Console

SCOPES = ("read", "verify", "onboard", "webhooks", "admin")


@command(
    "keys create",
    "make an API key of the service; its text is shown once and kept nowhere",
    Audience.PROTOCOL,
    DATABASE,
    Option("--name", "for whoever looks after the keys", required=True),
    Option("--scope", "what it may be used for", required=True, many=True, choices=SCOPES),
    Option("--days", "after which it opens nothing", "N", "number", default=365),
    Option("--no-expiry", "it has no end", switch=True),
    Option(
        "--daily", "requests a day that verify or hand over; without it no quota", "N", "number"
    ),
    Option("--out", "write the text here and not to stdout", "FILE", "file"),
)
def create(options: Namespace, console: Console) -> dict[str, Any]:
    """What is known of the key, and its text or its file."""
    from tierproof import api_keys

    return api_keys.create(
        database_url(options),
        name=options.name,
        scopes=options.scope,
        days=None if options.no_expiry else options.days,
        daily=options.daily,
        out=None if options.out is None else Path(options.out),
    )


@command(
    "keys list", "list the service's API keys, without their text", Audience.PROTOCOL, DATABASE
)
def listed(options: Namespace, console: Console) -> dict[str, Any]:
    """Names, scopes, ends, and the day of the last use."""
    from tierproof import api_keys

    return {"keys": api_keys.listed(database_url(options))}


@command(
    "keys revoke",
    "an API key of the service opens nothing any more",
    Audience.PROTOCOL,
    DATABASE,
    Option("key_id", "as `keys list` shows it", "KEY_ID", required=True),
)
def revoke(options: Namespace, console: Console) -> dict[str, Any]:
    """What is known of the key; one that was revoked before stays as it was."""
    from tierproof import api_keys

    return api_keys.revoke(database_url(options), options.key_id)
