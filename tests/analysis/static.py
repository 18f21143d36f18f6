"""
Slither over the contracts that are deployed and over the examples: `make slither`.

Everything that it finds stands in `findings.json` with the reason why it stays, but for its lines;
a finding that does not, and a reason that no finding needs any more, fail. What is found in
OpenZeppelin's code alone is left to OpenZeppelin. Runs in the environment of `requirements.lock`
beside this file.
"""

from __future__ import annotations

import inspect
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from crytic_compile import CryticCompile
from crytic_compile.platform.solc_standard_json import SolcStandardJson
from slither import Slither
from slither.detectors import all_detectors
from slither.detectors.abstract_detector import AbstractDetector

from tests.analysis.explained import compared

HERE = Path(__file__).resolve().parent
CONTRACTS = HERE.parent.parent / "contracts"
FOLDERS = ("src", "examples")
PROBE = "../tests/analysis/Probe.sol"
PROBE_FOUND = "reentrancy-eth"
FINDINGS = HERE / "findings.json"


def analysed(sources: dict[str, str], off: set[str]) -> Slither:
    """
    The contracts as Slither reads them, with every detector of it but those that are off.

    Parameters
    ----------
    sources : text by name below contracts/; what they import is read there
    """
    document = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in sources.items()},
        "settings": {"evmVersion": "cancun", "viaIR": True},
    }
    os.chdir(CONTRACTS)
    slither = Slither(CryticCompile(SolcStandardJson(document), solc="build/solc-for-slither.js"))
    for _, detector in inspect.getmembers(all_detectors, inspect.isclass):
        if issubclass(detector, AbstractDetector) and detector.ARGUMENT not in off:
            slither.register_detector(detector)
    return slither


def findings(slither: Slither) -> Iterator[tuple[str, str]]:
    """(detector, what it says) of each finding, without lines, so that code may move."""
    for result in (each for found in slither.run_detectors() for each in found):
        files = {each["source_mapping"]["filename_relative"] for each in result["elements"]}
        if any(name.startswith((*FOLDERS, PROBE)) for name in files):
            yield result["check"], _text(result["description"])


def _text(description: str) -> str:
    bare = re.sub(r" ?\([\w@./-]+\.sol#[\d-]+\)", "", description)
    return " ".join(bare.split())


def main() -> int:
    """Exit status 0 where each finding has its reason, 1 where not."""
    explained = json.loads(FINDINGS.read_text(encoding="utf-8"))
    sources = {
        str(path.relative_to(CONTRACTS)): path.read_text(encoding="utf-8")
        for folder in FOLDERS
        for path in sorted((CONTRACTS / folder).rglob("*.sol"))
    }
    sources[PROBE] = (CONTRACTS / PROBE).read_text(encoding="utf-8")
    found = set(findings(analysed(sources, set(explained["off"]))))
    probed = {(check, text) for check, text in found if "Probe." in text}
    if PROBE_FOUND not in {check for check, _ in probed}:
        print("Slither did not find what was put there to be found")
        return 1
    found -= probed
    wrong = compared(found, explained["findings"])
    for line in wrong:
        print(line)
    print(f"Slither: {len(sources)} files, {len(found)} findings, {len(wrong)} to explain")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
