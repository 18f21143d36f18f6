"""
Money where prices move: an array of Python integers, one for each move, so that nothing overflows
and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from attestor.margin.fixed_point import ONE, POINT, Ints
from policies.margin.rules import SHARE

Money = NDArray[np.object_]
"""
Python integers, one for each move, in u' at 2^-30 / 10^4: values of options are multiples of 2^-30
of a price, moves of 1/10^4, so both are exact.
"""
SCALE = SHARE << POINT
"""1 u' as `Money`."""


class Moves(NamedTuple):
    """
    Moves of one underlying's price: F' / F, shape (columns,), in 1/10^4 (Python integers) and at
    2^-30 (rounded to the nearest), the first column no move; and a name for a `Valuer`'s memory.
    """

    tag: object
    steps: Money
    forward: Ints

    @classmethod
    def of(cls, tag: object, moves: Sequence[int]) -> Moves:
        """No move, then each of `moves` (1/10^4, at least -10^4)."""
        steps = [SHARE + move for move in (0, *moves)]
        forward = [(ONE * step + SHARE // 2) // SHARE for step in steps]
        return cls(tag, np.array(steps, object), np.array(forward, np.int64))


STILL = Moves.of("still", ())
"""No move at all."""


def weighted(weights: Sequence[int], units: Ints) -> Money:
    """
    Sum over rows of weight times unit, exactly.

    Parameters
    ----------
    weights : of any size, signed
    units : shape (rows, columns), |unit| below 2^45; at most 2^10 rows

    Notes
    -----
    Weights are cut into limbs so short that 64 bits hold the sum of a limb's products.
    """
    most = int(np.abs(units).max())
    bits = 62 - most.bit_length() - len(weights).bit_length()
    sizes = [abs(weight) for weight in weights]
    limbs: list[list[int]] = []
    while any(sizes) or not limbs:
        limbs.append([size & ((1 << bits) - 1) for size in sizes])
        sizes = [size >> bits for size in sizes]
    signs = np.array([1 if weight >= 0 else -1 for weight in weights])
    out: Money = np.zeros(units.shape[1], object)
    for part in reversed((np.array(limbs) * signs) @ units):
        out = (out << bits) + part.astype(object)
    return out
