"""
Why a registry says no, read from its state: nodes of some makes leave the reason of a revert out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from algebra.errors import Rejected
from contracts.client.registry import RegistryClient
from contracts.client.revert import named
from policies.policy import Policy
from tierproof.documents import CredentialFile

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


def of_no_terms(client: RegistryClient, account: str) -> str | None:
    """Why an account holds no terms."""
    grant = client.grant_of(account)
    if not any(grant["policy_id"]):
        return "NoGrant"
    if client.chain.now() >= grant["expiry"]:
        return "GrantExpired"
    if grant["root_revoked"]:
        return "GrantRootRevoked"
    return "GrantGenerationEnded" if grant["generation_ended"] else None


def of_onboarding(client: RegistryClient, credential: CredentialFile, policy: Policy) -> str | None:
    """Why a credential is not granted, as far as the registry's records show it."""
    if client.paused_until() > client.chain.now():
        return "RegistryPaused"
    scope, _ = client.scope(credential.policy_id)
    root = client.root_of(policy.attestor_set, credential.root)
    if not root["serial"]:
        return "RootUnknown"
    if root["revoked"]:
        return "RootIsRevoked"
    if root["generation_ended"]:
        return "GenerationIsEnded"
    if client.chain.now() > root["valid_until"]:
        return "RootExpired"
    return "NullifierUsed" if client.nullifier_used(scope, credential.nullifier) else None
