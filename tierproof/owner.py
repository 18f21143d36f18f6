"""
An identity at a venue, as attestors know it: its tag, its consent key, its consents
(docs/decisions/0013). All of it follows from the vault's secret, so there is nothing else to keep.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from algebra.errors import Malformed
from attestor.binding import Binding, venue_id
from attestor.consent import Consent, consent_message, venue_word
from attestor.secp256k1 import address_of
from attestor.signatures import one_form

if TYPE_CHECKING:
    from prover.vault import Identity


@dataclass(frozen=True, slots=True)
class VenueOwner:
    """
    Who an identity is at one venue.

    Attributes
    ----------
    tag : owner tag
    venue : id of the venue
    consent_key : address, lower case
    """

    tag: int
    venue: int
    consent_key: str
    _identity: Identity = field(repr=False, compare=False)

    @classmethod
    def of(cls, identity: Identity, venue: str) -> VenueOwner:
        """The owner that an identity is at the venue of this name; Malformed as `venue_id`."""
        at = venue_id(venue)
        consent_key = address_of(identity.consent_key(at))
        return cls(identity.owner_tag(venue_word(at, consent_key)), at, consent_key, identity)

    def binding(self, wallet: str, attestor_set: bytes, bound_day: int) -> Binding:
        """What a wallet, in lower case, signs to join this owner; Malformed as `Binding`."""
        return Binding(wallet, self.tag, self.venue, self.consent_key, attestor_set, bound_day)

    def consent(self, binding: Binding) -> Consent:
        """
        This owner's consent to a binding under his tag; Malformed (`malformed.consent`) for one
        under another's.
        """
        asked = (binding.owner_tag, binding.venue, binding.consent_key)
        if asked != (self.tag, self.venue, self.consent_key):
            raise Malformed("malformed.consent", "consent: the binding is of another owner")
        seed = self._identity.salt_seed(self.venue)
        digest = consent_message(binding.message(), seed).digest
        r, s = self._identity.sign_consent(self.venue, digest)
        return Consent(seed, one_form(digest, r, s, self.consent_key))
