"""
A consent to a grant, signed: what an account hands to whoever sends its claim, and a holder for a
move (docs/reference/formats.md).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from algebra.errors import Refused
from algebra.files import write_atomic
from algebra.hexadecimal import hex32
from attestor.by_hand import HandReader
from policies.credential_file import CredentialFile
from policies.files import read_json
from policies.grant_consent import NOBODY, GrantConsent
from policies.policy import Policy
from policies.signed_root import RootDomain
from policies.terms import AGREED, Terms

FORMAT, VERSION = "tierproof/grant-consent", 1
_CODE = "malformed.grant_consent"
MOST_SIGNATURE_BYTES = 4_096
"""Of a contract's signature (ERC-1271); a key's has 65."""


def consent_to(
    credential: CredentialFile,
    policy: Policy,
    *,
    deadline: int,
    holder: str = NOBODY,
    least_last_day: int | None = None,
) -> GrantConsent:
    """
    What the account of a credential agrees to, or the holder of its nullifier.

    Parameters
    ----------
    policy : of the credential
    deadline : last Unix second at which it counts
    holder : account that holds the nullifier now, lower case
    least_last_day : of the windows that it serves; the policy's by default
    """
    return GrantConsent(
        account=credential.account,
        holder=holder,
        series=policy.series.id,
        nullifier=credential.nullifier,
        terms=policy.tiers[credential.tier].terms,
        least_last_day=policy.last_day if least_last_day is None else least_last_day,
        deadline=deadline,
    )


@dataclass(frozen=True)
class SignedConsent:
    """
    Attributes
    ----------
    consent : what is agreed to
    domain : the registry that it is for
    signature : of the account or of the holder, a key's or a contract's; who signed is not in it
    """

    consent: GrantConsent
    domain: RootDomain
    signature: bytes

    def require_for(self, domain: RootDomain, account: str, nullifier: int, series: bytes) -> None:
        """
        Whether it speaks of this claim; whose signature it is, and the terms, the registry says.

        Raises
        ------
        Refused
            `refused.grant_consent`: what differs.
        """
        said = (self.domain, self.consent.account, self.consent.nullifier, self.consent.series)
        wanted = (domain, account.lower(), nullifier, series)
        names = ("registry", "account", "nullifier", "series")
        differing = [name for name, a, b in zip(names, said, wanted, strict=True) if a != b]
        if differing:
            raise Refused(
                "refused.grant_consent",
                f"consent: of another {', '.join(differing)} than the claim",
            )

    def write(self, path: Path) -> None:
        """Whole or not at all; Unavailable (`unavailable.file`)."""
        of = self.consent
        content = {
            "format": FORMAT,
            "version": VERSION,
            "domain": {"chain_id": self.domain.chain_id, "registry": self.domain.registry},
            "account": of.account,
            "holder": of.holder,
            "series": "0x" + of.series.hex(),
            "nullifier": hex32(of.nullifier),
            "terms": {name: getattr(of.terms, name) for name in AGREED},
            "least_last_day": of.least_last_day,
            "deadline": of.deadline,
            "signature": "0x" + self.signature.hex(),
        }
        write_atomic(path, json.dumps(content, indent=1).encode() + b"\n")

    @classmethod
    def load(cls, path: Path) -> SignedConsent:
        """
        Read such a file, form only.

        Raises
        ------
        Malformed
            `malformed.grant_consent`, `malformed.address`.
        Unavailable
            `unavailable.file`.
        """
        return cls.parse(read_json(path, _CODE))

    @classmethod
    def parse(cls, value: Any) -> SignedConsent:
        """From the JSON value of such a file; raises as `load`."""
        file = HandReader(value, "consent", _CODE)
        file.header(FORMAT, VERSION)
        file.keys("format", "version", "domain", "account", "holder", "series", "nullifier",
                  "terms", "least_last_day", "deadline", "signature")  # fmt: skip
        domain, terms = file.child("domain"), file.child("terms")
        domain.keys("chain_id", "registry")
        terms.keys(*AGREED)
        signature = file.hex_bytes("signature")
        if not 0 < len(signature) <= MOST_SIGNATURE_BYTES:
            raise file.error("signature", f"not 1 to {MOST_SIGNATURE_BYTES} bytes")
        return cls(
            GrantConsent(
                account=file.address("account"),
                holder=file.address("holder"),
                series=file.hex_bytes("series", 32),
                nullifier=file.word("nullifier"),
                terms=_terms(terms),
                least_last_day=file.integer("least_last_day", 0, (1 << 32) - 1),
                deadline=file.seconds("deadline"),
            ),
            RootDomain(domain.integer("chain_id", 1, (1 << 256) - 1), domain.address("registry")),
            signature,
        )


def _terms(file: HandReader) -> Terms:
    """The six numbers that are signed, each in the width of its type."""
    ranges: dict[str, tuple[int, int]] = {
        name: (-(1 << 23), (1 << 23) - 1) if name.endswith("_fee") else (0, (1 << 16) - 1)
        for name in AGREED
    }
    ranges["limit"] = (0, (1 << 32) - 1)
    numbers: dict[str, Any] = {name: file.integer(name, *ranges[name]) for name in AGREED}
    return Terms(**numbers, validity_days=0)
