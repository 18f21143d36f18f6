"""
Ed25519 signatures (RFC 8032), for notes that other programs read: checkpoints of the audit log and
what witnesses say of them.

By pycryptodome, which is here for Keccak. It takes signatures in one spelling; keys under which
anything verifies it takes too, so they are asked for here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from algebra.errors import Malformed, Rejected

if TYPE_CHECKING:
    from Crypto.PublicKey.ECC import EccKey

SEED_BYTES, KEY_BYTES = 32, 32
_COFACTOR = 8


def public_key(seed: bytes) -> bytes:
    """The 32 bytes of the public key of a seed of 32; Malformed (`malformed.ed25519_key`)."""
    key: bytes = _private(seed).public_key().export_key(format="raw")
    return key


def sign(seed: bytes, message: bytes) -> bytes:
    """The 64 bytes of the signature, always the same; Malformed (`malformed.ed25519_key`)."""
    from Crypto.Signature import eddsa

    return eddsa.new(_private(seed), "rfc8032").sign(message)


def check_public_key(key: bytes) -> None:
    """
    Malformed (`malformed.ed25519_key`) unless these are 32 bytes of a point that is on the curve
    and not of small order: under one that is, signatures of anything can be made.
    """
    _public(key)


def verify(key: bytes, message: bytes, signature: bytes) -> None:
    """
    Return if `signature` is one of `message` under the public key.

    Raises
    ------
    Malformed
        `malformed.ed25519_key`.
    Rejected
        `rejected.ed25519`: it is none, or has another length or a number over the order.
    """
    from Crypto.Signature import eddsa

    point = _public(key)
    try:
        eddsa.new(point, "rfc8032").verify(message, signature)
    except ValueError:
        raise Rejected("rejected.ed25519", "signature: it does not hold under this key") from None


def _private(seed: bytes) -> EccKey:
    from Crypto.Signature import eddsa

    if len(seed) != SEED_BYTES:
        raise Malformed("malformed.ed25519_key", f"key: not {SEED_BYTES} bytes")
    return eddsa.import_private_key(seed)


def _public(key: bytes) -> EccKey:
    from Crypto.Signature import eddsa

    try:
        point = eddsa.import_public_key(key)
    except ValueError:
        raise Malformed("malformed.ed25519_key", "key: no point of the curve") from None
    if len(key) != KEY_BYTES or (point.pointQ * _COFACTOR).is_point_at_infinity():
        raise Malformed("malformed.ed25519_key", "key: no key of Ed25519, or one of small order")
    return point
