"""
The prover: the same bytes on both algebras, one length for all histories, as many blinders as
values shown.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.credential import (
    ALL_METRICS,
    LAYOUT,
    SLOTS,
    case,
    fill,
    honest,
    thresholds,
    week,
    world,
)
from support.small import SMALL, committed

from algebra.interface import Algebra
from algebra.native_backend import native
from algebra.reference import reference
from circuits.language.circuit import BLINDING_ROWS, BLINDING_ROWS_UNROTATED, FIRST, SECOND
from prover.blinding import Blinding, unsafe_seeded_blinding
from prover.keys import build_proving_key, powers_needed
from prover.prove import prove
from prover.setup import unsafe_dev_setup
from verifier.proof import ProofShape
from verifier.verify import verify


def small_proof(name: str, algebra: Algebra) -> bytes:
    small = committed(SMALL[name](), algebra)
    proof = prove(
        small.key(algebra),
        small.witness,
        small.statement,
        algebra=algebra,
        blinding=unsafe_seeded_blinding(b"same"),
    )
    verify(small.key(algebra).verifying, small.statement, proof, algebra=algebra)
    return proof


@pytest.mark.parametrize("name", SMALL)
def test_same_bytes_on_both_algebras(name: str) -> None:
    assert small_proof(name, native()) == small_proof(name, reference())


@pytest.mark.parametrize("name", SMALL)
def test_reference_verifies_what_native_proves(name: str) -> None:
    small = committed(SMALL[name](), native())
    key = small.key(native())
    proof = prove(key, small.witness, small.statement, algebra=native())
    verify(small.key(reference()).verifying, small.statement, proof, algebra=reference())
    assert small.key(reference()).verifying.digest == key.verifying.digest


@pytest.mark.slow
def test_same_bytes_for_the_credential() -> None:
    """The whole circuit in plain Python: a minute and a half on one core."""
    proofs = []
    for algebra in (native(), reference()):
        setup = unsafe_dev_setup(powers_needed(LAYOUT.n, SLOTS), algebra, b"tests")
        key = build_proving_key(world().circuit, setup, SLOTS, algebra)
        found = honest(*ALL_METRICS)
        proofs.append(
            prove(
                key,
                found.witness,
                found.statement,
                algebra=algebra,
                blinding=unsafe_seeded_blinding(b"same"),
            )
        )
        verify(key.verifying, found.statement, proofs[-1], algebra=algebra)
    assert proofs[0] == proofs[1]


def test_the_reference_verifies_a_credential() -> None:
    """`--independent`: no line of native code decides."""
    found = honest(*ALL_METRICS)
    proof = prove(world().key, found.witness, found.statement, algebra=native())
    verify(world().key.verifying, found.statement, proof, algebra=reference())


def test_one_length_for_all_histories() -> None:
    shape = ProofShape.of(world().circuit, SLOTS)
    few = case(
        week()[:6] + [row for row in week() if row.day > 0 and row.kind & 8],
        7,
        100_000,
        thresholds(),
    )
    many = case([*week(), *(fill(i % 7, 1) for i in range(3000))], 7, 100_000, thresholds([10, 13]))
    assert len(few.records) < 20 and len(many.records) > 3000
    for found in (few, many):
        proof = prove(world().key, found.witness, found.statement, algebra=native())
        assert len(proof) == shape.length
        verify(world().key.verifying, found.statement, proof, algebra=native())


def test_seeded_proofs_repeat() -> None:
    found = honest(10)
    runs = [
        prove(
            world().key,
            found.witness,
            found.statement,
            algebra=native(),
            blinding=unsafe_seeded_blinding(seed),
        )
        for seed in (b"1", b"1")
    ]
    assert runs[0] == runs[1]


def counting(seed: bytes) -> tuple[Blinding, list[int]]:
    drawn: list[int] = []
    stream = unsafe_seeded_blinding(seed)

    def draw() -> int:
        drawn.append(stream())
        return drawn[-1]

    return draw, drawn


def draws_of(circuit: object, has_record: bool) -> int:
    names: Callable[..., list[str]] = circuit.names  # type: ignore[attr-defined]
    columns = len(names(FIRST)) + len(names(SECOND, rotated=False))
    return (
        has_record
        + BLINDING_ROWS_UNROTATED * columns
        + BLINDING_ROWS * len(names(SECOND, rotated=True))
    )


@pytest.mark.parametrize("name", SMALL)
def test_number_of_blinders(name: str) -> None:
    small = committed(SMALL[name](), native())
    draw, drawn = counting(b"count")
    prove(small.key(native()), small.witness, small.statement, algebra=native(), blinding=draw)
    assert len(drawn) == draws_of(small.circuit, small.records is not None)


def test_number_of_blinders_of_the_credential() -> None:
    """1 for C', 3 for each of 30 stage-1 and 7 helper columns, 5 for each of 4 registers."""
    draw, drawn = counting(b"count")
    prove(world().key, honest().witness, honest().statement, algebra=native(), blinding=draw)
    assert len(drawn) == draws_of(world().circuit, True) == 1 + 3 * (30 + 7) + 5 * 4
    assert len(set(drawn)) == len(drawn)


def test_each_blinder_matters() -> None:
    """Changing any one draw changes the proof: none is drawn and dropped."""
    small = committed(SMALL["record"](), native())
    key, total = small.key(native()), draws_of(small.circuit, True)

    def with_change(index: int) -> bytes:
        stream, count = unsafe_seeded_blinding(b"each"), iter(range(10**6))
        return prove(
            key, small.witness, small.statement, algebra=native(),
            blinding=lambda: stream() + (next(count) == index),
        )  # fmt: skip

    honest_proof = with_change(-1)
    assert all(with_change(index) != honest_proof for index in range(total))
