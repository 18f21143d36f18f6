"""
The owner's consent to one binding, as `identity --bind` writes it for attestors alone
(docs/reference/formats.md).
"""

from __future__ import annotations

import json
from pathlib import Path

from algebra.files import write_atomic
from attestor.by_hand import HandReader
from attestor.consent import SEED_BYTES, Consent
from policies.files import read_json

FORMAT, VERSION = "tierproof/consent", 1
_CODE = "malformed.consent"


def write_consent(consent: Consent, path: Path) -> None:
    """Whole or not at all, readable by its owner alone; Unavailable (`unavailable.file`)."""
    content = {
        "format": FORMAT,
        "version": VERSION,
        "salt_seed": "0x" + consent.salt_seed.hex(),
        "signature": "0x" + consent.signature.hex(),
    }
    write_atomic(path, json.dumps(content, indent=1).encode() + b"\n")


def load_consent(path: Path) -> Consent:
    """
    Read such a file. Form only: which binding it is for is for `SignedBinding.verify` to say.

    Raises
    ------
    Malformed
        `malformed.consent`, `malformed.signature`.
    Unavailable
        `unavailable.file`.
    """
    file = HandReader(read_json(path, _CODE), "consent", _CODE)
    file.header(FORMAT, VERSION)
    file.keys("format", "version", "salt_seed", "signature")
    return Consent(file.hex_bytes("salt_seed", SEED_BYTES), file.signature("signature"))
