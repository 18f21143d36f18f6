"""The page of the service's settings, written from their models."""

from __future__ import annotations

import json
import re
from typing import Any

from service.operations.settings import PREFIX, TYPED, Settings

ABOVE = f"""# Settings of the service

`tierproof serve` takes its settings from its own options, then from the environment, then from the
table `[serve]` of [`tierproof.toml`](formats.md#config) (`--config FILE`, or the nearest one), and
by default as they stand here. A name that there is not, and a value out of range, is refused before
anything listens. `tierproof serve --check` prints what holds.

`server.port` is `--port`, or `{PREFIX}SERVER__PORT` in the environment, or in the
file:

```toml
[serve.server]
port = 8787
```

No setting is a secret: a name that ends in `_file` is the path of a file that holds one, which its
owner alone can read (mode 0600); in `tierproof.toml` it counts from the folder of that file. What
may be said on the command line alone is marked.
"""

_LINE = re.compile(r"^(\w+) : (.+(?:\n +.+)*)", re.MULTILINE)
"""An attribute in a docstring, where a field has no description of its own."""


def settings_page() -> str:
    """A table a section."""
    schema = Settings.model_json_schema()
    out = [ABOVE]
    for section, value in schema["properties"].items():
        model = schema["$defs"][(value.get("$ref") or value["allOf"][0]["$ref"]).split("/")[-1]]
        text, _, attributes = model["description"].partition("\nAttributes\n----------\n")
        text = " ".join(text.split())
        out += [
            f"## `{section}`\n{text}\n",
            "| name | default | form | what |",
            "|---|---|---|---|",
        ]
        said = dict(_LINE.findall(attributes))
        out += [
            _row(section, name, {"description": said.get(name, ""), **part})
            for name, part in model["properties"].items()
        ]
        out.append("")
    return "\n".join(out).rstrip() + "\n"


def _row(section: str, name: str, part: dict[str, Any]) -> str:
    default = part.get("default")
    shown = "" if default in (None, [], {}) else f"`{json.dumps(default)}`"
    what = part["description"] + (" (an option alone)" if (section, name) in TYPED else "")
    return f"| `{section}.{name}` | {shown} | {_form(part)} | {' '.join(what.split())} |"


def _form(part: dict[str, Any]) -> str:
    for each in part.get("anyOf", []):
        if each.get("type") != "null":
            return _form(each)
    if "enum" in part:
        return ", ".join(f"`{each}`" for each in part["enum"])
    if part.get("format") == "path":
        return "file"
    kind = str(part.get("type"))
    if kind == "array":
        return f"list of: {_form(part['items'])}"
    spoken = {"integer": "whole number", "string": "text", "boolean": "true or false"}
    return spoken.get(kind, kind) + _bounds(part)


def _bounds(part: dict[str, Any]) -> str:
    said = [
        f"{word} {part[name]:,}"
        for name, word in (
            ("minimum", "from"),
            ("exclusiveMinimum", "above"),
            ("maximum", "to"),
            ("exclusiveMaximum", "below"),
        )
        if name in part
    ]
    return f", {' '.join(said)}" if said else ""
