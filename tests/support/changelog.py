"""
CHANGELOG.md as versions and their notes. Run by itself it prints the notes of the version in
pyproject.toml, or of what is unreleased where there is no such version yet.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UNRELEASED = "Unreleased"
_HEADING = re.compile(r"^## (?:(\d+\.\d+\.\d+) - \d{4}-\d{2}-\d{2}|Unreleased)$", re.M)


def sections(text: str) -> dict[str, str]:
    """Notes by version, newest first; ValueError for a heading of level two that is none."""
    for line in text.splitlines():
        if line.startswith("## ") and not _HEADING.match(line):
            raise ValueError(f"{line!r}: want ## 1.2.3 - 2026-01-31, or ## Unreleased")
    found = [*_HEADING.finditer(text)]
    ends = [match.start() for match in found[1:]] + [len(text)][: len(found)]
    return {
        match[1] or UNRELEASED: text[match.end() : end].strip()
        for match, end in zip(found, ends, strict=True)
    }


def disagreement(text: str, version: str) -> str | None:
    """
    What is wrong between a changelog and the version of the project, or None: above the newest
    release there may be what is unreleased; the newest release is the project's version.
    """
    names = list(sections(text))
    numbers = [tuple(map(int, name.split("."))) for name in names if name != UNRELEASED]
    if UNRELEASED in names[1:]:
        return "what is unreleased stands below a release"
    if numbers != sorted(set(numbers), reverse=True):
        return "the releases are not newest first, each once"
    if not names:
        return "no release, and nothing unreleased"
    if numbers and numbers[0] != tuple(map(int, version.split("."))):
        return f"the newest release is {names[-len(numbers)]}, the project's version {version}"
    return None


def project_version() -> str:
    """The version in pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def main() -> None:
    """Print the notes."""
    notes = sections((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    version = project_version()
    name = version if version in notes else UNRELEASED
    print(f"Tierproof {version}{'' if name == version else ' (unreleased)'}\n\n{notes[name]}")


if __name__ == "__main__":
    main()
