"""`parse_json`'s short way to see that a text is shallow says nothing that its scan denies."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from algebra import files

PIECES = st.sampled_from(["[", "]", "{", "}", '"', "\\", "[]", "{}", '""', '"["', '"]"', ",", "a"])
TURNS = st.sampled_from(["[]", "{}"])


def nested(turns: list[str], inner: str = "") -> str:
    """Brackets about a text, the first outermost."""
    before, after = "".join(each[0] for each in turns), "".join(each[1] for each in turns[::-1])
    return before + inner + after


@given(st.lists(PIECES, max_size=60).map("".join), st.lists(TURNS, max_size=140))
@example("", ["{}", "[]"] * files.MAX_JSON_DEPTH)
@example("", ["[]"] * (files.MAX_JSON_DEPTH + 1))
def test_what_is_surely_shallow_passes_the_scan(inner: str, turns: list[str]) -> None:
    text = nested(turns, inner)
    if files._surely_shallow(text):
        files._require_shallow(text)


@pytest.mark.parametrize("turn", ['{"a":[', "[[", '{"a":{"a":'])
def test_one_level_too_deep_is_refused_whatever_the_brackets(turn: str) -> None:
    closing = {"[": "]", "{": "}"}
    ends = "".join(closing[mark] for mark in reversed(turn) if mark in closing)
    half = files.MAX_JSON_DEPTH // 2
    files.parse_json(turn * half + "1" + ends * half)
    with pytest.raises(ValueError, match="nested deeper"):
        files.parse_json("[" + turn * half + "1" + ends * half + "]")
