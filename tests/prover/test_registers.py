"""Registers from rules: beside a loop by hand, and a version gives no cell that a rule gives."""

from __future__ import annotations

from support.credential import ALL_METRICS, LAYOUT, RHO, honest

from algebra.interface import R
from circuits.language.circuit import Circuit
from prover.witness.registers import fill_registers

SIZE, STEPS = 32, 20


def two_registers() -> Circuit:
    """a' = k (3 a + x^2) - 1 and b' = a' + b on the same rows; c' has no rule of that form."""
    c = Circuit("small/registers", SIZE)
    x, k = c.advice("x"), c.scalar("k", 0, R - 1)
    a, b, other = c.register("a"), c.register("b"), c.register("other")
    rows = c.kind("step", range(STEPS))
    c.require(rows, "a", c.next(a) - (k * (a * 3 + x * x) - 1), exact=False)
    c.require(rows, "b", c.next(b) - (c.next(a) + b), exact=False)
    c.require(rows, "other", other - c.next(other) * 2, exact=False)
    c.close()
    return c


def test_registers_follow_from_the_rules() -> None:
    numbers, k = {"x": list(range(SIZE))}, R - 5
    given = {"a": {0: 7, 11: 1}, "b": {0: 0}, "other": {0: 4}}
    made = fill_registers(two_registers(), numbers, given, {"k": k})
    a, b = {0: 7}, {0: 0}
    for row in range(STEPS):
        a[row + 1] = given["a"].get(row + 1, (k * (3 * a[row] + row**2) - 1) % R)
        b[row + 1] = (a[row + 1] + b[row]) % R
    assert made == {"a": a, "b": b, "other": {0: 4}}
    assert given == {"a": {0: 7, 11: 1}, "b": {0: 0}, "other": {0: 4}}


def test_a_version_gives_no_cell_that_a_rule_gives() -> None:
    """But the states of its hashes, whose squares are stage-1 cells."""
    found = honest(*ALL_METRICS)
    witness = found.witness
    witness.stage1(found.record, RHO)
    challenges = {name: 3**i for i, name in enumerate(found.circuit.challenges)}
    scalars = {**witness.scalars, **challenges}
    witness.stage2(scalars)
    given, hashes = witness.cells.registers, range(LAYOUT.hashes, LAYOUT.days)
    states = {
        name: {row: cells[row] for row in hashes if row in cells} for name, cells in given.items()
    }
    made = fill_registers(found.circuit, witness.cells.numbers(), states, scalars)
    twice = {
        (name, row)
        for name, cells in given.items()
        for row in cells.keys() & made[name].keys()
        if row not in hashes
    }
    assert not twice
    assert sum(len(cells) for cells in given.values()) > sum(len(c) for c in states.values())
