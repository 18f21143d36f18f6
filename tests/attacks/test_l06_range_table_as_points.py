"""
L6: T = (7, 0) through the range table, T = (0, 0) through the table's padding. Stopped by the tag
of point entries.
"""

from __future__ import annotations

import pytest
from support.credential import honest, world
from support.forge import Forger, Step, chain, forger

from circuits.credential.v2.trace import POINT_TAG, RANGE, point_entry
from history.v2.metrics.score import STEPS
from prover.witness.v2.cells import Cells
from tierproof.testing import get


def through(point: tuple[int, int]) -> Forger:
    def alter(cells: Cells, prover: Forger) -> None:
        chain(
            cells, prover.start, [Step(prover.table[i]) for i in prover.picks[:-1]] + [Step(point)]
        )

    return forger(honest(), alter)


@pytest.mark.parametrize("point", [(7, 0), (4095, 0), (0, 0)])
def test_range_entries_are_no_points(point: tuple[int, int]) -> None:
    """The chain holds with it; it ends elsewhere, which no lookup cares about."""
    found = honest().labels(through(point), only=("link.", "range."))
    assert found == {"link.point"}


def test_only_the_tag_tells_them_apart() -> None:
    """Without the tag (7, 0) would be entry 7, and (0, 0) the padding."""
    first, second, third = point_entry((7, 0))
    assert (first, second, third - POINT_TAG) == (7, 0, 0)
    table = world().circuit.fixed_values
    assert [get(table, f"table{i}", 7) for i in range(3)] == [7, 0, 0]
    padding = RANGE + len(world().table) + STEPS
    assert [get(table, f"table{i}", padding) for i in range(3)] == [0, 0, 0]
    assert all(get(table, "table2", RANGE + i) >= POINT_TAG for i in range(len(world().table)))


def test_no_point_is_a_limb() -> None:
    """
    The other way round: a limb cell that equals a point entry is not of the range table, whatever
    kappa.
    """
    entry = [get(world().circuit.fixed_values, f"table{i}", RANGE) for i in range(3)]

    def alter(cells: Cells, _: Forger) -> None:
        cells.limbs[0, 0] = entry[0]

    assert "range.limb0" in honest().labels(forger(honest(), alter), only=("range.",))
