"""The command of accounts and relayers that brings credentials to a registry, one or several."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from algebra.errors import Refused, Rejected
from tierproof.commands import chains
from tierproof.commands.command import Audience, command
from tierproof.commands.options import CHAIN, CREDENTIAL, POLICY, SENDER, Option
from tierproof.commands.reading import sender
from tierproof.console import Console

if TYPE_CHECKING:
    from attestor.grant_consent_file import SignedConsent
    from contracts.client.chain import Sender
    from contracts.client.model import Granted
    from contracts.client.onboarding import Outcome
    from contracts.client.registry import RegistryClient
    from policies.policy import Policy
    from tierproof.documents import CredentialFile


@dataclass(frozen=True)
class Given:
    """
    What the command line names.

    Attributes
    ----------
    credentials : each with the path that named it
    consents, holders : of accounts; of holders, to moves
    """

    credentials: Sequence[tuple[str, CredentialFile]]
    policies: Sequence[Policy]
    consents: Sequence[SignedConsent]
    holders: Sequence[SignedConsent]

    def policy_of(self, credential: CredentialFile) -> Policy:
        """The credential's among them, else the first, which is refused as not its own."""
        own = (each for each in self.policies if each.policy_id == credential.policy_id)
        return next(own, self.policies[0])


@command(
    "onboard",
    "have credentials granted on chain, as their account or as a relayer with its consent",
    Audience.PROTOCOL,
    *CHAIN,
    *SENDER,
    replace(CREDENTIAL, help="credential files; several are one transaction", many=True),
    replace(POLICY, many=True),
    Option("--consent", "of an account, unless it is the sender", "FILE", "file", many=True),
    Option(
        "--holder-consent", "of an account that a nullifier moves from", "FILE", "file", many=True
    ),
    Option(
        "--root",
        "submit this signed root first if the registry does not know it",
        "FILE",
        "file",
        setting="root",
        many=True,
    ),
)
def onboard(options: Namespace, console: Console) -> dict[str, Any]:
    """
    The grant and the terms that came of it, or when an announced move counts; the policy on chain
    is compared before anything is sent. Of several credentials, what came of each
    (`rejected.claims` where one does not count).
    """
    from attestor.grant_consent_file import SignedConsent
    from policies.policy import Policy
    from tierproof import onchain
    from tierproof.documents import CredentialFile, RootFile

    client, _ = chains.registry(options, console)
    relayer = sender(options, client.chain)
    consents, holders = (
        [SignedConsent.load(Path(path)) for path in paths]
        for paths in (options.consent, options.holder_consent)
    )
    given = Given(
        [(path, CredentialFile.load(Path(path))) for path in options.credential],
        [Policy.load(Path(path)) for path in options.policy],
        consents,
        holders,
    )
    for policy in given.policies:
        onchain.check_policy(client, policy)
    for path in options.root:
        console.progress("root")
        onchain.submit_root(client, RootFile.load(Path(path)), sender=relayer)
    if len(given.credentials) > 1:
        console.progress(f"{len(given.credentials)} credentials")
        return _several(client, relayer, given)
    console.progress("credential")
    return _one(client, relayer, given)


def _one(client: RegistryClient, relayer: Sender, given: Given) -> dict[str, Any]:
    from tierproof import onchain

    if max(len(given.consents), len(given.holders)) > 1:
        raise Refused("refused.grant_consent", "consent: more than one of a kind to one credential")
    ((_, credential),) = given.credentials
    policy = given.policy_of(credential)
    granted = onchain.onboard(
        client, credential, policy, relayer=relayer, consent=next(iter(given.consents), None),
        holder_consent=next(iter(given.holders), None),
    )  # fmt: skip
    return {
        "outcome": "accepted",
        **_shown(granted, credential, policy),
        "gas_used": granted.gas_used,
        **chains.standing(client.chain),
        "terms": onchain.terms(client, granted.account),
    }


def _several(client: RegistryClient, relayer: Sender, given: Given) -> dict[str, Any]:
    from tierproof import onchain

    kinds = (list(given.consents), list(given.holders))
    onboardings = [
        onchain.onboarding_of(
            client,
            credential,
            given.policy_of(credential),
            *(_taken(left, credential) for left in kinds),
        )
        for _, credential in given.credentials
    ]
    if any(kinds):
        raise Refused("refused.grant_consent", "consent: of none of the credentials")
    outcomes = onchain.onboard_batch(client, onboardings, relayer=relayer)
    claims = [
        {"credential": path, **_told(outcome, credential, given)}
        for (path, credential), outcome in zip(given.credentials, outcomes, strict=True)
    ]
    return _answer(claims, chains.standing(client.chain))


def _told(outcome: Outcome, credential: CredentialFile, given: Given) -> dict[str, Any]:
    if isinstance(outcome, Rejected):
        return {"outcome": "rejected", "code": outcome.code, "reason": outcome.message}
    shown = _shown(outcome, credential, given.policy_of(credential))
    return {"outcome": "accepted", **shown, "gas_used": outcome.gas_used}


def _answer(claims: list[dict[str, Any]], transaction: dict[str, Any]) -> dict[str, Any]:
    """What is printed where all of them count; Rejected (`rejected.claims`) otherwise."""
    failed = [each for each in claims if each["outcome"] == "rejected"]
    if failed:
        listed = "; ".join(f"{each['credential']}: {each['reason']}" for each in failed)
        raise Rejected(
            "rejected.claims",
            f"{len(failed)} of {len(claims)} claims do not count: {listed}",
            claims=claims,
            **transaction,
        )
    return {"outcome": "accepted", "claims": claims, **transaction}


def _shown(granted: Granted, credential: CredentialFile, policy: Policy) -> dict[str, Any]:
    return {
        "act": granted.act,
        "account": granted.account,
        "tier": policy.tiers[credential.tier].name,
        "expiry": granted.expiry,
        "ready_at": granted.ready_at,
    }


def _taken(left: list[SignedConsent], credential: CredentialFile) -> SignedConsent | None:
    """The first consent to a credential's claim, taken from those that are left."""
    wanted = (credential.account, credential.nullifier)
    for each in left:
        if (each.consent.account, each.consent.nullifier) == wanted:
            left.remove(each)
            return each
    return None
