"""
L1: one limb, carry or quotient cell of the link changed, registers recomputed. Stopped by the final
sum.
"""

from __future__ import annotations

import pytest
from support.credential import honest, world
from support.forge import Forger, forger, link_row

from algebra.native_backend import native
from prover.witness.v2.cells import Cells
from tierproof.testing import assert_rejected

# kind of row, addition, limb; cells of every row kind that belongs to no looked-up point and no
# word of C
CELLS = [
    ("lam", 0, 0),
    ("lam", 42, 9),
    ("t0", 7, 3),
    ("t1", 3, 6),
    ("t1", 3, 12),
    ("t1", 3, 14),
    ("q1", 0, 15),
    ("c1a", 11, 0),
    ("c1a", 11, 8),
    ("c1b", 20, 7),
    ("c1b", 20, 15),
    ("q2", 42, 1),
    ("c2a", 30, 4),
    ("c2b", 41, 12),
    ("t2", 8, 0),
    ("t2", 8, 7),
    ("t2", 8, 13),
    ("x", 0, 0),
    ("x", 25, 15),
    ("q3", 0, 2),
    ("c3a", 0, 3),
    ("c3b", 0, 11),
    ("t3", 0, 8),
    ("t3", 0, 12),
]
LINK = ("link.",)


def changed(kind: str, addition: int, limb: int) -> Forger:
    def alter(cells: Cells, _: Forger) -> None:
        cells.limbs[limb, link_row(kind, addition)] = (
            cells.limbs[limb, link_row(kind, addition)] + 1
        ) % 4096

    return forger(honest(), alter)


@pytest.mark.parametrize(("kind", "addition", "limb"), CELLS)
def test_one_cell(kind: str, addition: int, limb: int) -> None:
    assert honest().labels(changed(kind, addition, limb), only=LINK) == {"link.ye.final_sum"}


@pytest.mark.parametrize(("kind", "limb"), [("t0", 6), ("xT", 5), ("yT", 0), ("t1", 2)])
def test_one_cell_of_a_point(kind: str, limb: int) -> None:
    """These also differ from the cells that are looked up in the point table."""
    found = honest().labels(changed(kind, 9, limb), only=(*LINK, "sum.end"))
    of_abscissa = {"link.xT.apart"} if kind in ("t0", "xT") else set()
    assert found == {"link.ye.final_sum", "link.t1.point"} | of_abscissa


def test_one_cell_of_the_end() -> None:
    """The last ordinate: also another word of C."""
    assert honest().labels(changed("ye", 0, 3), only=LINK) == {
        "link.ye.final_sum",
        "link.done2.word2",
    }


def test_nothing_else_fails_and_no_proof() -> None:
    forged = changed("c2a", 30, 4)
    assert honest().labels(forged) == {"link.ye.final_sum"}
    assert_rejected(world().key, forged, honest().statement, native())
