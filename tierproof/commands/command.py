"""
A command: its name, its audience, its options and what it does, in one place. To add one, write a
function under `@command` in the module of its audience.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from tierproof.commands.config import Config
from tierproof.commands.options import Declared, Option, flat
from tierproof.console import Console

Run = Callable[[Namespace, Console], dict[str, Any]]


class Usage(Exception):
    """A command line that cannot be read; `command` is the one whose help says how it could."""

    def __init__(self, message: str, command: str = "tierproof") -> None:
        super().__init__(message)
        self.command = command


class Audience(StrEnum):
    """Whom a command is for; `tierproof --help` groups by it."""

    ALL = "everybody"
    INSTITUTION = "institutions"
    ATTESTOR = "attestors"
    PROTOCOL = "protocols and relayers"


@dataclass(frozen=True)
class Command:
    """
    Attributes
    ----------
    declared : options, choices of options among them
    run : reads files, calls the API, returns the document for stdout
    configured : reads `tierproof.toml`
    silent : says no first word: its answer goes into a shell's start
    """

    name: str
    summary: str
    audience: Audience
    declared: tuple[Declared, ...]
    run: Run
    configured: bool = True
    silent: bool = False

    @property
    def options(self) -> list[Option]:
        """All options, those of a choice one by one."""
        return flat(self.declared)

    def __call__(self, given: Namespace, console: Console) -> dict[str, Any]:
        """
        Say the first word, fill in what the command line leaves out, and run.

        Raises
        ------
        Usage
            Something that is needed is given nowhere.
        TierproofError
            `malformed.config`, `unavailable.config`, and what the command raises.
        """
        config = self._config(given)
        if not self.silent:
            console.progress(self.name if config is None else f"{self.name}: with {config.path}")
        return self.run(self._filled(given, config), console)

    def _config(self, given: Namespace) -> Config | None:
        if not self.configured:
            return None
        named = getattr(given, "config", None)
        return Config.find(None if named is None else Path(named), SETTINGS)

    def _filled(self, given: Namespace, config: Config | None) -> Namespace:
        """
        The command line, then `tierproof.toml`, then the defaults; `stated` names the first,
        `serve_table` holds the second's settings of the service.
        """
        stated = frozenset(k for k, v in vars(given).items() if v not in (None, False))
        table = {} if config is None else config.serve()
        out = Namespace(stated=stated, json=given.json, serve_table=table)
        missing = []
        for option in self.options:
            value = getattr(given, option.value_name, None)
            if value is None and config is not None:
                value = config.value(option)
            if value is None:
                value = [] if option.many and option.default is None else option.default
            if option.required and value in (None, []):
                missing.append(option)
            setattr(out, option.value_name, value)
        if missing:
            raise Usage(_needs(missing), f"tierproof {self.name}")
        return out


def _needs(missing: list[Option]) -> str:
    names = [option.shown for option in missing]
    settings = [option.setting for option in missing if option.setting is not None]
    text = f"missing: {', '.join(names)}"
    return f"{text} (in tierproof.toml: {', '.join(settings)})" if settings else text


COMMANDS: dict[str, Command] = {}
"""Every command by name, in the order of the help."""

SETTINGS: dict[str, Option] = {}
"""Every name of `tierproof.toml`, with an option that takes it."""


def command(
    name: str,
    summary: str,
    audience: Audience,
    *declared: Declared,
    configured: bool = True,
    silent: bool = False,
) -> Callable[[Run], Run]:
    """Make a function the command `name`."""

    def register(run: Run) -> Run:
        COMMANDS[name] = Command(name, summary, audience, declared, run, configured, silent)
        for option in flat(declared):
            if option.setting is not None:
                SETTINGS.setdefault(option.setting, option)
        return run

    return register
