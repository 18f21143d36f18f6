"""
L19: rho short, biased, or reused (gnark CVE-2024-45040). Stopped by the system's randomness, by
rejection, once a proof.
"""

from __future__ import annotations

import inspect
import secrets

import pytest
from support.credential import honest, world

from algebra.interface import R
from algebra.native_backend import native
from prover.blinding import os_blinding, unsafe_seeded_blinding
from prover.credential import prove_credential
from prover.prove import prove
from verifier.proof import ProofShape, parse_proof
from verifier.verify import verify


@pytest.mark.parametrize("function", [prove, prove_credential])
def test_production_draws_from_the_system(function: object) -> None:
    assert inspect.signature(function).parameters["blinding"].default is os_blinding  # type: ignore[arg-type]


def test_by_rejection_below_r(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    One call of the system's own uniform sampler with the exact bound; no reduction of raw bits.
    """
    bounds: list[int] = []

    def randbelow(bound: int) -> int:
        bounds.append(bound)
        return 7

    monkeypatch.setattr(secrets, "randbelow", randbelow)
    assert os_blinding() == 7 and bounds == [R]


def test_two_proofs_share_nothing() -> None:
    key, found, shape = (
        world().key,
        honest(),
        ProofShape.of(world().circuit, world().key.verifying.slots),
    )
    proofs = [prove(key, found.witness, found.statement, algebra=native()) for _ in range(2)]
    seen: list[set[object]] = []
    for proof in proofs:
        verify(key.verifying, found.statement, proof, algebra=native())
        parsed = parse_proof(proof, shape)
        points = (
            parsed.record,
            *parsed.stage1,
            *parsed.stage2,
            parsed.quotient,
            parsed.opening,
            parsed.opening_fold,
        )
        assert len(set(points)) == len(points) and len(set(parsed.values)) >= len(parsed.values) - 1
        seen.append({*points, *parsed.values})
    shared = seen[0] & seen[1]
    assert shared == set()


def test_seeded_streams_repeat_and_differ() -> None:
    """For tests only, and named so."""
    draws = [
        [stream() for _ in range(20)] for stream in map(unsafe_seeded_blinding, (b"a", b"a", b"b"))
    ]
    assert draws[0] == draws[1] and not set(draws[0]) & set(draws[2])
    assert all(0 <= value < R for value in draws[0]) and len(set(draws[0])) == 20
    # 254 bits before rejection: the top one is used
    assert max(draws[0]).bit_length() >= 253
