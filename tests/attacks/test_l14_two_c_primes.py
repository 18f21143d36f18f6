"""
L14: the circuit's C' differs from the opened one. Stopped because both are the same words of the
proof.
"""

from __future__ import annotations

import pytest
from support.credential import RHO, honest, poor_and_rich, world
from support.forge import point

from algebra.errors import Rejected
from algebra.interface import Point
from algebra.native_backend import native
from prover.prove import prove
from verifier.verify import verify


def test_another_c_prime_in_the_trace() -> None:
    """
    A trace made for one C', checked against another: both coordinates of the start fail, and the
    inverses of the differences from its abscissa.
    """
    other = point(native().scale_points([honest().leaf.commitment, world().h], [1, RHO + 1]))
    witness = honest().witness
    first = witness.stage1(honest().record, RHO)

    class Fixed:
        record_commitment: Point = honest().leaf.commitment

        def stage1(self, record: object, rho: int) -> object:
            return first

        stage2 = staticmethod(witness.stage2)

    assert honest().labels(Fixed(), record=other) == {
        "link.start.x",
        "link.start.y",
        "link.xT.apart",
    }


@pytest.fixture(scope="module")
def proof() -> bytes:
    """Of the rich log."""
    _, rich = poor_and_rich()
    return prove(world().key, rich.witness, rich.statement, algebra=native())


@pytest.mark.parametrize("which", ["re-blinded", "plus G", "the rich log's", "C itself"])
def test_another_c_prime_in_the_proof(which: str, proof: bytes) -> None:
    """
    Replaced after the fact: the equation fails, for every step of the transcript depends on it.
    """
    algebra, (poor, rich) = native(), poor_and_rich()
    key, found = world().key, rich
    given = (int.from_bytes(proof[:32], "big"), int.from_bytes(proof[32:64], "big"))
    other = point(
        {
            "re-blinded": algebra.add_points([given, world().h]),
            "plus G": algebra.add_points([given, (1, 2)]),
            "the rich log's": poor.record,
            "C itself": found.leaf.commitment,
        }[which]
    )
    changed = other[0].to_bytes(32, "big") + other[1].to_bytes(32, "big") + proof[64:]
    with pytest.raises(Rejected) as caught:
        verify(key.verifying, found.statement, changed, algebra=algebra)
    assert caught.value.code == "rejected.equation"
