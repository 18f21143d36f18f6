"""Every cheat by what it needs removed, and what needs no cheat, with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from attacks.kit import lies_compare, lies_days, lies_hash, lies_link, lies_records, lies_sums
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
    without_sum_term,
    without_total,
)

from circuits.circuit import Circuit

IMPLIED: dict[str, str] = {
    **{
        f"metric.M8.flag{i}_is_bit": "flag 0 is one minus the sum S of the others and a bit, so S is 0 or 1; the others are "
        "limbs, numbers from 0 to 4095, so none is over 1"
        for i in range(1, 16)
    },
    "metric.M3.two_closes": "W closes of one desk: for W = 0 and W = 1 the variance W sum x^2 - (sum x)^2 is zero, and "
    "metric.M3.variance_positive wants one at least",
    "activity.near_is_bit": "with near_zero the flag is 1 or there is no near record; then near_positive makes minus "
    "the flag a number of two limbs, so it is 0",
}
"""Constraints that others imply: no trace fails them alone. They can be removed."""

GAINLESS: dict[str, str] = {
    **{
        f"link.{kind}.v": "register v is written anew, from limbs, before it is read"
        for kind in ("start", "t1", "q1", "c1a", "c1b", "q2", "c2a", "c2b", "x")
    },
    "link.done.word2": "free 2 of this row is read by no other rule; done2 holds the word",
    "open_next.best_day": "close.best_day holds the register too, and the keep rules carry it there",
    **{
        f"metric.M17.{name}_is_bit": "a product of three limbs is one only if all are one, and zero only if one is; the "
        "inequality beside it says the same for every value above zero"
        for name in ("long", "low", "solvent")
    },
}
"""Constraints that a trace can fail alone, but no false statement passes without them. They can be removed."""


@dataclass(frozen=True)
class Item:
    """Something that can be removed from the circuit: what sort, its name, the cheat that then passes."""

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
        **lies_records.cheats(), **lies_link.cheats(), **lies_hash.cheats(), **lies_days.cheats(), **lies_compare.cheats(),
        **lies_sums.arguments(circuit),
    }  # fmt: skip


def items(circuit: Circuit) -> Iterator[Item]:
    """Everything that the circuit object has, in its order; `cheat` is None where nobody knows one."""
    cheats = constraint_cheats(circuit)
    for constraint in circuit.constraints:
        label = constraint.label
        weakened = Weakened(without_constraint(circuit, label), frozenset({label}))
        yield Item("constraint", label, cheats.get(label), weakened)
    for lookup in circuit.lookups:
        yield Item("lookup", lookup.label, lies_sums.lookup(lookup.label), without_lookup(circuit, lookup.label))
    messages = bus_messages(circuit)
    for message in messages:
        consumers = [m for m in messages if m.identity == message.identity and m.multiplicity < 0]
        cut = [message] if message.multiplicity < 0 else consumers
        side = "consumer" if message.multiplicity < 0 else "producer"
        yield Item("message", f"{message.identity}, {side} on row {message.row}, slot {message.slot}",
                   lies_sums.message(circuit, cut[0]), without_messages(circuit, *cut))  # fmt: skip
    for monomial in totals(circuit):
        yield Item("total", str(dict(monomial).get("group", 0)), lies_days.total(monomial), without_total(circuit, monomial))
    for label, monomial in sum_terms(circuit):
        yield Item("sum", f"{label}, sigma^{dict(monomial).get('sigma', 0)}", lies_days.summed(monomial),
                   without_sum_term(circuit, label, monomial))  # fmt: skip
    for name in record_terms(circuit):
        yield Item("record", name, lies_records.field(name), without_record_term(circuit, name))
