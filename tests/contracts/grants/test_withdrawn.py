"""What a governor announces the guardian can stop before it holds; an engine's code is its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple

import pytest
from grants.grants_world import (
    DEFAULT,
    GOVERNOR,
    NOTICE,
    OPEN,
    STRANGER,
    TELLER,
    Terms,
    World,
    started,
)
from support.effective import BANDS

from policies.effective.regime import pack

pytestmark = pytest.mark.evm
MILDER = Terms(1_500, 900, 600, 200, 6, 0, 0)
RULES = (astuple(MILDER), pack(BANDS), bytes(20), 0, bytes(20))


@pytest.fixture
def world() -> Iterator[World]:
    with started() as built:
        yield built


def test_the_guardian_stops_a_market_that_waits(world: World) -> None:
    with world.refuses("NothingAnnounced"):
        world.guardian("withdrawMarket")
    world.governor("announceMarket", RULES)
    for sender in (GOVERNOR, STRANGER):
        with world.refuses("AccessManagedUnauthorized"):
            world.grants.call(sender, "withdrawMarket")
    world.at(OPEN + NOTICE).guardian("withdrawMarket")
    assert world.grants.said() == ["MarketWithdrawn"]
    with world.refuses("NothingAnnounced"):
        world.anybody("beginMarket")
    assert world.anybody("marketOf")[0][0] == DEFAULT.initial
    world.governor("announceMarket", RULES)
    world.at(OPEN + 2 * NOTICE).anybody("beginMarket")
    with world.refuses("NothingAnnounced"):  # what holds is not undone
        world.guardian("withdrawMarket")
    assert world.anybody("marketOf")[0][0] == MILDER.initial


def test_a_tier_is_no_longer_held_against_what_was_withdrawn(world: World) -> None:
    worse = Terms(1_500, 1_000, 600, 200, 6, 1_000, 30)
    tiers = [((1, 0, 0, 0, 0), worse)]
    world.governor("announceMarket", RULES)
    with world.refuses("TierWorseThanDefault", 0):
        world.register_policy(b"\1" * 32, tiers=tiers)
    world.guardian("withdrawMarket")
    world.register_policy(b"\1" * 32, tiers=tiers)


def test_a_key_that_delegates_is_no_engine(world: World) -> None:
    """EIP-7702: it has code, and another one tomorrow; its word is worth a desk's."""
    world.machine.state.set_code(TELLER, b"\xef\x01\x00" + world.grants.place)
    for level in (2, 3):
        with world.refuses("EngineInvalid", "0x" + TELLER.hex(), level):
            world.governor("registerEngine", TELLER, level)
    assert world.governor("registerEngine", TELLER, 1) == 1
    world.machine.state.set_code(TELLER, b"\xef\x01\x00" + world.grants.place + b"\0")
    with world.refuses("EngineExists"):
        world.governor("registerEngine", TELLER, 3)


def test_a_contract_is_an_engine(world: World) -> None:
    assert world.governor("registerEngine", world.grants.place, 3) == 1
    assert world.anybody("engineOf", world.grants.place)[1] == 3
