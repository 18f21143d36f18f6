"""The tutorial, by copy and paste: from an empty folder to a grant on a test node."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.run import assert_current
from tests.docs.shell import ROOT

ANVIL = ROOT / "contracts" / "node_modules" / ".bin" / "anvil"


@pytest.mark.evm
def test_the_tutorial_leads_to_a_grant(tmp_path: Path) -> None:
    if not ANVIL.exists():
        pytest.skip("anvil is not installed (npm ci --prefix contracts)")
    assert_current(ROOT / "docs" / "tutorial.md", tmp_path)
