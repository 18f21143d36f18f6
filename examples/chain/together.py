"""Eight claims by one pairing: two institutions in four more programmes of the registry."""

from __future__ import annotations

from typing import Any

from web3.logs import DISCARD

from examples.chain.acts import (
    NOTHING,
    Acts,
    checksum,
    register_policy,
    register_series,
    tier_of,
)
from examples.chain.people import ALDGATE, BISHOPSGATE, TIERS, Window
from examples.chain.stage import AHEAD, Stage

PROGRAMMES = ("Cheapside", "Holborn", "Moorgate", "Strand")
"""Other protocols; each has a series of its own, of the same attestors."""
INSTITUTIONS = (ALDGATE, BISHOPSGATE)
TIER = "member"
COUNT = len(PROGRAMMES) * len(INSTITUTIONS)


def register_programmes(acts: Acts, window: Window) -> None:
    """A series and a policy of each, in force after the notice."""
    on, days = acts.stage.on, (window.first_day, window.last_day)
    for name in PROGRAMMES:
        policy = acts.people.policy(window.first_day, name)
        register_series(on, policy.series, [days])
        register_policy(on, policy)
    acts.stage.now = acts.stage.chain.now()


def come_together(acts: Acts, window: Window) -> None:
    """
    A relayer brings what eight accounts agreed to; the gas of each is an eighth of it all. Raises
    AssertionError unless every claim counts and the terms of each are the model's.
    """
    stage = acts.stage
    batch, subjects = [], {}
    for programme in PROGRAMMES:
        for who in INSTITUTIONS:
            one, subject = _onboarding(acts, window, who, programme)
            batch.append(one)
            subjects[checksum(one[0][5])] = subject
    receipt = stage.send(stage.on.call("onboardBatch", batch), stage.on.roles.anybody)
    events = stage.on.grants.events
    granted = events.Granted().process_receipt(receipt, errors=DISCARD)
    if {each["args"]["account"] for each in granted} != set(subjects):
        raise AssertionError(f"{len(granted)} of {COUNT} claims of a batch were granted")
    stage.gas["batch8_each"] = int(receipt["gasUsed"]) // COUNT
    for account, subject in subjects.items():
        end = acts.end(window, stage.now)
        stage.expected.granted(account, tier_of(TIER), end, subject, stage.now)
    _look(stage, list(subjects))


def _onboarding(acts: Acts, window: Window, who: str, programme: str) -> tuple[Any, int]:
    """A claim of an institution in a programme with its account's consent, and its subject."""
    stage, people = acts.stage, acts.people
    policy = people.policy(window.first_day, programme)
    series = policy.series.id
    key = people.account(f"{who} in {programme}")
    scope = int(stage.on.read("scopeOf", series))
    nullifier, proof = people.prove(who, window, TIER, key.address, scope)
    asked = policy.tier(TIER).thresholds.words()
    claim = (
        *(policy.policy_id, list(TIERS).index(TIER), 0, window.any.root, nullifier),
        *(key.address, list(asked), proof),
    )
    consent = acts.agreed(key, key.address, series, nullifier, TIER)
    return (claim, consent, NOTHING), int(stage.on.read("subjectOf", scope, nullifier))


def _look(stage: Stage, accounts: list[str]) -> None:
    """Compare the terms of these accounts too, once."""
    watched = dict(stage.accounts)
    stage.accounts |= {account: account for account in accounts}
    stage.look(AHEAD)
    stage.accounts = watched
