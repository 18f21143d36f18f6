"""
A protocol's side: verify a credential, in Python and on chain, and grant its terms once.

The credential, the key, the policy and the signed root are those of `examples/sample`. The chain is
an EVM inside this process. Run it from the repository: `python examples/protocol.py`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import tierproof
from algebra.errors import TierproofError
from contracts.client.chain import Chain
from contracts.client.registry import RegistryClient

SAMPLE = Path(__file__).resolve().parent / "sample"


def flipped(credential: tierproof.CredentialFile) -> tierproof.CredentialFile:
    """The same credential with one bit of its proof turned over: well formed, and false."""
    proof = bytearray(credential.proof)
    proof[-129] ^= 1
    return replace(credential, proof=bytes(proof))


def main() -> None:
    """Verify, deploy, onboard, and see what is refused."""
    algebra = tierproof.fast_algebra()
    policy = tierproof.Policy.load(SAMPLE / "policy.json")
    key = tierproof.load_key(SAMPLE / "key-8192.json", algebra)
    root = tierproof.RootFile.load(SAMPLE / "root.json")
    credential = tierproof.CredentialFile.load(SAMPLE / "credential.json")

    # 1  A registry of one's own, with the policy in it.
    chain = Chain.embedded()
    governor, relayer, stranger = chain.accounts()[:3]
    deployment = tierproof.deploy(
        chain,
        "TierproofVerifier8192",
        sender=governor,
        roles=tierproof.Roles(governor, governor, governor),
        path=None,
    )
    client = RegistryClient(chain, deployment.registry)
    tierproof.register_policy(
        client, policy, root.attestor_set, deployment.verifier, governor=governor
    )

    # 2  Verify without the chain: what the contract would say, for nothing.
    place = tierproof.current_place(client, policy)
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

    # 3  Grant. Any relayer may send it; the account in the credential gets the terms.
    tierproof.submit_root(client, root, sender=relayer)
    granted = tierproof.onboard(client, credential, policy, relayer=relayer)
    terms = tierproof.terms(client, granted.account)
    print(f"granted: tier {policy.tiers[granted.tier].name}, {terms['max_leverage']}x leverage")
    try:
        tierproof.onboard(client, credential, policy, relayer=stranger)
    except TierproofError as error:
        print(f"a second time: {error.code}")


if __name__ == "__main__":
    main()
