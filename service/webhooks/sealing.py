"""
Secrets of addresses at rest: sealed by AES-256-GCM under a key that is in a file of its own, so
that who reads the database alone can sign nothing.
"""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path

from algebra.errors import Malformed, Refused
from algebra.extras import libraries
from algebra.files import write_atomic
from algebra.private_file import read_private
from service.webhooks.signature import Secret

with libraries("service"):
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES, NONCE_BYTES = 32, 12
_FIRST = "tierproof-webhooks-key-1 "


class Sealer:
    """
    Seals and opens secrets; each is bound to its address, so that rows cannot be swapped.

    Parameters
    ----------
    key : 32 bytes
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise Malformed("malformed.webhook_key", "webhook key: not 32 bytes")
        self._cipher = AESGCM(key)

    def seal(self, secret: Secret, endpoint_id: str) -> str:
        """Base64 of a fresh nonce and the sealed bytes."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, secret.key, endpoint_id.encode("ascii"))
        return base64.b64encode(nonce + sealed).decode("ascii")

    def open(self, text: str, endpoint_id: str) -> Secret:
        """
        What `seal` sealed for the address; Refused (`refused.webhook_key`) for another key, another
        address, or bytes that were changed.
        """
        try:
            data = base64.b64decode(text, validate=True)
            nonce, sealed = data[:NONCE_BYTES], data[NONCE_BYTES:]
            return Secret(self._cipher.decrypt(nonce, sealed, endpoint_id.encode("ascii")))
        except (InvalidTag, ValueError, Malformed):
            raise Refused(
                "refused.webhook_key",
                f"webhook {endpoint_id}: its secret was not sealed with this key",
            ) from None


def create_key(path: Path) -> None:
    """A new key in a file that its owner alone reads; `refused.webhook_key_file` if one stands."""
    if path.exists():
        raise Refused("refused.webhook_key_file", f"{path.name}: there is a file; none is replaced")
    key = base64.b64encode(os.urandom(KEY_BYTES)).decode("ascii")
    write_atomic(path, f"{_FIRST}{key}\n".encode())


def read_key(path: Path) -> Sealer:
    """
    The sealer of a key file.

    Raises
    ------
    Malformed
        `malformed.webhook_key`: no such key.
    Refused, Unavailable
        As `algebra.private_file.read_private`: others can read the file, or it is not there.
    """
    text = read_private(path).strip()
    try:
        key = base64.b64decode(text.removeprefix(_FIRST), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not text.startswith(_FIRST):
        raise Malformed("malformed.webhook_key", f"{path.name}: no key of webhooks")
    return Sealer(key)
