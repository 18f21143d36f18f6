"""
The life of grants, from two institutions that onboard to an identity that was stolen: one function
a chapter, in the order of time. Days count from the first day of the first window.

Every act says what it must count as, and the stage compares the terms of all accounts with the
model before it, in its second and in the day after it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contracts.client.calls import NO_CONSENT
from examples.chain.deployment import BANDS, DAY, NOTICE
from examples.chain.people import ALDGATE, BISHOPSGATE, NEW_ALDGATE, QUARRY, WINDOWS
from examples.chain.setting import LAST_DAY, PRICE, START, Story
from examples.chain.together import come_together, register_programmes
from policies.effective.conduct import NEAR, PARTLY
from prover.profile import Profile

WHOLE = 10**18


def an_institution_onboards(story: Story) -> None:
    """The first window is over: Aldgate claims a tier by the fast verifier."""
    window = story.root_of(0)
    story.acts.granted(
        "onboards", ALDGATE, window, "member", "Aldgate", counts="first", gas="onboard_fast"
    )


def another_comes_by_the_lean_verifier(story: Story) -> None:
    """Bishopsgate's proof is shorter, and took longer to make; the policy takes either."""
    story.stage.to(33)
    window = story.people.window(WINDOWS[0])
    story.acts.granted(
        "onboards", BISHOPSGATE, window, "member", "Bishopsgate",
        counts="first", profile=Profile.LEAN, gas="onboard_lean",
    )  # fmt: skip


def one_is_upgraded(story: Story) -> None:
    """The same history proves a better tier; the account itself may have the window count anew."""
    stage = story.stage
    stage.to(34)
    window = story.people.window(WINDOWS[0])
    story.acts.granted("is upgraded", ALDGATE, window, "prime", "Aldgate", counts="renewed")


def they_trade(story: Story) -> None:
    """Collateral, and a position of both: Bishopsgate is long, Aldgate short."""
    stage, acts = story.stage, story.acts
    stage.to(36)
    acts.price(PRICE)
    for name, dollars in (("Aldgate", 70_000), ("Bishopsgate", 115_000), ("keeper", 2_000_000)):
        acts.deposit(name, dollars)
    too_much = acts.trade("Bishopsgate", "Aldgate", 20_000, PRICE)
    stage.refused(too_much, stage.accounts["Bishopsgate"], "NotEnoughMargin")
    trade = acts.trade("Bishopsgate", "Aldgate", 10_000, PRICE)
    stage.act("trades", "Bishopsgate", trade, story.people.account("Bishopsgate"), _nothing)
    stage.note("trades", "Aldgate")


def volatility_rises_and_falls(story: Story) -> None:
    """Opening tightens at once, maintenance over a day; after a day of calm both fall at once."""
    stage, on = story.stage, story.stage.on
    stage.to(38)
    stage.send(on.client.calls.begin_market(), on.anybody)
    stage.poke(40)
    for day, points, what in ((39, 70, "volatility rises"), (42, 40, "volatility falls")):
        stage.to(day)
        stage.poke(points)
        stage.look((0, 1, DAY // 4, DAY, DAY + 1))
        stage.note(what, "Bishopsgate")
        stage.note(what, "Aldgate")
    if stage.expected.market.regime.factor.target != BANDS[0].factor:
        raise AssertionError("the band of calm holds again")


def one_comes_near_its_liquidation(story: Story) -> None:
    """The price falls; anybody has the engine look, and the engine reports."""
    stage, acts = story.stage, story.acts
    stage.to(44)
    acts.price(96.0)
    call = stage.on.engine.functions.checkpoint(stage.accounts["Bishopsgate"])
    acts.reported("comes near its liquidation", "Bishopsgate", call, stage.on.anybody, NEAR)


def and_is_liquidated(story: Story) -> None:
    """
    The price falls on. What the report did to maintenance glides, so it is the price and not the
    report that the account is liquidated by.
    """
    stage, acts = story.stage, story.acts
    stage.to(44.5)
    acts.price(94.5)
    liquidate = stage.on.engine.functions.liquidate(stage.accounts["Bishopsgate"], WHOLE // 4)
    acts.reported(
        "is liquidated in part", "Bishopsgate", liquidate, story.people.account("keeper"), PARTLY
    )
    acts.deposit("Bishopsgate", 60_000)  # before the glide to the harder level has come so far


def both_come_to_other_programmes(story: Story) -> None:
    """
    Four more protocols share the registry; a relayer brings eight claims, and one pairing judges
    them.
    """
    window = story.people.window(WINDOWS[0])
    story.stage.to(46)
    register_programmes(story.acts, window)
    story.stage.to(49)
    come_together(story.acts, window)


def one_is_renewed_in_time(story: Story) -> None:
    """
    The later window counts. Bishopsgate has signed its consent and sends nothing; conduct stays.
    """
    acts = story.acts
    window = story.root_of(1)
    consent = acts.consent("Bishopsgate", BISHOPSGATE, "Bishopsgate", "member", "Bishopsgate")
    acts.granted(
        "is renewed by consent", BISHOPSGATE, window, "member", "Bishopsgate",
        counts="renewed", consents=(consent, NO_CONSENT), relayed=True,
    )  # fmt: skip


def the_other_expires(story: Story) -> None:
    """Opening at the default at once; maintenance glides, and nobody liquidates at that second."""
    stage = story.stage
    expiry = stage.expected.grants[stage.accounts["Aldgate"]].end
    stage.to((expiry - START) / DAY)
    stage.look((-1, 0, 1, DAY // 2, DAY, DAY + 1))
    stage.note("expires", "Aldgate")
    story.acts.price(94.5)
    more = story.acts.trade("keeper", "Aldgate", 1_000, 94)
    stage.refused(more, stage.accounts["keeper"], "NotEnoughMargin")
    liquidate = stage.on.engine.functions.liquidate(stage.accounts["Aldgate"], WHOLE // 2)
    stage.refused(liquidate, stage.accounts["keeper"], "Healthy")


def and_is_renewed_late(story: Story) -> None:
    """Half a day into the glide: maintenance falls back at once."""
    stage = story.stage
    stage.to(stage.day() + 0.5)
    window = story.people.window(WINDOWS[1])
    story.acts.granted(
        "is renewed", ALDGATE, window, "prime", "Aldgate", counts="renewed", gas="renew"
    )


def a_root_is_revoked(story: Story) -> None:
    """A neighbour's statement was false: every grant on the root ends, and glides."""
    stage, acts = story.stage, story.acts
    stage.to(66)
    false = story.people.window(WINDOWS[1])
    call = stage.on.client.calls.revoke_root(acts.attestor_set.id, false.any.root)
    stage.act("loses its root", "Aldgate", call, stage.on.roles.guardian, _all_end(story))
    stage.note("loses its root", "Bishopsgate")


def and_the_honest_are_recovered(story: Story) -> None:
    """The corrected root gives the same nullifiers; an earlier consent to the same terms serves."""
    stage, acts = story.stage, story.acts
    stage.to(66.25)
    corrected = story.people.window(WINDOWS[1], without=QUARRY)
    acts.submit(corrected)
    _all_recovered(story, corrected)


def an_attestors_key_is_rotated(story: Story) -> None:
    """
    The governor starts the next generation, the guardian ends the old one, and the new one signs
    the same root: the same proofs count again.
    """
    stage, acts = story.stage, story.acts
    stage.to(68)
    acts.next_generation()
    stage.to(68 + NOTICE / DAY + 1)
    call = stage.on.client.calls.end_generation(acts.attestor_set.id, 1)
    stage.act("loses its attestors", "Aldgate", call, stage.on.roles.guardian, _all_end(story))
    stage.note("loses its attestors", "Bishopsgate")
    stage.to(71.25)
    window = story.people.window(WINDOWS[1], without=QUARRY)
    acts.submit(window)
    _all_recovered(story, window)


def one_moves_without_its_key(story: Story) -> None:
    """The key is lost: the move is announced, and counts after 72 hours; conduct goes along."""
    stage, acts = story.stage, story.acts
    stage.to(71.3)
    window = story.people.window(WINDOWS[1], without=QUARRY)
    claim = acts.claim(BISHOPSGATE, window, "member", "Bishopsgate 2")
    call = stage.on.client.calls.onboard(claim)
    key = story.people.account("Bishopsgate 2")
    receipt = stage.act("announces its move", "Bishopsgate 2", call, key, _nothing)
    ready = int(stage.said(receipt, "MoveAnnounced")["readyAt"])
    stage.to((ready - 60 - START) / DAY)
    stage.refused(call, key.address, "MoveNotReady")
    stage.to((ready - START) / DAY)
    acts.granted(
        "takes the grant over", BISHOPSGATE, window, "member", "Bishopsgate 2",
        counts="moved", before="Bishopsgate",
    )  # fmt: skip
    stage.note("leaves", "Bishopsgate")


def the_other_moves_with_both_signatures(story: Story) -> None:
    """Both sign, or the old account signs and the new one sends; the old account's grant ends."""
    stage, acts = story.stage, story.acts
    stage.to(75)
    window = story.people.window(WINDOWS[1], without=QUARRY)
    signed = acts.consent("Aldgate", ALDGATE, "Aldgate 2", "prime", "Aldgate")
    acts.granted(
        "takes the grant over", ALDGATE, window, "prime", "Aldgate 2",
        counts="moved", before="Aldgate", consents=(NO_CONSENT, signed), gas="move",
    )  # fmt: skip
    stage.note("leaves", "Aldgate")
    acts.deposit("Aldgate", 60_000)  # what is still open there wants the default's margin in a day


def an_identity_is_stolen(story: Story) -> None:
    """The thief's account consents to itself; the holder contests, and gives the nullifier up."""
    stage, acts = story.stage, story.acts
    stage.to(80)
    window = story.people.window(WINDOWS[1], without=QUARRY)
    claim = acts.claim(ALDGATE, window, "prime", "thief")
    steal = stage.on.client.calls.onboard(claim)
    stage.refused(steal, stage.accounts["thief"], "MovedTooSoon")
    stage.to(83)
    stage.act("announces a theft", "thief", steal, story.people.account("thief"), _nothing)
    stage.to(84)
    holder, nullifier = story.people.account("Aldgate 2"), acts.nullifiers[ALDGATE]
    contest = stage.on.client.calls.contest(story.people.series.id, nullifier)
    stage.act("contests", "Aldgate 2", contest, holder, _nothing)
    stage.to(86.5)
    stage.refused(steal, stage.accounts["thief"], "MoveIsContested")

    def then(now: int) -> None:
        stage.expected.ended(holder.address, now)

    retire = stage.on.client.calls.retire(story.people.series.id, nullifier)
    stage.act("retires its identity", "Aldgate 2", retire, holder, then)
    stage.refused(steal, stage.accounts["thief"], "NullifierRetired")


def and_a_new_one_counts_from_the_next_window(story: Story) -> None:
    """Its wallets join a new identity before the next window begins; Bishopsgate lets go."""
    stage = story.stage
    expiry = stage.expected.grants[stage.accounts["Bishopsgate 2"]].end
    stage.to((expiry - START) / DAY)
    stage.note("expires", "Bishopsgate 2")
    story.people.leave_stolen_identity(WINDOWS[2] - 2)
    window = story.root_of(2, renamed=True)
    story.acts.granted("onboards anew", NEW_ALDGATE, window, "prime", "Aldgate 2", counts="first")
    stage.to(LAST_DAY)


CHAPTERS: tuple[Callable[[Story], None], ...] = (
    an_institution_onboards,
    another_comes_by_the_lean_verifier,
    one_is_upgraded,
    they_trade,
    volatility_rises_and_falls,
    one_comes_near_its_liquidation,
    and_is_liquidated,
    both_come_to_other_programmes,
    one_is_renewed_in_time,
    the_other_expires,
    and_is_renewed_late,
    a_root_is_revoked,
    and_the_honest_are_recovered,
    an_attestors_key_is_rotated,
    one_moves_without_its_key,
    the_other_moves_with_both_signatures,
    an_identity_is_stolen,
    and_a_new_one_counts_from_the_next_window,
)


def _nothing(_: int) -> None:
    """The act changes nobody's terms."""


def _all_end(story: Story) -> Callable[[int], None]:
    """What both institutions' grants rest on was ended."""

    def then(now: int) -> None:
        for name in ("Aldgate", "Bishopsgate"):
            story.stage.expected.ended(story.stage.accounts[name], now)

    return then


def _all_recovered(story: Story, window: Any) -> None:
    """Both claim on a root that was signed anew: one sends, for the other its consent serves."""
    acts = story.acts
    consent = acts.consent("Bishopsgate", BISHOPSGATE, "Bishopsgate", "member", "Bishopsgate")
    acts.granted("is recovered", ALDGATE, window, "prime", "Aldgate", counts="recovered")
    acts.granted(
        "is recovered", BISHOPSGATE, window, "member", "Bishopsgate",
        counts="recovered", consents=(consent, NO_CONSENT), relayed=True,
    )  # fmt: skip
