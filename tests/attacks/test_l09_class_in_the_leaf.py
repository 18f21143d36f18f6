"""
L9: a large class's commitment in a small class's circuit shows every other row. Stopped by the
class in the leaf.
"""

from __future__ import annotations

import pytest
from support.credential import SIZE_CLASS, honest, world
from support.forge import attested, forger

from algebra.interface import Basis, R, root_of_unity
from algebra.native_backend import native
from history.v2.leaf_words import leaf_header
from tierproof.testing import assert_rejected


@pytest.mark.parametrize(("header", "what"), [
    (leaf_header(SIZE_CLASS + 1, world().setup.srs_id), "the class above"),
    (leaf_header(SIZE_CLASS, world().setup.srs_id) + 1, "another version"),
    (leaf_header(SIZE_CLASS, world().setup.srs_id) + (1 << 240), "bits past the setup's id"),
], ids=["class", "version", "bits"])  # fmt: skip
def test_header_of_another_leaf(header: int, what: str) -> None:
    """An attested leaf with that header, proven with it."""
    found = attested(honest(), header=header)
    assert found.labels() == {"leaf.header"}, what


def test_the_circuit_s_header_in_its_place() -> None:
    """The same leaf, proven as if it said what the circuit wants: it hashes to another leaf."""
    found = attested(honest(), header=leaf_header(SIZE_CLASS + 1, world().setup.srs_id))
    forged = forger(found, leaf=honest().leaf_words)
    assert found.labels(forged) == {"path.root"}
    assert_rejected(world().key, forged, found.statement, native())


def test_every_other_row() -> None:
    """
    What it would give: on the half domain a polynomial of the whole one takes the values of its
    even rows.
    """
    algebra, n = native(), 16
    values = list(range(100, 100 + n))
    whole = algebra.interpolate(algebra.vector(values, Basis.EVALUATION))
    omega = root_of_unity(n // 2)
    assert [algebra.evaluate([whole], pow(omega, i, R))[0] for i in range(n // 2)] == values[::2]
