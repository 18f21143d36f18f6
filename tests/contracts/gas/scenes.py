"""
A registry of grants with both real verifiers on a node, and what transactions on it cost.

Every number is the gas that a receipt names: base, calldata, execution; EIP-7623's floor included.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_utils.crypto import keccak
from gas.claims import CLAIMED, TIERS, cases, last_day, proof
from gas.node import node
from grants.grants_world import (
    BORN,
    DAY,
    GOLD,
    NOTHING,
    OPEN,
    OTHER,
    POLICY,
    SERIES,
    SILVER,
    STRANGER,
    World,
    key_address,
)

from contracts.build.artifact import load_artifact
from prover.profile import Profile

FORKS = ("prague", "osaka")
MEASURED = Path(__file__).parents[3] / "benchmarks" / "results" / "gas.json"
"""By fork, profile and kind of claim."""
DAYS, LATER_DAYS = 60, 90
"""Of the first window and of the next; both begin on the same day."""
AT_ONCE = 8
KEYS = [Account.from_key(keccak(text=f"institution {i}")) for i in range(AT_ONCE)]
ACCOUNTS = tuple(int(key.address, 16) for key in KEYS)
VERIFIERS = {Profile.FAST: "TierproofVerifier8192", Profile.LEAN: "TierproofVerifier8192Lean"}


@dataclass(frozen=True)
class Scene:
    """One registry, with the roots of one profile's histories."""

    world: World
    profile: Profile

    def claim(self, index: int, later: bool = False) -> tuple[Any, ...]:
        """Of institution `index`."""
        days, scope = (LATER_DAYS if later else DAYS), self.scope
        one = cases(self.profile, days, scope, ACCOUNTS)[index]
        return self.world.claim(
            KEYS[index],
            CLAIMED,
            policy=OTHER if later else POLICY,
            verifier=list(Profile).index(self.profile),
            root=one.statement[0],
            nullifier=one.statement[1],
            thresholds=TIERS[CLAIMED].words(),
            proof=proof(self.profile, days, scope, ACCOUNTS, index),
        )

    @property
    def scope(self) -> int:
        return int(self.world.anybody("scopeOf", SERIES))

    def consent(self, index: int, later: bool = False) -> tuple[int, int, bytes]:
        """The account's signature under the terms; `later`: it holds the nullifier by then."""
        key = KEYS[index]
        return self.world.consent(
            key, key, key if later else None, GOLD, nullifier=self.claim(index, later)[4]
        )

    def submit(self, days: int) -> None:
        one = cases(self.profile, days, self.scope, ACCOUNTS)[0]
        end = (last_day(days) + 1) * DAY
        self.world.at(end).submit(
            root=one.statement[0],
            last_day=last_day(days),
            feed=one.statement[-1],
            valid_until=end + 100 * DAY,
        )

    # -- what is measured --------------------------------------------------------------------------
    def single(self, later: bool = False, consent: bool = False) -> int:
        """Of `onboard`; the account sends, or a stranger with its consent."""
        sender = STRANGER if consent else key_address(KEYS[0])
        given = self.consent(0, later) if consent else NOTHING
        self.world.grants.call(sender, "onboard", self.claim(0, later), given, NOTHING)
        return int(self.world.machine.gas_used)

    def batch(self, later: bool = False) -> int:
        """Of `onboardBatch`, each claim with a consent."""
        said = self.world.batch(
            *((self.claim(i, later), self.consent(i, later), NOTHING) for i in range(AT_ONCE))
        )
        if said != ["renewed" if later else "first"] * AT_ONCE:
            raise AssertionError(said)
        return int(self.world.machine.gas_used)


@contextmanager
def scene(fork: str, profile: Profile) -> Iterator[Scene]:
    """A registry in force, the first window over and its root known."""
    with node(fork, BORN - DAY) as machine:
        machine.now = BORN
        world = World(machine=machine)
        world.register_set()
        for name in VERIFIERS.values():
            place = machine.deploy(load_artifact(name))
            digest = machine.call(STRANGER, place, keccak(text="keyDigest()")[:4])
            world.governor("registerVerifier", place, digest)
        windows = [(last_day(1), last_day(days)) for days in (DAYS, LATER_DAYS)]
        world.register_series(windows=windows)
        tiers = [(tier.words(), terms) for tier, terms in zip(TIERS, (SILVER, GOLD), strict=True)]
        for policy, window in zip((POLICY, OTHER), windows, strict=True):
            world.register_policy(policy, window, (0, 1), tiers)
        made = Scene(world.at(OPEN), profile)
        made.submit(DAYS)
        yield made


def singles(fork: str, profile: Profile) -> dict[str, int]:
    """Gas of one claim a transaction."""
    with scene(fork, profile) as made:
        with made.world.machine.undone():
            consented = made.single(consent=True)
        first = made.single()
        made.submit(LATER_DAYS)
        with made.world.machine.undone():
            renewed = made.single(later=True, consent=True)
        return {
            "first grant": first,
            "first grant, by consent": consented,
            "renewal": made.single(later=True),
            "renewal, by consent": renewed,
        }


def batches(fork: str, profile: Profile) -> dict[str, int]:
    """Gas of a batch, by consent, for each claim of it."""
    with scene(fork, profile) as made:
        first = made.batch()
        made.submit(LATER_DAYS)
        return {
            f"first grant, in a batch of {AT_ONCE}": first // AT_ONCE,
            f"renewal, in a batch of {AT_ONCE}": made.batch(later=True) // AT_ONCE,
        }
