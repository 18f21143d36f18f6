"""What an onboarding request holds, and how the database keeps it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contracts.client.model import NO_CONSENT as NO_CONSENT
from contracts.client.model import Claim, Signed
from policies.place import Place

if TYPE_CHECKING:
    from contracts.client.onboarding import Onboarding

Consent = Signed
"""Least last day, deadline, signature, as the registry takes them."""


@dataclass(frozen=True)
class Asked:
    """
    Attributes
    ----------
    place : chain and registry that the proof speaks of
    last_day : of the policy's window, days since 1970
    account : lower case
    key_digest : of the verifying key, which names the verifier
    thresholds : words t0..t4 of the tier
    of_account, of_holder : consents; (0, 0, b"") for none
    """

    place: Place
    policy_id: bytes
    tier: int
    last_day: int
    root: int
    nullifier: int
    account: str
    key_digest: bytes
    thresholds: tuple[int, ...]
    proof: bytes
    of_account: Consent
    of_holder: Consent

    def content(self) -> str:
        """What columns do not hold of it, as JSON."""
        return json.dumps(
            {
                "root": hex(self.root),
                "key_digest": self.key_digest.hex(),
                "thresholds": [hex(word) for word in self.thresholds],
                "proof": self.proof.hex(),
                "consents": [
                    [least, deadline, signature.hex()]
                    for least, deadline, signature in (self.of_account, self.of_holder)
                ],
            }
        )

    @classmethod
    def of_row(cls, row: Any) -> Asked:
        """From an `OnboardingRow`."""
        held = json.loads(row.content)
        account, holder = (
            (least, deadline, bytes.fromhex(signature))
            for least, deadline, signature in held["consents"]
        )
        return cls(
            place=Place(int(row.chain_id), row.registry_address),
            policy_id=bytes.fromhex(row.policy_id[2:]),
            tier=row.tier,
            last_day=row.last_day,
            root=int(held["root"], 16),
            nullifier=int(row.nullifier, 16),
            account=row.account,
            key_digest=bytes.fromhex(held["key_digest"]),
            thresholds=tuple(int(word, 16) for word in held["thresholds"]),
            proof=bytes.fromhex(held["proof"]),
            of_account=account,
            of_holder=holder,
        )

    def onboarding(self, verifier: int) -> Onboarding:
        """As the registry takes it; `verifier` is the index of the key's."""
        from contracts.client.onboarding import Onboarding  # it needs the extra `chain`

        claim = Claim(
            policy_id=self.policy_id,
            tier=self.tier,
            verifier=verifier,
            root=self.root,
            nullifier=self.nullifier,
            account=self.account,
            thresholds=self.thresholds,
            proof=self.proof,
        )
        return Onboarding(claim, self.of_account, self.of_holder)
