"""
A8, B4: a register or sum that starts elsewhere, stops early, or takes the long way round the cyclic
domain (Zellic on Scroll, Lurk's accumulator; Plonky3 on terminals).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from attacks.kit_prover.liar import Liar
from attacks.kit_prover.mutants import outcome, sound
from attacks.kit_prover.targets import lie, shows, small, told
from support.small import SMALL

import prover.prove as rounds
from algebra.interface import Column, R
from algebra.native_backend import native
from circuits.language.circuit import BLINDING_ROWS, END_ROWS
from tierproof.testing import Tampered, column, labels, put, trace_failures

Change = Callable[[list[int]], list[int]]


def shifted(by: int) -> Change:
    """All of the sum moved: it starts and ends elsewhere."""
    return lambda values: [
        *((value + by) % R for value in values[:-BLINDING_ROWS]),
        *values[-BLINDING_ROWS:],
    ]


def from_row(start: int) -> Change:
    """Zero until a row, as if nothing were asked before."""
    return lambda values: [*[0] * start, *values[start:]]


def mended(row: int) -> Change:
    """The false end put to zero on the last row alone."""
    return lambda values: [*values[:row], 0, *values[row + 1 :]]


def with_sum(change: Change, cheat: int | None) -> str:
    """What the verifier says of a lookup whose running sum the prover changes."""
    made, _ = small("range")
    honest = rounds.sum_column

    def changed(run: Any, blinded: Column) -> Any:
        vector = honest(run, blinded)
        return native().vector(change(native().integers(vector)), vector.basis)

    with patch.object(rounds, "sum_column", changed):
        return outcome(
            shows(*told(Liar(), "range", made.witness if cheat is None else lie("range", cheat))),
            sound(),
        )


def test_the_hook_is_honest() -> None:
    assert with_sum(lambda values: values, None) == "accepted"


@pytest.mark.parametrize(
    "change", [shifted(1), shifted(R - 5), from_row(5), from_row(9), mended(3)]
)
def test_an_honest_table_and_another_sum(change: Change) -> None:
    assert with_sum(change, None) == "rejected.equation"


@pytest.mark.parametrize("cheat", range(4))
def test_a_false_sum_that_ends_in_zero(cheat: int) -> None:
    """
    Values outside the table, the last cell of the sum put to zero: the step into it does not hold.
    """
    assert with_sum(lambda values: values, cheat) == "rejected.equation"
    assert with_sum(mended(small("range")[0].circuit.size - END_ROWS), cheat) == "rejected.equation"


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([6, 19, 57], {"start", "step", "end"}),
        ([5, 16, 48, 145], {"end", "step"}),
        ([0] * 16, {"start", "step", "end"}),
    ],
)
def test_a_machine_that_starts_or_stops_where_it_likes(
    states: list[int], expected: set[str]
) -> None:
    made = SMALL["recurrence"]()
    forged = Tampered(made.witness, second=lambda r, _: r.update(a=column(states, 16)))
    assert labels(trace_failures(made.circuit, forged, made.statement)) == expected
    assert outcome(shows(*told(Liar(), "recurrence", forged)), sound()) == "rejected.equation"


def test_the_row_after_the_last_is_the_first() -> None:
    """The blinding rows lie between: what is put there reaches row 0 through no rule."""
    made = SMALL["recurrence"]()
    for row in range(11, 16):
        forged = Tampered(made.witness, second=lambda r, _, row=row: put(r, "a", row, 1))  # type: ignore[misc]
        assert trace_failures(made.circuit, forged, made.statement) == []
