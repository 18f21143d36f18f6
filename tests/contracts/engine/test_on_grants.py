"""The engine on the registry of grants: what it reads, what it reports, whose limit counts."""

from __future__ import annotations

import pytest
from engine.on_grants import NULLIFIERS, GrantsWorld
from engine.refusals import refused
from engine.world import (
    ALICE,
    BOB,
    CAROL,
    DAY,
    HOUR,
    KEEPER,
    KEYS,
    LIQUIDATED,
    NEAR,
    OWNER,
    PARTLY,
    STRANGER,
)
from eth_utils.address import to_canonical_address
from grants.grants_world import GOLD, NOTHING, NOTICE, SET, SILVER, WORD

from policies.effective.terms import Status

pytestmark = pytest.mark.evm
WHOLE = 10**18
DEFAULT_MARGIN, DEFAULT_MAINTENANCE = 5_000, 2_500


def funded(world: GrantsWorld, alice: int = 1_200) -> GrantsWorld:
    """Alice and Bob hold the grant of gold, the keeper none; all have collateral."""
    for trader in (ALICE, BOB):
        assert world.onboard(trader) == "first"
    for trader, dollars in ((ALICE, alice), (BOB, 50_000), (KEEPER, 200_000)):
        world.deposit(trader, dollars)
    return world


def leveraged(world: GrantsWorld, alice: int = 1_200) -> GrantsWorld:
    """Alice is long 200 units at 100 USD; gold's margins are 5 and 3 %."""
    funded(world, alice).trade(ALICE, BOB, 200)
    return world


def checkpoint(world: GrantsWorld, trader: str = ALICE) -> None:
    world.engine.checkpoint(trader, sender=STRANGER)


def liquidate(world: GrantsWorld, part: int = WHOLE, trader: str = ALICE) -> None:
    world.engine.liquidate(trader, part, sender=KEEPER)


def rate(world: GrantsWorld, trader: str = ALICE) -> tuple[int, int]:
    terms = world.now_terms(trader)
    return terms.initial, terms.maintenance


# ---- reads --------------------------------------------------------------------------------------


def test_an_account_opens_on_the_default_and_then_on_its_grant(real: GrantsWorld) -> None:
    for trader, dollars in ((ALICE, 1_200), (BOB, 50_000)):
        real.deposit(trader, dollars)
    refused("NotEnoughMargin", lambda: real.trade(ALICE, BOB, 24))  # half, and a fee of 1 %
    real.trade(ALICE, BOB, 20)
    real.onboard(ALICE, 0)
    refused("NotEnoughMargin", lambda: real.trade(ALICE, BOB, 100))
    real.trade(ALICE, BOB, 90)
    assert real.onboard(ALICE, 1) == "renewed"
    real.trade(ALICE, BOB, 90)
    assert real.size(ALICE) == 200 * 10**18


def test_fees_and_leverage_are_the_tiers(real: GrantsWorld) -> None:
    funded(real)
    before = {trader: real.cash(trader) for trader in (ALICE, BOB)}
    real.trade(ALICE, BOB, 100)
    paid = {trader: before[trader] - real.cash(trader) for trader in before}
    notional = 100 * 100 * 10**6
    assert paid[ALICE] - notional == notional * GOLD.taker // 10**6
    assert paid[BOB] + notional == notional * GOLD.maker // 10**6
    real.on.grants.call(to_canonical_address(ALICE), "downgrade", 0)
    assert rate(real) == (SILVER.initial, GOLD.maintenance)  # maintenance glides
    refused("NotEnoughMargin", lambda: real.trade(ALICE, BOB, 20))


def test_health_is_by_the_registrys_rates(real: GrantsWorld) -> None:
    leveraged(real)
    _, initial, maintenance, gross = real.health(ALICE)
    assert gross == 20_000 * 10**6
    addon = 1 + 20_000 / 10_000_000
    assert initial == pytest.approx(gross * GOLD.initial / 10**4 * addon, abs=1)
    assert maintenance == pytest.approx(gross * GOLD.maintenance / 10**4 * addon, abs=1)


def test_expiry_liquidates_nobody_in_its_second(real: GrantsWorld) -> None:
    leveraged(real, 3_000)
    expiry = real.on.grant(KEYS[ALICE])["expiry"]
    real.wait(expiry - 1 - real.machine.now)
    before = real.health(ALICE)
    real.wait(1)
    assert real.now_terms(ALICE).status == Status.ENDING
    assert real.health(ALICE)[2] == before[2]
    refused("Healthy", lambda: liquidate(real))
    refused("NotEnoughMargin", lambda: real.trade(ALICE, BOB, 1))
    refused("NotEnoughMargin", lambda: real.withdraw(ALICE, 1))
    real.trade(ALICE, BOB, -1)  # a position may be reduced
    last = before[2]
    for _ in range(24):
        real.wait(HOUR)
        now = real.health(ALICE)[2]
        assert last * 199 // 200 <= now <= last + 20_000 * 10**6 // 100
        last = now
    assert rate(real) == (DEFAULT_MARGIN, DEFAULT_MAINTENANCE)
    liquidate(real, WHOLE // 10)


def test_a_renewal_in_the_glide_takes_maintenance_back(real: GrantsWorld) -> None:
    leveraged(real, 3_000)
    expiry = real.on.grant(KEYS[ALICE])["expiry"]
    real.on.next_window()
    real.wait(expiry + 12 * HOUR - real.machine.now)
    assert real.now_terms(ALICE).status == Status.ENDING
    high = real.health(ALICE)[2]
    assert real.onboard(ALICE, later=True) == "renewed"
    assert real.health(ALICE)[2] < high
    refused("Healthy", lambda: liquidate(real, 1))


def test_an_outage_of_the_sequencer_liquidates_nobody(real: GrantsWorld) -> None:
    """The glide runs on; nobody is reported or liquidated in the outage, nor in the hour after."""
    leveraged(real)
    real.on.guardian("revokeRoot", SET, WORD)
    real.wait(12 * HOUR)
    real.sequencer.push(1, real.machine.now, real.machine.now)
    real.wait(12 * HOUR)
    assert rate(real) == (DEFAULT_MARGIN, DEFAULT_MAINTENANCE)
    refused("InGrace", lambda: liquidate(real, 1))
    refused("InGrace", lambda: checkpoint(real))
    real.sequencer.push(0, real.machine.now, real.machine.now)
    real.wait(HOUR - 1)
    refused("InGrace", lambda: liquidate(real, 1))
    assert real.level(ALICE) == 0
    real.wait(1)
    liquidate(real, WHOLE // 10)
    assert real.level(ALICE) == PARTLY


# ---- reports ------------------------------------------------------------------------------------


def test_near_costs_opening_at_once_and_maintenance_over_a_day(real: GrantsWorld) -> None:
    leveraged(real)
    real.price(97.5)  # 700 USD, and 3 % of 19,500 is 585
    maintenance = real.health(ALICE)[2]
    checkpoint(real)
    assert real.level(ALICE) == NEAR
    assert rate(real) == (625, 300)
    assert real.health(ALICE)[2] == maintenance
    refused("Healthy", lambda: liquidate(real, 1))
    real.wait(DAY)
    assert rate(real) == (625, 375)
    real.wait(6 * DAY - 1)
    assert rate(real) == (625, 375)
    real.wait(1)
    assert rate(real) == (500, 300)


def test_a_report_alone_does_not_bring_the_next(real: GrantsWorld) -> None:
    """
    Maintenance rises by what was reported. Who adds what makes him safe by the rate that he was
    reported by is not reported again for the rate that the report made.
    """
    leveraged(real)
    real.price(97.5)
    checkpoint(real)
    real.deposit(ALICE, 120)  # 814 USD: above 1.25 x 585, and above the 731 that it will be
    for _ in range(7):
        real.wait(DAY)
        refused("Healthy", lambda: liquidate(real, 1))
        checkpoint(real)
    assert real.level(ALICE) == 0
    assert real.engine.recordOf(ALICE)[2] == 1


def test_near_again_within_seven_days_is_harder(real: GrantsWorld) -> None:
    leveraged(real)
    real.price(97.5)
    checkpoint(real)
    real.deposit(ALICE, 120)
    real.wait(3 * DAY)
    real.price(97)
    checkpoint(real)
    assert real.level(ALICE) == PARTLY
    assert rate(real)[0] == 750


def test_a_whole_liquidation_takes_the_terms_for_ninety_days(real: GrantsWorld) -> None:
    for trader in (ALICE, BOB):
        real.onboard(trader)
    for trader, dollars in ((ALICE, 60), (BOB, 50_000), (KEEPER, 20_000)):
        real.deposit(trader, dollars)
    real.trade(ALICE, BOB, 10)
    real.price(96.5)
    liquidate(real)  # dust
    terms = real.now_terms(ALICE)
    assert real.level(ALICE) == LIQUIDATED
    assert (terms.initial, terms.maintenance) == (DEFAULT_MARGIN, GOLD.maintenance)
    assert (terms.status, terms.limit) == (Status.RUNNING, GOLD.limit)
    real.wait(DAY)
    assert rate(real) == (DEFAULT_MARGIN, DEFAULT_MAINTENANCE)
    real.deposit(ALICE, 100)
    refused("NotEnoughMargin", lambda: real.trade(ALICE, BOB, 3))


def test_before_its_notice_is_over_an_engine_owes_its_reports(real: GrantsWorld) -> None:
    real.wait(-HOUR)
    leveraged(real)
    real.price(97.5)
    checkpoint(real)
    assert (real.level(ALICE), real.engine.recordOf(ALICE)[4]) == (0, NEAR)
    real.wait(HOUR)
    real.engine.reportAgain(ALICE, sender=STRANGER)
    assert real.level(ALICE) == NEAR
    refused("NothingOwed", lambda: real.engine.reportAgain(ALICE, sender=STRANGER))


def test_an_engine_that_was_switched_off_still_liquidates(real: GrantsWorld) -> None:
    leveraged(real)
    real.on.guardian("disableEngine", to_canonical_address(real.engine.address))
    real.price(96.5)
    liquidate(real, WHOLE // 4)
    assert real.size(KEEPER) == 50 * 10**18
    assert real.level(ALICE) == 0
    assert real.engine.recordOf(ALICE)[4] == PARTLY  # owed for good


def test_answers_and_reports_fit_their_gas() -> None:
    """
    The dearest ones: an alarm is raised, so that all ends are read; the first report of an account
    whose grant runs; everything cold.
    """
    real = leveraged(GrantsWorld())  # of its own: what is cold is set anew
    real.on.guardian("disableVerifier", 1)
    state, place = real.on.machine.state, to_canonical_address(ALICE)
    state._account_db._reset_access_counters()
    real.now_terms(ALICE)
    assert 15_000 < real.on.machine.gas_used < real.engine.TERMS_GAS() // 4
    state._account_db._reset_access_counters()
    engine = to_canonical_address(real.engine.address)
    real.on.grants.call(engine, "reportConduct", place, LIQUIDATED, 1, 1, bytes(32))
    assert 50_000 < real.on.machine.gas_used < real.engine.REPORT_GAS() // 2


def test_what_is_done_to_an_account_that_was_left_is_carried(real: GrantsWorld) -> None:
    leveraged(real)
    real.wait(7 * DAY)
    assert move(real, ALICE, CAROL) == "moved"
    real.price(96.5)
    real.wait(DAY)  # the account that was left wants the default's margin by now
    liquidate(real, WHOLE // 10)
    assert (real.level(ALICE), real.level(CAROL)) == (PARTLY, 0)
    places = (to_canonical_address(ALICE), to_canonical_address(CAROL))
    real.on.anybody("carryConduct", *places)
    assert real.level(CAROL) == PARTLY
    assert rate(real, CAROL)[0] == 750


# ---- limits by subject --------------------------------------------------------------------------


def move(world: GrantsWorld, before: str, account: str) -> str:
    """The holder signs, the new account sends."""
    signed = world.on.consent(
        KEYS[before], KEYS[account], KEYS[before], nullifier=NULLIFIERS[before]
    )
    return world.onboard(account, nullifier=NULLIFIERS[before], consents=(NOTHING, signed))


def opened(world: GrantsWorld, nullifier: int) -> int:
    return int(world.engine.openNotional(world.subject(nullifier))) // 10**18


def rich(world: GrantsWorld) -> GrantsWorld:
    """Alice and Bob of gold, whose limit is five million; Bob's is never reached."""
    world.onboard(ALICE)
    world.onboard(BOB, 2)
    for trader in (ALICE, BOB, CAROL):
        world.deposit(trader, 10_000_000)
    return world


def test_a_move_does_not_open_twice(real: GrantsWorld) -> None:
    rich(real).trade(ALICE, BOB, 40_000)
    real.wait(7 * DAY)
    assert move(real, ALICE, CAROL) == "moved"
    assert real.now_terms(ALICE).subject == real.now_terms(CAROL).subject
    assert opened(real, NULLIFIERS[ALICE]) == 4_000_000
    refused("OverLimit", lambda: real.trade(CAROL, BOB, 10_001))
    real.trade(CAROL, BOB, 10_000)
    refused("OverLimit", lambda: real.trade(CAROL, BOB, 0.01))
    real.trade(ALICE, BOB, -10_000)  # who was left may close, and the subject is free for as much
    real.trade(CAROL, BOB, 10_000)


def test_an_account_of_another_identity_keeps_its_lots_where_they_were(real: GrantsWorld) -> None:
    rich(real).trade(ALICE, BOB, 30_000)
    assert real.onboard(ALICE, nullifier=0x77) == "first"  # of another identity, which replaces
    real.trade(ALICE, BOB, 10_000)
    assert (opened(real, NULLIFIERS[ALICE]), opened(real, 0x77)) == (3_000_000, 1_000_000)
    real.wait(7 * DAY)
    assert move(real, ALICE, CAROL) == "moved"  # the first identity's, at a new account
    refused("OverLimit", lambda: real.trade(CAROL, BOB, 20_001))
    real.trade(CAROL, BOB, 20_000)


def test_after_an_end_the_limit_is_the_engines_own(real: GrantsWorld) -> None:
    """Under the subject still: what was open counts."""
    rich(real).trade(ALICE, BOB, 40_000)
    real.on.guardian("revokeRoot", SET, WORD)
    own = real.engine.ownTerms()[5] * 1_000
    assert own < 4_000_000
    refused("OverLimit", lambda: real.trade(ALICE, BOB, 1))
    real.trade(ALICE, BOB, -40_000)
    refused("OverLimit", lambda: real.trade(ALICE, BOB, own // 100 + 1))
    real.trade(ALICE, BOB, own // 100)
    assert opened(real, NULLIFIERS[ALICE]) == own


def test_a_pause_of_the_engine_leaves_an_hour(real: GrantsWorld) -> None:
    leveraged(real)
    real.on.guardian("revokeRoot", SET, WORD)
    real.engine.pause(sender=OWNER)
    real.wait(DAY)
    refused("InGrace", lambda: liquidate(real, 1))
    real.deposit(ALICE, 10_000)
    real.wait(HOUR)
    refused("Healthy", lambda: liquidate(real, 1))


def test_the_notice_of_the_engine_is_what_the_registry_says(real: GrantsWorld) -> None:
    found = real.on.anybody("engineOf", to_canonical_address(real.engine.address))
    assert found[1:] == (3, real.machine.now, 0, 0)
    assert NOTICE == 48 * HOUR
