"""
Each field of a proof: flip, zero, swap, + modulus, off curve, truncate, extend. The exact class and
code of the error, and never anything else, for the native algebra; the same on the reference for a
small circuit and a sample of the credential.
"""

from __future__ import annotations

from functools import cache

import pytest
from support.credential import ALL_METRICS, honest, world
from support.proof_fields import EQUATION, LENGTH, Field, fields_of, spoiled
from support.small import SMALL, committed

from algebra.errors import Malformed, Rejected, TierproofError
from algebra.interface import Algebra
from algebra.native_backend import native
from algebra.reference import reference
from prover.blinding import unsafe_seeded_blinding
from prover.prove import prove
from verifier.key import VerifyingKey
from verifier.proof import ProofShape, parse_proof
from verifier.verify import verify

Judged = tuple[VerifyingKey, tuple[int, ...], bytes]


@cache
def credential() -> Judged:
    found = honest(*ALL_METRICS)
    proof = prove(
        world().key,
        found.witness,
        found.statement,
        algebra=native(),
        blinding=unsafe_seeded_blinding(b"fields"),
    )
    return world().key.verifying, found.statement, proof


@cache
def small(name: str) -> Judged:
    made = committed(SMALL[name](), native())
    key = made.key(native())
    return key.verifying, made.statement, prove(key, made.witness, made.statement, algebra=native())


def shape_of(key: VerifyingKey) -> ProofShape:
    return ProofShape.of(key.circuit, key.slots)


def code(key: VerifyingKey, statement: tuple[int, ...], proof: bytes, algebra: Algebra) -> str:
    """Code of the error; anything that is no error of ours goes through and fails the test."""
    try:
        verify(key, statement, proof, algebra=algebra)
    except TierproofError as error:
        assert (
            type(error) is {"malformed": Malformed, "rejected": Rejected}[error.code.split(".")[0]]
        )
        return error.code
    return "accepted"


FIELDS = fields_of(ProofShape.of(world().circuit, world().key.verifying.slots))


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_each_field(field: Field) -> None:
    key, statement, proof = credential()
    neighbour = FIELDS[(FIELDS.index(field) + 1) % len(FIELDS)]
    for name, (changed, expected) in spoiled(field, proof, neighbour).items():
        assert changed != proof, name
        with pytest.raises((Malformed, Rejected)) as caught:
            verify(key, statement, changed, algebra=native())
        assert caught.value.code == expected, name
        if expected != EQUATION:
            assert caught.value.fields["part"] in (field.name, neighbour.name), name


def test_fields_cover_the_proof() -> None:
    key, _, proof = credential()
    assert sum(32 * field.words for field in FIELDS) == len(proof) == shape_of(key).length
    assert code(*credential(), native()) == "accepted"


def test_a_proof_has_one_encoding() -> None:
    key, _, proof = credential()
    assert parse_proof(proof, shape_of(key)).to_bytes() == proof


@pytest.mark.parametrize("name", [*SMALL, "credential"])
def test_truncate_and_extend(name: str) -> None:
    key, statement, proof = credential() if name == "credential" else small(name)
    lengths = [
        0,
        1,
        31,
        32,
        33,
        64,
        len(proof) // 2,
        len(proof) - 64,
        len(proof) - 32,
        len(proof) - 1,
    ]
    wrong = [proof[:length] for length in lengths] + [
        proof + bytes(extra) for extra in (1, 31, 32, 64, 1 << 16)
    ]
    wrong += [proof[32:], b"\0" + proof, proof + proof]
    for changed in wrong:
        with pytest.raises(Malformed) as caught:
            verify(key, statement, changed, algebra=native())
        assert caught.value.code == LENGTH
        assert (caught.value.fields["expected"], caught.value.fields["got"]) == (
            len(proof),
            len(changed),
        )


@pytest.mark.parametrize("name", SMALL)
def test_every_byte_of_a_small_proof(name: str) -> None:
    """One byte changed anywhere: refused, by an error of ours."""
    key, statement, proof = small(name)
    assert code(key, statement, proof, native()) == "accepted"
    for i in range(len(proof)):
        changed = proof[:i] + bytes([proof[i] ^ (1 << i % 8)]) + proof[i + 1 :]
        assert code(key, statement, changed, native()) in (
            "rejected.equation",
            "malformed.point",
            "malformed.scalar",
        )


def test_the_reference_says_the_same_of_a_small_circuit() -> None:
    key, statement, proof = small("recurrence")
    fields = fields_of(shape_of(key))
    for i, field in enumerate(fields):
        cases = spoiled(field, proof, fields[(i + 1) % len(fields)])
        tried = ["x + p", "negate"] if field.point else ["flip the lowest bit", "plus r"]
        for name in tried:
            changed, expected = cases[name]
            assert code(key, statement, changed, reference()) == expected, (field.name, name)


@pytest.mark.parametrize("name", ["record", "stage2[1]", "values[0]", "opening_fold"])
def test_the_reference_says_the_same_of_the_credential(name: str) -> None:
    key, statement, proof = credential()
    field = next(field for field in FIELDS if field.name == name)
    for what in ("negate", "zero") if field.point else ("flip the lowest bit", "plus r"):
        changed, expected = spoiled(field, proof, field)[what]
        assert code(key, statement, changed, reference()) == expected, what


def test_a_proof_of_another_circuit_or_key() -> None:
    """One length, another key: the digest starts the transcript."""
    key, statement, proof = small("recurrence")
    other_key, other_statement, other_proof = small("bus")
    assert code(other_key, other_statement, proof, native()) == LENGTH
    changed = VerifyingKey(key.circuit, key.slots, key.srs_id + 1, key.tau_g2, key.fixed)
    assert code(changed, statement, proof, native()) == EQUATION
    fixed = VerifyingKey(key.circuit, key.slots, key.srs_id, key.tau_g2, ((1, 2), *key.fixed[1:]))
    assert code(fixed, statement, proof, native()) == EQUATION
    assert code(other_key, other_statement, other_proof, native()) == "accepted"
