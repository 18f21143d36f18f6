"""
Every time of the registry, a second before, at it and a second after.

A row prepares a world and gives a second; its act answers a value or the error's name, and beside
it stand the answers a second before, at that second and a second after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass
from typing import Any

import pytest
from eth_utils.crypto import keccak
from grants.grants_world import (
    ALICE,
    BOB,
    BORN,
    DAY,
    DEFAULT,
    FEED_HEARTBEAT,
    KEYS,
    NEXT_OPEN,
    NOTHING,
    NOTICE,
    NULLIFIER,
    OPEN,
    SERIES,
    STRANGER,
    TELLER,
    World,
    key_address,
    market_feed,
    started,
)
from grants.machine import Contract, Reverted
from support.effective import BANDS

from policies.effective.regime import pack
from policies.effective.terms import Effective, Status

pytestmark = pytest.mark.evm
A, ZERO, MINE = key_address(ALICE), bytes(20), b"\1" * 32
HOUR = 3_600
WAIT, BETWEEN, HOLD, CALM = 72 * HOUR, 7 * DAY, 72 * HOUR, DAY
RUNNING, ENDING, ENDED = Status.RUNNING, Status.ENDING, Status.ENDED
Answers = tuple[object, object, object]


@dataclass(frozen=True)
class Row:
    """`prepare` gives the second; `act` is done at one of three."""

    name: str
    prepare: Callable[[World], int]
    act: Callable[[World], object]
    answers: Answers


def first(before: object, since: object) -> Answers:
    """The second is the first with another answer."""
    return (before, since, since)


def last(until: object, after: object) -> Answers:
    """The second is the last with the old answer."""
    return (until, until, after)


def at(second: int, *acts: Callable[[World], object]) -> Callable[[World], int]:
    """What is done beforehand, and then that second."""

    def prepare(world: World) -> int:
        for act in acts:
            act(world)
        return second

    return prepare


# -- acts ------------------------------------------------------------------------------------------
def terms(world: World) -> Effective:
    return Effective(*world.anybody("effectiveTerms", A))


def status(world: World) -> object:
    return terms(world).status


def initial(world: World) -> object:
    return terms(world).initial


def maintenance(world: World) -> object:
    return terms(world).maintenance


def governor(name: str, *arguments: Any) -> Callable[[World], object]:
    return lambda world: world.governor(name, *arguments)


def guardian(name: str, *arguments: Any) -> Callable[[World], object]:
    return lambda world: world.guardian(name, *arguments)


def anybody(name: str, *arguments: Any) -> Callable[[World], object]:
    return lambda world: world.anybody(name, *arguments)


def submit(**fields: Any) -> Callable[[World], object]:
    return lambda world: world.submit(**fields) and None


def claim(**fields: Any) -> Callable[[World], object]:
    return lambda world: world.onboard(**fields)


def granted(tier: int = 1, **root: Any) -> Callable[[World], object]:
    def act(world: World) -> None:
        world.submit(**root)
        world.onboard(tier=tier)

    return act


def then(second: int) -> Callable[[World], object]:
    return lambda world: world.at(second)


def move(world: World) -> object:
    """Signed by the holder."""
    return world.onboard(BOB, consents=(NOTHING, world.consent(ALICE, BOB, ALICE)))


def agreed(deadline: int) -> Callable[[World], object]:
    """A stranger sends what the account signed."""
    return lambda world: world.onboard(
        sender=STRANGER, consents=(world.consent(ALICE, deadline=deadline), NOTHING)
    )


def engine(second: int, level: int = 3) -> Callable[[World], object]:
    """An engine that reports from this second on."""

    def act(world: World) -> None:
        now = world.machine.now
        market_feed(world.machine)
        world.at(second - NOTICE).governor("registerEngine", TELLER, level)
        world.at(now)

    return act


def report(level: int = 1) -> Callable[[World], object]:
    return lambda world: world.grants.call(TELLER, "reportConduct", A, level, 0, 0, bytes(32))


def verifier(world: World) -> None:
    """Another one from OPEN + NOTICE on, with a policy that is in force at OPEN."""
    world.governor("registerVerifier", world.mock(), keccak(text="mock"))
    world.at(OPEN - NOTICE).register_policy(MINE, verifiers=(2,))
    world.at(OPEN)


def rotate(world: World) -> None:
    world.rotate()


def revoke_and_claim(world: World) -> object:
    """Only a history that runs past the day of the revocation counts."""
    world.guardian("revoke", SERIES, NULLIFIER)
    return world.next_window().onboard(later=True)


# -- the market ------------------------------------------------------------------------------------
READ = OPEN + NOTICE
"""A feed was read."""


class Fed:
    """A feed of volatility, and a sequencer's, as the rows set them."""

    def __init__(
        self, points: int, made: int = READ, read: int = 6_000, sequencer: int | None = None
    ) -> None:
        self.points, self.made, self.read, self.sequencer = points, made, read, sequencer

    def __call__(self, world: World) -> None:
        """The first reading says `read` hundredths of a point; then the feed says `points`."""
        feed = market_feed(world.machine)
        up = market_feed(world.machine) if self.sequencer is not None else None
        rules = (astuple(DEFAULT), pack(BANDS), feed.place, FEED_HEARTBEAT)
        world.governor("announceMarket", (*rules, up.place if up else ZERO))
        world.at(READ).anybody("beginMarket")
        granted(tier=2)(world)
        says(feed, self.read, READ)
        if up:
            up.call(STRANGER, "set", 0, 0, READ - DAY, READ)
        world.anybody("poke")
        says(feed, self.points, self.made)
        if up:
            up.call(STRANGER, "set", 0, 0, self.sequencer, self.sequencer)


def says(feed: Contract, points: int, made: int) -> None:
    feed.call(STRANGER, "set", 0, points, made, made)


def poked(world: World) -> object:
    """Initial margin of 400 bp times the regime's factor, after a poke."""
    world.anybody("poke")
    return initial(world)


def rules(world: World) -> None:
    world.governor("announceMarket", (astuple(DEFAULT), pack(BANDS), ZERO, 0, ZERO))


STALE = READ + FEED_HEARTBEAT + 1
SPOKE, BACK = READ + HOUR // 2, READ + 2 * DAY

ROWS = (
    # -- notice ------------------------------------------------------------------------------------
    Row("policy begins", at(OPEN + NOTICE, submit(), lambda w: w.register_policy(MINE)),
        claim(policy=MINE), first("PolicyPending", "first")),
    Row("verifier begins", at(OPEN + NOTICE, submit(), verifier),
        claim(policy=MINE, verifier=2), first("VerifierPending", "first")),
    Row("set begins", lambda w: BORN + NOTICE, submit(), first("WrongGeneration", "WindowNotOver")),
    Row("generation begins", at(OPEN + NOTICE, rotate),
        submit(generation=2, keys=KEYS[1:3]), first("WrongGeneration", None)),
    Row("the one before ends", at(OPEN + NOTICE, rotate), submit(), first(None, "WrongGeneration")),
    Row("next handover", at(OPEN + NOTICE, rotate),
        lambda w: w.rotate(keys=KEYS[1:3], number=3), first("GenerationPending", None)),
    Row("market begins", at(OPEN + NOTICE, rules),
        anybody("beginMarket"), first("MarketPending", ())),
    Row("engine begins", at(OPEN + NOTICE, engine(OPEN + NOTICE)),
        report(), first("EnginePending", ())),
    Row("reports are void", at(OPEN + NOTICE, engine(OPEN), report(),
                               guardian("disableEngine", TELLER), governor("voidReports", TELLER)),
        anybody("takeBackReports", A), first("NothingVoid", ())),
    Row("nullifier is free", at(OPEN + NOTICE, granted(), guardian("bar", SERIES, NULLIFIER),
                                governor("unbar", SERIES, NULLIFIER)),
        claim(), first("NullifierBarred", "WindowTooOld")),
    Row("window is announced", lambda w: OPEN + 5 * DAY - NOTICE,
        governor("announceWindow", SERIES, (OPEN // DAY + 5, OPEN // DAY + 40)),
        last((), "WindowBegunTooSoon")),
    # -- pause and close ---------------------------------------------------------------------------
    Row("pause ends", at(OPEN + 7 * DAY, guardian("pause")),
        submit(), first("RegistryPaused", None)),
    Row("pause ends by notice", at(OPEN + NOTICE, guardian("pause"), governor("unpause")),
        submit(), first("RegistryPaused", None)),
    Row("claims after a pause", at(OPEN + 7 * DAY, submit(), guardian("pause")),
        claim(), first("RegistryPaused", "first")),
    Row("pause again", at(OPEN + 28 * DAY, guardian("pause")),
        guardian("pause"), first("PauseTooSoon", ())),
    Row("close is ahead", lambda w: OPEN,
        governor("close", ZERO, OPEN + 30 * DAY), last((), "CloseTooSoon")),
    Row("close ends grants", at(OPEN + 31 * DAY, granted(tier=2),
                                governor("close", ZERO, OPEN + 31 * DAY)),
        status, first(RUNNING, ENDING)),
    # -- roots and claims --------------------------------------------------------------------------
    Row("window is over", lambda w: OPEN, submit(), first("WindowNotOver", None)),
    Row("root is submitted", lambda w: OPEN + DAY,
        submit(valid_until=OPEN + DAY), last(None, "RootExpired")),
    Row("root is relied on", at(OPEN + 100 * DAY, submit()),
        claim(), last("TooShort", "RootExpired")),
    Row("a day of validity is left", at(OPEN + 9 * DAY + 1, submit(valid_until=OPEN + 10 * DAY)),
        claim(), last("first", "TooShort")),
    Row("a day of age is left", at(OPEN + 59 * DAY, submit()), claim(), last("first", "TooShort")),
    Row("consent's deadline", at(OPEN + DAY, submit()),
        agreed(OPEN + DAY), last("first", "ConsentDeadline")),
    Row("consent's farthest deadline", at(OPEN + DAY, submit()),
        agreed(OPEN + 101 * DAY), first("ConsentDeadline", "first")),
    Row("revoked on the day after the window", at(NEXT_OPEN, granted()),
        revoke_and_claim, first("renewed", "WindowTooOld")),
    # -- moves -------------------------------------------------------------------------------------
    Row("between moves", at(OPEN + BETWEEN, granted()), move, first("MovedTooSoon", "moved")),
    Row("move is ready", at(OPEN + BETWEEN + WAIT, granted(), then(OPEN + BETWEEN),
                            claim(account=BOB)),
        claim(account=BOB), first("MoveNotReady", "moved")),
    # -- ends and glides ---------------------------------------------------------------------------
    Row("validity ends", at(OPEN + 30 * DAY, granted()), status, first(RUNNING, ENDING)),
    Row("root's validity ends", at(OPEN + 10 * DAY, granted(valid_until=OPEN + 10 * DAY)),
        status, last(RUNNING, ENDING)),
    Row("age ends", at(OPEN + 60 * DAY, submit(), then(OPEN + 50 * DAY), claim(tier=2)),
        status, first(RUNNING, ENDING)),
    Row("glide begins", at(OPEN + 30 * DAY, granted()), maintenance, last(300, 301)),
    Row("glide ends", at(OPEN + 31 * DAY, granted()), status, first(ENDING, ENDED)),
    # -- conduct -----------------------------------------------------------------------------------
    Row("level 1 ends", at(OPEN + 7 * DAY, granted(), engine(OPEN), report(1)),
        initial, first(625, 500)),
    Row("level 2 ends", at(OPEN + 30 * DAY, engine(OPEN), granted(tier=2), report(2)),
        initial, first(600, 400)),
    Row("level 3 ends", at(OPEN + 89 * DAY, engine(OPEN - DAY), then(OPEN - DAY), report(3),
                           then(NEXT_OPEN), World.next_window, claim(tier=2, later=True)),
        initial, first(5_000, 400)),
    # -- the market --------------------------------------------------------------------------------
    Row("answer is of the future", at(SPOKE, Fed(6_000, SPOKE)), poked, first(800, 520)),
    Row("answer's heartbeat", at(SPOKE + FEED_HEARTBEAT, Fed(6_000, SPOKE)),
        poked, last(520, 800)),
    Row("feed is stale", at(STALE, Fed(6_000)), initial, first(520, 800)),
    Row("a dead feed's band holds", at(STALE + HOLD, Fed(1_000, read=1_000)),
        maintenance, last(200, 201)),
    Row("a band is left", at(READ + CALM, Fed(1_000, READ + CALM - 10)), poked, first(520, 400)),
    Row("the sequencer's grace", at(BACK + HOUR, Fed(1_000, BACK + HOUR - 10, sequencer=BACK)),
        poked, last(800, 400)),
)  # fmt: skip


@pytest.fixture
def world() -> Iterator[World]:
    with started() as built:
        yield built


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_second_before_and_after(world: World, row: Row) -> None:
    second = row.prepare(world)
    for off, expected in zip((-1, 0, 1), row.answers, strict=True):
        with world.machine.undone():
            world.at(second + off)
            try:
                answer = row.act(world)
            except Reverted as reverted:
                answer = reverted.name
        assert answer == expected, (row.name, off)
