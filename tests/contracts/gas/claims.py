"""
Credentials of several institutions under one root, made the same way each time: what a claim costs
depends on how many of its proof's bytes are zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from support.credential import (
    FIRST_DAY,
    SECRET,
    Case,
    World,
    case,
    mark,
    owner_mark,
    thresholds,
    week,
    world_of,
)

from algebra.native_backend import native
from attestor.tree import Tree
from history.v2.record import Record
from prover.blinding import unsafe_seeded_blinding
from prover.profile import Profile
from prover.prove import prove

TIERS = (thresholds([1]), thresholds([1, 5, 10]))
CLAIMED = 1
"""Index of the tier that all of them claim."""


@cache
def home(profile: Profile) -> World:
    """The setup of the committed development contracts."""
    return world_of(b"tierproof dev", slots=profile.slots)


def history(days: int) -> list[Record]:
    """A week of trades, and then a quiet account."""
    quiet = [row for day in range(7, days) for row in (mark(day), owner_mark(day))]
    return [*week(), *quiet]


@cache
def cases(profile: Profile, days: int, scope: int, accounts: tuple[int, ...]) -> Sequence[Case]:
    """One institution an account, all in one tree."""
    made = [
        case(
            history(days), days, 100_000, TIERS[CLAIMED],
            secret=SECRET + i, scope=scope, home=home(profile),
        ).word(3, account)
        for i, account in enumerate(accounts)
    ]  # fmt: skip
    tree = Tree.build([one.leaf for one in made], native())
    return [
        replace(one, index=i, path=tuple(tree.path(i))).word(0, tree.root)
        for i, one in enumerate(made)
    ]


@cache
def proof(profile: Profile, days: int, scope: int, accounts: tuple[int, ...], index: int) -> bytes:
    """Of one of them, always the same."""
    one = cases(profile, days, scope, accounts)[index]
    return prove(
        home(profile).key,
        one.witness,
        one.statement,
        algebra=native(),
        blinding=unsafe_seeded_blinding(f"gas {days} {index}".encode()),
    )


def last_day(days: int) -> int:
    """Of a window that begins with `FIRST_DAY`."""
    return FIRST_DAY + days - 1
