"""
The circuit's metrics are the table's (history/v2/metrics/): the same formulas, on ints and on
expressions; and a metric more is constrained by the table alone.
"""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
from support.credential import (
    ALL_METRICS,
    CLASS,
    DEFAULTS,
    LOOSE,
    SLOTS,
    Case,
    case,
    week,
    world,
)
from support.metric_table import toy

from algebra.native_backend import native
from circuits.credential.v2.layout import Layout
from circuits.credential.v2.statement import credential_circuit, derive
from circuits.language.circuit import Circuit
from circuits.language.expression import Expression, fold, named, wrap
from history.v2.metrics import METRICS
from history.v2.metrics.form import Metric, Place
from history.v2.metrics.table import MetricTable
from history.v2.thresholds import Thresholds
from prover.keys import build_proving_key
from prover.prove import prove
from prover.witness.v2.credential import CredentialWitness
from tierproof.testing import assert_rejected, labels, trace_failures
from verifier.loader import StatementReader
from verifier.verify import verify

NUMBERS = 10**6


class Named(SimpleNamespace):
    """Every attribute is a scalar of its name."""

    def __init__(self, prefix: str) -> None:
        super().__init__(_prefix=prefix)

    def __getattr__(self, name: str) -> Expression:
        return named(f"{self._prefix}.{name}")


WRITTEN = [metric for metric in METRICS if metric.number != 26]
"""Their formulas are the circuit's; M26 has a gadget, and its are of integers alone."""


@pytest.mark.parametrize("metric", WRITTEN, ids=lambda metric: f"M{metric.number}")
def test_formulas_say_the_same_of_ints_and_of_expressions(metric: Metric) -> None:
    source = random.Random(metric.number)
    for condition in metric.conditions:
        values: dict[str, int] = {}

        def value(node: Expression, values: dict[str, int] = values) -> int:
            if node.name not in values:
                values[node.name] = source.randrange(-NUMBERS, NUMBERS)
            return values[node.name]

        sides = [wrap(side) for side in condition.sides(Named("h"), Named("t"))]
        expected = [number_of(side, value) for side in sides]
        h, t = (
            SimpleNamespace(**{n[2:]: v for n, v in values.items() if n.startswith(f"{space}.")})
            for space in "ht"
        )
        assert list(condition.sides(h, t)) == expected
        assert condition.difference(h, t) == expected[0] - expected[1]
        assert condition.holds(h, t) == (expected[0] >= expected[1])


def number_of(side: Expression, value: Any) -> int:
    """An expression of named scalars and small constants, over the integers."""
    found: int = fold(
        side,
        leaf=lambda node: value(node) if isinstance(node.value, str) else node.number,
        add=lambda a, b: a + b,
        subtract=lambda a, b: a - b,
        multiply=lambda a, b: a * b,
    )
    return found


def test_rows_and_limbs_are_the_table_s() -> None:
    """Two sums a row, sixteen limbs; every condition with limbs is a rule of the circuit."""
    labels = {constraint.label for constraint in world().circuit.constraints}
    for row, taken in METRICS.rows.items():
        assert len(taken.sums) <= 2 and f"compare_{row}" in world().circuit.kinds
    for metric in METRICS:
        for condition in metric.shown:
            assert f"metric.M{metric.number}.{condition.label}" in labels
            assert condition.cells.start + condition.cells.limbs <= (
                20 if metric.number == 22 else 16
            )


# -- a metric more ---------------------------------------------------------------------------------
TABLE = METRICS.with_metric(toy())
SIGNED = METRICS.with_metric(toy(offset=1000))
EDGE = 500
"""The stock week has 35 fills on 7 active days."""


@cache
def toy_circuit(table: MetricTable) -> Circuit:
    return credential_circuit(CLASS, world().h, world().setup.srs_id, table)


def asks(fills_a_day: int, *others: int, table: MetricTable = TABLE) -> Case:
    """The stock week under a tier of the longer table."""
    loose = {name: number for metric in others for name, number in LOOSE.get(metric, {}).items()}
    numbers = {**DEFAULTS, **loose, "fills_a_day": fills_a_day}
    asked = Thresholds(**numbers, asked=frozenset({28, *others}), metrics=table)
    return case(week(), 7, 100_000, asked, others=2)


def witness(found: Case, table: MetricTable = TABLE) -> CredentialWitness:
    """Honest cells for one use: they keep the blinder that they first see."""
    scalars = derive(StatementReader(), found.statement, None, table)
    return CredentialWitness(
        toy_circuit(table),
        found.records,
        found.assessment.rows,
        found.assessment.sums,
        found.leaf_words,
        found.index,
        found.path,
        found.leaf.commitment,
        found.secret,
        found.scope,
        {name: value.number for name, value in scalars.items()},
        found.table,
        table,
    )


def broken(found: Case, table: MetricTable = TABLE) -> frozenset[str]:
    """Labels of the rules that the honest cells break."""
    cells = witness(found, table)
    return labels(trace_failures(toy_circuit(table), cells, found.statement, **found.shown()))


def test_a_metric_more_is_constrained_by_the_table_alone() -> None:
    """Decided, packed, shown and proven at its threshold; refused one above it."""
    found = asks(EDGE, *ALL_METRICS)
    key = build_proving_key(toy_circuit(TABLE), world().setup, SLOTS, native())
    assert found.assessment.holds and found.assessment.verdicts[-1].measured == EDGE
    assert Layout(CLASS, TABLE).capacity == Layout(CLASS).capacity - 1
    assert broken(found) == frozenset()
    proof = prove(key, witness(found), found.statement, algebra=native())
    verify(key.verifying, found.statement, proof, algebra=native())

    found = asks(EDGE + 1, *ALL_METRICS)
    assert [verdict.metric for verdict in found.assessment.failing] == [28]
    assert broken(found) == {"metric.M28.toy"}
    assert_rejected(key, witness(found), found.statement, native())


@pytest.mark.parametrize(("asked", "fails"), [(-1000, False), (EDGE, False), (EDGE + 1, True)])
def test_a_signed_threshold_has_no_offset_in_the_formula(asked: int, fails: bool) -> None:
    found = asks(asked, table=SIGNED)
    assert found.assessment.holds is not fails
    assert broken(found, SIGNED) == ({"metric.M28.toy"} if fails else frozenset())


def test_what_the_rows_cannot_hold_is_no_circuit() -> None:
    """Three sums are no row; limbs go on in the next row by the table alone."""
    three = replace(toy(), rows={"toy": ("fills", "active_days", "volume")})
    with pytest.raises(ValueError, match="cannot take over"):
        METRICS.with_metric(three)
    beside = replace(toy(Place("toy", 14, 3)), rows={"toy": ("fills", "active_days"), "spare": ()})
    table = METRICS.with_metric(beside)
    assert broken(asks(EDGE, table=table), table) == frozenset()
    assert broken(asks(EDGE + 1, table=table), table) == {"metric.M28.spare.take_over"}


def test_unasked_the_metric_binds_nothing() -> None:
    asked = Thresholds(**DEFAULTS, asked=frozenset(), metrics=TABLE, fills_a_day=9999)
    assert asked.effective.fills_a_day == 0
    found = case(week(), 7, 100_000, asked)
    assert found.assessment.verdicts == () and broken(found) == frozenset()
