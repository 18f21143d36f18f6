"""
What the reference algebra checks of its inputs, with errors that name the first bad element
(docs/explanation/protocol.md 2).

Secret values never appear in a message: only positions, lengths and names do.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from algebra import curve
from algebra.interface import (
    ADD,
    MULTIPLY,
    SUBTRACT,
    Basis,
    BasisMismatch,
    Column,
    FieldVector,
    P,
    Point,
    PointVector,
    Program,
    R,
    root_of_unity,
)


def scalars(values: Sequence[int], what: str) -> list[int]:
    """Plain ints, each checked to be in [0, R)."""
    plain = [int(value) for value in values]  # numpy ints would overflow later
    for index, value in enumerate(plain):
        if not 0 <= value < R:
            raise ValueError(f"{what}: element {index} is outside [0, R)")
    return plain


def points(points: Sequence[Point], what: str) -> list[Point]:
    """
    Each in range and on the curve, or None. G1 has cofactor one: on the curve is in the group.
    """
    for index, point in enumerate(points):
        if point is None:
            continue
        if not (0 <= point[0] < P and 0 <= point[1] < P):
            raise ValueError(f"{what}: a coordinate of point {index} is outside [0, P)")
        if not curve.on_curve(point):
            raise ValueError(f"{what}: point {index} is not on the curve")
    return list(points)


def narrow(column: Column) -> list[int]:
    """The narrow cells as plain ints; ValueError unless they are uint16 of shape (n,)."""
    if column.narrow.dtype != np.uint16 or column.narrow.ndim != 1:
        raise ValueError(
            f"column: narrow is {column.narrow.dtype} of {column.narrow.ndim} axes, one of "
            "uint16 wanted"
        )
    return [int(value) for value in column.narrow]


def wide(column: Column) -> dict[int, int]:
    """The wide cells by row; ValueError for a row outside the column or a value outside [0, R)."""
    for row in column.wide:
        if not 0 <= row < len(column):
            raise ValueError(f"column: wide row {row} is outside [0, {len(column)})")
    return dict(zip(column.wide, scalars(list(column.wide.values()), "wide values"), strict=True))


def domain(size: int, shift: int, what: str) -> int:
    """Generator of the domain of `size` after checking size and shift."""
    if size < 1 or size & (size - 1):
        raise ValueError(f"{what}: length {size} is not a power of two")
    if not 0 < shift < R:
        raise ValueError(f"{what}: the shift is outside [1, R)")
    return root_of_unity(size)


def not_coefficients(vector: FieldVector, what: str) -> None:
    """BasisMismatch for a vector in coefficient basis, where values on a domain are wanted."""
    if vector.basis is Basis.COEFFICIENT:
        raise BasisMismatch(f"{what}: evaluation or coset basis wanted, coefficient given")


def same(vectors: Sequence[FieldVector], what: str, lengths: bool = True) -> None:
    """Refuse vectors of different basis, coset or (where it matters) length."""
    first = vectors[0]
    for index, vector in enumerate(vectors):
        if (vector.basis, vector.shift) != (first.basis, first.shift) or (
            lengths and vector.length != first.length
        ):
            raise BasisMismatch(
                f"{what}: vector {index} is {vector.basis.value} of length {vector.length}, "
                f"vector 0 is {first.basis.value} of length {first.length}"
                + (" on another coset" if vector.shift != first.shift else "")
            )


def enough(bases: PointVector, wanted: int) -> None:
    """ValueError for fewer than `wanted` bases; more are allowed, as `Algebra.msm` says."""
    if bases.length < wanted:
        raise ValueError(f"msm: {wanted} scalars for {bases.length} bases")


def program(text: Program, columns: int, scalars: int) -> None:
    """Every operand exists and no register is read before it is written."""
    sizes = (text.registers, len(text.queries), scalars)
    names = ("register", "query", "scalar")
    written: set[int] = set()

    def check(operand: int, where: str) -> None:
        kind, index = operand >> 24, operand & 0xFFFFFF
        if not 0 <= kind < len(sizes):
            raise ValueError(f"program: {where}: operand of kind {kind}")
        if index >= sizes[kind]:
            raise ValueError(f"program: {where}: {names[kind]} {index} of {sizes[kind]}")
        if kind == 0 and index not in written:
            raise ValueError(f"program: {where}: register {index} is read before it is written")

    for number, (column, _) in enumerate(text.queries):
        if not 0 <= column < columns:
            raise ValueError(f"program: query {number}: column {column} of {columns}")
    for number, (operation, target, left, right) in enumerate(text.instructions.tolist()):
        where = f"instruction {number}"
        if operation not in (ADD, SUBTRACT, MULTIPLY):
            raise ValueError(f"program: {where}: unknown operation {operation}")
        if not 0 <= target < text.registers:
            raise ValueError(f"program: {where}: destination {target} of {text.registers}")
        check(left, where)
        check(right, where)
        written.add(target)
    for number, operand in enumerate(text.outputs):
        check(operand, f"output {number}")
