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
from circuits.language.expression import CELL, CONSTANT, SUBTRACTION, Expression, fold

Numbers = Mapping[str, list[int]]
Value = Callable[[int], int]
"""From a row to a number that is the value mod r."""


def fill_registers(
    circuit: Circuit,
    numbers: Numbers,
    given: Mapping[str, Mapping[int, int]],
    scalars: Mapping[str, int],
) -> dict[str, dict[int, int]]:
    """
    The registers by name and row, in [0, r); a cell that is in neither is zero.

    Parameters
    ----------
    circuit : with all its rules: a register whose rule is left out stays zero
    numbers : every row of the stage-1 columns, by name
    given : cells of registers that stand already, by name and row; they are kept
    scalars : public scalars and challenges by name
    """
    made = {name: dict(cells) for name, cells in given.items()}
    columns = {circuit.index(name): column for name, column in numbers.items()}
    for name, cells in made.items():
        columns[circuit.index(name)] = [cells.get(row, 0) for row in range(circuit.size)]
    steps: dict[int, list[tuple[int, Value]]] = defaultdict(list)
    for rule in circuit.constraints:
        body = rule.body
        if body.kind == SUBTRACTION and body.left.kind == CELL and body.left.place[1]:
            index, _ = body.left.place
            stands = made[circuit.columns[index].name]
            rows = [row for row in rule.rows if row + 1 not in stands]
            value = _function(body.right, columns, scalars) if rows else None
            for row in rows:
                steps[row].append((index, value))
    for row in sorted(steps):
        for index, value in steps[row]:
            number = columns[index][row + 1] = value(row) % R
            made[circuit.columns[index].name][row + 1] = number
    return made


def _function(
    value: Expression, columns: Mapping[int, list[int]], scalars: Mapping[str, int]
) -> Value:
    """The value as a function of the row, over cells as they stand when it is called."""

    def leaf(node: Expression) -> Value:
        if node.kind == CELL:
            index, rotation = node.place
            column = columns[index]
            return (lambda row: column[row + 1]) if rotation else column.__getitem__
        number = node.number if node.kind == CONSTANT else scalars[node.name]
        return lambda row: number

    return fold(
        value,
        leaf=leaf,
        add=lambda a, b: lambda row: a(row) + b(row),
        subtract=lambda a, b: lambda row: a(row) - b(row),
        multiply=lambda a, b: lambda row: a(row) * b(row) % R,
    )
