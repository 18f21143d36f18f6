"""
C6: points at infinity ("0 bug"), which an honest but unblinded prover would write, and sums with
infinity in them.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from attacks.kit_prover.forged_input import no_bits
from attacks.kit_prover.mutants import outcome, sound
from attacks.kit_prover.solidity import infinite, no_quotient, no_records, no_register
from attacks.kit_prover.targets import Shown

from algebra.interface import Basis, Point, R
from algebra.native_backend import native
from algebra.reference import reference

INFINITE: dict[str, Callable[[], Shown]] = {
    "stage1": no_bits, "stage2": no_register, "record": no_records, "quotient": no_quotient,
    "opening": lambda: infinite("opening"), "opening_fold": lambda: infinite("opening_fold"),
}  # fmt: skip


@pytest.mark.parametrize("part", INFINITE)
def test_infinity_is_no_point(part: str) -> None:
    shown = INFINITE[part]()
    assert bytes(64) in shown.proof
    assert outcome(shown, sound()) == "malformed.point"
    assert outcome(replace(shown, algebra=reference()), sound()) == "malformed.point"


def test_all_points_at_once() -> None:
    shown = infinite("opening")
    assert outcome(replace(shown, proof=bytes(len(shown.proof))), sound()) == "malformed.point"


def test_sums_with_infinity_at_each_place() -> None:
    """
    c-kzg 600: infinity in the sum of many points. Sizes 1 to 64: first, last, some place, all of
    them.
    """
    algebra, source = native(), random.Random(6)
    multiples = algebra.affine(
        algebra.fixed_base(algebra.vector(list(range(1, 65)), Basis.COEFFICIENT))
    )
    for size in range(1, 65):
        scalars = [source.randrange(R) for _ in range(size)]
        vector = algebra.vector(scalars, Basis.COEFFICIENT)
        for place in {0, size - 1, source.randrange(size)}:
            bases: list[Point] = multiples[:size]
            bases[place] = None
            total = sum(s * (i + 1) for i, s in enumerate(scalars) if i != place) % R
            assert algebra.msm(algebra.points(bases), vector) == algebra.scale_points(
                [(1, 2)], [total]
            )
        assert algebra.msm(algebra.points([None] * size), vector) is None
