"""Lagrange polynomials of single rows at xi by one inversion: protocol.md 6.2."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from operator import mul
from typing import Any


class Rows:
    """
    The `RowsAt` of `verifier.algorithm`, for values that add and multiply.

    Parameters
    ----------
    xi : not in the domain.
    one : the number 1 as a value.
    roots : omega^-row of each row.
    """

    def __init__(self, xi: Any, one: Any, roots: Mapping[int, int]) -> None:
        self._ratios = {row: xi * root - 1 for row, root in roots.items()}
        self._before = list(accumulate(self._ratios.values(), mul, initial=one))
        self.product = self._before.pop()

    def indicators(self, scale: Any) -> dict[int, Any]:
        """
        scale * product / (xi omega^-row - 1) of each row.

        One walk back: the product of all before a row, times the scale and the product of all after
        it.
        """
        out = {}
        for before, (row, ratio) in zip(
            reversed(self._before), reversed(self._ratios.items()), strict=True
        ):
            out[row] = before * scale
            scale = scale * ratio
        return out
