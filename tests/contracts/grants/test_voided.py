"""Reports of an engine that was switched off are voided after the notice, and taken back then."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from grants.grants_world import (
    ALICE,
    BOB,
    DAY,
    GOVERNED,
    GOVERNOR,
    GUARDIAN,
    NOTHING,
    NOTICE,
    OPEN,
    STRANGER,
    TELLER,
    World,
    key_address,
    market_feed,
    started,
)

from policies.effective.conduct import LIQUIDATED, NEAR, PARTLY
from policies.effective.terms import Effective

pytestmark = pytest.mark.evm
A, B = key_address(ALICE), key_address(BOB)
DESK = STRANGER
"""A second reporter: its word is worth level 1."""


@pytest.fixture
def world() -> Iterator[World]:
    """Alice has a grant; a rogue engine and an honest desk report."""
    with started() as built:
        market_feed(built.machine)
        built.at(OPEN - NOTICE).governor("registerEngine", TELLER, LIQUIDATED)
        built.governor("registerEngine", DESK, NEAR)
        built.at(OPEN).submit()
        built.onboard(tier=1)
        yield built


def terms(world: World, account: bytes = A) -> Effective:
    return Effective(*world.anybody("effectiveTerms", account))


def report(world: World, level: int, engine: bytes = TELLER, account: bytes = A) -> None:
    world.grants.call(engine, "reportConduct", account, level, 0, 0, bytes(32))


def voided(world: World, engine: bytes = TELLER) -> World:
    """The guardian switched the engine off, the governor voided it, and the notice is over."""
    world.guardian("disableEngine", engine)
    world.governor("voidReports", engine)
    return world.at(world.machine.now + NOTICE)


def test_a_level_is_taken_back_after_the_notice_and_nothing_jumps(world: World) -> None:
    report(world, LIQUIDATED)
    with world.refuses("EngineReports"):
        world.governor("voidReports", TELLER)
    world.guardian("disableEngine", TELLER)
    world.governor("voidReports", TELLER)
    assert world.grants.said() == ["ReportsVoided"]
    assert world.anybody("engineOf", TELLER)[-1] == OPEN + NOTICE
    with world.refuses("ReportsAreVoided", "0x" + TELLER.hex(), OPEN + NOTICE):
        world.governor("voidReports", TELLER)
    with world.refuses("NothingVoid"):
        world.at(OPEN + NOTICE - 1).anybody("takeBackReports", A)
    assert (terms(world).initial, terms(world).maintenance) == (5_000, 2_500)
    world.at(OPEN + NOTICE).anybody("takeBackReports", A)
    assert world.grants.said() == ["ConductHolds", "ReportsTakenBack"]
    assert (terms(world).initial, terms(world).maintenance) == (500, 300)
    assert world.anybody("conductOf", A) == (0, 0, 0, 0, 0)
    with world.refuses("NothingVoid"):
        world.anybody("takeBackReports", A)


def test_what_another_said_stays(world: World) -> None:
    report(world, NEAR, DESK)
    report(world.at(OPEN + DAY), LIQUIDATED)
    voided(world).anybody("takeBackReports", A)
    assert world.anybody("conductOf", A)[:3] == (NEAR, OPEN + 7 * DAY, 0)
    assert (terms(world).initial, terms(world).maintenance) == (625, 375)
    with world.refuses("NothingVoid"):
        world.anybody("takeBackReports", A)


def test_what_is_not_of_the_voided_engine_is_not_taken_back(world: World) -> None:
    report(world, NEAR, DESK)
    report(world, NEAR)  # the same level: the desk had raised it
    with world.refuses("NothingVoid"):
        voided(world).anybody("takeBackReports", A)
    with world.refuses("NothingVoid"):
        world.anybody("takeBackReports", B)


def test_the_guardian_stops_a_voiding_that_waits(world: World) -> None:
    report(world, PARTLY)
    world.guardian("disableEngine", TELLER)
    world.governor("voidReports", TELLER)
    world.at(OPEN + NOTICE - 1).guardian("disableEngine", TELLER)
    with world.refuses("NothingVoid"):
        world.at(OPEN + 2 * NOTICE).anybody("takeBackReports", A)
    with world.refuses("EngineDisabled"):
        world.guardian("disableEngine", TELLER)
    world.governor("voidReports", TELLER)
    with world.refuses("EngineDisabled"):  # too late to stop it
        world.at(OPEN + 3 * NOTICE).guardian("disableEngine", TELLER)
    world.anybody("takeBackReports", A)
    assert terms(world).initial == 500


def test_what_is_void_is_not_carried(world: World) -> None:
    report(world.at(OPEN + 7 * DAY), NEAR, DESK)
    report(world, LIQUIDATED)
    voided(world)
    world.onboard(BOB, consents=(NOTHING, world.consent(ALICE, BOB, ALICE)))
    assert world.anybody("conductOf", B)[:3] == (NEAR, OPEN + 14 * DAY, 0)
    assert terms(world, B).initial == 625


def test_a_grant_that_is_over_gets_no_better_end(world: World) -> None:
    report(world, LIQUIDATED)
    world.grants.call(A, "relinquish")
    voided(world).anybody("takeBackReports", A)
    assert terms(world).maintenance == 2_500
    world.onboard(tier=1)
    assert terms(world).initial == 500


def test_who_may(world: World) -> None:
    assert "voidReports" in GOVERNED
    world.guardian("disableEngine", TELLER)
    for sender in (GUARDIAN, STRANGER, TELLER):
        with world.refuses("AccessManagedUnauthorized"):
            world.grants.call(sender, "voidReports", TELLER)
    with world.refuses("EngineUnknown"):
        world.grants.call(GOVERNOR, "voidReports", B)
