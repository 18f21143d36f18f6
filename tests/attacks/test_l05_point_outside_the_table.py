"""
L5: rich records, poor leaf; the last point of the chain is the difference of the two commitments.
Stopped by the table lookup.
"""

from __future__ import annotations

from support.credential import poor_and_rich, world
from support.forge import Forger, Step, chain, point, shown, with_records

from algebra.interface import P
from algebra.native_backend import native
from history.v2.leaf_words import point_words
from prover.witness.v2.cells import Cells
from tierproof.testing import assert_rejected


def bridge() -> Forger:
    poor, rich = poor_and_rich()
    algebra = native()

    def alter(cells: Cells, prover: Forger) -> None:
        picked = [prover.table[i] for i in prover.picks]
        before = algebra.add_points([prover.start, *picked[:-1]])
        x, y = point(before)
        last = point(algebra.add_points([poor.leaf.commitment, (x, -y % P)]))
        assert (
            chain(cells, prover.start, [Step(p) for p in [*picked[:-1], last]])
            == poor.leaf.commitment
        )

    forged = with_records(poor, rich)
    forged.alter = alter
    return forged


def test_a_point_outside_the_table() -> None:
    poor, rich = poor_and_rich()
    assert [v.holds for v in poor.assessment.verdicts] == [False] and rich.assessment.holds
    forged = bridge()
    assert poor.labels(forged, **shown(poor, forged)) == {"link.point", "sum.end"}
    assert_rejected(world().key, forged, poor.statement, native())


def test_without_the_bridge_the_words_differ() -> None:
    poor, rich = poor_and_rich()
    forged = with_records(poor, rich)
    assert poor.labels(forged, **shown(poor, forged)) == {
        "sum.end"
    }  # the bus: words of C in the leaf
    assert point_words(poor.leaf.commitment) != point_words(rich.leaf.commitment)
    assert_rejected(world().key, forged, poor.statement, native())
