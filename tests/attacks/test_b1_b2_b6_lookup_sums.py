"""
B1, B2, B6: what a sum of fractions proves only if it is small, its numerators are what they should
be, and no entry has two meanings. B1: on a toy prime a value outside the table passes once it is
asked for p times; our sums are far shorter than r.
"""

from __future__ import annotations

import pytest
from support.credential import LAYOUT, world
from support.small import SMALL

from algebra.interface import R
from circuits.credential.v2.layout import MAXIMUM_CLASS
from circuits.credential.v2.score import SCORE_TAG
from circuits.credential.v2.statement import credential_text
from circuits.credential.v2.trace import RANGE
from circuits.language.circuit import END_ROWS, FIRST, Circuit
from circuits.language.expression import CELL, NAMED, walk
from history.v2.metrics.score import STEPS
from tierproof.testing import get

TOY = 13


def toy_sum(queries: list[int], multiplicities: dict[int, int], beta: int) -> int:
    """sum 1/(beta + query) - sum m/(beta + entry) mod 13."""
    asked = sum(pow(beta + query, -1, TOY) for query in queries)
    return (
        asked - sum(m * pow(beta + entry, -1, TOY) for entry, m in multiplicities.items())
    ) % TOY


@pytest.mark.parametrize("beta", [1, 2, 3])
def test_b1_on_a_toy_prime(beta: int) -> None:
    table = {0: 0, 1: 0}
    assert toy_sum([5] * TOY, table, beta) == 0  # 5 is not in the table
    assert toy_sum([5] * (TOY - 1), table, beta) != 0


def lookups(circuit: Circuit) -> int:
    """Fractions of all rows."""
    return circuit.size * sum(len(helper.fractions) for helper in circuit.helpers)


def test_b1_sums_are_shorter_than_the_field() -> None:
    largest = lookups(credential_text(1 << MAXIMUM_CLASS))
    assert 0 < largest < 1 << 40 < R


@pytest.mark.parametrize(
    "circuit", [world().circuit, SMALL["range"]().circuit], ids=lambda c: c.name
)
def test_b2_only_the_table_is_counted_by_a_cell(circuit: Circuit) -> None:
    """
    A query's numerator is one, so none is dropped and none cancels another; the entry's is the
    multiplicity.
    """
    counted = 0
    for helper in circuit.helpers:
        for numerator, denominator in helper.fractions:
            if any(node.kind == NAMED and node.name == "beta" for node in walk([denominator])):
                cells = {
                    circuit.columns[n.place[0]].name for n in walk([numerator]) if n.kind == CELL
                }
                stages = {circuit.columns[circuit.index(name)].stage for name in cells}
                if FIRST in stages:
                    counted += 1
                    assert cells == {"multiplicity"}
                else:
                    assert cells == set() or all(
                        name.startswith(("is_", "grid_")) for name in cells
                    )
    assert counted == 1


def test_b6_no_entry_has_two_meanings() -> None:
    """
    A multiple of H that two windows have, 64 2^(6j) = 2^(6(j+1)), is one point; else no two entries
    share a part. Places of M26's scale are told from all by their tag.
    """
    circuit, points = world().circuit, len(world().table)
    names = [f"table{i}" for i in range(3)]
    rows = [
        tuple(get(circuit.fixed_values, name, row) for name in names) for row in range(circuit.size)
    ]
    entries, rest = rows[: RANGE + points], rows[RANGE + points :]
    scale, padding = rest[:STEPS], rest[STEPS:]
    different = set(entries)
    assert len(different) == RANGE + len(set(world().table))
    assert len({entry[0] for entry in different}) == len(different)
    assert set(padding) == {(0, 0, 0)} <= different
    assert len({place for place, _, _ in scale}) == STEPS
    assert max(third for _, _, third in entries) < SCORE_TAG <= min(last for _, _, last in scale)
    assert RANGE + points + STEPS <= circuit.size - END_ROWS and LAYOUT.n == circuit.size
