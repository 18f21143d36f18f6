"""
The real ceremony drives small circuits: imported with all checks, keyed, proven, verified, and kept
apart from others.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from support.small import SMALL, commit_small

from algebra.errors import Refused, TierproofError
from algebra.native_backend import native
from algebra.reference import reference
from circuits.credential.v2.statement import credential_text
from prover.keys import build_proving_key
from prover.prove import prove
from prover.setup import Setup, import_ceremony
from verifier.verify import verify

SLOTS = 4


@cache
def ceremony(path: Path) -> Setup:
    return import_ceremony(path, native())


@pytest.mark.parametrize("name", SMALL)
def test_small_circuits_on_the_real_ceremony(name: str, shared_data: Path) -> None:
    algebra, setup = native(), ceremony(shared_data / "srs" / "powersOfTau28_hez_final_11.ptau")
    assert setup.status == "ceremony hez_final" and setup.unsafe_tau is None
    small = SMALL[name]()
    if small.records is not None:
        commit_small(small, setup, algebra)
    key = build_proving_key(small.circuit, setup, SLOTS, algebra)
    assert key.verifying.setup_status == setup.status
    proof = prove(key, small.witness, small.statement, algebra=algebra)
    verify(key.verifying, small.statement, proof, algebra=algebra)
    verify(key.verifying, small.statement, proof, algebra=reference())
    with pytest.raises(TierproofError):
        verify(SMALL[name]().key(algebra).verifying, small.statement, proof, algebra=algebra)


def test_it_is_too_short_for_a_class(shared_data: Path) -> None:
    setup = ceremony(shared_data / "srs" / "powersOfTau28_hez_final_11.ptau")
    with pytest.raises(Refused) as error:
        build_proving_key(credential_text(8192), setup, SLOTS, native())
    assert error.value.code == "refused.setup"
