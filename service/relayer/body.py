"""
The body of an onboarding request. A consent's form alone is judged: whose signature it is, and
whether its terms are the tier's, the registry says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from algebra.errors import Malformed
from algebra.hexadecimal import hex20
from attestor.grant_consent_file import SignedConsent
from policies.credential_file import CredentialFile
from policies.policy import Policy
from policies.signed_root import RootDomain
from service.relayer.asked import Consent
from service.store.credentials import Credential

_NAMES = ("credential", "consent", "holder_consent")


@dataclass(frozen=True)
class OnboardingRequest:
    """
    A credential to be granted, with what its account and the nullifier's holder signed.

    Attributes
    ----------
    consent : of the account: a relayer sends nothing without it
    holder_consent : of the account that the nullifier moves from, where it moves
    """

    credential: CredentialFile
    consent: SignedConsent
    holder_consent: SignedConsent | None

    @classmethod
    def parse(cls, value: Any) -> OnboardingRequest:
        """
        From the JSON value of a body: the files as `prove` and `consent` write them.

        Raises
        ------
        Malformed
            `malformed.request`, `malformed.credential`, `malformed.grant_consent`,
            `malformed.address`.
        """
        if not isinstance(value, dict) or not {*_NAMES[:2]} <= value.keys() <= {*_NAMES}:
            raise Malformed(
                "malformed.request", f"body: not an object of {', '.join(_NAMES)}", part="body"
            )
        of_holder = value.get("holder_consent")
        return cls(
            CredentialFile.parse(value["credential"]),
            SignedConsent.parse(value["consent"]),
            None if of_holder is None else SignedConsent.parse(of_holder),
        )


def consent_for(consent: SignedConsent, policy: Policy, credential: Credential) -> Consent:
    """
    A consent as the registry takes it; Refused (`refused.grant_consent`) for another claim's.
    """
    place = credential.place
    consent.require_for(
        RootDomain(place.chain_id, place.registry),
        hex20(credential.account),
        credential.nullifier,
        policy.series.id,
    )
    return (consent.consent.least_last_day, consent.consent.deadline, consent.signature)
