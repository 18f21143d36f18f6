"""
L21: a stale leaf, or two snapshots of one owner. Stopped by the days in the leaf, which equal the
statement's window, and by one leaf a tag in a tree.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.credential import FIRST_DAY, case, honest, thresholds, week, world
from support.forge import attested, forger

from algebra.errors import Refused
from algebra.native_backend import native
from attestor.tree import Tree
from tierproof.testing import assert_rejected

DAYS = {"first": 0, "last": 24, "bound": 48}


def days_of(**changes: int) -> int:
    """The leaf's word of days with some moved by so many days."""
    return honest().leaf_words[8] + sum(step << DAYS[name] for name, step in changes.items())


@pytest.mark.parametrize(
    ("changes", "stops"),
    [
        (
            {"first": -7, "last": -7, "bound": -7},
            {"leaf.first_day", "leaf.last_day"},
        ),  # last week's snapshot
        ({"first": -1}, {"leaf.first_day"}),  # a longer log, cut to the window
        ({"last": 1}, {"leaf.last_day"}),
        ({"last": -1}, {"leaf.last_day"}),  # taken before the window's end
        ({"first": 1}, {"leaf.first_day"}),
    ],
    ids=["week before", "from the day before", "one day more", "one day early", "a day later"],
)
def test_a_leaf_of_other_days(changes: dict[str, int], stops: set[str]) -> None:
    """Properly attested, and proven as it is for a window that it is not of."""
    found = attested(honest(), days=days_of(**changes))
    assert found.labels(only=("leaf.", "path.", "node.")) == stops


def test_the_window_s_days_in_its_place() -> None:
    """The stale leaf proven as if it said what the window wants: it hashes to another leaf."""
    found = attested(honest(), days=days_of(first=-7, last=-7, bound=-7))
    forged = forger(found, leaf=honest().leaf_words)
    assert found.labels(forged) == {"path.root"}
    assert_rejected(world().key, forged, found.statement, native())


@pytest.mark.parametrize(
    ("bound", "holds"),
    [(FIRST_DAY, True), (FIRST_DAY + 1, False), (0, True), ((1 << 24) - 1, False)],
)
def test_wallets_bound_after_the_first_day(bound: int, holds: bool) -> None:
    """bound_day <= first day, at the edge: who joins a wallet later chooses it by its results."""
    found = attested(honest(), days=days_of(bound=bound - (FIRST_DAY - 3)))
    assert found.labels(only=("leaf.", "range.limb6", "range.limb7")) == (
        set() if holds else {"leaf.bound_day"}
    )


def test_two_snapshots_of_one_owner_are_no_tree() -> None:
    """Whatever else differs: salt, days, count or commitment."""
    leaf = honest().leaf
    changes: list[dict[str, int]] = [
        {"salt": 1},
        {"last_day": leaf.last_day - 1},
        {"count": leaf.count - 1},
    ]
    for other in (replace(leaf, **change) for change in changes):  # type: ignore[arg-type]
        with pytest.raises(Refused) as caught:
            Tree.build([leaf, other], native())
        assert caught.value.code == "refused.tree"


def test_an_earlier_snapshot_is_under_an_earlier_root() -> None:
    """
    A log with one record less has another commitment, leaf and root; and the nullifier is the same:
    one grant.
    """
    early = case(week(), 7, 100_000, thresholds(), others=5)
    later = case([*week(), week()[0]._replace(day=6)], 7, 100_000, thresholds(), others=5)
    assert early.statement[0] != later.statement[0] and early.statement[1] == later.statement[1]
    stale = forger(later, leaf=early.leaf_words, index=early.index, path=early.path)
    assert "path.root" in later.labels(stale, only=("path.", "leaf."))
