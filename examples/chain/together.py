"""Eight claims by one pairing: two institutions in four more programmes of the registry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from web3.logs import DISCARD

from contracts.client.calls import NO_CONSENT
from contracts.client.model import Claim
from examples.chain.acts import Acts, subject_of, tier_of
from examples.chain.people import ALDGATE, BISHOPSGATE, TIERS, Window
from examples.chain.stage import AHEAD, Stage
from policies.policy import Policy
from tierproof import onchain

PROGRAMMES = ("Cheapside", "Holborn", "Moorgate", "Strand")
"""Other protocols; each has a series of its own, of the same attestors."""
INSTITUTIONS = (ALDGATE, BISHOPSGATE)
TIER = "member"
COUNT = len(PROGRAMMES) * len(INSTITUTIONS)


def register_programmes(acts: Acts, window: Window) -> None:
    """A series and a policy of each, in force after the notice."""
    for programme in PROGRAMMES:
        onchain.register_policy(
            acts.client,
            _policy(acts, window, programme),
            acts.people.attestor_set,
            governor=acts.stage.on.roles.governor,
        )
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
            claim, scope, consent = _claimed(acts, window, who, programme)
            batch.append((claim.as_tuple(), consent, NO_CONSENT))
            subjects[claim.account] = subject_of(scope, claim.nullifier)
    registry = acts.client.contract
    receipt = stage.send(registry.functions.onboardBatch(batch), stage.on.anybody)
    granted = registry.events.Granted().process_receipt(receipt, errors=DISCARD)
    if {each["args"]["account"] for each in granted} != set(subjects):
        raise AssertionError(f"{len(granted)} of {COUNT} claims of a batch were granted")
    stage.gas["batch8_each"] = int(receipt["gasUsed"]) // COUNT
    for account, subject in subjects.items():
        end = acts.end(window, stage.now)
        stage.expected.granted(account, tier_of(TIER), end, subject, stage.now)
    _look(stage, list(subjects))


def _policy(acts: Acts, window: Window, programme: str) -> Policy:
    """The same policy in another series."""
    own = acts.people.policy(window.first_day)
    return replace(own, name=programme, series_name=programme)


def _claimed(
    acts: Acts, window: Window, who: str, programme: str
) -> tuple[Claim, int, tuple[Any, ...]]:
    """A claim of an institution in a programme, the scope, and its account's consent."""
    policy = _policy(acts, window, programme)
    scope = acts.place.scope(policy.series.id)
    key = acts.people.account(f"{who} in {programme}")
    nullifier, proof = acts.people.prove(who, window, TIER, key.address, scope)
    claim = Claim(
        policy_id=policy.policy_id,
        tier=list(TIERS).index(TIER),
        verifier=0,
        root=window.any.root,
        nullifier=nullifier,
        account=key.address,
        thresholds=policy.tier(TIER).thresholds.words(),
        proof=proof,
    )
    return claim, scope, acts.agreed(key, key.address, policy.series.id, nullifier, TIER)


def _look(stage: Stage, accounts: Sequence[str]) -> None:
    """Compare the terms of these accounts too, once."""
    watched = dict(stage.accounts)
    stage.accounts |= {account: account for account in accounts}
    stage.look(AHEAD)
    stage.accounts = watched
