"""
L8: H of class n/2 in the table of class n: odd rows shift by -2 rho. Stopped by one table for each
class.
"""

from __future__ import annotations

from support.credential import CLASS, poor_and_rich, world
from support.forge import Forger, forger, point

from algebra.interface import R, root_of_unity
from algebra.native_backend import native
from circuits.credential.v2.link import window_table
from circuits.credential.v2.trace import RANGE, point_entry
from prover.keys import vanishing_point
from prover.witness.v2.cells import Cells
from prover.witness.v2.link import fill_link
from tierproof.testing import assert_rejected, get


def half() -> tuple[int, int]:
    return point(vanishing_point(world().setup, CLASS // 2, native()))


def test_the_shift_is_real() -> None:
    """Z of class n/2 on the domain of class n: 0 on even rows, -2 on odd ones."""
    omega = root_of_unity(CLASS)
    assert [(pow(omega, i * CLASS // 2, R) - 1) % R for i in range(4)] == [0, R - 2, 0, R - 2]


def test_points_of_half_the_class_are_in_no_table() -> None:
    _, rich = poor_and_rich()
    table = window_table(half())

    def alter(cells: Cells, prover: Forger) -> None:
        fill_link(cells, prover.layout, prover.start, [table[i] for i in prover.picks])

    forged = forger(rich, alter)
    # the chain of multiples of the other H ends at another point, which the leaf does not hold
    assert rich.labels(forged, only=("link.", "sum.")) == {"link.point", "sum.end"}
    assert_rejected(world().key, forged, rich.statement, native())


def test_the_key_holds_the_table_of_its_class() -> None:
    table = world().circuit.fixed_values
    entry = [get(table, f"table{i}", RANGE) for i in range(3)]
    assert (
        entry
        == point_entry(point(vanishing_point(world().setup, CLASS, native())))
        != point_entry(half())
    )
