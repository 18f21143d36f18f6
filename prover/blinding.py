"""
Where blinding comes from: one stream of uniform field elements, read in written column order
(docs/explanation/protocol.md 7).

Production code uses `os_blinding`. A seeded stream makes proofs repeatable for tests, and gives the
witness away to whoever knows the seed: its name says so.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from algebra.interface import R
from algebra.keccak import keccak

Blinding = Callable[[], int]
"""Each call returns the next element, uniform in [0, R)."""


def os_blinding() -> int:
    """From the operating system, by rejection: no bias."""
    return secrets.randbelow(R)


def unsafe_seeded_blinding(seed: bytes) -> Blinding:
    """A repeatable stream for tests: Keccak-256 of seed and counter, rejected down to [0, R)."""
    counter = 0

    def draw() -> int:
        nonlocal counter
        while True:
            block = keccak(seed + counter.to_bytes(8, "big"))
            counter += 1
            value = int.from_bytes(block, "big") >> 2
            if value < R:
                return value

    return draw
