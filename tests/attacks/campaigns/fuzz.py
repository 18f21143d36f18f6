"""
H1: every parser of `tests/fuzz/targets.py` on its seeds, the kept corpus and a bounded number of random changes of them.

No fuzzing engine is needed; `make fuzz` searches with coverage guidance, and what it finds comes back as corpus.
"""

from __future__ import annotations

import json
from pathlib import Path

from attacks.campaigns import Progress, Result
from fuzz.replay import Finding, run_target
from fuzz.targets import TARGETS

from algebra.files import write_atomic

NAME = "fuzz"
SEED = 2
RUNS = 5_000
SLOW_RUNS = {"ptau": 500, "native_pairing": 500, "proof": 1_500, "service": 2_000, "bindings": 2_000, "policy": 2_500}
"""Targets where one input takes tens of milliseconds: pairings, signatures, requests."""


def run(progress: Progress, state: Path) -> Result:
    """tried: inputs; caught: those that were accepted or refused as documented. It stops at the first finding of a target."""
    details: dict[str, Result] = {}
    for name in TARGETS:
        path = state / f"{name}.json"
        if not path.exists():
            count = SLOW_RUNS.get(name, RUNS)
            progress(f"{name}: {count} inputs")
            try:
                outcomes = run_target(name, count, SEED)
                found: Result = {"tried": outcomes.total(), "caught": outcomes.total(), "outcomes": dict(outcomes)}
            except Finding as finding:
                (state / f"{name}.finding").write_bytes(finding.data)
                found = {"tried": 1, "caught": 0, "finding": str(finding)}
            write_atomic(path, json.dumps(found, indent=1).encode())
        details[name] = json.loads(path.read_text())
    return {
        "tried": sum(part["tried"] for part in details.values()),
        "caught": sum(part["caught"] for part in details.values()),
        "free": 0,
        "details": details,
    }
