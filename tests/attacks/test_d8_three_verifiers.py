"""D8: the contract, the native verifier and the independent one (galois, py_ecc) say the same of changed proofs."""

from __future__ import annotations

import pytest
from attacks.campaigns.verifier import CONTRACT, agreement, fast_chain, stock
from support.credential import world_of
from verifier_world import Deployed

from contracts.artifact import load_artifact

pytestmark = pytest.mark.evm

SAMPLE, PAIRINGS = 200, 4


def test_three_verifiers_agree() -> None:
    honest, proofs = stock(world_of(b"tierproof dev"), 2)
    with fast_chain() as chain:
        found = agreement(honest, proofs, Deployed.put(chain, load_artifact(CONTRACT)), SAMPLE, PAIRINGS)
    assert found.failures == []
    assert {"BadLength", "BadStatement", "BadScalar", "BadPoint", "NotAccepted"} <= set(found.counts)
    assert found.counts["independent, equation"] == PAIRINGS and found.counts["independent, malformed"] > SAMPLE // 4
    assert sum(n for name, n in found.counts.items() if not name.startswith("independent")) == SAMPLE
