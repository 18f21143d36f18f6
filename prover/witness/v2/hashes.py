"""
Honest cells of the hash region: owner tag, leaf, path, nullifier and market feed
(docs/explanation/layout.md 4).
"""

from __future__ import annotations

from collections.abc import Sequence

from algebra.interface import R
from algebra.poseidon2 import TAG_FEED, TAG_LEAF, TAG_NODE, TAG_NULLIFIER, TAG_OWNER
from circuits.credential.v2.layout import (
    FEED_PERMUTATIONS,
    LEAF_PERMUTATIONS,
    PERMUTATION_ROWS,
    Layout,
)
from circuits.credential.v2.sponge import (
    FEED,
    LEAF,
    NULLIFIER,
    OWNER,
    PATH,
    capacity_word,
    round_group,
)
from history.v2.feed import FEED_WORDS
from prover.witness.v2.cells import Cells


def fill_permutation(
    cells: Cells, row: int, words: tuple[int, int], state: Sequence[int]
) -> list[int]:
    """
    Cells and registers of one permutation from its absorbing row on; `state` is what that row hands
    to the outer matrix.

    Returns the state after the last round; its registers belong to the next row.
    """
    cells.set_free(row, words)
    total = sum(state)
    state = [(total + part) % R for part in state]
    for i in range(1, PERMUTATION_ROWS):
        at, (kind, constants) = row + i, round_group(i)
        cells.v[at], cells.slope[at], cells.sum[at] = state
        if kind == "full":
            inputs = [(x + k) % R for x, k in zip(state, constants, strict=True)]
            cells.set_free(at, [x * x for x in inputs])
            state = [pow(x, 5, R) for x in inputs]
            total = sum(state)
            state = [(total + part) % R for part in state]
        else:
            squares, boxes = [], []
            for k in constants:
                x = (state[0] + k) % R
                squares.append(x * x % R)
                boxes.append(pow(x, 5, R))
                total = boxes[-1] + state[1] + state[2]
                state = [
                    (total + boxes[-1]) % R,
                    (total + state[1]) % R,
                    (total + 2 * state[2]) % R,
                ]
            cells.set_free(at, squares + boxes[:3])
    return state


def fill_hashes(
    cells: Cells,
    layout: Layout,
    *,
    secret: int,
    scope: int,
    leaf: Sequence[int],
    index: int,
    path: Sequence[int],
    feed: Sequence[int],
) -> tuple[int, int]:
    """
    Honest cells of the hash region; `leaf` holds its ten words, `feed` its 38. Returns (root,
    nullifier).
    """

    def put(permutation: int, words: tuple[int, int], state: Sequence[int]) -> list[int]:
        out = fill_permutation(cells, layout.permutation(permutation), words, state)
        after = layout.permutation(permutation + 1)
        cells.v[after], cells.slope[after], cells.sum[after] = out
        return out

    venue = leaf[1]
    put(OWNER, (secret, venue), [secret, venue, capacity_word(TAG_OWNER, 2)])

    def sponge(first: int, permutations: int, capacity: int, absorbed: Sequence[int]) -> int:
        state = [0, 0, capacity]
        for i in range(permutations):
            a, b = absorbed[2 * i], absorbed[2 * i + 1]
            state = put(first + i, (a, b), [state[0] + a, state[1] + b, state[2]])
        return state[0]

    digest = sponge(LEAF, LEAF_PERMUTATIONS, capacity_word(TAG_LEAF, 2 * LEAF_PERMUTATIONS), leaf)
    row, days = layout.permutation(LEAF + 4), leaf[8]
    cells.set_limbs(row, 0, days, 6)
    first, bound = days & 0xFFFFFF, days >> 48
    cells.set_limbs(row, 6, (first - bound) % (1 << 24), 2)
    for level, sibling in enumerate(path):
        bit = index >> level & 1
        words = (sibling, digest) if bit else (digest, sibling)
        cells.set_free(layout.permutation(PATH + level), [bit], start=2)
        digest = put(PATH + level, words, [*words, capacity_word(TAG_NODE, 2)])[0]
    nullifier = put(NULLIFIER, (secret, scope), [secret, scope, capacity_word(TAG_NULLIFIER, 2)])[0]
    sponge(FEED, FEED_PERMUTATIONS, capacity_word(TAG_FEED, FEED_WORDS), feed)
    return digest, nullifier
