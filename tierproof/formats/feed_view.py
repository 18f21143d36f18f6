"""A feed document as people read it: what it says of each day, and which days had no data."""

from __future__ import annotations

from collections import Counter
from typing import Any

from policies.feed import FeedDocument
from policies.feed.rule import BELOW, WEIGHTS
from tierproof.formats.units import day, decimal, window


def view(document: FeedDocument) -> dict[str, Any]:
    """Index, window, both digests, weights counted, and the values day by day."""
    feed, (low, high) = document.feed, (decimal(bound, 2) for bound in BELOW)
    counted = Counter(feed.weights)
    said = (f"below {low}", f"below {high}", f"from {high} on")
    return {
        "index": document.index,
        "source": document.source,
        "window": window(document.first_day, document.last_day),
        "digest_of_file": "0x" + document.digest.hex(),
        "digest_of_values": f"0x{feed.digest():064x}",
        "days_by_weight": {
            f"{weight}, after a mean close {words}": counted[weight]
            for weight, words in zip(WEIGHTS, said, strict=True)
        },
        "days_without_data": [day(each) for each in document.silent] or "none",
        "values": {
            day(document.first_day + number): f"weight {weight}, change {decimal(change, 1)} points"
            for number, (weight, change) in enumerate(feed)
        },
    }
