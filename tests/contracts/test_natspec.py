"""The check of NatSpec that `make lint` runs finds what is missing, and nothing in what stands."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from contracts.build.artifact import FOLDER

INTERFACE = FOLDER / "src" / "registry" / "ITierRegistry.sol"
REGISTRY = FOLDER / "src" / "registry" / "TierRegistry.sol"


def gaps(*files: Path) -> tuple[int, list[str]]:
    command = ["node", str(FOLDER / "build" / "natspec.js"), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()[:-1]


def test_what_is_committed_is_complete() -> None:
    assert gaps() == (0, [])


@pytest.mark.parametrize(
    ("source", "line", "expected"),
    [
        (
            INTERFACE,
            r" +/// @param members Its members.*\n",
            "GenerationStarted: @param members",
        ),
        (INTERFACE, r" +/// @notice The account never had a grant.\n", "NoGrant: @notice"),
        (INTERFACE, r" +/// @return expiry .*\n", "termsOf: @return"),
        (INTERFACE, r" +/// @notice Terms of a tier.\n", "Terms: @notice"),
        (INTERFACE, r" +/// Greatest leverage, whole multiples.*\n", "Terms.maxLeverage: no text"),
        (REGISTRY, r" +/// @notice Members of an attestor set, at most.\n", "MAX_MEMBERS: @notice"),
        (REGISTRY, r" +/// @dev The public word of a window.\n", "_window: @dev"),
        (REGISTRY, r" +/// @inheritdoc ITierRegistry\n(?= +function pause\()", "pause: @notice"),
        (REGISTRY, r"/// @title Registry (?:.*\n)(?:///.*\n)*", "TierRegistry: @title"),
    ],
)
def test_each_gap_is_found(tmp_path: Path, source: Path, line: str, expected: str) -> None:
    text, count = re.subn(line, "", source.read_text(), count=1)
    assert count == 1
    changed = tmp_path / source.name
    changed.write_text(text)
    status, found = gaps(changed)
    assert status == 1 and any(expected in each for each in found), found
