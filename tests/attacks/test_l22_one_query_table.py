"""
L22: one column queried twice at one point, one value ignored (halo2 query collision). Stopped by
one table of queries.
"""

from __future__ import annotations

import pytest
from support.credential import world
from support.small import SMALL

from circuits.language.circuit import Circuit
from circuits.language.expression import CELL, walk
from circuits.language.packing import evaluations, packs
from verifier.proof import ProofShape


def circuits() -> dict[str, Circuit]:
    return {"credential": world().circuit, **{name: make().circuit for name, make in SMALL.items()}}


@pytest.mark.parametrize("slots", [1, 4, 16])
@pytest.mark.parametrize("name", ["credential", *SMALL])
def test_no_query_twice_none_missing(name: str, slots: int) -> None:
    circuit = circuits()[name]
    table = evaluations(circuit, slots)
    assert len(set(table)) == len(table)
    # each column at xi, each register at omega xi too, and nothing else
    rotated = {c.name for c in circuit.columns if c.rotated}
    assert set(table) == {(c.name, 0) for c in circuit.columns} | {(name_, 1) for name_ in rotated}
    # every cell that a constraint reads has a value
    read = {
        node.place
        for node in walk([c.selector * c.body for c in circuit.constraints])
        if node.kind == CELL
    }
    assert {(circuit.columns[column].name, rotation) for column, rotation in read} <= set(table)
    assert ProofShape.of(circuit, slots).values == len(table)


@pytest.mark.parametrize("slots", [1, 4, 16])
@pytest.mark.parametrize("name", ["credential", *SMALL])
def test_every_column_is_in_one_pack(name: str, slots: int) -> None:
    circuit = circuits()[name]
    names = [name_ for pack in packs(circuit, slots) for name_ in pack.names]
    assert sorted(names) == sorted(c.name for c in circuit.columns)
    rotated = {c.name: c.rotated for c in circuit.columns}
    stage = {c.name: c.stage for c in circuit.columns}
    for pack in packs(circuit, slots):
        assert 1 <= len(pack.names) <= slots
        assert {(rotated[name_], stage[name_]) for name_ in pack.names} == {
            (pack.rotated, pack.stage)
        }
