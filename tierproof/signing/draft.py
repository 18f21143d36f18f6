"""
The draft of a signing round: all that a member recomputes before it signs, and nothing that its
machine, its clock or its keys could change (docs/explanation/attestation.md 9.1).

It is private to the quorum: it names the owners of a window.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from algebra.errors import Refused
from algebra.files import read_file, write_atomic
from algebra.hexadecimal import fixed_hex, hex32
from algebra.keccak import keccak
from attestor.attestation import Attestation
from policies.address import check_address
from policies.files import Reader, json_of
from tierproof.documents import RootFile

FORMAT, VERSION = "tierproof/draft", 1
DRAFT_FILE = "draft.json"
NO_CONSENT = bytes(32)
"""Stands for the consents of a member who holds none of an owner."""
_CODE = "malformed.draft"
_OWNER = ("owner_tag", "consent_key", "consents")

OwnerKey = tuple[int, str]
"""Owner tag and consent key: who an owner is at a venue."""


@dataclass(frozen=True, slots=True)
class DraftOwner:
    """
    An owner who has a leaf.

    Attributes
    ----------
    tag, consent_key : who he is
    consents : digest of the consents by which he stands (`BindingRegistry.consents_digest`)
    leaf : digest of his leaf
    """

    tag: int
    consent_key: str
    consents: bytes
    leaf: int

    @property
    def key(self) -> OwnerKey:
        """Who he is."""
        return self.tag, self.consent_key


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An owner without a leaf: `consents` are the digests that members hold, ascending."""

    tag: int
    consent_key: str
    consents: tuple[bytes, ...]

    @property
    def key(self) -> OwnerKey:
        """Who he is."""
        return self.tag, self.consent_key


@dataclass(frozen=True, slots=True)
class Draft:
    """
    Attributes
    ----------
    root : without signatures
    size, srs_id : class n and setup of all commitments
    owners : in the order of the leaves
    left_out : ascending
    """

    root: RootFile
    size: int
    srs_id: int
    owners: tuple[DraftOwner, ...]
    left_out: tuple[LeftOut, ...] = ()

    @classmethod
    def of(
        cls,
        made: Sequence[Attestation],
        consents: Mapping[OwnerKey, bytes],
        left_out: Sequence[LeftOut] = (),
    ) -> Draft:
        """From what `attestor.attest.draft` made, and each owner's digest of consents."""
        ordered = sorted(made, key=lambda each: each.index)
        owners = (
            DraftOwner(
                each.leaf.owner_tag,
                each.consent_key,
                consents[each.leaf.owner_tag, each.consent_key],
                each.leaf.digest(),
            )
            for each in ordered
        )
        first = ordered[0]
        return cls(
            RootFile.of(first), first.size, first.leaf.srs_id, tuple(owners), tuple(left_out)
        )

    @property
    def digest(self) -> bytes:
        """keccak256 of the file: by this a signature says which draft it is of."""
        return keccak(self.data)

    @property
    def data(self) -> bytes:
        """The bytes of the file, the only ones that this draft has."""
        return json.dumps(self.as_json(), indent=1).encode() + b"\n"

    # -- file --------------------------------------------------------------------------------------
    def as_json(self) -> dict[str, Any]:
        """The object of the file, which `load` reads."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "root": self.root.as_json(),
            "size": self.size,
            "srs_id": fixed_hex(self.srs_id, 25),
            "owners": [
                {**_named(each), "consents": hex32(each.consents), "leaf": hex32(each.leaf)}
                for each in self.owners
            ],
            "left_out": [
                {**_named(each), "consents": [hex32(digest) for digest in each.consents]}
                for each in self.left_out
            ],
        }

    def write(self, path: Path) -> None:
        """Whole or not at all; Unavailable (`unavailable.file`)."""
        write_atomic(path, self.data)

    @classmethod
    def load(cls, path: Path) -> Draft:
        """
        Read a draft, or the one of a folder. Form only: `cosign` says whether it holds.

        Raises
        ------
        Malformed
            `malformed.draft`; `malformed.root`, `malformed.address`.
        Refused
            `refused.draft.changed`: other bytes than its own, so somebody has edited it.
        Unavailable
            `unavailable.file`.
        """
        file_path = path / DRAFT_FILE if path.is_dir() else path
        content = read_file(file_path)
        file = Reader(json_of(content, file_path.name, _CODE), "draft", _CODE)
        file.header(FORMAT, VERSION)
        file.keys("format", "version", "root", "size", "srs_id", "owners", "left_out")
        draft = cls(
            RootFile.parse(file.child("root")),
            file.integer("size", 2, 1 << 28),
            int.from_bytes(file.hex_bytes("srs_id", 25)),
            tuple(_owner(item, i) for i, item in enumerate(file.list("owners"))),
            tuple(_left_out(item, i) for i, item in enumerate(file.list("left_out"))),
        )
        draft._check(file)
        if draft.data != content:
            raise Refused(
                "refused.draft.changed",
                f"{file_path.name}: it is not as `tierproof draft` wrote it; take the file as it "
                "came",
            )
        return draft

    def _check(self, file: Reader) -> None:
        if self.root.signatures:
            raise file.error("root", "a draft has no signatures")
        if not self.owners:
            raise file.error("owners", "none")
        left = [each.key for each in self.left_out]
        keys = [*(each.key for each in self.owners), *left]
        if len(set(keys)) != len(keys):
            raise file.error("owners", "one stands twice")
        if left != sorted(left):
            raise file.error("left_out", "not ascending")
        for each in self.left_out:
            if len(each.consents) < 2 or any(b <= a for a, b in pairwise(each.consents)):
                raise file.error("left_out", "not several digests of consents, ascending")


def _named(each: DraftOwner | LeftOut) -> dict[str, Any]:
    return {"owner_tag": hex32(each.tag), "consent_key": each.consent_key}


def _owner(item: Any, index: int) -> DraftOwner:
    part = Reader(item, f"draft.owners[{index}]", _CODE)
    part.keys(*_OWNER, "leaf")
    return DraftOwner(*_key(part, index), part.hex_bytes("consents", 32), part.word("leaf"))


def _left_out(item: Any, index: int) -> LeftOut:
    part = Reader(item, f"draft.left_out[{index}]", _CODE)
    part.keys(*_OWNER)
    digests = part.list("consents")
    read = (part.as_bytes(f"consents[{i}]", each, 32) for i, each in enumerate(digests))
    return LeftOut(*_key(part, index), tuple(read))


def _key(part: Reader, index: int) -> OwnerKey:
    consent_key = part.text("consent_key")
    check_address(consent_key, f"draft: consent key of owner {index}")
    return part.word("owner_tag"), consent_key
