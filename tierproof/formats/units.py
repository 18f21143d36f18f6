"""Integers of the formats in the units that people read."""

from __future__ import annotations

from datetime import UTC, datetime

from history.dates import day_text

MINUTE, HOUR, DAY = 60, 3_600, 86_400
LATEST_SECOND = 253_402_300_799
"""Last second of year 9999; what is later is no date that anybody means."""


def decimal(number: int, places: int) -> str:
    """number / 10^places, exactly, with thousands marked."""
    whole, rest = divmod(abs(number), 10**places)
    point = f".{rest:0{places}}" if places else ""
    return f"{'-' if number < 0 else ''}{whole:,}{point}"


def usd(cents: int) -> str:
    """Cents as dollars, thousands marked."""
    return f"{decimal(cents, 2)} USD"


def percent(parts: int, places: int = 2) -> str:
    """Of 1/10^(places + 2), so with two places of 1/10^4; no zeros at the end."""
    shown = decimal(parts, places)
    return f"{shown.rstrip('0').rstrip('.') if '.' in shown else shown} %"


def day(number: int) -> str:
    """Days since 1970-01-01 UTC as a date; the number where it is past year 9999."""
    return day_text(number) if number * DAY <= LATEST_SECOND else f"day {number}"


def window(first: int, last: int) -> str:
    """Two days as dates, both included, and how many days that is."""
    days = last - first + 1
    return f"{day(first)} to {day(last)} ({days} day{'' if days == 1 else 's'})"


def instant(seconds: int) -> str:
    """Seconds since 1970 as a time in UTC."""
    if seconds > LATEST_SECOND:
        return f"second {seconds}, after year 9999 (milliseconds?)"
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def duration(seconds: int) -> str:
    """In the largest unit that divides it."""
    for name, size in (("day", DAY), ("hour", HOUR), ("minute", MINUTE)):
        if seconds % size == 0 and seconds >= size:
            number = seconds // size
            return f"{number:,} {name}{'' if number == 1 else 's'}"
    return f"{seconds:,} second{'' if seconds == 1 else 's'}"


def clock(minute: int) -> str:
    """A minute of a day."""
    return f"{minute // 60:02}:{minute % 60:02}"
