"""Typed reading of JSON files: what the file formats above the algebra share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from algebra.errors import Malformed
from algebra.files import parse_json, read_file, require_format
from algebra.written import written_signature
from policies.address import check_address

_HEX = re.compile(r"0x(?:[0-9a-f]{2})*", re.ASCII)


def read_json(path: Path, code: str) -> Any:
    """
    The JSON value of a file; Malformed (`code`) where it is none or has a name twice, and as
    `algebra.files.read_file`.
    """
    return json_of(read_file(path), path.name, code)


def json_of(content: bytes, name: str, code: str) -> Any:
    """The JSON value of the bytes of a file called `name`; Malformed (`code`)."""
    try:
        return parse_json(content)
    except ValueError as error:
        raise Malformed(code, f"{name}: not JSON: {error}") from error


class Reader:
    """Typed access to one JSON object; every complaint is Malformed with the place of the value."""

    def __init__(self, value: Any, place: str, code: str) -> None:
        self._code, self._place = code, place
        if not isinstance(value, dict):
            raise Malformed(code, f"{place}: not an object", part=place)
        self._object: dict[str, Any] = value

    @property
    def place(self) -> str:
        """Where the object stands, for errors."""
        return self._place

    def error(self, name: str, reason: str) -> Malformed:
        """A Malformed to raise, of the reader's code, with the place of `name` and the reason."""
        return Malformed(self._code, f"{self._place}.{name}: {reason}", part=name)

    def keys(self, *names: str) -> None:
        """Exactly these names."""
        for name in names:
            if name not in self._object:
                raise self.error(name, "missing")
        for name in self._object:
            if name not in names:
                raise self.error(str(name)[:40], "unknown name")

    def header(self, wanted: str, version: int) -> None:
        """Whether the object says that it is of this format and version: asked before all else."""
        require_format(self._object, wanted, self._code, self._place)
        if "version" not in self._object:
            raise self.error("version", "missing")
        self.constant("version", version)

    def value(self, name: str) -> Any:
        """The value as JSON gave it; `keys` has made sure that there is one."""
        return self._object[name]

    def boolean(self, name: str) -> bool:
        """true or false; a number stands for neither."""
        value = self.value(name)
        if not isinstance(value, bool):
            raise self.error(name, "neither true nor false")
        return value

    def constant(self, name: str, wanted: str | int) -> None:
        """Refuse all but `wanted`; true is not 1."""
        value = self.value(name)
        if type(value) is not type(wanted) or value != wanted:
            raise self.error(name, f"want {wanted!r}")

    def integer(self, name: str, least: int, greatest: int) -> int:
        """A whole number in least..greatest; neither 1.0 nor true is one."""
        value = self.value(name)
        if type(value) is not int or not least <= value <= greatest:
            raise self.error(name, f"not a whole number in {least}..{greatest}")
        return value

    def text(self, name: str, longest: int = 64) -> str:
        """At most `longest` printable characters, maybe none."""
        value = self.value(name)
        if not isinstance(value, str) or len(value) > longest or not value.isprintable():
            raise self.error(name, f"not a text of at most {longest} printable characters")
        return value

    def list(self, name: str, length: int | None = None) -> Sequence[Any]:
        """A list, of `length` items where given; the items are not looked at."""
        value = self.value(name)
        if not isinstance(value, list) or (length is not None and len(value) != length):
            raise self.error(name, "not a list" if length is None else f"not a list of {length}")
        return value

    def integers(self, name: str, length: int, least: int, greatest: int) -> tuple[int, ...]:
        """A list of `length` whole numbers in least..greatest; neither 1.0 nor true is one."""
        for index, value in enumerate(listed := self.list(name, length)):
            if type(value) is not int or not least <= value <= greatest:
                raise self.error(f"{name}[{index}]", f"not a whole number in {least}..{greatest}")
        return tuple(listed)

    def child(self, name: str) -> Reader:
        """The object of that name; what it complains of is said with the whole place."""
        return Reader(self.value(name), f"{self._place}.{name}", self._code)

    def children(self, name: str) -> tuple[Reader, ...]:
        """The objects of a list, read as this one is."""
        return tuple(
            type(self)(item, f"{self._place}.{name}[{index}]", self._code)
            for index, item in enumerate(self.list(name))
        )

    def addresses(self, name: str) -> tuple[str, ...]:
        """A list of lower-case addresses; Malformed (`malformed.address`)."""
        listed = self.list(name)
        if not all(isinstance(item, str) for item in listed):
            raise self.error(name, "not a list of addresses")
        return tuple(
            check_address(item, f"{self._place}.{name}[{index}]")
            for index, item in enumerate(listed)
        )

    def signatures(self, name: str) -> tuple[bytes, ...]:
        """A list of signatures, 65 bytes each; Malformed (`malformed.signature`)."""
        return tuple(
            written_signature(item, f"{self._place}.{name}[{index}]")
            for index, item in enumerate(self.list(name))
        )

    def hex_bytes(self, name: str, length: int | None = None) -> bytes:
        """Bytes spelt as `as_bytes` has it; `length` of them where given."""
        return self.as_bytes(name, self.value(name), length)

    def as_bytes(self, name: str, value: Any, length: int | None = None) -> bytes:
        """Lower-case hexadecimal with 0x; of `length` bytes where given."""
        if not isinstance(value, str) or _HEX.fullmatch(value) is None:
            raise self.error(name, "not lower-case hexadecimal with 0x")
        if length is not None and len(value) != 2 + 2 * length:
            raise self.error(name, f"not {length} bytes")
        return bytes.fromhex(value[2:])

    def word(self, name: str) -> int:
        """32 bytes."""
        return int.from_bytes(self.hex_bytes(name, 32))

    def words(self, name: str, length: int) -> tuple[int, ...]:
        """A list of words of 32 bytes."""
        return tuple(
            int.from_bytes(self.as_bytes(f"{name}[{i}]", item, 32))
            for i, item in enumerate(self.list(name, length))
        )
