"""
Each case of docs/guides/emergency.md, performed call by call as the page says: from when it holds,
what it does not undo, how one sees that it worked. Nobody's maintenance margin jumps in any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, replace

import pytest
from eth_utils.crypto import keccak
from grants import runbook
from grants.grants_world import (
    ADMIN,
    ALICE,
    BOB,
    CAROL,
    DAY,
    DEFAULT,
    FEED_HEARTBEAT,
    FIRST,
    GOLD,
    GUARDIAN,
    KEYS,
    LAST,
    NEXT,
    NEXT_OPEN,
    NEXT_WORD,
    NOTHING,
    NOTICE,
    NULLIFIER,
    OPEN,
    POLICY,
    SERIES,
    SET,
    STRANGER,
    TELLER,
    TIERS,
    TIGHTEN,
    WORD,
    Root,
    World,
    handover,
    key_address,
    market_feed,
    signed_by,
    words,
)
from grants.runbook import case, cases
from support.effective import BANDS, STRICTEST

from policies.effective.regime import HOLD, pack
from policies.effective.terms import Effective, Status
from tierproof.commands import COMMANDS

pytestmark = pytest.mark.evm
ANOTHER = 0x654321
"""Another institution's nullifier, or a new identity's."""
HOUR = 3_600
ADMIN_ROLE, ADMIN_DELAY = 0, 48 * HOUR
CORRECTED = 0xC0FFEE
WORST_IN_AN_HOUR = -(-(DEFAULT.maintenance) // 24) + 1


def terms(world: World, account: bytes | None = None) -> Effective:
    found = world.anybody("effectiveTerms", account or key_address(ALICE))
    return Effective(*found[:7], Status(found[7]), found[8])


@contextmanager
def no_jump(world: World, account: bytes | None = None) -> Iterator[None]:
    """What is done in a second raises opening at most: maintenance stays in that second."""
    before = terms(world, account).maintenance
    yield
    assert terms(world, account).maintenance <= before


def glides(world: World) -> None:
    """From now on maintenance rises to the default's within a day, by no more than its glide."""
    now, last = world.machine.now, terms(world).maintenance
    assert terms(world).status == Status.ENDING
    assert terms(world).initial == DEFAULT.initial
    with world.machine.undone():
        for hour in range(1, 25):
            current = terms(world.at(now + hour * HOUR)).maintenance
            assert last <= current <= last + WORST_IN_AN_HOUR
            last = current
        assert last == DEFAULT.maintenance


def granted(world: World) -> World:
    """Alice holds gold by the first verifier, Bob by the second."""
    world.submit()
    assert world.onboard(ALICE) == "first"
    assert world.onboard(BOB, nullifier=ANOTHER, verifier=1) == "first"
    return world


def policy(name: str, verifiers: tuple[int, ...], window: tuple[int, int]) -> tuple[object, ...]:
    tiers = [(words(i), astuple(each)) for i, each in enumerate(TIERS)]
    return (keccak(text=name), SERIES, *window, list(verifiers), tiers)


def following() -> tuple[list[bytes], int, int]:
    return ([bytes.fromhex(member[2:]) for member in NEXT.members], 0, NEXT.threshold)


def handed_over() -> list[tuple[bytes, bytes]]:
    """By a quorum of the first generation, who have their keys whoever else has them."""
    members, _, threshold = following()
    return signed_by(KEYS[:2], handover(members, threshold, 2))


def root(word: int = WORD, generation: int = 1, later: bool = False) -> Root:
    if later:
        window = {"first_day": FIRST + 30, "last_day": LAST + 30}
        return Root(word, generation=generation, valid_until=NEXT_OPEN + 100 * DAY, **window)
    return Root(word, generation=generation)


def signed(world: World, each: Root) -> list[tuple[bytes, bytes]]:
    """By a quorum of the root's generation."""
    keys = KEYS[:2] if each.generation == 1 else KEYS[1:3]
    return signed_by(keys, world.root_digest(each))


def consented(world: World, **changes: object) -> tuple[object, object, object]:
    """Alice's claim with a consent of hers, as a relayer sends it."""
    agreed = world.consent(ALICE, ALICE, ALICE, GOLD)
    return (world.claim(ALICE, **changes), agreed, NOTHING)


# -- the page --------------------------------------------------------------------------------------
def test_each_case_has_a_test_and_each_test_a_case() -> None:
    names = {runbook.test_name(heading) for heading, steps in cases().items() if steps}
    here = {name for name in globals() if name.startswith("test_")}
    others = {
        "test_each_case_has_a_test_and_each_test_a_case",
        "test_each_call_has_a_command_that_there_is",
        "test_a_call_that_the_page_does_not_have_fails",
    }
    assert names == here - others


def test_each_call_has_a_command_that_there_is() -> None:
    without = {"schedule", "execute"}
    calls = {step.call for steps in cases().values() for step in steps}
    assert set(runbook.commands()) == calls - without
    assert set(runbook.commands().values()) <= set(COMMANDS)


def test_a_call_that_the_page_does_not_have_fails(world: World) -> None:
    heading = "A root is false"
    with pytest.raises(AssertionError, match="the page says"), case(world, heading) as steps:
        steps.does("guardian", "pause")
    with pytest.raises(AssertionError, match="emits no"), case(world, heading) as steps:
        steps.left[0] = replace(steps.left[0], seen="`Barred`")
        steps.does("guardian", "revokeRoot", SET, CORRECTED)
    with pytest.raises(AssertionError, match="not performed"), case(world, heading) as steps:
        steps.does("guardian", "revokeRoot", SET, WORD)


# -- its cases -------------------------------------------------------------------------------------
def test_a_verifier_is_broken(world: World) -> None:
    granted(world)
    with case(world, "A verifier is broken") as steps:
        with no_jump(world):
            steps.does("guardian", "disableVerifier", 0)
        glides(world)
        assert terms(world, key_address(BOB)).status == Status.RUNNING
        with world.refuses("VerifierDisabled", 0):
            world.onboard(CAROL, nullifier=7)
        steps.does("holder", "onboard", world.claim(ALICE, verifier=1), NOTHING, NOTHING)
        assert terms(world).status == Status.RUNNING
        index = steps.does("governor", "registerVerifier", world.mock(), keccak(text="mock"))
        new = policy("without the broken one", (1, index), (FIRST, LAST))
        steps.does("governor", "registerPolicy", new)
        claim = world.claim(ALICE, policy=new[0], verifier=index)
        with world.refuses("PolicyPending", new[0], OPEN + NOTICE):
            world.at(OPEN + NOTICE - 1).grants.call(
                key_address(ALICE), "onboard", claim, NOTHING, NOTHING
            )
        world.at(OPEN + NOTICE)
        steps.does("holder", "onboard", claim, NOTHING, NOTHING)
    with world.refuses("VerifierDisabled", 0):
        world.onboard(CAROL, nullifier=7)


def test_the_keys_of_a_quorum_are_stolen(world: World) -> None:
    granted(world)
    with case(world, "The keys of a quorum are stolen") as steps:
        steps.does("guardian", "pause")
        with world.refuses("RegistryPaused", OPEN + 7 * DAY):
            world.submit(root(CORRECTED))
        with no_jump(world):
            steps.does("guardian", "endGeneration", SET, 1)
        glides(world)
        steps.does("governor", "rotateAttestorSet", SET, following(), handed_over())
        steps.does("governor", "unpause")
        assert world.anybody("switches")[0] == OPEN + NOTICE
        world.at(OPEN + NOTICE - 1)
        assert world.anybody("attestorSetOf", SET)[1] == 1
        world.at(OPEN + NOTICE)
        assert world.anybody("attestorSetOf", SET)[1] == 2
        with world.refuses("WrongGeneration", SET, 1, 2):  # the thieves' root
            world.submit(root(CORRECTED), signatures=signed(world, root(CORRECTED)))
        again = root(generation=2)
        steps.does("anybody", "submitRoot", astuple(again), signed(world, again))
        assert steps.does("anybody", "onboard", *consented(world)) == 2  # recovered
    assert terms(world).status == Status.RUNNING
    with world.refuses("GenerationIsEnded", SET, 1):
        world.guardian("endGeneration", SET, 1)


def test_one_attestors_key_is_lost(world: World) -> None:
    granted(world)
    lost = KEYS[0]
    members, none, threshold = following()
    assert key_address(lost) not in members
    left = signed_by(KEYS[1:3], handover(members, threshold, 2))
    with case(world, "One attestor's key is lost") as steps:
        steps.does("governor", "rotateAttestorSet", SET, (members, none, threshold), left)
        assert world.anybody("memberOf", SET, 2, key_address(lost)) == 0
        world.at(NEXT_OPEN)
        later = root(NEXT_WORD, 2, later=True)
        steps.does("anybody", "submitRoot", astuple(later), signed(world, later))
    assert terms(world.at(OPEN + 30 * DAY - 1)).status == Status.RUNNING  # nothing has ended


def test_a_root_is_false(world: World) -> None:
    granted(world)
    with case(world, "A root is false") as steps:
        with no_jump(world):
            steps.does("guardian", "revokeRoot", SET, WORD)
        glides(world)
        corrected = root(CORRECTED)
        steps.does("anybody", "submitRoot", astuple(corrected), signed(world, corrected))
        assert steps.does("anybody", "onboard", *consented(world, root=CORRECTED)) == 2
    assert terms(world).status == Status.RUNNING
    with world.refuses("RootIsRevoked", SET, WORD):
        world.submit(root())


def test_the_guardian_has_turned(world: World) -> None:
    granted(world)
    authority = world.authority
    authority.call(ADMIN, "grantRole", ADMIN_ROLE, ADMIN, ADMIN_DELAY)
    for name, *arguments in (
        ("pause",),
        ("endGeneration", SET, 1),
        ("disablePolicy", POLICY),
        ("bar", SERIES, NULLIFIER),
    ):
        with no_jump(world):
            world.guardian(name, *arguments)
    glides(world)
    took = authority.data("revokeRole", TIGHTEN, GUARDIAN)
    gave = authority.data("grantRole", TIGHTEN, STRANGER, 0)
    with case(world, "The guardian has turned") as steps:
        for data, of in ((took, "revokeRole"), (gave, "grantRole")):
            steps.authority("admin", "schedule", of, authority.place, data, 0)
        with world.refuses("AccessManagerUnauthorizedCancel"):
            authority.call(GUARDIAN, "cancel", ADMIN, authority.place, took)
        with world.refuses("AccessManagerNotReady"):
            world.at(OPEN + ADMIN_DELAY - 1).authority.call(ADMIN, "execute", authority.place, took)
        world.at(OPEN + ADMIN_DELAY)
        for data, of in ((took, "revokeRole"), (gave, "grantRole")):
            steps.authority("admin", "execute", of, authority.place, data)
        with world.refuses("AccessManagedUnauthorized"):
            world.guardian("revokeRoot", SET, WORD)
        assert authority.call(STRANGER, "hasRole", TIGHTEN, STRANGER)[0]
        new = policy("again", (0, 1), (FIRST, LAST))
        steps.does("governor", "registerPolicy", new)
        steps.does("governor", "rotateAttestorSet", SET, following(), handed_over())
        steps.does("governor", "unbar", SERIES, NULLIFIER)
        steps.does("governor", "unpause")
        back = OPEN + ADMIN_DELAY + NOTICE
        assert world.holder()["free_from_day"] == back // DAY
        world.at(back)
        again = root(generation=2)
        steps.does("anybody", "submitRoot", astuple(again), signed(world, again))
        steps.step("holder", "onboard")  # Bob: Alice, who was barred, waits for a later window
        claim = world.claim(BOB, policy=new[0], nullifier=ANOTHER)
        world.grants.call(key_address(BOB), "onboard", claim, NOTHING, NOTHING)
    assert terms(world, key_address(BOB)).status == Status.RUNNING


def test_an_engine_has_turned(world: World) -> None:
    granted(world)
    market_feed(world.machine)
    world.at(OPEN - NOTICE).governor("registerEngine", TELLER, 3)
    world.at(OPEN)
    account = key_address(ALICE)
    report = ("reportConduct", account, 3, 0, 0, bytes(32))
    with no_jump(world):
        world.grants.call(TELLER, *report)
    assert terms(world).initial == DEFAULT.initial
    with case(world, "An engine has turned") as steps:
        steps.does("guardian", "disableEngine", TELLER)
        with world.refuses("EngineDisabled", "0x" + TELLER.hex()):
            world.grants.call(TELLER, *report)
        steps.does("governor", "voidReports", TELLER)
        with world.refuses("NothingVoid"):
            world.at(OPEN + NOTICE - 1).anybody("takeBackReports", account)
        assert terms(world).maintenance == DEFAULT.maintenance  # the page says what that means
        world.at(OPEN + NOTICE)
        steps.does("anybody", "takeBackReports", account)
    assert world.anybody("conductOf", account)[0] == 0
    assert (terms(world).initial, terms(world).maintenance) == (GOLD.initial, GOLD.maintenance)
    with world.refuses("EngineExists"):
        world.governor("registerEngine", TELLER, 3)


def with_feed(world: World) -> Callable[[int, int], None]:
    """A feed that has begun, says 40 points, and is read; what sets its answer."""
    feed = market_feed(world.machine)
    rules = (astuple(DEFAULT), pack(BANDS), feed.place, FEED_HEARTBEAT, bytes(20))
    world.at(OPEN - NOTICE).governor("announceMarket", rules)
    world.at(OPEN).anybody("beginMarket")

    def say(points: int, second: int) -> None:
        feed.call(STRANGER, "set", 0, points * 100, 0, second)

    say(40, OPEN)
    world.anybody("poke")
    return say


def test_the_feed_is_dead(world: World) -> None:
    granted(world)
    with_feed(world)
    dead = OPEN + FEED_HEARTBEAT + 1
    assert terms(world.at(dead - 1)).initial == GOLD.initial
    assert terms(world.at(dead)).initial == GOLD.initial * STRICTEST // 10_000
    announced = dead + DAY  # as late as the page allows
    replaced = announced + NOTICE
    assert replaced - dead == HOLD
    with case(world, "The feed is dead") as steps:
        new = market_feed(world.machine)
        rules = (astuple(DEFAULT), pack(BANDS), new.place, FEED_HEARTBEAT, bytes(20))
        world.at(announced)
        steps.does("governor", "announceMarket", rules)
        with world.refuses("MarketPending", replaced):
            world.at(replaced - 1).anybody("beginMarket")
        for second in range(dead, replaced + 1, HOUR):
            assert terms(world.at(second)).maintenance == GOLD.maintenance
        world.at(replaced)
        steps.does("anybody", "beginMarket")
        new.call(STRANGER, "set", 0, 4_000, 0, replaced)
        steps.does("anybody", "poke")
    assert (terms(world).initial, terms(world).maintenance) == (GOLD.initial, GOLD.maintenance)
    with world.refuses("FeedMissing"):
        world.governor("announceMarket", (astuple(DEFAULT), pack(BANDS), bytes(20), 0, bytes(20)))


def test_an_identity_is_stolen(world: World) -> None:
    granted(world)
    stolen = world.at(OPEN + 7 * DAY).machine.now
    assert world.onboard(CAROL) == "announced"
    assert "MoveAnnounced" in world.grants.said()
    with case(world, "An identity is stolen") as steps:
        world.at(stolen + 72 * HOUR - 1)
        steps.does("holder", "contest", SERIES, NULLIFIER)
        world.at(stolen + 72 * HOUR)
        with world.refuses("MoveIsContested", LAST):
            world.onboard(CAROL)
        with no_jump(world):
            steps.does("holder", "retire", SERIES, NULLIFIER)
        glides(world)
        with world.refuses("NullifierRetired", NULLIFIER):
            world.onboard(CAROL)
        world.next_window()
        claim = world.claim(ALICE, later=True, nullifier=0x77)
        assert steps.does("holder", "onboard", claim, NOTHING, NOTHING) == 0  # first
    assert terms(world).status == Status.RUNNING
    with world.refuses("NullifierRetired", NULLIFIER):
        world.onboard(CAROL, later=True)


def test_the_account_of_a_stolen_identity_is_stolen_too(world: World) -> None:
    granted(world)
    with case(world, "The account of a stolen identity is stolen too") as steps:
        with no_jump(world):
            steps.does("guardian", "bar", SERIES, NULLIFIER)
        glides(world)
        with world.refuses("NullifierBarred", NULLIFIER):
            world.onboard(ALICE)
        world.next_window()
        with world.refuses("NullifierBarred", NULLIFIER):
            world.onboard(ALICE, later=True)
        steps.step("holder", "onboard")
        assert world.onboard(CAROL, later=True, nullifier=0x77) == "first"
    with world.refuses("AccessManagedUnauthorized"):
        world.guardian("unbar", SERIES, NULLIFIER)
