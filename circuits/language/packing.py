"""
How columns share commitments, and the order of everything in a proof (docs/explanation/protocol.md
4.1).

A pack of k columns is committed as f(X) = sum_j X^j p_j(X^k). Columns that are read at the next row
form packs of their own. The record column and the quotient are packs by themselves and never opened
alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from circuits.language.circuit import FIXED, SECOND, Circuit


@dataclass(frozen=True, slots=True)
class Pack:
    """Column names of one commitment, in slot order; at most k."""

    stage: int
    rotated: bool
    names: tuple[str, ...]


def packs(circuit: Circuit, slots: int) -> list[Pack]:
    """
    All packs of a closed circuit in proof order: fixed, stage 1, stage 2 unrotated, stage 2
    rotated.
    """
    circuit.require_closed()

    def chunks(stage: int, rotated: bool) -> Iterator[Pack]:
        names = circuit.names(stage, rotated=rotated)
        for start in range(0, len(names), slots):
            yield Pack(stage, rotated, tuple(names[start : start + slots]))

    return [
        p
        for stage in (FIXED, 1, SECOND)
        for rotated in (False, True)
        for p in chunks(stage, rotated)
    ]


def evaluations(circuit: Circuit, slots: int) -> list[tuple[str, int]]:
    """
    (column, rotation) of every claimed value in proof order: all at xi, then the rotated ones at
    omega xi.
    """
    order = packs(circuit, slots)
    return [(name, 0) for p in order for name in p.names] + [
        (name, 1) for p in order if p.rotated for name in p.names
    ]
