"""`tierproof demo`: the whole path, and a summary that other tools read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tierproof.conftest import SIZE, run
from tierproof import demo

pytestmark = pytest.mark.evm


@pytest.mark.parametrize(
    ("profile", "proof_bytes"), [("fast", 3104), pytest.param("lean", 2784, marks=pytest.mark.slow)]
)
def test_demo(
    profile: str, proof_bytes: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("demo", "--profile", profile, "--out", tmp_path, "--json") == 0
    captured = capsys.readouterr()
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert json.loads(captured.out) == summary
    assert summary["class"] == SIZE and summary["profile"] == profile
    assert summary["wallets"] == 4 and summary["records"] == 4216
    assert summary["tier"] == "prime" and summary["proof_bytes"] == proof_bytes
    assert set(summary["seconds"]) == {"attest", "prove", "verify", "verify_independent"}
    assert 0 < summary["gas"]["verify"] < summary["gas"]["onboard"]
    assert summary["terms"]["max_leverage"] == 6
    assert set(summary["refused"]) == {"replay", "no_consent", "other_account", "tampered"}
    assert summary["refused"]["replay"] == "rejected.WindowCounted"
    assert all(code.startswith("rejected.") for code in summary["refused"].values())
    assert (tmp_path / "picture.svg").is_file()
    assert "5 opening" in captured.err


def test_demo_removes_only_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = tmp_path / "files"
    files.mkdir()
    (files / "dear.txt").write_text("dear")
    assert run("demo", "--out", tmp_path, "--json") == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "refused.demo"
    assert (files / "dear.txt").read_text() == "dear"
    (files / demo.MARKER).touch()
    assert demo._fresh(files) == files and not (files / "dear.txt").exists()
