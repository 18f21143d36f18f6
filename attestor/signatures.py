"""
EIP-712 signatures of plain keys: wallets sign bindings, attestors sign roots
(docs/explanation/attestation.md 3).

One signature has one form: 65 bytes r, s, v, s in the lower half, v 27 or 28. Contract wallets
(EIP-1271) are not supported in version 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from algebra.errors import Malformed, Rejected
from attestor.secp256k1 import N as SECP256K1_ORDER
from attestor.secp256k1 import address_of, recover_key
from policies.typed_data import TypedMessage

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount
    from eth_typing import Hash32

SIGNATURE_BYTES = 65


def sign(account: LocalAccount, message: TypedMessage) -> bytes:
    """Sign with a key held in this process; eth_account signs deterministically and with low s."""
    return bytes(account.unsafe_sign_hash(cast("Hash32", message.digest)).signature)


def one_form(digest: bytes, r: int, s: int, address: str) -> bytes:
    """The 65 bytes of a signature that the key of `address` made over `digest`."""
    low = min(s, SECP256K1_ORDER - s)
    key = recover_key(digest, r, low, odd=True)
    odd = key is not None and address_of(key) == address
    return r.to_bytes(32) + low.to_bytes(32) + bytes([27 + odd])


def recover(message: TypedMessage, signature: bytes, what: str) -> str:
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
    key = recover_key(message.digest, r, s, odd=v == 28)
    if key is None:
        raise Rejected("rejected.signature", f"{what}: recovers to no key", part=what)
    return address_of(key)
