"""
What an account agrees to when somebody else sends its claim, and a holder when his nullifier moves
(docs/explanation/grants.md).

It names terms and not a tier: a wallet shows them, and one consent serves later windows at the same
terms until its deadline. EIP-712, domain "Tierproof" "2" with chain and registry; the contract
computes the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from algebra.errors import Malformed
from policies.abi import WORD_LIMIT
from policies.address import check_address
from policies.signed_root import RootDomain
from policies.terms import Terms
from policies.typed_data import TypedMessage, typed_document, typed_message

TYPES = {
    "Consent": [
        {"name": "account", "type": "address"},
        {"name": "from", "type": "address"},
        {"name": "series", "type": "bytes32"},
        {"name": "nullifier", "type": "uint256"},
        {"name": "initialMarginBp", "type": "uint16"},
        {"name": "maintenanceMarginBp", "type": "uint16"},
        {"name": "takerFee", "type": "int24"},
        {"name": "makerFee", "type": "int24"},
        {"name": "maxLeverage", "type": "uint16"},
        {"name": "limit", "type": "uint32"},
        {"name": "leastLastDay", "type": "uint32"},
        {"name": "deadline", "type": "uint64"},
    ]
}
NOBODY = "0x" + "00" * 20
"""The holder of a nullifier before its first use."""
MOST_SECONDS = 100 * 86_400
"""A consent's deadline is no further away when it is used."""


@dataclass(frozen=True, slots=True)
class GrantConsent:
    """
    What is signed; Malformed (`malformed.grant_consent`, `malformed.address`) for what is out of
    range.

    Attributes
    ----------
    account : gets the terms; lower case
    holder : who holds the nullifier when it is signed; `NOBODY` at its first use
    series : 32 bytes
    nullifier : in 256 bits
    terms : at which the account is granted; their validity is not part of it
    least_last_day : of the window, days since 1970; earlier windows do not count
    deadline : last Unix second at which it counts
    """

    account: str
    holder: str
    series: bytes
    nullifier: int
    terms: Terms
    least_last_day: int
    deadline: int

    def __post_init__(self) -> None:
        check_address(self.account, "consent: account")
        if self.holder != NOBODY:
            check_address(self.holder, "consent: holder")
        if len(self.series) != 32:
            raise Malformed("malformed.grant_consent", "consent: series is not 32 bytes")
        for name, bound in (
            ("nullifier", WORD_LIMIT),
            ("least_last_day", 1 << 32),
            ("deadline", 1 << 64),
        ):
            if not 0 <= getattr(self, name) < bound:
                raise Malformed(
                    "malformed.grant_consent", f"consent: {name} out of range", part=name
                )

    def message(self, domain: RootDomain) -> TypedMessage:
        """What account and holder sign for a registry."""
        return typed_message(*self._parts(domain))

    def document(self, domain: RootDomain) -> dict[str, Any]:
        """The same as a wallet takes it, JSON values."""
        return typed_document(*self._parts(domain))

    def _parts(self, domain: RootDomain) -> tuple[dict[str, Any], Any, dict[str, Any]]:
        names = [field["name"] for field in TYPES["Consent"]]
        values = (
            self.account,
            self.holder,
            self.series,
            self.nullifier,
            *self.terms.as_tuple()[:6],
            self.least_last_day,
            self.deadline,
        )
        return domain.typed, TYPES, dict(zip(names, values, strict=True))
