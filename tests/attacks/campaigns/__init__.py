"""
The whole campaign against soundness and privacy; `python -m tests.attacks` runs it.

Every module here has a `NAME`, its key in `build/attack.json`, and

    run(progress, state) -> {"tried": int, "caught": int, "free": int, "details": ...}

progress : takes one line of text for the person who waits.
state : a folder that outlives an interruption; what lies there may be used again by the next run of the same tree.
tried, caught, free : cheats; those that something stopped; those that are no cheats by design, each with its reason in
    `details`. The campaign holds iff tried = caught + free.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol, cast

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
