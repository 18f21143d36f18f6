"""
A1: whatever is removed from the circuit, a forged trace then passes; the whole circuit stops it
with exactly that label.

Here a sample and the controls; `attacks.campaigns.constraints` does all (`make attack`).
"""

from __future__ import annotations

import random
from functools import cache

import pytest
from attacks.campaigns.constraints import PROVEN, constraints_campaign, proof_verdict, verdict
from attacks.kit.catalogue import Item, constraint_cheats, items
from attacks.kit.cheats import Cheat, base_trace
from attacks.kit.hands import set_free, set_limb
from attacks.kit.trace import Trace
from attacks.kit.weaken import Weakened, expand, without_constraint
from support.credential import LAYOUT, honest, world
from support.forge import split

from algebra.interface import R
from circuits.credential.v2.days import WIRES
from circuits.credential.v2.trace import RANGE
from circuits.language.checker import check_trace
from circuits.language.circuit import FIXED
from circuits.language.expression import cell, named
from history.v2.day_rows import SUMS
from history.v2.totals import TOTALS

CIRCUIT = world().circuit
ITEMS = list(items(CIRCUIT))


@cache
def cheats() -> dict[str, Cheat]:
    return constraint_cheats(CIRCUIT)


def test_every_constraint_has_a_cheat() -> None:
    assert set(PROVEN) < set(cheats()) == {c.label for c in CIRCUIT.constraints}


def test_the_list_is_the_circuits_own() -> None:
    sorts = [item.sort for item in ITEMS]
    assert sorts.count("constraint") == len(CIRCUIT.constraints)
    assert sorts.count("boundary") == 2 * len(CIRCUIT.helpers) + 2
    assert sorts.count("lookup") == len(CIRCUIT.lookups) == 18
    assert sorts.count("message") == 195
    assert (sorts.count("total"), sorts.count("sum"), sorts.count("record")) == (
        len(TOTALS) + len(WIRES) + 1,
        len(SUMS),
        25,
    )
    assert len({item.key for item in ITEMS}) == len(ITEMS)


@pytest.mark.parametrize("item", ITEMS[5::19], ids=lambda item: item.key)
def test_one_thing_removed(item: Item) -> None:
    found, _ = verdict(item)
    assert found["caught"], found


def test_selectors_are_removed_as_well() -> None:
    found = constraints_campaign(
        lambda _: None, only=lambda item: item.name in ("metric.M10.volume", "link.q2.sum")
    )
    assert {v["name"]: v["caught"] for v in found["details"] if v["sort"] == "selector"} == {
        "compare_volume_equity": True, "link_q2": True,
    }  # fmt: skip
    assert (found["tried"], found["caught"], found["free"]) == (4, 4, 0)


@pytest.mark.parametrize(
    "label", ["helper.exchange", pytest.param("link.lam.sum", marks=pytest.mark.slow)]
)
def test_a_real_proof(label: str) -> None:
    assert proof_verdict(label)["caught"]


# -- controls: the campaign can fail ---------------------------------------------------------------
def test_a_constraint_without_a_cheat_is_not_caught() -> None:
    assert verdict(Item("constraint", "new", None, None))[0]["caught"] is False


def test_an_honest_trace_is_no_cheat() -> None:
    weakened = Weakened(without_constraint(CIRCUIT, "day.profit"), frozenset({"day.profit"}))
    found, _ = verdict(Item("constraint", "day.profit", Cheat("nothing", honest()), weakened))
    assert (found["caught"], found["full"]) == (False, {})


def test_a_cheat_that_another_constraint_stops_too_is_not_caught() -> None:
    def lie(trace: Trace) -> None:
        for row in ("volume_equity", "turnover"):
            trace.add("free0", LAYOUT.comparison(row), 1)
        trace.put("free11", LAYOUT.day(3), 5)

    weakened = Weakened(without_constraint(CIRCUIT, "day.profit"), frozenset({"day.profit"}))
    assert (
        verdict(Item("constraint", "day.profit", Cheat("two lies", honest(), lie), weakened))[0][
            "caught"
        ]
        is False
    )


@pytest.mark.parametrize(
    "label", ["metric.M10.volume", "day.divisor_product", "link.t1.point", "record.distance"]
)
def test_the_trace_says_what_the_checker_says(label: str) -> None:
    """
    Only rows that differ from a valid trace are evaluated: the same labels on the same rows as all
    of them.
    """
    trace = cheats()[label].trace()
    columns = {c.name: split(trace.columns[c.name]) for c in CIRCUIT.columns if c.stage != FIXED}
    found = check_trace(CIRCUIT, columns, trace.scalars, records=trace.records.tolist())
    assert {(f.label, f.row) for f in found} == {
        (k, row) for k, rows in trace.failures().items() for row in rows
    }


def test_an_expression_as_a_polynomial_in_a_challenge() -> None:
    x, a, b = named("x"), cell(0), cell(1)
    found = expand((x * a - 3) * (x + b), frozenset({"x"}))
    assert set(found) == {(("x", 2),), (("x", 1),), ()}
    assert found[(("x", 2),)] is a


# -- values that two or three rules hold together --------------------------------------------------
def failing(trace: Trace) -> set[str]:
    return set(trace.complete().failures())


def test_flags_of_m8_are_bits() -> None:
    """Limbs whose sum is 0 or 1: whatever one over one holds, the rule fails."""
    source, row = random.Random(8), LAYOUT.comparison("near")
    for index in range(1, 16):
        trace = base_trace().copy()
        trace.scalars["ask_8"] = 1
        for limb in range(15):
            set_limb(trace, row, limb, source.choice((0, 0, 1)))
        set_limb(trace, row, index - 1, source.choice((2, RANGE - 1, source.randrange(2, RANGE))))
        assert "metric.M8.one_flag" in failing(trace)


def test_a_near_day_is_a_bit() -> None:
    """A flag v over one needs near = 0 by near_zero; then -v has no two limbs."""
    for value in (2, 3, RANGE - 1):
        assert R - value >= RANGE**2
        trace, row = base_trace().copy(), LAYOUT.day(3) + 4
        set_limb(trace, row, 7, value)
        assert "activity.near_positive" in failing(trace)
        set_free(
            trace, row, value, start=8
        )  # near = v makes near_positive hold, and near_zero fail
        assert "activity.near_zero" in failing(trace)


@pytest.mark.parametrize("trips", [0, 1])
def test_less_than_two_trips_have_no_variance(trips: int) -> None:
    for value in (-5, 0, 7, 10**12):
        assert trips * value**2 * trips - (trips * value) ** 2 < 1
