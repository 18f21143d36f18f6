"""
L17: limbs or C' chosen after kappa (gnark CVE-2024-45039, provekit 361). Stopped by the order of
the transcript.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from support.credential import honest, world
from support.forge import link_row

from algebra.native_backend import native
from algebra.transcript import ABSORB, SQUEEZE, label_list
from circuits.credential.v2.trace import CHALLENGES
from prover.blinding import unsafe_seeded_blinding
from prover.prove import prove
from tierproof.testing import Columns, Tampered, assert_rejected, get, put


def test_everything_is_committed_before_the_challenges() -> None:
    steps = label_list(world().circuit.challenges)
    assert tuple(world().circuit.challenges) == CHALLENGES
    assert steps[:2] == (
        (ABSORB, "statement"),
        (ABSORB, "stage1"),
    )  # C' is among the statement's words
    assert steps[2 : 2 + len(CHALLENGES)] == tuple((SQUEEZE, name) for name in CHALLENGES)
    assert [label for kind, label in steps if kind == ABSORB] == [
        "statement", "stage1", "stage2", "quotient", "values", "opening"
    ]  # fmt: skip


def test_limbs_quotients_carries_and_multiplicities_are_of_stage_one() -> None:
    first = world().circuit.names(1)
    assert first == [f"limb{i}" for i in range(16)] + [f"free{i}" for i in range(13)] + [
        "multiplicity"
    ]
    assert CHALLENGES.index("kappa") != CHALLENGES.index("beta")


class Adaptive(Tampered):
    """Notes the challenges that it is given."""

    seen: Mapping[str, int]

    def stage2(self, scalars: Mapping[str, int]) -> Columns:
        self.seen = dict(scalars)
        return super().stage2(scalars)


def run(witness: Any) -> None:
    prove(
        world().key,
        witness,
        honest().statement,
        algebra=native(),
        blinding=unsafe_seeded_blinding(b"l17"),
    )


def test_limbs_chosen_after_kappa() -> None:
    """
    With kappa known, e0 + kappa * 1 and e1 - 1 leave the final sum as it is. The cells are
    committed, so the prover has to start again, and gets another kappa, for which they do not.
    """
    once = Adaptive(honest().witness)
    run(once)
    kappa, row = once.seen["kappa"], link_row("c1a", 4)

    def adapt(columns: Columns) -> None:
        put(columns, "limb0", row, get(columns, "limb0", row) + kappa)
        put(columns, "limb8", row, get(columns, "limb8", row) - 1)

    again = Adaptive(honest().witness, first=adapt)
    run(again)
    assert again.seen["kappa"] != kappa
    assert {again.seen[name] for name in CHALLENGES}.isdisjoint(
        {once.seen[name] for name in CHALLENGES}
    )
    assert_rejected(
        world().key, Tampered(honest().witness, first=adapt), honest().statement, native()
    )


def test_a_multiplicity_moves_every_challenge() -> None:
    one = Adaptive(honest().witness)
    other = Adaptive(
        honest().witness, first=lambda f: put(f, "multiplicity", 0, get(f, "multiplicity", 0) + 1)
    )
    run(one)
    run(other)
    assert [name for name in CHALLENGES if one.seen[name] == other.seen[name]] == []
