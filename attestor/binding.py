"""
Wallets join an owner's tag by their own signature and his (docs/explanation/attestation.md 3.1;
design: ownership).

    Binding{wallet, ownerTag, venue, consentKey, attestorSet, boundDay}
    domain: name "Tierproof Binding", version "1"

The wallet signs that it joins, the owner of the tag that he takes it (`attestor.consent`); what an
attestor makes of both over time is `attestor.bindings`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from algebra.errors import Malformed, Rejected
from algebra.interface import R
from algebra.keccak import keccak
from attestor.consent import Consent
from attestor.signatures import recover, sign
from history.dates import DAY_LIMIT
from policies.address import check_address
from policies.typed_data import TypedMessage, typed_document, typed_message

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

DOMAIN = {"name": "Tierproof Binding", "version": "1"}
TYPES = {
    "Binding": [
        {"name": "wallet", "type": "address"},
        {"name": "ownerTag", "type": "uint256"},
        {"name": "venue", "type": "uint256"},
        {"name": "consentKey", "type": "address"},
        {"name": "attestorSet", "type": "bytes32"},
        {"name": "boundDay", "type": "uint32"},
    ]
}


_VENUE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)


def check_venue(name: str) -> str:
    """
    The name of a venue as it is: up to 64 lower-case ASCII letters, digits and `._-`, so that two
    who mean one venue spell it alike; Malformed (`malformed.venue`).
    """
    if _VENUE.fullmatch(name) is None:
        raise Malformed(
            "malformed.venue",
            f"venue: {name[:40]!a} is not up to 64 lower-case ASCII letters, digits and ._-",
        )
    return name


def venue_id(name: str) -> int:
    """keccak256(name) >> 8, below 2^248; as `check_venue`."""
    return int.from_bytes(keccak(check_venue(name).encode("ascii"))) >> 8


@dataclass(frozen=True, slots=True)
class Binding:
    """
    What a wallet signs.

    Attributes
    ----------
    wallet : address, lower case
    owner_tag, consent_key : whom it joins; the key is an address, lower case
    venue : id of `venue_id`
    attestor_set : 32 bytes id
    bound_day : first day in force, days since 1970-01-01 UTC
    """

    wallet: str
    owner_tag: int
    venue: int
    consent_key: str
    attestor_set: bytes
    bound_day: int

    def __post_init__(self) -> None:
        check_address(self.wallet, "binding: wallet")
        check_address(self.consent_key, "binding: consent key")
        if (
            not 0 < self.owner_tag < R
            or not 0 <= self.venue < 1 << 248
            or not 0 <= self.bound_day < DAY_LIMIT
        ):
            raise Malformed(
                "malformed.binding", "binding: owner tag, venue or bound day out of range"
            )
        if len(self.attestor_set) != 32:
            raise Malformed("malformed.binding", "binding: the attestor set is not 32 bytes")

    def message(self) -> TypedMessage:
        """The EIP-712 message."""
        return typed_message(DOMAIN, TYPES, self._values())

    def document(self) -> dict[str, Any]:
        """The same as wallet software takes it, JSON values."""
        return typed_document(DOMAIN, TYPES, self._values())

    def _values(self) -> dict[str, Any]:
        return {
            "wallet": self.wallet,
            "ownerTag": self.owner_tag,
            "venue": self.venue,
            "consentKey": self.consent_key,
            "attestorSet": self.attestor_set,
            "boundDay": self.bound_day,
        }


@dataclass(frozen=True, slots=True)
class SignedBinding:
    """A binding with its wallet's signature and the consent of the tag's owner."""

    binding: Binding
    signature: bytes
    consent: Consent

    def verify(self) -> None:
        """
        Rejected (`rejected.binding`) unless the wallet itself signed, (`rejected.consent`) unless
        the owner did; Malformed as `recover`.
        """
        message, wallet = self.binding.message(), self.binding.wallet
        if recover(message, self.signature, "binding") != wallet:
            raise Rejected("rejected.binding", f"binding of {wallet}: signed by another key")
        self.consent.verify(message, self.binding.consent_key, wallet)


def sign_binding(account: LocalAccount, binding: Binding) -> bytes:
    """The wallet's signature, 65 bytes; Malformed if the key is another's."""
    if account.address.lower() != binding.wallet:
        raise Malformed("malformed.binding", "binding: the key is not the wallet's")
    return sign(account, binding.message())
