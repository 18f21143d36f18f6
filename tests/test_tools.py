"""`make tools` stops a set-up whose programs are too old, each with one sentence."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LEAST = {"Python": "3.11", "Rust": "1.89", "Node.js": "20"}


def tools(folder: Path, *fakes: tuple[str, str]) -> subprocess.CompletedProcess[str]:
    """`make tools` with programs of these names first on the path, which say these versions."""
    for name, says in fakes:
        path = folder / name
        path.write_text(f'#!/bin/sh\necho "{says}"\n' if says else "#!/bin/sh\nexit 127\n")
        path.chmod(0o755)
    environment = os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    for name in ("PYTHON", "MAKELEVEL", "MAKEFLAGS", "MFLAGS"):  # `make test` sets them
        environment.pop(name, None)
    return subprocess.run(
        ["make", "--no-print-directory", "tools"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )


def test_what_is_here_is_enough(tmp_path: Path) -> None:
    done = tools(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("program", "says", "sentence"),
    [
        ("cargo", "cargo 1.63.0 (a748cf5a3 2022-06-08)", "Rust 1.89 or later is needed, cargo is"),
        ("cargo", "cargo 1.88.0", "Rust 1.89 or later is needed, cargo is 1.88.0: install it"),
        ("cargo", "", "Rust 1.89 or later is needed, there is none: install it with rustup"),
        ("node", "v18.20.4", "Node.js 20 or later is needed, node is 18.20.4: install a later"),
        ("node", "", "Node.js 20 or later is needed, there is none: install a later one"),
        ("python3.11", "Python 3.9.2", "Python 3.11 or later is needed, "),
        ("python3.11", "Python 3.10.14", " is 3.10.14: set PYTHON=/path/to/python3"),
    ],
)
def test_an_old_or_absent_program(tmp_path: Path, program: str, says: str, sentence: str) -> None:
    done = tools(tmp_path, (program, says))
    assert done.returncode == 2
    first, *rest = done.stderr.splitlines()
    assert sentence in first
    assert all(line.startswith("make: ***") for line in rest)


@pytest.mark.parametrize(
    ("program", "says"), [("cargo", "cargo 1.89.0"), ("cargo", "cargo 2.0.0"), ("node", "v20.0.0")]
)
def test_the_least_version_is_enough(tmp_path: Path, program: str, says: str) -> None:
    assert tools(tmp_path, (program, says)).returncode == 0


def test_least_versions_are_said_once() -> None:
    """In the file that each tool reads; README and docs say the same."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    cargo = tomllib.loads((ROOT / "algebra" / "native" / "Cargo.toml").read_text())["package"]
    node = re.search(r'"node": ">=([0-9.]+)"', (ROOT / "contracts" / "package.json").read_text())
    assert node is not None
    assert project["requires-python"] == f">={LEAST['Python']}"
    assert (cargo["rust-version"], node[1]) == (LEAST["Rust"], LEAST["Node.js"])
    platforms = (ROOT / "docs" / "reference" / "platforms.md").read_text()
    for name, version in LEAST.items():
        assert f"{name} {version}" in platforms, name
