"""Days are numbers since 1970-01-01 UTC; people read and write ISO dates."""

from __future__ import annotations

from datetime import date, timedelta

from algebra.errors import Malformed

DAY_LIMIT = 1 << 24
"""Days travel in 24 bits."""
_EPOCH = date(1970, 1, 1)
LAST_DATE = (date.max - _EPOCH).days
"""9999-12-31, the last day that has an ISO date."""


def day_number(text: str, code: str = "malformed.date") -> int:
    """Days since 1970-01-01 of an ISO date of the form 2026-01-31; Malformed (`code`) otherwise."""
    try:
        number = (date.fromisoformat(text) - _EPOCH).days
        if day_text(number) != text:  # fromisoformat also reads week dates and other spellings
            raise ValueError("spelling")
    except (TypeError, ValueError):
        raise Malformed(code, f"date: {text[:40]!r} is not of the form 2026-01-31") from None
    if number < 0:
        raise Malformed(code, f"date: {text} is before 1970-01-01")
    return number


def day_text(day: int) -> str:
    """ISO date of a number of days since 1970-01-01."""
    return (_EPOCH + timedelta(days=day)).isoformat()
