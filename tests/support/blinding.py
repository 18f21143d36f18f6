"""
Which columns are blinded, what a proof shows of each, and how random rows act on what is shown
(docs/explanation/protocol.md 7).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from algebra.interface import R, root_of_unity
from algebra.reference import FR, array
from circuits.language.circuit import BLINDING_ROWS, BLINDING_ROWS_UNROTATED, FIXED, Circuit
from circuits.language.packing import packs


def hidden_columns(circuit: Circuit, slots: int) -> list[tuple[str, bool]]:
    """
    Columns that carry the witness, in the order in which they are blinded, and whether each is
    rotated.
    """
    order = [(p.stage, p.rotated, name) for p in packs(circuit, slots) for name in p.names]
    return [(name, rotated) for stage, rotated, name in order if stage != FIXED]


def rows_of(rotated: bool) -> int:
    return BLINDING_ROWS if rotated else BLINDING_ROWS_UNROTATED


def points_shown(rotated: bool, tau: int, xi: int, n: int, slots: int) -> list[int]:
    """
    Where a proof shows a column: packed commitment, quotient, value; a register the last two at the
    next row too.
    """
    omega, plain = root_of_unity(n), [pow(tau, slots, R), tau, xi]
    return [*plain, omega * tau % R, omega * xi % R] if rotated else plain


def lagrange(row: int, x: int, n: int) -> int:
    """L_row(x) on the domain of size n."""
    point = pow(root_of_unity(n), row, R)
    return (pow(x, n, R) - 1) * pow(n, -1, R) * point * pow(x - point, -1, R) % R


def blinder_matrix(n: int, rows: int, shown: Sequence[int]) -> Any:
    """What each of the last `rows` rows adds to each shown value; shape (shown, rows), over Fr."""
    return np.stack(
        [array([lagrange(n - rows + i, x, n) for i in range(rows)]) for x in shown]
    ).view(FR)
