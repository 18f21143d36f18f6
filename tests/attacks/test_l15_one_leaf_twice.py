"""
L15: one leaf twice, or logs whose regions overlap. Version 1 has one log: its first row is 0, in
circuit and leaf.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.credential import honest, world
from support.forge import attested

from algebra.errors import Malformed, Refused
from algebra.native_backend import native
from attestor.tree import Tree
from tierproof.testing import assert_rejected


@pytest.mark.parametrize("first_row", [1, 38, 5499])
def test_first_row(first_row: int) -> None:
    counts = honest().leaf_words[7]
    assert attested(honest(), counts=counts + first_row).labels() == {"open.first_row"}


def test_no_such_leaf_is_attested() -> None:
    with pytest.raises(Malformed) as caught:
        replace(honest().leaf, first_row=1)
    assert caught.value.fields["part"] == "first_row"


def test_one_owner_has_one_leaf_in_a_tree() -> None:
    """Also L21: two snapshots of one owner for one window."""
    other = replace(honest().leaf, salt=1)
    with pytest.raises(Refused) as caught:
        Tree.build([honest().leaf, other], native())
    assert caught.value.code == "refused.tree"


def test_no_proof() -> None:
    found = attested(honest(), counts=honest().leaf_words[7] + 1)
    assert_rejected(world().key, found.witness, found.statement, native())
