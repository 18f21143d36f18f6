"""Liquidation: when, how much, at what cost, who pays; never while accounts cannot act."""

from __future__ import annotations

import pytest
from engine.refusals import refused
from engine.world import (
    ALICE,
    BOB,
    CAROL,
    DAY,
    DEFAULT,
    HOUR,
    KEEPER,
    LIQUIDATED,
    OWNER,
    PARTLY,
    PRIME,
    World,
)

pytestmark = pytest.mark.evm
WHOLE = 10**18


def leveraged(world: World, price: float | None = None) -> World:
    """Alice is long 200 units at 100 USD with 1,000 USD; the keeper is rich."""
    for account, dollars in ((ALICE, 1_000), (BOB, 20_000), (KEEPER, 20_000)):
        world.deposit(account, dollars)
    world.trade(ALICE, BOB, 200)
    if price:
        world.price(price)
    return world


def liquidate(world: World, part: int = WHOLE, account: str = ALICE, by: str = KEEPER) -> None:
    world.engine.liquidate(account, part, sender=by)


def test_maintenance_decides_to_the_unit(world: World) -> None:
    leveraged(world)
    for price in (97.5, 97.0, 96.5, 96.0, 95.9, 95.5):
        world.price(price)
        equity, _, maintenance, _ = world.health(ALICE)
        if equity >= maintenance:
            refused("Healthy", lambda: liquidate(world, 1))
        else:
            liquidate(world, 1)
            return
    pytest.fail("never below maintenance")


def test_neither_leverage_nor_initial_margin_liquidates(world: World) -> None:
    """Opening tightens at once; an account is not touched for it."""
    leveraged(world)
    world.terms(ALICE, PRIME, initial=9_000, leverage=1)
    refused("Healthy", lambda: liquidate(world))
    world.terms(ALICE, PRIME, initial=9_000, maintenance=600, leverage=1)
    liquidate(world, 1)


def test_a_part_is_taken_at_the_mark_with_a_penalty(world: World) -> None:
    leveraged(world, 96)
    before = {who: world.cash(who) for who in (ALICE, KEEPER)}
    fund = world.engine.fund()
    _, _, maintenance, _ = world.health(ALICE)
    liquidate(world, WHOLE * 6 // 10)
    assert (world.size(ALICE), world.size(KEEPER)) == (80 * 10**18, 120 * 10**18)
    penalty = -(-maintenance * 6 * 2 // 100)
    assert world.cash(ALICE) - before[ALICE] == 120 * 96 * 10**6 - penalty
    assert world.cash(KEEPER) - before[KEEPER] == -120 * 96 * 10**6 + penalty // 2
    assert world.engine.fund() - fund == penalty - penalty // 2
    world.assert_adds_up()


def test_no_more_is_taken_than_brings_it_back(world: World) -> None:
    leveraged(world, 96)
    said = refused("TooMuch", lambda: liquidate(world))
    assert said["equity"] > said["most"] == 0
    refused("TooMuch", lambda: liquidate(world, WHOLE * 97 // 100))
    liquidate(world, WHOLE * 3 // 10)
    equity, _, maintenance, _ = world.health(ALICE)
    assert maintenance > equity or equity * 4 <= maintenance * 5


def test_dust_is_taken_whole(world: World) -> None:
    for account, dollars in ((ALICE, 41), (BOB, 20_000), (KEEPER, 20_000)):
        world.deposit(account, dollars)
    world.trade(ALICE, BOB, 10)
    world.price(97.5)
    liquidate(world)
    assert world.engine.heldBy(ALICE) == ()
    assert world.cash(ALICE) > 0
    assert world.reports()[-1][1] == LIQUIDATED


def test_levels_come_from_the_engine(world: World) -> None:
    leveraged(world, 95.5)
    liquidate(world, WHOLE // 2)
    world.price(94.9)
    liquidate(world)
    account, level, near, exposed, event = world.reports()[0]
    assert (account.lower(), level, near, exposed) == (ALICE.lower(), PARTLY, 0, 1)
    assert int.from_bytes(event, "big") == 1
    assert world.reports()[1][1] == LIQUIDATED
    assert world.engine.heldBy(ALICE) == ()


def test_the_liquidator_needs_initial_margin_and_keeps_his_limit(world: World) -> None:
    leveraged(world, 95)
    world.terms(CAROL, PRIME, subject=99)
    world.deposit(CAROL, 10)
    refused("NotEnoughMargin", lambda: liquidate(world, by=CAROL))
    world.terms(KEEPER, PRIME, limit=10, subject=5)
    refused("OverLimit", lambda: liquidate(world))
    world.terms(KEEPER, PRIME, limit=20, subject=5)
    liquidate(world)


@pytest.mark.parametrize("part", [0, WHOLE + 1])
def test_parts_that_are_refused(world: World, part: int) -> None:
    leveraged(world, 95)
    refused("BadAmount", lambda: liquidate(world, part))
    refused("BadAmount", lambda: liquidate(world, by=ALICE))
    refused("Healthy", lambda: liquidate(world, account=CAROL))


def test_a_debt_is_the_funds(world: World) -> None:
    world.token.approve(world.engine.address, 10**12, sender=BOB)
    world.engine.give(3_000 * 10**6, sender=BOB)
    leveraged(world, 90)
    reward = world.health(ALICE)[2] // 5 // 2
    fund = world.engine.fund()
    debt = -world.health(ALICE)[0]
    assert debt == 1_006 * 10**6  # 2,000 lost of 1,000; 6 were the fee
    liquidate(world)
    assert world.cash(ALICE) == 0 == world.engine.deficit()
    assert world.cash(KEEPER) == 20_000 * 10**6 - 200 * 90 * 10**6 + reward
    assert world.engine.fund() == fund - debt - reward
    world.assert_adds_up()


def test_what_the_fund_cannot_pay_is_everybodys_in_equal_parts(world: World) -> None:
    leveraged(world, 80)
    world.deposit(CAROL, 5_000)
    liquidate(world)
    engine = world.engine
    deficit, held = engine.deficit(), engine.held()
    assert deficit > 2_900 * 10**6 and engine.fund() == 0
    world.assert_adds_up()
    part = held / (held + deficit)
    refused("PaidTooLittle", lambda: world.withdraw(CAROL, 1_000, least=1_000 * 10**6))
    before = world.token.balanceOf(CAROL)
    world.withdraw(CAROL, 1_000)
    assert world.token.balanceOf(CAROL) - before == int(1_000 * 10**6 * part)
    for dollars in (500, 3_500):  # the same part, early or late
        before = world.token.balanceOf(CAROL)
        world.withdraw(CAROL, dollars)
        got = world.token.balanceOf(CAROL) - before
        assert abs(got - dollars * 10**6 * part) <= 1
        world.assert_adds_up()
    engine.give(10_000 * 10**6, sender=CAROL)
    assert engine.deficit() == 0 < engine.fund()
    world.assert_adds_up()


def test_not_while_the_sequencer_is_down_nor_an_hour_after(world: World) -> None:
    leveraged(world, 95)
    now = world.machine.now
    world.sequencer.push(1, now - 5, now - 5)
    refused("InGrace", lambda: liquidate(world, 1))
    refused("InGrace", lambda: world.engine.checkpoint(ALICE))
    world.sequencer.push(0, now, now)
    world.wait(HOUR - 1)
    said = refused("InGrace", lambda: liquidate(world, 1))
    assert said["freeFrom"] == now + HOUR
    world.wait(1)
    liquidate(world, 1)


@pytest.mark.parametrize("kind", ["dead", "unstarted", "future", "absurd"])
def test_a_sequencers_feed_that_says_nothing_says_down(world: World, kind: str) -> None:
    leveraged(world, 95)
    now = world.machine.now
    if kind == "dead":
        world.sequencer.kill(True)
    else:
        started = {"unstarted": 0, "future": now + 1, "absurd": now - DAY}[kind]
        world.sequencer.push(2 if kind == "absurd" else 0, started, now)
    refused("InGrace", lambda: liquidate(world, 1))


def test_not_while_the_engine_pauses_nor_an_hour_after(world: World) -> None:
    leveraged(world, 95)
    world.engine.pause(sender=OWNER)
    refused("InGrace", lambda: liquidate(world, 1))
    world.wait(DAY + HOUR - 1)
    refused("InGrace", lambda: liquidate(world, 1))
    world.wait(1)
    liquidate(world, 1)


def test_an_hour_after_an_early_end_of_a_pause_too(world: World) -> None:
    leveraged(world, 95)
    world.engine.pause(sender=OWNER)
    world.wait(10)
    world.engine.unpause(sender=OWNER)
    world.wait(HOUR - 1)
    refused("InGrace", lambda: liquidate(world, 1))
    world.wait(1)
    liquidate(world, 1)


def test_on_a_layer_1_there_is_no_sequencer() -> None:
    world = leveraged(World(with_sequencer=False), 95)
    liquidate(world, 1)


def test_prices_must_be_fresh_to_liquidate(world: World) -> None:
    leveraged(world, 95)
    world.machine.now += 2 * DAY + 1
    refused("NoPrice", lambda: liquidate(world, 1))


def test_default_terms_liquidate_earlier(world: World) -> None:
    leveraged(world, 98)
    refused("Healthy", lambda: liquidate(world, 1))
    world.terms(ALICE, DEFAULT)
    liquidate(world, 1)


def test_gas_of_liquidation(world: World) -> None:
    leveraged(world, 95)
    liquidate(world)
    print(f"gas: liquidation of a perpetual with its report {world.machine.gas_used:,}")
    assert world.machine.gas_used < 800_000
