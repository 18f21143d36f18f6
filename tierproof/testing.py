"""
Rejection tests for free: one call takes a circuit, a valid witness and named cheats, and shows that
only the valid witness is accepted, by the trace checker and by prover and verifier.

    from tierproof.testing import PlainWitness, cheat, check_circuit, column, put

`examples/own_circuit.py` is a whole circuit of thirty lines with its cheats. Everything here runs
on a development setup, whose secret is known: it is for tests alone.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from algebra.errors import Rejected
from algebra.interface import Algebra, Column, Point, R
from circuits.language.checker import Failure, check_trace
from circuits.language.circuit import Circuit
from prover.blinding import unsafe_seeded_blinding
from prover.keys import ProvingKey, build_proving_key, powers_needed
from prover.prove import Witness, prove
from prover.setup import unsafe_dev_setup
from tierproof.backends import fast_algebra
from verifier.algorithm import statement_scalars
from verifier.loader import StatementReader
from verifier.verify import verify

__all__ = [
    "Cheat",
    "CircuitCheckFailed",
    "PlainWitness",
    "Tampered",
    "assert_rejected",
    "cheat",
    "check_circuit",
    "column",
    "copied",
    "get",
    "labels",
    "put",
    "record_of",
    "small_key",
    "trace_failures",
]

Columns = dict[str, Column]
Alter = Callable[[Columns], None]
AlterRegisters = Callable[[Columns, Mapping[str, int]], None]


class CircuitCheckFailed(AssertionError):
    """
    A valid witness is refused, a cheat passes, or other constraints than the named ones stop it.
    """


# -- cells -----------------------------------------------------------------------------------------
def column(values: Sequence[int], n: int) -> Column:
    """
    A column of n rows.

    Parameters
    ----------
    values : from row 0 on, of any size and sign, taken mod R; zero after them
    """
    out = Column(np.zeros(n, dtype=np.uint16))
    for row, value in enumerate(values):
        put({"": out}, "", row, value)
    return out


def copied(columns: Mapping[str, Column]) -> Columns:
    """Columns that may be changed without touching the honest ones."""
    return {name: Column(np.array(each.narrow), dict(each.wide)) for name, each in columns.items()}


def get(columns: Mapping[str, Column], name: str, row: int) -> int:
    """One cell, in 0..R-1."""
    return columns[name].wide.get(row, int(columns[name].narrow[row]))


def put(columns: Columns, name: str, row: int, value: int) -> None:
    """Overwrite one cell with a number of any size, taken mod R."""
    value %= R
    columns[name].wide.pop(row, None)
    columns[name].narrow[row] = value if value < 1 << 12 else 0
    if value >= 1 << 12:
        columns[name].wide[row] = value


# -- witnesses and cheats --------------------------------------------------------------------------
@dataclass
class PlainWitness:
    """
    A witness whose stage-1 columns are known beforehand.

    Attributes
    ----------
    first : stage-1 columns by name
    second : registers by name, made from the public scalars and challenges; none by default
    commitment : C, of circuits with a record column
    """

    first: Mapping[str, Column] = field(default_factory=dict)
    second: Callable[[Mapping[str, int]], Mapping[str, Column]] = lambda _: {}
    commitment: Point = None

    @property
    def record_commitment(self) -> Point:
        """C."""
        return self.commitment

    def stage1(self, record: tuple[int, int] | None, rho: int) -> Mapping[str, Column]:
        """The stage-1 columns as they were given."""
        return self.first

    def stage2(self, scalars: Mapping[str, int]) -> Mapping[str, Column]:
        """The registers under these scalars."""
        return self.second(scalars)


@dataclass(frozen=True)
class Cheat:
    """
    A forged trace.

    Attributes
    ----------
    name : for the reader of a failing test
    labels : labels of the constraints that stop it, exactly; as a set
    first, second : change copies of the honest stage-1 columns and registers in place
    """

    name: str
    labels: frozenset[str]
    first: Alter | None = None
    second: AlterRegisters | None = None


def cheat(
    name: str, *labels: str, first: Alter | None = None, second: AlterRegisters | None = None
) -> Cheat:
    """A `Cheat` with its labels one by one."""
    return Cheat(name, frozenset(labels), first, second)


@dataclass
class Tampered:
    """
    A witness whose columns are altered after the honest code made them; the prover does not notice.

    Attributes
    ----------
    honest : the `Witness` that is altered
    first, second : as in `Cheat`
    commitment : C to claim instead of the honest one
    """

    honest: Any
    first: Alter | None = None
    second: AlterRegisters | None = None
    commitment: Point = None

    @property
    def record_commitment(self) -> Point:
        """The C that is claimed."""
        point: Point = self.commitment or self.honest.record_commitment
        return point

    def stage1(self, record: tuple[int, int] | None, rho: int) -> Columns:
        """The honest stage-1 columns, altered."""
        columns = copied(self.honest.stage1(record, rho))
        if self.first:
            self.first(columns)
        return columns

    def stage2(self, scalars: Mapping[str, int]) -> Columns:
        """The honest registers, altered."""
        columns = copied(self.honest.stage2(scalars))
        if self.second:
            self.second(columns, scalars)
        return columns


# -- keys and verdicts -----------------------------------------------------------------------------
def small_key(circuit: Circuit, algebra: Algebra, slots: int = 4) -> ProvingKey:
    """
    A key on a development setup, made on the spot.

    Parameters
    ----------
    slots : columns that share a commitment, k of docs/explanation/protocol.md 4.1
    """
    return build_proving_key(
        circuit, unsafe_dev_setup(powers_needed(circuit.size, slots), algebra), slots, algebra
    )


def record_of(
    key: ProvingKey, witness: Witness, rho: int, algebra: Algebra
) -> tuple[int, int] | None:
    """C' = C + rho H, or None without a record column."""
    if key.circuit.record_body is None:
        return None
    return algebra.scale_points([witness.record_commitment, key.vanishing_point], [1, rho])


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
    """
    What the trace checker says of a witness under random challenges (fixed seed).

    Parameters
    ----------
    statement : the public words, in the circuit's order
    record, rho : C' and its blinder, of circuits with a record column
    records : values of the record column
    options : as for `circuits.language.checker.check_trace`
    """
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
    """The labels of the constraints that failed."""
    return frozenset(failure.label for failure in failures)


def assert_rejected(
    key: ProvingKey, witness: Witness, statement: Sequence[int], algebra: Algebra, name: str = ""
) -> None:
    """
    A whole proof of the witness is well formed, and refused by the pairing equation.

    Raises
    ------
    CircuitCheckFailed
        It is accepted, or refused for another reason.
    """
    proof = prove(key, witness, statement, algebra=algebra)
    try:
        verify(key.verifying, statement, proof, algebra=algebra)
    except Rejected as error:
        if error.code == "rejected.equation":
            return
        raise CircuitCheckFailed(f"{name}: refused as {error.code}, not by the equation") from error
    raise CircuitCheckFailed(f"{name}: a false proof is accepted")


def check_circuit(
    circuit: Circuit,
    witness: Witness,
    statement: Sequence[int],
    cheats: Sequence[Cheat],
    *,
    algebra: Algebra | None = None,
    key: ProvingKey | None = None,
    records: list[int] | None = None,
    rho: int = 5,
    prove_cheats: bool = True,
) -> bytes:
    """
    Show that the witness is accepted and every cheat is not, by trace checker, prover and verifier.

    Parameters
    ----------
    statement : the public words, in the circuit's order
    algebra : the native one by default
    key : made on the spot by default
    records : values of the record column, for the trace checker
    rho : its blinder there; the prover draws its own
    prove_cheats : also make a proof of every cheat, and see it refused

    Returns
    -------
    The accepted proof.

    Raises
    ------
    CircuitCheckFailed
        Which witness or cheat, and the labels of the constraints that stopped it.
    """
    algebra = algebra or fast_algebra()
    key = key or small_key(circuit, algebra)
    record = record_of(key, witness, rho, algebra)
    shown: dict[str, Any] = {"record": record, "rho": rho, "records": records}
    failures = trace_failures(circuit, witness, statement, **shown)
    if failures:
        raise CircuitCheckFailed(f"the valid witness is refused: {failures[0]}")
    proof = prove(
        key, witness, statement, algebra=algebra, blinding=unsafe_seeded_blinding(b"check")
    )
    verify(key.verifying, statement, proof, algebra=algebra)
    for attempt in cheats:
        forged = Tampered(witness, attempt.first, attempt.second)
        stopped = labels(trace_failures(circuit, forged, statement, **shown))
        if stopped != attempt.labels:
            raise CircuitCheckFailed(
                f"{attempt.name}: stopped by {sorted(stopped) or 'nothing'}, "
                f"expected {sorted(attempt.labels)}"
            )
        if prove_cheats:
            assert_rejected(key, forged, statement, algebra, attempt.name)
    return proof
