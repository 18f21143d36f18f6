"""
The file of a market feed: strict in, Malformed (`malformed.feed`) with file, field and reason
(docs/explanation/attestation.md 3.4).

It holds the hourly closes of a volatility index, and for each day of the window what the rule makes
of them; whoever holds the index can check the closes, whoever holds the file the rest. Its name
among the files of a root is feed/ and the index.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from algebra.errors import Malformed, Refused
from algebra.files import read_file, write_atomic
from algebra.hexadecimal import hex32
from algebra.keccak import keccak
from history.dates import day_text
from history.v2.feed import Feed
from history.v2.record import MAX_DAYS
from history.v2.thresholds import MIN_DAYS
from policies import reading
from policies.feed.rule import BELOW, CLOSE_LIMIT, HOURS, WEIGHTS, DayValues, day_values
from policies.rule_files import FEED, is_name

FORMAT, VERSION = "tierproof/feed", 1
CODE = "malformed.feed"
MAX_BEFORE = 31
"""Days before the window: an index that is silent for longer says nothing of its first day."""
RULE = {"below": list(BELOW), "weights": list(WEIGHTS)}
DAY, VALUES = ("day", "closes"), DayValues._fields


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """
    An index over a window.

    Attributes
    ----------
    index : its name, by which a policy asks for it
    source : for people: where the closes are from
    first_day, last_day : the window, days since 1970-01-01 UTC, both inside it
    closes : hourly closes of each day, 1/100 point, from the last day before the window that has
        some to `last_day`; of a day without data none
    feed : weight and change of each day of the window
    data : the file, as it was read or is written
    """

    index: str
    source: str
    first_day: int
    last_day: int
    closes: tuple[tuple[int, ...], ...]
    feed: Feed
    data: bytes

    @property
    def name(self) -> str:
        """Its name among the files of a root."""
        return FEED + self.index

    @property
    def digest(self) -> bytes:
        """keccak256 of the file, 32 bytes; that of the values is `feed.digest()`."""
        return keccak(self.data)

    @property
    def silent(self) -> tuple[int, ...]:
        """The days of the window without data, which keep the values of the day before."""
        inside = self.closes[-(self.last_day - self.first_day + 1) :]
        return tuple(self.first_day + index for index, day in enumerate(inside) if not day)

    @classmethod
    def make(
        cls, index: str, source: str, first_day: int, last_day: int, closes: Sequence[Sequence[int]]
    ) -> FeedDocument:
        """
        A document of these closes, which end on `last_day`; Malformed (`malformed.feed`) as for a
        file that says the same.
        """
        before = len(closes) - (last_day - first_day + 1)
        feed = _feed(first_day, list(day_values(closes))[before - 1 :])
        top = {
            "format": FORMAT,
            "version": VERSION,
            "index": index,
            "source": source,
            "rule": RULE,
            "first_day": day_text(first_day),
            "last_day": day_text(last_day),
        }
        listed = [
            {"day": day_text(first_day - before + place), "closes": list(day)}
            for place, day in enumerate(closes)
        ]
        days = [
            {**day, "weight": weight, "change": change}
            for day, (weight, change) in zip(listed[before:], feed, strict=True)
        ]
        lines = [f" {json.dumps(name)}: {json.dumps(value)}" for name, value in top.items()]
        lines += [f' "before": {_lines(listed[:before])}', f' "days": {_lines(days)}']
        lines.append(f' "digest": "{hex32(feed.digest())}"')
        return cls.from_bytes(("{\n" + ",\n".join(lines) + "\n}\n").encode(), "feed")

    def write(self, path: Path) -> None:
        """Write the file, whole or not at all; Unavailable (`unavailable.file`)."""
        write_atomic(path, self.data)

    @classmethod
    def load(cls, path: Path) -> FeedDocument:
        """Read a file; Malformed (`malformed.feed`), Unavailable (`unavailable.file`)."""
        return cls.from_bytes(read_file(path), path.name)

    @classmethod
    def from_bytes(cls, data: bytes, file: str = "feed document") -> FeedDocument:
        """Read the bytes of a file called `file`; Malformed (`malformed.feed`)."""
        return reading.rule_file(data, file, FORMAT, CODE, lambda value: _document(value, data))

    def require_window(self, first_day: int, last_day: int) -> None:
        """Refused (`refused.feed.window`) unless it is of this window."""
        if (self.first_day, self.last_day) != (first_day, last_day):
            raise Refused(
                "refused.feed.window",
                f"feed {self.index}: of {day_text(self.first_day)} to {day_text(self.last_day)}, "
                f"the window is {day_text(first_day)} to {day_text(last_day)}",
            )


def check_index(index: str, where: str) -> str:
    """The name of an index, 1 to 64 letters, digits or @._-; Malformed (`malformed.feed`)."""
    if not is_name(FEED, index):
        raise Malformed(CODE, f"{where}: not 1 to 64 letters, digits or @._-: {index[:80]!a}")
    return index


# -- the parts -------------------------------------------------------------------------------------
def _document(value: Any, data: bytes) -> FeedDocument:
    names = ("format", "version", "index", "source", "rule", "first_day", "last_day", "before")
    top = reading.keys(value, "document", (*names, "days", "digest"))
    if type(top["version"]) is not int or top["version"] != VERSION:
        raise _wrong("version", f"want {VERSION}")
    index = check_index(reading.text(top["index"], "index"), "index")
    source = reading.sentence(top["source"], "source")
    if json.dumps(top["rule"], sort_keys=True) != json.dumps(RULE, sort_keys=True):
        raise _wrong("rule", f"want {json.dumps(RULE)}")
    first, last = (
        reading.day(top["first_day"], "first_day"),
        reading.day(top["last_day"], "last_day"),
    )
    if not MIN_DAYS <= last - first + 1 <= MAX_DAYS:
        raise _wrong("last_day", f"the window has not {MIN_DAYS} to {MAX_DAYS} days")
    earlier = _list(top["before"], "before")
    if not 1 <= len(earlier) <= MAX_BEFORE:
        raise _wrong("before", f"want 1 to {MAX_BEFORE} days, the last with data before the window")
    before = _days(earlier, "before", first - len(earlier), first - 1, DAY)
    if not before[0]["closes"]:
        raise _wrong("before[0].closes", "none; begin with the last day that has some")
    if any(day["closes"] for day in before[1:]):
        raise _wrong("before", "begin with the last day that has closes")
    days = _days(_list(top["days"], "days"), "days", first, last, (*DAY, *VALUES))
    closes = tuple(tuple(day["closes"]) for day in (*before, *days))
    values = list(day_values(closes))[-len(days) :]
    _check_values(days, values)
    feed = _feed(first, values)
    if top["digest"] != hex32(feed.digest()):
        raise _wrong("digest", f"its values have {hex32(feed.digest())}")
    return FeedDocument(index, source, first, last, closes, feed, data)


def _days(
    value: Sequence[Any], where: str, first: int, last: int, names: Sequence[str]
) -> list[dict[str, Any]]:
    """One object for each day from `first` to `last`, in their order."""
    out: list[dict[str, Any]] = []
    for place, item in enumerate(value):
        at = f"{where}[{place}]"
        day = dict(reading.keys(item, at, names))
        found, wanted = reading.day(day["day"], f"{at}.day"), first + place
        if found != wanted or wanted > last:
            raise _wrong(f"{at}.day", _out_of_order(found, wanted, last))
        _check_closes(day["closes"], f"{at}.closes")
        out.append(day)
    if len(out) != last - first + 1:
        raise _wrong(where, f"{day_text(first + len(out))} is missing, up to {day_text(last)}")
    return out


def _out_of_order(found: int, wanted: int, last: int) -> str:
    if wanted > last:
        return f"{day_text(found)} is past {day_text(last)}, the last day"
    if found > wanted:
        return f"{day_text(found)} in place of {day_text(wanted)}: a day is missing"
    return f"{day_text(found)} in place of {day_text(wanted)}: out of order, or there twice"


def _check_closes(value: Any, where: str) -> None:
    if len(reading.integer_list(value, where)) > HOURS:
        raise _wrong(where, f"more than {HOURS} in a day")
    for hour, close in enumerate(value):
        if not 1 <= close < CLOSE_LIMIT:
            raise _wrong(f"{where}[{hour}]", f"{close} is outside 1..{CLOSE_LIMIT - 1} (1/100)")


def _check_values(days: Sequence[dict[str, Any]], values: Sequence[DayValues]) -> None:
    """Whether weights and changes are those that the rule gives."""
    for place, (day, wanted) in enumerate(zip(days, values, strict=True)):
        for name, number in wanted._asdict().items():
            if reading.integer(day[name], f"days[{place}].{name}") != number:
                raise _wrong(
                    f"days[{place}].{name}", f"{day[name]}, the closes give {number} by the rule"
                )


def _feed(first_day: int, values: Sequence[DayValues]) -> Feed:
    """The values that the statement carries; `Feed` refuses a change that is out of range."""
    return Feed(first_day, tuple(v.weight for v in values), tuple(v.change for v in values))


# -- values ----------------------------------------------------------------------------------------
def _wrong(where: str, reason: str) -> Malformed:
    return Malformed(CODE, f"{where}: {reason}")


def _list(value: Any, where: str) -> Sequence[Any]:
    if not isinstance(value, list):
        raise _wrong(where, "not a list")
    return value


def _lines(days: Sequence[dict[str, Any]]) -> str:
    """A list with a day a line: 24 closes side by side."""
    return "[\n  " + ",\n  ".join(json.dumps(day) for day in days) + "\n ]"
