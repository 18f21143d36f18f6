"""
What a protocol does on chain: deploy, register, onboard, read terms (docs/reference/interfaces.md
1).

Chains are named by an RPC URL; nothing is reached that was not named. A contract is trusted by its
code, not its word.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from algebra.errors import Rejected
from contracts.build.artifact import Artifact, load_artifact, read_artifact
from contracts.client import steps
from contracts.client.chain import Chain, Sender
from contracts.client.deploy import check_deployment
from contracts.client.deploy import deploy as deploy_contracts
from contracts.client.deployment import Deployment
from contracts.client.model import Granted
from contracts.client.model import Roles as Roles
from contracts.client.order import Listing, Order
from contracts.client.registered import check_policy as check_policy
from contracts.client.registry import RegistryClient
from policies.attestor_set import AttestorSet
from policies.place import Place
from policies.policy import Policy
from tierproof import reasons
from tierproof.documents import CredentialFile, RootFile

DEFAULT_EPOCH_SECONDS = 30 * 86_400


def verifier_artifact(name: str) -> Artifact:
    """A compiled verifier by its name, or by the path of its artifact file."""
    return read_artifact(Path(name)) if name.endswith(".json") else load_artifact(name)


def deploy(
    chain: Chain, verifier: str | Artifact, *, sender: Sender, roles: Roles, path: Path | None
) -> Deployment:
    """Deploy verifier and registry; errors as `contracts.client.deploy.deploy`."""
    artifact = verifier_artifact(verifier) if isinstance(verifier, str) else verifier
    return deploy_contracts(chain, Order(artifact, roles), sender=sender, path=path)


def order(
    verifier: str,
    roles: Roles,
    policy: Policy | None = None,
    attestor_set: AttestorSet | None = None,
    min_epoch_seconds: int = DEFAULT_EPOCH_SECONDS,
) -> Order:
    """What `contracts.client.deploy.deploy` puts on chain; with a policy goes its set."""
    listing = None
    if policy is not None and attestor_set is not None:
        listing = Listing(policy, attestor_set, min_epoch_seconds)
    return Order(verifier_artifact(verifier), roles, listing=listing)


def register_policy(
    client: RegistryClient,
    policy: Policy,
    attestor_set: AttestorSet,
    verifier: str,
    *,
    governor: Sender,
    min_epoch_seconds: int = DEFAULT_EPOCH_SECONDS,
) -> None:
    """
    Register an attestor set, if the registry does not know it, or the generations that it does not
    know, and a policy.

    Raises
    ------
    Rejected
        `rejected.policy`: the policy trusts another set; `rejected.<ErrorName>` from the registry.
    Refused
        As `PolicyRegistration.check`; then nothing is sent.
    """
    listing = Listing(policy, attestor_set, min_epoch_seconds)
    listing.check()
    bring_up(client, attestor_set, governor=governor)
    client.register_policy(listing.registration(verifier), sender=governor)


def bring_up(client: RegistryClient, attestor_set: AttestorSet, *, governor: Sender) -> int:
    """
    Let the registry run the last generation of a set; returns how many transactions that took.

    Rejected (`rejected.<ErrorName>`): the registry runs others as a generation of this number, so
    the next one's handover is not theirs.
    """
    taken = steps.of_set(client, attestor_set)
    return steps.take(client.chain, taken, governor, client.chain.courier.tell)


def submit_root(client: RegistryClient, root: RootFile, *, sender: Sender) -> bool:
    """
    Submit a signed root; False if the registry has it, by whomever. Refused
    (`refused.root_submission`) for one that no registry takes.
    """
    if has_root(client, root):
        return False
    root.root.check_submittable()
    try:
        client.submit_root(root.root, list(root.signatures), sender=sender)
    except Rejected:
        if has_root(client, root):  # somebody else was quicker
            return False
        raise
    return True


def has_root(client: RegistryClient, root: RootFile) -> bool:
    """Whether the registry knows a root, signed by the generation that the file names."""
    held = client.root_of(root.root.attestor_set, root.root.root)
    return bool(held["serial"]) and held["generation"] == root.root.generation


def onboard(
    client: RegistryClient, credential: CredentialFile, policy: Policy, *, relayer: Sender
) -> Granted:
    """
    Have a credential granted on chain; the account in it gets the terms, whoever the relayer is.
    While a grant of the account runs, only the account itself is taken as relayer
    (`rejected.OnlyAccountReplacesGrant`).

    Raises
    ------
    Rejected
        `rejected.policy`, or `rejected.<ErrorName>` of the registry and the verifier.
    """
    if credential.policy_id != policy.policy_id or credential.tier >= len(policy.tiers):
        raise Rejected(
            "rejected.policy", "credential: for another policy, or a tier that it does not have"
        )
    with reasons.given(lambda: reasons.of_onboarding(client, credential, policy)):
        return client.onboard(
            relayer=relayer,
            policy_id=credential.policy_id,
            tier=credential.tier,
            root=credential.root,
            nullifier=credential.nullifier,
            account=credential.account,
            thresholds=policy.tiers[credential.tier].thresholds.words(),
            proof=credential.proof,
        )


def terms(client: RegistryClient, account: str) -> dict[str, Any]:
    """
    The terms that an account holds now; Rejected (`rejected.NoGrant`, `.GrantExpired`,
    `.GrantRootRevoked`, `.GrantGenerationEnded`).
    """
    with reasons.given(lambda: reasons.of_no_terms(client, account)):
        held, expiry = client.terms_of(account)
    return {"account": account, **asdict(held), "expiry": expiry}


def connect(
    url: str, deployment: Path, verifier: str | None = None
) -> tuple[RegistryClient, Deployment]:
    """
    A client for a deployment file at a node; as `at`.
    """
    return at(Chain.connect(url), deployment, verifier)


def at(
    chain: Chain, deployment: Path, verifier: str | None = None
) -> tuple[RegistryClient, Deployment]:
    """
    A client for a deployment file, its code on chain compared with the committed artifacts.

    Parameters
    ----------
    verifier : as for `verifier_artifact`, where the deployment's own verifier is not among the
        committed ones.
    """
    where = Deployment.read(deployment)
    return check_deployment(
        chain, where, None if verifier is None else verifier_artifact(verifier)
    ), where


def current_place(client: RegistryClient, policy: Policy) -> Place:
    """Where credentials of a policy count: chain and registry."""
    return Place(client.chain.chain_id, client.address.lower())
