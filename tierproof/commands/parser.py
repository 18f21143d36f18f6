"""The command line of all commands, from what they declare."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from typing import Any, NoReturn

from tierproof import __version__
from tierproof.commands import COMMANDS
from tierproof.commands.command import Audience, Command, Usage
from tierproof.commands.options import OneOf

DESCRIPTION = "Zero-knowledge credentials for institutional margin."
WIDTH = 100


class Parser(argparse.ArgumentParser):
    """argparse that raises, so that usage errors look like all others."""

    def error(self, message: str) -> NoReturn:
        """Raise `Usage` where argparse would print and exit."""
        raise Usage(message, self.prog)


class MainParser(Parser):
    """Its help groups the commands by audience."""

    def format_help(self) -> str:
        """`help_text` in place of argparse's list."""
        return help_text()


def help_text() -> str:
    """What `tierproof --help` prints."""
    out = ["usage: tierproof COMMAND ...", "", DESCRIPTION]
    width = max(map(len, COMMANDS)) + 2
    for audience in Audience:
        out += ["", f"for {audience}:"]
        out += [
            f"    {each.name:{width}}{each.summary}"
            for each in COMMANDS.values()
            if each.audience is audience
        ]
    out += [
        "",
        "tierproof COMMAND --help lists a command's options. What a folder's commands have in",
        "common stands in its tierproof.toml; tierproof init writes one.",
    ]
    return "\n".join(out) + "\n"


def build_parser(said: Collection[str] = COMMANDS) -> Parser:
    """
    Every command, with the options of those that are among the words `said`: the others are not
    going to be read. A command of two words is one name here (`tierproof.cli.named`). Nothing is
    imported that a command does not need.
    """
    parser, commands = _main()
    for each in COMMANDS.values():
        added = commands.add_parser(each.name, help=each.summary, description=each.summary)
        if each.name in said:
            _add(added, each)
    return parser


def shell_parser() -> Parser:
    """
    As `build_parser`, with commands of two words under their first, as a shell sees them. One whose
    first word is a command too (`attest diff`) is left out: what follows is completed as a file.
    """
    parser, commands = _main()
    groups: dict[str, Any] = {}
    for each in COMMANDS.values():
        first, _, second = each.name.partition(" ")
        if second and first in COMMANDS:
            continue
        if second and first not in groups:
            group = commands.add_parser(first, help=f"{first} ...")
            groups[first] = group.add_subparsers(dest="command", parser_class=Parser)
        within = groups[first] if second else commands
        _add(within.add_parser(second or first, help=each.summary), each)
    return parser


def _main() -> tuple[MainParser, Any]:
    parser = MainParser(prog="tierproof", description=DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"tierproof {__version__}")
    return parser, parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)


def _add(parser: Parser, of: Command) -> None:
    for declared in of.declared:
        if isinstance(declared, OneOf):
            group = parser.add_mutually_exclusive_group(required=True)
            for option in declared.options:
                option.add_to(group)
        else:
            declared.add_to(parser)
    if of.configured:
        text = "configuration (default: the nearest tierproof.toml, here or above)"
        parser.add_argument("--config", metavar="FILE", help=text)
    parser.add_argument(
        "--json", action="store_true", help="one JSON document on stdout, errors too"
    )
