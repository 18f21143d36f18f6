"""
The page of the service's endpoints and its OpenAPI document, written from the application itself.

    python -m tests.docs.reference [--check]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.docs.settings_page import settings_page
from tests.docs.shell import ROOT

FOLDER = ROOT / "docs" / "reference"
HEAD = "<!-- Written by `python -m tests.docs.reference`. DO NOT EDIT. -->\n\n"


# -- service ---------------------------------------------------------------------------------------
def openapi() -> dict[str, Any]:
    """The service's own OpenAPI document."""
    from service.operations.settings import Settings
    from service.store.store import Store
    from tierproof.backends import fast_algebra
    from tierproof.serving import service_app

    with TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/service.sqlite")
        try:
            document: dict[str, Any] = service_app(Settings(), fast_algebra(), store).openapi()
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


def cell(text: str) -> str:
    """Text that may stand in a table, as a sentence."""
    text = text.strip().replace("|", "\\|").replace("\n", " ")
    return (text[:1].upper() + text[1:]).rstrip(".") + "." if text else ""


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
        FOLDER / "service.md": service_page(document),
        FOLDER / "openapi.json": json.dumps(document, indent=1) + "\n",
        FOLDER / "service-settings.md": HEAD + settings_page(),
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
