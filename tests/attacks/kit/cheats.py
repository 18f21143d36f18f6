"""
A cheat: an honest case, and a lie told in its trace. Whatever the lie does not touch is honest.

The lie may change cells of every stage. It must set stage-1 cells without looking at challenges, as
a prover must; stage-2 cells may be solved for once the challenges are known.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from attacks.kit.trace import Trace, trace_of
from support.credential import RHO, Case, honest
from support.forge import Forger

from algebra.interface import R
from circuits.language.circuit import Circuit
from verifier.algorithm import statement_scalars
from verifier.loader import StatementReader

Lie = Callable[[Trace], None]
Challenges = tuple[int, ...]
"""
Of the circuit, in order of declaration; any that are there serve where no transcript draws them.
"""
DRAWS: tuple[Challenges, ...] = tuple(
    tuple(source.randrange(R) for _ in range(8))
    for source in (random.Random(seed) for seed in range(7, 19))
)
RANDOM = DRAWS[0]


def named(circuit: Circuit, challenges: Challenges) -> dict[str, int]:
    """Challenges by name."""
    return dict(zip(circuit.challenges, challenges, strict=True))


def truth(_: Trace) -> None:
    """No lie: the case itself does not hold."""


@dataclass(frozen=True)
class Cheat:
    """
    Parameters
    ----------
    gain : what the prover gets, for the report.
    case : statement, leaf and attested records.
    lie : changes cells and, where a word is the prover's to publish, public scalars; helper columns
        and running sum follow.
    last : changes helper columns and running sum, after that.
    witness : stage 1 instead of the case's own.
    """

    gain: str
    case: Case
    lie: Lie = truth
    last: Lie = truth
    witness: Forger | None = None

    def trace(self, challenges: Challenges = RANDOM) -> Trace:
        """
        The whole assignment under some challenges; helper columns and running sum honest but for
        `last`.
        """
        trace = case_trace(self.case, self.witness, challenges)
        self.lie(trace)
        trace.complete()
        self.last(trace)
        return trace


def told(cheat: Cheat) -> Trace:
    """
    The cheat's trace under the first challenges that it can be told for.

    Some solve an equation of degree two once the challenges are known; without a root a prover
    blinds and tries again.
    """
    for challenges in DRAWS:
        try:
            return cheat.trace(challenges)
        except ArithmeticError as error:
            last = error
    raise last


def public(found: Case) -> dict[str, int]:
    """Public scalars of a case."""
    words = statement_scalars(StatementReader(), found.circuit, found.statement, found.record)
    return {name: value.number for name, value in words.items()}


def case_trace(
    found: Case, witness: Forger | None = None, challenges: Challenges = RANDOM
) -> Trace:
    """The case's own trace, or a witness's; compared with the stock week's."""
    base = base_trace(challenges)
    if found is honest() and witness is None:
        return base.copy()
    used = witness or found.witness
    scalars = public(found) | named(found.circuit, challenges)
    first = used.stage1(found.record, RHO)
    return trace_of(
        base.circuit, first, used.stage2(scalars), scalars, found.records.encode(), base
    )


@lru_cache(maxsize=2)
def base_trace(challenges: Challenges = RANDOM) -> Trace:
    """The stock week, nothing asked: the valid trace that others are compared with."""
    found = honest()
    scalars, witness = public(found) | named(found.circuit, challenges), found.witness
    first = witness.stage1(found.record, RHO)
    trace = trace_of(found.circuit, first, witness.stage2(scalars), scalars, found.records.encode())
    return trace.complete()
