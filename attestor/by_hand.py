"""
JSON files that people write: the same values as elsewhere, in every spelling that has one meaning.

Upper-case hexadecimal, checksummed addresses and signatures as wallets give them are taken. A time
in another unit is refused with what it looks like.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from algebra.errors import Malformed
from algebra.written import written_bytes, written_signature
from attestor.complaints import Complaints
from history.dates import LAST_DATE, day_number, day_text
from policies.address import address
from policies.files import Reader

DAY_SECONDS = 86_400
VALID_AHEAD = 3_653 * DAY_SECONDS
"""Ten years: nothing is wanted for longer, and every time in milliseconds lies further ahead."""
_UNITS = ((1, "seconds"), (1_000, "milliseconds"), (1_000_000, "microseconds"))


class HandReader(Reader):
    """A `Reader` of what a person wrote."""

    def keys(self, *names: str, optional: Collection[str] = ()) -> None:
        """
        Exactly these names, perhaps the optional ones; every one that is missing or unknown is
        said.
        """
        wrong = Complaints()
        for name in names:
            if name not in self._object:
                wrong.add(self.error(name, "missing"))
        for name in self._object:
            if name not in names and name not in optional:
                wrong.add(self.error(str(name)[:40], "unknown name"))
        wrong.settle()

    def child(self, name: str) -> HandReader:
        """The object of that name, also read as what a person wrote."""
        return HandReader(self.value(name), f"{self._place}.{name}", self._code)

    def as_bytes(self, name: str, value: Any, length: int | None = None) -> bytes:
        """Hexadecimal with 0x; of `length` bytes where given."""
        data = written_bytes(value)
        if data is None:
            raise self.error(name, "not hexadecimal with 0x")
        if length is not None and len(data) != length:
            raise self.error(name, f"{len(data)} bytes, {length} wanted")
        return data

    def has(self, name: str) -> bool:
        """Whether an optional name is there."""
        return name in self._object

    def address(self, name: str) -> str:
        """An address in lower case; Malformed (`malformed.address`)."""
        return address(self.value(name), f"{self._place}.{name}").lower()

    def addresses(self, name: str) -> tuple[str, ...]:
        """A list of addresses, in lower case."""
        return tuple(
            address(item, f"{self._place}.{name}[{index}]").lower()
            for index, item in enumerate(self.list(name))
        )

    def signature(self, name: str) -> bytes:
        """The 65 bytes of a signature; Malformed (`malformed.signature`)."""
        return written_signature(self.value(name), f"{self._place}.{name}")

    def seconds(self, name: str) -> int:
        """A time in seconds since 1970-01-01 UTC; its sense is for who uses it."""
        value = self.value(name)
        if type(value) is int and 0 <= value < 1 << 64:
            return value
        hint = ""
        if isinstance(value, str):
            try:
                hint = f": {value} begins at second {day_number(value) * DAY_SECONDS}"
            except Malformed:
                hint = ": a number without quotes" if value.isdecimal() else ""
        raise self.error(name, f"not a number of seconds since 1970-01-01{hint}")

    def date(self, name: str) -> int:
        """Days since 1970-01-01 of a date such as "2026-01-31"."""
        value = self.value(name)
        if not isinstance(value, str):
            raise self.error(name, f'not a date such as "2026-01-31"{_meant(value)}')
        try:
            return day_number(value)
        except Malformed:
            raise self.error(name, f"not a date such as 2026-01-31: {value[:40]!a}") from None

    def day(self, name: str, least: int, greatest: int) -> int:
        """A number of days since 1970-01-01."""
        value = self.value(name)
        if type(value) is int and least <= value <= greatest:
            return value
        wanted = f"not a number of days since 1970-01-01 in {least}..{greatest}"
        raise self.error(name, wanted + _meant(value))


def check_duration(seconds: int, what: str) -> None:
    """Malformed (`malformed.duration`) unless it is 0 to ten years; milliseconds never are."""
    if not 0 <= seconds <= VALID_AHEAD:
        raise Malformed(
            "malformed.duration",
            f"{what}: {seconds} is not a number of seconds in 0..{VALID_AHEAD} (ten years); "
            "milliseconds are not wanted",
            part=what,
        )


def _meant(value: object) -> str:
    """What a day may have been meant by a value of another form; empty where nobody can say."""
    try:
        if isinstance(value, str):
            return f": {value} is day {day_number(value)}"
        if type(value) is not int:
            return ""
        if 19_700_101 <= value <= 99_991_231:
            whole = date(value // 10_000, value // 100 % 100, value % 100)
            return f": {value} looks like {whole}, day {day_number(whole.isoformat())}"
    except (Malformed, ValueError):
        return ""
    if 0 <= value <= LAST_DATE:
        return f": {value} looks like day {value}, {day_text(value)}"
    return looks_like(value)


def looks_like(value: int) -> str:
    """The unit in which a number is a time of our years; empty where it is in none."""
    for scale, unit in _UNITS:
        if 946_684_800 <= value // scale < 4_102_444_800:  # 2000 to 2100
            day = value // scale // DAY_SECONDS
            return f": {value} looks like {unit} since 1970, which is {day_text(day)}, day {day}"
    return ""
