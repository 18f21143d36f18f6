"""`make serve-demo`: what it shows, and that its check of the log can fail."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from support.project import ROOT

from algebra.errors import Rejected
from examples import serve_demo
from service.audit.checkpoint import Checkpoint
from service.audit.database import opened
from service.audit.note import Note
from service.audit.stored import checkpoints


def test_the_demo_shows_verdict_entry_and_page(tmp_path: Path) -> None:
    words = [sys.executable, ROOT / "examples" / "serve_demo.py", "--out", tmp_path, "--json"]
    done = subprocess.run(
        words, cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert shown["outcome"] == "accepted" and shown["stopped"] is True
    assert set(shown["ready"].values()) == {"ok"}
    audit = shown["audit"]
    assert audit["entry"]["kind"] == "accepted" and audit["inclusion"] == "holds"
    assert 0 <= audit["place"] < audit["of"]
    assert shown["page"]["title"].startswith("Tierproof")
    again = subprocess.run(
        words, cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert again.returncode != 0 and "another --out" in again.stderr
    # The same entry is not in a tree of another root.
    (note,) = _notes(tmp_path)
    checkpoint = Checkpoint.of(note)
    other = replace(checkpoint, root=bytes(32))
    nullifier = audit["entry"]["nullifier"]
    assert serve_demo.included(tmp_path, nullifier, checkpoint)["inclusion"] == "holds"
    with pytest.raises(Rejected):
        serve_demo.included(tmp_path, nullifier, other)


def _notes(folder: Path) -> list[Note]:
    with opened(f"sqlite:///{serve_demo.database(folder)}") as session:
        return checkpoints(session)
