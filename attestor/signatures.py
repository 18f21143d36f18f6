"""
EIP-712 signatures of plain keys: wallets sign bindings, attestors sign roots
(docs/explanation/attestation.md 3).

One signature has one form: 65 bytes r, s, v, s in the lower half, v 27 or 28. Contract wallets
(EIP-1271) are not supported in version 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eth_account import Account
from eth_account.messages import SignableMessage, encode_typed_data
from eth_account.signers.local import LocalAccount

from algebra.errors import Malformed, Rejected

SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""Order of the signature curve (SEC 2)."""
SIGNATURE_BYTES = 65

Types = Mapping[str, Sequence[Mapping[str, str]]]


def typed_message(
    domain: Mapping[str, Any], types: Types, message: Mapping[str, Any]
) -> SignableMessage:
    """The EIP-712 message of one structure."""
    return encode_typed_data(
        dict(domain), {k: [dict(f) for f in v] for k, v in types.items()}, dict(message)
    )


def sign(account: LocalAccount, message: SignableMessage) -> bytes:
    """Sign with a key held in this process; eth_account signs deterministically and with low s."""
    return bytes(account.sign_message(message).signature)


def recover(message: SignableMessage, signature: bytes, what: str) -> str:
    """
    Lower-case address of who signed.

    Raises
    ------
    Malformed
        `malformed.signature`: length, r or s out of range, s in the upper half, v.
    Rejected
        `rejected.signature`: recovers to no key.
    """
    if len(signature) != SIGNATURE_BYTES:
        raise Malformed(
            "malformed.signature", f"{what}: {len(signature)} bytes, 65 wanted", part=what
        )
    r, s, v = int.from_bytes(signature[:32]), int.from_bytes(signature[32:64]), signature[64]
    if not 0 < r < SECP256K1_ORDER or not 0 < s <= SECP256K1_ORDER // 2 or v not in (27, 28):
        raise Malformed(
            "malformed.signature", f"{what}: not canonical (r, low s, v 27 or 28)", part=what
        )
    try:
        return str(Account.recover_message(message, signature=signature)).lower()
    except (
        Exception
    ) as error:  # the library raises its own and plain errors for points that do not exist
        raise Rejected("rejected.signature", f"{what}: recovers to no key", part=what) from error
