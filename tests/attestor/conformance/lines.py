"""Changes of the lines of CSV files, for the makers whose venues give such."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Change = Callable[[Path], None]


def change(file: str, of: Callable[[list[str]], list[str]]) -> Change:
    """The lines of a file, the header first, become others."""

    def changed(folder: Path) -> None:
        path = folder / file
        path.write_text("".join(f"{line}\n" for line in of(path.read_text().splitlines())))

    return changed


def replace(file: str, old: str, new: str) -> Change:
    """A part of a file that stands there once becomes another."""

    def changed(folder: Path) -> None:
        text = (folder / file).read_text()
        if text.count(old) != 1:
            raise AssertionError(f"{file}: {old!r} stands there {text.count(old)} times")
        (folder / file).write_text(text.replace(old, new))

    return changed


def without(file: str, line: int) -> Change:
    """A line is taken out; line 1 is the header."""
    return change(file, lambda lines: [*lines[: line - 1], *lines[line:]])


def again(file: str, line: int, old: str = "", new: str = "") -> Change:
    """A line stands twice, the second time with a part that is another."""

    def twice(lines: list[str]) -> list[str]:
        return [*lines[:line], lines[line - 1].replace(old, new, 1), *lines[line:]]

    return change(file, twice)


def swapped(file: str, line: int) -> Change:
    """A line and the next one stand in each other's place."""
    return change(
        file, lambda lines: [*lines[: line - 1], lines[line], lines[line - 1], *lines[line + 1 :]]
    )


def together(*changes: Change) -> Change:
    """One after the other."""

    def changed(folder: Path) -> None:
        for each in changes:
            each(folder)

    return changed
