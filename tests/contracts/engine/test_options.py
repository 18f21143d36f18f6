"""European options: what their marks may be, what margin they need, how they settle."""

from __future__ import annotations

import random

import pytest
from engine.model import E18, Instrument, Model
from engine.refusals import refused
from engine.world import (
    ALICE,
    BOB,
    CALL,
    DAY,
    KEEPER,
    OWNER,
    PERPETUAL,
    PRIME,
    PUT,
    STRANGER,
    World,
)

pytestmark = pytest.mark.evm


def premium(world: World, dollars: float) -> None:
    world.price(dollars, world.premium)


def traded(world: World, kind: int, strike: int = 100, size: int = 10, at: float = 5) -> int:
    """Alice buys options of Bob at their mark."""
    premium(world, at)
    option = world.option(kind, strike)
    for account in (ALICE, BOB):
        world.terms(account, PRIME, taker_fee=0, maker_fee=0)
        world.deposit(account, 10_000)
    world.trade(ALICE, BOB, size, at, instrument=option)
    return option


@pytest.mark.parametrize(
    ("kind", "strike", "spot", "said", "mark"),
    [
        (CALL, 100, 100, 5, 5),
        (CALL, 90, 100, 5, 10),  # not less than it would pay now
        (CALL, 90, 100, 150, 100),  # nor more than the underlying
        (PUT, 110, 100, 5, 10),
        (PUT, 110, 100, 150, 110),  # nor more than the strike
        (PUT, 100, 100, 7, 7),
    ],
)
def test_marks_stay_where_nothing_is_free(
    world: World, kind: int, strike: int, spot: int, said: float, mark: int
) -> None:
    option = world.option(kind, strike)
    world.price(spot)
    premium(world, said)
    leg = world.markets.quote(option)
    assert leg[5] == mark * E18


def test_a_long_option_needs_what_is_lent_on_it(world: World) -> None:
    """Nothing is lent on time value: all of an option at the money is margin."""
    option = traded(world, CALL)
    equity, initial, maintenance, _ = world.health(ALICE)
    assert equity == 10_000 * 10**6
    assert initial in range(50 * 10**6, 50_010_000) and maintenance == initial
    assert world.engine.heldBy(ALICE) == (option,)


def test_a_short_option_needs_the_move_and_a_quarter(world: World) -> None:
    traded(world, CALL)
    initial = world.health(BOB)[1]  # 4 % of 1,000 and a quarter of it
    assert initial in range(50 * 10**6, 50_010_000)


def test_a_short_option_far_out_needs_a_quarter_still(world: World) -> None:
    traded(world, CALL, strike=200, at=0.1)
    assert world.health(BOB)[1] in range(10 * 10**6, 10_010_000)


def test_positions_in_one_underlying_offset(world: World) -> None:
    option = traded(world, PUT, at=3)
    alone = world.health(ALICE)[1]
    world.trade(ALICE, BOB, 10)
    both = world.health(ALICE)[1]
    perpetual = 4 * 10 * 10**6
    assert both < alone + perpetual
    assert both in range(30 * 10**6, 30_010_000)  # the put stops all loss but its premium
    assert option == 1


def test_a_straddles_worst_is_at_an_end_and_a_butterflys_inside(world: World) -> None:
    """The worst loss is looked for at strikes too, so that a wider move never needs less."""
    model = Model(world.unit, [10**9], [Instrument(0, CALL, k * E18, 1) for k in (98, 100, 102)])
    model.spot = [98 * E18]
    model.premium = {0: 3 * E18, 1: 2 * E18, 2: E18}
    model.accounts[ALICE].sizes = {0: -10 * E18, 1: 20 * E18, 2: -10 * E18}
    assert model.needed(ALICE, 204) >= 10 * 2 * 10**36
    assert model.needed(ALICE, 410) >= model.needed(ALICE, 204)


def test_a_greater_rate_never_needs_less() -> None:
    """And no price within the move loses more than the margin: on the model, which the EVM is."""
    rng = random.Random(1)
    for _ in range(300):
        kinds = [rng.choice((PERPETUAL, CALL, PUT)) for _ in range(5)]
        model = Model(10**30, [10**6], [
            Instrument(0, kind, rng.randrange(80, 120) * E18 if kind else 0, 1) for kind in kinds
        ])  # fmt: skip
        model.spot = [rng.randrange(90, 110) * E18]
        model.premium = {i: rng.randrange(1, 30) * E18 for i in range(5)}
        book = {i: rng.randrange(-9, 10) * E18 for i in range(5)}
        model.accounts[ALICE].sizes = {i: n for i, n in book.items() if n}
        rates = sorted(rng.randrange(1, 10_001) for _ in range(4))
        needed = [model.needed(ALICE, rate) for rate in rates]
        assert needed == sorted(needed)
        for rate, margin in zip(rates, needed, strict=True):
            spot = model.spot[0]
            for _ in range(5):
                price = spot + spot * rng.randrange(-rate, rate + 1) // 10_000
                assert model.loss(model.accounts[ALICE].sizes, price) <= margin


# ---- settlement -------------------------------------------------------------------------------


def expired(world: World, option: int, price: float) -> int:
    """The first round at or after expiry; its number."""
    world.machine.now = world.markets.instrumentOf(option)[2]
    world.machine.now -= 1
    world.price(price + 5)
    world.machine.now += 1
    world.price(price)
    first = world.spot.latest()
    world.machine.now += 60
    world.price(price - 7)
    return int(first)


def test_the_first_round_after_expiry_settles(world: World) -> None:
    option = traded(world, CALL)
    early = world.spot.latest()
    refused("WrongTime", lambda: world.markets.fixSettlement(option, early, sender=STRANGER))
    refused("WrongTime", lambda: world.markets.fixSettlement(0, early, sender=STRANGER))
    first = expired(world, option, 112)
    for wrong in (first - 1, first + 1, first + 2):
        refused("WrongRound", lambda wrong=wrong: world.markets.fixSettlement(option, wrong))
    refused("Unsettled", lambda: world.withdraw(ALICE, 1))
    world.markets.fixSettlement(option, first, sender=STRANGER)
    refused("WrongTime", lambda: world.markets.fixSettlement(option, first))
    before = world.cash(ALICE), world.cash(BOB)
    world.engine.settle(ALICE, option, sender=STRANGER)
    world.engine.settle(BOB, option, sender=STRANGER)
    assert world.cash(ALICE) - before[0] == 120 * 10**6 == before[1] - world.cash(BOB)
    assert world.engine.heldBy(ALICE) == world.engine.heldBy(BOB) == ()
    world.assert_adds_up()


def test_the_round_before_must_be_there(world: World) -> None:
    """A feed's first round proves nothing of the one before it."""
    fresh = world.machine.deploy(world.spot.artifact, 8, sender=STRANGER)
    markets, number = world.markets, world.markets_count()
    markets.addUnderlying(fresh.address, DAY, 1, sender=OWNER)
    expiry = world.machine.now + 5
    markets.addOption(1, CALL, E18, expiry, fresh.address, DAY, sender=OWNER)
    world.machine.now += 10
    world.price(100, fresh)
    refused("WrongRound", lambda: markets.fixSettlement(number, 1))


def test_only_expired_options_that_are_held_settle(world: World) -> None:
    option = traded(world, PUT)
    refused("NothingToSettle", lambda: world.engine.settle(ALICE, option))
    refused("NothingToSettle", lambda: world.engine.settle(ALICE, 0))
    first = expired(world, option, 90)
    refused("Unsettled", lambda: world.engine.settle(ALICE, option))
    world.markets.fixSettlement(option, first)
    refused("NothingToSettle", lambda: world.engine.settle(KEEPER, option))
    refused("NotTradable", lambda: world.trade(ALICE, BOB, 1, 10, instrument=option))
    world.engine.settle(ALICE, option)
    refused("NothingToSettle", lambda: world.engine.settle(ALICE, option))


def test_an_expired_option_needs_no_margin(world: World) -> None:
    option = traded(world, CALL)
    first = expired(world, option, 100)
    world.markets.fixSettlement(option, first)
    assert world.health(BOB)[1:] == (0, 0, 0)
    world.withdraw(BOB, 10_050)
    refused("NotEnoughMargin", lambda: world.withdraw(BOB, 0.000001))


def test_a_debt_after_settlement_is_the_funds(world: World) -> None:
    option = traded(world, CALL, size=1_000)
    first = expired(world, option, 200)
    world.markets.fixSettlement(option, first)
    world.engine.settle(BOB, option, sender=STRANGER)
    debt = (100_000 - 15_000) * 10**6
    assert world.cash(BOB) == 0 and world.engine.deficit() == debt
    world.engine.settle(ALICE, option)
    world.assert_adds_up()


def test_a_settled_position_goes_with_a_liquidation(world: World) -> None:
    option = traded(world, CALL, size=500)
    world.deposit(KEEPER, 200_000)
    world.trade(ALICE, BOB, -10)
    first = expired(world, option, 150)
    world.markets.fixSettlement(option, first)
    world.engine.liquidate(BOB, E18, sender=KEEPER)
    assert world.size(KEEPER, option) == -500 * E18
    world.engine.settle(KEEPER, option)
    world.engine.settle(ALICE, option)
    world.assert_adds_up()
