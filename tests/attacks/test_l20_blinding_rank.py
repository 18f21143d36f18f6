"""
L20, G1: a column shows no more values than it has random rows. Rank over Fr of the map from the
random rows of a column to all that a proof shows of it: packed commitment (tau^k), quotient (tau,
and omega tau for registers), values (xi, omega xi).
"""

from __future__ import annotations

import random

import numpy as np
import pytest
from support.blinding import blinder_matrix, points_shown, rows_of
from support.credential import CLASS, SLOTS, world

from algebra.interface import R
from circuits.language.circuit import BLINDING_ROWS, BLINDING_ROWS_UNROTATED, END_ROWS, FIXED
from circuits.language.packing import evaluations, packs


@pytest.mark.parametrize("slots", [1, 4, 8])
@pytest.mark.parametrize("rotated", [False, True])
def test_random_rows_and_values_shown(rotated: bool, slots: int) -> None:
    """
    Full rank: whatever the honest rows, any tuple of shown values comes from equally many choices
    of random rows.
    """
    source = random.Random(20)
    tau, xi = source.randrange(R), source.randrange(R)
    shown, count = points_shown(rotated, tau, xi, CLASS, slots), rows_of(rotated)
    distinct = len(
        set(shown)
    )  # without packing the commitment and the quotient show the same point
    assert distinct == len(shown) - (slots == 1) <= count
    assert (
        np.linalg.matrix_rank(blinder_matrix(CLASS, count, list(dict.fromkeys(shown)))) == distinct
    )


@pytest.mark.parametrize("rotated", [False, True])
def test_one_row_fewer_would_leak(rotated: bool) -> None:
    """
    The counts are the least that do: with packs, one random row fewer leaves a relation between
    shown values.
    """
    source = random.Random(21)
    shown = points_shown(rotated, source.randrange(R), source.randrange(R), CLASS, SLOTS)
    assert (
        np.linalg.matrix_rank(blinder_matrix(CLASS, rows_of(rotated) - 1, shown)) == len(shown) - 1
    )


def test_every_column_of_the_real_layout() -> None:
    """
    Registers are shown at two claimed points, all others at one; each register and no other column
    is in a rotated pack.
    """
    circuit = world().circuit
    claims: dict[str, int] = {}
    for name, _ in evaluations(circuit, SLOTS):
        claims[name] = claims.get(name, 0) + 1
    for pack in packs(circuit, SLOTS):
        if pack.stage == FIXED:
            continue
        for name in pack.names:
            assert claims[name] == (2 if pack.rotated else 1)
            # packed commitment, quotient (also at omega tau), claimed values
            shown = 1 + (2 if pack.rotated else 1) + claims[name]
            assert shown == (BLINDING_ROWS if pack.rotated else BLINDING_ROWS_UNROTATED)
    assert sorted(n for p in packs(circuit, SLOTS) if p.rotated for n in p.names) == [
        "running_sum",
        "slope",
        "sum",
        "v",
    ]


def test_the_random_rows_are_free() -> None:
    """
    No rule reads the last three rows of a column, nor the last five of a register: random cells
    there break nothing.
    """
    circuit = world().circuit
    for constraint in circuit.constraints:
        last = max(constraint.rows, default=0)
        if constraint.guard:
            assert constraint.guard in (BLINDING_ROWS_UNROTATED, END_ROWS)
        else:
            assert last < CLASS - BLINDING_ROWS, constraint.label
    assert END_ROWS == BLINDING_ROWS + 1


def test_the_record_column_has_one_blinder_and_is_not_opened() -> None:
    """
    R' = R + rho Z_H: its commitment is uniform, and no value of R' is claimed (it enters the
    opening combined with T).
    """
    circuit = world().circuit
    assert circuit.record_body is not None
    names = {name for name, _ in evaluations(circuit, SLOTS)}
    assert names == {column.name for column in circuit.columns}  # R' is no column
    tau = random.Random(22).randrange(R)
    assert (pow(tau, CLASS, R) - 1) % R  # rho moves C'
