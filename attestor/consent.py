"""
The owner of a tag consents to each binding under it, with a key of his identity
(docs/explanation/attestation.md 3.1, docs/decisions/0013).

    Consent{binding, saltSeed}, signed by the consent key
    domain: name "Tierproof Consent", version "1"
    binding: the EIP-712 digest that the wallet signs; it names tag, venue and consent key

The leaf holds `venue_word`, a hash of venue and consent key, and the circuit opens the owner tag as
the hash of secret and that word. So a tag belongs to one consent key: who binds wallets to
another's tag under a key of his own makes another owner, whose leaf nobody can use, and under the
owner's key he has no consent to show. Nothing has to be proven to an attestor.

The consent carries the seed of the owner's salts, so that every attestor derives the same leaf.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from algebra.errors import Malformed, Rejected
from algebra.interface import R
from algebra.keccak import keccak
from attestor.signatures import recover
from policies.typed_data import TypedMessage, typed_message

DOMAIN = {"name": "Tierproof Consent", "version": "1"}
TYPES = {
    "Consent": [
        {"name": "binding", "type": "bytes32"},
        {"name": "saltSeed", "type": "bytes32"},
    ]
}
SEED_BYTES = 32


def venue_word(venue: int, consent_key: str) -> int:
    """keccak256(venue in 32 bytes || consent key) >> 8: the leaf's second word, below 2^248."""
    return int.from_bytes(keccak(venue.to_bytes(32) + bytes.fromhex(consent_key[2:]))) >> 8


def leaf_salt(
    seed: bytes, owner_tag: int, attestor_set: bytes, first_day: int, last_day: int
) -> int:
    """
    keccak256(seed || owner tag || set || first day || last day) mod r, words of 32 bytes: what
    hides an owner's leaf of one window from all who do not know his seed.
    """
    words = (number.to_bytes(32) for number in (owner_tag, first_day, last_day))
    tag, first, last = words
    return int.from_bytes(keccak(seed + tag + attestor_set + first + last)) % R


@dataclass(frozen=True, slots=True)
class Consent:
    """
    A signature of the consent key, and the seed that it hands over. Private to owner and attestors.

    Attributes
    ----------
    salt_seed : 32 bytes
    signature : 65 bytes
    """

    salt_seed: bytes = field(repr=False)
    signature: bytes

    def __post_init__(self) -> None:
        if len(self.salt_seed) != SEED_BYTES:
            raise Malformed("malformed.consent", "consent: the salt seed is not 32 bytes")

    def verify(self, binding: TypedMessage, consent_key: str, wallet: str) -> None:
        """
        Rejected (`rejected.consent`) unless the consent key that `binding` names signed it with
        this seed; Malformed as `recover`. `wallet` is for the message.
        """
        signed = consent_message(binding, self.salt_seed)
        if recover(signed, self.signature, "consent") != consent_key:
            raise Rejected(
                "rejected.consent",
                f"binding of {wallet}: the tag's owner did not consent: signed by another key than "
                f"{consent_key}",
                wallet=wallet,
            )


def consent_message(binding: TypedMessage, salt_seed: bytes) -> TypedMessage:
    """What the consent key signs, of what the wallet signs and the seed."""
    return typed_message(DOMAIN, TYPES, {"binding": binding.digest, "saltSeed": salt_seed})
