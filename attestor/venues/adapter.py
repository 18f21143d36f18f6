"""What an adapter says of itself: its entry, which stands in its own module."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from attestor.statement import Statement

TakeOut = Callable[[Sequence[str], int, int], Statement]
"""From an owner's wallets and the first and last day of a window to his statement."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """
    The entry of a venue adapter.

    Attributes
    ----------
    name : by which a job file asks for it
    what : whose files it reads, in a few words
    files : names of the files that it reads in a folder; all are needed
    read : reads the files of a folder once; raises Malformed (`malformed.statement`) with file,
        line and reason, Unavailable (`unavailable.file`)
    """

    name: str
    what: str
    files: tuple[str, ...]
    read: Callable[[Path], TakeOut]
