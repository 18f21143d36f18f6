"""
JSON from outside cannot crash a process, whatever recursion limit a library has set; files are
whole or absent.
"""

from __future__ import annotations

import sys
import tracemalloc
from pathlib import Path

import pytest

from algebra.errors import Unavailable
from algebra.files import MAX_JSON_DEPTH, parse_json, write_atomic


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_deep_nesting_is_refused_before_parsing(opening: str) -> None:
    """Regression: with py-evm's recursion limit the C scanner of `json` overflowed its stack."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(200_000)
    try:
        with pytest.raises(ValueError, match="nested deeper"):
            parse_json(opening * 100_000)
    finally:
        sys.setrecursionlimit(limit)
    assert parse_json("[" * MAX_JSON_DEPTH + "]" * MAX_JSON_DEPTH)
    with pytest.raises(ValueError, match="nested deeper"):
        parse_json("[" * (MAX_JSON_DEPTH + 1) + "]" * (MAX_JSON_DEPTH + 1))


def test_brackets_in_strings_do_not_nest() -> None:
    text = "[" * 100 + '\\"' + "{" * 100
    assert parse_json(f'{{"a": "{text}", "b": [1]}}') == {
        "a": "[" * 100 + '"' + "{" * 100,
        "b": [1],
    }


def test_long_strings_take_little_memory() -> None:
    """
    Regression: the scanner of brackets kept a way back for every character of a string, about 100
    bytes each.
    """
    text = '"' + "a\\n" * 300_000 + '"'
    tracemalloc.start()
    try:
        assert parse_json(text) == "a\n" * 300_000
        assert tracemalloc.get_traced_memory()[1] < 10 * len(text)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("content", [b"", b"\xff", b'{"a": 1, "a": 2}', b'{"a": "', b"[1,]"])
def test_what_is_not_json_is_a_value_error(content: bytes) -> None:
    with pytest.raises(ValueError):
        parse_json(content)


def test_parts_are_written_one_after_the_other(tmp_path: Path) -> None:
    write_atomic(tmp_path / "file", b"head", memoryview(b"body"), b"", b"end")
    assert (tmp_path / "file").read_bytes() == b"headbodyend"


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "file"
    write_atomic(path, b"old")
    blocked = path / "below"
    with pytest.raises(Unavailable) as error:
        write_atomic(blocked, b"new")
    assert error.value.code == "unavailable.not_a_folder"
    assert path.read_bytes() == b"old" and [p.name for p in path.parent.iterdir()] == ["file"]
