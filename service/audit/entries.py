"""
What the log holds: typed entries of public words. No kind has a field for proofs, tokens, names of
people or anything that a key opens, and none takes a field that it does not list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from algebra.errors import Malformed
from algebra.files import parse_json

WORD, ADDRESS, NUMBER, CODE, CHAIN = "word", "address", "number", "code", "chain"
NAME = "name"
"""
Forms of a field: 32 bytes, 20 bytes, 0 .. 2^53 - 1, a code of ours, a chain id in decimal, the
public name of an API key.
"""
_FORMS = {
    WORD: re.compile(r"0x[0-9a-f]{64}"),
    ADDRESS: re.compile(r"0x[0-9a-f]{40}"),
    CODE: re.compile(r"[a-z]+(\.[A-Za-z0-9_]+)+"),
    CHAIN: re.compile(r"0|[1-9][0-9]{0,77}"),
    NAME: re.compile(r"[0-9a-f]{16}"),
}
NUMBER_LIMIT = 1 << 53
"""What every reader of JSON takes for a whole number is below it."""
_PLACE = {"chain_id": CHAIN, "registry": ADDRESS}
_CLAIM = {"policy_id": WORD, "tier": NUMBER, "root": WORD, "nullifier": WORD, "account": ADDRESS}

KINDS: dict[str, dict[str, str]] = {
    "policy": {"policy_id": WORD},
    "place": {"policy_id": WORD, **_PLACE},
    "key": {"key_digest": WORD, "size": NUMBER},
    "root": {"attestor_set": WORD, "root": WORD, "generation": NUMBER, **_PLACE},
    "root-revoked": {"attestor_set": WORD, "root": WORD},
    "generation-ended": {"attestor_set": WORD, "generation": NUMBER},
    "accepted": {**_CLAIM, **_PLACE, "scope": WORD, "key_digest": WORD},
    "rejected": {**_CLAIM, **_PLACE, "code": CODE},
    "api-key": {"key_id": NAME},
    "api-key-revoked": {"key_id": NAME},
}
"""
Kinds of entries, with the form of each field: what was registered or taken back; verdicts; API
keys.
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One thing that happened.

    Attributes
    ----------
    kind : of `KINDS`
    time : seconds since 1970, by the service's own clock
    fields : exactly those of the kind

    Raises
    ------
    Malformed
        `malformed.audit_entry`: another kind, another field, or a value of another form.
    """

    kind: str
    time: int
    fields: Mapping[str, str | int]

    def __post_init__(self) -> None:
        wanted = KINDS.get(self.kind) if isinstance(self.kind, str) else None
        if wanted is None:
            raise _malformed("kind", "none that there is")
        if not _is_number(self.time):
            raise _malformed("time", f"not a whole number below {NUMBER_LIMIT}")
        for name in (*wanted, *self.fields):
            if (name in wanted) != (name in self.fields):
                shown = ascii(name[:40])[1:-1]
                raise _malformed(shown, f"is no field of {self.kind}, or is missing")
        for name, form in wanted.items():
            if not _has_form(self.fields[name], form):
                raise _malformed(name, f"not of the form {form}")

    def encode(self) -> bytes:
        """
        The bytes of the leaf: one JSON object, ASCII, names in order, no spaces. One entry has one
        encoding.
        """
        value = {**self.fields, "kind": self.kind, "time": self.time}
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")

    @classmethod
    def parse(cls, data: bytes) -> Entry:
        """From `encode`'s bytes, and from no others; Malformed (`malformed.audit_entry`)."""
        try:
            value: Any = parse_json(data)
        except ValueError:
            raise _malformed("text", "not JSON") from None
        if not isinstance(value, dict) or not {"kind", "time"} <= value.keys():
            raise _malformed("text", "no object with kind and time")
        fields = {name: each for name, each in value.items() if name not in ("kind", "time")}
        out = cls(value["kind"], value["time"], fields)
        if out.encode() != data:
            raise _malformed("text", "not in its one form")
        return out


def _is_number(value: object) -> bool:
    return type(value) is int and 0 <= value < NUMBER_LIMIT


def _has_form(value: object, form: str) -> bool:
    if form == NUMBER:
        return _is_number(value)
    return isinstance(value, str) and _FORMS[form].fullmatch(value) is not None


def _malformed(part: str, reason: str) -> Malformed:
    return Malformed("malformed.audit_entry", f"entry.{part}: {reason}", part=part)
