"""
D8: the contract, the native verifier and the independent one (galois, py_ecc) say the same of
changed proofs.
"""

from __future__ import annotations

import pytest
from attacks.campaigns.verifier import agreement, changed, fast_chain, stock, summed, verifiers
from support.credential import world_of

pytestmark = pytest.mark.evm

SAMPLE, BATCHES = 200, 2


def test_three_verifiers_agree() -> None:
    honest, proofs = stock(world_of(b"tierproof dev"), 2)
    with fast_chain() as chain:
        done = dict(agreement(verifiers(honest.key, chain), changed(honest, proofs, SAMPLE)))
    found = summed(done.values())
    assert found["failures"] == [] and found["proofs"] == SAMPLE and len(done) == BATCHES
    assert {"BadLength", "BadStatement", "BadScalar", "BadPoint", "NotAccepted"} <= set(
        found["counts"]
    )
    assert (
        found["counts"]["independent, equation"] == 2 * BATCHES
        and found["counts"]["embedded"] == BATCHES
    )
    assert found["counts"]["independent, malformed"] > SAMPLE // 4
