"""Another time of day: windows of the examples are over, and their roots still count, only then."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch


@contextmanager
def clock_at(second: int) -> Iterator[None]:
    """`time.time()` is `second` now, and goes on from there; other clocks stay as they are."""
    real = time.time
    ahead = second - real()
    with patch("time.time", lambda: real() + ahead):
        yield
