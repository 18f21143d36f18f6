"""Everything that can be removed from the circuit, each with the cheat that then passes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from attacks.kit import (
    lies_compare,
    lies_days,
    lies_hash,
    lies_link,
    lies_records,
    lies_score,
    lies_sums,
)
from attacks.kit.cheats import Cheat
from attacks.kit.weaken import (
    Weakened,
    bus_messages,
    record_terms,
    sum_terms,
    totals,
    without_constraint,
    without_lookup,
    without_messages,
    without_record_term,
    without_row,
    without_sum_term,
    without_total,
)

from circuits.language.circuit import Circuit


@dataclass(frozen=True)
class Item:
    """
    Something that can be removed from the circuit: what sort, its name, the cheat that then passes.
    """

    sort: str
    name: str
    cheat: Cheat | None
    weakened: Weakened | None

    @property
    def key(self) -> str:
        return f"{self.sort}: {self.name}"


def constraint_cheats(circuit: Circuit) -> dict[str, Cheat]:
    """By label."""
    return {
        **lies_records.cheats(),
        **lies_link.cheats(),
        **lies_hash.cheats(),
        **lies_days.cheats(),
        **lies_compare.cheats(),
        **lies_score.cheats(),
        **lies_sums.arguments(circuit),
    }


def items(circuit: Circuit) -> Iterator[Item]:
    """
    Everything that the circuit object has, in its order; `cheat` is None where nobody knows one.
    """
    cheats = constraint_cheats(circuit)
    for constraint in circuit.constraints:
        label = constraint.label
        weakened = Weakened(without_constraint(circuit, label), frozenset({label}))
        yield Item("constraint", label, cheats.get(label), weakened)
    for (label, row), cheat in lies_sums.boundaries(circuit).items():
        yield Item(
            "boundary",
            f"{label}, row {row}",
            cheat,
            Weakened(without_row(circuit, label, row), frozenset({label})),
        )
    for lookup in circuit.lookups:
        yield Item(
            "lookup",
            lookup.label,
            lies_sums.lookup(lookup.label),
            without_lookup(circuit, lookup.label),
        )
    messages, called = bus_messages(circuit), lies_sums.names(circuit)
    for message in messages:
        consumers = [m for m in messages if m.identity == message.identity and m.multiplicity < 0]
        cut = [message] if message.multiplicity < 0 else consumers
        side = "consumer" if message.multiplicity < 0 else "producer"
        yield Item(
            "message",
            f"{message.identity}, {side} on row {message.row}, slot {message.slot}",
            lies_sums.message(called, cut[0]),
            without_messages(circuit, *cut),
        )
    for monomial in totals(circuit):
        yield Item(
            "total",
            str(dict(monomial).get("group", 0)),
            lies_days.total(monomial),
            without_total(circuit, monomial),
        )
    for label, monomial in sum_terms(circuit):
        yield Item(
            "sum",
            f"{label}, sigma^{dict(monomial).get('sigma', 0)}",
            lies_days.summed(monomial),
            without_sum_term(circuit, label, monomial),
        )
    for name in record_terms(circuit):
        yield Item("record", name, lies_records.field(name), without_record_term(circuit, name))
