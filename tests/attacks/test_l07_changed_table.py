"""
L7: a key whose point table holds one entry more than multiples of H. With such a key the attack
succeeds; an honest verifier makes the key from the setup, finds another digest, and refuses.
"""

from __future__ import annotations

from functools import cache

import pytest
from support.credential import CLASS, LAYOUT, SIZE_CLASS, SLOTS, poor_and_rich, world
from support.forge import Forger, Step, chain, point, shown, with_records

from algebra.errors import Malformed, Rejected
from algebra.interface import P, R
from algebra.native_backend import native
from circuits.credential.v2.link import window_digits
from circuits.credential.v2.statement import (
    NAME,
    STATEMENT,
    credential,
    credential_circuit,
    derive,
    shared_table,
)
from circuits.language.circuit import Circuit
from circuits.versions import known_circuit
from history.v2.leaf_words import leaf_header
from prover.blinding import Blinding, unsafe_seeded_blinding
from prover.keys import ProvingKey, build_proving_key
from prover.prove import prove
from prover.witness.v2.cells import Cells
from tierproof.testing import labels, trace_failures
from verifier.key import VerifyingKey
from verifier.verify import verify


@cache
def bridge() -> tuple[int, int]:
    """C of the poor log less C of the rich one."""
    poor, rich = poor_and_rich()
    x, y = rich.leaf.commitment
    return point(native().add_points([poor.leaf.commitment, (x, -y % P)]))


@cache
def forged_key() -> ProvingKey:
    """
    The key of a table whose last entry, which no honest proof of this test uses, is replaced by T_j
    + bridge.
    """
    home = world()
    table = list(home.table)
    table[-1] = point(native().add_points([table[-64], bridge()]))
    circuit = Circuit(NAME, CLASS, statement=STATEMENT, derive=derive)
    credential(circuit, LAYOUT)
    shared_table(circuit, table)
    circuit.set_fixed("c0", LAYOUT.permutation(2), leaf_header(SIZE_CLASS, home.setup.srs_id))
    return build_proving_key(circuit, home.setup, SLOTS, native())


def attack() -> Forger:
    """
    The honest chain, but the last window's digit 0 is taken from the forged entry: it lands on the
    poor log's C.
    """
    poor, rich = poor_and_rich()

    def alter(cells: Cells, prover: Forger) -> None:
        picked = [prover.table[i] for i in prover.picks]
        first = (len(prover.table) - 64) // 64
        rest = [p for j, p in enumerate(picked) if j != first]
        last = point(native().add_points([picked[first], bridge()]))
        assert chain(cells, prover.start, [Step(p) for p in [*rest, last]]) == poor.leaf.commitment

    forged = with_records(poor, rich)
    forged.alter = alter
    return forged


def test_the_honest_table_refuses_it() -> None:
    poor, _ = poor_and_rich()
    forged = attack()
    assert poor.labels(forged, **shown(poor, forged)) == {"link.point", "sum.end"}


def test_under_the_forged_table_it_would_pass() -> None:
    """
    So the soundness of the link rests on the table; a forger may choose rho so that its last digit
    is 0.
    """
    poor, _ = poor_and_rich()
    key, forged, rho = forged_key(), attack(), rho_with_last_digit(0)
    forged_pick(forged)
    given = shown(poor, forged, rho=rho)
    assert labels(trace_failures(key.circuit, forged, poor.statement, **given)) == frozenset()
    proof = prove(key, forged, poor.statement, algebra=native(), blinding=chosen(rho))
    verify(key.verifying, poor.statement, proof, algebra=native())
    with pytest.raises(Rejected):
        verify(world().key.verifying, poor.statement, proof, algebra=native())


def forged_pick(forged: Forger) -> None:
    """The multiplicity goes to the forged entry."""
    inner = forged.alter

    def alter(cells: Cells, prover: Forger) -> None:
        inner(cells, prover)
        prover.picks = [*prover.picks[:-1], len(prover.table) - 1]

    forged.alter = alter


def rho_with_last_digit(digit: int) -> int:
    """A blinder whose last window is as asked."""
    for i in range(1, 10**6):
        rho = i * (R // 1001) % R
        if window_digits(rho)[-1] % 64 == digit:
            return rho
    raise ValueError("no such blinder")


def chosen(rho: int) -> Blinding:
    rest, first = unsafe_seeded_blinding(b"l7"), [rho]
    return lambda: first.pop() if first else rest()


def test_an_honest_verifier_finds_another_key() -> None:
    home = world()
    assert forged_key().verifying.digest != home.key.verifying.digest
    again = build_proving_key(
        credential_circuit(CLASS, home.h, home.setup.srs_id), home.setup, SLOTS, native()
    )
    assert again.verifying.digest == home.key.verifying.digest


def test_a_key_file_with_the_forged_table_under_the_honest_digest() -> None:
    data = forged_key().verifying.to_json() | {"digest": world().key.verifying.digest.hex()}
    with pytest.raises(Malformed) as caught:
        VerifyingKey.from_json(data, known_circuit, native())
    assert caught.value.code == "malformed.key"
