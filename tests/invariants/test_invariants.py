"""
The invariants follow the registry: each has a mutant whose place is still there, strangers call
every function that writes, and officers have theirs. `make invariants` runs them.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from grants.grants_world import GOVERNED, GUARDED
from invariants import __main__ as command
from invariants import forge
from invariants.__main__ import committed
from invariants.mutants import mutants
from support.switched import compiled, edit

from contracts.build.artifact import load_artifact


def source(name: str) -> str:
    return (forge.SOURCES / f"{name}.sol").read_text(encoding="utf-8")


def test_every_invariant_has_a_mutant() -> None:
    assert {mutant.invariant for mutant in mutants()} == set(forge.invariants())


def test_a_mutant_follows_its_source() -> None:
    for old in ("nothing of the contract", "function"):
        with pytest.raises(ValueError, match=f"{old!r}"):
            edit("a mutant", "Claims.sol", old, "")


def test_strangers_call_every_function_that_writes() -> None:
    called = set(re.findall(r"encodeCall\(\s*grants\.(\w+)", source("Strangers")))
    writing = {
        entry["name"]
        for entry in load_artifact("TierGrants").abi
        if entry["type"] == "function" and entry["stateMutability"] not in ("view", "pure")
    }
    assert writing <= called | {"onboardBatch"}
    assert "_batched(" in source("Strangers") and "setAuthority" in called


def test_officers_have_their_functions() -> None:
    named = re.findall(r"all\[\d+\] = grants\.(\w+)\.selector", source("Stage"))
    assert named == [*GOVERNED, *GUARDED]


def test_libraries_stand_where_the_code_looks_for_them() -> None:
    listed = re.search(r"names =\s*\[(.*?)\]", source("Stage"), re.DOTALL)
    assert listed is not None
    assert tuple(re.findall(r'"(\w+)"', listed[1])) == forge.LIBRARIES
    assert set(forge.LIBRARIES) == set(load_artifact("TierGrants").links)
    assert f"0x{forge.FIRST_LIBRARY:X}" in source("Stage")


def test_a_mutant_runs_alone_by_its_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[tuple[str, int | None]] = []

    def run(
        code: Path, match: str, runs: int, depth: int, mutant: int | None = None
    ) -> dict[str, forge.Outcome]:
        ran.append((match, mutant))
        return {match: forge.Outcome(depth, 0, 1.0, "broken" if len(ran) == 1 else "")}

    monkeypatch.setattr(forge, "run", run)
    monkeypatch.setattr(forge, "write_code", lambda *_: None)
    monkeypatch.setattr(command, "compiled", lambda _: {})
    number = 7
    mutant = mutants()[number]
    monkeypatch.setattr(sys, "argv", ["invariants", "--mutant", mutant.change.id])
    assert (command.main(), command.main()) == (0, 1)
    assert ran == [(mutant.invariant, number)] * 2
    assert capsys.readouterr().out.splitlines() == [
        f"  {mutant.change.id}: broken (life 2)",
        f"  {mutant.change.id}: NOT CAUGHT",
    ]
    monkeypatch.setattr(sys, "argv", ["invariants", "--mutant", "nobody's"])
    with pytest.raises(SystemExit, match="2"):
        command.main()


@pytest.mark.slow
@pytest.mark.evm
def test_lives_keep_them_and_a_mutant_breaks_one(tmp_path: Path) -> None:
    names = "|".join(forge.invariants())
    forge.write_code(committed(), tmp_path / "sound")
    outcomes = forge.run(tmp_path / "sound", names, 1, 300)
    assert {name: outcome.reason for name, outcome in outcomes.items()} == dict.fromkeys(
        forge.invariants(), ""
    )
    assert {outcome.calls for outcome in outcomes.values()} == {300}
    mutant = mutants()[0]
    forge.write_code(compiled([mutant.change]), tmp_path / "flawed")
    (broken,) = forge.run(tmp_path / "flawed", mutant.invariant, 24, 500, 0).values()
    assert broken.reason == "a grant without its nullifier"
