"""Commands of an account: what it agrees to, and what it does with its grant."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from algebra.errors import Refused
from tierproof.commands import chains
from tierproof.commands.command import Audience, command
from tierproof.commands.options import (
    CHAIN,
    CREDENTIAL,
    DRY_RUN,
    NULLIFIER,
    OPEN_KEY_FILE,
    POLICY,
    SENDER,
    Option,
)
from tierproof.commands.reading import DAY, nullifier, private_key, sender, sender_address
from tierproof.commands.taking import take
from tierproof.console import Console


@command(
    "consent",
    "agree to a credential's terms for its account, or as the holder to its move",
    Audience.INSTITUTION,
    CREDENTIAL,
    POLICY,
    Option("--holder", "account that holds the nullifier now; without it nobody ever did",
           "ADDRESS"),
    Option("--deadline", "last Unix second at which it counts; without it 30 days from now",
           "SECONDS", "number"),
    Option("--least-last-day", "of the windows that it serves; without it the policy's", "DATE"),
    Option("--key-file", "private key that signs; without it the document is printed", "FILE",
           "file"),
    Option("--signature", "what a wallet made of the printed document", "HEX"),
    Option("--out", "the consent, signed", "FILE", "file"),
    OPEN_KEY_FILE,
)  # fmt: skip
def consent(options: Namespace, console: Console) -> dict[str, Any]:
    """
    The document that a wallet shows and signs (EIP-712); or where it was written, signed. Whoever
    sends the claim hands it in: `onboard --consent`, or `--holder-consent`.
    """
    from algebra.written import written_bytes
    from attestor.grant_consent_file import SignedConsent, consent_to
    from attestor.signatures import sign
    from history.dates import day_number
    from policies.address import address
    from policies.grant_consent import MOST_SECONDS, NOBODY
    from policies.policy import Policy
    from policies.signed_root import RootDomain
    from tierproof.documents import CredentialFile
    from tierproof.verification import now

    credential = CredentialFile.load(Path(options.credential))
    policy = Policy.load(Path(options.policy))
    if credential.policy_id != policy.policy_id or credential.tier >= len(policy.tiers):
        raise Refused("refused.grant_consent", "consent: the credential is of another policy")
    deadline = options.deadline if options.deadline is not None else now() + 30 * DAY
    if deadline > now() + MOST_SECONDS:
        raise Refused(
            "refused.grant_consent",
            f"--deadline: {deadline} is more than 100 days ahead: none counts",
        )
    day = options.least_last_day
    made = consent_to(
        credential,
        policy,
        deadline=deadline,
        holder=NOBODY if options.holder is None else address(options.holder, "--holder").lower(),
        least_last_day=None if day is None else day_number(day),
    )
    domain = RootDomain(credential.chain_id, credential.registry)
    if options.signature is not None:
        signature = written_bytes(options.signature)
        if not signature:
            raise Refused("usage.consent", "--signature: not hexadecimal with 0x")
    elif options.key_file is not None:
        signature = sign(private_key(options, options.key_file), made.message(domain))
    else:
        return made.document(domain)
    if options.out is None:
        raise Refused("usage.consent", "consent: give --out, where the signed consent is written")
    SignedConsent(made, domain, signature).write(Path(options.out))
    return {"consent": options.out, "account": made.account, "deadline": deadline}


@command(
    "contest",
    "stop the announced move of a nullifier that the sender holds",
    Audience.INSTITUTION,
    *CHAIN,
    *SENDER,
    POLICY,
    NULLIFIER,
    DRY_RUN,
)
def contest(options: Namespace, console: Console) -> dict[str, Any]:
    """Who holds the nullifier, and what was sent."""
    from contracts.client import acts

    policy, word = nullifier(options)
    client, _ = chains.registry(options, console)
    step = acts.contest(client, policy.series.id, word)
    done = take(options, console, client, "holder", [step])
    return {**chains.holder(client, policy, word), **done}


@command(
    "retire",
    "give up a nullifier that the sender holds, with its grant, for good",
    Audience.INSTITUTION,
    *CHAIN,
    *SENDER,
    POLICY,
    NULLIFIER,
    DRY_RUN,
)
def retire(options: Namespace, console: Console) -> dict[str, Any]:
    """Who held the nullifier, and what was sent."""
    from contracts.client import acts

    policy, word = nullifier(options)
    client, _ = chains.registry(options, console)
    done = take(options, console, client, "holder", [acts.retire(client, policy.series.id, word)])
    return {**chains.holder(client, policy, word), **done}


@command(
    "relinquish",
    "end the grant of the sender's account",
    Audience.INSTITUTION,
    *CHAIN,
    *SENDER,
    DRY_RUN,
)
def relinquish(options: Namespace, console: Console) -> dict[str, Any]:
    """The terms afterwards: maintenance glides to the default."""
    from contracts.client import acts
    from tierproof import onchain

    client, _ = chains.registry(options, console)
    account = sender_address(sender(options, client.chain))
    done = take(options, console, client, "account", [acts.relinquish(client, account)])
    return {"terms": onchain.terms(client, account), **done}


@command(
    "downgrade",
    "take a tier of the same policy that is nowhere better, for the sender's account",
    Audience.INSTITUTION,
    *CHAIN,
    *SENDER,
    POLICY,
    Option("--tier", "its name in the policy", "NAME", required=True),
    DRY_RUN,
)
def downgrade(options: Namespace, console: Console) -> dict[str, Any]:
    """The terms afterwards."""
    from contracts.client import acts
    from contracts.client.registered import check_policy
    from policies.policy import Policy
    from tierproof import onchain

    policy = Policy.load(Path(options.policy))
    index = policy.tiers.index(policy.tier(options.tier))
    client, _ = chains.registry(options, console)
    check_policy(client, policy)
    account = sender_address(sender(options, client.chain))
    serial = client.policy_of(policy.policy_id)["first_tier"] + index
    step = acts.downgrade(client, account, serial, index)
    done = take(options, console, client, "account", [step])
    return {"terms": onchain.terms(client, account), **done}
