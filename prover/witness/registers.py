"""
Honest registers, from the rules of the circuit (docs/explanation/protocol.md 3.1).

A rule `next(register) - value` says what a register holds in the next row, so prover and verifier
read one text. A version gives the cells that no such rule gives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

from algebra.interface import R
from circuits.language.circuit import Circuit
from circuits.language.expression import ADDITION, CELL, SUBTRACTION, Expression
from circuits.language.program import evaluate_scalar

Value = Callable[[int], int]
"""From a row to a number that is congruent to the value mod r."""


def fill_registers(
    circuit: Circuit,
    numbers: Mapping[str, list[int]],
    given: Mapping[str, Mapping[int, int]],
    scalars: Mapping[str, int],
) -> dict[str, dict[int, int]]:
    """
    The registers by name and row, in [0, r); a cell that is not among them is zero.

    Parameters
    ----------
    circuit : with all its rules: a register whose rule is left out stays zero
    numbers : every row of the stage-1 columns, by name
    given : cells of each register that stand already, by name and row; they are kept
    scalars : public scalars and challenges by name
    """
    made = {circuit.index(name): dict(cells) for name, cells in given.items()}
    columns = {circuit.index(name): column for name, column in numbers.items()}
    for index, cells in made.items():
        columns[index] = [cells.get(row, 0) for row in range(circuit.size)]
    steps: dict[int, list[tuple[int, Value]]] = defaultdict(list)
    for rule in circuit.constraints:
        body = rule.body
        if body.kind == SUBTRACTION and body.left.kind == CELL and body.left.place[1]:
            index, _ = body.left.place
            if rows := [row for row in rule.rows if row + 1 not in made[index]]:
                value = _function(body.right, columns, scalars)
                for row in rows:
                    steps[row].append((index, value))
    for row in sorted(steps):
        for index, value in steps[row]:
            columns[index][row + 1] = made[index][row + 1] = value(row) % R
    return {circuit.columns[index].name: cells for index, cells in made.items()}


def _function(
    value: Expression, columns: Mapping[int, list[int]], scalars: Mapping[str, int]
) -> Value:
    """The value as a function of the row, over cells as they stand when it is called."""
    if not value.degree:
        number = evaluate_scalar(value, scalars)
        return lambda row: number
    if value.kind == CELL:
        index, rotation = value.place
        column = columns[index]
        return (lambda row: column[row + 1]) if rotation else column.__getitem__
    left, right = (_function(side, columns, scalars) for side in (value.left, value.right))
    if value.kind == ADDITION:
        return lambda row: left(row) + right(row)
    if value.kind == SUBTRACTION:
        return lambda row: left(row) - right(row)
    return lambda row: left(row) * right(row) % R
