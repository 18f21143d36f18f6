"""
Poseidon2 in the trace: owner tag, leaf, path, nullifier and market feed, one permutation after the
other (docs/explanation/layout.md 4).

A permutation takes 23 rows. The first absorbs: free cells 0 and 1 hold the two words, and the state
after the outer matrix is the next row's registers. Then 4 full rounds, 14 rows of four partial
rounds, 4 full rounds; free cells hold squares and S-box outputs so that every rule has degree four.

Correctness
-----------
Each round rule dropped lets any digest follow from any words, and with it a leaf or a feed that no
attestor signed.
"""

from __future__ import annotations

from collections.abc import Sequence

from algebra.poseidon2 import (
    FULL_ROUND_CONSTANTS,
    PARTIAL_ROUND_CONSTANTS,
    TAG_FEED,
    TAG_LEAF,
    TAG_NODE,
    TAG_NULLIFIER,
    TAG_OWNER,
)
from circuits.credential.v2.layout import (
    FEED_PERMUTATIONS,
    LEAF_PERMUTATIONS,
    PERMUTATION_ROWS,
    PERMUTATIONS,
    TREE_DEPTH,
    Layout,
)
from circuits.credential.v2.trace import Shared
from circuits.language.circuit import Kind
from circuits.language.expression import Expression, wrap
from history.v2.feed import DAY_WORDS, FEED_WORDS

OWNER, LEAF, PATH = 0, 1, 1 + LEAF_PERMUTATIONS
NULLIFIER = PATH + TREE_DEPTH
FEED = NULLIFIER + 1
FULL_HALF, PARTIAL_ROWS = 4, 14
State = list[Expression]


def capacity_word(tag: int, length: int) -> int:
    """Initial capacity element: domain and number of words."""
    return (tag << 32) + length


def hashes(
    s: Shared, layout: Layout, *, root: Expression, nullifier: Expression, scope: Expression,
    first_day: Expression, last_day: Expression, feed: Expression,
) -> None:  # fmt: skip
    """
    Constrain owner tag, leaf, path, nullifier and the feed's digest.

    Bus: consumes point0..2; produces counts and money (words of the leaf) and feed0..36; secret and
    venue stay inside.
    """
    c, (w0, w1, bit) = s.circuit, s.free[:3]
    rounds(s, layout)
    row = layout.permutation

    def absorb(kind: Kind, name: str, state: Sequence[Expression | int]) -> None:
        for register, value in zip((s.v, s.slope, s.sum), outer(state), strict=True):
            column = c.columns[register.place[0]].name
            c.require(kind, f"{name}.absorb_{column}", c.next(register) - value, exact=False)

    # owner_tag = H(secret, venue)
    owner = c.single("owner", row(OWNER))
    absorb(owner, "owner", [w0, w1, capacity_word(TAG_OWNER, 2)])
    s.produce("secret", row(OWNER), 0)
    s.produce("venue", row(OWNER), 1)

    # leaf = H(owner_tag, venue, header, salt, point0, point1, point2, counts, days, money)
    start = c.single("leaf", row(LEAF))
    c.require(start, "leaf.owner_tag", s.v - w0, exact=False)
    absorb(start, "leaf", [w0, w1, capacity_word(TAG_LEAF, 2 * LEAF_PERMUTATIONS)])
    s.consume("venue", row(LEAF), 1)
    later = [LEAF + i for i in range(1, LEAF_PERMUTATIONS)]
    later += [FEED + i for i in range(1, FEED_PERMUTATIONS)]
    onward = c.kind("onward", [row(permutation) for permutation in later])
    absorb(onward, "onward", [s.v + w0, s.slope + w1, s.sum])
    header = c.single("leaf_header", row(LEAF + 1))
    c.require(header, "leaf.header", w0 - s.c[0], exact=False)
    s.consume("point0", row(LEAF + 2), 0)
    s.consume("point1", row(LEAF + 2), 1)
    s.consume("point2", row(LEAF + 3), 0)
    s.produce("counts", row(LEAF + 3), 1)
    days = c.single("leaf_days", row(LEAF + 4))
    c.bound(days, w0, 0, (1 << 72) - 1)  # by the equation itself: the limbs are 72 bits
    c.require(days, "leaf.days", w0 - s.number(0, 6))
    c.require(days, "leaf.first_day", s.number(0, 2) - first_day)
    c.require(days, "leaf.last_day", s.number(2, 2) - last_day)
    c.require(days, "leaf.bound_day", s.number(0, 2) - s.number(4, 2) - s.number(6, 2))
    s.produce("money", row(LEAF + 4), 1)

    # path: each node hashes the digest and its sibling, in the order of the bit
    node = c.kind("node", [row(PATH + i) for i in range(TREE_DEPTH)])
    c.bound(node, bit, 0, 1)
    c.require(node, "node.bit", bit * (bit - 1))
    c.require(node, "node.child", w0 + bit * (w1 - w0) - s.v, exact=False)
    absorb(node, "node", [w0, w1, capacity_word(TAG_NODE, 2)])

    # root, then nullifier = H(secret, scope)
    end = c.single("nullifier", row(NULLIFIER))
    c.require(end, "path.root", s.v - root, exact=False)
    c.require(end, "nullifier.scope", w1 - scope, exact=False)
    absorb(end, "nullifier", [w0, w1, capacity_word(TAG_NULLIFIER, 2)])
    s.consume("secret", row(NULLIFIER), 0)

    # feed = H(37 words of ten days each, 0)
    start = c.single("feed", row(FEED))
    c.require(start, "nullifier.digest", s.v - nullifier, exact=False)
    absorb(start, "feed", [w0, w1, capacity_word(TAG_FEED, FEED_WORDS)])
    for word in range(DAY_WORDS):
        s.produce(f"feed{word}", row(FEED + word // 2), word % 2)
    c.require(c.single("feed_last", row(PERMUTATIONS - 1)), "feed.padding", w1, exact=False)
    out = c.single("feed_out", row(PERMUTATIONS))
    c.require(out, "feed.digest", s.v - feed, exact=False)


def outer(state: Sequence[Expression | int]) -> State:
    """The outer matrix, circ(2, 1, 1)."""
    total = wrap(state[0]) + state[1] + state[2]
    return [total + part for part in state]


def inner(state: Sequence[Expression]) -> State:
    """The inner matrix: all ones plus diag(1, 1, 2)."""
    total = state[0] + state[1] + state[2]
    return [total + state[0], total + state[1], total + state[2] * 2]


def rounds(s: Shared, layout: Layout) -> None:
    """The 22 round rows of every permutation, and their constants."""
    c = s.circuit
    full_rows: list[int] = []
    partial_rows: list[int] = []
    for index in range(PERMUTATIONS):
        for i in range(1, PERMUTATION_ROWS):
            row, group = layout.permutation(index) + i, round_group(i)
            (full_rows if group[0] == "full" else partial_rows).append(row)
            for j, number in enumerate(group[1]):
                c.set_fixed(f"c{j}", row, number)
    registers = (s.v, s.slope, s.sum)

    full = c.kind("full_round", full_rows, pure=True)
    state: list[Expression] = []
    for i, register in enumerate(registers):
        x, square = register + s.c[i], s.free[i]
        c.require(full, f"full.square{i}", square - x * x, exact=False)
        state.append(square * square * x)
    for register, value in zip(registers, outer(state), strict=True):
        name = c.columns[register.place[0]].name
        c.require(full, f"full.next_{name}", c.next(register) - value, exact=False)

    partial = c.kind("partial_rounds", partial_rows, pure=True)
    state = list(registers)
    for i in range(4):
        x, square = state[0] + s.c[i], s.free[i]
        c.require(partial, f"partial.square{i}", square - x * x, exact=False)
        box = square * square * x
        if i < 3:
            c.require(partial, f"partial.box{i}", s.free[4 + i] - box, exact=False)
            box = s.free[4 + i]
        state = inner([box, state[1], state[2]])
    for register, value in zip(registers, state, strict=True):
        name = c.columns[register.place[0]].name
        c.require(partial, f"partial.next_{name}", c.next(register) - value, exact=False)


def round_group(i: int) -> tuple[str, Sequence[int]]:
    """Kind and constants of row i (1 .. 22) of a permutation."""
    if i <= FULL_HALF:
        return "full", FULL_ROUND_CONSTANTS[i - 1]
    if i <= FULL_HALF + PARTIAL_ROWS:
        first = 4 * (i - FULL_HALF - 1)
        return "partial", PARTIAL_ROUND_CONSTANTS[first : first + 4]
    return "full", FULL_ROUND_CONSTANTS[i - 1 - PARTIAL_ROWS]
