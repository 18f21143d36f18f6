"""
One member's signature of a draft, as it travels to whoever combines
(docs/reference/formats.md).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from algebra.files import write_atomic
from algebra.hexadecimal import hex32
from attestor.by_hand import HandReader
from policies.files import read_json

FORMAT, VERSION = "tierproof/cosignature", 1
_CODE = "malformed.cosignature"


@dataclass(frozen=True, slots=True)
class Cosignature:
    """
    Attributes
    ----------
    draft : digest of the draft whose root was signed
    signer : address, lower case
    signature : 65 bytes, of the root's EIP-712 message
    """

    draft: bytes
    signer: str
    signature: bytes

    def as_json(self) -> dict[str, Any]:
        """The object of the file, which `load` reads."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "draft": hex32(self.draft),
            "signer": self.signer,
            "signature": "0x" + self.signature.hex(),
        }

    def write(self, path: Path) -> None:
        """Whole or not at all; Unavailable (`unavailable.file`)."""
        write_atomic(path, json.dumps(self.as_json(), indent=1).encode() + b"\n")

    @classmethod
    def load(cls, path: Path) -> Cosignature:
        """
        Read such a file, form only; Malformed (`malformed.cosignature`, `malformed.address`,
        `malformed.signature`), Unavailable (`unavailable.file`).
        """
        file = HandReader(read_json(path, _CODE), "cosignature", _CODE)
        file.header(FORMAT, VERSION)
        file.keys("format", "version", "draft", "signer", "signature")
        return cls(file.hex_bytes("draft", 32), file.address("signer"), file.signature("signature"))
