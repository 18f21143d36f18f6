"""
L11: another C, -C, or x + p in the leaf. Stopped by the leaf's packing: the three words are those
of the chain's end.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.credential import honest, poor_and_rich, world
from support.forge import Forger, Step, attested, chain, forger

from algebra.errors import Malformed
from algebra.interface import P, R
from algebra.native_backend import native
from history.v2.leaf_words import point_words
from prover.witness.v2.cells import Cells
from tierproof.testing import assert_rejected, get


def leaf_of(x: int, y: int) -> dict[str, int]:
    return dict(zip(("point0", "point1", "point2"), point_words((x, y)), strict=True))


@pytest.mark.parametrize("which", ["another", "minus", "x plus p", "y plus p", "swapped"])
def test_words_of_another_point(which: str) -> None:
    """
    A leaf that holds them, and a prover whose chain ends at C: the bus says no, and nothing else
    has to.
    """
    x, y = honest().leaf.commitment
    other = {
        "another": poor_and_rich()[1].leaf.commitment, "minus": (x, P - y), "x plus p": (x + P, y),
        "y plus p": (x, y + P), "swapped": (y, x),
    }[which]  # fmt: skip
    found = attested(honest(), **leaf_of(*other))
    assert found.labels() == {"sum.end"}


def test_x_plus_p_in_chain_and_leaf() -> None:
    """
    The chain may end at x + p: the identities hold modulo p, and the cells are wide enough. That
    gives no second leaf, for the attestor writes coordinates below p.
    """
    x, y = honest().leaf.commitment

    def alter(cells: Cells, prover: Forger) -> None:
        steps = [Step(prover.table[i]) for i in prover.picks]
        steps[-1].x = x + P
        end = chain(cells, prover.start, steps)
        assert end == (x + P, y)

    assert honest().labels(forger(honest(), alter)) == {"sum.end"}
    with pytest.raises(Malformed) as caught:
        replace(honest().leaf, commitment=(x + P, y))
    assert caught.value.fields["part"] == "commitment.x"


def test_the_bus_reads_each_word() -> None:
    """One word of C in the leaf changed, its hash as well: refused, word by word."""
    for word, value in leaf_of(*honest().leaf.commitment).items():
        assert attested(honest(), **{word: value + 1}).labels(
            only=("leaf", "path", "link", "sum")
        ) == {"sum.end"}


def test_no_proof_for_minus_c() -> None:
    x, y = honest().leaf.commitment
    found = attested(honest(), **leaf_of(x, P - y))
    assert_rejected(world().key, found.witness, found.statement, native())


def test_packing_is_injective() -> None:
    """
    C.x mod r would not be: x and x + r are both coordinates below p for some points (facts of
    BN254: r < p).
    """
    assert R < P and point_words((5, 7)) != point_words((5 + R, 7)) != point_words((5, 7 + R))
    x, y = honest().leaf.commitment
    low, middle, high = point_words((x, y))
    assert (low + ((middle % (1 << 80)) << 192), high + (middle >> 80 << 192)) == (x, y)
    assert (
        get(
            honest().witness.stage1(honest().record, 123_456_789),
            "free0",
            honest().witness.layout.permutation(3),
        )
        == low
    )
