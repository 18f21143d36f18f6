"""
L3: a limb + 2^12, the next - 1: the same number in other cells (o1-labs ffmul, aztec 22415).
Stopped by the range lookup.
"""

from __future__ import annotations

import pytest
from support.credential import LAYOUT, honest, world
from support.forge import Forger, forger, link_row

from algebra.native_backend import native
from circuits.credential.v2.layout import PERMUTATION_ROWS
from circuits.credential.v2.records import NOTIONAL, VALUE
from prover.witness.v2.cells import Cells
from tierproof.testing import assert_rejected

DAYS_ROW = LAYOUT.permutation(1 + 4)
PLACES = {
    "slope": (link_row("lam", 3), 5),
    "quotient": (link_row("q1", 40), 2),
    "carry": (link_row("c2b", 1), 9),
    "top of y": (link_row("t1", 6), 1),
    "value of a record": (0, VALUE + 1),
    "notional of a record": (5, NOTIONAL),
    "window of the leaf": (DAYS_ROW, 0),
    "equity": (LAYOUT.day(3), 4),
    "return": (LAYOUT.day(3) + 1, 12),
    "ratio": (LAYOUT.comparison("sharpe"), 4),
    "volume": (LAYOUT.comparison("volume_equity"), 0),
}


def borrowed(row: int, limb: int) -> Forger:
    def alter(cells: Cells, _: Forger) -> None:
        cells.limbs[limb, row] += 4096
        cells.limbs[limb + 1, row] -= 1

    return forger(honest(1, 10), alter)


QUICK = ("slope", "carry", "value of a record", "window of the leaf", "ratio")


@pytest.mark.parametrize("place", [
    pytest.param(place, marks=[] if place in QUICK else [pytest.mark.slow]) for place in PLACES
])  # fmt: skip
def test_a_limb_of_thirteen_bits(place: str) -> None:
    row, limb = PLACES[place]
    found = honest(1, 10).labels(borrowed(row, limb))
    assert found in (
        {f"range.limb{limb}", "sum.end"},
        {f"range.limb{limb}", f"range.limb{limb + 1}", "sum.end"},
    )


def test_no_proof() -> None:
    assert_rejected(
        world().key, borrowed(*PLACES["value of a record"]), honest(1, 10).statement, native()
    )


@pytest.mark.parametrize(
    "value",
    [
        4096,
        -1,
        *(pytest.param(value, marks=pytest.mark.slow) for value in (4097, -(1 << 100), 1 << 253)),
    ],
)
def test_range_of_a_limb(value: int) -> None:
    """
    A3, on a row where no other rule reads the cell: 0 and 4095 are allowed, no other number is.
    """
    row = LAYOUT.permutation(0) + PERMUTATION_ROWS - 1  # a round row: its limbs are unused

    def found(number: int) -> frozenset[str]:
        def alter(cells: Cells, _: Forger) -> None:
            cells.limbs[7, row] = number

        return honest().labels(forger(honest(), alter), only=("range.", "sum."))

    assert found(value) == {"range.limb7", "sum.end"}
    if value == 4096:
        assert found(0) == found(4095) == frozenset()
