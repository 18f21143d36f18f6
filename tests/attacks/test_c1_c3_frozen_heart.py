"""
C1, C3: Frozen Heart and its kin, an item that the verifier reads and the transcript misses (Solana
c_max_proof, Plonky3 "observe openings", barretenberg 1381). Without the item a forgery passes;
every bit of every item moves what follows.
"""

from __future__ import annotations

from functools import cache

import pytest
from attacks.campaigns.transcript import (
    AFTER_THE_LAST,
    contract_steps,
    judged,
    keys,
    recorded,
    sensitivity,
    transcript_parts,
    unabsorbed,
    untrue,
)
from attacks.kit_prover.equation import equation
from attacks.kit_prover.judging import judge
from support.small import SMALL

from algebra.transcript import label_list
from contracts.generator import generate

ACCEPTED = cache(lambda: dict(judged()))
"""An accepted proof of every circuit, by name: made when it is first asked for."""
NAMES = (*SMALL, "credential")
BITS = (0, 100, 255)


@pytest.mark.parametrize(
    "name", [name for name in transcript_parts() if not name.startswith(("opening", "y "))]
)
def test_an_item_left_out(name: str) -> None:
    verdict = judge(name, *equation()[name])
    assert verdict.caught, verdict


@pytest.mark.parametrize("name", NAMES)
def test_the_transcript_takes_in_all_that_is_read(name: str) -> None:
    assert unabsorbed(recorded(*ACCEPTED()[name])) == [AFTER_THE_LAST]


@pytest.mark.parametrize("name", NAMES)
def test_each_item_moves_what_follows(name: str) -> None:
    key, statement, proof = ACCEPTED()[name]
    results = dict(sensitivity(key, recorded(key, statement, proof).log, BITS))
    assert len(results) == len(BITS) * (len(statement) + len(proof) // 32 - 2 + 1)
    assert [bit for bit, right in results.items() if not right] == []


def test_a_prover_with_another_transcript() -> None:
    assert {cheat: said for cheat, said in untrue() if said != "rejected.equation"} == {}


def test_contracts_walk_the_same_list() -> None:
    for name, key in keys():
        assert contract_steps(generate(key, "Listed")) == list(
            label_list(key.circuit.challenges)
        ), name
