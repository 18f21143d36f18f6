"""
L13: C' = (0, 0), a coordinate of p or more, limbs of C' given by the caller. Stopped by parser and
`derive`.
"""

from __future__ import annotations

from functools import cache

import pytest
from support.credential import honest, world

from algebra.errors import Malformed
from algebra.interface import P
from algebra.native_backend import native
from circuits.credential.v2.statement import POINT_PARTS
from prover.prove import prove
from verifier.loader import StatementReader
from verifier.verify import verify


@cache
def proof() -> bytes:
    return prove(world().key, honest().witness, honest().statement, algebra=native())


def with_record(x: int, y: int) -> bytes:
    return x.to_bytes(32, "big") + y.to_bytes(32, "big") + proof()[64:]


def test_the_proof_itself_is_accepted() -> None:
    verify(world().key.verifying, honest().statement, proof(), algebra=native())


@pytest.mark.parametrize(
    "case", ["zero", "x of p", "x + p", "y + p", "y of p", "all ones", "off curve"]
)
def test_c_prime_that_is_no_point(case: str) -> None:
    x, y = (int.from_bytes(proof()[i : i + 32], "big") for i in (0, 32))
    changed = {
        "zero": (0, 0),
        "x of p": (P, y),
        "x + p": (x + P, y),
        "y + p": (x, y + P),
        "y of p": (x, P),
        "all ones": (2**256 - 1, 2**256 - 1),
        "off curve": (x, y ^ 1),
    }[case]
    with pytest.raises(Malformed) as caught:
        verify(world().key.verifying, honest().statement, with_record(*changed), algebra=native())
    assert (caught.value.code, caught.value.fields["part"]) == ("malformed.point", "record")


def test_limbs_come_from_the_words() -> None:
    """
    The caller has no place for limbs: eleven words, and every scalar of C' is cut from the proof's
    own point.
    """
    circuit, (x, y) = world().circuit, honest().record
    assert circuit.derive is not None and len(circuit.statement) == 11
    scalars = circuit.derive(StatementReader(), honest().statement, (x, y))
    for i, (shift, width) in enumerate(POINT_PARTS):
        assert scalars[f"x{i}"].number == x >> shift & (1 << width) - 1
        assert scalars[f"y{i}"].number == y >> shift & (1 << width) - 1
    assert sum(scalars[f"x{i}"].number << shift for i, (shift, _) in enumerate(POINT_PARTS)) == x
    with pytest.raises(Malformed) as caught:
        verify(world().key.verifying, [*honest().statement, x, y], proof(), algebra=native())
    assert caught.value.code == "malformed.statement"
