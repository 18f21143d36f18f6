"""Leaf and tree: packing, membership, and what the tree refuses."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algebra.errors import Malformed, Refused, Rejected
from algebra.interface import Algebra, P, R
from algebra.native_backend import native
from algebra.poseidon2 import TAG_LEAF, TAG_NODE, hash_words
from attestor.leaf import Leaf, leaf_digests
from attestor.tree import DEPTH, Tree, empty_digests, path_root, verify_path

LEAF = Leaf(
    owner_tag=11,
    venue=12,
    size_class=13,
    srs_id=14,
    salt=15,
    commitment=(P - 1, (1 << 253) + 5),
    count=16,
    wallets=17,
    first_day=20_000,
    last_day=20_065,
    bound_day=19_999,
    opening=100,
    closing=-250,
)


def leaves(count: int) -> list[Leaf]:
    return [replace(LEAF, owner_tag=1_000 + i, salt=i) for i in range(count)]


def test_the_ten_words() -> None:
    x, y = LEAF.commitment
    assert LEAF.words() == [
        11,
        12,
        1 + (13 << 16) + (14 << 32),
        15,
        x % 2**192,
        (x >> 192) + 2**80 * (y >> 192),
        y % 2**192,
        0 + 2**24 * 16 + 2**48 * 17,
        20_000 + 2**24 * 20_065 + 2**48 * 19_999,
        100 + 2**48 * (2**47 - 250),
    ]
    assert LEAF.digest() == hash_words(TAG_LEAF, LEAF.words())


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("owner_tag", 12),
        ("venue", 11),
        ("size_class", 14),
        ("srs_id", 15),
        ("salt", 14),
        ("count", 17),
        ("wallets", 16),
        ("first_day", 20_001),
        ("last_day", 20_066),
        ("bound_day", 19_998),
        ("opening", 101),
        ("closing", 250),
        ("commitment", (1, 2)),
        ("commitment", (LEAF.commitment[0], P - LEAF.commitment[1])),
    ],
)
def test_every_field_is_in_the_digest(field: str, other: object) -> None:
    changed = replace(LEAF, **{field: other})  # type: ignore[arg-type]
    assert changed.digest() != LEAF.digest()
    assert all(0 <= word < R for word in changed.words())


@pytest.mark.parametrize(
    "change",
    [
        {"owner_tag": R},
        {"owner_tag": -1},
        {"venue": 1 << 248},
        {"size_class": 0},
        {"srs_id": 1 << 200},
        {"salt": R},
        {"commitment": (P, 1)},
        {"commitment": (1, -1)},
        {"count": 0},
        {"count": 1 << 24},
        {"wallets": 0},
        {"wallets": 4_096},
        {"first_day": 20_066},
        {"last_day": 1 << 24},
        {"bound_day": 20_001},
        {"opening": -1},
        {"opening": 1 << 48},
        {"closing": 1 << 47},
        {"closing": -(1 << 47)},
        {"first_row": 1},
    ],
)
def test_fields_out_of_range(change: dict[str, object]) -> None:
    with pytest.raises(Malformed) as caught:
        replace(LEAF, **change)  # type: ignore[arg-type]
    assert caught.value.code == "malformed.leaf"
    assert caught.value.fields["part"].split(".")[0] == next(iter(change))  # type: ignore[attr-defined]


def test_many_digests_at_once(algebra: Algebra) -> None:
    some = leaves(5)
    assert leaf_digests(some, algebra) == [leaf.digest() for leaf in some]


def slow_root(digests: list[int], height: int = DEPTH) -> int:
    """By the definition, recursively."""
    if height == 0:
        return digests[0] if digests else 0
    if not digests:
        return empty_digests()[height]
    half = 1 << (height - 1)
    left, right = digests[:half], digests[half:]
    return hash_words(TAG_NODE, [slow_root(left, height - 1), slow_root(right, height - 1)])


def test_empty_digests() -> None:
    expected = 0
    for digest in empty_digests():
        assert digest == expected
        expected = hash_words(TAG_NODE, [expected, expected])
    assert Tree.empty().root == empty_digests()[DEPTH]


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8])
def test_roots_and_paths(count: int, algebra: Algebra) -> None:
    some = leaves(count)
    tree = Tree.build(some, algebra)
    digests = [leaf.digest() for leaf in some]
    assert tree.root == slow_root(digests)
    for index, digest in enumerate(digests):
        verify_path(tree.root, digest, index, tree.path(index))
    with pytest.raises(IndexError):
        tree.path(count)


@settings(max_examples=15)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=5))
def test_in_batches_as_at_once(sizes: list[int]) -> None:
    algebra = native()
    some = leaves(sum(sizes))
    tree, start = Tree.empty(), 0
    for size in sizes:
        tree, start = tree.extended(some[start : start + size], algebra), start + size
    assert tree == Tree.build(some, algebra)


def test_a_tree_of_many_leaves(algebra: Algebra) -> None:
    some = leaves(3_000)
    tree = Tree.build(some, algebra)
    for index in (0, 1, 1_499, 2_998, 2_999):
        verify_path(tree.root, some[index].digest(), index, tree.path(index))


def test_paths_that_lie(algebra: Algebra) -> None:
    """Attack A14: inner node as leaf, depth, index, empty leaf, another sibling."""
    some = leaves(4)
    tree = Tree.build(some, algebra)
    digest, path = some[2].digest(), tree.path(2)
    node = hash_words(TAG_NODE, [some[2].digest(), some[3].digest()])
    cases = [
        (digest, 3, path),
        (digest + 1, 2, path),
        (node, 1, path[1:]),
        (node, 1, (*path[1:], 0)),
        (digest, 2, path[:-1]),
        (digest, 2, (*path, 0)),
        (digest, 2 + (1 << DEPTH), path),
        (digest, -1, path),
        (0, 4, tree.path(3)),
        (0, 4, tuple(empty_digests()[:DEPTH])),
        (digest, 2, (path[0] + 1, *path[1:])),
    ]
    for leaf, index, siblings in cases:
        with pytest.raises(Rejected) as caught:
            verify_path(tree.root, leaf, index, siblings)
        assert caught.value.code == "rejected.path"
    # An empty place has a path to the root too, which is why an empty leaf is refused.
    empty_place = (empty_digests()[0], empty_digests()[1], tree.levels[2][0], *path[3:])
    assert path_root(0, 4, empty_place) == tree.root
    with pytest.raises(Rejected):
        verify_path(tree.root, 0, 4, empty_place)


def test_a_tag_or_a_window_twice(algebra: Algebra) -> None:
    some = leaves(3)
    tree = Tree.build(some, algebra)
    for wrong in (
        [replace(some[0], salt=99)],
        [replace(LEAF, owner_tag=7), replace(LEAF, owner_tag=7, salt=1)],
        [replace(LEAF, owner_tag=7, last_day=LEAF.last_day + 1)],
        [replace(LEAF, owner_tag=7, first_day=LEAF.first_day + 1)],
    ):
        before = (tree.root, len(tree))
        with pytest.raises(Refused) as caught:
            tree.extended([replace(LEAF, owner_tag=8), *wrong], algebra)
        assert caught.value.code == "refused.tree"
        assert (tree.root, len(tree)) == before  # nothing of it was done
    assert len(tree.extended([replace(some[0], venue=13)], algebra)) == 4
