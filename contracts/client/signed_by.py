"""Signatures with their signers, as the registry takes them."""

from __future__ import annotations

from collections.abc import Sequence

from algebra.errors import Malformed
from algebra.extras import libraries
from policies.typed_data import TypedMessage

with libraries("chain"):
    from eth_account import Account
    from eth_account.messages import SignableMessage

SignedBy = tuple[str, bytes]
"""A member's address and its 65 bytes r, s, v."""
_LENGTH = 65


def signed_by(message: TypedMessage, signatures: Sequence[bytes]) -> list[SignedBy]:
    """
    Each signature of a message with the address whose key made it, in the order given.

    Raises
    ------
    Malformed
        `malformed.signature`: not 65 bytes, or of no key.
    """
    return [(_signer(message, signature), signature) for signature in signatures]


def _signer(message: TypedMessage, signature: bytes) -> str:
    try:
        if len(signature) != _LENGTH:
            raise ValueError("length")
        return str(Account.recover_message(SignableMessage(*message), signature=signature))
    except Exception:  # the library has several of its own
        raise Malformed(
            "malformed.signature", "a signature is not 65 bytes of a key", part="signature"
        ) from None
