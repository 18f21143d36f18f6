"""
Signed notes: a text and signatures of it, as C2SP's signed-note has them and Go's sumdb/note.

A verifier key (`vkey`) is public and goes into settings; a signing key (`PRIVATE+KEY+...`) is what
the key file holds. A note counts by the keys that a verifier was given: signatures of others are
passed over, one of a known key that does not hold spoils the note.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from algebra import ed25519
from algebra.errors import Malformed, Rejected

ED25519, COSIGNATURE = 0x01, 0x04
"""Signature types: of a log, of a witness (with the time, `service.audit.checkpoint`)."""
MOST_BYTES, MOST_SIGNATURES = 1 << 20, 100
_ID_BYTES = 4
_MARK, _PRIVATE = "\u2014 ", "PRIVATE+KEY+"
_NAME = re.compile(r"[^\s+\x00-\x1f\x7f]{1,255}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class NoteKey:
    """
    The public key of who signs notes.

    Attributes
    ----------
    name : non-empty, without spaces and +; for a log its origin, by custom `example.com/log`
    kind : ED25519 or COSIGNATURE
    key : 32 bytes
    """

    name: str
    kind: int
    key: bytes

    @property
    def id(self) -> bytes:
        """4 bytes that name the key beside its name."""
        sequence = self.name.encode() + b"\n" + bytes([self.kind]) + self.key
        return hashlib.sha256(sequence).digest()[:_ID_BYTES]

    def __str__(self) -> str:
        """The `vkey`, which `parse` reads."""
        return f"{self.name}+{self.id.hex()}+{_written(bytes([self.kind]) + self.key)}"

    @classmethod
    def parse(cls, text: str, what: str) -> NoteKey:
        """
        From a `vkey`; `what` names it in the error. Malformed (`malformed.note_key`,
        `malformed.ed25519_key`).
        """
        name, identity, key = _parts(text, what)
        out = cls(name, key[0], key[1:])
        if out.kind not in (ED25519, COSIGNATURE):
            raise Malformed("malformed.note_key", f"{what}: its signatures are of another type")
        ed25519.check_public_key(out.key)
        if out.id.hex() != identity:
            raise Malformed("malformed.note_key", f"{what}: its id is not that of name and key")
        return out


@dataclass(frozen=True, slots=True)
class NoteSigner:
    """A key that signs notes as `ED25519`; its seed is secret."""

    name: str
    seed: bytes = field(repr=False)

    @property
    def public(self) -> NoteKey:
        """What verifies its notes."""
        return NoteKey(self.name, ED25519, ed25519.public_key(self.seed))

    def private_text(self) -> str:
        """The text of its key file, which `parse` reads. Secret."""
        key = _written(bytes([ED25519]) + self.seed)
        return f"{_PRIVATE}{self.name}+{self.public.id.hex()}+{key}"

    @classmethod
    def parse(cls, text: str, what: str) -> NoteSigner:
        """From the text of a key file; Malformed (`malformed.note_key`), without any of it."""
        if not text.startswith(_PRIVATE):
            raise Malformed("malformed.note_key", f"{what}: no signing key of notes")
        name, identity, key = _parts(text.removeprefix(_PRIVATE), what)
        out = cls(name, key[1:])
        if key[0] != ED25519 or out.public.id.hex() != identity:
            raise Malformed("malformed.note_key", f"{what}: its id is not that of name and key")
        return out

    def sign(self, text: str) -> Note:
        """The note of a text that ends in a newline."""
        signed = ed25519.sign(self.seed, text.encode())
        return Note(text, (Signature(self.name, self.public.id, signed),))


@dataclass(frozen=True, slots=True)
class Signature:
    """
    One signature line.

    Attributes
    ----------
    name, id : of the key, as `NoteKey` has them
    signature : what the key's kind makes of it
    """

    name: str
    id: bytes
    signature: bytes

    def of(self, key: NoteKey) -> bool:
        """Whether it says that this key made it."""
        return (self.name, self.id) == (key.name, key.id)

    def __str__(self) -> str:
        return f"{_MARK}{self.name} {_written(self.id + self.signature)}\n"

    @classmethod
    def parse(cls, line: str) -> Signature:
        """From a line without its newline; Malformed (`malformed.note`)."""
        name, _, written = line.removeprefix(_MARK).partition(" ")
        data = _read(written)
        known = line.startswith(_MARK) and _NAME.fullmatch(name)
        if not known or data is None or len(data) <= _ID_BYTES:
            raise Malformed("malformed.note", "note: a line below the text is no signature")
        return cls(name, data[:_ID_BYTES], data[_ID_BYTES:])


@dataclass(frozen=True, slots=True)
class Note:
    """A text, its last newline included, and what was signed of it."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(map(str, self.signatures))

    @classmethod
    def parse(cls, data: bytes) -> Note:
        """
        Read a note, form only.

        Raises
        ------
        Malformed
            `malformed.note`: over 1 MiB or 100 signatures, not UTF-8, control characters, or no
            text and signatures with an empty line between.
        """
        if len(data) > MOST_BYTES:
            raise Malformed("malformed.note", f"note: over {MOST_BYTES:,} bytes")
        try:
            whole = data.decode()
        except UnicodeDecodeError:
            raise Malformed("malformed.note", "note: not UTF-8") from None
        text, gap, below = whole.rpartition("\n\n")
        if not text or not gap or not below.endswith("\n") or _CONTROL.search(whole):
            raise Malformed("malformed.note", "note: no text with signatures below an empty line")
        lines = below.removesuffix("\n").split("\n")
        if len(lines) > MOST_SIGNATURES:
            raise Malformed("malformed.note", f"note: over {MOST_SIGNATURES} signatures")
        return cls(text + "\n", tuple(map(Signature.parse, lines)))

    def of(self, key: NoteKey) -> tuple[Signature, ...]:
        """The signatures that say that this key made them; whether they hold is another matter."""
        return tuple(each for each in self.signatures if each.of(key))

    def require(self, key: NoteKey) -> None:
        """
        Return if this key of kind ED25519 signed the text; Rejected (`rejected.note`): it did not,
        or a signature under its name does not hold.
        """
        signed = self.of(key)
        if not signed or key.kind != ED25519:
            raise Rejected("rejected.note", f"note: not signed by {key.name}")
        for each in signed:
            require_signature(key, self.text.encode(), each.signature)

    def with_signatures(self, more: Sequence[Signature]) -> Note:
        """The same with further signatures; those that it has are not taken twice."""
        fresh = tuple(each for each in dict.fromkeys(more) if each not in self.signatures)
        return Note(self.text, self.signatures + fresh)


def require_signature(key: NoteKey, message: bytes, signature: bytes) -> None:
    """Return if the signature is one by the key; Rejected (`rejected.note`)."""
    try:
        ed25519.verify(key.key, message, signature)
    except Rejected:
        raise Rejected(
            "rejected.note", f"note: the signature of {key.name} does not hold"
        ) from None


def _parts(text: str, what: str) -> tuple[str, str, bytes]:
    """Name, id and key (a byte of type first) of a key's text."""
    parts = text.strip().split("+", 2)
    key = _read(parts[2]) if len(parts) == 3 else None
    if key is None or len(key) != 1 + ed25519.KEY_BYTES or _NAME.fullmatch(parts[0]) is None:
        raise Malformed("malformed.note_key", f"{what}: not NAME+ID+KEY of Ed25519")
    return parts[0], parts[1], key


def check_name(name: str) -> None:
    """Malformed (`malformed.note_key`) for a name that no key can have."""
    if _NAME.fullmatch(name) is None:
        raise Malformed(
            "malformed.note_key", "name: 1 to 255 characters without spaces, +, and control marks"
        )


def _written(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _read(text: str) -> bytes | None:
    """The bytes of standard Base64 in its one spelling; None for anything else."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if _written(data) == text else None
