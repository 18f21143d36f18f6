"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """
    Folder of real data that lives outside the repository; tests that need it skip where it is
    absent.
    """
    folder = Path(os.environ.get("TIERPROOF_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real data folder not found: {folder.name} (set TIERPROOF_DATA)")
    return folder
