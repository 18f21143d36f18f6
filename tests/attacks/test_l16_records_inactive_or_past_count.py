"""
L16: last records marked inactive, records past the count, a count over capacity. Stopped by R' =
limbs, and the count.
"""

from __future__ import annotations

import pytest
from support.credential import LAYOUT, Case, case, fill, honest, thresholds, vote, week, world
from support.forge import Forger, attested, forger, shown, with_records

from algebra.native_backend import native
from history.v2.record import Record
from prover.witness.v2.cells import Cells
from tierproof.testing import assert_rejected

LOSS = fill(6, -5000)


def desk(rows: list[Record]) -> Case:
    return case(rows, 7, 100_000, thresholds([3]))


def whole() -> Case:
    """The stock week, and a loss as its last record."""
    return desk([*week(), LOSS])


@pytest.mark.parametrize("keep_commitment", [True, False])
def test_the_last_record_left_out(keep_commitment: bool) -> None:
    """
    All of its cells zero, totals without it. With the attested C the record differs; with another C
    the link does.
    """
    found, without = whole(), desk(week())
    forged = with_records(found, without)
    if keep_commitment:
        forged.commitment = found.leaf.commitment
        expected, given = {"record"}, found.shown()
    else:
        expected, given = set(), shown(found, forged)
    assert found.labels(forged, **given) == {"open_next.count_closing", "sum.end", *expected}
    assert_rejected(world().key, forged, found.statement, native())


def test_the_active_bit_cleared() -> None:
    found, last = whole(), len(week())

    def alter(cells: Cells, _: Forger) -> None:
        cells.free[0].narrow[last] = 0

    # vote = -1, the value is not shifted any more, the near line not asked
    assert found.labels(forger(found, alter)) >= {"record", "record.one_kind", "sum.end"}


def test_one_record_past_the_count() -> None:
    """A gain that nobody attested, on the first free row."""
    found = desk(week())
    more = desk([*week(), fill(6, 5000)])
    forged = with_records(found, more)
    forged.commitment = found.leaf.commitment
    assert found.labels(forged, **found.shown()) == {"record", "open_next.count_closing", "sum.end"}
    assert_rejected(world().key, forged, found.statement, native())


@pytest.mark.parametrize(
    "row", [39, LAYOUT.capacity - 1, LAYOUT.capacity, LAYOUT.hashes + 3, LAYOUT.n - 6]
)
def test_cells_past_the_records(row: int) -> None:
    """
    The record column is zero past the count: on record rows no cell may be set, on other rows no
    cell enters it.
    """

    def alter(cells: Cells, _: Forger) -> None:
        cells.limbs[13 if row >= LAYOUT.capacity else 4, row] ^= 1

    found = honest().labels(forger(honest(), alter), only=("record",))
    assert ("record" in found) == (row < LAYOUT.capacity)


@pytest.mark.parametrize("step", [-1, 1])
def test_count_of_the_leaf(step: int) -> None:
    """A leaf that says one record more, or fewer, than there are."""
    counts = honest().leaf_words[7] + (step << 24)
    assert attested(honest(), counts=counts).labels() == {"sum.end"}


def test_full_capacity() -> None:
    """The last record row counts like the first; there is no row for one more."""
    rows = [*week(), *(fill(i % 7, 1) for i in range(LAYOUT.capacity - len(week())))]
    assert len(rows) == LAYOUT.capacity
    assert desk(rows).labels() == set()
    assert "record" in desk([*rows, vote(0)]).labels()


def test_over_capacity_leaf() -> None:
    counts = honest().leaf_words[7]
    over = counts + ((LAYOUT.capacity + 1 - (counts >> 24 & 0xFFFFFF)) << 24)
    assert attested(honest(), counts=over).labels() == {"sum.end"}
