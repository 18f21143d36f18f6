"""
B7: a message moved to another bus, a shorter tuple on a longer one (Plonky3 #1912). All buses share
one running sum, so the challenges, and the tag of a point entry, are what keeps them apart.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.credential import ALL_METRICS, honest, world
from support.forge import Forger, forger

from algebra.interface import R
from circuits.language.circuit import Circuit
from circuits.language.expression import NAMED, Expression, walk, wrap
from prover.witness.v2.cells import Cells
from tierproof.testing import Columns, PlainWitness, Tampered, column, labels, put, trace_failures

BUSES = {"beta", "bus", "gamma"}
"""A challenge of its own for lookups, for named values, for totals of days."""


def challenges(node: Expression) -> set[str]:
    return {
        part.name
        for part in walk([node])
        if part.kind == NAMED and part.name in world().circuit.challenges
    }


def test_every_message_is_of_one_bus() -> None:
    """
    Of each term only: the exchange adds fractions of two buses, each with a denominator of its own.
    """
    seen: set[str] = set()
    for helper in world().circuit.helpers:
        for _, denominator in helper.fractions:
            if helper.label != "exchange":
                assert len(challenges(denominator) & BUSES) == 1, helper.label
            seen |= challenges(denominator) & BUSES
    assert seen == BUSES


def messages() -> list[tuple[int, int, int, bool]]:
    """Row, slot, id and whether it is produced, of every message of the bus of names."""
    fixed, out = world().circuit.fixed_values, []
    for row in range(world().circuit.size):
        for slot in (0, 1):
            multiplicity = fixed[f"c{2 + slot}"]
            if row in world().circuit.kinds["bus"].rows:
                value = multiplicity.wide.get(row, int(multiplicity.narrow[row]))
                if value:
                    out.append((row, slot, int(fixed[f"c{slot}"].narrow[row]), value != R - 1))
    return out


@pytest.mark.parametrize("step", [1, 7])
def test_a_value_under_another_name(step: int) -> None:
    """Consumers that take what was produced under another name."""
    case, listed = honest(*ALL_METRICS), messages()
    consumers = [(row, slot, name) for row, slot, name, produced in listed if not produced]
    assert len(consumers) > 20
    (row, slot, _), (other, there, _) = consumers[0], consumers[step]

    def alter(cells: Cells, _: Forger) -> None:
        ours, theirs = cells.get_free(row, slot), cells.get_free(other, there)
        assert ours != theirs
        cells.set_free(row, [theirs], slot)
        cells.set_free(other, [ours], there)

    assert "sum.end" in case.labels(forger(case, alter), only=("sum.",))


# -- what goes wrong otherwise ---------------------------------------------------------------------
def two_buses(apart: bool, tagged: bool) -> tuple[Circuit, PlainWitness]:
    """
    A bus of numbers, one of pairs. Sent and received on each, eight messages.

    apart : the buses have challenges of their own; tagged : else pairs carry a tag.
    """
    c = Circuit("small/two buses", 32)
    single, taken, pair, pair_taken, second = (
        c.advice(name) for name in ("single", "taken", "pair", "pair_taken", "second")
    )
    one, delta = c.challenge("gamma"), c.challenge("delta")
    two = c.challenge("epsilon") if apart else one
    tag = delta * delta * int(tagged)
    on = c.kind("on", range(8), pure=True).selector
    c.helper("single", [(on, one + single), (wrap(0) - on, one + taken)])
    c.helper(
        "pair",
        [
            (on, two + pair + delta * second + tag),
            (wrap(0) - on, two + pair_taken + delta * second + tag),
        ],
    )
    c.close()
    values = {
        "single": range(8),
        "taken": range(8),
        "pair": range(50, 58),
        "pair_taken": range(50, 58),
        "second": [0] * 8,
    }
    return c, PlainWitness({name: column(list(given), 32) for name, given in values.items()})


def moved(columns: Columns) -> None:
    """The number 3 is received as the pair (3, 0), and the pair (53, 0) as the number 53."""
    put(columns, "taken", 3, 53)
    put(columns, "pair_taken", 3, 3)


@pytest.mark.parametrize(
    ("apart", "tagged", "refused"),
    [(True, False, True), (False, True, True), (False, False, False)],
)
def test_a_shorter_tuple_on_a_longer_bus(apart: bool, tagged: bool, refused: bool) -> None:
    """
    [x] is [x, 0] where nothing keeps the buses apart; a challenge of its own does, and so does a
    tag.
    """
    circuit, witness = two_buses(apart, tagged)
    check: Callable[..., frozenset[str]] = lambda given: labels(trace_failures(circuit, given, ()))  # noqa: E731
    assert check(witness) == frozenset()
    assert check(Tampered(witness, moved)) == (frozenset({"sum.end"}) if refused else frozenset())
