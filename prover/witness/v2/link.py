"""
Honest cells of the link: limbs of the chain of additions, then what its registers start from
(docs/explanation/protocol.md 3.6, docs/explanation/layout.md 3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from algebra.interface import P, R
from circuits.credential.v2.layout import ADDITION_ROWS, ADDITIONS, Layout
from circuits.credential.v2.link import (
    CARRY_WIDTHS,
    GROUP,
    P_GROUPS,
    QUOTIENT_OFFSET,
    TOP,
    W96,
    W192,
)
from circuits.credential.v2.trace import LIMBS, groups
from history.v2.leaf_words import point_words
from prover.witness.v2.cells import Cells


def _times(a: Sequence[int], b: Sequence[int]) -> list[int]:
    return [sum(a[i] * b[m - i] for i in range(3) if 0 <= m - i < 3) for m in range(5)]


def _combine(*terms: tuple[int, Sequence[int]]) -> list[int]:
    return [sum(sign * (part[i] if i < len(part) else 0) for sign, part in terms) for i in range(5)]


def _reduction(difference: Sequence[int]) -> tuple[int, list[int]]:
    """Stored quotient and carries of a polynomial that is a multiple of p as an integer."""
    quotient, remainder = divmod(sum(d << 96 * i for i, d in enumerate(difference)), P)
    if remainder:
        raise ArithmeticError("link: not a multiple of p; the points are not what they claim to be")
    stored = quotient + QUOTIENT_OFFSET
    rest = _combine(
        (1, difference), (-1, _times(groups(stored), P_GROUPS)), (1 << 63, [0, 0, *P_GROUPS])
    )
    carry, carries = 0, []
    for d, width in zip(rest[:4], CARRY_WIDTHS, strict=True):
        carry = (d + carry) >> 96
        carries.append(carry + (1 << width - 1))
    return stored, carries


def fill_link(
    cells: Cells, layout: Layout, start: tuple[int, int], points: Sequence[tuple[int, int]]
) -> tuple[int, int]:
    """
    Honest limbs of the chain start + sum(points), and the three words; returns the end point.

    Raises ArithmeticError for a step between points of equal abscissa, or a point with that of
    `start`: the records are all zero, or odds of 2^-248.
    """
    row, (x, y), lazy = layout.link, start, groups(start[1])

    def value(row: int, number: int) -> None:
        cells.set_limbs(row, 0, number % W192, LIMBS)

    def carries(row: int, found: Sequence[int]) -> None:
        mask = W96 - 1
        cells.set_limbs(row, 0, found[0] & mask, GROUP)
        cells.set_limbs(row, GROUP, found[1] & mask, GROUP)
        cells.set_limbs(row + 1, 0, found[2] & mask, GROUP)
        cells.set_limbs(row + 1, GROUP, found[3], GROUP)

    def tops(row: int, first: int, second: int, found: Sequence[int] = ()) -> None:
        cells.set_limbs(row, 0, first >> 192, TOP)
        cells.set_limbs(row, TOP, second >> 192, TOP)
        for i, number in enumerate(found[:3]):
            cells.set_limbs(row, 2 * TOP + i, number >> 96, 1)

    for xt, yt in points:
        apart = (xt - start[0]) % R
        if xt == x or not apart:
            raise ArithmeticError("link: equal abscissae; a log has at least one record")
        lam = (yt - y) * pow(xt - x, -1, P) % P
        x3 = (lam * lam - x - xt) % P
        gl, gt, gx, g3 = groups(lam), groups(xt), groups(x), groups(x3)
        lifted = _combine((1, _times(gl, gt)), (-1, groups(yt)))
        q1, e1 = _reduction(_combine((1, lifted), (-1, _times(gl, gx)), (1, lazy)))
        q2, e2 = _reduction(_combine((1, _times(gl, gl)), (-1, gx), (-1, gt), (-1, g3)))
        value(row + 1, lam)
        tops(row + 2, lam, xt)
        value(row + 3, xt)
        cells.set_free(row + 3, [pow(apart, -1, R)])
        value(row + 4, yt)
        tops(row + 5, yt, q1, e1)
        cells.set_free(row + 5, [a + (b << 100) for a, b in zip(gt, groups(yt), strict=True)])
        value(row + 6, q1)
        carries(row + 7, e1)
        value(row + 9, q2)
        carries(row + 10, e2)
        tops(row + 12, x3, q2, e2)
        value(row + 13, x3)
        x, y = x3, (lam * (xt - x3) - yt) % P
        lazy = _combine((1, lifted), (-1, _times(gl, g3)))
        row += ADDITION_ROWS
    q3, e3 = _reduction(_combine((1, lazy), (-1, groups(y))))
    value(row + 1, q3)
    carries(row + 2, e3)
    tops(row + 4, y, q3, e3)
    value(row + 5, y)
    words = point_words((x, y))
    cells.set_free(row + 6, words[:2])
    cells.set_free(row + 7, words[2:])
    return x, y


def open_link(cells: Cells, layout: Layout, kappa: int, start: tuple[int, int]) -> None:
    """C' and each addition's slope, folded by the challenge: what no rule gives the registers."""

    def fold(low: int, middle: int, top: int) -> int:
        return (low + kappa * middle + kappa * kappa * top) % R

    def value(row: int, top: int) -> int:
        low, middle = (cells.get_limbs(row, first, GROUP) for first in (0, GROUP))
        return fold(low, middle, cells.get_limbs(top, 0, TOP))

    cells.v[layout.link], cells.sum[layout.link] = (fold(*groups(part)) for part in start)
    for addition in range(ADDITIONS):
        row = layout.link + 1 + addition * ADDITION_ROWS
        cells.slope[row] = value(row, row + 1)
        if addition:
            cells.v[row] = value(row - 1, row - 2)  # the last abscissa, which no rule reads there


def keep_unread(registers: Mapping[str, dict[int, int]], layout: Layout) -> None:
    """Where no rule gives `v` or `slope`, and none reads it, it stays as it was."""
    for cells in (registers["v"], registers["slope"]):
        for row in range(layout.link + 1, layout.hashes):
            cells.setdefault(row, cells.get(row - 1, 0))
