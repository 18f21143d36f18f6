"""Honest cells of record rows (docs/explanation/layout.md 2)."""

from __future__ import annotations

from circuits.credential.v2.records import EXPOSURE_CHECK, NEAR_CHECK
from circuits.credential.v2.trace import FREE, LIMB_BITS
from history.v2.record import DISTANCE_OFFSET, KIND_NAMES, Records
from prover.witness.v2.cells import Cells


def fill_records(
    cells: Cells, records: Records, distance: int, near_line: int, exposure: int
) -> None:
    """
    Honest cells of all records, from row 0; whole columns at a time.

    `distance` and `near_line` carry the offset 2^23. Numbers that have no honest limbs wrap and
    fail their constraint.
    """
    count = len(records)
    limbs = records.limbs()
    cells.limbs[0:NEAR_CHECK, :count] = limbs[:, 1:].T
    for i in range(len(KIND_NAMES)):
        cells.free[i].narrow[:count] = records.kind >> i & 1
    shifted = records.distance + DISTANCE_OFFSET
    near = shifted < near_line
    cells.free[FREE - 1].narrow[:count] = near
    slack = (shifted - near * distance - (1 - near) * near_line) % (1 << 2 * LIMB_BITS)
    cells.limbs[NEAR_CHECK, :count] = slack % (1 << LIMB_BITS)
    cells.limbs[NEAR_CHECK + 1, :count] = slack >> LIMB_BITS
    cells.limbs[EXPOSURE_CHECK, :count] = (exposure - records.exposure) % (1 << LIMB_BITS)
