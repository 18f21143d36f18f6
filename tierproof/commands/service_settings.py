"""The service's settings, as a command's options, the environment and `tierproof.toml` say them."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING, Any

from algebra.extras import libraries

if TYPE_CHECKING:
    from service.operations.settings import Settings

_OPTIONS = {
    "database": ("database", "url"),
    "host": ("server", "host"),
    "port": ("server", "port"),
    "allow_setup": ("server", "allow_setup"),
}
"""Options that are settings: section and name."""


def settings_of(options: Namespace) -> Settings:
    """
    What holds for a command; raises as `service.operations.settings.load`, and Unavailable
    (`unavailable.extra`) without the libraries of the service.
    """
    with libraries("service"):
        from service.operations.settings import load
    said: dict[str, dict[str, Any]] = {}
    for option, (section, name) in _OPTIONS.items():
        value = getattr(options, option, None)
        if value is not None:
            said.setdefault(section, {})[name] = value
    return load(said, options.serve_table)


def database_url(options: Namespace) -> str:
    """The URL of the service's database, with its password: for an engine alone."""
    return settings_of(options).database.full_url()
