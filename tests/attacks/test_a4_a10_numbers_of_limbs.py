"""
A4: a number and the same plus r, as two sets of limbs (gnark CVE-2023-44378). A10: a gadget used
outside its precondition: limbs that are no limbs, cells beyond the range that rules of integers
take for granted.

Every number that a rule reads is attacked, all in one trace. Modulo r nothing has changed, so that
rules of arithmetic hold: what says no is the range of a limb.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from unittest.mock import patch

import pytest
from support.credential import ALL_METRICS, CLASS, Case, honest
from support.forge import Forger, forger

from algebra.interface import R
from circuits.credential.v2.statement import credential_text
from circuits.credential.v2.trace import LIMB_BITS, LIMBS, RANGE, Shared
from circuits.language.circuit import Circuit
from circuits.language.expression import Expression, walk
from prover.witness.v2.cells import Cells

Run = tuple[int, int]
"""First limb and count."""


@cache
def numbers() -> dict[int, list[Run]]:
    """
    For the first row of each kind the longest runs of limbs that a rule there reads as a number.
    """
    made: list[tuple[Run, Expression]] = []
    number = Shared.number

    def noted(shared: Shared, start: int, limbs: int) -> Expression:
        made.append(((start, limbs), number(shared, start, limbs)))
        return made[-1][1]

    with patch.object(Shared, "number", noted):
        circuit = credential_text.__wrapped__(CLASS)  # built anew, not the kept one
    kinds = {id(kind.selector): kind for kind in circuit.kinds.values()}
    found: dict[int, set[Run]] = defaultdict(set)
    for rule in circuit.constraints:
        read, kind = {id(node) for node in walk([rule.body])}, kinds.get(id(rule.selector))
        if kind is not None:
            found[kind.rows[0]] |= {run for run, expression in made if id(expression) in read}
    return {
        row: [run for run in runs if not any(within(run, other) for other in runs)]
        for row, runs in found.items()
    }


def within(run: Run, other: Run) -> bool:
    return run != other and other[0] <= run[0] and run[0] + run[1] <= other[0] + other[1]


def rewritten(
    case: Case, digits: Callable[[int, int], list[int] | None]
) -> tuple[Forger, set[int]]:
    """
    The honest witness, every number written as `digits(number, limbs)`; the rows where that gave
    anything, once it ran.
    """
    rows: set[int] = set()

    def alter(cells: Cells, _: Forger) -> None:
        for row, runs in numbers().items():
            for start, limbs in runs:
                written = digits(
                    sum(int(cells.limbs[start + i, row]) << LIMB_BITS * i for i in range(limbs)),
                    limbs,
                )
                if written is not None:
                    cells.limbs[start : start + limbs, row] = written
                    rows.add(row)

    made = forger(case, alter)
    return made, rows


def refused(digits: Callable[[int, int], list[int] | None]) -> None:
    case = honest(*ALL_METRICS)
    made, rows = rewritten(case, digits)
    failures = case.failures(made, cap=10_000)
    assert {failure.row for failure in failures if failure.label.startswith("range.limb")} == rows
    others = {
        failure.row
        for failure in failures
        if not failure.label.startswith(("range.limb", "sum.end"))
    }
    assert (
        len(rows - others) > 30
    )  # there the range of a limb alone says no; elsewhere a rule that reads a part by itself


def test_every_number_is_shorter_than_the_field() -> None:
    """So a + r has no limbs at all; 16 limbs of 12 bits are 192."""
    runs = [run for found in numbers().values() for run in found]
    assert len(runs) > 40 and max(limbs for _, limbs in runs) == LIMBS
    assert RANGE**LIMBS < R


def test_a4_plus_r() -> None:
    """Limbs of a + r for every number a: all but the last are limbs."""

    def plus_r(number: int, limbs: int) -> list[int] | None:
        value = number + R
        if limbs == 1:  # one cell, which is a and a + r at once
            return None
        return [value >> LIMB_BITS * i & RANGE - 1 for i in range(limbs - 1)] + [
            value >> LIMB_BITS * (limbs - 1)
        ]

    refused(plus_r)


def test_a10_limbs_that_borrow() -> None:
    """
    The same number with 2^12 more in one limb and one less in the next: not in the range that
    `number` needs.
    """

    def borrowed(number: int, limbs: int) -> list[int] | None:
        written = [number >> LIMB_BITS * i & RANGE - 1 for i in range(limbs)]
        return [written[0] + RANGE, written[1] - 1, *written[2:]] if limbs > 1 else None

    refused(borrowed)


# -- cells that rules of integers take to be in a range --------------------------------------------
def bounds(circuit: Circuit) -> Iterator[tuple[int, int, int]]:
    """First row of the kind, free cell, and one more than its declared range holds."""
    for (kind, column), (_, high) in circuit.cell_bounds.items():
        name = circuit.columns[column].name
        if kind and name.startswith("free"):
            yield circuit.kinds[kind].rows[0], int(name.removeprefix("free")), high + 1


@pytest.mark.slow
def test_a10_cells_beyond_their_range() -> None:
    """
    Each cell that a rule takes to be of a range, one beyond it: refused by a rule there, or by a
    sum that it enters.
    """
    case, waiting = honest(*ALL_METRICS), list(bounds(credential_text(CLASS)))
    assert len(waiting) > 80
    alone = []
    while waiting:
        taken = {row: (slot, value) for row, slot, value in reversed(waiting)}  # one of each row

        def alter(cells: Cells, _: Forger, taken: dict[int, tuple[int, int]] = taken) -> None:
            for row, (slot, value) in taken.items():
                cells.set_free(row, [value], slot)

        rows = {failure.row for failure in case.failures(forger(case, alter))}
        alone += [(row, *cell) for row, cell in taken.items() if not {row, row - 1} & rows]
        waiting = [(row, *cell) for row, *cell in waiting if taken[row] != tuple(cell)]
    for row, slot, value in alone:  # what no rule of its row refuses
        made = forger(
            case,
            lambda cells, _, row=row, slot=slot, value=value: cells.set_free(row, [value], slot),
        )
        assert case.failures(made), (row, slot)
    assert len(alone) < 20
