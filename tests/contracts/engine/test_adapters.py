"""The allow list for Derive's hooks, the reader, and the thirty lines of the guide."""

from __future__ import annotations

from typing import Any

import pytest
from engine.machine import Contract, example
from engine.refusals import refused
from engine.world import (
    ALICE,
    ANSWER,
    BOB,
    BURN,
    CAROL,
    DAY,
    ENDED,
    ENDING,
    GARBAGE,
    LIQUIDATED,
    NONE,
    OWNER,
    PARTLY,
    PRIME,
    REVERT,
    RUNNING,
    SHORT,
    STRANGER,
    World,
)
from eth_abi.abi import encode
from eth_utils.crypto import keccak

pytestmark = pytest.mark.evm
ONBOARD = "onboard(uint256,address,bytes32,bool)"


class Venue:
    """A registry that onboards, and the list."""

    def __init__(self, world: World) -> None:
        self.machine, deploy = world.machine, world.machine.deploy
        self.registry = deploy(example("MockOnboarding", "test-artifacts"), sender=OWNER)
        selector = keccak(text=ONBOARD)[:4]
        self.allow = deploy(example("TierAllowList"), self.registry.address, selector, sender=OWNER)

    def status(self, account: str, status: int) -> None:
        self.registry.set(account, (*(0,) * 7, status, 0))

    def data(
        self, claim: int, account: str, consent: bytes | None = None, runs: bool = True
    ) -> bytes:
        word = keccak(encode(["uint256", "address"], [claim, account]))
        arguments = encode(
            ["uint256", "address", "bytes32", "bool"],
            [claim, account, word if consent is None else consent, runs],
        )
        return encode(["address", "bytes"], [account, arguments])


@pytest.fixture
def venue(world: World) -> Venue:
    return Venue(world)


def test_the_hooks_are_derives(venue: Venue) -> None:
    names = {
        entry["name"]: [each["type"] for each in entry["inputs"]]
        for entry in venue.allow.artifact.abi
        if entry["type"] == "function"
    }
    assert names["canTrade"] == ["address"]
    assert names["acceptData"] == ["bytes"]


def test_onboarding_rides_in_a_trade(venue: Venue) -> None:
    assert venue.allow.canTrade(ALICE) is False
    venue.allow.acceptData(venue.data(1, ALICE), sender=STRANGER)
    assert venue.allow.canTrade(ALICE) is True
    assert venue.allow.canTrade(BOB) is False


def test_data_that_anybody_wrote_needs_consent(venue: Venue) -> None:
    data = venue.data(1, ALICE, consent=bytes(32))
    refused("NoConsent", lambda: venue.allow.acceptData(data, sender=STRANGER))
    assert venue.allow.canTrade(ALICE) is False


def test_whoever_was_first_with_the_claim_stops_no_trade(venue: Venue) -> None:
    venue.registry.onboard(
        1, ALICE, keccak(encode(["uint256", "address"], [1, ALICE])), True, sender=STRANGER
    )
    venue.allow.acceptData(venue.data(1, ALICE), sender=STRANGER)
    assert venue.allow.canTrade(ALICE) is True


def test_a_used_claim_without_a_grant_says_why(venue: Venue) -> None:
    venue.allow.acceptData(venue.data(1, ALICE), sender=STRANGER)
    venue.status(ALICE, ENDED)
    refused("ClaimUsed", lambda: venue.allow.acceptData(venue.data(1, ALICE), sender=STRANGER))


def test_what_is_announced_only_admits_nobody(venue: Venue) -> None:
    venue.allow.acceptData(venue.data(1, ALICE, runs=False), sender=STRANGER)
    assert venue.allow.canTrade(ALICE) is False


def test_nothing_but_onboarding_is_called(venue: Venue) -> None:
    touch = keccak(text="touch()")[:4] + bytes(60)
    data = encode(["address", "bytes"], [ALICE, touch])
    refused("Reverted", lambda: venue.allow.acceptData(data, sender=STRANGER))
    assert venue.registry.touched() is False


@pytest.mark.parametrize("status", [NONE, ENDING, ENDED])
def test_admission_needs_a_running_grant(venue: Venue, status: int) -> None:
    venue.status(ALICE, status)
    refused("WrongStatus", lambda: venue.allow.admit(ALICE, sender=STRANGER))


def test_the_end_of_a_grant_ends_admission_after_seven_days_of_notice(venue: Venue) -> None:
    """A venue closes the positions of whom it no longer admits: never in one block."""
    allow, machine = venue.allow, venue.machine
    venue.status(ALICE, RUNNING)
    allow.admit(ALICE, sender=STRANGER)
    for status in (RUNNING, ENDING):
        venue.status(ALICE, status)
        refused("WrongStatus", lambda: allow.giveNotice(ALICE, sender=STRANGER))
    venue.status(ALICE, ENDED)
    assert allow.canTrade(ALICE) is True
    allow.giveNotice(ALICE, sender=STRANGER)
    refused("WrongStatus", lambda: allow.giveNotice(ALICE, sender=STRANGER))
    machine.now += 7 * DAY - 1
    assert allow.canTrade(ALICE) is True
    machine.now += 1
    assert allow.canTrade(ALICE) is False
    venue.status(ALICE, RUNNING)
    allow.admit(ALICE, sender=STRANGER)
    assert allow.canTrade(ALICE) is True


def test_admission_anew_ends_the_notice(venue: Venue) -> None:
    venue.status(ALICE, RUNNING)
    venue.allow.admit(ALICE, sender=STRANGER)
    venue.status(ALICE, ENDED)
    venue.allow.giveNotice(ALICE, sender=STRANGER)
    venue.status(ALICE, RUNNING)
    venue.allow.admit(ALICE, sender=STRANGER)
    venue.machine.now += 8 * DAY
    assert venue.allow.canTrade(ALICE) is True


def test_a_registry_that_fails_admits_nobody_and_ends_nobody(venue: Venue) -> None:
    venue.status(ALICE, RUNNING)
    venue.allow.admit(ALICE, sender=STRANGER)
    for manner in (REVERT, BURN, SHORT, GARBAGE):
        venue.registry.behave(manner, ANSWER)
        for call in (
            lambda: venue.allow.admit(BOB, sender=STRANGER),
            lambda: venue.allow.giveNotice(ALICE, sender=STRANGER),
            lambda: venue.allow.acceptData(venue.data(9, BOB), sender=STRANGER),
        ):
            refused("Fails" if manner == REVERT else "Reverted", call)
        assert venue.allow.canTrade(ALICE) is True
        assert venue.allow.canTrade(BOB) is False


# ---- the reader -------------------------------------------------------------------------------


def reader(world: World) -> Contract:
    return world.machine.deploy(example("GrantReader"), sender=OWNER)


def test_terms_of_many_accounts_in_one_call(world: World) -> None:
    world.terms(ALICE, PRIME, changes_at=900)
    world.terms(BOB, PRIME, changes_at=500)
    world.terms(CAROL, PRIME)
    block, readings, changes_at = reader(world).termsOf(world.registry.address, [ALICE, BOB, CAROL])
    assert block == world.machine.state.block_number
    assert [each[0].lower() for each in readings] == [who.lower() for who in (ALICE, BOB, CAROL)]
    assert all(each[1] for each in readings) and readings[0][2][:2] == (400, 200)
    assert changes_at == 500


@pytest.mark.parametrize("manner", [REVERT, BURN, SHORT, GARBAGE])
def test_no_answer_fails_alone(world: World, manner: int) -> None:
    world.registry.behave(manner, ANSWER)
    _, readings, changes_at = reader(world).termsOf(world.registry.address, [ALICE, BOB])
    assert [each[1] for each in readings] == [False, False] and changes_at == 0


def test_standings_in_an_engine(world: World) -> None:
    for account in (ALICE, BOB):
        world.deposit(account, 1_000)
    world.trade(ALICE, BOB, 100)
    world.price(91)
    standings: Any
    _, standings = reader(world).standingsIn(world.engine.address, [ALICE, BOB, CAROL])
    assert [each[1] for each in standings] == [True] * 3
    assert [each[3] for each in standings] == [True, False, False]
    assert standings[0][2] == world.health(ALICE)
    world.machine.now += 3 * DAY
    _, standings = reader(world).standingsIn(world.engine.address, [ALICE, CAROL])
    assert [each[1] for each in standings] == [False, True]


# ---- the thirty lines -------------------------------------------------------------------------


def test_the_thirty_lines(world: World) -> None:
    engine = world.machine.deploy(
        example("ThirtyLinesEngine", "test-artifacts"), world.registry.address, sender=OWNER
    )
    refused("NotEnoughMargin", lambda: engine.open(399, 10_000, sender=ALICE))
    engine.open(400, 10_000, sender=ALICE)
    engine.fall(200, sender=STRANGER)
    refused("Healthy", lambda: engine.liquidate(ALICE, False, sender=STRANGER))
    engine.fall(199, sender=STRANGER)
    engine.liquidate(ALICE, False, sender=STRANGER)
    assert world.reports()[0][1:4] == (PARTLY, 1, 2)
    world.registry.behave(REVERT, REVERT)
    refused("NotEnoughMargin", lambda: engine.open(2_499, 10_000, sender=ALICE))
    engine.open(2_500, 10_000, sender=ALICE)
    engine.fall(1_249, sender=STRANGER)
    engine.liquidate(ALICE, True, sender=STRANGER)
    assert len(world.reports()) == 1
    world.registry.behave(ANSWER, ANSWER)
    engine.open(400, 10_000, sender=ALICE)
    engine.fall(1, sender=STRANGER)
    engine.liquidate(ALICE, True, sender=STRANGER)
    assert world.reports()[1][1] == LIQUIDATED
