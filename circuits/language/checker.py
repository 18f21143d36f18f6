"""
The trace checker: every failing row of every constraint, by label (docs/explanation/protocol.md
3.5).

It reads the same text as prover and verifier, in plain integers, and needs no commitments. Use it
before proving, and in tests to see which constraint stops a cheat.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from algebra.interface import Column, R
from circuits.language.circuit import END_ROWS, Circuit
from circuits.language.expression import CELL, CONSTANT, NAMED, Expression, fold_all


@dataclass(frozen=True, slots=True)
class Failure:
    """
    A constraint that does not hold on a row. The expression shows the rule; witness values are
    never shown.
    """

    row: int
    label: str
    expression: str

    def __str__(self) -> str:
        return f"row {self.row}: {self.label}: {self.expression}"


Objects = npt.NDArray[np.object_]
_Bounded = tuple[Any, int]
"""An integer, or one a row, and the bits that it has at most, its sign aside."""
_LONG = 1 << 10


def objects(values: list[int]) -> Objects:
    """Python ints as an array."""
    out: Objects = np.empty(len(values), dtype=object)
    out[:] = values
    return out


def dense(column: Column) -> Objects:
    """All values of a column as Python ints."""
    values = column.narrow.astype(object)
    for row, value in column.wide.items():
        values[row] = value
    return values


def evaluate(
    roots: list[Expression],
    rows: Objects | npt.NDArray[np.int64],
    columns: list[Objects],
    scalars: Mapping[str, int],
) -> list[Objects]:
    """
    Values mod R of several expressions on the given rows.

    Most cells and constants are small, so numbers stay integers as they are; a product is reduced
    where it could get longer than `_LONG`.
    """
    size = len(columns[0])

    def leaf(node: Expression) -> _Bounded:
        if node.kind == CELL:
            index, rotation = node.place
            return columns[index][(rows + rotation) % size], R.bit_length()
        if node.kind == CONSTANT:
            return node.number, node.number.bit_length()
        if node.kind == NAMED:
            return scalars[node.name], R.bit_length()
        return objects([int(row == node.number) for row in rows]), 1

    def multiply(a: _Bounded, b: _Bounded) -> _Bounded:
        value, bits = a[0] * b[0], a[1] + b[1]
        return (value, bits) if bits <= _LONG else (value % R, R.bit_length())

    found = fold_all(
        roots,
        leaf=leaf,
        add=lambda a, b: (a[0] + b[0], max(a[1], b[1]) + 1),
        subtract=lambda a, b: (a[0] - b[0], max(a[1], b[1]) + 1),
        multiply=multiply,
    )
    return [
        value % R if isinstance(value, np.ndarray) else objects([value % R] * len(rows))
        for value, _ in found
    ]


def check_trace(
    circuit: Circuit,
    trace: Mapping[str, Column],
    scalars: Mapping[str, int],
    *,
    records: list[int] | None = None,
    cap: int = 50,
    only: tuple[str, ...] = ("",),
) -> list[Failure]:
    """
    Check a trace of stage-1 columns and registers; helper columns and the running sum are
    recomputed.

    Parameters
    ----------
    trace : every stage-1 column and register by name.
    scalars : every public scalar and challenge by name, in [0, R).
    records : values of the record column from row 0 on; rows past the end are zero.
    cap : at most this many failures are returned.
    only : check only labels that start with one of these; all by default. For tests of one part of
        a large circuit.

    Returns
    -------
    list of Failure, by constraint and row; empty for a valid trace.

    Raises
    ------
    CircuitError
        The circuit is not closed.
    """
    circuit.require_closed()
    size = circuit.size
    zero = np.zeros(size, dtype=object)
    columns = [
        dense(circuit.fixed_values[c.name])
        if c.stage == 0
        else dense(trace[c.name])
        if c.name in trace
        else zero
        for c in circuit.columns
    ]
    failures: list[Failure] = []

    def report(label: str, rows: npt.NDArray[np.int64], values: Objects, rule: object) -> None:
        for row in rows[np.nonzero(values)[0]][: max(0, cap - len(failures))]:
            failures.append(Failure(int(row), label, repr(rule)[:200]))

    computed = {h.column for h in circuit.helpers} | {"running_sum"}
    skip = {f"helper.{h.label}" for h in circuit.helpers} | {"sum.next", "sum.start", "sum.end"}
    if missing := [
        c.name
        for c in circuit.columns
        if c.stage and c.name not in trace and c.name not in computed
    ]:
        raise KeyError(f"trace: no column {', '.join(missing)}")
    for constraint in circuit.constraints:
        if constraint.label in skip or not constraint.label.startswith(only):
            continue
        rows = np.array(constraint.rows, dtype=np.int64)
        if len(rows):
            report(
                constraint.label,
                rows,
                evaluate([constraint.body], rows, columns, scalars)[0],
                constraint.body,
            )
    if circuit.record_body is not None and "record".startswith(only):
        rows = np.arange(size)
        want = np.array([*(records or []), *[0] * (size - len(records or []))], dtype=object)
        report(
            "record",
            rows,
            (evaluate([circuit.record_body], rows, columns, scalars)[0] - want) % R,
            "R' = limbs",
        )
    rows = np.arange(size - END_ROWS)
    lookups = [lookup for lookup in circuit.lookups if lookup.label.startswith(only)]
    if circuit.table is not None and lookups:
        table = set(evaluate([circuit.table], np.arange(size - END_ROWS), columns, scalars)[0])
        for lookup in lookups:
            at = np.array(lookup.rows, dtype=np.int64)
            values = evaluate([lookup.expression], at, columns, scalars)[0]
            report(
                lookup.label,
                at,
                np.array([v not in table for v in values], dtype=object),
                lookup.expression,
            )
    if circuit.running_sum is None or not "sum.end".startswith(only):
        return failures
    if total := running_total(circuit, columns, scalars, rows):
        failures.append(
            Failure(
                size - END_ROWS,
                "sum.end",
                f"lookups, bus and group-by sum to {'non-zero' * bool(total)}",
            )
        )
    return failures


def running_total(
    circuit: Circuit,
    columns: list[Objects],
    scalars: Mapping[str, int],
    rows: npt.NDArray[np.int64],
) -> int:
    """The running sum over all rows mod R; ZeroDivisionError if a denominator vanishes."""
    total = 0
    for helper in circuit.helpers:
        for numerator, denominator in helper.fractions:
            n, d = evaluate([numerator, denominator], rows, columns, scalars)
            total += int(np.dot(n, batch_inverse(d)) % R)
    for _, term in circuit.sum_terms:
        total += int(np.sum(evaluate([term], rows, columns, scalars)[0]))
    return total % R


def batch_inverse(values: Objects) -> Objects:
    """
    Inverses mod R with one inversion; ZeroDivisionError names the first zero. Most cells of a trace
    repeat: each once.
    """
    distinct = list(dict.fromkeys(values))
    if 0 in distinct:
        raise ZeroDivisionError(f"denominator {list(values).index(0)} is zero")
    prefix, running, out = [], 1, {}
    for value in distinct:
        prefix.append(running)
        running = running * value % R
    inverse = pow(running, -1, R)
    for before, value in zip(reversed(prefix), reversed(distinct), strict=True):
        out[value] = inverse * before % R
        inverse = inverse * value % R
    return objects([out[value] for value in values])
