"""
Every function that writes, called by everybody whose it is not; and every function that loosens,
where the authority lets anybody call it: it still waits for its notice.

The functions are those of the ABI, so that a new one cannot be forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import astuple
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from grants.grants_world import (
    ADMIN,
    ALICE,
    BOB,
    DAY,
    DEFAULT,
    FIRST,
    GOLD,
    GOVERNED,
    GOVERNOR,
    GUARDED,
    GUARDIAN,
    KEYS,
    LAST,
    LOOSEN,
    NOTHING,
    NOTICE,
    NULLIFIER,
    OPEN,
    POLICY,
    SERIES,
    SET,
    STRANGER,
    TELLER,
    TIGHTEN,
    WORD,
    Root,
    World,
    addresses,
    handover,
    key_address,
    market_feed,
    signed_by,
    started,
    words,
)
from grants.machine import DEPLOYER, Reverted
from support.effective import BANDS

from policies.effective.regime import pack

pytestmark = pytest.mark.evm
MINE, ZERO = b"\1" * 32, bytes(20)
PUBLIC = (1 << 64) - 1
"""The role that everybody has."""
MARKET = (astuple(DEFAULT), pack(BANDS), ZERO, 0, ZERO)

ANYBODY: dict[str, str] = {
    "submitRoot": "TooFewSignatures",
    "onboard": "ConsentMissing",
    "onboardBatch": "BatchSizeOutOfRange",
    "poke": "FeedMissing",
    "beginMarket": "NothingAnnounced",
    "carryConduct": "OtherSubject",
    "takeBackReports": "NothingVoid",
}
"""What anybody may call, and the rule that stops a call of no worth."""
OWN: dict[str, str] = {
    "relinquish": "NoRunningGrant",
    "downgrade": "NoRunningGrant",
    "contest": "NotHolder",
    "retire": "NotHolder",
}
"""What an account may do for itself."""


@pytest.fixture
def world() -> Iterator[World]:
    """Alice has a grant, and an engine reports."""
    with started() as built:
        market_feed(built.machine)
        built.at(OPEN - NOTICE).governor("registerEngine", TELLER, 3)
        built.at(OPEN).submit()
        built.onboard(tier=1)
        yield built


def calls(world: World) -> dict[str, tuple[Any, ...]]:
    """Each function with arguments that its rightful caller may send now."""
    members = addresses(KEYS[1:3])
    soon = (OPEN + NOTICE) // DAY + 1
    return {
        # the governor's
        "registerAttestorSet": (MINE, (addresses(KEYS[:2]), 0, 2), (200, 10)),
        "rotateAttestorSet": (
            SET, (members, 0, 2), signed_by(KEYS[:2], handover(members, 2, 2))
        ),
        "registerVerifier": (world.mock(), keccak(text="mock")),
        "registerSeries": (MINE, SET, 28, 60, [(FIRST, LAST)]),
        "announceWindow": (SERIES, (soon, soon + 40)),
        "registerPolicy": ((MINE, SERIES, FIRST, LAST, [0], [(words(1), astuple(GOLD))]),),
        "unbar": (SERIES, NULLIFIER + 1),
        "unpause": (),
        "close": (ZERO, OPEN + 30 * DAY),
        "announceMarket": (MARKET,),
        "registerEngine": (STRANGER, 1),
        "voidReports": (world.mock(),),
        # the guardian's
        "endGeneration": (SET, 1),
        "revokeRoot": (SET, WORD),
        "disableVerifier": (0,),
        "disablePolicy": (POLICY,),
        "revoke": (SERIES, NULLIFIER),
        "bar": (SERIES, NULLIFIER + 1),
        "pause": (),
        "disableEngine": (TELLER,),
        "withdrawMarket": (),
        # an engine's, an account's, anybody's
        "reportConduct": (key_address(ALICE), 1, 0, 0, bytes(32)),
        "relinquish": (),
        "downgrade": (0,),
        "contest": (SERIES, NULLIFIER),
        "retire": (SERIES, NULLIFIER),
        "submitRoot": (astuple(Root()), []),
        "onboard": (world.claim(BOB, nullifier=NULLIFIER + 1), NOTHING, NOTHING),
        "onboardBatch": ([],),
        "poke": (),
        "beginMarket": (),
        "carryConduct": (STRANGER, key_address(ALICE)),
        "takeBackReports": (key_address(ALICE),),
        "multicall": ([],),
        "setAuthority": (STRANGER,),
    }  # fmt: skip


def answer(world: World, sender: bytes, name: str, arguments: tuple[Any, ...]) -> str:
    """The error's name, or nothing; whatever the call did is undone."""
    with world.machine.undone():
        try:
            world.grants.call(sender, name, *arguments)
        except Reverted as reverted:
            return reverted.name
    return ""


def test_every_function_that_writes_stands_here(world: World) -> None:
    writing = {
        name
        for name, entry in world.grants.functions.items()
        if entry["stateMutability"] not in ("view", "pure")
    }
    assert writing | {"setAuthority"} == set(calls(world))
    listed = [*GOVERNED, *GUARDED, *ANYBODY, *OWN, "reportConduct", "multicall", "setAuthority"]
    assert sorted(listed) == sorted(calls(world))


def test_who_may_what(world: World) -> None:
    """A row a function, a column a caller."""
    alice, verifier = key_address(ALICE), bytes.fromhex(world.anybody("verifierOf", 0)[0][2:])
    callers = {GOVERNOR, GUARDIAN, ADMIN, STRANGER, TELLER, DEPLOYER, alice, verifier}
    callers |= {world.authority.place, world.grants.place}
    for name, arguments in calls(world).items():
        for caller in callers:
            said = answer(world, caller, name, arguments)
            if name in GOVERNED or name in GUARDED:
                member = GOVERNOR if name in GOVERNED else GUARDIAN
                refused = said == "AccessManagedUnauthorized"
                assert refused == (caller != member), (name, caller, said)
            elif name in OWN:
                found = "NoMove" if name == "contest" else ""
                assert said == (found if caller == alice else OWN[name]), (name, caller)
            elif name == "reportConduct":
                assert said == ("" if caller == TELLER else "EngineUnknown"), caller
            else:
                assert said == {**ANYBODY, "setAuthority": "AuthorityIsFixed"}.get(name, ""), name


def test_the_calls_of_the_table_are_done(world: World) -> None:
    """Else the refusals above could be for another reason."""
    world.guardian("bar", SERIES, NULLIFIER + 1)
    made = calls(world)
    for name in (*GOVERNED, *GUARDED):
        sender = GOVERNOR if name in GOVERNED else GUARDIAN
        expected = {"voidReports": "EngineUnknown", "withdrawMarket": "NothingAnnounced"}
        assert answer(world, sender, name, made[name]) == expected.get(name, ""), name


def refusals(world: World, sender: bytes) -> set[str]:
    made = calls(world)
    return {answer(world, sender, name, made[name]) for name in (*GOVERNED, *GUARDED)}


def test_who_has_lost_a_role(world: World) -> None:
    for role, member in ((LOOSEN, GOVERNOR), (TIGHTEN, GUARDIAN)):
        world.authority.call(ADMIN, "revokeRole", role, member)
        assert refusals(world, member) == {"AccessManagedUnauthorized"}


def test_who_has_a_role_with_a_delay(world: World) -> None:
    """Nothing without what was scheduled, and that not before its second."""
    for role in (LOOSEN, TIGHTEN):
        world.authority.call(ADMIN, "grantRole", role, STRANGER, DAY)
    assert refusals(world, STRANGER) == {"AccessManagerNotScheduled"}
    data = world.grants.data("pause")
    world.authority.call(STRANGER, "schedule", world.grants.place, data, OPEN + DAY)
    assert answer(world.at(OPEN + DAY - 1), STRANGER, "pause", ()) == "AccessManagerNotReady"
    assert answer(world.at(OPEN + DAY), STRANGER, "pause", ()) == ""


def test_a_closed_target_and_roles_of_nobody(world: World) -> None:
    world.authority.call(ADMIN, "setTargetClosed", world.grants.place, True)
    for member in (GOVERNOR, GUARDIAN, ADMIN):
        assert refusals(world, member) == {"AccessManagedUnauthorized"}
    # what anybody and accounts may is not the authority's to forbid
    assert answer(world, key_address(ALICE), "relinquish", ()) == ""


def test_the_authority_is_not_replaced(world: World) -> None:
    for sender in (ADMIN, GOVERNOR, world.authority.place):
        assert answer(world, sender, "setAuthority", (STRANGER,)) == "AuthorityIsFixed"
    with world.refuses("AuthorityIsFixed"):
        world.authority.call(ADMIN, "updateAuthority", world.grants.place, STRANGER)


# -- where everybody has every role ----------------------------------------------------------------
def switched_off(world: World) -> None:
    world.guardian("disableEngine", TELLER)


def barred(world: World) -> None:
    world.guardian("bar", SERIES, NULLIFIER + 1)


def paused(world: World) -> None:
    world.guardian("pause")


Prepared = Callable[[World], None] | None
LOOSENS: dict[str, tuple[Prepared, Callable[[World], int]]] = {
    "registerAttestorSet": (None, lambda w: generation(w, set_of(addresses(KEYS[:2])), 1)),
    "rotateAttestorSet": (None, lambda w: generation(w, SET, 2)),
    "registerVerifier": (None, lambda w: int(w.anybody("verifierOf", 2)[1])),
    "registerPolicy": (None, lambda w: int(w.anybody("policyOf", MINE)[0][3])),
    "unbar": (barred, lambda w: int(w.holder(NULLIFIER + 1)["free_from_day"]) * DAY),
    "unpause": (paused, lambda w: int(w.anybody("switches")[0])),
    "announceMarket": (None, lambda w: int(w.anybody("marketOf")[3][-1])),
    "registerEngine": (None, lambda w: int(w.anybody("engineOf", STRANGER)[2])),
    "voidReports": (switched_off, lambda w: int(w.anybody("engineOf", TELLER)[-1])),
}
"""What must come before, and the second from which it counts."""
BY_ITS_ARGUMENTS = {"registerSeries", "announceWindow", "close"}
"""A series grants by its policies; a window and a close say when, and are refused too early."""


def generation(world: World, attestor_set: bytes, number: int) -> int:
    return int(world.anybody("generationOf", attestor_set, number)[2])


def set_of(members: list[bytes]) -> bytes:
    """The id of a set of two of two members."""
    return bytes(keccak(encode(["bytes32", "address[]", "uint256"], [MINE, members, 2])))


def test_everything_that_loosens_waits_whoever_may_call_it(world: World) -> None:
    chosen = [world.grants.data_selector(name) for name in GOVERNED]
    world.authority.call(ADMIN, "setTargetFunctionRole", world.grants.place, chosen, PUBLIC)
    assert set(LOOSENS) | BY_ITS_ARGUMENTS == set(GOVERNED)
    made = calls(world)
    for name, (prepare, second) in LOOSENS.items():
        with world.machine.undone():
            if prepare is not None:
                prepare(world)
            arguments = (TELLER,) if name == "voidReports" else made[name]
            world.grants.call(STRANGER, name, *arguments)
            assert second(world) == OPEN + NOTICE, name
    day = (OPEN + NOTICE) // DAY
    window = (day - 1, day + 40)
    assert answer(world, STRANGER, "announceWindow", (SERIES, window)) == "WindowBegunTooSoon"
    assert answer(world, STRANGER, "close", (ZERO, OPEN + 30 * DAY - 1)) == "CloseTooSoon"
