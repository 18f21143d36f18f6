"""
A2: two witnesses of one statement. The fast parts of the campaign here; all of it in `make attack`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from attacks.campaigns import determinism, holds


@pytest.mark.parametrize("step", [determinism.text, determinism.cells, determinism.field])
def test_part(step: object) -> None:
    found = step()  # type: ignore[operator]
    assert holds(found) and not found.get("open") and not found.get("findings")


@pytest.mark.slow
def test_whole_campaign_and_its_second_run(tmp_path: Path) -> None:
    lines: list[str] = []
    result = determinism.run(lines.append, tmp_path)
    assert holds(result) and len(lines) == len(determinism.PARTS)
    assert determinism.run(lines.append, tmp_path) == result  # from what it kept
