"""
The Merkle tree of RFC 9162, 2.1 (and RFC 6962): hashes, proofs, and their verification.

A tree is given by its complete subtrees: `Node(level, index)` is the hash of the 2^level leaves
from leaf index * 2^level on. Level 0 are the leaf hashes. All hashes are SHA-256, 32 bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence

from algebra.errors import Rejected

Node = Callable[[int, int], bytes]
HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256().digest()
"""Root of the tree without leaves."""


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 || data)."""
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\1" + left + right).digest()


# -- making ----------------------------------------------------------------------------------------
class Growing:
    """
    A tree that grows at its end; it keeps the peaks alone, one hash a bit of its size.

    Attributes
    ----------
    size : number of leaves
    """

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []  # largest subtree first

    @classmethod
    def of(cls, size: int, node: Node) -> Growing:
        """The tree of the first `size` leaves; reads one node a bit of it."""
        out = cls()
        out.size = size
        out._peaks = [node(level, index) for level, index in _peaks(size)]
        return out

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """
        Add a leaf hash; returns (level, index, hash) of every subtree above level 0 that it
        completes, the lowest first: one for every second leaf, on average.
        """
        made = completed(self.size, leaf, lambda *_: self._peaks.pop())
        self._peaks.append(made[-1][2] if made else leaf)
        self.size += 1
        return made

    def root(self) -> bytes:
        """Root of the tree as it is."""
        if not self._peaks:
            return EMPTY_ROOT
        *rest, out = self._peaks
        for peak in reversed(rest):
            out = node_hash(peak, out)
        return out


def completed(size: int, leaf: bytes, node: Node) -> list[tuple[int, int, bytes]]:
    """
    As `Growing.append` to a tree of `size` leaves; reads what stands beside each of them alone, one
    node on average.
    """
    made, index, level = [], size, 0
    while index & 1:
        leaf = node_hash(node(level, index - 1), leaf)
        index, level = index >> 1, level + 1
        made.append((level, index, leaf))
    return made


def root_of(size: int, node: Node) -> bytes:
    """Root of the first `size` leaves."""
    return Growing.of(size, node).root()


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """
    That a leaf is in the tree of the first `size`: the hashes beside its path, the lowest first
    (RFC 9162, 2.1.3.1). ValueError unless 0 <= index < size.
    """
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    return _path(index, 0, size, node)


def consistency_proof(old: int, size: int, node: Node) -> list[bytes]:
    """
    That the first `old` leaves of the tree of `size` are the tree of `old` (RFC 9162, 2.1.4.1);
    empty where one is empty or both are equal. ValueError unless 0 <= old <= size.
    """
    if not 0 <= old <= size:
        raise ValueError("the older tree is the larger one")
    return _subproof(old, 0, size, True, node) if 0 < old < size else []


def _path(index: int, start: int, end: int, node: Node) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if index < middle:
        return [*_path(index, start, middle, node), _subtree(middle, end, node)]
    return [*_path(index, middle, end, node), _subtree(start, middle, node)]


def _subproof(old: int, start: int, end: int, whole: bool, node: Node) -> list[bytes]:
    """`whole`: the subtree is one of the older tree, whose root the verifier has."""
    if old == end:
        return [] if whole else [_subtree(start, end, node)]
    middle = start + _split(end - start)
    if old <= middle:
        return [*_subproof(old, start, middle, whole, node), _subtree(middle, end, node)]
    return [*_subproof(old, middle, end, False, node), _subtree(start, middle, node)]


def _subtree(start: int, end: int, node: Node) -> bytes:
    """The hash of leaves start .. end - 1, where `start` is a multiple of a power of 2 >= their
    number."""
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(size)
    return node_hash(_subtree(start, middle, node), _subtree(middle, end, node))


def _split(size: int) -> int:
    """The largest power of 2 below `size`, which is over 1."""
    return 1 << (size - 1).bit_length() - 1


def _peaks(size: int) -> Iterator[tuple[int, int]]:
    """Level and index of the complete subtrees that a tree consists of, the largest first."""
    start = 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            yield level, start >> level
            start += 1 << level


# -- verifying -------------------------------------------------------------------------------------
def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """
    Return if the leaf hash stands at `index` in the tree of `size` leaves with this root (RFC 9162,
    2.1.3.2); Rejected (`rejected.audit_inclusion`).
    """
    if not 0 <= index < size or not _hashes(leaf, *proof):
        raise _not_included(index, size)
    left, right, found = index, size - 1, leaf
    for each in proof:
        if right == 0:
            raise _not_included(index, size)
        if left & 1 or left == right:
            found = node_hash(each, found)
            while not left & 1 and left:
                left, right = left >> 1, right >> 1
        else:
            found = node_hash(found, each)
        left, right = left >> 1, right >> 1
    if right or found != root:
        raise _not_included(index, size)


def verify_consistency(
    old: int, size: int, old_root: bytes, root: bytes, proof: Sequence[bytes]
) -> None:
    """
    Return if the tree of `old` leaves is the beginning of the tree of `size` (RFC 9162, 2.1.4.2);
    Rejected (`rejected.audit_fork`). Of an empty tree nothing can be shown but that it is empty.
    """
    if not _hashes(old_root, root, *proof):
        raise _forked(old, size)
    if old == size and not proof and old_root == root and (old or root == EMPTY_ROOT):
        return
    if not 0 < old < size:
        raise _forked(old, size)
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        raise _forked(old, size)
    left, right = old - 1, size - 1
    while left & 1:
        left, right = left >> 1, right >> 1
    old_found = found = path[0]
    for each in path[1:]:
        if right == 0:
            raise _forked(old, size)
        if left & 1 or left == right:
            old_found, found = node_hash(each, old_found), node_hash(each, found)
            while not left & 1 and left:
                left, right = left >> 1, right >> 1
        else:
            found = node_hash(found, each)
        left, right = left >> 1, right >> 1
    if right or old_found != old_root or found != root:
        raise _forked(old, size)


def _hashes(*values: bytes) -> bool:
    """Of other lengths the same bytes could be split anew."""
    return all(len(value) == HASH_BYTES for value in values)


def _not_included(index: int, size: int) -> Rejected:
    return Rejected(
        "rejected.audit_inclusion", f"entry {index}: not shown to be in the log of {size}"
    )


def _forked(old: int, size: int) -> Rejected:
    return Rejected("rejected.audit_fork", f"the log of {size} does not begin with that of {old}")
