"""
A1, A7: selectors are one on their rows and zero elsewhere; every cell of every kind of row is read
by some rule, or is listed here as free with a reason.
"""

from __future__ import annotations

import random
from collections import defaultdict
from functools import cache
from typing import Any

import numpy as np
import pytest
from support.cells import READ
from support.credential import ALL_METRICS, LAYOUT, RHO, honest, world

from algebra.interface import R
from circuits.language.checker import dense, evaluate
from circuits.language.circuit import END_ROWS
from circuits.language.expression import CELL, ROW, walk
from tierproof.testing import get
from verifier.loader import StatementReader


def fixed_columns() -> list[Any]:
    circuit = world().circuit
    zero = np.zeros(circuit.size, dtype=object)
    return [
        dense(circuit.fixed_values[c.name]) if c.name in circuit.fixed_values else zero
        for c in circuit.columns
    ]


def test_selectors_are_one_on_their_rows_and_zero_elsewhere() -> None:
    circuit, columns = world().circuit, fixed_columns()
    rows = np.arange(circuit.size)
    selectors = {
        id(c.selector): c for c in circuit.constraints if not c.guard and c.selector.degree
    }
    for constraint in selectors.values():
        # a row indicator is a Lagrange polynomial: right by itself
        read = {
            circuit.columns[n.place[0]].stage for n in walk([constraint.selector]) if n.kind == CELL
        }
        assert read <= {0}, constraint.label
        values = evaluate([constraint.selector], rows, columns, {})[0]
        expected = np.zeros(circuit.size, dtype=object)
        expected[list(constraint.rows)] = 1
        assert (values == expected).all(), constraint.label
    assert any(node.kind == ROW for node in walk(c.selector for c in circuit.constraints))


def test_a_row_has_one_kind_of_work() -> None:
    """
    Rows of the regions: record rows and product kinds do not meet, and no kind reaches the end
    rows.
    """
    kinds = world().circuit.kinds
    assert (
        max(row for kind in kinds.values() for row in kind.rows if kind.name != "sum_end")
        < LAYOUT.n - END_ROWS
    )
    assert set(kinds["record"].rows).isdisjoint(
        row
        for kind in kinds.values()
        for row in kind.rows
        if kind.name not in ("record", "first_record", "sum_start")
    )


# -- every cell ------------------------------------------------------------------------------------
class Probe:
    """
    Evaluates only what can read a given row: fast enough to try every column on every kind of row.
    """

    def __init__(self) -> None:
        found = honest(*ALL_METRICS)
        circuit, source = found.circuit, random.Random(1)
        assert circuit.derive is not None
        scalars = {
            k: v.number
            for k, v in circuit.derive(StatementReader(), found.statement, found.record).items()
        }
        witness = found.witness
        first = witness.stage1(found.record, RHO)
        scalars["ask_18"] = 1  # no tier asks it beside M17, and then its row says nothing
        scalars |= {name: source.randrange(R) for name in circuit.challenges}
        self.trace = {**first, **witness.stage2(scalars)}
        self.circuit, self.scalars, self.source = circuit, scalars, source
        self.columns = [
            dense(self.trace[c.name]) if c.name in self.trace else column
            for c, column in zip(circuit.columns, fixed_columns(), strict=True)
        ]
        self.rules: dict[int, list[Any]] = defaultdict(list)
        skip = {"sum.next", "sum.start", "sum.end"} | {f"helper.{h.label}" for h in circuit.helpers}
        for constraint in circuit.constraints:
            if constraint.label not in skip:
                for row in constraint.rows:
                    self.rules[row].append(constraint.body)

    def state(self, row: int) -> list[int]:
        """
        Bodies of the rules on this row and the one above, what the row adds to the running sum, and
        the record.
        """
        out: list[int] = []
        for at in (row - 1, row):
            if self.rules[at]:
                out += [
                    int(v[0])
                    for v in evaluate(self.rules[at], np.array([at]), self.columns, self.scalars)
                ]
        exchange = next(h for h in self.circuit.helpers if h.label == "exchange")
        terms = [part for fraction in exchange.fractions for part in fraction]
        terms += [term for _, term in self.circuit.sum_terms]
        terms.append(
            next(
                lookup.expression for lookup in self.circuit.lookups if lookup.label == "link.point"
            )
        )
        assert self.circuit.record_body is not None
        terms.append(self.circuit.record_body)
        values = [int(v[0]) for v in evaluate(terms, np.array([row]), self.columns, self.scalars)]
        if row not in self.circuit.kinds["link_t1"].rows:
            values[-2] = 0
        return out + values

    def reads(self, row: int, column: str) -> bool:
        """Whether anything but its own range lookup changes with the cell."""
        index, before = self.circuit.index(column), self.state(row)
        old = self.columns[index][row]
        self.columns[index][row] = (
            (old + 1 + self.source.randrange(4000)) % 4096
            if column.startswith("limb")
            else (self.source.randrange(R))
        )
        after = self.state(row)
        self.columns[index][row] = old
        return before != after


@cache
def probe() -> Probe:
    return Probe()


@pytest.mark.parametrize("name", READ)
def test_every_cell_is_read_or_free(name: str) -> None:
    limbs, free, registers = READ[name]
    rows, found = probe().circuit.kinds[name].rows, probe()
    row = rows[len(rows) // 2]
    assert [found.reads(row, f"limb{i}") for i in range(16)] == [i < limbs for i in range(16)]
    assert [found.reads(row, f"free{i}") for i in range(13)] == [i < free for i in range(13)]
    assert [r for r in ("v", "slope", "sum") if found.reads(row, r)] == registers.split()


def test_the_table_names_every_kind() -> None:
    assert set(READ) == set(world().circuit.kinds) - {"bus", "sum_start", "sum_end"}


def test_the_honest_trace_that_is_probed_is_valid() -> None:
    assert honest(*ALL_METRICS).labels() == set()
    assert get(probe().trace, "free0", 0) == 1
