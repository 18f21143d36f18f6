"""
Recorded answers as a collected folder.

No recording is a whole account. What none shows is filled in so that the recorded rows themselves
meet the adapter; each name says what they are, and each code why they are no margin data.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attestor.collect.writer import Collecting

Asked = tuple[Mapping[str, Any], Any]
"""A request and its body."""


def write(
    folder: Path,
    venue: str,
    days: tuple[int, int],
    accounts: Mapping[str, tuple[str, ...]],
    answers: Iterable[Asked],
    taken: int,
) -> Path:
    """
    Parameters
    ----------
    days : first and last of the window, since 1970-01-01 UTC
    accounts : by wallet its sub-accounts
    taken : when the answers came, microseconds
    """
    writer = Collecting(folder, venue, *days, accounts)
    for request, body in answers:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        writer.keep(request, content, taken)
    writer.finish(accounts)
    return folder
