"""
What a protocol does on chain: deploy, register, onboard, read terms (docs/reference/interfaces.md
1).

Chains are named by an RPC URL; nothing is reached that was not named. A contract is trusted by its
code, not its word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from algebra.errors import Refused, Rejected
from attestor.grant_consent_file import SignedConsent
from contracts.build.artifact import Artifact, load_artifact, read_artifact
from contracts.client import steps
from contracts.client.calls import NO_CONSENT, Signed
from contracts.client.chain import Chain, Sender
from contracts.client.deploy import check_deployment
from contracts.client.deploy import deploy as deploy_contracts
from contracts.client.deployment import Deployment
from contracts.client.model import Bounds, Claim, Granted
from contracts.client.model import Roles as Roles
from contracts.client.onboarding import Onboarding, Outcome, judge_of
from contracts.client.order import Listing, Order
from contracts.client.registered import check_policy as check_policy
from contracts.client.registry import RegistryClient
from policies.attestor_set import AttestorSet
from policies.place import Place
from policies.policy import Policy
from tierproof import reasons
from tierproof.documents import CredentialFile, RootFile


def verifier_artifact(name: str) -> Artifact:
    """A compiled verifier by its name, or by the path of its artifact file."""
    return read_artifact(Path(name)) if name.endswith(".json") else load_artifact(name)


def deploy(
    chain: Chain, verifier: str | Artifact, *, sender: Sender, roles: Roles, path: Path | None
) -> Deployment:
    """
    Deploy a registry for development with one verifier; errors as `contracts.client.deploy.deploy`.
    """
    artifact = verifier_artifact(verifier) if isinstance(verifier, str) else verifier
    return deploy_contracts(chain, Order((artifact,), roles), sender=sender, path=path)


def register_policy(
    client: RegistryClient,
    policy: Policy,
    attestor_set: AttestorSet,
    *,
    governor: Sender,
    verifiers: Sequence[int] | None = None,
    bounds: Bounds | None = None,
) -> int:
    """
    Register a policy with the set, the series and the window that it needs, as far as the registry
    does not know them; returns how many transactions that took.

    Parameters
    ----------
    verifiers : indices of those that judge its proofs; all that are not switched off
    bounds : of the set, if it is registered

    Raises
    ------
    Rejected
        `rejected.policy`: the policy trusts another set; `rejected.<ErrorName>` from the registry.
    Refused
        As `Listing.check`; then nothing is sent.
    """
    listing = Listing(policy, attestor_set, bounds or Bounds())
    listing.check()
    return take(
        client, steps.of_listing(client, listing, lambda: judges(client, verifiers)), governor
    )


def judges(client: RegistryClient, named: Sequence[int] | None) -> list[int]:
    """The indices of verifiers for a policy: those that are named, or all in force."""
    if named is not None:
        return list(named)
    return [i for i, held in enumerate(client.verifiers()) if not held["disabled_at"]]


def take(client: RegistryClient, wanted: Any, sender: Sender) -> int:
    """Do the steps that are not done; how many were sent. Raises as `steps.take`."""
    return steps.take(client.chain, wanted, sender, client.chain.courier.tell)


def submit_root(client: RegistryClient, root: RootFile, *, sender: Sender) -> bool:
    """
    Submit a signed root, or extend it; False if the registry has it, by whomever, for as long.
    Refused (`refused.root_submission`) for one that no registry takes: nothing is sent.
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
    """Whether the registry knows a root, not ended, for as long as the file says."""
    held = client.root_of(root.root.attestor_set, root.root.root)
    lives = bool(held["serial"]) and not held["ended_at"]
    return lives and int(held["valid_until"]) >= root.root.valid_until


def onboard(
    client: RegistryClient,
    credential: CredentialFile,
    policy: Policy,
    *,
    relayer: Sender,
    consent: SignedConsent | None = None,
    holder_consent: SignedConsent | None = None,
) -> Granted:
    """
    Have a credential granted on chain, or the move to its account announced; the account in it gets
    the terms, whoever the relayer is.

    Parameters
    ----------
    consent : of the account; needed unless it is the relayer
    holder_consent : of the account that holds the nullifier, to a move

    Raises
    ------
    Rejected
        `rejected.policy`, or `rejected.<ErrorName>` of the registry and the verifier.
    Refused
        `refused.verifier`: no verifier of the policy judges proofs of the credential's key;
        `refused.grant_consent`: a consent speaks of another claim.
    """
    one = onboarding_of(client, credential, policy, consent, holder_consent)
    with reasons.given(lambda: reasons.of_onboarding(client, one.claim, policy)):
        return client.onboard(one.claim, one.of_account, one.of_holder, sender=relayer)


def onboard_batch(
    client: RegistryClient, onboardings: Sequence[Onboarding], *, relayer: Sender
) -> list[Outcome]:
    """
    Have several credentials granted by one transaction: what came of each, in their order. One that
    does not count fails alone; where none would count nothing is sent.

    Parameters
    ----------
    onboardings : as `onboarding_of` makes them, 1 to 32

    Raises
    ------
    Refused
        `refused.batch_size`; `refused.gas`: with the gas of the chain's estimate fewer would count.
    Rejected
        `rejected.BatchNotAccepted`: a proof is false; the message says whose. Nothing is sent.
    """
    call = client.calls.onboard_batch(onboardings)
    if client.chain.under_way(call, relayer):
        return client.onboard_batch(onboardings, sender=relayer)
    try:
        counted = client.counted(onboardings, sender=relayer)
    except Rejected as error:
        false = error.code == "rejected.BatchNotAccepted"
        told = _false(onboardings, tried_alone(client, onboardings, relayer)) if false else error
        raise told from None
    if not any(counted):
        alone = tried_alone(client, onboardings, relayer)
        if all(each is not None for each in alone):
            return [each for each in alone if each is not None]
    gas = client.chain.gas_limit(client.chain.draft(call, relayer))
    if client.counted(onboardings, sender=relayer, gas=gas) != counted:
        raise Refused(
            "refused.gas", f"the chain estimates {gas} gas, with which fewer claims count"
        )
    return client.onboard_batch(onboardings, sender=relayer, gas=gas)


def tried_alone(
    client: RegistryClient, onboardings: Sequence[Onboarding], relayer: Sender
) -> list[Rejected | None]:
    """Why each claim would be refused now if it were sent by itself; None where it counts."""
    return [_trial(client, each, relayer) for each in onboardings]


def _trial(client: RegistryClient, one: Onboarding, relayer: Sender) -> Rejected | None:
    call = client.calls.onboard(one.claim, one.of_account, one.of_holder)
    try:
        client.chain.read(call, sender=relayer if isinstance(relayer, str) else relayer.address)
    except Rejected as error:
        return error
    return None


def _false(onboardings: Sequence[Onboarding], alone: Sequence[Rejected | None]) -> Rejected:
    found = [
        f"of account {one.claim.account} ({error.code})"
        for one, error in zip(onboardings, alone, strict=True)
        if error is not None
    ]
    listed = ", ".join(found) or "none of them by itself"
    return Rejected(
        "rejected.BatchNotAccepted", f"a proof of the batch is false; refused alone: {listed}"
    )


def onboarding_of(
    client: RegistryClient,
    credential: CredentialFile,
    policy: Policy,
    consent: SignedConsent | None = None,
    holder_consent: SignedConsent | None = None,
) -> Onboarding:
    """A credential with its consents as the registry takes them; raises as `onboard`."""
    if credential.policy_id != policy.policy_id or credential.tier >= len(policy.tiers):
        raise Rejected(
            "rejected.policy", "credential: for another policy, or a tier that it does not have"
        )
    claim = claim_of(client, credential, policy)
    for given in (consent, holder_consent):
        if given is not None:
            given.require_for(client.domain, claim.account, claim.nullifier, policy.series.id)
    signed = [NO_CONSENT if each is None else _signed(each) for each in (consent, holder_consent)]
    return Onboarding(claim, *signed)


def claim_of(client: RegistryClient, credential: CredentialFile, policy: Policy) -> Claim:
    """A credential as the registry takes it; raises as `onboard`."""
    return Claim(
        policy_id=credential.policy_id,
        tier=credential.tier,
        verifier=judge_of(client, policy.policy_id, credential.key_digest),
        root=credential.root,
        nullifier=credential.nullifier,
        account=credential.account,
        thresholds=policy.tiers[credential.tier].thresholds.words(),
        proof=credential.proof,
    )


def _signed(consent: SignedConsent) -> Signed:
    of = consent.consent
    return (of.least_last_day, of.deadline, consent.signature)


def terms(client: RegistryClient, account: str) -> dict[str, Any]:
    """
    What an account may do now, with a grant or without one (`status`); `limit` in 1,000 USD, `end`
    the first second at which the last grant does not run, whatever ends it, None without one.
    """
    held, grant = client.effective_terms(account), client.grant_of(account)
    numbers = asdict(held.terms)
    del numbers["validity_days"]
    return {
        "account": account,
        "status": held.status,
        **numbers,
        "changes_at": held.changes_at,
        "end": grant["end"] if grant["tier"] else None,
    }


def connect(
    url: str, deployment: Path, verifiers: Sequence[str] = ()
) -> tuple[RegistryClient, Deployment]:
    """
    A client for a deployment file at a node; as `at`.
    """
    return at(Chain.connect(url), deployment, verifiers)


def at(
    chain: Chain, deployment: Path, verifiers: Sequence[str] = ()
) -> tuple[RegistryClient, Deployment]:
    """
    A client for a deployment file, its code on chain compared with the committed artifacts.

    Parameters
    ----------
    verifiers : as for `verifier_artifact`, of the deployment's verifiers that are not among the
        committed ones.
    """
    where = Deployment.read(deployment)
    return check_deployment(chain, where, [verifier_artifact(name) for name in verifiers]), where


def current_place(client: RegistryClient) -> Place:
    """Where credentials count: chain and registry."""
    return Place(client.chain.chain_id, client.address.lower())
