"""
H1: every parser of `tests/fuzz/targets.py` on its seeds, the kept corpus and a bounded number of
random changes of them.

No fuzzing engine is needed; `make fuzz` searches with coverage guidance, and what it finds comes
back as corpus.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from attacks.campaigns import Progress, Result, in_parts
from fuzz.replay import Finding, run_target
from fuzz.targets import TARGETS

NAME = "fuzz"
SEED = 2
RUNS = 5_000
SLOW_RUNS = {
    "ptau": 500,
    "native_pairing": 500,
    "proof": 1_500,
    "service": 2_000,
    "bindings": 2_000,
    "policy": 2_500,
}
"""Targets where one input takes tens of milliseconds: pairings, signatures, requests."""


def run(progress: Progress, state: Path) -> Result:
    """
    tried: inputs; caught: those that were accepted or refused as documented. It stops at the first
    finding of a target.
    """
    return in_parts({name: partial(one_target, name, state) for name in TARGETS}, progress, state)


def one_target(name: str, state: Path) -> Result:
    """The inputs of one target; a finding is kept beside the results."""
    try:
        outcomes = run_target(name, SLOW_RUNS.get(name, RUNS), SEED)
    except Finding as finding:
        (state / f"{name}.finding").write_bytes(finding.data)
        return {"tried": 1, "caught": 0, "finding": str(finding)}
    return {"tried": outcomes.total(), "caught": outcomes.total(), "outcomes": dict(outcomes)}
