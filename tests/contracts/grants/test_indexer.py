"""
Events are complete: whatever happened, who has only read them knows what the readers answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple
from itertools import islice
from typing import Any

import pytest
from eth_abi.abi import encode
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
from grants.test_lives import NULLIFIERS
from grants.test_lives_of_terms import LifeOfTerms
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from support.effective import BANDS

from policies.effective.regime import pack
from service.follower.applying import Book, Event
from service.follower.ends import end_of, root_end
from service.follower.rows import Rows
from service.follower.tables import (
    TABLES,
    AnnouncedRow,
    BlockRow,
    ConductRow,
    EngineRow,
    GenerationRow,
    GrantRow,
    HeldRow,
    HolderRow,
    MarketRow,
    MemberRow,
    PendingRow,
    PolicyRow,
    RevokedRow,
    RootRow,
    SeriesRow,
    SetRow,
    SwitchesRow,
    TierRow,
    VerifierRow,
    Versioned,
    WindowRow,
)
from service.follower.views import View
from service.store.base import Base

pytestmark = pytest.mark.evm
A, B = key_address(ALICE), key_address(BOB)


def flat(value: Any) -> Any:
    """Lists as tuples, all the way down."""
    return tuple(map(flat, value)) if isinstance(value, list | tuple) else value


def said(row: Versioned, *, key: int = 0, last: int | None = None) -> tuple[Any, ...]:
    """What a row says, but for its first `key` fields and those from `last` on."""
    return tuple(row.values().values())[key:last]


class Compared:
    """
    What somebody knows who has read all events and nothing else, beside the readers of the
    registry.
    """

    def __init__(self, world: World) -> None:
        self.world, self.read = world, 0
        engine = create_engine("sqlite://")
        Base.metadata.create_all(engine, TABLES)
        self.session = Session(engine)
        self.rows = Rows(self.session)
        chain_id = world.machine.state.execution_context.chain_id
        self.book = Book(self.rows, chain_id, "0x" + world.grants.place.hex())

    def take(self) -> None:
        """What was said since; a block a second."""
        for second, name, arguments in islice(self.world.grants.told_so_far(), self.read, None):
            self.read += 1
            later = second != self.book.time
            event = Event(self.rows.block + later, 0, second, "", name, arguments)
            self.book.apply(event)

    def same(self, known: Any, name: str, *arguments: Any) -> None:
        """The reader answers what is known."""
        assert flat(known) == flat(self.world.anybody(name, *arguments)), (name, arguments)

    def all(self, accounts: Iterable[LocalAccount], nullifiers: Iterable[int]) -> Rows:
        """Everything that the registry lets anybody read."""
        self.take()
        self.sets()
        self.policies()
        self.market()
        for account in accounts:
            self.account(key_address(account))
        for nullifier in nullifiers:
            key = {"series": SERIES, "nullifier": nullifier}
            told = (self.rows.of(HolderRow, **key), self.rows.of(PendingRow, **key))
            self.same(tuple(said(row, key=2) for row in told), "holderOf", SERIES, nullifier)
        return self.rows

    def sets(self) -> None:
        """Sets, generations, members, roots."""
        now = self.world.machine.now
        for held in self.rows.all(SetRow):
            key = {"attestor_set": held.attestor_set, "generation": held.latest}
            waits = now < self.rows.of(GenerationRow, **key).enabled_from
            told = (said(held, key=1), held.latest - waits)
            self.same(told, "attestorSetOf", held.attestor_set)
        for each in self.rows.all(GenerationRow):
            of = each.attestor_set, each.generation
            self.same(said(each, key=2, last=-1), "generationOf", *of)
        for member in self.rows.all(MemberRow):
            of = member.attestor_set, member.generation
            self.same(member.kind, "memberOf", *of, member.member)
        for root in self.rows.all(RootRow):
            if self.book.root_of(root.attestor_set, root.root) is root:
                told = (said(root, key=1, last=-2), root.serial, root_end(self.rows, root.serial))
                self.same(told, "rootOf", root.attestor_set, root.root)
        for revoked in self.rows.all(RevokedRow):
            self.same(True, "isRevoked", revoked.attestor_set, revoked.root)

    def policies(self) -> None:
        """Verifiers, series, policies, tiers."""
        for verifier in self.rows.all(VerifierRow):
            self.same(said(verifier, key=1, last=-2), "verifierOf", verifier.verifier)
        for series in self.rows.all(SeriesRow):
            self.same(said(series, key=1), "seriesOf", series.series)
        for policy in self.rows.all(PolicyRow):
            if self.book.policy_of(policy.policy_id) is policy:
                told = (said(policy, key=1, last=-1), policy.serial)
                self.same(told, "policyOf", policy.policy_id)
        for tier in self.rows.all(TierRow):
            terms, (policy, ended) = said(tier, key=1, last=8), said(tier, key=8, last=-1)
            words = keccak(encode(["uint256"] * 5, tier.thresholds))
            self.same((terms, policy, ended, words), "tierOf", tier.serial)
        for window in self.rows.all(WindowRow):
            days = window.first_day, window.last_day
            self.same(True, "isPublished", window.series, *days)

    def market(self) -> None:
        """The market, what waits for it, engines, switches, the constructor's words."""
        market, feed, bands, following = self.world.anybody("marketOf")
        known = said(self.rows.of(MarketRow, one=1), key=1)
        assert flat((*market, *feed, bands)) == known[:-1]
        told = self.rows.of(AnnouncedRow, one=1)
        assert following[-1] == told.begins_at
        if told.begins_at:
            terms, waits, chosen, sequencer, _ = following
            assert said(told, key=1) == (*terms, waits, *chosen[:3], sequencer, following[-1])
        for engine in self.rows.all(EngineRow):
            self.same(said(engine, key=1), "engineOf", engine.engine)
        switches = self.rows.of(SwitchesRow, one=1)
        self.same(said(switches, key=1, last=4), "switches")
        self.same(switches.notice, "notice")
        for ceremony in switches.ceremonies:
            self.same(True, "isCeremony", ceremony)

    def account(self, place: bytes) -> None:
        """The grant of an account, its end and its conduct."""
        name = "0x" + place.hex()
        grant = self.rows.of(GrantRow, account=name)
        self.same((said(grant, key=1, last=-2), end_of(self.rows, grant)), "grantOf", place)
        self.same(said(self.rows.of(ConductRow, account=name), key=1), "conductOf", place)
        now = self.world.machine.now
        block = BlockRow(number=self.rows.block, hash="", parent="", time=now)
        told = View(self.session, block).terms(name, now).value
        self.same(astuple(told), "effectiveTerms", place)


def test_a_random_life_is_known_from_its_events() -> None:
    life = LifeOfTerms(31)
    compared = Compared(life.world)
    for _ in range(5):
        for _ in range(16):
            life.step()
        known = compared.all(ACCOUNTS_OF_A_LIFE.values(), NULLIFIERS)
    assert known.all(HeldRow) and any(record.level for record in known.all(ConductRow))


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
    compared = Compared(world)
    assert compared.all((), ()).find(AnnouncedRow, one=1)
    world.start()
    nullifiers = (NULLIFIER, 9, 10, 11, 12, 77)
    for _ in rarely(world):
        known = compared.all((ALICE, BOB, CAROL), nullifiers)
    assert known.of(SwitchesRow, one=1).successor == "0x" + TELLER.hex()
    assert known.count(WindowRow) == 3
    assert known.of(WindowRow, series=SERIES, last_day=LAST).first_day == FIRST
    told = {name for _, name, _ in world.grants.told_so_far()}
    assert world.grants.event_names - told == {"EIP712DomainChanged"}
