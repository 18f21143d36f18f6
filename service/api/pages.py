"""
Lists by cursor. A cursor is the key of the last row that was given, so rows that come between two
pages move none: one that is there all the time is on exactly one page.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Query
from pydantic import Field
from sqlalchemy import literal, select, tuple_
from sqlalchemy.orm import Session

from algebra.errors import Malformed
from algebra.files import parse_json

MOST, USUAL = 100, 50
LONGEST = 400
"""Characters of a cursor."""
_TEXT = re.compile(r"0x[0-9a-f]{1,64}|[0-9]{1,78}", re.ASCII)
_NUMBER_LIMIT = 1 << 53

Row = TypeVar("Row")
Key = Sequence[int | str]
Next = Annotated[
    str | None, Field(description="cursor of the page after this; none after the last")
]


@dataclass(frozen=True, slots=True)
class Page:
    """How many rows are asked for, and after which."""

    limit: int
    cursor: str | None


def asked(
    limit: Annotated[int, Query(ge=1, le=MOST, description="rows at most")] = USUAL,
    cursor: Annotated[
        str | None, Query(max_length=LONGEST, description="`next` of the page before")
    ] = None,
) -> Page:
    """The part of a request that asks for a page."""
    return Page(limit, cursor)


Asked = Annotated[Page, Depends(asked)]


def page_of(
    session: Session, row: type[Row], key: Sequence[Any], asked: Page
) -> tuple[list[Row], str | None]:
    """
    The rows of a table that were asked for, and the cursor of the page after them.

    Parameters
    ----------
    key : columns that order the rows and tell them apart: numbers, also as text, or hexadecimal

    Raises
    ------
    Malformed
        `malformed.cursor`: none that a list of these rows gave.
    """
    name = str(row.__tablename__)  # type: ignore[attr-defined]
    query = select(row).order_by(*key).limit(asked.limit + 1)
    if asked.cursor is not None:
        after = _read(asked.cursor, name, key)
        query = query.where(tuple_(*key) > tuple_(*(literal(value) for value in after)))
    rows = list(session.scalars(query))
    if len(rows) <= asked.limit:
        return rows, None
    last = rows[asked.limit - 1]
    return rows[: asked.limit], _written(name, [getattr(last, column.key) for column in key])


def _written(name: str, values: Key) -> str:
    text = json.dumps([name, *values], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode("ascii")).decode("ascii").rstrip("=")


def _read(cursor: str, name: str, key: Sequence[Any]) -> Key:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        value = parse_json(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        raise _malformed() from None
    if not isinstance(value, list) or len(value) != 1 + len(key) or value[0] != name:
        raise _malformed()
    for column, part in zip(key, value[1:], strict=True):
        if not _is_of(column.type.python_type, part):
            raise _malformed()
    return value[1:]


def _is_of(kind: type, part: object) -> bool:
    if kind is int:
        return type(part) is int and 0 <= part < _NUMBER_LIMIT
    return isinstance(part, str) and _TEXT.fullmatch(part) is not None


def _malformed() -> Malformed:
    return Malformed("malformed.cursor", "cursor: not one that this list gave", part="cursor")
