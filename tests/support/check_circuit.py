"""
Rejection tests for free: one call takes a circuit, a valid witness and named cheats, and asserts
that only the valid witness is accepted, by the trace checker and by prover and verifier
(shared/style.md, idea 3).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from algebra.errors import Rejected
from algebra.interface import Algebra, Column, Point, R
from circuits.language.checker import Failure, check_trace
from circuits.language.circuit import Circuit
from prover.blinding import unsafe_seeded_blinding
from prover.keys import ProvingKey, build_proving_key, powers_needed
from prover.prove import Witness, prove
from prover.setup import unsafe_dev_setup
from verifier.algorithm import statement_scalars
from verifier.loader import StatementReader
from verifier.verify import verify

Columns = dict[str, Column]
Alter = Callable[[Columns], None]
AlterRegisters = Callable[[Columns, Mapping[str, int]], None]


@dataclass(frozen=True)
class Cheat:
    """
    A forged trace.

    Parameters
    ----------
    name : for the reader of a failing test.
    labels : labels of the constraints that stop it, exactly; as a set.
    first, second : change copies of the honest stage-1 columns and registers in place.
    """

    name: str
    labels: frozenset[str]
    first: Alter | None = None
    second: AlterRegisters | None = None


def cheat(
    name: str, *labels: str, first: Alter | None = None, second: AlterRegisters | None = None
) -> Cheat:
    return Cheat(name, frozenset(labels), first, second)


def copied(columns: Mapping[str, Column]) -> Columns:
    """Columns that may be changed without touching the honest ones."""
    return {
        name: Column(np.array(column.narrow), dict(column.wide)) for name, column in columns.items()
    }


def get(columns: Mapping[str, Column], name: str, row: int) -> int:
    """One cell."""
    return columns[name].wide.get(row, int(columns[name].narrow[row]))


def put(columns: Columns, name: str, row: int, value: int) -> None:
    """Overwrite one cell with a number of any size, taken mod R."""
    value %= R
    columns[name].wide.pop(row, None)
    columns[name].narrow[row] = value if value < 1 << 12 else 0
    if value >= 1 << 12:
        columns[name].wide[row] = value


@dataclass
class Tampered:
    """
    A witness whose columns are altered after the honest code made them; the prover does not notice.
    """

    honest: Any
    first: Alter | None = None
    second: AlterRegisters | None = None
    commitment: Point = None

    @property
    def record_commitment(self) -> Point:
        point: Point = self.commitment or self.honest.record_commitment
        return point

    def stage1(self, record: tuple[int, int] | None, rho: int) -> Columns:
        columns = copied(self.honest.stage1(record, rho))
        if self.first:
            self.first(columns)
        return columns

    def stage2(self, scalars: Mapping[str, int]) -> Columns:
        columns = copied(self.honest.stage2(scalars))
        if self.second:
            self.second(columns, scalars)
        return columns


def small_key(circuit: Circuit, algebra: Algebra, slots: int = 4) -> ProvingKey:
    """A key on a development setup, made on the spot."""
    return build_proving_key(
        circuit, unsafe_dev_setup(powers_needed(circuit.size, slots), algebra), slots, algebra
    )


def trace_failures(
    circuit: Circuit,
    witness: Witness,
    statement: Sequence[int],
    *,
    record: tuple[int, int] | None = None,
    rho: int = 0,
    records: list[int] | None = None,
    **options: Any,
) -> list[Failure]:
    """What the trace checker says of a witness under random challenges (fixed seed)."""
    source = random.Random(7)
    scalars = {
        name: value.number
        for name, value in statement_scalars(
            StatementReader(), circuit, statement, record or ()
        ).items()
    }
    first = witness.stage1(record, rho)
    scalars |= {name: source.randrange(R) for name in circuit.challenges}
    return check_trace(
        circuit, {**first, **witness.stage2(scalars)}, scalars, records=records, **options
    )


def labels(failures: Sequence[Failure]) -> frozenset[str]:
    return frozenset(failure.label for failure in failures)


def record_of(
    key: ProvingKey, witness: Witness, rho: int, algebra: Algebra
) -> tuple[int, int] | None:
    """C' = C + rho H, or None without a record column."""
    if key.circuit.record_body is None:
        return None
    return algebra.scale_points([witness.record_commitment, key.vanishing_point], [1, rho])


def assert_rejected(
    key: ProvingKey, witness: Witness, statement: Sequence[int], algebra: Algebra
) -> None:
    """A whole proof of the witness is well formed, and refused by the pairing equation."""
    proof = prove(key, witness, statement, algebra=algebra)
    with pytest.raises(Rejected) as caught:
        verify(key.verifying, statement, proof, algebra=algebra)
    assert caught.value.code == "rejected.equation"


def check_circuit(
    circuit: Circuit,
    witness: Witness,
    statement: Sequence[int],
    cheats: Sequence[Cheat],
    *,
    algebra: Algebra,
    key: ProvingKey | None = None,
    records: list[int] | None = None,
    rho: int = 5,
    prove_cheats: bool = True,
) -> bytes:
    """
    Assert that the witness is accepted and every cheat is not, by trace checker, prover and
    verifier.

    Parameters
    ----------
    records : values of the record column, for the trace checker.
    rho : its blinder there; the prover draws its own.
    prove_cheats : also make a proof of every cheat, and see it refused.

    Returns
    -------
    The accepted proof.
    """
    key = key or small_key(circuit, algebra)
    record = record_of(key, witness, rho, algebra)
    shown: dict[str, Any] = {"record": record, "rho": rho, "records": records}
    assert trace_failures(circuit, witness, statement, **shown) == []
    proof = prove(
        key, witness, statement, algebra=algebra, blinding=unsafe_seeded_blinding(b"check")
    )
    verify(key.verifying, statement, proof, algebra=algebra)
    for attempt in cheats:
        forged = Tampered(witness, attempt.first, attempt.second)
        assert labels(trace_failures(circuit, forged, statement, **shown)) == attempt.labels, (
            attempt.name
        )
        if prove_cheats:
            assert_rejected(key, forged, statement, algebra)
    return proof
