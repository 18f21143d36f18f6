"""
What is wrong with the files of a run, gathered and said at once: the first twenty, and how many
more.

Whoever gathers goes on reading, so he calls `settle` before anything is made of what was read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

from algebra.errors import Malformed, Refused, Rejected, TierproofError

LISTED = 20
"""Complaints that are told in full; the others are counted."""

HEADER = 1
"""The line of a file that names its columns."""

T = TypeVar("T")


class Complaints:
    """Complaints in the order in which they were found."""

    def __init__(self) -> None:
        self._first: TierproofError | None = None
        self._listed: list[dict[str, Any]] = []
        self._more = 0
        self._read: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._last: tuple[Any, Any] | None = None

    def __len__(self) -> int:
        return len(self._listed) + self._more

    def add(self, error: TierproofError) -> None:
        """Keep a complaint; one that `settle` made of several is taken apart again."""
        self._first = self._first or error
        single = {"code": error.code, "message": error.message, **error.fields}
        parts: list[dict[str, Any]] = error.fields.get("errors", [single])  # type: ignore[assignment]
        room = LISTED - len(self._listed)
        self._listed += parts[:room]
        self._more += len(parts[room:]) + int(str(error.fields.get("more", 0)))
        counted: list[dict[str, Any]] = error.fields.get("lines", [])  # type: ignore[assignment]
        for each in counted:
            self._read[each["file"]] += each["read"]
            self._refused[each["file"]] += each["refused"]
        if not counted:
            self._count_refused(parts)

    def count_read(self, file: str, lines: int) -> None:
        """
        So many lines of `file` were read after its header, refused ones among them. A complaint
        whose field `lines` counts already, by file, is counted by that.
        """
        self._read[file] += lines

    def _count_refused(self, parts: list[dict[str, Any]]) -> None:
        """A line counts once, however much is wrong with it; a header is none."""
        for part in parts:
            place = (part.get("file"), part.get("line"))
            if None not in place and place[1] != HEADER and place != self._last:
                self._refused[str(place[0])] += 1
            self._last = place

    def take(self, read: Callable[[], T], otherwise: T) -> T:
        """What `read` returns; where it raises, `otherwise` and one complaint more."""
        try:
            return read()
        except (Malformed, Rejected, Refused) as error:
            self.add(error)
            return otherwise

    def error(self) -> TierproofError | None:
        """
        What was gathered as one error: a single complaint as it came; several with the class and
        code of the first. Then `fields["errors"]` holds an object for each that is listed (`code`,
        `message`, and its fields), and `fields["more"]` counts the others. Where lines of files
        were counted, `fields["lines"]` says of each file how many were `read` and `refused`.
        """
        first, lines = self._first, self._lines()
        if first is None or (len(self) == 1 and not lines):
            return first
        counted = {"lines": lines} if lines else {}
        if len(self) == 1:
            return type(first)(first.code, first.message, **{**first.fields, **counted})
        told = [f"{len(self)} errors:", *(f"  {part['message']}" for part in self._listed)]
        if self._more:
            told.append(f"  and {self._more} more")
        told += [f"  {e['file']}: lines read {e['read']}, refused {e['refused']}" for e in lines]
        fields = {**first.fields, "errors": self._listed, "more": self._more, **counted}
        return type(first)(first.code, "\n".join(told), **fields)

    def _lines(self) -> list[dict[str, Any]]:
        return [
            {"file": file, "read": read, "refused": self._refused[file]}
            for file, read in self._read.items()
        ]

    def settle(self) -> None:
        """Raise what was gathered, if anything."""
        error = self.error()
        if error is not None:
            raise error

    def given(self, value: T | None) -> T:
        """`value`, which `take` returned, once nothing is left to complain of."""
        self.settle()
        if value is None:
            raise ValueError("a part was left out without a complaint")
        return value
