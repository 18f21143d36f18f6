"""
B9: a lookup that the running sum never sees, or a sum that the prover settles last. The running sum
ends on row n - END_ROWS, takes in what was declared before `close`, and is worth something only if
all its terms are fixed before its challenges. A circuit that leaves something out proves anything,
and says nothing; so the language refuses to write one down, and readers refuse one that is not
closed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from algebra.interface import Column, R
from algebra.native_backend import native
from circuits.language.checker import check_trace
from circuits.language.circuit import END_ROWS, Circuit, CircuitError, Lookup
from circuits.language.expression import Expression
from circuits.language.packing import packs
from circuits.language.program import combined
from prover.prove import prove
from tierproof.testing import PlainWitness, column, small_key
from verifier.verify import verify

N, ENTRIES, FALSE = 32, 4, 77


def lookup(row: int) -> tuple[Circuit, Expression, Callable[[], None]]:
    """Cell `row` of a column is an entry of the table 0..3; the call adds the lookup."""
    c = Circuit("small/one lookup", N)
    cell, count, table = c.advice("cell"), c.advice("count"), c.fixed("table")
    for entry in range(ENTRIES):
        c.set_fixed("table", entry, entry)
    beta = c.challenge("beta")
    on = c.kind("on", [row], pure=True)
    c.table = table
    c.lookups.append(Lookup("entry", cell, (row,)))
    return c, cell, lambda: c.helper("entry", [(on.selector, beta + cell), (-count, beta + table)])


def past_the_end() -> Circuit:
    """The row on which the sum is compared with zero: what stands on it is not in the sum."""
    c, _, look_up = lookup(N - END_ROWS)
    look_up()
    c.close()
    return c


def never_closed() -> Circuit:
    c, _, look_up = lookup(3)
    look_up()
    return c


def closed_too_early() -> Circuit:
    c, _, look_up = lookup(3)
    c.close()
    look_up()
    return c


def aimed_term() -> Circuit:
    """A term of a register that is free: it takes up whatever the sum lacks."""
    c, _, look_up = lookup(3)
    look_up()
    c.accumulate("late", c.single("first", 0).selector * c.register("late"))
    c.close()
    return c


def aimed_numerator() -> Circuit:
    c, _, look_up = lookup(3)
    look_up()
    late = c.single("first", 0).selector * c.register("late")
    c.helper("late", [(late, c.challenge("gamma"))])
    c.close()
    return c


def lacking(scalars: Mapping[str, int]) -> Mapping[str, Column]:
    """The register, once the challenges are known: less the lookup, times its denominator."""
    missing = -pow(scalars["beta"] + FALSE, -1, R) % R
    return {"late": column([missing * scalars.get("gamma", 1) % R], N)}


def accepted(c: Circuit) -> None:
    """A proof that 77 is one of 0..3; raises if it is refused."""
    (row,) = c.lookups[0].rows
    first = {"cell": column([0] * row + [FALSE], N), "count": column([], N)}
    registers = lacking if "late" in c.names(2, rotated=True) else lambda _: {}
    key = small_key(c, native())
    proof = prove(key, PlainWitness(first, registers), (), algebra=native())
    verify(key.verifying, (), proof, algebra=native())


def test_a_lookup_in_the_sum_is_a_lookup() -> None:
    c, _, look_up = lookup(N - END_ROWS - 1)
    look_up()
    c.close()
    with pytest.raises(Exception, match="the pairing equation does not hold"):
        accepted(c)


CHEATS = {
    past_the_end: ("_require_place", "last 6 rows"),
    never_closed: ("require_closed", "never called"),
    closed_too_early: ("_require_open", "is closed"),
    aimed_term: ("_require_early", "sum term late reads late, a stage-2 column"),
    aimed_numerator: ("_require_early", "helper late: a numerator reads late, a stage-2 column"),
}


@pytest.mark.parametrize("build", CHEATS, ids=lambda build: build.__name__)
def test_without_the_refusal_any_cell_is_an_entry(
    build: Callable[[], Circuit], monkeypatch: pytest.MonkeyPatch
) -> None:
    check, said = CHEATS[build]
    with pytest.raises(CircuitError, match=said):
        small_key(build(), native())
    monkeypatch.setattr(Circuit, check, lambda *_: None)
    accepted(build())


@pytest.mark.parametrize("read", [Circuit.describe, combined, lambda c: packs(c, 4)])
def test_no_reader_takes_an_open_circuit(read: Callable[[Circuit], object]) -> None:
    with pytest.raises(CircuitError, match="close\\(\\) was never called"):
        read(never_closed())


def test_the_trace_checker_takes_none_either() -> None:
    with pytest.raises(CircuitError, match="close\\(\\) was never called"):
        check_trace(never_closed(), {}, {})


def test_a_declared_register_is_read() -> None:
    """The circuit text says which rules fix it: here, the rule that it is zero."""
    c, _, look_up = lookup(3)
    look_up()
    late, first = c.register("late"), c.single("first", 0)
    c.require(first, "fixed", late, exact=False)
    c.accumulate("late", first.selector * late, registers=[late])
    c.close()
    with pytest.raises(Exception, match="the pairing equation does not hold"):
        accepted(c)
