"""
Verify credentials without a chain: what a verifier's own process needs, and nothing that weighs
more than numpy (docs/reference/interfaces.md 1).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from algebra.errors import Rejected, TierproofError
from algebra.hexadecimal import hex32
from algebra.interface import Algebra
from policies.place import Place
from policies.policy import Policy
from tierproof.documents import CredentialFile, RootFile
from verifier.batch import verify_batch as verify_proofs
from verifier.ceremonies import why_not
from verifier.key import VerifyingKey
from verifier.statement import statement_words
from verifier.verify import verify as verify_proof


def verify(
    credential: CredentialFile,
    *,
    policy: Policy,
    key: VerifyingKey,
    root: RootFile,
    place: Place,
    algebra: Algebra,
    now: int,
    allow_setup: str | None = None,
) -> dict[str, Any]:
    """
    Verify a credential as the contract would.

    Parameters
    ----------
    credential : untrusted
    policy, key, place : the verifier's own; scope, window and thresholds are computed from them
    root : untrusted until its quorum is checked here
    algebra : native, or reference for a verifier that shares no code with it
    now : seconds since 1970
    allow_setup : a setup to take beside the known ceremonies: `development`, or an srs id

    Returns
    -------
    What was accepted.

    Raises
    ------
    Malformed
        A file, number or proof is not what it claims to be.
    Rejected
        `rejected.policy`, `.key`, `.place`, `.root`, `.quorum`, `.setup`, or the verifier's
        own code.
    """
    _require_ceremony(key, allow_setup)
    words = _statement(credential, policy, key, place, root)
    _require_quorum(root, policy, place, now)
    _require_root(credential, root)
    verify_proof(key, words, credential.proof, algebra=algebra)
    return _accepted(credential, words, policy, key, algebra)


def verify_batch(
    credentials: Sequence[CredentialFile],
    *,
    policy: Policy,
    key: VerifyingKey,
    root: RootFile,
    place: Place,
    algebra: Algebra,
    now: int,
    allow_setup: str | None = None,
) -> list[dict[str, Any] | TierproofError]:
    """
    Verify credentials of one policy and root together: one product of pairings for all that hold.

    Parameters
    ----------
    credentials : untrusted; the others as for `verify`.

    Returns
    -------
    list of len(credentials)
        What `verify` returns for each, or the error that it raises for it.

    Raises
    ------
    Rejected
        What holds for none of them: `rejected.setup`, and the root's own.
    """
    _require_ceremony(key, allow_setup)
    _require_quorum(root, policy, place, now)
    verdicts: list[dict[str, Any] | TierproofError] = []
    items: dict[int, tuple[VerifyingKey, Sequence[int], bytes]] = {}
    for index, credential in enumerate(credentials):
        try:
            words = _statement(credential, policy, key, place, root)
            _require_root(credential, root)
        except TierproofError as error:
            verdicts.append(error)
            continue
        verdicts.append(_accepted(credential, words, policy, key, algebra))
        items[index] = (key, words, credential.proof)
    for index, found in zip(
        items, verify_proofs(list(items.values()), algebra=algebra), strict=True
    ):
        if found is not None:
            verdicts[index] = found
    return verdicts


def _require_ceremony(key: VerifyingKey, allow_setup: str | None) -> None:
    if reason := why_not(key.srs_id, allow_setup):
        raise Rejected("rejected.setup", f"key: its setup is {reason}; it proves nothing")


def _statement(
    credential: CredentialFile, policy: Policy, key: VerifyingKey, place: Place, root: RootFile
) -> tuple[int, ...]:
    """
    The public words that a credential must have been made for; Rejected if it says another policy,
    key or place.
    """
    if credential.policy_id != policy.policy_id or credential.tier >= len(policy.tiers):
        raise Rejected(
            "rejected.policy", "credential: for another policy, or a tier that it does not have"
        )
    if credential.key_digest != key.digest:
        raise Rejected("rejected.key", "credential: made for another verifying key")
    if credential.srs_id != key.srs_id:
        raise Rejected("rejected.key", "credential: it names another setup than the key's")
    if (credential.chain_id, credential.registry) != (place.chain_id, place.registry):
        raise Rejected("rejected.place", "credential: for another chain or registry")
    return statement_words(
        policy,
        policy.tiers[credential.tier],
        root=credential.root,
        nullifier=credential.nullifier,
        account=int(credential.account, 16),
        place=place,
        feed=root.root.feed,
    )


def _require_quorum(root: RootFile, policy: Policy, place: Place, now: int) -> None:
    root.check(policy=policy, domain=place.domain, now=now)


def _require_root(credential: CredentialFile, root: RootFile) -> None:
    if root.root.root != credential.root:
        raise Rejected("rejected.root", "credential: rests on another root than the one given")


def _accepted(
    credential: CredentialFile,
    words: Sequence[int],
    policy: Policy,
    key: VerifyingKey,
    algebra: Algebra,
) -> dict[str, Any]:
    """What is known of a credential whose proof holds."""
    return {
        "outcome": "accepted",
        "tier": policy.tiers[credential.tier].name,
        "account": credential.account,
        "nullifier": hex32(credential.nullifier),
        "scope": hex32(words[2]),
        "verifier": algebra.name,
        "setup": key.setup_status,
    }


def now() -> int:
    """Seconds since 1970."""
    return int(time.time())
