"""What `make bench` writes besides proofs: seconds of the kernels by size, and versions."""

from __future__ import annotations

import platform
import re
from pathlib import Path

import numpy as np
import pytest

from benchmarks.run import KERNELS, kernels, versions


def test_kernels_by_size(capsys: pytest.CaptureFixture[str]) -> None:
    found = kernels([3, 5], 1)
    assert set(found) == set(KERNELS)
    for sizes in found.values():
        assert set(sizes) == {"8", "32"} and all(seconds > 0 for seconds in sizes.values())
    lines = capsys.readouterr().out.splitlines()
    assert [re.split(r"  +", line)[0] for line in lines] == ["kernels 2^3", "kernels 2^5"]
    assert all(name in line for line in lines for name in KERNELS)


def test_versions_leave_out_what_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = {"python": platform.python_version(), "numpy": np.__version__}
    assert named.items() <= versions().items() and versions().keys() <= {
        "python",
        "numpy",
        "rustc",
        "commit",
    }
    monkeypatch.chdir(tmp_path)  # no repository
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    assert "commit" not in versions()
    monkeypatch.setenv("PATH", str(tmp_path))  # no tools
    assert versions() == named
