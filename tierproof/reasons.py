"""
Why a registry says no, read from its state: nodes of some makes leave the reason of a revert out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from algebra.errors import Rejected
from contracts.client.model import Claim
from contracts.client.registry import RegistryClient
from contracts.client.revert import named
from policies.policy import Policy
from policies.rules import SECONDS_OF_DAY

NAMELESS = "rejected.Reverted"


@contextmanager
def given(of_state: Callable[[], str | None]) -> Iterator[None]:
    """
    Where the body is refused without a name, `of_state` says which error of the registry its state
    gives; None leaves the refusal as it is.
    """
    try:
        yield
    except Rejected as error:
        name = of_state() if error.code == NAMELESS else None
        if name is None:
            raise
        raise named(name, {}, ", by its state: the node gave no reason") from None


def of_onboarding(client: RegistryClient, claim: Claim, policy: Policy) -> str | None:
    """Why a claim does not count, as far as the registry's records show it."""
    now = client.chain.now()
    switches, held = client.switches(), client.policy_of(claim.policy_id)
    judge = client.verifier_of(claim.verifier)
    root = client.root_of(policy.attestor_set, claim.root)
    holder = client.holder_of(policy.series.id, claim.nullifier)
    reasons = (
        (switches["paused_until"] > now, "RegistryPaused"),
        (switches["closed_at"] != 0, "RegistryClosed"),
        (held["disabled_at"] != 0, "PolicyDisabled"),
        (now < held["enabled_from"], "PolicyPending"),
        (judge["disabled_at"] != 0, "VerifierDisabled"),
        (now < judge["enabled_from"], "VerifierPending"),
        (not root["serial"], "RootUnknown"),
        (root["ended_at"] != 0, "RootHasEnded"),
        (now > root["valid_until"], "RootExpired"),
        (holder["retired"], "NullifierRetired"),
        (now // SECONDS_OF_DAY < holder["free_from_day"], "NullifierBarred"),
        (policy.last_day < holder["as_of"], "WindowTooOld"),
        (policy.last_day == holder["as_of"], "WindowCounted"),
    )
    return next((name for holds, name in reasons if holds), None)
