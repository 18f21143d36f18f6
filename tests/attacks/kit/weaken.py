"""
Circuits with one thing removed: a constraint, one of its rows, a side of a lookup, a message, a
total, a term of a sum or of the record.

All are found in the circuit object itself, so that whatever is added to the circuit asks for a
cheat.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from attacks.kit.trace import Trace

from algebra.interface import Column, R
from circuits.credential.v2.layout import SUM_ROWS
from circuits.language.checker import dense
from circuits.language.circuit import END_ROWS, SECOND, Circuit, Constraint, Helper
from circuits.language.expression import (
    CELL,
    CONSTANT,
    NAMED,
    ONE,
    ZERO,
    Expression,
    add_all,
    cell,
    fold,
    multiply_all,
    named,
    row_indicator,
    walk,
)

Monomial = tuple[tuple[str, int], ...]
"""A product of powers of challenges: names with exponents, by name."""


@dataclass(frozen=True)
class Weakened:
    """
    Parameters
    ----------
    circuit : without the thing.
    expected : labels with which the full circuit stops the cheat.
    settle : makes multiplicities and attested record those of the weakened circuit.
    """

    circuit: Circuit
    expected: frozenset[str]
    settle: Callable[[Trace], None] = lambda trace: None


def expand(root: Expression, challenges: frozenset[str]) -> dict[Monomial, Expression]:
    """An expression as a polynomial in challenges whose coefficients have none."""

    def join(a: Monomial, b: Monomial) -> Monomial:
        powers = dict(a)
        for name, exponent in b:
            powers[name] = powers.get(name, 0) + exponent
        return tuple(sorted(powers.items()))

    def leaf(node: Expression) -> dict[Monomial, Expression]:
        if node.kind == NAMED and node.name in challenges:
            return {((node.name, 1),): ONE}
        return {(): node} if node is not ZERO else {}

    def add(
        a: Mapping[Monomial, Expression], b: Mapping[Monomial, Expression]
    ) -> dict[Monomial, Expression]:
        return {m: a.get(m, ZERO) + b.get(m, ZERO) for m in {**a, **b}}

    def multiply(
        a: Mapping[Monomial, Expression], b: Mapping[Monomial, Expression]
    ) -> dict[Monomial, Expression]:
        out: dict[Monomial, Expression] = {}
        for m, x in a.items():
            for k, y in b.items():
                out[join(m, k)] = out.get(join(m, k), ZERO) + x * y
        return out

    return fold(
        root,
        leaf=leaf,
        add=add,
        subtract=lambda a, b: add(a, {m: ZERO - x for m, x in b.items()}),
        multiply=multiply,
    )


def collapse(polynomial: Mapping[Monomial, Expression]) -> Expression:
    """The expression of a polynomial in challenges."""
    terms = []
    for monomial, coefficient in polynomial.items():
        powers = [named(name) for name, exponent in monomial for _ in range(exponent)]
        terms.append(coefficient * multiply_all(powers))
    return add_all(terms)


def without_constraint(circuit: Circuit, label: str) -> Circuit:
    """A circuit that does not know one label."""
    kept = [c for c in circuit.constraints if c.label != label]
    assert len(kept) == len(circuit.constraints) - 1, label
    return replace(circuit, constraints=kept, folded=None)


def without_row(circuit: Circuit, label: str, row: int) -> Circuit:
    """A circuit whose rule of that label does not reach one row."""

    def cut(constraint: Constraint) -> Constraint:
        if constraint.label != label:
            return constraint
        return replace(constraint, rows=tuple(r for r in constraint.rows if r != row))

    return replace(circuit, constraints=[cut(c) for c in circuit.constraints], folded=None)


def with_helper(circuit: Circuit, helper: Helper) -> Circuit:
    """A circuit with other fractions in one of its helper columns."""
    denominators = [d for _, d in helper.fractions]
    crossed = add_all(
        n * multiply_all(d for j, d in enumerate(denominators) if j != i)
        for i, (n, _) in enumerate(helper.fractions)
    )
    body = cell(circuit.index(helper.column)) * multiply_all(denominators) - crossed

    def swap(constraint: Constraint) -> Constraint:
        return (
            replace(constraint, body=body)
            if constraint.label == f"helper.{helper.label}"
            else constraint
        )

    helpers = [helper if h.label == helper.label else h for h in circuit.helpers]
    return replace(
        circuit, helpers=helpers, constraints=[swap(c) for c in circuit.constraints], folded=None
    )


def helper_of(circuit: Circuit, label: str) -> Helper:
    return next(h for h in circuit.helpers if h.label == label)


# -- lookups ---------------------------------------------------------------------------------------
def without_lookup(circuit: Circuit, label: str) -> Weakened:
    """One looked-up expression is asked no more; its values leave the multiplicities."""
    lookup = next(x for x in circuit.lookups if x.label == label)
    beta = named("beta")
    helper = next(
        h for h in circuit.helpers if any(d is beta + lookup.expression for _, d in h.fractions)
    )
    others = [x for x in circuit.lookups if x.expression is lookup.expression and x is not lookup]
    kept = add_all(
        kind.selector for kind in circuit.kinds.values() for x in others if kind.rows == x.rows
    )
    fractions = tuple(
        (kept if d is beta + lookup.expression else n, d) for n, d in helper.fractions
    )
    weak = with_helper(circuit, replace(helper, fractions=fractions))
    weak.lookups = [x for x in circuit.lookups if x is not lookup]

    def settle(trace: Trace) -> None:
        assert circuit.table is not None
        entries = {
            int(v): row
            for row, v in reversed(
                list(
                    enumerate(trace.values([circuit.table], np.arange(circuit.size - END_ROWS))[0])
                )
            )
        }
        for value in trace.values([lookup.expression], np.array(lookup.rows))[0]:
            if int(value) in entries:
                trace.add("multiplicity", entries[int(value)], -1)

    return Weakened(weak, frozenset({label, "sum.end"}), settle)


# -- bus -------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class BusMessage:
    """
    A message as the fixed columns have it: multiplicity -1 for a consumer, the number of consumers
    for the producer.
    """

    identity: int
    row: int
    slot: int
    multiplicity: int


def bus_messages(circuit: Circuit) -> list[BusMessage]:
    """Every message of the bus, from the fixed columns."""
    columns = {name: dense(circuit.fixed_values[name]) for name in ("c0", "c1", "c2", "c3")}
    out = []
    for row in circuit.kinds["bus"].rows:
        for slot in (0, 1):
            count = int(columns[f"c{2 + slot}"][row])
            if count:
                out.append(
                    BusMessage(
                        int(columns[f"c{slot}"][row]),
                        row,
                        slot,
                        count if count < R // 2 else count - R,
                    )
                )
    return out


def without_messages(circuit: Circuit, *removed: BusMessage) -> Weakened:
    """The bus without some consumers; their producer sends as many less."""
    weak = replace(
        circuit,
        fixed_values={
            k: Column(np.array(c.narrow), dict(c.wide)) for k, c in circuit.fixed_values.items()
        },
    )
    left: dict[BusMessage, int] = {}
    for message in removed:
        producer = next(
            m
            for m in bus_messages(circuit)
            if m.identity == message.identity and m.multiplicity > 0
        )
        left[producer] = left.get(producer, producer.multiplicity) - 1
        weak.set_fixed(f"c{2 + message.slot}", message.row, 0)
    for producer, count in left.items():
        weak.set_fixed(f"c{2 + producer.slot}", producer.row, count)

    def settle(trace: Trace) -> None:
        for name in ("c2", "c3"):
            trace.columns[name] = dense(weak.fixed_values[name])

    return Weakened(weak, frozenset({"sum.end"}), settle)


# -- group-by and sums -----------------------------------------------------------------------------
GROUP, SIGMA = frozenset({"group"}), frozenset({"sigma"})


def totals(circuit: Circuit) -> list[Monomial]:
    """Powers of the group challenge in the exchange: one a total."""
    return sorted(expand(helper_of(circuit, "exchange").fractions[0][0], GROUP))


def without_total(circuit: Circuit, monomial: Monomial) -> Weakened:
    """
    One total is tied to the records no more: it leaves the group-by on both sides. Bus messages
    stay.
    """
    helper = helper_of(circuit, "exchange")
    ((numerator, denominator),) = helper.fractions
    left = expand(numerator, GROUP)
    dropped = left.pop(monomial)
    if not monomial:  # the constant coefficient holds the bus as well
        left[()] = _bus_part(circuit, dropped)
    return Weakened(
        with_helper(circuit, replace(helper, fractions=((collapse(left), denominator),))),
        frozenset({"sum.end"}),
    )


def _bus_part(circuit: Circuit, coefficient: Expression) -> Expression:
    """
    What of the coefficient does not vanish with the selector of bus rows on: records and days are
    elsewhere.
    """
    return circuit.kinds["bus"].selector * coefficient


def sum_terms(circuit: Circuit) -> list[tuple[str, Monomial]]:
    """
    Every quantity of stage-1 cells that enters the running sum, by its kind of row and its power of
    sigma.
    """
    return [
        (label, monomial)
        for label, term in circuit.sum_terms
        if not any(
            node.kind == CELL and circuit.columns[node.place[0]].stage == SECOND
            for node in walk([term])
        )
        for monomial in sorted(expand(term, SIGMA))
    ]


def without_sum_term(circuit: Circuit, label: str, monomial: Monomial) -> Weakened:
    """
    One quantity of the days is summed no more, on either side: its sum is whatever the sum row
    says.
    """

    def left(term: Expression) -> Expression:
        polynomial = expand(term, SIGMA)
        del polynomial[monomial]
        return collapse(polynomial)

    exponent = dict(monomial).get("sigma", 0)
    row, slot = divmod(2 * SUM_ROWS - 3 - exponent, 2)
    freed = (
        row_indicator(circuit.kinds["sums"].rows[row])
        * cell(circuit.index(f"free{slot}"))
        * collapse({monomial: ONE})
    )
    terms = [(name, left(term) if name == label else term) for name, term in circuit.sum_terms] + [
        ("freed", freed)
    ]
    step = add_all(
        [cell(circuit.index(h.column)) for h in circuit.helpers] + [term for _, term in terms]
    )
    z = cell(circuit.index("running_sum"))
    body = circuit.next(z) - z - step
    constraints = [
        replace(c, body=body) if c.label == "sum.next" else c for c in circuit.constraints
    ]
    weak = replace(circuit, sum_terms=terms, constraints=constraints, folded=None)
    return Weakened(weak, frozenset({"sum.end"}))


# -- the record column -----------------------------------------------------------------------------
def record_terms(circuit: Circuit) -> list[str]:
    """Columns that enter the record with a weight."""
    assert circuit.record_body is not None
    return [name for name, weight in record_weights(circuit).items() if weight]


def record_weights(circuit: Circuit) -> dict[str, int]:
    """
    Weight of every stage-1 column in the record on a record row; the record is linear in them.
    """
    assert circuit.record_body is not None
    selector = circuit.kinds["record"].selector

    def value(chosen: str) -> int:
        def leaf(node: Expression) -> int:
            if node.kind == CONSTANT:
                return node.number
            if node is selector:
                return 1
            return int(circuit.columns[node.place[0]].name == chosen)

        assert circuit.record_body is not None
        weight: int = fold(
            circuit.record_body, leaf=leaf, add=lambda a, b: a + b, subtract=lambda a, b: a - b,
            multiply=lambda a, b: a * b,
        )  # fmt: skip
        return weight

    return {c.name: value(c.name) for c in circuit.columns if c.stage == 1}


def without_record_term(circuit: Circuit, name: str) -> Weakened:
    """One field of the record is committed to no more."""
    assert circuit.record_body is not None
    selector, weight = circuit.kinds["record"].selector, record_weights(circuit)[name]
    body = circuit.record_body - selector * cell(circuit.index(name)) * weight
    column = circuit.index(name)
    size = (
        1
        + circuit.cell_bounds.get(
            ("record", column), circuit.cell_bounds.get(("", column), (0, 0))
        )[1]
    )
    weak = replace(circuit, record_body=body, folded=None)

    def settle(trace: Trace) -> None:
        trace.records = trace.records - weight * (trace.records // weight % size)

    return Weakened(weak, frozenset({"record"}), settle)


# -- selectors -------------------------------------------------------------------------------------
def without_rows(circuit: Circuit, kind: str, rows: frozenset[int]) -> Circuit:
    """A kind whose selector is zero on some of its rows."""
    selector = circuit.kinds[kind].selector

    def cut(constraint: Constraint) -> Constraint:
        if constraint.selector is not selector:
            return constraint
        return replace(constraint, rows=tuple(r for r in constraint.rows if r not in rows))

    return replace(circuit, constraints=[cut(c) for c in circuit.constraints], folded=None)
