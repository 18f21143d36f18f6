"""
What the verifier's steps need of a circuit, its size and k: the same for every proof, so worked out
once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from algebra.interface import R, root_of_unity
from circuits.language.circuit import Circuit
from circuits.language.expression import Expression
from circuits.language.packing import Pack, evaluations, packs
from circuits.language.program import combined, guard_column


@dataclass(frozen=True, slots=True)
class Plan:
    """
    Parameters
    ----------
    omega : generator of the domain.
    packs, evaluations : order of commitments and of claimed values (docs/explanation/protocol.md
        4.1).
    rows : single rows that constraints name, ascending, with omega^-row.
    guards : g to the number of the guard's pseudo column, for each guard in use.
    guard_roots : omega^-i for i = 1 .. the largest guard.
    size_inverse, gap_inverse : 1/n, 1/(1 - omega).
    claim : all constraints in one expression (docs/explanation/protocol.md 4.4).
    """

    omega: int
    packs: tuple[Pack, ...]
    evaluations: tuple[tuple[str, int], ...]
    rows: Mapping[int, int]
    guards: Mapping[int, int]
    guard_roots: tuple[int, ...]
    size_inverse: int
    gap_inverse: int
    claim: Expression

    @staticmethod
    def of(circuit: Circuit, slots: int) -> Plan:
        """The plan of a finished circuit with `slots` columns to a commitment."""
        omega = root_of_unity(circuit.size)
        guards = {c.guard for c in circuit.constraints if c.guard}
        return Plan(
            omega=omega,
            packs=tuple(packs(circuit, slots)),
            evaluations=tuple(evaluations(circuit, slots)),
            rows={row: pow(omega, -row, R) for row in circuit.row_indicators()},
            guards={guard: guard_column(circuit, guard) for guard in sorted(guards)},
            guard_roots=tuple(pow(omega, -i, R) for i in range(1, max(guards, default=0) + 1)),
            size_inverse=pow(circuit.size, -1, R),
            gap_inverse=pow(1 - omega, -1, R),
            claim=combined(circuit),
        )
