"""
L12: C' = T_1 leaves the first slope free; C' = -T_1 has none. Needs C' in the span of H, so a log
of zeros: stopped by the active bit of every record and the leaf's count of at least one.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.credential import CLASS, honest, world
from support.forge import Forger, Step, chain, forger

from algebra.errors import Malformed
from algebra.interface import P, R
from algebra.native_backend import native
from circuits.credential.v1.layout import Layout
from history.record import Record, Records
from prover.witness.v1.cells import Cells
from prover.witness.v1.link import fill_link
from tierproof.testing import assert_rejected

EMPTY = Records.from_rows([])


def test_the_honest_prover_refuses_equal_abscissae() -> None:
    home, cells = world(), Cells(CLASS)
    first = home.table[0]
    for start in (first, (first[0], P - first[1])):
        with pytest.raises(ArithmeticError, match="equal abscissae"):
            fill_link(cells, Layout(CLASS), start, [first])


def zeros(sign: int, slope: int) -> tuple[Forger, dict[str, object]]:
    """A prover without records: C = 0, and rho chosen so that C' = sign * T_1."""
    home = world()
    first = home.table[0]
    start = (first[0], first[1] if sign > 0 else P - first[1])

    def alter(cells: Cells, prover: Forger) -> None:
        cells.limbs[:, : prover.layout.capacity] = 0
        for column in cells.free:
            column.narrow[: prover.layout.capacity] = 0
        picked = [home.table[0], *(home.table[i] for i in prover.picks[1:])]
        chain(
            cells, prover.start, [Step(p, slope if i == 0 else None) for i, p in enumerate(picked)]
        )

    return forger(honest(), alter, own_link=True, commitment=None), {
        "record": start,
        "rho": sign % R,
        "records": [],
    }


@pytest.mark.parametrize("slope", [0, 1, 12345, P - 1])
def test_a_free_slope_passes_the_chain_and_not_the_count(slope: int) -> None:
    """
    The chain's own rules hold for any slope: without the count of active records the end point
    would be free.
    """
    forged, given = zeros(1, slope)
    found = honest().labels(forged, **given)
    assert not any(label.startswith("link.") for label in found)
    assert found == {"sum.end"}  # totals, marks and count: all are sums over records


def test_minus_t_has_no_slope() -> None:
    forged, given = zeros(-1, 5)
    found = honest().labels(forged, **given, only=("link.", "range."))
    assert found and all(
        label.startswith("range.limb") for label in found
    )  # solved mod r only, as in L4


def test_no_proof() -> None:
    forged, _ = zeros(1, 5)
    forged.commitment = world().table[0]
    assert_rejected(world().key, forged, honest().statement, native())


def test_no_leaf_without_records_no_record_of_zero() -> None:
    with pytest.raises(Malformed) as caught:
        replace(honest().leaf, count=0)
    assert caught.value.fields["part"] == "count"
    with pytest.raises(Malformed) as caught:
        Records.from_rows([Record(0, 0, 0, 0, 0, 0, 0)]).check()
    assert caught.value.code == "malformed.record.kind"
    # the all-zero word is no record: its buffer and value would be out of range or its active bit
    # unset
    with pytest.raises(Malformed):
        Records.decode([0])
