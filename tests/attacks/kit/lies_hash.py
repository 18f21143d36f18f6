"""
Lies in the hash region: owner tag, leaf, path, nullifier, feed. What comes out is published.
"""

from __future__ import annotations

from attacks.kit.cheats import Cheat
from attacks.kit.hands import REGISTERS, follow, get_limbs, rehash, set_free, set_limbs
from attacks.kit.trace import Trace
from attacks.kit.weaken import BusMessage
from support.credential import LAYOUT, honest

from algebra.interface import R
from circuits.credential.v2.layout import PERMUTATIONS
from circuits.credential.v2.sponge import FEED, LEAF, NULLIFIER, OWNER, PATH

FULL, PARTIAL = 2, 7
"""A row of full and one of partial rounds, counted from the absorbing row."""
LEAF_WORDS = (
    "owner_tag",
    "venue",
    "header",
    "salt",
    "point0",
    "point1",
    "point2",
    "counts",
    "days",
    "money",
)


def row(permutation: int, offset: int = 0) -> int:
    return LAYOUT.permutation(permutation) + offset


def wrong(label: str, at: int, name: str, to: int) -> Cheat:
    """The cell that a rule of row `at` defines is one more than it should be; the rest follows."""

    def lie(trace: Trace) -> None:
        broken = frozenset({(label, at)})
        follow(trace, [at], broken)
        trace.add(name, to, 1)
        rehash(trace, at, broken)

    return Cheat("a digest that the words do not have", honest(), lie)


def leaf_word(trace: Trace, name: str, value: int) -> None:
    """Another word in the leaf; the root is that of a tree which holds it."""
    place, slot = divmod(LEAF_WORDS.index(name), 2)
    set_free(trace, row(LEAF + place), value, start=slot)
    rehash(trace, row(LEAF))


def rounds() -> dict[str, Cheat]:
    """A second nullifier for the same secret and scope, by one wrong S-box or matrix."""
    out = {}
    full, partial = row(NULLIFIER, FULL), row(NULLIFIER, PARTIAL)
    for i in range(3):
        out[f"full.square{i}"] = wrong(f"full.square{i}", full, f"free{i}", full)
        out[f"partial.box{i}"] = wrong(f"partial.box{i}", partial, f"free{4 + i}", partial)
    for i in range(4):
        out[f"partial.square{i}"] = wrong(f"partial.square{i}", partial, f"free{i}", partial)
    for name in REGISTERS:
        out[f"full.next_{name}"] = wrong(f"full.next_{name}", full, name, full + 1)
        out[f"partial.next_{name}"] = wrong(f"partial.next_{name}", partial, name, partial + 1)
    return out


def absorbing() -> dict[str, Cheat]:
    places = {
        "owner": row(OWNER), "leaf": row(LEAF), "onward": row(LEAF + 4), "node": row(PATH + 3),
        "nullifier": row(NULLIFIER), "feed": row(FEED),
    }  # fmt: skip
    return {
        f"{kind}.absorb_{name}": wrong(f"{kind}.absorb_{name}", at, name, at + 1)
        for kind, at in places.items()
        for name in REGISTERS
    }


def identity() -> dict[str, Cheat]:
    """Owner tag, membership, nullifier and feed."""

    def borrow(trace: Trace) -> None:
        for permutation in (OWNER, NULLIFIER):
            set_free(trace, row(permutation), 0xBAD)
        rehash(trace, broken=frozenset({("leaf.owner_tag", row(LEAF))}))

    def other_leaf(label: str, at: int) -> Cheat:
        def lie(trace: Trace) -> None:
            set_free(trace, row(LEAF + 1), 12345, start=1)
            rehash(trace, broken=frozenset({(label, at)}))

        return Cheat("membership of a leaf that is in no tree", honest(), lie)

    def two(trace: Trace) -> None:
        at = row(PATH + 1)
        child, first = trace.get("v", at), 777
        set_free(trace, at, first, (child - first) * pow(2, -1, R) + first, 2)
        rehash(trace, at, frozenset({("node.child", at)}))

    def scope(trace: Trace) -> None:
        set_free(trace, row(NULLIFIER), 0x5C07E, start=1)
        rehash(trace, row(NULLIFIER), frozenset({("nullifier.scope", row(NULLIFIER))}))

    def nullifier(trace: Trace) -> None:
        trace.scalars["nullifier"] += 1

    def feed(trace: Trace) -> None:
        trace.scalars["feed"] += 1

    def padding(trace: Trace) -> None:
        last = row(PERMUTATIONS - 1)
        set_free(trace, last, 1, start=1)
        rehash(trace, last)

    return {
        "feed.digest": Cheat("days that no feed has", honest(), feed),
        "feed.padding": Cheat("a second digest for one feed", honest(), padding),
        "leaf.owner_tag": Cheat("a credential borrowed from its owner", honest(), borrow),
        "node.child": other_leaf("node.child", row(PATH)),
        "path.root": other_leaf("path.root", row(NULLIFIER)),
        "node.bit": Cheat("a node that is no parent", honest(), two),
        "nullifier.scope": Cheat("a nullifier of another scope: a second use", honest(), scope),
        "nullifier.digest": Cheat("any nullifier", honest(), nullifier),
    }


def leaf_fields() -> dict[str, Cheat]:
    """Class, days and the bound day."""
    at = row(LEAF + 4)

    def header(trace: Trace) -> None:
        trace.add("free0", row(LEAF + 1), 1 << 16)
        rehash(trace, row(LEAF + 1), frozenset({("leaf.header", row(LEAF + 1))}))

    def days(start: int, step: int, *, word: bool = True, bound: int = 0) -> Cheat:
        def lie(trace: Trace) -> None:
            if start >= 0:
                set_limbs(trace, at, start, 2, get_limbs(trace, at, start, 2) + step)
            if bound:
                set_limbs(trace, at, 6, 2, get_limbs(trace, at, 6, 2) + bound)
            if word:
                trace.put("free0", at, get_limbs(trace, at, 0, 6))
            else:
                trace.add("free0", at, 5)
            rehash(trace, at, frozenset({("leaf.days", at)}))

        return Cheat("a leaf of another window", honest(), lie)

    return {
        "leaf.header": Cheat("a leaf of another class", honest(), header),
        "leaf.days": days(-1, 0, word=False),
        "leaf.first_day": days(0, 1, bound=1),
        "leaf.last_day": days(2, -1),
        "leaf.bound_day": days(4, 10),
    }


def message(m: BusMessage) -> Cheat:
    """
    A consumer of the hash region that takes another value than was sent; or a leaf with another
    word.
    """

    def lie(trace: Trace) -> None:
        trace.add(f"free{m.slot}", m.row, 1)
        rehash(trace, m.row)

    return Cheat("a word that is not the one sent", honest(), lie)


def cheats() -> dict[str, Cheat]:
    return {**rounds(), **absorbing(), **identity(), **leaf_fields()}
