"""What the registry says that it is (ERC-165), and many calls in one (Multicall)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import xor
from typing import Any

import pytest
from grants.grants_world import (
    ADMIN,
    ALICE,
    BOB,
    GOVERNOR,
    GUARDIAN,
    NOTHING,
    NOTICE,
    NULLIFIER,
    OPEN,
    SERIES,
    SET,
    STRANGER,
    TELLER,
    TIGHTEN,
    WORD,
    World,
    key_address,
    market_feed,
    started,
)

pytestmark = pytest.mark.evm
A, B = key_address(ALICE), key_address(BOB)
TERMS = ("effectiveTerms", "reportConduct")
GRANTS = (
    "onboard",
    "onboardBatch",
    "relinquish",
    "downgrade",
    "contest",
    "retire",
    "carryConduct",
    "takeBackReports",
    "grantOf",
    "holderOf",
    "scopeOf",
    "subjectOf",
)


@pytest.fixture
def world() -> Iterator[World]:
    with started() as built:
        built.submit()
        yield built


def identifier(world: World, names: tuple[str, ...]) -> bytes:
    """All selectors, one on the other."""
    selectors = (int.from_bytes(world.grants.data_selector(name)) for name in names)
    return reduce(xor, selectors).to_bytes(4)


def together(world: World, sender: bytes, *calls: tuple[Any, ...]) -> Any:
    """Calls in one."""
    data = [world.grants.data(*call) for call in calls]
    return world.grants.call(sender, "multicall", data)


# -- ERC-165 ---------------------------------------------------------------------------------------
def test_it_says_which_interfaces_it_has(world: World) -> None:
    known = ("01ffc9a7", identifier(world, TERMS).hex(), identifier(world, GRANTS).hex())
    for name in known:
        assert world.anybody("supportsInterface", bytes.fromhex(name)) is True
        assert world.machine.gas_used < 30_000
    for other in ("ffffffff", "00000000", "80ac58cd", world.grants.data_selector("onboard").hex()):
        assert world.anybody("supportsInterface", bytes.fromhex(other)) is False


# -- Multicall -------------------------------------------------------------------------------------
def test_nothing_takes_money(world: World) -> None:
    """So that no call of many spends what another brought."""
    assert {e["stateMutability"] for e in world.grants.functions.values()} == {
        "view",
        "pure",
        "nonpayable",
    }


def test_each_call_is_of_who_sends_them_all(world: World) -> None:
    claim = ("onboard", world.claim(ALICE), NOTHING, NOTHING)
    with world.refuses("ConsentMissing", "0x" + A.hex()):
        together(world, STRANGER, claim)
    together(world, A, claim, ("downgrade", 0), ("relinquish",))
    assert world.grants.said() == ["Granted", "Downgraded", "GrantEnded"]
    with world.refuses("NoRunningGrant", "0x" + A.hex()):
        together(world, A, ("relinquish",))
    with world.refuses("NotHolder", "0x" + A.hex()):
        together(world, B, ("retire", SERIES, NULLIFIER))
    again = ("onboard", world.claim(ALICE, 0), NOTHING, NOTHING)
    inner = world.grants.data("multicall", [world.grants.data(*again)])
    world.grants.call(A, "multicall", [inner])
    assert world.runs(ALICE)


def test_what_fails_undoes_what_stands_before_it(world: World) -> None:
    calls = (("onboard", world.claim(ALICE), NOTHING, NOTHING), ("downgrade", 1))
    with world.refuses("NothingChanges"):
        together(world, A, *calls)
    assert world.grant(ALICE)["expiry"] == 0 and world.holder()["root"] == 0


def test_no_role_is_got_by_many_calls(world: World) -> None:
    pause, close = ("pause",), ("close", bytes(20), OPEN + 10**7)
    for sender, call in ((STRANGER, pause), (GUARDIAN, close), (GOVERNOR, pause)):
        with world.refuses("AccessManagedUnauthorized", "0x" + sender.hex()):
            together(world, sender, call)
    with world.refuses("AccessManagedUnauthorized"):
        together(world, GUARDIAN, pause, close)
    assert world.anybody("switches")[0] == 0
    together(world, GUARDIAN, pause, ("revokeRoot", SET, WORD))
    assert world.grants.said() == ["Paused", "RootRevoked"]


def test_a_pause_stops_the_claims_after_it(world: World) -> None:
    world.guardian("pause")
    with world.refuses("RegistryPaused"):
        together(world, A, ("onboard", world.claim(ALICE), NOTHING, NOTHING))


def test_a_call_that_waits_in_the_authority_is_used_once(world: World) -> None:
    """A role with a delay: what is scheduled is the inner call, and many calls use it up."""
    delayed, delay = key_address(BOB), 3_600
    world.authority.call(ADMIN, "grantRole", TIGHTEN, delayed, delay)
    pause = world.grants.data("pause")
    with world.refuses("AccessManagerNotScheduled"):
        world.grants.call(delayed, "multicall", [pause])
    world.authority.call(delayed, "schedule", world.grants.place, pause, 0)
    with world.refuses("AccessManagerNotReady"):
        world.grants.call(delayed, "multicall", [pause])
    world.at(OPEN + delay)
    with world.refuses("AccessManagerNotScheduled"):
        world.grants.call(delayed, "multicall", [pause, pause])
    world.grants.call(delayed, "multicall", [pause])
    with world.refuses("AccessManagerNotScheduled"):
        world.grants.call(delayed, "multicall", [pause])


def test_an_engine_reports_much_in_one_call(world: World) -> None:
    market_feed(world.machine)
    world.at(OPEN - NOTICE).governor("registerEngine", TELLER, 3)
    world.at(OPEN)
    reports = [("reportConduct", place, 1, 0, 0, bytes(32)) for place in (A, B)]
    with world.refuses("EngineUnknown", "0x" + STRANGER.hex()):
        together(world, STRANGER, *reports)
    together(world, TELLER, *reports)
    assert [world.anybody("conductOf", place)[0] for place in (A, B)] == [1, 1]
