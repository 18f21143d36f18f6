"""
The attestation tree: Poseidon2, depth 20 (docs/explanation/attestation.md 5).

node = hash(TAG_NODE, left, right); an empty leaf is 0 and empty subtrees have fixed digests. A tree
stands for one window of one attestor set and holds one leaf for each owner tag. Trees do not
change: `extended` gives a new one or raises, so no half-done insertion can be seen (attack H2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from algebra.errors import Refused, Rejected
from algebra.interface import Algebra
from algebra.poseidon2 import TAG_NODE, hash_words
from attestor.leaf import Leaf, leaf_digests

DEPTH = 20
EMPTY_LEAF = 0
_NODE_CAPACITY = (TAG_NODE << 32) + 2


@cache
def empty_digests() -> tuple[int, ...]:
    """Digest of the empty subtree of each height 0..20."""
    digests = [EMPTY_LEAF]
    for _ in range(DEPTH):
        digests.append(hash_words(TAG_NODE, [digests[-1], digests[-1]]))
    return tuple(digests)


def path_root(digest: int, index: int, path: Sequence[int]) -> int:
    """Root that a leaf at `index` has under the siblings `path`, lowest first."""
    for level, sibling in enumerate(path):
        pair = [sibling, digest] if index >> level & 1 else [digest, sibling]
        digest = hash_words(TAG_NODE, pair)
    return digest


def verify_path(root: int, digest: int, index: int, path: Sequence[int]) -> None:
    """
    Check membership.

    Raises
    ------
    Rejected
        `rejected.path`: wrong depth, index beyond the tree, an empty leaf, or another root.
    """
    if len(path) != DEPTH or not 0 <= index < 1 << DEPTH or digest == EMPTY_LEAF:
        raise Rejected(
            "rejected.path",
            "path: not 20 siblings, the index is beyond the tree, or the leaf is empty",
        )
    if path_root(digest, index, path) != root:
        raise Rejected("rejected.path", "path: the leaf is not under this root")


@dataclass(frozen=True, slots=True)
class Tree:
    """
    A tree with its leaves.

    Attributes
    ----------
    levels : levels[h] holds the digests of height h that are not of empty subtrees, from the left
    tags : owner tag and venue of each leaf, in order
    window : (first_day, last_day) of every leaf, None while empty
    """

    levels: tuple[tuple[int, ...], ...]
    tags: tuple[tuple[int, int], ...]
    window: tuple[int, int] | None

    @classmethod
    def empty(cls) -> Tree:
        """A tree without leaves, for the window of the first that it gets."""
        return cls(((),) * (DEPTH + 1), (), None)

    @classmethod
    def build(cls, leaves: Sequence[Leaf], algebra: Algebra) -> Tree:
        """A tree of `leaves` in that order; errors as `extended`."""
        return cls.empty().extended(leaves, algebra)

    @property
    def root(self) -> int:
        """The digest of height 20, in [0, r); that of an empty subtree while there is no leaf."""
        return self.levels[DEPTH][0] if self.tags else empty_digests()[DEPTH]

    def __len__(self) -> int:
        return len(self.tags)

    def extended(self, leaves: Sequence[Leaf], algebra: Algebra) -> Tree:
        """
        This tree with more leaves at its right end; level by level, only what changes.

        Raises
        ------
        Refused
            `refused.tree`: a tag that has a leaf already, another window, or no room.
        """
        window = self.window
        tags = set(self.tags)
        for leaf in leaves:
            if (leaf.owner_tag, leaf.venue) in tags:
                raise Refused(
                    "refused.tree", "tree: an owner tag has a leaf in this window already"
                )
            tags.add((leaf.owner_tag, leaf.venue))
            window = window or (leaf.first_day, leaf.last_day)
            if (leaf.first_day, leaf.last_day) != window:
                raise Refused("refused.tree", "tree: a leaf is of another window")
        if len(tags) > 1 << DEPTH:
            raise Refused("refused.tree", f"tree: more than 2^{DEPTH} leaves")
        if not leaves:
            return self
        start = len(self.tags)
        level = [*self.levels[0], *leaf_digests(leaves, algebra)]
        levels = [tuple(level)]
        for height in range(DEPTH):
            start //= 2
            if len(level) % 2:
                level.append(empty_digests()[height])
            states = [
                (level[i], level[i + 1], _NODE_CAPACITY) for i in range(2 * start, len(level), 2)
            ]
            level = [
                *self.levels[height + 1][:start],
                *(state[0] for state in algebra.poseidon2_many(states)),
            ]
            levels.append(tuple(level))
        added = tuple((leaf.owner_tag, leaf.venue) for leaf in leaves)
        return Tree(tuple(levels), self.tags + added, window)

    def path(self, index: int) -> tuple[int, ...]:
        """Siblings of leaf `index`, lowest first."""
        if not 0 <= index < len(self.tags):
            raise IndexError(f"leaf {index} of {len(self.tags)}")
        siblings: list[int] = []
        for height in range(DEPTH):
            place = (index >> height) ^ 1
            level = self.levels[height]
            siblings.append(level[place] if place < len(level) else empty_digests()[height])
        return tuple(siblings)
