"""The engine and a registry that fails; limits by subject."""

from __future__ import annotations

import pytest
from engine.machine import example, person
from engine.refusals import refused
from engine.world import (
    ALICE,
    ANSWER,
    BOB,
    BURN,
    CAROL,
    DAY,
    DEFAULT,
    ENDED,
    GARBAGE,
    KEEPER,
    LONG,
    NO_SEQUENCER,
    OWN,
    OWNER,
    PRIME,
    REVERT,
    SHORT,
    STRANGER,
    World,
)

pytestmark = pytest.mark.evm
FAILING = [REVERT, BURN, SHORT, GARBAGE, LONG]


def fail(world: World, manner: int) -> None:
    world.registry.behave(manner, ANSWER)


def leveraged(world: World) -> World:
    for account, dollars in ((ALICE, 1_000), (BOB, 20_000), (KEEPER, 20_000)):
        world.deposit(account, dollars)
    world.trade(ALICE, BOB, 200)
    return world


@pytest.mark.parametrize("manner", FAILING)
def test_without_an_answer_opening_is_on_the_engines_own_terms(world: World, manner: int) -> None:
    world.deposit(ALICE, 1_000)
    world.deposit(BOB, 10_000)
    fail(world, manner)
    refused("NotEnoughMargin", lambda: world.trade(ALICE, BOB, 40))
    world.trade(ALICE, BOB, 39)
    assert world.health(ALICE)[1] in range(975 * 10**6, 976 * 10**6)  # 25 %
    assert world.cash(ALICE) == (1_000 - 3_900) * 10**6 - 3_900 * 6 * 100  # and 6 bp


@pytest.mark.parametrize("manner", FAILING)
def test_without_an_answer_maintenance_glides(world: World, manner: int) -> None:
    leveraged(world)
    fail(world, manner)
    maintenance = world.health(ALICE)[2]
    refused("Healthy", lambda: world.engine.liquidate(ALICE, 1, sender=KEEPER))
    world.wait(3 * DAY)  # nobody has noted it: nothing glides
    assert world.health(ALICE)[2] == maintenance
    world.engine.checkpoint(ALICE, sender=STRANGER)
    last = maintenance
    for hours in range(1, 26):
        world.wait(3_600)
        now = world.health(ALICE)[2]
        rate = 200 + -(-(OWN[1] - 200) * min(hours, 24) // 24)
        assert now in range(rate * 2 * 10**6, rate * 2 * 10**6 * 1_002 // 1_000 + 1)
        assert now >= last
        last = now
    world.engine.liquidate(ALICE, 10**17, sender=KEEPER)


def test_an_answer_ends_the_glide(world: World) -> None:
    leveraged(world)
    fail(world, REVERT)
    world.engine.checkpoint(ALICE, sender=STRANGER)
    world.wait(DAY // 2)
    high = world.health(ALICE)[2]
    world.engine.checkpoint(ALICE, sender=STRANGER)
    assert world.health(ALICE)[2] == high  # noting it again does not begin anew
    fail(world, ANSWER)
    world.engine.checkpoint(ALICE, sender=STRANGER)
    assert world.engine.seenOf(ALICE) == (200, 7, 0)
    fail(world, REVERT)
    assert world.health(ALICE)[2] < high / 2


def test_a_caller_cannot_starve_the_registry_into_stricter_terms(world: World) -> None:
    leveraged(world)
    liquidate = world.engine.data("liquidate", ALICE, 10**17)
    for gas in range(30_000, 1_200_000, 15_000):
        with pytest.raises(Exception, match=r"Healthy|Starved|Reverted|Error"):
            world.machine.run(KEEPER, world.engine.address, liquidate, gas=gas)
    assert world.engine.seenOf(ALICE)[2] == 0
    with world.machine.tried():
        for gas in range(30_000, 400_000, 10_000):
            try:
                world.engine.checkpoint(ALICE, sender=STRANGER, gas=gas)
            except Exception:  # out of gas, or Starved
                continue
            assert world.engine.seenOf(ALICE)[2] == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"maintenance": 0},
        {"maintenance": 401},
        {"initial": 10_001},
        {"leverage": 0},
        {"taker_fee": 10_001},
        {"maker_fee": -10_001},
    ],
)
def test_terms_that_make_no_sense_are_no_answer(world: World, changes: dict[str, int]) -> None:
    world.terms(ALICE, PRIME, **changes)
    world.deposit(ALICE, 1_000)
    world.deposit(BOB, 10_000)
    world.trade(ALICE, BOB, 1)
    assert world.health(ALICE)[1] in range(25 * 10**6, 25_010_000)
    assert world.engine.seenOf(ALICE)[2] == world.machine.now


@pytest.mark.parametrize("own", [(100, 200), (0, 0), (10_001, 200)])
def test_an_engine_has_sensible_terms_of_its_own(world: World, own: tuple[int, int]) -> None:
    def put_up(registry: str, terms: tuple[int, ...]) -> None:
        world.machine.deploy(
            example("MarginEngine"),
            registry,
            terms,
            world.token.address,
            world.markets.address,
            NO_SEQUENCER,
            OWNER,
            sender=OWNER,
        )

    refused("BadTerms", lambda: put_up(world.registry.address, (*own, *OWN[2:])))
    refused("BadTerms", lambda: put_up(person("no contract"), OWN))


# ---- limits by subject ------------------------------------------------------------------------


def open_of(world: World, holder: int) -> int:
    return int(world.engine.openNotional(holder)) // 10**18


def alone(account: str) -> int:
    return (1 << 255) | int(account, 16)


def rich(world: World) -> World:
    for account in (ALICE, BOB, CAROL):
        world.deposit(account, 100_000)
    world.terms(BOB, PRIME, subject=1, limit=100_000)
    return world


def test_accounts_of_one_subject_share_a_limit(world: World) -> None:
    rich(world)
    for account in (ALICE, CAROL):
        world.terms(account, PRIME, limit=10)
    world.trade(ALICE, BOB, 60)
    refused("OverLimit", lambda: world.trade(CAROL, BOB, 41))
    world.trade(CAROL, BOB, 40)
    assert open_of(world, 7) == 10_000
    said = refused("OverLimit", lambda: world.trade(ALICE, BOB, 0.01))
    assert (said["holder"], said["limit"]) == (7, 10_000 * 10**18)
    world.trade(ALICE, BOB, -10)
    world.trade(CAROL, BOB, -10)  # going the other way closes: no limit is asked
    assert open_of(world, 7) == 8_000


def test_the_price_does_not_change_open_notional(world: World) -> None:
    rich(world)
    world.trade(ALICE, BOB, 60)
    world.price(150)
    assert open_of(world, 7) == 6_000
    world.trade(ALICE, BOB, 10)
    assert open_of(world, 7) == 7_500
    world.trade(ALICE, BOB, -35)
    assert open_of(world, 7) == 3_750
    world.trade(ALICE, BOB, -35)
    assert open_of(world, 7) == 0


def test_what_was_opened_under_a_subject_stays_there(world: World) -> None:
    rich(world)
    world.trade(ALICE, BOB, 60)
    world.terms(ALICE, PRIME, subject=8)
    assert open_of(world, 7) == 6_000
    world.trade(ALICE, BOB, 40)
    assert (open_of(world, 7), open_of(world, 8)) == (6_000, 4_000)
    assert [lot[0] for lot in world.engine.lotsOf(ALICE, 0)] == [7, 8]
    world.trade(ALICE, BOB, -50)  # the newest first
    assert (open_of(world, 7), open_of(world, 8)) == (5_000, 0)
    world.terms(ALICE, PRIME, status=ENDED)
    world.trade(ALICE, BOB, -50)
    assert open_of(world, 7) == 0


def test_a_limit_is_kept_when_the_account_goes_over_to_another(world: World) -> None:
    rich(world)
    for account in (ALICE, CAROL):
        world.terms(account, PRIME, limit=10)
    world.trade(ALICE, BOB, 100)
    world.terms(ALICE, PRIME, subject=8, limit=10)
    refused("OverLimit", lambda: world.trade(CAROL, BOB, 1))
    world.trade(ALICE, BOB, -1)
    world.trade(CAROL, BOB, 1)


def test_turning_a_position_opens_only_the_rest(world: World) -> None:
    rich(world)
    world.terms(ALICE, PRIME, limit=10)
    world.trade(ALICE, BOB, 60)
    refused("OverLimit", lambda: world.trade(ALICE, BOB, -161))
    world.trade(ALICE, BOB, -160)
    assert (world.size(ALICE), open_of(world, 7)) == (-100 * 10**18, 10_000)


def test_accounts_without_a_grant_have_the_engines_limit_each(world: World) -> None:
    rich(world)
    world.terms(ALICE, DEFAULT, leverage=10_000, initial=100, maintenance=50)
    assert OWN[5] == 100_000
    world.terms(BOB, PRIME, subject=1, limit=1_000_000, initial=200, maintenance=100, leverage=999)
    world.deposit(ALICE, 10**8)
    world.deposit(BOB, 10**8)
    world.trade(ALICE, BOB, 900_000)
    refused("OverLimit", lambda: world.trade(ALICE, BOB, 100_001))
    world.trade(ALICE, BOB, 100_000)
    assert open_of(world, alone(ALICE)) == 10**8


def test_without_an_answer_the_subject_seen_last_counts(world: World) -> None:
    rich(world)
    world.trade(ALICE, BOB, 10)
    fail(world, REVERT)
    world.trade(ALICE, BOB, 10)
    assert open_of(world, 7) == 2_000
    assert open_of(world, alone(ALICE)) == 0


def test_liquidation_frees_the_old_holder_and_fills_the_new(world: World) -> None:
    leveraged(world)
    world.terms(KEEPER, PRIME, subject=5)
    world.price(95)
    world.engine.liquidate(ALICE, 10**18, sender=KEEPER)
    assert open_of(world, 7) == 20_000  # Bob's, who has the same subject here
    assert open_of(world, 5) == 19_000


def test_a_position_has_four_lots_at_most(world: World) -> None:
    rich(world)
    for subject in range(10, 14):
        world.terms(ALICE, PRIME, subject=subject)
        world.trade(ALICE, BOB, 1)
    world.terms(ALICE, PRIME, subject=14)
    refused("TooMany", lambda: world.trade(ALICE, BOB, 1))
    world.trade(ALICE, BOB, -1)
    world.trade(ALICE, BOB, 1)
