"""The list of a collected folder as people read it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from attestor.collect.folder import Answer, Collected
from attestor.statement import MICROSECONDS
from tierproof.formats.units import instant, window


def view(of: Collected) -> dict[str, Any]:
    """Venue, window, accounts, how often what was asked, and when the answers came."""
    taken = [each.taken // MICROSECONDS for each in of.answers]
    return {
        "venue": of.venue,
        "window": window(of.first_day, of.last_day),
        "accounts": [
            {"wallet": wallet, "sub_accounts": list(listed)}
            for wallet, listed in of.accounts.items()
        ],
        "answers": len(of.answers),
        "asked": dict(Counter(_asked(each) for each in of.answers)),
        "answered": f"{instant(min(taken))} to {instant(max(taken))}" if taken else "nothing",
        "not_checked": "the bodies, and that they are all: a draft reads and proves them",
    }


def _asked(answer: Answer) -> str:
    """What venues call a kind of request."""
    for name in ("method", "type"):
        if isinstance(answer.request.get(name), str):
            return str(answer.request[name])
    return "other"
