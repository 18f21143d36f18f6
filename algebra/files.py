"""
Files and JSON from outside: strict in, whole or not at all out. Every package above uses these.
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
from algebra.errors import Malformed
from algebra.system import refused_by_system

MAX_FILE_BYTES = 1 << 28
"""256 MiB: a log of 2^20 records takes 46 MB."""
MAX_JSON_DEPTH = 32
"""
No format of ours nests deeper; a parser that recurses must never see more, whatever the recursion
limit is.
"""
_STRUCTURE = re.compile(
    r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL
)  # possessive: no memory for ways back
_NO_MARKS = bytes(set(range(256)) - set(b'"\\[]{}'))
_FORMAT = re.compile(r"tierproof[/-][a-z][a-z0-9/-]{0,39}")
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
    if not _surely_shallow(text):
        _require_shallow(text)
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


def _require_shallow(text: str) -> None:
    depth = 0
    for match in _STRUCTURE.finditer(text):
        mark = match.group()
        depth += (mark in "[{") - (mark in "]}") if len(mark) == 1 else 0
        if depth > MAX_JSON_DEPTH:
            raise ValueError(f"nested deeper than {MAX_JSON_DEPTH}")


def _surely_shallow(text: str) -> bool:
    """
    Whether brackets that close at once can be taken away, level by level, until none is left: long
    answers in a tenth of the time. False says nothing.

    Without a backslash every second quote ends a text, and taking away two that stand together
    changes for no bracket whether it stands in one. A turn may take away two levels, `{[]}`.
    """
    marks = text.encode("utf-8", "replace").translate(None, _NO_MARKS)
    if b"\\" in marks:
        return False
    marks = marks.replace(b'""', b"")
    for _ in range(MAX_JSON_DEPTH // 2):
        marks = marks.replace(b"[]", b"").replace(b"{}", b"")
        if not marks:
            return True
    return False


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


def read_file(
    path: Path, *, absent: str = "unavailable.file", limit: int = MAX_FILE_BYTES
) -> bytes:
    """
    The bytes of a file, whatever kind it is of, without reading more than `limit`.

    Parameters
    ----------
    absent : code where there is no such file

    Raises
    ------
    Unavailable
        `absent`, or what the system says (`algebra.system`).
    Malformed
        `malformed.file_size`: longer than `limit` bytes.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(limit + 1)
    except OSError as error:
        raise refused_by_system(error, path.name, absent=absent) from error
    if len(content) > limit:
        raise Malformed("malformed.file_size", f"{path.name}: larger than {limit:,} bytes")
    return content


def require_format(document: Any, wanted: str, code: str, place: str) -> None:
    """
    Whether a document says that it is of a format; Malformed (`code`) with what it is instead.

    Files that were swapped are the most common mistake of all, so this is asked before any name
    of the wanted format is missed.
    """
    found = document.get("format") if isinstance(document, dict) else None
    if found == wanted:
        return
    known = isinstance(found, str) and _FORMAT.fullmatch(found)
    is_a = f"this is {_spoken(str(found))}, " if known else ""
    raise Malformed(code, f"{place}: {is_a}{_spoken(wanted)} ({wanted}) is wanted", part="format")


def _spoken(form: str) -> str:
    """`a root file` for `tierproof/root`, `an attest job file` for `tierproof/attest-job`."""
    words = [word for word in re.split("[/-]", form) if not word.isdecimal()][1:]
    return f"a{'n' * words[0].startswith(tuple('aeiou'))} {' '.join(words)} file"


def make_folder(path: Path) -> None:
    """The folder and those above it, if absent; Unavailable as the system says."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refused_by_system(error, path.name, absent="unavailable.folder") from error


def write_atomic(path: Path, *parts: bytes | memoryview) -> None:
    """
    Write all parts beside `path`, flush, then rename: the file is the old one or the whole new one.
    Makes the folder if absent.

    Raises
    ------
    Unavailable
        What the system says (`algebra.system`); nothing was written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise refused_by_system(error, path.name, absent="unavailable.folder") from error
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.writelines(parts)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(name, path)
    except BaseException as error:
        Path(name).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise refused_by_system(error, path.name, absent="unavailable.folder") from error
        raise
