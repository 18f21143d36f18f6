"""What the engine reports: its own figures, whether the registry likes to hear it or not."""

from __future__ import annotations

import pytest
from engine.refusals import refused
from engine.world import (
    ALICE,
    ANSWER,
    BOB,
    BURN,
    DAY,
    KEEPER,
    LONG,
    NEAR,
    PARTLY,
    REVERT,
    STRANGER,
    World,
)

pytestmark = pytest.mark.evm
WHOLE = 10**18


def leveraged(world: World) -> World:
    for account, dollars in ((ALICE, 1_000), (BOB, 20_000), (KEEPER, 20_000)):
        world.deposit(account, dollars)
    world.trade(ALICE, BOB, 200)
    return world


def checkpoint(world: World) -> None:
    world.engine.checkpoint(ALICE, sender=STRANGER)


def test_near_is_below_five_quarters_of_maintenance(world: World) -> None:
    leveraged(world)
    for price in (98, 97.5, 97.2, 97.0, 96.8, 96.5, 96.2):
        world.price(price)
        equity, _, maintenance, _ = world.health(ALICE)
        checkpoint(world)
        assert len(world.reports()) == (equity * 4 < maintenance * 5)
        if world.reports():
            assert equity > maintenance
            break
    account, level, near, exposed, _ = world.reports()[0]
    assert (account.lower(), level, near, exposed) == (ALICE.lower(), NEAR, 1, 1)


def test_once_a_day_and_harder_the_second_time_in_seven_days(world: World) -> None:
    leveraged(world)
    world.price(96.4)
    checkpoint(world)
    checkpoint(world)
    assert len(world.reports()) == 1
    world.wait(6 * DAY)
    checkpoint(world)
    assert world.reports()[1][1:4] == (PARTLY, 2, 7)
    world.wait(7 * DAY)
    checkpoint(world)
    assert world.reports()[2][1:4] == (NEAR, 3, 14)


def test_days_with_exposure_are_counted_through(world: World) -> None:
    leveraged(world)
    world.wait(10 * DAY)
    world.trade(ALICE, BOB, -200)
    assert world.engine.recordOf(ALICE)[3] == 11
    world.wait(5 * DAY)
    world.deposit(ALICE, 1)
    world.trade(ALICE, BOB, 1)
    assert world.engine.recordOf(ALICE)[3] == 12
    world.wait(DAY)
    checkpoint(world)
    assert world.engine.recordOf(ALICE)[3] == 13
    assert world.reports() == []


def test_days_near_are_never_more_than_days_exposed(world: World) -> None:
    leveraged(world)
    world.price(96.4)
    for _ in range(5):
        checkpoint(world)
        world.wait(DAY)
    assert [report[2:4] for report in world.reports()] == [(i, i) for i in range(1, 6)]


def test_an_account_without_positions_is_not_near(world: World) -> None:
    checkpoint(world)
    assert world.reports() == []


@pytest.mark.parametrize("manner", [REVERT, BURN])
def test_a_report_that_fails_holds_nothing_up_and_is_owed(world: World, manner: int) -> None:
    leveraged(world)
    world.registry.behave(ANSWER, manner)
    world.price(95)
    world.engine.liquidate(ALICE, WHOLE // 4, sender=KEEPER)
    assert world.reports() == []
    assert world.engine.recordOf(ALICE)[4] == PARTLY
    world.engine.reportAgain(ALICE, sender=STRANGER)
    assert world.reports() == []
    world.registry.behave(ANSWER, ANSWER)
    world.engine.reportAgain(ALICE, sender=STRANGER)
    assert world.reports()[0][1] == PARTLY
    refused("NothingOwed", lambda: world.engine.reportAgain(ALICE, sender=STRANGER))


def test_a_milder_report_does_not_hide_what_is_owed(world: World) -> None:
    leveraged(world)
    world.registry.behave(ANSWER, REVERT)
    world.price(95)
    world.engine.liquidate(ALICE, WHOLE // 4, sender=KEEPER)
    world.registry.behave(ANSWER, ANSWER)
    checkpoint(world)
    assert [report[1] for report in world.reports()] == [PARTLY]
    assert world.engine.recordOf(ALICE)[4] == 0


def test_a_long_answer_to_a_report_costs_the_registry(world: World) -> None:
    leveraged(world)
    world.registry.behave(ANSWER, LONG)
    world.price(95)
    world.engine.liquidate(ALICE, WHOLE // 4, sender=KEEPER)
    assert world.size(KEEPER) == 50 * 10**18


def test_a_caller_cannot_starve_a_report(world: World) -> None:
    """At any gas: either nothing happens, or the registry has heard."""
    leveraged(world)
    world.price(95)
    heard = 0
    for gas in range(300_000, 1_600_000, 50_000):
        with world.machine.tried():
            try:
                world.engine.liquidate(ALICE, WHOLE // 4, sender=KEEPER, gas=gas)
            except Exception:
                assert world.size(KEEPER) == 0
                continue
            assert len(world.reports()) == 1
            heard += 1
    assert heard > 5
