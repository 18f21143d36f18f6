"""The committed artifacts are what the committed sources compile to."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from algebra.errors import Unavailable
from contracts.build.artifact import (
    ARTIFACTS,
    CODE_SIZE_LIMIT,
    FOLDER,
    known_errors,
    read_artifact,
)
from contracts.build.compile import compile_contracts, main, stale_artifacts

pytestmark = pytest.mark.evm

PACKAGE = json.loads((FOLDER / "package.json").read_text())


@pytest.mark.slow  # `make lint` compiles and compares, too
def test_recompiling_gives_the_same_bytes() -> None:
    if not (FOLDER / "node_modules" / "solc").is_dir():
        pytest.skip("the compiler is not installed (npm ci --prefix contracts)")
    assert stale_artifacts() == []


@pytest.mark.parametrize("path", sorted(ARTIFACTS.glob("*.json")), ids=lambda path: str(path.stem))
def test_size_and_compiler(path: Path) -> None:
    artifact = read_artifact(path)
    assert artifact.name == path.stem
    assert 0 < artifact.deployed_size < CODE_SIZE_LIMIT
    assert artifact.solc.startswith(PACKAGE["dependencies"]["solc"] + "+")
    assert artifact.source_name.startswith("src/")


def test_errors_of_one_form_name_their_arguments_alike() -> None:
    """A refusal is read by its selector, whichever contract made it."""
    named: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for error in known_errors():
        form = (error["name"], *(each["type"] for each in error["inputs"]))
        named.setdefault(form, set()).add(tuple(each["name"] for each in error["inputs"]))
    assert [form for form, names in named.items() if len(names) > 1] == []


def test_versions_are_pinned_and_no_host_is_named() -> None:
    for section in ("dependencies", "devDependencies"):
        assert all(version[0].isdigit() for version in PACKAGE[section].values())
    lock = json.loads((FOLDER / "package-lock.json").read_text())["packages"]
    for name, entry in lock.items():
        assert "resolved" not in entry
        assert name == "" or entry["integrity"].startswith("sha512-")


def test_without_node(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable) as caught:
        compile_contracts(tmp_path)
    assert caught.value.code == "unavailable.compiler"
    assert main(["--check"]) == 2
    assert "node is not installed" in capsys.readouterr().err


def test_only_what_changed_is_compiled_anew(tmp_path: Path) -> None:
    """Sources, what they import, and what no longer belongs to an artifact that stands."""
    (tmp_path / "src" / "parts").mkdir(parents=True)
    (tmp_path / "build").mkdir()
    shutil.copy(FOLDER / "build" / "compile.js", tmp_path / "build")
    (tmp_path / "node_modules").symlink_to(FOLDER / "node_modules")
    imported, outer = tmp_path / "src" / "parts" / "Part.sol", tmp_path / "src" / "Whole.sol"
    head = "// SPDX-License-Identifier: MIT\npragma solidity 0.8.37;\n"
    imported.write_text(
        head + "library Part { function one() internal pure returns (uint256) { return 1; } }\n"
    )
    outer.write_text(
        head + 'import {\n    Part\n} from "./parts/Part.sol";\n'
        "contract Whole { function one() external pure returns (uint256) { return Part.one(); } }\n"
    )

    def built() -> dict[str, object]:
        command = ["node", str(tmp_path / "build" / "compile.js")]
        subprocess.run(command, check=True, capture_output=True)
        return dict(json.loads((tmp_path / "artifacts" / "Whole.json").read_text()))

    first = built()
    mark = {**first, "bytecode": "0x"}
    (tmp_path / "artifacts" / "Whole.json").write_text(json.dumps(mark, indent=1))
    assert built()["bytecode"] == "0x", "it was compiled though nothing changed"
    imported.write_text(imported.read_text().replace("return 1", "return 2"))
    assert built()["bytecode"] != "0x", "what it imports changed"
    for name, other in (("solc", "another"), ("settings", {}), ("sourceHash", "0" * 64)):
        (tmp_path / "artifacts" / "Whole.json").write_text(json.dumps({**built(), name: other}))
        assert built()[name] != other
