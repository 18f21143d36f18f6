"""What several workers of one run need, made by the first that asks and copied by the others."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder of the caller's own with all that `make` writes into the folder that it is given."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    source, done = shared / f"once-{name}", shared / f"once-{name}.done"
    with (shared / f"once-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(source, ignore_errors=True)  # of a worker that failed
            source.mkdir()
            make(source)
            done.touch()
    return Path(shutil.copytree(source, factory.mktemp(name) / name))
