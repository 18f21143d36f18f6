"""
What a member's key signed: a file that only grows (docs/explanation/attestation.md 9.3).

    line 1       {"format": "tierproof/journal", "version": 1, "signer": ADDRESS}
    each other   an entry, with the keccak256 of the line before it

An entry is on the disk before its signature leaves, so a member that is stopped in between has
signed too much on paper and nothing twice. One root counts for a set, window and domain; another is
signed only once the first is revoked.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from algebra.errors import Malformed, Refused
from algebra.files import read_file
from algebra.hexadecimal import hex32
from algebra.keccak import keccak
from algebra.system import refused_by_system
from policies.address import check_address
from policies.files import Reader, json_of
from policies.signed_root import Root, RootDomain

FORMAT, VERSION = "tierproof/journal", 1
SIGNED, REVOKED = "signed", "revoked"
EVIDENCE_LENGTH = 200
_CODE = "malformed.journal"
_PLACE = ("attestor_set", "first_day", "last_day", "chain_id", "registry")


@dataclass(frozen=True, slots=True)
class Entry:
    """
    Attributes
    ----------
    did : `SIGNED` or `REVOKED`
    at : seconds since 1970, by the member's clock
    attestor_set, first_day, last_day, chain_id, registry : for what a root is the only one
    root, digest : of the tree, and of the message that was signed, 32 bytes each
    evidence : of a signature, the draft's digest; of a revocation, what shows it
    """

    did: str
    at: int
    attestor_set: bytes
    first_day: int
    last_day: int
    chain_id: int
    registry: str
    root: int
    digest: bytes
    evidence: str

    @classmethod
    def of(cls, did: str, at: int, root: Root, domain: RootDomain, evidence: str) -> Entry:
        """Of a root in a domain."""
        place = (root.attestor_set, root.first_day, root.last_day, domain.chain_id, domain.registry)
        return cls(did, at, *place, root.root, root.message(domain).digest, evidence)

    @property
    def place(self) -> tuple[object, ...]:
        """For what a root is the only one."""
        return tuple(getattr(self, name) for name in _PLACE)

    def as_json(self) -> dict[str, Any]:
        """The object of a line, without what joins it to the line before."""
        return {
            "did": self.did,
            "at": self.at,
            "attestor_set": hex32(self.attestor_set),
            "first_day": self.first_day,
            "last_day": self.last_day,
            "chain_id": self.chain_id,
            "registry": self.registry,
            "root": hex32(self.root),
            "digest": hex32(self.digest),
            "evidence": self.evidence,
        }


@dataclass(frozen=True, slots=True)
class Journal:
    """
    Attributes
    ----------
    path : of the file
    signer : whose signatures it keeps, an address in lower case
    entries : in the order of the file
    last : keccak256 of the last line
    """

    path: Path
    signer: str
    entries: tuple[Entry, ...]
    last: bytes

    # -- the rule ----------------------------------------------------------------------------------
    def standing(self, place: tuple[object, ...]) -> Entry | None:
        """The root that counts for a set, window and domain; None: none, or it is revoked."""
        found: Entry | None = None
        for entry in self.entries:
            if entry.place == place and entry.did == SIGNED:
                found = entry
            elif found is not None and entry.digest == found.digest:
                found = None
        return found

    def require_free(self, entry: Entry) -> bool:
        """
        Whether a signature is a new one; False: the same was given before, and may be again.

        Raises
        ------
        Refused
            `refused.journal.root`: another root counts for this set, window and domain;
            `refused.draft.changed`: the root was signed as that of another draft;
            `refused.journal.revoked`: this root was revoked.
        """
        if any(each.did == REVOKED and each.digest == entry.digest for each in self.entries):
            raise Refused("refused.journal.revoked", "cosign: this root was revoked")
        held = self.standing(entry.place)
        if held is None:
            return True
        if held.digest != entry.digest:
            raise Refused(
                "refused.journal.root",
                f"cosign: the root {hex32(held.root)} was signed for this attestor set, window and "
                "registry, and is not revoked",
            )
        if held.evidence != entry.evidence:
            raise Refused(
                "refused.draft.changed", "cosign: this root was signed as that of another draft"
            )
        return False

    def signed(self, digest: bytes) -> Entry:
        """The signature of a root's message; Refused (`refused.journal.unknown`)."""
        for entry in self.entries:
            if entry.did == SIGNED and entry.digest == digest:
                return entry
        raise Refused("refused.journal.unknown", "journal: it holds no signature of this root")

    # -- file --------------------------------------------------------------------------------------
    @classmethod
    def create(cls, path: Path, signer: str) -> Journal:
        """
        A new journal without entries; Refused (`refused.journal_exists`) where there is one,
        Unavailable as the system says.
        """
        line = _line({"format": FORMAT, "version": VERSION, "signer": signer})
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise Refused(
                "refused.journal_exists", f"{path.name}: there is one already; it is never replaced"
            ) from None
        except OSError as error:
            raise refused_by_system(error, path.name, absent="unavailable.folder") from error
        _write(handle, line, path)
        _sync_folder(path)
        return cls(path, signer, (), keccak(line))

    def append(self, entry: Entry) -> Journal:
        """
        The journal with one entry more, which is on the disk when this returns. The caller holds
        the file's claim. Unavailable as the system says.
        """
        line = _line({"after": hex32(self.last), **entry.as_json()})
        try:
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND)
        except OSError as error:
            raise refused_by_system(error, self.path.name) from error
        _write(handle, line, self.path)
        return Journal(self.path, self.signer, (*self.entries, entry), keccak(line))

    @classmethod
    def load(cls, path: Path) -> Journal:
        """
        Read a journal.

        Raises
        ------
        Malformed
            `malformed.journal`: a line of another form, a cut last line, or lines taken out,
            changed or put in another order.
        Unavailable
            `unavailable.journal` where there is none; as the system says.
        """
        content = read_file(path, absent="unavailable.journal")
        if not content.endswith(b"\n"):
            raise Malformed(
                _CODE,
                f"{path.name}: its last line is cut: it was being written when the machine "
                "stopped, and its signature has not left; delete that line",
            )
        first, *rest = content.splitlines(keepends=True)
        head = _reader(first, 1, path)
        head.header(FORMAT, VERSION)
        head.keys("format", "version", "signer")
        check_address(head.text("signer"), f"{path.name}: signer")
        entries, last = [], keccak(first)
        for number, line in enumerate(rest, 2):
            entry, after = _entry(line, number, path)
            if after != last:
                raise Malformed(
                    _CODE, f"{path.name}: line {number} does not follow the line before it"
                )
            entries.append(entry)
            last = keccak(line)
        return cls(path, head.text("signer"), tuple(entries), last)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode() + b"\n"


def _write(handle: int, line: bytes, path: Path) -> None:
    """All of it, and to the disk."""
    try:
        with os.fdopen(handle, "wb", buffering=0) as stream:
            if stream.write(line) != len(line):
                raise OSError("written in part")
            os.fsync(stream.fileno())
    except OSError as error:
        raise refused_by_system(error, path.name) from error


def _sync_folder(path: Path) -> None:
    """The name too is on the disk, where folders can be opened."""
    if os.name != "posix":
        return
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _reader(line: bytes, number: int, path: Path) -> Reader:
    place = f"{path.name}: line {number}"
    return Reader(json_of(line, place, _CODE), place, _CODE)


def _entry(line: bytes, number: int, path: Path) -> tuple[Entry, bytes]:
    part = _reader(line, number, path)
    part.keys("after", "did", "at", *_PLACE, "root", "digest", "evidence")
    did = part.text("did")
    if did not in (SIGNED, REVOKED):
        raise part.error("did", f"neither {SIGNED} nor {REVOKED}")
    check_address(part.text("registry"), f"{path.name}: line {number}: registry")
    entry = Entry(
        did,
        part.integer("at", 0, (1 << 64) - 1),
        part.hex_bytes("attestor_set", 32),
        part.integer("first_day", 0, (1 << 24) - 1),
        part.integer("last_day", 0, (1 << 24) - 1),
        part.integer("chain_id", 1, (1 << 256) - 1),
        part.text("registry"),
        part.word("root"),
        part.hex_bytes("digest", 32),
        part.text("evidence", EVIDENCE_LENGTH),
    )
    return entry, part.hex_bytes("after", 32)
