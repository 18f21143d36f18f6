"""
The invariants follow the registry: each has a mutant whose place is still there, strangers call
every function that writes, and officers have theirs. `make invariants` runs them.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from grants.grants_world import GOVERNED, GUARDED
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
