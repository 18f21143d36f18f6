"""
Files and JSON from outside: strict in, whole or not at all out. Every package above uses these two.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from algebra.containers import JSON, container
from algebra.errors import Unavailable

MAX_JSON_DEPTH = 32
"""
No format of ours nests deeper; a parser that recurses must never see more, whatever the recursion
limit is.
"""
_STRUCTURE = re.compile(
    r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL
)  # possessive: no memory for ways back
_SURROGATE = re.compile(r"\\u[dD]")


def _whole(text: str) -> int:
    raise ValueError(f"{text[:32]} is no whole number")  # no format of ours has others


def parse_json(
    content: bytes | str,
    *,
    parse_int: Callable[[str], Any] | None = None,
    parse_float: Callable[[str], Any] = _whole,
) -> Any:
    """
    A JSON value.

    Parameters
    ----------
    parse_int, parse_float : as `json.loads`; `parse_float` also gets NaN and the infinities, and by
        default refuses.

    Raises
    ------
    ValueError
        Not UTF-8 (with or without its byte order mark), not JSON, half a surrogate pair in a text,
        a name twice in an object, or nested deeper than `MAX_JSON_DEPTH`; and what the parsers
        raise.
    """
    text = _text(content) if isinstance(content, bytes) else content
    depth = 0
    for match in _STRUCTURE.finditer(text):
        mark = match.group()
        depth += (mark in "[{") - (mark in "]}") if len(mark) == 1 else 0
        if depth > MAX_JSON_DEPTH:
            raise ValueError(f"nested deeper than {MAX_JSON_DEPTH}")
    value = json.loads(
        text,
        object_pairs_hook=_once,
        parse_int=parse_int,
        parse_float=parse_float,
        parse_constant=parse_float,
    )
    if _SURROGATE.search(text):
        json.dumps(
            value, ensure_ascii=False
        ).encode()  # half a pair has no encoding: it could not be shown or logged
    return value


def _text(content: bytes) -> str:
    """UTF-8; its byte order mark, which some editors write, is left out."""
    found = container(content)
    if found is not None and found != JSON:
        raise ValueError(f"it is {found}")
    return content.decode("utf-8-sig")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        raise ValueError("a name stands twice in an object")
    return out


def write_atomic(path: Path, *parts: bytes | memoryview) -> None:
    """
    Write all parts beside `path`, flush, then rename: the file is the old one or the whole new one.
    Makes the folder if absent.

    Raises
    ------
    Unavailable
        `unavailable.file`: nothing was written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise Unavailable(
            "unavailable.file", f"{path.name}: cannot be written: {error.strerror}"
        ) from error
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.writelines(parts)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(name, path)
    except BaseException as error:
        Path(name).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise Unavailable(
                "unavailable.file", f"{path.name}: cannot be written: {error.strerror}"
            ) from error
        raise
