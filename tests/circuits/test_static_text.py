"""
A2: the constraint text by itself: nothing in it is unread, without effect, or apart from the public
words.
"""

from __future__ import annotations

import pytest
from support.credential_determinism import bus_groups
from support.small import SMALL
from support.static_text import (
    Components,
    Node,
    read_once,
    stage2_in_arguments,
    unread_columns,
    unused_scalars,
    without_effect,
)

from circuits.credential.v2.days import ACTIVITY_TOTALS, EQUITY_TOTALS, FIRST_WIRE, WIRES
from circuits.credential.v2.layout import MINIMUM_CLASS
from circuits.credential.v2.statement import credential_text
from circuits.language.circuit import FIRST, Circuit
from circuits.language.expression import CELL, walk
from history.v2.metrics import METRICS

TOTALS = {
    "day_equity": range(len(EQUITY_TOTALS)),
    "day_return": (8, 9),
    "day_index": range(FIRST_WIRE, FIRST_WIRE + len(WIRES)),
    "day_activity": range(len(ACTIVITY_TOTALS)),
}
"""Free cells that the group-by holds to the records."""


def text() -> Circuit:
    return credential_text(1 << MINIMUM_CLASS)


def test_every_column_is_read_and_every_rule_has_an_effect() -> None:
    assert unread_columns(text()) == [] and without_effect(text()) == []


def test_columns_that_one_rule_reads() -> None:
    """All are of the running sum alone, as they should be."""
    assert read_once(text()) == ["table0", "table1", "table2", "multiplicity", "is_bus"]


def test_scalars_that_no_rule_reads_are_of_metrics_that_are_refused() -> None:
    refused = set(METRICS.refused)
    numbers = [
        f"t_{slot.name}"
        for slot in METRICS.slots.values()
        if slot.metrics and set(slot.metrics) <= refused
    ]
    assert unused_scalars(text()) == sorted([*numbers, *(f"ask_{m}" for m in refused)])


def test_no_argument_reads_what_is_chosen_after_its_challenge() -> None:
    """
    B8 above the line too: only the fold of the sum rows, which its rules make a function of stage-1
    cells and sigma.
    """
    assert stage2_in_arguments(text()) == ["sums_end"]


def test_regions_of_the_exchange_do_not_meet() -> None:
    """On each row the exchange's denominator is of one argument only: record, totals or bus."""
    kinds = text().kinds
    record, bus = set(kinds["record"].rows), set(kinds["bus"].rows)
    totals = {
        row
        for name in ("equity", "return", "index", "activity")
        for row in kinds[f"day_{name}"].rows
    }
    assert not record & bus and not record & totals and not bus & totals


def components(*, arguments: bool) -> Components:
    c = text()
    found = Components(c)
    if arguments:
        for group in bus_groups(c):
            found.join([(row, c.index(name)) for row, name in group])
        assert c.record_body is not None
        record = {
            n.place[0]
            for n in walk([c.record_body])
            if n.kind == CELL and c.columns[n.place[0]].stage
        }
        cells: list[Node] = [(row, column) for row in c.kinds["record"].rows for column in record]
        for kind, term in c.sum_terms:
            summed = {
                n.place[0]
                for n in walk([term])
                if n.kind == CELL and c.columns[n.place[0]].stage == FIRST
            }
            summed |= {c.index(f"free{i}") for i in TOTALS.get(kind, ())}
            cells += [(row, column) for row in c.kinds[kind].rows for column in summed]
        found.join(cells)
    return found


def test_everything_hangs_together() -> None:
    """
    With the running sum's arguments, every cell that a rule reads is tied to a public word; without
    them, much is not.
    """
    assert components(arguments=True).apart() == []
    assert len(components(arguments=False).apart()) > 18_000


@pytest.mark.parametrize("name", SMALL)
def test_small_circuits(name: str) -> None:
    circuit = SMALL[name]().circuit
    assert without_effect(circuit) == [] and stage2_in_arguments(circuit) == []


def test_what_the_analysis_finds() -> None:
    """Each fault once, in a circuit that has them all."""
    c = Circuit("faults", 32, statement=("w",))
    unused, lonely, other = c.advice("unused"), c.advice("lonely"), c.advice("other")
    w, spare = c.scalar("w", 0, 9), c.scalar("spare", 0, 9)
    k, empty = c.kind("k", [0, 1], pure=True), c.kind("empty", [], pure=True)
    table = c.fixed("table")
    c.require(k, "public", other - w, exact=False)
    c.require(k, "again", other - w, exact=False)
    c.require(empty, "nowhere", lonely * other, exact=False)
    c.require(k, "of the key", table, exact=False)
    c.require(c.single("apart", 5), "apart", lonely - 3, exact=False)
    late = c.register("late")
    beta = c.challenge("beta")
    c.helper("late", [(late, beta + other)], registers=[late])
    c.close()
    assert unread_columns(c) == ["unused"] and unused.degree == spare.degree + 1
    assert {"lonely", "other"}.isdisjoint(read_once(c)) and "table" in read_once(c)
    assert without_effect(c) == ["again", "nowhere", "of the key"]
    assert unused_scalars(c) == ["spare"]
    assert stage2_in_arguments(c) == ["late"]
    assert Components(c).apart() == [(5, c.index("lonely"))]
