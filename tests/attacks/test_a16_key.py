"""
A16, F3: a key is a function of circuit text and setup, of no witness; another key's proof is
refused (barretenberg, SP1).
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from attacks.kit_prover.liar import Liar
from attacks.kit_prover.mutants import outcome, sound
from attacks.kit_prover.targets import shows, small, told
from support.small import SMALL, committed

from algebra.native_backend import native
from prover.keys import ProvingKey

ROOT = Path(__file__).resolve().parent.parent.parent
REBUILT = """
import sys
sys.path[:0] = ["tests"]
from support.small import SMALL, committed
from algebra.native_backend import native
print(committed(SMALL[sys.argv[1]](), native()).key(native()).verifying.digest.hex())
"""


@pytest.mark.parametrize("name", ["range", "record"])
def test_another_process_makes_the_same_key(name: str) -> None:
    made = subprocess.run(
        [sys.executable, "-c", REBUILT, name], capture_output=True, text=True, check=True, cwd=ROOT,
        env={"PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert made.stdout.strip() == small(name)[1].verifying.digest.hex()


def test_a_witness_leaves_no_trace_in_the_key() -> None:
    made, key = small("bus")
    before = key.verifying.to_json()
    Liar().prove(key, made.witness, made.statement)
    fresh: ProvingKey = committed(SMALL["bus"](), native()).key(native())
    assert key.verifying.to_json() == before == fresh.verifying.to_json()


def test_look_alike_keys() -> None:
    """Each differs in one thing; the proof of one is no proof of the other."""
    key, statement, proof = told(Liar(), "bus")
    assert outcome(shows(key, statement, proof), sound()) == "accepted"
    points = [*key.fixed]
    for other in (
        replace(key, srs_id=key.srs_id ^ 1),
        replace(key, fixed=(*points[:-1], (1, 2))), replace(key, tau_g2=key.tau_g2[::-1]),
    ):  # fmt: skip
        assert other.digest != key.digest
        assert outcome(shows(other, statement, proof), sound()) != "accepted"
