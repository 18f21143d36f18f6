"""
Real proofs of forged traces: the prover does not look, so what a circuit lets through shows in the
verdict.

Stage 1 of a cheat is committed first; its registers are told anew under the transcript's
challenges.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any
from unittest.mock import patch

import numpy as np
from attacks.kit.cheats import Cheat, told
from attacks.kit.hands import REGISTERS
from attacks.kit.trace import RUNNING_SUM, Trace
from support.credential import RHO, world
from support.forge import split

import prover.prove as rounds
from algebra.interface import Algebra, Column, FieldVector, Point
from circuits.language.checker import Objects
from circuits.language.circuit import BLINDING_ROWS, BLINDING_ROWS_UNROTATED, FIRST, Circuit
from circuits.language.program import combined, compile_program
from prover.blinding import os_blinding
from prover.keys import ProvingKey


@dataclass
class Dictated:
    """A witness that says what a cheat says."""

    cheat: Cheat
    told: Trace = field(init=False)
    late: Trace = field(init=False)

    def __post_init__(self) -> None:
        self.told = told(self.cheat)

    @property
    def record_commitment(self) -> Point:
        return self.cheat.case.leaf.commitment

    @property
    def statement(self) -> list[int]:
        """The case's words, with the root and the nullifier that the cheat publishes."""
        return [
            self.told.scalars["root"],
            self.told.scalars["nullifier"],
            *self.cheat.case.statement[2:],
        ]

    def stage1(self, record: tuple[int, int] | None, rho: int) -> Mapping[str, Column]:
        if (record, rho) != (self.cheat.case.record, RHO):
            raise ValueError("a cheat's link is told for one blinder of the record column")
        return {name: split(self.told.columns[name]) for name in self.told.circuit.names(FIRST)}

    def stage2(self, scalars: Mapping[str, int]) -> Mapping[str, Column]:
        self.late = self.cheat.trace(tuple(scalars[name] for name in self.told.circuit.challenges))
        if any(
            (self.late.columns[name] != self.told.columns[name]).any()
            for name in self.told.circuit.names(FIRST)
        ):
            raise ValueError("the cheat looks at challenges before it commits to stage 1")
        return {name: split(self.late.columns[name]) for name in REGISTERS}


def weakened_key(circuit: Circuit) -> ProvingKey:
    """The world's key for a circuit that lacks constraints; its columns are the same."""
    key = world().key
    return replace(
        key,
        verifying=replace(key.verifying, circuit=circuit),
        quotient_program=compile_program(circuit, [combined(circuit)]),
    )


TRIES = 20
"""
An equation of degree two has a root for half of all challenges; the prover blinds anew until it
has.
"""


def merged(values: Objects, blinded: Column, rows: int) -> Column:
    """A column as told, its last rows as the blinding has them."""
    told = np.array(values)
    told[-rows:] = 0
    column, size = split(told), len(told)
    column.wide |= {row: blinded.wide[row] for row in range(size - rows, size)}
    return column


@contextmanager
def dictated_arguments(witness: Dictated) -> Iterator[None]:
    """While this lasts the prover takes helper columns and running sum from the witness."""

    def make_helpers(run: Any, blinded: Mapping[str, Column]) -> None:
        for helper in run.circuit.helpers:
            told = merged(
                witness.late.columns[helper.column], blinded[helper.column], BLINDING_ROWS_UNROTATED
            )
            run.values[helper.column] = run.algebra.lift(told)

    def sum_column(run: Any, blinded: Column) -> FieldVector:
        vector: FieldVector = run.algebra.lift(
            merged(witness.late.columns[RUNNING_SUM], blinded, BLINDING_ROWS)
        )
        return vector

    with (
        patch.object(rounds, "make_helpers", make_helpers),
        patch.object(rounds, "sum_column", sum_column),
    ):
        yield


def prove_cheat(cheat: Cheat, key: ProvingKey, algebra: Algebra) -> tuple[list[int], bytes]:
    """
    Statement and proof. The only public scalars that the cheat may tell are root and nullifier.
    """
    witness = Dictated(cheat)
    for _ in range(TRIES):
        blinders = chain([RHO], iter(os_blinding, None))
        try:
            with dictated_arguments(witness):
                proof = rounds.prove(
                    key,
                    witness,
                    witness.statement,
                    algebra=algebra,
                    blinding=lambda: next(blinders) or 0,  # noqa: B023
                )
            return witness.statement, proof
        except ArithmeticError as error:
            last = error
    raise last
