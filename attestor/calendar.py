"""
The windows of a series, announced before they begin (docs/explanation/attestation.md 3.3).

    Calendar{series, attestorSet, generation, firstDay, length, count, announcedDay, lateHours}
    domain: name "Tierproof Calendar", version "1"

Window i of a calendar begins on day firstDay + i length and has `length` days. Late fills and
corrections of it count until lateHours after its end, and until then it is not attested: attestors
who look at different hours see the same. Nothing is attested
outside a calendar, so no institution chooses its window once results are known, and within a series
no day counts in two windows. A quorum signs; `announcedDay` is its word that the calendar was
public on that day, which lies before the first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from algebra.errors import Malformed, Refused
from algebra.files import write_atomic
from attestor import generations
from attestor.by_hand import DAY_SECONDS, HandReader
from attestor.cosigning import sign_as_quorum, signed_by
from history.dates import LAST_DATE, day_text
from history.v2.record import MAX_DAYS
from history.v2.thresholds import MIN_DAYS
from policies.attestor_set import MAX_GENERATIONS, AttestorSet
from policies.files import read_json
from policies.typed_data import TypedMessage, typed_document, typed_message

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

FORMAT, VERSION = "tierproof/calendar", 1
DOMAIN = {"name": "Tierproof Calendar", "version": "1"}
TYPES = {
    "Calendar": [
        {"name": "series", "type": "string"},
        {"name": "attestorSet", "type": "bytes32"},
        {"name": "generation", "type": "uint32"},
        {"name": "firstDay", "type": "uint32"},
        {"name": "length", "type": "uint32"},
        {"name": "count", "type": "uint32"},
        {"name": "announcedDay", "type": "uint32"},
        {"name": "lateHours", "type": "uint32"},
    ]
}
MAX_COUNT = 1_000
MIN_LATE, MAX_LATE = 48, 2_160
"""Hours after a window's end, least and most, in which what is late still counts."""
HOUR_SECONDS = 3_600
_SERIES = re.compile(r"[A-Za-z0-9@._:/-]{1,64}", re.ASCII)
_CODE = "malformed.calendar"


@dataclass(frozen=True, slots=True)
class Calendar:
    """
    Windows that follow each other.

    Attributes
    ----------
    series : 1 to 64 of ASCII letters, digits and @._:/-
    attestor_set : 32 bytes id
    generation : of the set that announces, from 1
    first_day : of the first window, days since 1970-01-01 UTC
    length : days of each window, 2..366
    count : windows, 1..1,000
    announced_day : before `first_day`
    late_hours : after a window's end, in which late fills and corrections count, 48..2,160

    Malformed (`malformed.calendar`) for what is out of range, Refused (`refused.calendar`) for what
    was not announced before it begins.
    """

    series: str
    attestor_set: bytes
    generation: int
    first_day: int
    length: int
    count: int
    announced_day: int
    late_hours: int = MIN_LATE

    def __post_init__(self) -> None:
        if _SERIES.fullmatch(self.series) is None:
            raise Malformed(_CODE, "calendar: series: 1 to 64 letters, digits or @._:/- wanted")
        if len(self.attestor_set) != 32:
            raise Malformed(_CODE, "calendar: the attestor set is not 32 bytes")
        for name, value, least, greatest in (
            ("generation", self.generation, 1, MAX_GENERATIONS),
            ("length", self.length, MIN_DAYS, MAX_DAYS),
            ("count", self.count, 1, MAX_COUNT),
            ("announced_day", self.announced_day, 0, LAST_DATE),
            ("late_hours", self.late_hours, MIN_LATE, MAX_LATE),
            ("first_day", self.first_day, 0, LAST_DATE + 1 - self.length * self.count),
        ):
            if not least <= value <= greatest:
                raise Malformed(
                    _CODE, f"calendar: {name} is outside {least}..{greatest}", part=name
                )
        if self.announced_day >= self.first_day:
            raise Refused(
                "refused.calendar",
                f"calendar of {self.series}: announced on {day_text(self.announced_day)}, not "
                f"before its first day, {day_text(self.first_day)}",
            )

    @property
    def end(self) -> int:
        """The first day after the last window."""
        return self.first_day + self.length * self.count

    @property
    def windows(self) -> list[tuple[int, int]]:
        """First and last day of each window, both included."""
        starts = range(self.first_day, self.end, self.length)
        return [(start, start + self.length - 1) for start in starts]

    def settled(self, last_day: int) -> int:
        """
        The instant from which nothing late counts in the window that ends on `last_day`, seconds
        since 1970.
        """
        return (last_day + 1) * DAY_SECONDS + self.late_hours * HOUR_SECONDS

    def holds(self, first_day: int, last_day: int) -> bool:
        """Whether these days are one of its windows."""
        step, rest = divmod(first_day - self.first_day, self.length)
        return rest == 0 and 0 <= step < self.count and last_day == first_day + self.length - 1

    def overlaps(self, other: Calendar) -> bool:
        """Whether a day is in a window of both."""
        return self.first_day < other.end and other.first_day < self.end

    def message(self) -> TypedMessage:
        """The EIP-712 message."""
        return typed_message(DOMAIN, TYPES, self._values())

    def document(self) -> dict[str, Any]:
        """The same as a signer that shows what it signs takes it, JSON values."""
        return typed_document(DOMAIN, TYPES, self._values())

    def _values(self) -> dict[str, Any]:
        return {
            "series": self.series,
            "attestorSet": self.attestor_set,
            "generation": self.generation,
            "firstDay": self.first_day,
            "length": self.length,
            "count": self.count,
            "announcedDay": self.announced_day,
            "lateHours": self.late_hours,
        }


def require_settled(settled: int, instant: int, what: str = "attest") -> None:
    """
    Refused (`refused.window`) where late fills and corrections still count at `instant`; both in
    seconds since 1970.
    """
    if instant < settled:
        day, rest = divmod(settled, DAY_SECONDS)
        until = f"{day_text(day)} {rest // HOUR_SECONDS:02}:00 UTC"
        raise Refused(
            "refused.window",
            f"{what}: late fills and corrections of the window count until {until}",
        )


@dataclass(frozen=True, slots=True)
class SignedCalendar:
    """
    A calendar with its quorum: the public file; the set as it was when it signed. While members
    still sign, it has fewer signatures, and nobody takes it in.
    """

    calendar: Calendar
    attestor_set: AttestorSet
    signatures: tuple[bytes, ...]

    @classmethod
    def sign(
        cls, calendar: Calendar, attestor_set: AttestorSet, signers: Sequence[LocalAccount]
    ) -> SignedCalendar:
        """Refused (`refused.quorum`) as `sign_as_quorum`."""
        signatures = sign_as_quorum(calendar.message(), signers, attestor_set, "calendar")
        return cls(calendar, attestor_set, signatures)

    def joined_by(self, signatures: Iterable[bytes]) -> SignedCalendar:
        """
        With more members' signatures, enough of them or not.

        Raises
        ------
        Refused
            `refused.quorum`: a signer who is no member, or one twice.
        Malformed, Rejected
            `malformed.signature`, `rejected.signature`.
        """
        several = signed_by(
            self.calendar.message(), (*self.signatures, *signatures), self.attestor_set, "calendar"
        )
        return replace(self, signatures=tuple(several.values()))

    @property
    def is_complete(self) -> bool:
        """Whether as many have signed as must."""
        return len(self.signatures) >= self.attestor_set.threshold

    def verify(self) -> None:
        """
        Malformed (`malformed.calendar`) where it names another set or generation, Rejected
        (`rejected.quorum`) unless k of n signed, and handed over before; `malformed.signature`.
        """
        calendar, of = self.calendar, self.attestor_set
        if (calendar.attestor_set, calendar.generation) != (of.id, of.generation):
            raise Malformed(
                _CODE, "calendar: names another attestor set than its members', or a generation"
            )
        generations.check_handovers(of)
        generations.signers_of(calendar.message(), self.signatures, of.generations[-1], "calendar")

    # -- file --------------------------------------------------------------------------------------
    def as_json(self) -> dict[str, Any]:
        """The object of the file; days as dates."""
        calendar = self.calendar
        return {
            "format": FORMAT,
            "version": VERSION,
            "series": calendar.series,
            "first_day": day_text(calendar.first_day),
            "length": calendar.length,
            "count": calendar.count,
            "announced_day": day_text(calendar.announced_day),
            "late_hours": calendar.late_hours,
            "attestor_set": generations.as_json(self.attestor_set),
            "signatures": ["0x" + signature.hex() for signature in self.signatures],
        }

    def write(self, path: Path) -> None:
        """Write the file, whole or not at all; Unavailable (`unavailable.file`)."""
        write_atomic(path, json.dumps(self.as_json(), indent=1).encode() + b"\n")

    @classmethod
    def load(cls, path: Path) -> SignedCalendar:
        """
        Read a file and verify its signatures.

        Raises
        ------
        Malformed, Refused, Rejected
            As `parse`.
        Unavailable
            `unavailable.file`.
        """
        return cls.parse(read_json(path, _CODE), "calendar")

    @classmethod
    def load_unfinished(cls, path: Path) -> SignedCalendar:
        """
        Read a calendar that members are still signing; each signature that it has is a member's.

        Raises
        ------
        Malformed, Refused, Rejected, Unavailable
            As `load`; `refused.quorum` in place of `rejected.quorum`.
        """
        found = cls._read(read_json(path, _CODE), "calendar")
        return replace(found, signatures=()).joined_by(found.signatures)

    @classmethod
    def parse(cls, value: Any, place: str) -> SignedCalendar:
        """
        From the object of a file, its signatures verified.

        Raises
        ------
        Malformed
            `malformed.calendar`, `malformed.address`, `malformed.attestor_set`,
            `malformed.signature`.
        Refused, Rejected
            `refused.calendar`, `rejected.quorum`.
        """
        signed = cls._read(value, place)
        signed.verify()
        return signed

    @classmethod
    def _read(cls, value: Any, place: str) -> SignedCalendar:
        """Form only."""
        file = HandReader(value, place, _CODE)
        file.header(FORMAT, VERSION)
        file.keys(
            "format",
            "version",
            "series",
            "first_day",
            "length",
            "count",
            "announced_day",
            "late_hours",
            "attestor_set",
            "signatures",
        )
        attestor_set = generations.child(file)
        calendar = Calendar(
            file.text("series"),
            attestor_set.id,
            attestor_set.generation,
            file.date("first_day"),
            file.integer("length", MIN_DAYS, MAX_DAYS),
            file.integer("count", 1, MAX_COUNT),
            file.date("announced_day"),
            file.integer("late_hours", MIN_LATE, MAX_LATE),
        )
        return cls(calendar, attestor_set, file.signatures("signatures"))
