"""
Events are complete: whatever happened, who has only read them knows what the readers answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak
from grants.grants_world import (
    ACCOUNTS_OF_A_LIFE,
    ALICE,
    BOB,
    CAROL,
    DAY,
    DEFAULT,
    FEED_HEARTBEAT,
    FIRST,
    KEYS,
    LAST,
    LATER,
    NEXT_OPEN,
    NEXT_WORD,
    NOTHING,
    NOTICE,
    NULLIFIER,
    OPEN,
    OTHER,
    SERIES,
    SET,
    TELLER,
    WORD,
    World,
    key_address,
    market_feed,
)
from grants.indexer import Indexer
from grants.test_lives import NULLIFIERS
from grants.test_lives_of_terms import LifeOfTerms
from support.effective import BANDS

from policies.effective.regime import pack

pytestmark = pytest.mark.evm
A, B = key_address(ALICE), key_address(BOB)


def indexed(world: World) -> Indexer:
    """What somebody knows who has read all events and nothing else."""
    chain_id = world.machine.state.execution_context.chain_id
    return Indexer(chain_id, world.grants.place).take(world.grants.told_so_far())


def flat(value: Any) -> Any:
    """Lists as tuples, all the way down."""
    return tuple(map(flat, value)) if isinstance(value, list | tuple) else value


class Compared:
    """An indexer beside the readers of the registry."""

    def __init__(self, world: World) -> None:
        self.world, self.known = world, indexed(world)

    def same(self, known: Any, name: str, *arguments: Any) -> None:
        """The reader answers what is known."""
        assert flat(known) == flat(self.world.anybody(name, *arguments)), (name, arguments)

    def all(self, accounts: Iterable[LocalAccount], nullifiers: Iterable[int]) -> Indexer:
        """Everything that the registry lets anybody read."""
        self.sets()
        self.policies()
        self.market()
        for account in accounts:
            self.account(key_address(account))
        for nullifier in nullifiers:
            key = (SERIES, nullifier)
            self.same((self.known.holders[key], self.known.pending[key]), "holderOf", *key)
        return self.known

    def sets(self) -> None:
        """Sets, generations, members, roots."""
        known, now = self.known, self.world.machine.now
        for attestor_set, state in known.sets.items():
            waits = now < known.generations[attestor_set, state[0]][2]
            self.same((state, state[0] - waits), "attestorSetOf", attestor_set)
        for key, state in known.generations.items():
            self.same(state, "generationOf", *key)
            for member, kind in known.members[key].items():
                self.same(kind, "memberOf", *key, member)
        for (attestor_set, word), serial in known.root_of.items():
            told = (known.roots[serial - 1], serial, known.root_end(serial))
            self.same(told, "rootOf", attestor_set, word)

    def policies(self) -> None:
        """Verifiers, series, policies, tiers."""
        known = self.known
        for i, verifier in enumerate(known.verifiers):
            self.same(verifier, "verifierOf", i)
        for series, state in known.series.items():
            self.same(state, "seriesOf", series)
        for policy, serial in known.policy_of.items():
            self.same((known.policies[serial - 1], serial), "policyOf", policy)
        for i, tier in enumerate(known.tiers, 1):
            self.same(tier, "tierOf", i)

    def market(self) -> None:
        """The market, what waits for it, engines, switches, the constructor's words."""
        known = self.known
        market, feed, bands, following = self.world.anybody("marketOf")
        assert flat((market, feed, bands)) == flat((known.market, known.feed, known.bands))
        assert following[-1] == known.begins_at
        if known.begins_at:
            assert flat(following[:-1]) == flat(known.next)
        for engine, state in known.engines.items():
            self.same(state, "engineOf", engine)
        self.same(known.switches, "switches")
        self.same(known.opened[0], "notice")
        for ceremony in known.opened[1]:
            self.same(True, "isCeremony", ceremony)

    def account(self, place: bytes) -> None:
        """The grant of an account, its end and its conduct."""
        name = "0x" + place.hex()
        self.same((self.known.grants[name], self.known.end(name)), "grantOf", place)
        self.same(astuple(self.known.records[name]), "conductOf", place)


def test_a_random_life_is_known_from_its_events() -> None:
    life = LifeOfTerms(31)
    for _ in range(5):
        for _ in range(16):
            life.step()
        known = Compared(life.world).all(ACCOUNTS_OF_A_LIFE.values(), NULLIFIERS)
    assert known.held and any(record.level for record in known.records.values())


def rarely(world: World) -> Iterable[Any]:
    """What random lives leave out, act by act."""
    feed = market_feed(world.machine)
    rules = (astuple(DEFAULT), pack(BANDS), feed.place, FEED_HEARTBEAT, bytes(20))
    yield world.submit()
    yield world.submit(valid_until=OPEN + 110 * DAY)
    yield world.onboard(tier=2)
    yield world.grants.call(A, "downgrade", 1)
    yield world.governor("announceMarket", rules)
    yield world.guardian("withdrawMarket")
    yield world.governor("registerEngine", TELLER, 3)
    yield world.governor("announceMarket", rules)
    world.at(OPEN + NOTICE)
    yield world.anybody("beginMarket")
    feed.call(A, "set", 0, 9_000, 0, OPEN + NOTICE)
    yield world.anybody("poke")
    yield world.grants.call(TELLER, "reportConduct", A, 2, 1, 9, bytes(32))
    world.at(OPEN + 7 * DAY)
    yield world.onboard(BOB)
    yield world.grants.call(A, "contest", SERIES, NULLIFIER)
    consents = (NOTHING, world.consent(ALICE, BOB, ALICE))
    yield world.onboard(BOB, consents=consents)
    yield world.onboard(ALICE, nullifier=9)
    yield world.onboard(BOB, nullifier=10)
    alone = [(world.claim(who, nullifier=12), NOTHING, NOTHING) for who in (CAROL, BOB)]
    assert world.batch(*alone, sender=CAROL) == ["first", "ConsentMissing"]
    yield
    yield world.guardian("disableEngine", TELLER)
    yield world.governor("voidReports", TELLER)
    yield world.guardian("disableEngine", TELLER)
    yield world.governor("voidReports", TELLER)
    yield world.guardian("pause")
    yield world.governor("unpause")
    yield world.rotate()
    world.at(OPEN + 9 * DAY)
    yield world.anybody("takeBackReports", B)
    yield world.guardian("endGeneration", SET, 1)
    yield world.submit(generation=2, keys=KEYS[1:3])
    yield world.onboard(BOB, nullifier=10)
    yield world.rotate(keys=KEYS[1:3], number=3)
    yield world.guardian("endGeneration", SET, 3)
    yield world.guardian("bar", SERIES, 10)
    yield world.governor("unbar", SERIES, 10)
    yield world.guardian("revoke", SERIES, 77)
    yield world.guardian("disableVerifier", 1)
    yield world.guardian("disablePolicy", OTHER)
    yield world.register_policy(OTHER, (FIRST + 30, LATER), (0,))
    yield world.governor("announceWindow", SERIES, (LATER + 30, LATER + 90))
    yield world.governor("registerVerifier", world.mock(), keccak(text="mock"))
    yield world.guardian("revokeRoot", SET, WORD)
    yield world.guardian("revokeRoot", SET, WORD + 1)
    world.at(NEXT_OPEN)
    yield world.submit(
        root=NEXT_WORD,
        generation=2,
        first_day=FIRST + 30,
        last_day=LATER,
        valid_until=NEXT_OPEN + 100 * DAY,
        keys=KEYS[1:3],
    )
    yield world.onboard(CAROL, later=True, nullifier=11)
    again = (world.claim(CAROL, later=True, nullifier=11), NOTHING, NOTHING)
    yield world.batch(again)
    yield world.grants.call(key_address(CAROL), "retire", SERIES, 11)
    yield world.governor("close", TELLER, NEXT_OPEN + 40 * DAY)


def test_everything_else_is_known_from_its_events() -> None:
    world = World()
    assert Compared(world).all((), ()).next
    world.start()
    nullifiers = (NULLIFIER, 9, 10, 11, 12, 77)
    for _ in rarely(world):
        known = Compared(world).all((ALICE, BOB, CAROL), nullifiers)
    assert known.successor == "0x" + TELLER.hex()
    assert len(known.calendar) == 3 and (SERIES, FIRST, LAST) in known.calendar
    told = {name for _, name, _ in world.grants.told_so_far()}
    assert world.grants.event_names - told == {"EIP712DomainChanged"}
