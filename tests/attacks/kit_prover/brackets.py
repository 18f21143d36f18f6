"""Conditions and lists in a source, split where no bracket is open."""

from __future__ import annotations

from collections.abc import Iterator


def parts(condition: str, operator: str) -> Iterator[tuple[int, str]]:
    """
    Offset and text of the operands of a condition, or of the items of a list, at its top level.
    """
    depth, start = 0, 0
    for i, char in enumerate(condition):
        depth += (char in "([") - (char in ")]")
        if depth == 0 and condition.startswith(operator, i):
            yield start, condition[start:i]
            start = i + len(operator)
    yield start, condition[start:]


def closing(text: str, opening: int) -> int:
    """Index of the bracket that closes the one at `opening`."""
    depth = 0
    for i in range(opening, len(text)):
        depth += (text[i] in "([") - (text[i] in ")]")
        if depth == 0:
            return i
    raise ValueError("brackets do not match")
