"""
The document that a wallet signs to join an owner's tag (docs/explanation/attestation.md 3.1):
EIP-712 typed data, as wallet software takes it.
"""

from __future__ import annotations

import re
from pathlib import Path

from attestor.binding import Binding
from history.dates import DAY_LIMIT
from policies.files import Reader, read_json

_CODE = "malformed.binding_request"
_NUMBER = re.compile(r"0|[1-9]\d{0,77}", re.ASCII)


def load_request(path: Path) -> Binding:
    """
    Read such a document.

    Raises
    ------
    Malformed
        `malformed.binding_request`: another type or domain than a binding's, or a part of another
        form; `malformed.binding`, `malformed.address`.
    Unavailable
        `unavailable.file`.
    """
    file = Reader(read_json(path, _CODE), "binding request", _CODE)
    file.keys("types", "primaryType", "domain", "message")
    message = file.child("message")
    message.keys("wallet", "ownerTag", "venue", "consentKey", "attestorSet", "boundDay")
    binding = Binding(
        message.text("wallet").lower(),
        _number(message, "ownerTag"),
        _number(message, "venue"),
        message.text("consentKey").lower(),
        message.hex_bytes("attestorSet", 32),
        message.integer("boundDay", 0, DAY_LIMIT - 1),
    )
    wanted = binding.document()
    for name in ("types", "primaryType", "domain"):
        if file.value(name) != wanted[name]:
            raise file.error(name, "not the one of a Tierproof binding")
    return binding


def _number(message: Reader, name: str) -> int:
    text = message.text(name, 78)
    if _NUMBER.fullmatch(text) is None:
        raise message.error(name, "not a whole number in decimal")
    return int(text)
