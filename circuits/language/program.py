"""
From constraint text to what prover and verifier evaluate (docs/explanation/protocol.md 4.4).

`combined` folds all constraints into one expression by powers of alpha; `compile_program` turns
expressions into the flat register code that an algebra runs over rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from algebra.interface import ADD, MULTIPLY, QUERY, REGISTER, SCALAR, SUBTRACT, Program, R
from circuits.language.circuit import BLINDING_ROWS_UNROTATED, END_ROWS, Circuit
from circuits.language.expression import (
    ADDITION,
    CELL,
    NAMED,
    PRODUCT,
    ROW,
    SUBTRACTION,
    ZERO,
    Expression,
    cell,
    fold,
    named,
    power,
    walk,
)

GUARDS = (BLINDING_ROWS_UNROTATED, END_ROWS)
"""
Guard g multiplies a constraint by prod_(1 <= i <= g) (X - omega^-i), which frees the last g rows.
"""


def first_row_column(circuit: Circuit) -> int:
    """Number of the pseudo column L_0, from which every row indicator is a rotation."""
    return len(circuit.columns)


def guard_column(circuit: Circuit, guard: int) -> int:
    """Number of the pseudo column of a guard polynomial."""
    return len(circuit.columns) + 1 + GUARDS.index(guard)


def combined(circuit: Circuit) -> Expression:
    """
    sum over all constraints of alpha^e * guard * selector * body, less the record body with e = 0.

    On the whole domain this equals -R' (with a record column) or 0; so Z_H T = combined + R'. Kept
    with the circuit, which is closed by then; CircuitError if it is not.
    """
    circuit.require_closed()
    if circuit.folded is not None:
        return circuit.folded
    alpha, total = named("alpha"), ZERO
    for (selector, guard), group in groupby(
        circuit.constraints, key=lambda c: (c.selector, c.guard)
    ):
        inner, members = ZERO, list(group)
        for member in members:
            inner = inner * alpha + member.body
        factor = cell(guard_column(circuit, guard)) if guard else 1
        total = total * power(alpha, len(members)) + selector * factor * inner
    circuit.folded = (
        total * alpha - circuit.record_body if circuit.record_body is not None else total
    )
    return circuit.folded


@dataclass(frozen=True, slots=True)
class Compiled:
    """A program and the expressions of its scalars, to be evaluated once for each proof."""

    program: Program
    scalars: tuple[Expression, ...]

    def scalar_values(self, values: Mapping[str, int]) -> list[int]:
        """
        Ints of the scalars for given public values and challenges; KeyError names a missing one.
        """
        return [evaluate_scalar(expression, values) for expression in self.scalars]


def evaluate_scalar(expression: Expression, values: Mapping[str, int]) -> int:
    """An expression without cells, mod R."""

    def leaf(node: Expression) -> int:
        return values[node.name] if node.kind == NAMED else node.number % R

    value: int = fold(
        expression,
        leaf=leaf,
        add=lambda a, b: (a + b) % R,
        subtract=lambda a, b: (a - b) % R,
        multiply=lambda a, b: (a * b) % R,
    )
    return value


def compile_program(circuit: Circuit, outputs: Sequence[Expression]) -> Compiled:
    """Flat register code for expressions over the columns of a circuit and its pseudo columns."""
    order = walk(outputs)
    queries: dict[tuple[int, int], int] = {}
    scalars: dict[int, int] = {}
    scalar_list: list[Expression] = []
    last_use: dict[int, int] = {}
    for position, node in enumerate(order):
        if node.kind >= ADDITION and node.degree:
            last_use[id(node.left)] = last_use[id(node.right)] = position
    for output in outputs:
        last_use[id(output)] = len(order)
    place: dict[int, int] = {}
    free: list[int] = []
    used = 0
    code: list[tuple[int, int, int, int]] = []
    operation = {ADDITION: ADD, SUBTRACTION: SUBTRACT, PRODUCT: MULTIPLY}

    def operand(node: Expression) -> int:
        if node.degree == 0:
            if id(node) not in scalars:
                scalars[id(node)] = len(scalar_list)
                scalar_list.append(node)
            return SCALAR | scalars[id(node)]
        if node.kind in (CELL, ROW):
            query = node.place if node.kind == CELL else (first_row_column(circuit), -node.number)
            return QUERY | queries.setdefault(query, len(queries))
        return REGISTER | place[id(node)]

    for position, node in enumerate(order):
        if node.kind < ADDITION or not node.degree:
            continue
        left, right = operand(node.left), operand(node.right)
        for child in {id(node.left): node.left, id(node.right): node.right}.values():
            if id(child) in place and last_use[id(child)] == position:
                free.append(place[id(child)])
        if free:
            register = free.pop()
        else:
            register, used = used, used + 1
        place[id(node)] = register
        code.append((operation[node.kind], register, left, right))
    results = tuple(operand(output) for output in outputs)
    program = Program(np.array(code, dtype=np.int32).reshape(-1, 4), used, tuple(queries), results)
    return Compiled(program, tuple(scalar_list))
