"""
D6: whatever gas a call is given, it does all or nothing. A wallet, a verifier, a feed that ran out
of gas is never taken for one that said no, or that is dead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from grants.grants_world import (
    ALICE,
    BOB,
    DEFAULT,
    FEED_HEARTBEAT,
    NOTICE,
    OPEN,
    STRANGER,
    TELLER,
    World,
    key_address,
    market_feed,
    started,
)
from grants.machine import Reverted
from grants.wallets import wallet
from support.effective import BANDS

from policies.effective.regime import pack

pytestmark = pytest.mark.evm
A, B = key_address(ALICE), key_address(BOB)
STEPS = 60
READ_AGAIN = 200_000
"""Gas about which a wallet and a feed are asked with all that they may have."""


@pytest.fixture
def world() -> Iterator[World]:
    """Alice's wallet is a contract; a feed is chosen and an engine reports."""
    with started() as built:
        feed = market_feed(built.machine)
        rules = ((5_000, 2_500, 10_000, 10_000, 2, 0, 0), pack(BANDS), feed.place)
        assert rules[0] == tuple(vars(DEFAULT).values())
        built.at(OPEN - NOTICE).governor("announceMarket", (*rules, FEED_HEARTBEAT, feed.place))
        built.governor("registerEngine", TELLER, 3)
        built.at(OPEN).submit()
        built.anybody("beginMarket")
        feed.call(STRANGER, "set", 0, 9_000, 1, OPEN)
        wallet(built.machine, "echo", A)
        wallet(built.machine, "echo", B)
        yield built


def state(world: World) -> Any:
    """What any of the calls changes."""
    places = (A, B)
    return (
        [world.anybody("grantOf", place) for place in places],
        [world.anybody("conductOf", place) for place in places],
        world.holder(),
        world.anybody("marketOf"),
    )


def _first(world: World) -> tuple[bytes, bytes]:
    consents = (world.agreed(deadline=OPEN + 9), (0, 0, b""))
    return STRANGER, world.grants.data("onboard", world.claim(), *consents)


def _move(world: World) -> tuple[bytes, bytes]:
    world.onboard()
    world.at(OPEN + 8 * 86_400)
    end = world.machine.now + 9
    consents = ((0, 0, b""), world.agreed(BOB, ALICE, deadline=end))
    return B, world.grants.data("onboard", world.claim(BOB), *consents)


def _poke(world: World) -> tuple[bytes, bytes]:
    return STRANGER, world.grants.data("poke")


def _report(world: World) -> tuple[bytes, bytes]:
    world.onboard()
    return TELLER, world.grants.data("reportConduct", A, 3, 1, 1, bytes(32))


def _many(world: World) -> tuple[bytes, bytes]:
    claim = world.grants.data("onboard", world.claim(), (0, 0, b""), (0, 0, b""))
    return A, world.grants.data("multicall", [claim, world.grants.data("downgrade", 0)])


CALLS: tuple[Callable[[World], tuple[bytes, bytes]], ...] = (_first, _move, _poke, _report, _many)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.__name__.strip("_"))
def test_all_or_nothing(world: World, call: Callable[[World], tuple[bytes, bytes]]) -> None:
    sender, data = call(world)
    machine, place = world.machine, world.grants.place
    before = state(world)
    with machine.undone():
        machine.call(sender, place, data)
        after, used = state(world), machine.gas_used
    assert before != after
    enough = used * 64 // 63 + READ_AGAIN * 2
    done = refused = 0
    for gas in (*range(0, enough, enough // STEPS), *range(used - 400, used + 400, 100)):
        with machine.undone():
            try:
                machine.call(sender, place, data, gas)
            except Reverted:
                assert state(world) == before
                refused += 1
            else:
                assert state(world) == after
                done += 1
    assert done > 5 and refused > 5
