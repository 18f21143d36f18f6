"""One call of each native kernel that threads share, on sizes that wake them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from algebra.interface import (
    ADD,
    MULTIPLY,
    QUERY,
    SCALAR,
    Algebra,
    Basis,
    Column,
    FieldVector,
    PointVector,
    Program,
)

EVALUATION, COEFFICIENT = Basis.EVALUATION, Basis.COEFFICIENT
GENERATOR = (1, 2)
PROGRAM = Program(
    np.array([[MULTIPLY, 0, QUERY, SCALAR], [ADD, 1, 0, QUERY + 1]], np.int32),
    registers=2,
    queries=[(0, 0), (1, 3)],
    outputs=[1],
)


def jobs(algebra: Algebra, size: int) -> Mapping[str, Callable[[], object]]:
    """Name and call; what a call gives can be compared and pickled."""
    scalars = algebra.powers(7, size, 1, EVALUATION)
    coefficients = algebra.powers(3, size, 5, COEFFICIENT)
    bases = algebra.fixed_base(algebra.powers(5, size, 3, EVALUATION))
    narrow = (np.arange(size) * 2_654_435_761 % 4099).astype(np.uint16)
    column = Column(narrow, {3: 2**200, size - 1: 2**253})
    canonical = algebra.points_to_bytes(bases)
    some = algebra.points([GENERATOR, None] * 8)
    return {
        "msm": lambda: algebra.msm(bases, scalars),
        "msm_column": lambda: algebra.msm_column(bases, column),
        "fixed_base": lambda: _bytes(algebra.fixed_base(scalars)),
        "group_interpolate": lambda: _bytes(algebra.group_interpolate(some)),
        "scale_points": lambda: algebra.scale_points([GENERATOR] * 100, list(range(1, 101))),
        "points_to_bytes": lambda: algebra.points_to_bytes(bases),
        "points_from_bytes": lambda: _bytes(algebra.points_from_bytes(canonical, check=True)),
        "interpolate": lambda: _bytes(algebra.interpolate(scalars)),
        "evaluate_on_coset": lambda: _bytes(algebra.evaluate_on_coset(coefficients, 11)),
        "evaluate": lambda: algebra.evaluate([coefficients] * 3, 9),
        "interleave": lambda: _bytes(algebra.interleave([coefficients, None], size)),
        "divide": lambda: _bytes(algebra.divide_by_binomial(coefficients, 4, 3)),
        "lift": lambda: _bytes(algebra.lift(column)),
        "multiply": lambda: _bytes(algebra.multiply(scalars, scalars)),
        "inverse": lambda: _bytes(algebra.inverse(scalars)),
        "prefix_sum": lambda: _bytes(algebra.prefix_sum(scalars)),
        "linear_combination": lambda: _bytes(algebra.linear_combination([2, 3], [scalars] * 2)),
        "run": lambda: _bytes(algebra.run(PROGRAM, [scalars, scalars], [6])[0]),
        "poseidon2_many": lambda: algebra.poseidon2_many([(i, i + 1, i + 2) for i in range(200)]),
    }


def _bytes(vector: FieldVector | PointVector) -> bytes:
    """The numbers as they lie in memory."""
    memory: bytes = vector.data.tobytes()
    return memory
