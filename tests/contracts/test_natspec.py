"""The check of NatSpec that `make lint` runs finds what is missing, and nothing in what stands."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from contracts.build.artifact import FOLDER

GRANTS = FOLDER / "src" / "grants"
EVENTS, ERRORS, GOVERNED, REGISTRY = (
    GRANTS / f"{name}.sol" for name in ("IGrantEvents", "IGrants", "Governed", "TierGrants")
)
INTERFACE, TYPES = GRANTS / "ITierGrants.sol", GRANTS / "Types.sol"
TERMS = FOLDER / "src" / "registry" / "IEffectiveTerms.sol"


def gaps(*files: Path) -> tuple[int, list[str]]:
    command = ["node", str(FOLDER / "build" / "natspec.js"), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()[:-1]


def test_what_is_committed_is_complete() -> None:
    assert gaps() == (0, [])


GAPS = [
    (
        EVENTS,
        r" +/// @param members Addresses of its members.*\n",
        "GenerationStarted: @param members",
    ),
    (ERRORS, r" +/// @notice .*\n(?: +///.*\n)*(?= +error NoMove)", "NoMove: @notice"),
    (INTERFACE, r" +/// @return end .*\n", "grantOf: @return"),
    (TERMS, r" +/// @notice Terms as they hold.*\n", "EffectiveTerms: @notice"),
    (
        TERMS,
        r" +/// Greatest leverage when opening, whole.*\n",
        "EffectiveTerms.maxLeverage: no text",
    ),
    (GOVERNED, r" +/// @dev Fewer signatures are no quorum.\n", "_leastThreshold: @dev"),
    (GOVERNED, r" +/// @notice Stops roots(?:.*\n)(?: +///.*\n)*", "pause: @notice"),
    (TYPES, r"/// @dev A window of days, both included.\n", "Window: @dev"),
    (TYPES, r"/// @dev Why a grant ended by an act.\n", "Why: @dev"),
    (REGISTRY, r"/// @title The registry of grants\n", "TierGrants: @title"),
]
"""A file, what is taken out of it, and what is then said to lack."""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What lacks in copies of which each lacks one thing, by one run of the compiler."""
    copies = []
    for number, (source, line, _) in enumerate(GAPS):
        text, count = re.subn(line, "", source.read_text(), count=1)
        assert count == 1
        copies.append(tmp_path_factory.mktemp(f"gap-{number}") / source.name)
        copies[-1].write_text(text)
    status, said = gaps(*copies)
    assert status == 1
    return said


@pytest.mark.parametrize("number", range(len(GAPS)), ids=[expected for _, _, expected in GAPS])
def test_each_gap_is_found(found: list[str], number: int) -> None:
    said = [line for line in found if f"/gap-{number}0/" in line]
    assert said and any(GAPS[number][2] in line for line in said), said
