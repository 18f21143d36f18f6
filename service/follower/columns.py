"""How values of a chain stand in columns of plain SQL types."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import BigInteger, String, Text
from sqlalchemy.types import TypeDecorator


class Word(TypeDecorator[int]):
    """A number of up to 256 bits: 0x and 64 hexadecimal digits."""

    impl = String(66)
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Any) -> str | None:
        """To the column."""
        return None if value is None else f"0x{value:064x}"

    def process_result_value(self, value: Any, dialect: Any) -> int | None:
        """From the column."""
        return None if value is None else int(value, 16)


class Hexadecimal(TypeDecorator[bytes]):
    """Bytes: 0x and their digits."""

    impl: Any = Text
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Any) -> str | None:
        """To the column."""
        return None if value is None else "0x" + bytes(value).hex()

    def process_result_value(self, value: Any, dialect: Any) -> bytes | None:
        """From the column."""
        return None if value is None else bytes.fromhex(value[2:])


class Bytes32(Hexadecimal):
    """32 bytes."""

    impl = String(66)
    cache_ok = True


class Words(TypeDecorator[tuple[int, ...]]):
    """Numbers of up to 256 bits: a JSON list of 0x texts."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:
        """To the column."""
        return None if value is None else json.dumps([hex(each) for each in value])

    def process_result_value(self, value: Any, dialect: Any) -> tuple[int, ...] | None:
        """From the column."""
        return None if value is None else tuple(int(each, 16) for each in json.loads(value))


Address = String(42)
"""0x and 40 lower-case digits."""

Number = BigInteger
"""Up to 63 bits: seconds, days, serials, basis points."""
