"""
Pages that overlap: each row once (docs/explanation/attestation.md 2).

A venue that is asked page by page, from the last instant on, gives rows again. The same row under
the same id is one fact, and is taken once. Two rows under one id are a contradiction, and so is an
id that stands twice in one page, which no overlap explains: both are refused. Rows without an id
cannot come in pages, because nobody can tell a repeat from a second fact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from pathlib import Path

from attestor.complaints import HEADER
from attestor.statement import Source, bad_line, seen_from


def pages(folder: Path, name: str) -> list[Path]:
    """
    `statement.csv`, `statement-2.csv`, `statement-3.csv`, ... of a folder, whichever are there.

    Raises
    ------
    Malformed
        `malformed.statement`: a page is there and one before it is not.
    """
    first = folder / name
    stem, suffix = first.stem, first.suffix
    numbers = {
        path.name[len(stem) + 1 : -len(suffix)]: path
        for path in sorted(folder.glob(f"{stem}-*{suffix}"))
    }
    found = [first]
    while str(len(found) + 1) in numbers:
        found.append(numbers.pop(str(len(found) + 1)))
    for path in numbers.values():
        wanted = f"{stem}-{len(found) + 1}{suffix}"
        reason = f"a page without the one before it; {wanted} is the next wanted"
        raise bad_line(Source(path.name, HEADER), reason)
    return found


class Once:
    """
    The rows of all pages by their id.

    Parameters
    ----------
    columns : names of a row's cells, as errors tell them
    identity : what the id is called

    Attributes
    ----------
    repeated : by file, the rows that an earlier page has, in every cell the same
    """

    def __init__(self, columns: Sequence[str], identity: str) -> None:
        self._columns, self._identity = columns, identity
        self._known: dict[Hashable, tuple[Source, Sequence[str]]] = {}
        self.repeated: Counter[str] = Counter()

    def is_new(self, identity: Hashable, cells: Sequence[str], source: Source) -> bool:
        """
        Whether no earlier page has this row; Malformed (`malformed.statement`) where the id stands
        in this page already, or in an earlier one with another cell.
        """
        before, there = self._known.setdefault(identity, (source, cells))
        if before is source:
            return True
        place = seen_from(source, before)
        if before.file == source.file:
            raise bad_line(source, f"{self._identity}: {identity} stands at {place} already")
        for name, cell, other in zip(self._columns, cells, there, strict=True):
            if cell != other:
                raise bad_line(
                    source,
                    f"{name}: {cell[:40]!a}, but {other[:40]!a} at {place} under the same "
                    f"{self._identity}, {identity}",
                )
        self.repeated[source.file] += 1
        return False
