"""Forge's invariant runner on the compiled registry."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from grants.grants_world import LIBRARIES
from support.project import ROOT
from support.switched import place

from contracts.build.artifact import FOLDER, Artifact
from contracts.build.link import linked

SOURCES = FOLDER / "invariants"
BUILD = ROOT / "build" / "forge"
SEEN = BUILD / "seen.txt"
FIRST_LIBRARY = 0x11B0
"""Where `Stage.sol` puts libraries, one after the other."""


@dataclass(frozen=True)
class Outcome:
    """What became of one invariant; `reason` is empty where it held."""

    calls: int
    reverts: int
    seconds: float
    reason: str


def invariants() -> tuple[str, ...]:
    """Names of all of them, from their source."""
    text = (SOURCES / "Invariants.t.sol").read_text(encoding="utf-8")
    return tuple(re.findall(r"function (invariant_\w+)\(", text))


def things() -> set[str]:
    """What a life may reach, from the sources: each is reached, or an invariant says little."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(SOURCES.glob("*.sol"))]
    said = [call for text in texts for call in re.findall(r"(?:_saw\(|_nameOf\()(.*?)\);", text)]
    names = re.search(r"function _nameOf.*?\n    }", "".join(texts), re.DOTALL)
    return set(re.findall(r'"([a-z ]+)"', " ".join([*said, names.group() if names else ""])))


def write_code(artifacts: Mapping[str, Artifact], folder: Path) -> None:
    """The bytes that `Stage.sol` deploys: creation code, and of libraries the code itself."""
    folder.mkdir(parents=True, exist_ok=True)
    places = {
        name: "0x" + (FIRST_LIBRARY + i).to_bytes(20).hex() for i, name in enumerate(LIBRARIES)
    }
    code = {name: artifacts[name].deployed_bytecode for name in LIBRARIES}
    code["TierGrants"] = linked(artifacts["TierGrants"], places).bytecode
    code["Authority"] = artifacts["Authority"].bytecode
    for name, text in code.items():
        (folder / name).write_bytes(bytes.fromhex(text[2:]))


def run(
    code: Path, match: str, runs: int, depth: int, mutant: int | None = None, seed: int = 1
) -> dict[str, Outcome]:
    """
    Random lives, `runs` of `depth` steps for each invariant that matches. Forge first replays what
    broke the contract before; of a mutant nothing is kept, so its seed alone says what is found.

    Raises
    ------
    RuntimeError
        Forge did not run: its words are in the message.
    """
    name = "sound" if mutant is None else f"mutant-{mutant}"
    failures = BUILD / "failures" / name
    if mutant is not None:
        shutil.rmtree(failures, ignore_errors=True)
    environment = {
        "FOUNDRY_PROFILE": "invariants",
        "FOUNDRY_INVARIANT_RUNS": str(runs),
        "FOUNDRY_INVARIANT_DEPTH": str(depth),
        "FOUNDRY_INVARIANT_SHRINK_RUN_LIMIT": "500" if mutant is None else "0",
        "FOUNDRY_INVARIANT_FAILURE_PERSIST_DIR": str(failures),
        "FOUNDRY_FUZZ_SEED": str(seed),
        "TIERPROOF_SWITCH": "0" if mutant is None else f"0x{place(mutant).hex()}",
        "TIERPROOF_CODE": os.path.relpath(code, FOLDER),
    }
    command = ["node_modules/.bin/forge", "test", "--junit", "--match-test", f"^({match})\\("]
    done = subprocess.run(
        command, cwd=FOLDER, capture_output=True, text=True, check=False,
        env={**os.environ, **environment},
    )  # fmt: skip
    try:
        cases = list(ElementTree.fromstring(done.stdout).iter("testcase"))
    except ElementTree.ParseError:
        cases = []
    if not cases:
        raise RuntimeError(f"forge failed:\n{done.stdout[-4_000:]}{done.stderr[-4_000:]}")
    return {case.attrib["name"].removesuffix("()"): _outcome(case) for case in cases}


def _outcome(case: ElementTree.Element) -> Outcome:
    said = case.findtext("system-out") or ""
    counted = re.search(r"calls: (\d+), reverts: (\d+)", said)
    calls, reverts = (int(number) for number in counted.groups()) if counted else (0, 0)
    failure = case.find("failure")
    reason = "" if failure is None else failure.get("message") or "failed"
    return Outcome(calls, reverts, float(case.attrib["time"]), reason)


def seen() -> Counter[str]:
    """How often each thing was reached since the file of notes was begun."""
    found: Counter[str] = Counter()
    if SEEN.exists():
        for line in SEEN.read_text(encoding="utf-8").splitlines():
            count, thing = line.split(" ", 1)
            found[thing] += int(count)
    return found
