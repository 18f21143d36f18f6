"""
The table of attacks names files that are there; the runner counts right, keeps what is done, and
fails on what is missed.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from attacks import __main__ as runner
from attacks.campaigns import Result, campaigns, holds, journal
from attacks.campaigns.attacks import ROOT, outcome_of, table
from attacks.kit_prover.judging import Verdict

IDS = {"A": 16, "B": 9, "C": 12, "D": 9, "E": 5, "F": 4, "G": 2, "H": 2, "L": 22}
FEATURED = {"constraints", "cells", "verifier", "grants", "transcript", "attacks"}


def test_every_attack_has_its_files() -> None:
    known = table()
    assert list(known) == [
        f"{letter}{i}" for letter, last in IDS.items() for i in range(1, last + 1)
    ]
    assert [
        file for files in known.values() for file in files if not (ROOT / "tests" / file).is_file()
    ] == []


def test_every_attack_test_is_in_the_table() -> None:
    """Files that are named after an id."""
    named = {file for files in table().values() for file in files}
    for path in (ROOT / "tests" / "attacks").glob("test_*.py"):
        ids = re.findall(r"(?<=_)([a-l]\d+)(?=_)", path.name)
        if ids:
            assert f"attacks/{path.name}" in named, path.name
            for name in ids:
                assert f"attacks/{path.name}" in table()[f"{name[0].upper()}{int(name[1:])}"]


def test_every_campaign_has_a_name_of_its_own() -> None:
    names = [campaign.NAME for campaign in campaigns()]
    assert set(names) >= FEATURED and len(set(names)) == len(names)


def test_a_file_that_fails_is_seen(tmp_path: Path) -> None:
    assert outcome_of("attacks/no_such_file.py", tmp_path)["failed"] == 1


@pytest.mark.parametrize(("result", "good"), [
    ({"tried": 5, "caught": 5, "free": 0}, True), ({"tried": 5, "caught": 3, "free": 2}, True),
    ({"tried": 5, "caught": 4, "free": 0}, False), ({"tried": 0, "caught": 0, "free": 0}, False),
])  # fmt: skip
def test_holds(result: Result, good: bool) -> None:
    assert holds(result) is good


class FakeRun:
    """A build folder and two campaigns; `caught` is what the second one catches of four."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.caught, self.ran, self.breaks = 4, list[str](), False
        monkeypatch.setattr(runner, "STATE", folder / "attack")
        monkeypatch.setattr(runner, "REPORT", folder / "attack.json")
        monkeypatch.setattr(runner, "ROOT", folder)
        monkeypatch.setattr(runner, "tree_digest", lambda: "one tree")
        monkeypatch.setattr(
            runner, "campaigns", lambda: [self.campaign("first"), self.campaign("second")]
        )
        monkeypatch.setattr(runner, "run_all", self.run_all)
        self.monkeypatch = monkeypatch

    def campaign(self, name: str) -> Any:
        def run(progress: Any, state: Path) -> Result:
            self.ran.append(name)
            progress("a line")
            if name == "second" and self.breaks:
                raise OSError("interrupted")
            return {
                "tried": 4,
                "caught": self.caught if name == "second" else 4,
                "free": 0,
                "details": {},
            }

        return SimpleNamespace(NAME=name, run=run)

    def run_all(self, names: list[str], jobs: int) -> list[str]:
        for name in names:
            try:
                runner.run_one(name)
            except OSError:
                return [name]
        return []

    def main(self, *arguments: str) -> int:
        self.ran.clear()
        self.monkeypatch.setattr("sys.argv", ["attacks", *arguments])
        return runner.main()


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeRun:
    return FakeRun(tmp_path, monkeypatch)


def test_a_whole_run(fake: FakeRun, capsys: pytest.CaptureFixture[str]) -> None:
    assert fake.main() == 0
    report = json.loads(runner.REPORT.read_text())
    assert {name: (r["tried"], r["caught"], r["free"]) for name, r in report.items()} == {
        "first": (4, 4, 0), "second": (4, 4, 0)
    }  # fmt: skip
    assert "second" in capsys.readouterr().out and not runner.STATE.exists()
    assert fake.main() == 0 and fake.ran == [
        "first",
        "second",
    ]  # a finished run is not gone on with


def test_what_is_missed_fails(fake: FakeRun, capsys: pytest.CaptureFixture[str]) -> None:
    fake.caught = 3
    assert fake.main() == 1
    assert "NOT ALL CAUGHT" in capsys.readouterr().out
    assert json.loads(runner.REPORT.read_text())["second"]["caught"] == 3


def test_an_interrupted_run_goes_on(fake: FakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.breaks = True
    assert fake.main() == 1 and fake.ran == ["first", "second"] and not runner.REPORT.exists()
    fake.breaks = False
    monkeypatch.setattr(runner, "tree_digest", lambda: "one tree")
    assert fake.main() == 0 and fake.ran == ["second"]
    fake.breaks = True
    assert fake.main() == 1
    monkeypatch.setattr(runner, "tree_digest", lambda: "a changed tree")
    fake.breaks = False
    assert fake.main() == 0 and fake.ran == ["first", "second"]


def test_some_of_it(fake: FakeRun) -> None:
    assert fake.main("first") == 0 and fake.ran == ["first"] and not runner.REPORT.exists()
    with pytest.raises(SystemExit):
        fake.main("third")


def test_verdicts_are_kept(tmp_path: Path) -> None:
    path, verdict = tmp_path / "verdicts", Verdict("one", "malformed.point", "accepted", "accepted")
    with journal(path) as (_, keep):
        keep(verdict.id, vars(verdict))
    with journal(path) as (known, _):
        assert Verdict(**known["one"]) == verdict and verdict.caught
    assert not Verdict("two", "accepted", "accepted", "accepted").caught
    assert not Verdict("three", "rejected.equation", "rejected.equation", "accepted").caught
