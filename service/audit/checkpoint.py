"""
Checkpoints of the log: its size and root in a signed note (C2SP's tlog-checkpoint), and what
witnesses signed of them (tlog-cosignature, with Ed25519).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from algebra.errors import Malformed, Rejected
from service.audit.merkle import HASH_BYTES
from service.audit.note import COSIGNATURE, Note, NoteKey, require_signature

MOST_ENTRIES = 1 << 62
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_TIME_BYTES = 8


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """
    What a log signs of itself.

    Attributes
    ----------
    origin : the log's name
    size : number of entries
    root : of the tree of so many, 32 bytes
    """

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode('ascii')}\n"

    @classmethod
    def of(cls, note: Note) -> Checkpoint:
        """
        The checkpoint of a note; who signed it is not asked. Malformed (`malformed.note`) unless
        its text is the three lines of one and nothing besides: further lines are allowed elsewhere,
        and none of ours has any.
        """
        lines = note.text.removesuffix("\n").split("\n")
        if len(lines) != 3 or not lines[0] or _SIZE.fullmatch(lines[1]) is None:
            raise Malformed("malformed.note", "checkpoint: not origin, size and root")
        try:
            out = cls(lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True))
        except ValueError:
            raise Malformed("malformed.note", "checkpoint: its root is not Base64") from None
        if len(out.root) != HASH_BYTES or out.text() != note.text or out.size >= MOST_ENTRIES:
            raise Malformed("malformed.note", "checkpoint: its root is not 32 bytes")
        return out

    @classmethod
    def signed_by(cls, note: Note, key: NoteKey) -> Checkpoint:
        """
        The checkpoint of a note that the log signed.

        Raises
        ------
        Malformed
            `malformed.note`.
        Rejected
            `rejected.note`: it is not signed by the key, or is of another log.
        """
        out = cls.of(note)
        note.require(key)
        if out.origin != key.name:
            raise Rejected(
                "rejected.note", f"checkpoint: of {out.origin[:80]!a}, not of {key.name}"
            )
        return out


@dataclass(frozen=True, slots=True)
class Witnesses:
    """
    Who must have seen a checkpoint before it counts as witnessed.

    Attributes
    ----------
    keys : of kind COSIGNATURE, none twice
    threshold : how many of them, 1 .. their number; any where there are none
    """

    keys: tuple[NoteKey, ...] = ()
    threshold: int = 1

    def check(self) -> None:
        """Malformed (`malformed.note_key`) for keys of no witness, or a threshold out of range."""
        if any(key.kind != COSIGNATURE for key in self.keys):
            raise Malformed("malformed.note_key", "witness: the key of a log, not of a witness")
        if len({key.key for key in self.keys}) != len(self.keys):
            raise Malformed("malformed.note_key", "witness: one key twice")
        if self.keys and not 1 <= self.threshold <= len(self.keys):
            raise Malformed("malformed.note_key", f"witness threshold: not in 1..{len(self.keys)}")

    def times(self, note: Note) -> dict[str, int]:
        """
        Which of them cosigned a note, with the second that each says; Rejected (`rejected.note`)
        where a cosignature under one of their names does not hold.
        """
        out = {}
        for key in self.keys:
            for each in note.of(key):
                out[key.name] = cosigned_at(note, key, each.signature)
        return out

    def enough(self, note: Note) -> bool:
        """Whether as many of them as it takes cosigned the note; raises as `times`."""
        return bool(self.keys) and len(self.times(note)) >= self.threshold


def cosigned_at(note: Note, key: NoteKey, signature: bytes) -> int:
    """
    The second at which a witness says that it saw the note; Rejected (`rejected.note`) where its
    cosignature does not hold.
    """
    time = int.from_bytes(signature[:_TIME_BYTES])
    message = f"cosignature/v1\ntime {time}\n{note.text}".encode()
    require_signature(key, message, signature[_TIME_BYTES:])
    return time


def cosigned(note: Note, answer: Note, witnesses: Sequence[NoteKey]) -> Note:
    """
    The note with the cosignatures that these witnesses put on `answer`, which has the same text.

    Raises
    ------
    Rejected
        `rejected.note`: another text, none of their cosignatures, or one that does not hold.
    """
    if answer.text != note.text:
        raise Rejected("rejected.note", "cosigned: of another checkpoint than the last one")
    fresh = [each for key in witnesses for each in answer.of(key)]
    if not fresh:
        raise Rejected("rejected.note", "cosigned: no witness that is named signed it")
    Witnesses(tuple(witnesses)).times(answer)
    return note.with_signatures(fresh)
