"""
The parts of docs/reference that are made from the code: formats, schemas, commands.

    python -m tierproof.reference            write them
    python -m tierproof.reference --check    say what differs; exit status 1 if anything does
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from tierproof.commands import COMMANDS
from tierproof.commands.command import Audience, Command
from tierproof.formats import FORMATS, Format

DOCS = Path(__file__).resolve().parents[1] / "docs" / "reference"
DRAFT = "https://json-schema.org/draft/2020-12/schema"
BEGIN, END = "<!-- made by python -m tierproof.reference: {} -->", "<!-- end -->"

EXAMPLES = {
    "policy": "policy.json",
    "margin": "margin.json",
    "feed": "feed.json",
    "score-model": "score-model.json",
    "attestors": "attestors.json",
    "market": "market.json",
    "deployment": "deployment.json",
    "grant-consent": "grant-consent.json",
    "attest-job": "job.json",
    "collected": "collected.json",
    "binding-request": "request.json",
    "calendar": "calendar.json",
    "consent": "consent.json",
    "bindings": "bindings.json",
    "attestation": "attestation.json",
    "root": "root.json",
    "draft": "draft.json",
    "cosignature": "cosignature.json",
    "journal": "journal.jsonl",
    "keystore": "unsafe-attestor.keystore.json",
    "credential": "credential.json",
    "disclosure": "record.json",
    "verifying-key": "key-8192.json",
    "audit-log": "audit-log.json",
    "checkpoint": "audit-log.checkpoint",
    "audit-key": "unsafe-audit.key",
    "key-file": "unsafe-attestor.key",
    "config": "tierproof.toml",
}
"""An example file of each format that is text, in docs/reference/examples."""


def schema_of(of: Format) -> dict[str, Any] | None:
    """The published JSON Schema of a format."""
    if of.schema is None:
        return None
    return {"$schema": DRAFT, "$id": f"{of.name}.schema.json", "title": of.title, **of.schema()}


# -- formats ---------------------------------------------------------------------------------------
def formats_table() -> str:
    """One line a format."""
    out = ["| format | what | written by | read by | |", "|---|---|---|---|---|"]
    for each in FORMATS.values():
        name = f"[`{each.identity}`](#{each.name})" if each.kind == "json" else each.title
        out.append(
            f"| {name} | {each.what} | {each.written_by} | {each.read_by} | {each.privacy} |"
        )
    return "\n".join(out)


def formats_in_full() -> str:
    """Each format that is text: its parts, example and schema."""
    parts = []
    for each in FORMATS.values():
        schema = schema_of(each)
        if schema is None:
            continue
        out = [f"### {each.name}", schema["description"]]
        example = EXAMPLES[each.name]
        out.append(
            f"Example: [`{example}`](examples/{example}). "
            f"Schema: [`{each.name}.schema.json`](schemas/{each.name}.schema.json)."
        )
        if each.kind != "text":
            out.append("\n".join(["| name | form | what |", "|---|---|---|", *_rows(schema, "")]))
        parts.append("\n\n".join(out))
    return "\n\n".join(parts)


def _rows(schema: dict[str, Any], above: str) -> list[str]:
    out = []
    for name, part in schema["properties"].items():
        place = f"{above}{name}"
        out.append(f"| `{place}` | {_form(part)} | {part.get('description', '')} |")
        inner = part.get("items", part)
        if "properties" in inner:
            out += _rows(inner, f"{place}{'[]' if 'items' in part else ''}.")
    return out


def _form(part: dict[str, Any]) -> str:
    if "const" in part:
        return f"`{json.dumps(part['const'])}`"
    if "anyOf" in part:
        return f"{_form(part['anyOf'][0])}, or a list"
    if "enum" in part:
        return ", ".join(f"`{each}`" for each in part["enum"])
    kind = part["type"]
    if isinstance(kind, list):
        return " or ".join(_range(part) if each == "integer" else each for each in kind)
    if kind == "array":
        return f"list of {_form(part['items'])}"
    if kind == "integer" and "minimum" in part:
        return _range(part)
    if "pattern" in part:
        return _like(part["pattern"])
    spoken = {"integer": "whole number", "string": "text", "boolean": "true or false"}
    return spoken.get(str(kind), str(kind))


def _like(pattern: str) -> str:
    """A pattern in words where it is a common one."""
    fixed = re.fullmatch(r"\^(0x)?\[0-9a-f(?:A-F)?\]\{(\d+)\}\$", pattern)
    if fixed:
        size = int(fixed.group(2)) // 2
        return f"{size} bytes, hexadecimal{'' if fixed.group(1) else ' without 0x'}"
    if pattern.startswith("^[0-9]{4}-"):
        return "date"
    return f"`{pattern}`".replace("|", "\\|")


def _range(part: dict[str, Any]) -> str:
    return f"{part['minimum']:,} to {part['maximum']:,}"


# -- commands --------------------------------------------------------------------------------------
def commands_in_full() -> str:
    """Every command by audience, with its options."""
    parts = []
    for audience in Audience:
        parts.append(f"### For {audience}")
        parts += [_command(each) for each in COMMANDS.values() if each.audience is audience]
    return "\n\n".join(parts)


def _command(of: Command) -> str:
    out = [f"**`tierproof {of.name}`**: {of.summary}.", ""]
    out += ["| option | what | `tierproof.toml` |", "|---|---|---|"]
    for option in of.options:
        setting = f"`{option.setting}`" if option.setting and of.configured else ""
        needed = " (needed)" if option.required else ""
        shown = option.shown.replace("|", "\\|")
        out.append(f"| `{shown}` | {option.said}{needed} | {setting} |")
    return "\n".join(out)


# -- pages -----------------------------------------------------------------------------------------
def pages() -> dict[Path, str]:
    """What every file must hold."""
    formats = (DOCS / "formats.md").read_text(encoding="utf-8")
    for name, text in (("formats", formats_table()), ("parts of formats", formats_in_full())):
        formats = _between(formats, name, text)
    interfaces = (DOCS / "interfaces.md").read_text(encoding="utf-8")
    out = {
        DOCS / "formats.md": formats,
        DOCS / "interfaces.md": _between(interfaces, "commands", commands_in_full()),
    }
    for each in FORMATS.values():
        schema = schema_of(each)
        if schema is not None:
            path = DOCS / "schemas" / f"{each.name}.schema.json"
            out[path] = json.dumps(schema, indent=2) + "\n"
    return out


def _between(page: str, name: str, text: str) -> str:
    begin = BEGIN.format(name)
    before, mark, after = page.partition(begin)
    _, end, rest = after.partition(END)
    if not mark or not end:
        raise LookupError(f"no marks of {name!r} in the page")
    return f"{before}{begin}\n{text}\n{END}{rest}"


def stale() -> list[str]:
    """Names of the files that are not as they must be."""
    return [
        path.name
        for path, text in pages().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]


def main(arguments: list[str]) -> int:
    """Write the pages; with `--check` write nothing and return 1 where one is stale."""
    if arguments == ["--check"]:
        found = stale()
        for name in found:
            print(f"docs/reference: {name} is stale; run: python -m tierproof.reference")
        return 1 if found else 0
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
