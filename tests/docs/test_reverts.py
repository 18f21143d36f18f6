"""What each revert means: of the registry by its codes, of the example engine by a table."""

from __future__ import annotations

import re

from contracts.build.artifact import FOLDER, load_artifact, read_artifact
from tests.docs.shell import ROOT

EXAMPLES = ("MarginEngine", "Markets", "TierAllowList", "GrantReader")


def _errors(abi: list[dict[str, object]]) -> set[str]:
    return {str(entry["name"]) for entry in abi if entry["type"] == "error"}


def test_every_error_of_the_registry_has_a_code_that_is_explained() -> None:
    page = (ROOT / "docs" / "reference" / "codes.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `rejected\.(\w+)` \| \S.* \| \S.* \|", page, re.MULTILINE))
    unread = {"InvalidShortString", "StringTooLong"}  # of a constructor's constants
    assert _errors(load_artifact("TierGrants").abi) - told - unread == set()


def test_every_error_of_the_example_engine_stands_in_the_guide() -> None:
    page = (ROOT / "docs" / "guides" / "margin-engine.md").read_text(encoding="utf-8")
    section = page.split("## What a revert means", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    told = {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    raised: set[str] = set()
    for name in EXAMPLES:
        raised |= _errors(read_artifact(FOLDER / "example-artifacts" / f"{name}.json").abi)
    assert told == raised
    assert all(row.split("|")[2].strip() for row in rows)
