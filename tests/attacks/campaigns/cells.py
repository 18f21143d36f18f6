"""
A1: every cell class, column by kind of row, is overwritten at random and on purpose; a labelled
constraint must fail.

What follows from a cell in the arguments is made honest again (multiplicities, helper columns,
running sum), so a cell is not caught by bookkeeping alone. Helper columns and running sum are
overwritten as well. Fixed columns are the key's: no prover writes them (test_l07_changed_table.py).
Free by design is what `support.cells.READ` does not name, within the range of its lookup, and what
`free_by_design` says of single rows.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from attacks.campaigns import Keep, Progress, journal
from attacks.kit.cheats import case_trace
from attacks.kit.trace import RECORD, RUNNING_SUM, Trace, compiled
from attacks.kit.weaken import bus_messages
from support.cells import READ
from support.credential import ALL_METRICS, honest, world

from algebra.interface import R
from circuits.credential.v2.trace import RANGE
from circuits.language.checker import Objects
from circuits.language.circuit import (
    BLINDING_ROWS,
    BLINDING_ROWS_UNROTATED,
    END_ROWS,
    FIXED,
    Constraint,
)
from circuits.language.expression import CELL, Expression, walk

NAME = "cells"
ROWS_OF_A_KIND, RANDOM_VALUES = 5, 3
ENDS = {
    "end_sum": END_ROWS, "end_registers": BLINDING_ROWS, "end_helpers": BLINDING_ROWS_UNROTATED + 1,
    "end_blinding": BLINDING_ROWS_UNROTATED,
}  # fmt: skip
"""Rows past the last kind, by their distance from the end."""


def reads(root: Expression) -> frozenset[tuple[int, int]]:
    """(column, rotation) of every cell that an expression reads."""
    return frozenset(node.place for node in walk([root]) if node.kind == CELL)


@dataclass
class Probe:
    """A valid trace, and for one cell at a time the labels that complain of another value."""

    trace: Trace
    columns: list[Objects] = field(init=False)
    rules: dict[int, list[Constraint]] = field(init=False)

    def __post_init__(self) -> None:
        circuit = self.trace.circuit
        self.columns = [self.trace.columns[c.name] for c in circuit.columns]
        self.rules, self.support = (
            defaultdict(list),
            {c.label: reads(c.body) for c in circuit.constraints},
        )
        for constraint in circuit.constraints:
            for row in constraint.rows:
                self.rules[row].append(constraint)
        self.sides = [
            (h.fractions, frozenset().union(*(reads(n) | reads(d) for n, d in h.fractions)))
            for h in circuit.helpers
        ]
        self.terms = [(term, reads(term)) for _, term in circuit.sum_terms]

    def at(self, root: Expression, row: int) -> int:
        return compiled(root)(self.columns, self.trace.scalars, row)

    def step(self, row: int, column: int, old: int) -> int:
        """
        By how much the running sum's end moves, the honest helper columns and multiplicities given.
        """
        circuit, name, new = (
            self.trace.circuit,
            self.trace.circuit.columns[column].name,
            self.columns[column][row],
        )
        if row >= circuit.size - END_ROWS:
            return 0
        moved = 0
        for value, sign in ((old, -1), (new, 1)):
            self.columns[column][row] = value
            for fractions, cells in self.sides:
                if (column, 0) in cells:
                    moved += sign * sum(
                        self.at(n, row) * pow(self.at(d, row), -1, R) for n, d in fractions
                    )
            moved += sign * sum(
                self.at(term, row) for term, cells in self.terms if (column, 0) in cells
            )
        if name.startswith(
            "limb"
        ):  # its own lookup: the multiplicities follow where there is an entry
            beta = self.trace.scalars["beta"]
            for value, sign in ((old, -1), (new, 1)):
                if value < RANGE:
                    moved -= sign * pow(beta + value, -1, R)
        return moved % R

    def labels(self, row: int, column: int, value: int) -> set[str]:
        """Labels that fail with another value in one cell."""
        circuit, size = self.trace.circuit, self.trace.circuit.size
        old, out = self.columns[column][row], set()
        self.columns[column][row] = value
        for at, rotation in ((row, 0), ((row - 1) % size, 1)):
            for constraint in self.rules[at]:
                if (column, rotation) in self.support[constraint.label] and self.at(
                    constraint.body, at
                ):
                    out.add(constraint.label)
        if circuit.columns[column].name not in {RUNNING_SUM, *(h.column for h in circuit.helpers)}:
            out -= {"sum.next", *(f"helper.{h.label}" for h in circuit.helpers)}  # honest again
            if self.step(row, column, old):
                out.add("sum.end")
        assert circuit.record_body is not None
        if (self.at(circuit.record_body, row) - self.trace.records[row]) % R:
            out.add(RECORD)
        self.columns[column][row] = old
        return out


def kinds_of_rows(trace: Trace) -> dict[str, list[int]]:
    """Rows of every class: the kinds of `READ`, and the end rows."""
    size = trace.circuit.size
    ends = {name: [size - distance] for name, distance in ENDS.items()}
    ends["end_blinding"] = list(range(size - BLINDING_ROWS_UNROTATED, size - 1))
    return {**{name: list(trace.circuit.kinds[name].rows) for name in READ}, **ends}


@cache
def silent_slots() -> frozenset[tuple[str, int]]:
    """Free cells of bus rows that carry no message: their multiplicity is zero."""
    circuit = world().circuit
    sent = {(f"free{m.slot}", m.row) for m in bus_messages(circuit)}
    both = {(f"free{slot}", row) for row in circuit.kinds["bus"].rows for slot in (0, 1)}
    return frozenset(both - sent)


def free_on_this_row(trace: Trace, kind: str, name: str, row: int, value: int) -> str:
    """Cells that some rule reads, and that are free where it does."""
    if (name, row) in silent_slots():
        return "a slot of a bus row without a message: its multiplicity is zero"
    if (kind, name) == ("day_equity", "free6") and value < 2 and not trace.get("free11", row):
        return "the sign of a profit of zero: its return is zero over any divisor"
    if (
        (kind, name) == ("day_index", "free5")
        and value < 2
        and not any(trace.get(f"limb{i}", row) for i in range(3))
    ):
        return "above or below the start of the index, when it is on it"
    return ""


def free_by_design(trace: Trace, kind: str, name: str, row: int, value: int) -> str:
    """Why a cell may hold any value; empty if it may not."""
    if kind in ENDS:
        distance = ENDS[kind]
        bound = {RUNNING_SUM: BLINDING_ROWS}.get(
            name, BLINDING_ROWS_UNROTATED if name.startswith("helper") else END_ROWS
        )
        return "past the last row that counts" if distance <= bound else ""
    limbs, free, registers = READ[kind]
    if kind == "compare_speculator" and name.startswith("limb") and value < RANGE:
        return "M18 is not asked beside M17"
    if name.startswith("limb"):
        return (
            "padding, within the range of its lookup"
            if int(name[4:]) >= limbs and value < RANGE
            else ""
        )
    if name.startswith("free"):
        return (
            "padding" if int(name[4:]) >= free else free_on_this_row(trace, kind, name, row, value)
        )
    if name in ("v", "slope", "sum"):
        return "" if name in registers.split() else "not read on this kind of row"
    return ""


def values_for(trace: Trace, name: str, row: int, source: random.Random) -> list[int]:
    """Targeted and random values, none of them the cell's own."""
    own, above = trace.get(name, row), trace.get(name, row - 1)
    targeted = [
        0,
        1,
        2,
        R - 1,
        own + 1,
        own - 1,
        above,
        -own,
        RANGE - 1,
        RANGE,
        own + RANGE,
        pow(2, -1, R),
        1 << 128,
    ]
    drawn = [source.randrange(R) for _ in range(RANDOM_VALUES)] + [
        source.randrange(RANGE) for _ in range(RANDOM_VALUES)
    ]
    return [v for v in dict.fromkeys(v % R for v in targeted + drawn) if v != own]


def probe_kind(probe: Probe, kind: str, rows: list[int], source: random.Random) -> dict[str, Any]:
    """All columns on some rows of a kind."""
    chosen = sorted({rows[0], rows[-1], *(source.choice(rows) for _ in range(ROWS_OF_A_KIND - 2))})
    out: dict[str, Any] = {
        "kind": kind,
        "classes": 0,
        "tried": 0,
        "caught": 0,
        "free": 0,
        "missed": [],
        "reasons": {},
    }
    for index, spec in enumerate(probe.trace.circuit.columns):
        if spec.stage == FIXED:
            continue
        out["classes"] += 1
        for row in chosen:
            for value in values_for(probe.trace, spec.name, row, source):
                out["tried"] += 1
                if probe.labels(row, index, value):
                    out["caught"] += 1
                elif reason := free_by_design(probe.trace, kind, spec.name, row, value):
                    out["free"] += 1
                    out["reasons"][spec.name] = reason
                else:
                    out["missed"].append([spec.name, row, value])
    return out


def cells_campaign(
    progress: Progress,
    known: dict[str, dict[str, Any]] | None = None,
    keep: Keep = lambda k, v: None,
    only: tuple[str, ...] = (),
) -> dict[str, Any]:
    """
    All classes.

    Parameters
    ----------
    known : results of an earlier run by kind. keep : told each new one. only : kinds to try; all by
        default.
    """
    done, probe = dict(known or {}), Probe(case_trace(honest(*ALL_METRICS)).complete())
    rows = kinds_of_rows(probe.trace)
    for kind in only or rows:
        if kind not in done:
            done[kind] = probe_kind(probe, kind, rows[kind], random.Random(kind))
            keep(kind, done[kind])
            progress(f"cells: {kind}")
    totals = {
        name: sum(v[name] for v in done.values()) for name in ("tried", "caught", "free", "classes")
    }
    return {**totals, "details": list(done.values())}


def run(progress: Progress, state: Path) -> dict[str, Any]:
    """The whole campaign; see `attacks.campaigns`."""
    with journal(state / "cells.jsonl") as (known, keep):
        return cells_campaign(progress, known, keep)
