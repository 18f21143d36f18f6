"""
A whole trace that may lie anywhere: every column of every stage, helper columns and running sum
among them.

`circuits.language.checker.check_trace` computes helper columns and running sum itself, so it cannot
see a prover who picks them. Here they are cells like all others: `Trace.failures` evaluates every
constraint as the quotient does, and nothing is repaired unless the forger does it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from algebra.interface import R
from circuits.language.checker import Objects, batch_inverse, dense, evaluate
from circuits.language.circuit import END_ROWS, FIXED, SECOND, Circuit, Helper
from circuits.language.expression import (
    ADDITION,
    CELL,
    CONSTANT,
    NAMED,
    PRODUCT,
    ROW,
    SUBTRACTION,
    Expression,
    walk,
)

RECORD = "record"
"""Label of R' = weighted limbs, which is no constraint of its own."""
RUNNING_SUM = "running_sum"
Rows = npt.NDArray[np.int64]


@cache
def compiled(root: Expression) -> Callable[[list[Objects], Mapping[str, int], int], int]:
    """
    An expression as Python code for one row at a time: (columns in order, scalars, row) -> value
    mod R.
    """
    lines, name = [], {}
    symbols = {ADDITION: "+", SUBTRACTION: "-", PRODUCT: "*"}
    for i, node in enumerate(walk((root,))):
        name[id(node)] = f"t{i}"
        if node.kind == CELL:
            text = f"c[{node.place[0]}][r + {node.place[1]}]"
        elif node.kind == NAMED:
            text = f"s[{node.name!r}]"
        elif node.kind == CONSTANT:
            text = str(node.number)
        elif node.kind == ROW:
            text = f"int(r == {node.number})"
        else:
            text = f"({name[id(node.left)]} {symbols[node.kind]} {name[id(node.right)]}) % {R}"
        lines.append(f"    t{i} = {text}")
    scope: dict[str, Any] = {}
    exec("\n".join(["def value(c, s, r):", *lines, f"    return {name[id(root)]} % {R}"]), scope)
    function: Callable[[list[Objects], Mapping[str, int], int], int] = scope["value"]
    return function


def names_in(*roots: Expression) -> frozenset[str]:
    """Public scalars and challenges that the expressions read."""
    return frozenset(node.name for node in walk(roots) if node.kind == NAMED)


@dataclass
class Trace:
    """
    Parameters
    ----------
    circuit : for the names, numbers and fixed values of the columns.
    columns : dense values mod R of every column by name.
    scalars : every public scalar and challenge.
    records : attested values of R' on all rows.
    base : a trace that satisfies all of `circuit` and shares its challenges; only what differs from
        it is evaluated.
    """

    circuit: Circuit
    columns: dict[str, Objects]
    scalars: dict[str, int]
    records: Objects
    base: Trace | None = None
    terms: Objects = field(init=False, repr=False)
    _changed: Rows | None = field(default=None, repr=False)

    def copy(self) -> Trace:
        """
        A trace of its own on the same values; this one is the base if it has none, and must be
        valid then.
        """
        columns = {name: np.array(values) for name, values in self.columns.items()}
        return Trace(
            self.circuit, columns, dict(self.scalars), np.array(self.records), self.base or self
        )

    def get(self, name: str, row: int) -> int:
        return int(self.columns[name][row])

    def put(self, name: str, row: int, value: int) -> None:
        self.columns[name][row] = value % R
        self._changed = None

    def add(self, name: str, row: int, value: int) -> None:
        self.put(name, row, self.get(name, row) + value)

    # -- evaluation --------------------------------------------------------------------------------
    def values(self, roots: Sequence[Expression], rows: Rows) -> list[Objects]:
        """Values of expressions on rows."""
        return evaluate(
            list(roots), rows, [self.columns[c.name] for c in self.circuit.columns], self.scalars
        )

    def value(self, root: Expression, row: int) -> int:
        """Value of an expression on one row that is not the last."""
        return compiled(root)(
            [self.columns[c.name] for c in self.circuit.columns], self.scalars, row
        )

    def changed_rows(self) -> Rows:
        """
        Rows on which some cell but the running sum, or the attested record, is not the base's.
        """
        if self.base is None:
            return np.arange(self.circuit.size)
        if self._changed is None:
            differ = self.records != self.base.records
            for name, values in self.columns.items():
                if values is not self.base.columns[name] and name != RUNNING_SUM:
                    differ = differ | (values != self.base.columns[name])
            self._changed = np.nonzero(differ)[0]
        return self._changed

    def new_names(self) -> frozenset[str]:
        """Public scalars that are not the base's."""
        if self.base is None:
            return frozenset(self.scalars)
        return frozenset(
            name for name, value in self.scalars.items() if self.base.scalars.get(name) != value
        )

    def failures(self, circuit: Circuit | None = None) -> dict[str, tuple[int, ...]]:
        """
        Labels of all constraints that do not hold, with their rows; `record` for R' = limbs, and
        labels of bad lookups.

        circuit : a weakened one that differs from the trace's own in constraints, rows of
            constraints, helpers, fixed values.
        """
        circuit = circuit or self.circuit
        known = {c.label: c for c in self.circuit.constraints}
        touched = np.zeros(circuit.size, dtype=bool)
        changed, fresh = self.changed_rows(), self.new_names()
        touched[changed] = touched[changed - 1] = True
        out: dict[str, tuple[int, ...]] = {}

        def report(label: str, rows: Rows, values: Objects) -> None:
            if bad := rows[np.nonzero(values)[0]].tolist():
                out[label] = tuple(bad)

        for constraint in circuit.constraints:
            rows = np.array(constraint.rows, dtype=np.int64)
            mine = known[constraint.label]
            same = constraint.body is mine.body and not (fresh & names_in(constraint.body))
            if self.base is not None and same and not constraint.label.startswith("sum."):
                rows = rows[touched[rows]]
            elif self.base is not None and same and constraint.label == "sum.next":
                rows = rows[touched[rows] | self._sum_moves()[rows]]
            if len(rows):
                report(constraint.label, rows, self.values([constraint.body], rows)[0])
        if circuit.record_body is not None and len(changed):
            report(
                RECORD,
                changed,
                (self.values([circuit.record_body], changed)[0] - self.records[changed]) % R,
            )
        self._report_lookups(circuit, touched, report)
        return out

    def _sum_moves(self) -> npt.NDArray[np.bool_]:
        """
        Rows whose step of the running sum is not the base's; where the cells are, the base's step
        is the right one.
        """
        assert self.base is not None
        apart = (self.columns[RUNNING_SUM] - self.base.columns[RUNNING_SUM]) % R
        return np.array(np.roll(apart, -1) != apart)

    def _report_lookups(
        self, circuit: Circuit, touched: npt.NDArray[np.bool_], report: Any
    ) -> None:
        if circuit.table is None:
            return
        table: set[int] = set()
        for lookup in circuit.lookups:
            rows = np.array(lookup.rows, dtype=np.int64)
            rows = rows[touched[rows]]
            if len(rows):
                table = table or set(
                    self.values([circuit.table], np.arange(circuit.size - END_ROWS))[0]
                )
                values = self.values([lookup.expression], rows)[0]
                report(
                    lookup.label,
                    rows,
                    np.array([int(v not in table) for v in values], dtype=object),
                )

    # -- honest helper columns and running sum -----------------------------------------------------
    def complete(self, circuit: Circuit | None = None) -> Trace:
        """Make helper columns and running sum as the circuit has them; returns itself."""
        circuit = circuit or self.circuit
        usable, changed = circuit.size - 3, self.changed_rows()
        mine = {h.label: h for h in self.circuit.helpers}
        for helper in circuit.helpers:
            same = self.base is not None and helper.fractions == mine[helper.label].fractions
            rows = changed[changed < usable] if same else np.arange(usable)
            if len(rows):
                self.columns[helper.column][rows] = self.helper_values(helper, rows)
        self._changed = None
        self.accumulate(circuit)
        return self

    def helper_values(self, helper: Helper, rows: Rows) -> Objects:
        """What the helper column honestly is on rows."""
        total = np.zeros(len(rows), dtype=object)
        for numerator, denominator in helper.fractions:
            n, d = self.values([numerator, denominator], rows)
            total = (total + n * batch_inverse(d)) % R
        return total

    def accumulate(self, circuit: Circuit | None = None) -> None:
        """The running sum from helper columns and terms as they stand."""
        circuit = circuit or self.circuit
        usable, rows, terms = (
            circuit.size - END_ROWS,
            self.changed_rows(),
            [term for _, term in circuit.sum_terms],
        )
        if self.base is None or circuit.sum_terms != self.circuit.sum_terms:
            rows, self.terms = np.arange(circuit.size), np.zeros(circuit.size, dtype=object)
        else:
            self.terms = np.array(self.base.terms)
        self.terms[rows] = sum(self.values(terms, rows)) if terms else 0
        steps = self.terms + sum(self.columns[helper.column] for helper in circuit.helpers)
        self.columns[RUNNING_SUM][1 : usable + 1] = np.add.accumulate(steps[:usable]) % R


def trace_of(
    circuit: Circuit,
    first: Mapping[str, Any],
    second: Mapping[str, Any],
    scalars: Mapping[str, int],
    records: Sequence[int],
    base: Trace | None = None,
) -> Trace:
    """
    A trace from stage-1 columns and registers; call `complete` for helper columns and running sum.
    """
    size, columns = circuit.size, {}
    for column in circuit.columns:
        if column.stage == FIXED:
            columns[column.name] = (
                base.columns[column.name] if base else dense(circuit.fixed_values[column.name])
            )
        elif column.name in first or column.name in second:
            columns[column.name] = dense(
                first[column.name] if column.name in first else second[column.name]
            )
        elif base is not None and column.stage == SECOND:
            columns[column.name] = np.array(base.columns[column.name])
        else:
            columns[column.name] = np.array([0] * size, dtype=object)
    attested = np.array([*records, *[0] * (size - len(records))], dtype=object)
    return Trace(circuit, columns, dict(scalars), attested, base)
