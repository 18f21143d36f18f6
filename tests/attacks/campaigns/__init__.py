"""
The whole campaign against soundness and privacy; `python -m tests.attacks` runs it.

Every module here has a `NAME`, its key in `build/attack.json`, and

    run(progress, state) -> {"tried": int, "caught": int, "free": int, "details": ...}

progress : takes one line of text for the person who waits.
state : a folder that outlives an interruption; what lies there may be used again by the next run of
    the same tree.
tried, caught, free : cheats; those that something stopped; those that are no cheats by design, each
    with its reason in `details`. The campaign holds iff tried = caught + free.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, cast

from algebra.files import write_atomic

Progress = Callable[[str], None]
Result = dict[str, Any]
FOLDER = Path(__file__).resolve().parent


class Campaign(Protocol):
    """A module of this folder."""

    NAME: str

    @staticmethod
    def run(progress: Progress, state: Path) -> Result: ...


def campaigns() -> Iterator[Campaign]:
    """All of them, in the order of their file names."""
    for path in sorted(FOLDER.glob("[a-z]*.py")):
        yield cast(Campaign, importlib.import_module(f"{__name__}.{path.stem}"))


def holds(result: Result) -> bool:
    """Whether every cheat that is one was stopped."""
    return result["tried"] > 0 and bool(result["tried"] == result["caught"] + result["free"])


Keep = Callable[[str, Any], None]


@contextmanager
def journal(path: Path) -> Iterator[tuple[dict[str, Any], Keep]]:
    """What an earlier run kept, by key, and how to keep more: a line each, on disk at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    known = (
        dict(json.loads(line) for line in path.read_text().splitlines()) if path.exists() else {}
    )
    with path.open("a") as file:

        def keep(key: str, value: Any) -> None:
            file.write(json.dumps([key, value]) + "\n")
            file.flush()

        yield known, keep


def in_parts(parts: Mapping[str, Callable[[], Result]], progress: Progress, state: Path) -> Result:
    """The result of a campaign of parts, each with `tried` and `caught`, and each done once."""
    details: dict[str, Result] = {}
    for name, part in parts.items():
        path = state / f"{name}.json"
        if not path.exists():
            progress(name)
            write_atomic(path, json.dumps(part(), indent=1).encode())
        details[name] = json.loads(path.read_text())
    return {
        "tried": sum(part["tried"] for part in details.values()),
        "caught": sum(part["caught"] for part in details.values()),
        "free": 0,
        "details": details,
    }
