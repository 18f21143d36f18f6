"""
L18: errors of two identities that cancel in the weighted sum (gnark 1760). Stopped by weights five
powers apart.
"""

from __future__ import annotations

from itertools import pairwise

import pytest
from support.credential import RHO, honest
from support.forge import Forger, forger, link_registers, link_row

from algebra.interface import R
from circuits.credential.v2.link import P_GROUPS
from prover.witness.v2.cells import Cells

# (place of one error), (place of the other): same cell of two identities, and the same power of
# kappa in one identity
PAIRS = [
    (("q1", 5, 0), ("q2", 5, 0)),
    (("q2", 5, 3), ("q1", 6, 3)),
    (("q1", 5, 0), ("q1", 6, 0)),
    (("q2", 42, 1), ("q3", 0, 1)),
    (("c1a", 9, 0), ("c2a", 9, 0)),
    (("c2b", 9, 8), ("c1a", 10, 0)),
    (("c1a", 3, 8), ("c1b", 3, 0)),
    (("c1b", 3, 8), ("c2a", 3, 0)),
    (("c2b", 42, 8), ("c3a", 0, 0)),
]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_two_errors(one: tuple[str, int, int], other: tuple[str, int, int]) -> None:
    def alter(cells: Cells, _: Forger) -> None:
        for sign, (kind, addition, limb) in ((1, one), (-1, other)):
            cells.limbs[limb, link_row(kind, addition)] += sign

    assert "link.ye.final_sum" in honest().labels(forger(honest(), alter), only=("link.",))


KAPPA = 3
"""Small, so that a power of it can be read off."""


def final_sum(change: tuple[str, int, int] | None) -> int:
    """What the rule link.ye.final_sum compares with zero, registers made for the changed cells."""
    witness = forger(honest())
    witness.stage1(honest().record, RHO)
    cells, row = witness.cells, link_row("ye")
    if change:
        cells.limbs[change[2], link_row(change[0], change[1])] += 1
    total = link_registers(cells, KAPPA, honest().record)["sum"][row]
    return (total - cells.get_limbs(row, 0, 8) - KAPPA * cells.get_limbs(row, 8, 8)) % R


def test_weights_are_five_powers_apart() -> None:
    """
    The weight of each identity, from how far one unit of its quotient moves the final sum: all of
    the last two blocks.
    """
    assert final_sum(None) == 0
    phi = sum(part * KAPPA**i for i, part in enumerate(P_GROUPS))
    powers = []
    for change in [("q1", 41, 0), ("q2", 41, 0), ("q1", 42, 0), ("q2", 42, 0), ("q3", 0, 0)]:
        moved = -final_sum(change) * pow(phi, -1, R) % R
        powers.append(next(i for i in range(100) if pow(KAPPA, i, R) == moved))
    assert powers[-1] == 0
    ordered = sorted(powers)
    assert all(b - a >= 5 for a, b in pairwise(ordered)), powers
