"""
The pairing product by py_ecc, behind every check that py_ecc leaves out
(docs/explanation/protocol.md 2).

py_ecc's own checks are asserts (gone under -O), its FQ reduces silently and it has no subgroup
check of G2.
"""

from __future__ import annotations

from collections.abc import Sequence

from py_ecc.fields import optimized_bn128_FQ as FQ
from py_ecc.fields import optimized_bn128_FQ2 as FQ2
from py_ecc.fields import optimized_bn128_FQ12 as FQ12
from py_ecc.optimized_bn128.optimized_pairing import final_exponentiate, pairing

from algebra import twist
from algebra.interface import P, Point, PointG2


def product_is_one(pairs: Sequence[tuple[Point, PointG2]]) -> bool:
    """
    Whether prod e(left_i, right_i) = 1, with one final exponentiation.

    Parameters
    ----------
    pairs : points of G1 already checked (range, curve), None for infinity; points of G2 as they
        came

    Raises
    ------
    ValueError
        Naming the first G2 point that is out of range, off the curve or outside the subgroup.
    """
    for index, (_, right) in enumerate(pairs):
        if not all(0 <= coordinate < P for pair in right for coordinate in pair):
            raise ValueError(f"pairing_check: a G2 coordinate of pair {index} is outside [0, P)")
        if not twist.on_curve(right):
            raise ValueError(f"pairing_check: G2 point {index} is not on the curve")
        if not twist.in_subgroup(right):
            raise ValueError(f"pairing_check: G2 point {index} is not in the subgroup of order R")
    product = FQ12.one()
    for left, (x, y) in pairs:
        if left is None:  # e(infinity, Q) = 1
            continue
        g1, g2 = (FQ(left[0]), FQ(left[1]), FQ(1)), (FQ2(x), FQ2(y), FQ2.one())
        product = product * pairing(g2, g1, final_exponentiate=False)
    return bool(final_exponentiate(product) == FQ12.one())
