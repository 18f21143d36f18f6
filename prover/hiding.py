"""
When commitments hide: no power of tau is one, and no base is the point at infinity
(docs/explanation/protocol.md 4.2, 7).

Correctness: columns are committed with [tau^j L_i(tau^k)]. If tau^(k n) = 1, tau^k is the point of
one row: L_i(tau^k) is one there and zero on every other row, those of the blinders among them. A
commitment is then k cells of that row and nothing else, and proofs verify all the same. Such a tau
is also one of k n known numbers, so that anybody can prove anything. A base at infinity leaves its
cell, or its blinder, out.
"""

from __future__ import annotations

import numpy as np

from algebra import twist
from algebra.curve import G1
from algebra.interface import Algebra, P, Point, PointG2, PointVector


def first_equal(
    points: PointVector, wanted: Point, algebra: Algebra, *, start: int = 0
) -> int | None:
    """
    Place of the first of `points` from `start` on that is `wanted` (None: infinity); None if there
    is none.

    Reads one limb of each point, and all of those where it fits: no arithmetic.
    """
    limbs = algebra.points_to_limbs(points)
    target = algebra.points_to_limbs(algebra.points([wanted]))[0]
    near = start + np.nonzero(limbs[start:, 0] == target[0])[0]
    found = near[(limbs[near] == target).all(axis=1)]
    return int(found[0]) if len(found) else None


def order_of_tau(g1: PointVector, tau_g2: PointG2, algebra: Algebra) -> int | None:
    """
    The least i >= 1 with tau^i = 1, i up to the number of powers [tau^i]_1; None if there is none.

    A class n with packs of k needs the powers below k n and that tau^(k n) is not one
    (`prover.keys.powers_needed`). With the last power [tau^(m-1)]_1, tau^m = 1 exactly if
    e([tau^(m-1)]_1, [tau]_2) = e([1]_1, [1]_2). So this covers every k and n that the setup can be
    used with, powers of two or not. The powers follow the tau of [tau]_2.
    """
    if place := first_equal(g1, G1, algebra, start=1):
        return place
    last = algebra.affine(PointVector(g1.data[-1:], 1))[0]
    is_one = algebra.pairing_check([(last, tau_g2), ((G1[0], P - G1[1]), twist.G2)])
    return g1.length if is_one else None


def first_infinite(vectors: tuple[PointVector, ...], algebra: Algebra) -> tuple[int, int] | None:
    """(vector, place) of the first point at infinity; None if all are finite."""
    for number, vector in enumerate(vectors):
        place = first_equal(vector, None, algebra)
        if place is not None:
            return number, place
    return None
