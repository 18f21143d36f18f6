"""
A protocol's side: verify a credential, in Python and on chain, and grant its terms once.

The credential is proven for a registry on an EVM inside this process, by what `institution.py`
does. Run it from the repository: `python examples/protocol.py`.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import institution
from eth_account import Account

import tierproof
from algebra.errors import TierproofError
from attestor.grant_consent_file import SignedConsent, consent_to
from attestor.signatures import sign
from attestor.venues import sample
from contracts.client.chain import Chain
from contracts.client.registry import RegistryClient

DAY = 86_400
SETTLED = (sample.FIRST_DAY + sample.DAYS + 2) * DAY
"""The sample's window is over, and what came late for it."""
OWNER = Account.from_key(b"\xac" * 32)
"""Key of the account that gets the terms."""


def flipped(credential: tierproof.CredentialFile) -> tierproof.CredentialFile:
    """The same credential with one bit of its proof turned over: well formed, and false."""
    proof = bytearray(credential.proof)
    proof[-129] ^= 1
    return replace(credential, proof=bytes(proof))


def agreed(
    client: RegistryClient, credential: tierproof.CredentialFile, policy: tierproof.Policy
) -> SignedConsent:
    """What the account signs so that a relayer may send its credential; a wallet would show it."""
    consent = consent_to(credential, policy, deadline=client.chain.now() + 30 * DAY)
    return SignedConsent(consent, client.domain, sign(OWNER, consent.message(client.domain)))


def main() -> None:
    """Verify, deploy, onboard, and see what is refused."""
    algebra, policy = tierproof.fast_algebra(), institution.sample_policy()

    # 1  A registry of one's own, with the policy in it.
    chain = Chain.embedded(algebra, SETTLED)
    governor, relayer, stranger = chain.accounts()[:3]
    deployment = tierproof.deploy(
        chain,
        "TierproofVerifier8192",
        sender=governor,
        roles=tierproof.Roles(governor, governor, governor),
        path=None,
    )
    client = RegistryClient(chain, deployment.registry)
    tierproof.register_policy(client, policy, institution.ATTESTOR_SET, governor=governor)

    # 2  Verify without the chain: what the contract would say, for nothing.
    place = tierproof.current_place(client)
    with tempfile.TemporaryDirectory() as name:
        account = OWNER.address.lower()
        credential = institution.run(Path(name), place, account, chain.now() + 60 * DAY)
        key = tierproof.load_key(Path(name) / "key-8192.json", algebra)
        root = tierproof.RootFile.load(Path(name) / "root.json")
    verdicts = tierproof.verify_batch(
        [credential, flipped(credential), replace(credential, account="0x" + "ce" * 20)],
        policy=policy,
        key=key,
        root=root,
        place=place,
        algebra=algebra,
        now=chain.now(),
        allow_setup="development",
    )
    for name, verdict in zip(("as it is", "tampered", "another account"), verdicts, strict=True):
        said = verdict.code if isinstance(verdict, TierproofError) else verdict["outcome"]
        print(f"{name}: {said}")

    # 3  Grant. Any relayer may send it with the account's consent; the account gets the terms.
    tierproof.submit_root(client, root, sender=relayer)
    consent = agreed(client, credential, policy)
    granted = tierproof.onboard(client, credential, policy, relayer=relayer, consent=consent)
    terms = tierproof.terms(client, granted.account)
    print(f"granted: tier {policy.tiers[credential.tier].name}, {terms['max_leverage']}x leverage")
    try:
        tierproof.onboard(client, credential, policy, relayer=stranger)
    except TierproofError as error:
        print(f"without a consent: {error.code}")


if __name__ == "__main__":
    main()
