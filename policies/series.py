"""
A series: what one institution may hold one grant of, a protocol's programme
(docs/explanation/grants.md).

    id = keccak256(JSON {format, name, attestor_set, least_days, max_age_days}, keys sorted)

The policies of a series follow each other, window by window; a nullifier stands for one identity in
one series. Its attestors, its least window and its greatest age are parts of its id: other ones are
another series, with other nullifiers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from algebra.errors import Refused
from algebra.hexadecimal import hex32
from algebra.keccak import keccak
from policies.rules import SERIES_RULES, check

HASHED_FORMAT = "tierproof-series-1"
"""What the hashed bytes say they are; a part of every series' id."""


@dataclass(frozen=True, slots=True)
class Series:
    """
    What one institution may hold one grant of.

    Attributes
    ----------
    name : 1 to 64 printable characters
    attestor_set : 32 bytes, the set whose roots count; zero: none yet
    least_days : days of a window, at least, 28..366
    max_age_days : days after its window at which a grant ends at the latest, 7..120
    """

    name: str
    attestor_set: bytes
    least_days: int
    max_age_days: int

    @property
    def id(self) -> bytes:
        """keccak256 of `hashed()`, 32 bytes."""
        return keccak(self.hashed())

    def hashed(self) -> bytes:
        """Canonical bytes that the id is the hash of: JSON, keys sorted, no spaces, ASCII."""
        body = {
            "format": HASHED_FORMAT,
            "name": self.name,
            "attestor_set": hex32(self.attestor_set),
            "least_days": self.least_days,
            "max_age_days": self.max_age_days,
        }
        return json.dumps(body, sort_keys=True, separators=(",", ":")).encode("ascii")

    def check(self) -> None:
        """Refused (`refused.policy.series`) for a number that the registry would not take."""
        if not self.name.isprintable() or not 0 < len(self.name) <= 64:
            raise Refused(
                "refused.policy.series", "series: its name is 1 to 64 printable characters"
            )
        check(SERIES_RULES, self, "series")
