"""
A11, E1 to E3: each public word alone, wrong secret, salt, day, count, root, path. One label each
says what stops it.
"""

from __future__ import annotations

from functools import cache

import pytest
from support.credential import (
    ACCOUNT,
    ALL_METRICS,
    FIRST_DAY,
    LAYOUT,
    SCOPE,
    SECRET,
    VENUE,
    Case,
    honest,
    thresholds,
    world,
)
from support.forge import Forger, attested, forger

from algebra.errors import Malformed, Rejected
from algebra.interface import R
from algebra.native_backend import native
from algebra.poseidon2 import TAG_NULLIFIER, TAG_OWNER, hash_words
from circuits.credential.v2.sponge import NULLIFIER, capacity_word
from circuits.credential.v2.statement import STATEMENT
from history.v2.metrics import METRICS
from prover.prove import prove
from prover.witness.v2.cells import Cells
from prover.witness.v2.hashes import fill_hashes, fill_permutation
from tierproof.testing import Tampered, assert_rejected, put
from verifier.verify import verify

HASHES = (
    "owner",
    "leaf",
    "node",
    "path",
    "nullifier",
    "open",
    "close",
    "window",
    "day",
    "return",
    "sum",
    "record",
)


def other_statement(index: int, value: int) -> Case:
    return honest().word(index, value)


@pytest.mark.parametrize(("word", "value", "expected"), [
    (0, 5, {"path.root"}),
    (1, 5, {"nullifier.digest"}),
    (2, SCOPE + 1, {"nullifier.scope"}),
    (4, FIRST_DAY + 1 + ((FIRST_DAY + 7) << 24), {"leaf.first_day", "leaf.last_day"}),
    (4, FIRST_DAY + 1 + ((FIRST_DAY + 6) << 24), {"leaf.first_day", "window.days"}),
    (4, FIRST_DAY + ((FIRST_DAY + 7) << 24), {"leaf.last_day", "window.days"}),
])  # fmt: skip
def test_each_word_in_the_trace(word: int, value: int, expected: set[str]) -> None:
    found = other_statement(word, value)
    assert found.labels(honest().witness, only=HASHES) == expected


@cache
def proof() -> bytes:
    return prove(world().key, loaded().witness, loaded().statement, algebra=native())


@cache
def loaded() -> Case:
    return honest(*ALL_METRICS)


def loaded_word(index: int) -> int:
    return thresholds(ALL_METRICS).words()[index - 5]


def judge(statement: list[int], given: bytes) -> str:
    try:
        verify(world().key.verifying, statement, given, algebra=native())
    except (Malformed, Rejected) as error:
        return error.code
    return "accepted"


@pytest.mark.parametrize("word", range(len(STATEMENT)), ids=STATEMENT)
def test_each_word_alone(word: int) -> None:
    """+1, 0, its neighbour, + r, 2^256 - 1: never accepted; the untouched statement is."""
    words = list(loaded().statement)
    assert judge(words, proof()) == "accepted"
    neighbour = words[(word + 1) % len(words)]
    for value in (words[word] + 1, 0, neighbour, words[word] + R, 2**256 - 1):
        changed = [value if i == word else old for i, old in enumerate(words)]
        if value != words[word]:
            assert judge(changed, proof()) in ("rejected.equation", "malformed.statement"), value


@pytest.mark.parametrize(
    ("word", "value", "what"),
    [
        (0, R, "order"),
        (1, R + 1, "order"),
        (2, 2**256 - 1, "order"),
        (3, 0, "account is zero"),
        (3, 1 << 160, "not an address"),
        (4, 1 << 48, "window"),
        (4, FIRST_DAY + (FIRST_DAY << 24), "less than two days"),
        (4, (FIRST_DAY + 1) + (FIRST_DAY << 24), "less than two days"),
        (4, FIRST_DAY + ((FIRST_DAY + 366) << 24), "more than 366"),
        (5, 1 << 252, "unused bits"),
        (6, 1 << 252, "unused bits"),
        (7, 1 << 252, "unused bits"),
        (8, 1 << 252, "unused bits"),
        (9, 1 << 252, "mask"),
        (5, 1 << 12 * 17 | loaded_word(5), "spare limb"),
        (8, 1 << 12 * 4 | loaded_word(8), "spare limb"),
        (5, 0, "floor is zero"),
    ],
)
def test_words_that_no_policy_has(word: int, value: int, what: str) -> None:
    words = list(loaded().statement)
    words[word] = value
    with pytest.raises(Malformed, match=what) as caught:
        verify(world().key.verifying, words, proof(), algebra=native())
    assert caught.value.code == "malformed.statement"


@pytest.mark.parametrize("metric", METRICS.refused)
def test_metrics_that_no_tier_asks_are_refused(metric: int) -> None:
    words = list(loaded().statement)
    words[9] |= 1 << (12 * (94 - 84) + metric - 1)
    with pytest.raises(Malformed, match=f"no tier can ask for M{metric}"):
        verify(world().key.verifying, words, proof(), algebra=native())


@pytest.mark.parametrize("length", [0, 10, 12])
def test_number_of_words(length: int) -> None:
    words = (list(loaded().statement) * 2)[:length]
    assert judge(words, proof()) == "malformed.statement"
    assert judge([-1, *loaded().statement[1:]], proof()) == "malformed.statement"


# -- secrets and the leaf --------------------------------------------------------------------------
def test_wrong_secret() -> None:
    """Somebody else's leaf: his own nullifier is right, the owner's tag is not."""
    thief = SECRET + 1
    found = honest().word(1, hash_words(TAG_NULLIFIER, [thief, SCOPE]))
    forged = forger(found, secret=thief)
    assert found.labels(forged, only=HASHES) == {"leaf.owner_tag"}
    assert_rejected(world().key, forged, found.statement, native())


def test_wrong_secret_with_a_tag_that_fits() -> None:
    thief = SECRET + 1
    found = honest().word(1, hash_words(TAG_NULLIFIER, [thief, SCOPE]))
    words = (hash_words(TAG_OWNER, [thief, VENUE]), *honest().leaf_words[1:])
    assert found.labels(forger(found, secret=thief, leaf=words), only=HASHES) == {"path.root"}


def test_one_secret_for_the_tag_another_for_the_nullifier() -> None:
    """A second nullifier for one leaf: the two places of the secret are one bus message."""
    found = honest().word(1, hash_words(TAG_NULLIFIER, [SECRET + 1, SCOPE]))

    def alter(cells: Cells, prover: Forger) -> None:
        row = LAYOUT.permutation(NULLIFIER)
        words = (SECRET + 1, SCOPE)
        keep = {name: getattr(cells, name)[row] for name in ("v", "slope", "sum")}
        out = fill_permutation(cells, row, words, [*words, capacity_word(TAG_NULLIFIER, 2)])
        after = LAYOUT.permutation(NULLIFIER + 1)
        cells.v[after], cells.slope[after], cells.sum[after] = out
        for name, value in keep.items():
            getattr(cells, name)[row] = value

    forged = forger(found, alter)
    assert found.labels(forged) == {"sum.end"}
    assert_rejected(world().key, forged, found.statement, native())


LEAF_LIES = {"owner_tag": 0, "venue": 1, "salt": 3, "counts": 7, "days": 8, "money": 9}


@pytest.mark.parametrize("word", LEAF_LIES)
def test_one_word_of_the_leaf(word: str) -> None:
    """Not the attested one: the leaf's hash is another, so the path ends in another root."""
    words = list(honest().leaf_words)
    words[LEAF_LIES[word]] += 1
    found = honest().labels(forger(honest(), leaf=words), only=("path", "nullifier.digest"))
    assert found == {"path.root"}


def test_salt_and_no_proof() -> None:
    words = list(honest().leaf_words)
    words[3] += 1
    forged = forger(honest(), leaf=words)
    assert honest().labels(forged) == {"path.root"}
    assert_rejected(world().key, forged, honest().statement, native())


@pytest.mark.parametrize(("word", "step", "expected"), [
    ("days", 1, {"leaf.first_day"}),
    ("days", 1 << 24, {"leaf.last_day"}),
    ("days", 4 << 48, {"leaf.bound_day"}),  # bound after the first day
    ("counts", 1 << 48, {"return.marks"}),
    ("money", 1, {"day.equity", "day.divisor_over_capital", "sum.end"}),
    ("money", 1 << 48, {"open_next.count_closing"}),
])  # fmt: skip
def test_a_leaf_that_says_so(word: str, step: int, expected: set[str]) -> None:
    """Attested, for a history that is not like that: days, wallets, opening, closing."""
    old = dict(zip(("counts", "days", "money"), honest().leaf_words[7:], strict=True))[word]
    assert attested(honest(), **{word: old + step}).labels(only=HASHES) == expected


@pytest.mark.parametrize(
    ("word", "bits", "expected"), [("counts", 60, {"open.counts"}), ("money", 96, {"open.money"})]
)
def test_bits_past_the_packed_numbers(word: str, bits: int, expected: set[str]) -> None:
    """
    No honest cells; a prover who leaves the surplus out of the limbs fails where they are put
    together.
    """
    index = {"counts": 7, "money": 9}[word]
    found = attested(honest(), **{word: honest().leaf_words[index] + (1 << bits)})
    with pytest.raises(OverflowError, match="limbs"):
        found.labels()

    def alter(cells: Cells, prover: Forger) -> None:
        fill_hashes(
            cells,
            prover.layout,
            secret=prover.secret,
            scope=prover.scope,
            leaf=found.leaf_words,
            index=prover.index,
            path=prover.path,
            feed=prover.feed.words(),
        )
        cells.set_free(LAYOUT.days, [found.leaf_words[index]], {"counts": 0, "money": 1}[word])

    assert found.labels(forger(found, alter, leaf=honest().leaf_words)) == expected


# -- the tree (A14) --------------------------------------------------------------------------------
def test_path_bit_of_two() -> None:
    forged = Tampered(honest().witness, lambda f: put(f, "free2", LAYOUT.permutation(8), 2))
    assert honest().labels(forged, only=("node", "path")) == {"node.bit", "node.child"}


def test_another_place_in_the_tree() -> None:
    index = honest().index ^ 1
    assert honest().labels(forger(honest(), index=index), only=("node", "path")) == {"path.root"}
    path = (honest().path[1], honest().path[0], *honest().path[2:])
    assert honest().labels(forger(honest(), path=path), only=("node", "path")) == {"path.root"}


def test_inner_node_as_leaf() -> None:
    """
    Leaf and node hash under different tags: a node's two words are no leaf's ten, and depth is
    fixed at twenty.
    """
    forged = forger(honest(), path=(*honest().path[1:], 0))
    assert honest().labels(forged, only=("node", "path")) == {"path.root"}


def test_scopes_give_other_nullifiers() -> None:
    scopes = [SCOPE, SCOPE + 1, ACCOUNT]
    assert len({hash_words(TAG_NULLIFIER, [SECRET, scope]) for scope in scopes}) == 3
