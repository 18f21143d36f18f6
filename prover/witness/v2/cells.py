"""The trace under construction: limbs, free cells and registers, row by row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from algebra.interface import Column, R
from circuits.credential.v2.trace import FREE, LIMB_BITS, LIMBS, RANGE
from circuits.language.checker import dense


class Cells:
    """
    Honest cells of a trace under construction: rows are written once, by the gadget that owns them.
    """

    def __init__(self, n: int) -> None:
        self.n = n
        self.limbs: npt.NDArray[np.uint16] = np.zeros((LIMBS, n), dtype=np.uint16)
        self.free = [Column(np.zeros(n, dtype=np.uint16)) for _ in range(FREE)]
        self.v: dict[int, int] = {}
        self.slope: dict[int, int] = {}
        self.sum: dict[int, int] = {}

    def set_limbs(self, row: int, start: int, value: int, limbs: int) -> None:
        """A number in consecutive limb cells; OverflowError if it has no honest limbs."""
        if not 0 <= value < 1 << LIMB_BITS * limbs:
            raise OverflowError(f"row {row}: a number does not fit its {limbs} limbs")
        for i in range(limbs):
            self.limbs[start + i, row] = value >> LIMB_BITS * i & (RANGE - 1)

    def set_free(self, row: int, values: Sequence[int], start: int = 0) -> None:
        """Free cells from `start` on."""
        for i, value in enumerate(values):
            value %= R
            column = self.free[start + i]
            column.wide.pop(row, None)
            if value < RANGE:
                column.narrow[row] = value
            else:
                column.narrow[row] = 0
                column.wide[row] = value

    def get_free(self, row: int, slot: int) -> int:
        """The free cell in column `slot`, in [0, r); zero where nothing was set."""
        column = self.free[slot]
        return column.wide.get(row, int(column.narrow[row]))

    def get_limbs(self, row: int, start: int, limbs: int) -> int:
        """The number in `limbs` consecutive limb cells from `start` on, least limb first."""
        return sum(int(self.limbs[start + i, row]) << LIMB_BITS * i for i in range(limbs))

    @property
    def registers(self) -> dict[str, dict[int, int]]:
        """The cells of registers that were set, by name and row."""
        return {"v": self.v, "slope": self.slope, "sum": self.sum}

    def numbers(self) -> dict[str, list[int]]:
        """Every row of the limb and free columns, by the columns' names."""
        limbs = {f"limb{i}": column.tolist() for i, column in enumerate(self.limbs)}
        return limbs | {f"free{i}": dense(column).tolist() for i, column in enumerate(self.free)}
