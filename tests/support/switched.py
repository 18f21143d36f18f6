"""
The registry of grants with switches in its source: what a mutant changes stands beside what it was,
and the balance of an address that nobody has says which of them holds. So many mutants are one
compilation. An edit's `new` asks `ON` for its own switch.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from contracts.build.artifact import FOLDER, Artifact, read_artifact
from support.project import ROOT

SOURCES = FOLDER / "src" / "grants"
PLACE = 0x5717C4
"""Switch i is on if this address + i has a balance."""
KEPT = ROOT / "build" / "switched"
LIBRARY = f"""// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev Which mutants hold; may be asked where nothing of the chain may be read.
library Switch {{
    function on(uint256 i) internal pure returns (bool) {{
        return _pure(_read)(i);
    }}

    function _read(uint256 i) private view returns (bool) {{
        return address(uint160({PLACE} + i)).balance != 0;
    }}

    function _pure(function(uint256) view returns (bool) f)
        private
        pure
        returns (function(uint256) pure returns (bool) g)
    {{
        assembly ("memory-safe") {{
            g := f
        }}
    }}
}}
"""
FOR_BYTES = ("runs: 10000", "runs: 1")
"""The compiler's aim: with all switches, the code for gas would be larger than a chain takes."""


Rewrite = Callable[[str], str]


@dataclass(frozen=True)
class Edit:
    """`old` of a file of `contracts/src/grants`, from `start` on, becomes `new`."""

    id: str
    file: str
    start: int
    old: str
    new: str


def edit(name: str, file: str, old: str, new: str) -> Edit:
    """
    An edit of the one place where `old` stands.

    Raises
    ------
    ValueError
        It stands nowhere, or twice: the source has changed, and the edit must follow it.
    """
    text = (SOURCES / file).read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise ValueError(f"{name}: {file} has {text.count(old)} times {old!r}")
    return Edit(name, file, text.index(old), old, new)


def switched(edits: Sequence[Edit], more: Mapping[str, Rewrite]) -> dict[str, str]:
    """Each file's text, with edit i under switch i, and with what `more` adds to files."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in SOURCES.glob("*.sol")}
    for number, change in sorted(enumerate(edits), key=lambda item: -item[1].start):
        text = texts[change.file]
        if not text.startswith(change.old, change.start):
            raise ValueError(f"{change.id}: overlaps another edit")
        new = re.sub(r"\bON\b", f"Switch.on({number})", change.new)
        texts[change.file] = text[: change.start] + new + text[change.start + len(change.old) :]
    for name in {change.file for change in edits}:
        head = "pragma solidity 0.8.37;\n"
        texts[name] = texts[name].replace(head, f'{head}import {{Switch}} from "./Switch.sol";')
    for name, rewrite in more.items():
        texts[name] = rewrite(texts[name])
    return texts | {"Switch.sol": LIBRARY}


def compiled(
    edits: Sequence[Edit], more: Mapping[str, Rewrite] = MappingProxyType({})
) -> dict[str, Artifact]:
    """
    Artifacts of the switched sources, by the project's own compiler script in a folder like its
    own; kept in `build`, by what they are made of.
    """
    texts = switched(edits, more)
    script = (FOLDER / "build" / "compile.js").read_text(encoding="utf-8")
    if script.count(FOR_BYTES[0]) != 1:
        raise ValueError(f"compile.js does not say {FOR_BYTES[0]!r} once")
    digest = hashlib.sha256(repr((sorted(texts.items()), script)).encode()).hexdigest()[:16]
    home = KEPT / digest
    if not (home / "done").exists():
        shutil.rmtree(home, ignore_errors=True)
        (home / "src" / "grants").mkdir(parents=True)
        (home / "build").mkdir()
        (home / "build" / "compile.js").write_text(script.replace(*FOR_BYTES), encoding="utf-8")
        (home / "node_modules").symlink_to(FOLDER / "node_modules")
        (home / "src" / "registry").mkdir()
        for path in (FOLDER / "src" / "registry").glob("I*.sol"):
            shutil.copy(path, home / "src" / "registry")
        for name, text in texts.items():
            (home / "src" / "grants" / name).write_text(text, encoding="utf-8")
        command = ["node", str(home / "build" / "compile.js"), "--out", str(home)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"the switched sources do not compile:\n{done.stderr}")
        (home / "done").touch()
    return {path.stem: read_artifact(path) for path in (home / "artifacts").glob("*.json")}


def place(switch: int) -> bytes:
    """The address whose balance is this switch."""
    return (PLACE + switch).to_bytes(20)
