"""
L4: another x3, its quotient and carries solved modulo r only. Stopped by the width of the carries.
"""

from __future__ import annotations

import pytest
from support.credential import poor_and_rich, world
from support.forge import Forger, Step, chain, forger, link_row, shown, with_records

from algebra.interface import P
from algebra.native_backend import native
from circuits.credential.v2.link import TOP
from circuits.credential.v2.trace import LIMBS
from prover.witness.v2.cells import Cells
from tierproof.testing import assert_rejected


def wrong_step(addition: int, add: int) -> Forger:
    """The honest chain but for one abscissa; everything after it follows from the wrong point."""
    _, rich = poor_and_rich()

    def alter(cells: Cells, prover: Forger) -> None:
        steps = [Step(prover.table[i]) for i in prover.picks]
        x3 = cells.get_limbs(link_row("x", addition), 0, LIMBS)
        x3 += cells.get_limbs(link_row("t2", addition), 0, TOP) << 192
        steps[addition].x = (x3 + add) % P
        chain(cells, prover.start, steps)

    return forger(rich, alter)


@pytest.mark.parametrize("addition", [0, 21, 42])
def test_solved_mod_r(addition: int) -> None:
    _, rich = poor_and_rich()
    found = rich.labels(wrong_step(addition, 1))
    # every rule of the link holds; the ninth limbs, and the last of e3, are not of twelve bits
    assert found == {"range.limb12", "range.limb13", "range.limb14", "range.limb15", "sum.end"}


def test_towards_another_commitment() -> None:
    """The attack itself: rich records, poor leaf, the last x3 that of the leaf's C."""
    poor, rich = poor_and_rich()

    def alter(cells: Cells, prover: Forger) -> None:
        steps = [Step(prover.table[i]) for i in prover.picks]
        steps[-1].x = poor.leaf.commitment[0]
        chain(cells, prover.start, steps)

    forged = with_records(poor, rich)
    forged.alter = alter
    found = poor.labels(forged, **shown(poor, forged))
    assert {"range.limb12", "range.limb13", "range.limb14", "sum.end"} <= found
    assert all(label.startswith(("range.", "sum.")) for label in found)
    assert_rejected(world().key, forged, poor.statement, native())
