"""
Pages that say what the code says: the options of every command, the endpoints of the service.

    python -m tests.docs.reference [--check]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.docs.shell import ROOT

FOLDER = ROOT / "docs" / "reference"
HEAD = "<!-- Written by `python -m tests.docs.reference`. DO NOT EDIT. -->\n\n"


# -- commands --------------------------------------------------------------------------------------
def commands_page() -> str:
    """Every command with its options, from the parser that reads them."""
    from tierproof.cli import build_parser

    parser = build_parser()
    out = [
        "# The command",
        "",
        "[Interfaces](interfaces.md) says what holds for all of them: streams, exit status, "
        "network, secrets. `tierproof COMMAND --help` prints what stands here.",
    ]
    for name, each in subcommands(parser).items():
        out += ["", f"## `tierproof {name}`", "", sentence(each.description or "")]
        options = [action for action in each._actions if action.dest != "help"]
        if options:
            out += ["", "| option | what |", "|---|---|"]
            out += [f"| {spelling(option)} | {meaning(option)} |" for option in options]
    return HEAD + "\n".join(out) + "\n"


def subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The parsers of all commands by name."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    raise LookupError("no commands")


def sentence(text: str) -> str:
    """A help text as a sentence."""
    return (text[:1].upper() + text[1:]).rstrip(".") + "." if text else ""


def spelling(option: argparse.Action) -> str:
    """How an option or argument is written."""
    shown = option.metavar if isinstance(option.metavar, str) else option.dest.upper()
    if not option.option_strings:
        return f"`{shown}`"
    if option.nargs == 0:
        return f"`{option.option_strings[-1]}`"
    if option.choices:
        shown = "\\|".join(map(str, option.choices))
    return f"`{option.option_strings[-1]} {shown}`"


def meaning(option: argparse.Action) -> str:
    """Help text, and whether the option must be given."""
    parts = [cell(option.help or "")]
    if option.required and option.option_strings:
        parts.append("Required.")
    return " ".join(part for part in parts if part)


def cell(text: str) -> str:
    """Text that may stand in a table."""
    return sentence(text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " "))


# -- service ---------------------------------------------------------------------------------------
def openapi() -> dict[str, Any]:
    """The service's own OpenAPI document."""
    from service.config import ServiceConfig
    from service.store.store import Store
    from tierproof.backends import fast_algebra
    from tierproof.protocol import service_app

    store = Store("sqlite://")
    try:
        document: dict[str, Any] = service_app(ServiceConfig(), fast_algebra(), store).openapi()
    finally:
        store.close()
    return document


def service_page(document: dict[str, Any]) -> str:
    """The endpoints in a table."""
    out = [
        "# The service",
        "",
        "`tierproof serve` runs it; [interfaces 3](interfaces.md#3-the-service) says in which "
        "order it checks and what it stores. The whole description is "
        "[openapi.json](openapi.json), which a running service gives at `/v1/openapi.json`.",
        "",
        "| endpoint | what | answers |",
        "|---|---|---|",
    ]
    for path, method, operation in operations(document):
        answers = ", ".join(sorted(operation.get("responses", {})))
        text = operation.get("description") or operation.get("summary", "")
        out.append(f"| `{method} {path}` | {cell(text)} | {answers} |")
    return HEAD + "\n".join(out) + "\n"


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(path, method, operation) in order."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method.upper(), operation


# -- writing ---------------------------------------------------------------------------------------
def generated() -> dict[Path, str]:
    """Every generated file's path and text."""
    document = openapi()
    return {
        FOLDER / "commands.md": commands_page(),
        FOLDER / "service.md": service_page(document),
        FOLDER / "openapi.json": json.dumps(document, indent=1) + "\n",
    }


def main() -> int:
    """Write the pages, or with --check say which are stale."""
    check = "--check" in sys.argv[1:]
    differing = []
    for path, text in generated().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            differing.append(path.name)
            if not check:
                path.write_text(text, encoding="utf-8")
    print(f"stale: {', '.join(differing)}" if differing else "current")
    return 1 if check and differing else 0


if __name__ == "__main__":
    sys.exit(main())
