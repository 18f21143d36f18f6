"""
What the forgeries attack: keys of small circuits, traces that break them, and proofs shown to one
verifier or another.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from attacks.kit_prover.liar import Liar
from attacks.kit_prover.mutants import Verifier
from support.small import SMALL, Small, committed

from algebra.interface import P, Point, R
from algebra.native_backend import native
from prover.keys import ProvingKey
from tierproof.testing import Tampered, small_key
from verifier.key import VerifyingKey


@cache
def small(name: str, slots: int = 4) -> tuple[Small, ProvingKey]:
    made = committed(SMALL[name](), native())
    return made, small_key(made.circuit, native(), slots)


def lie(name: str, cheat: int = 0) -> Tampered:
    """A witness of a small circuit that breaks a constraint."""
    made, _ = small(name)
    return Tampered(made.witness, made.cheats[cheat].first, made.cheats[cheat].second)


class Lenient:
    """
    An algebra that takes numbers modulo p or r and (0, 0) for infinity, as a careless one would.
    """

    def __getattr__(self, name: str) -> Any:
        return getattr(native(), name)

    @staticmethod
    def reduced(points: Sequence[Point]) -> list[Point]:
        return [None if p is None or p == (0, 0) else (p[0] % P, p[1] % P) for p in points]

    def points(self, points: Sequence[Point]) -> Any:
        return native().points(self.reduced(points))

    def scale_points(self, points: Sequence[Point], scalars: Sequence[int]) -> Point:
        return native().scale_points(self.reduced(points), [s % R for s in scalars])

    def run_once(self, program: Any, scalars: Sequence[int]) -> list[int]:
        return native().run_once(program, [s % R for s in scalars])


@dataclass(frozen=True)
class Shown:
    """A proof to hand to verifiers."""

    key: VerifyingKey
    statement: Sequence[Any]
    proof: Any
    algebra: Any

    def __call__(self, verifier: Verifier) -> None:
        mine = copy.copy(self.key)
        if verifier.derive is not None:
            circuit = copy.copy(self.key.circuit)
            circuit.derive = verifier.derive
            object.__setattr__(mine, "circuit", circuit)
        verifier.verify.verify(mine, self.statement, self.proof, algebra=self.algebra)


def shows(key: VerifyingKey, statement: Sequence[Any], proof: Any, algebra: Any = None) -> Shown:
    return Shown(key, statement, proof, algebra or native())


def told(
    liar: Liar, name: str, witness: Any = None, slots: int = 4, **options: Any
) -> tuple[VerifyingKey, Any, bytes]:
    """A liar's proof for a small circuit."""
    made, key = small(name, slots)
    return (
        key.verifying,
        made.statement,
        liar.prove(key, witness or made.witness, made.statement, **options),
    )
