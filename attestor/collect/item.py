"""
One object of a venue's answer: exact numbers, strict names, every complaint with its place
(docs/explanation/metrics.md A7).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any

from algebra.errors import Malformed
from attestor.cells import parse_decimal, parse_wallet
from attestor.statement import MONEY_PLACES, PLACES, Source, bad_line

_MILLISECONDS = 1 << 47
"""Of an instant; below the year 6429."""
_LARGEST = 40
"""Digits before or after the point that a number of an answer may have in all."""
_WHOLE = 10**18
_POWERS: tuple[int, ...] = tuple(10**power for power in range(MONEY_PLACES + 1))


def exact(value: Any, source: Source, what: str, places: int = PLACES) -> int:
    """
    A number of an answer as an integer of 10^-places: a whole number, a decimal in a text, or a
    `Decimal`, as which numbers with a point or an exponent are read. Nothing is rounded.

    Raises
    ------
    Malformed
        `malformed.statement`: none of these, more places, or more than 18 digits before them.

    Notes
    -----
    Minus zero is 0 here: venues print it, and it has one meaning.
    """
    number = _scaled(value, places)
    if number is None:
        return parse_decimal(_text(value, source, what), source, what, places)
    return number


def _scaled(value: Any, places: int) -> int | None:
    """What nearly all numbers are, in a third of the time; None: another, or none."""
    kind = type(value)
    if kind is int:
        return value * _POWERS[places] if -_WHOLE < value < _WHOLE else None
    if kind is not str and kind is not Decimal:
        return None
    text = str(value)
    whole, point, fraction = text.removeprefix("-").partition(".")
    digits, missing = whole + fraction, places - len(fraction)
    if not (digits.isdecimal() and text.isascii() and whole and len(whole) <= 18 and missing >= 0):
        return None
    if point and not fraction:
        return None
    number = int(digits) * _POWERS[missing]
    return -number if text[0] == "-" else number


def _text(value: Any, source: Source, what: str) -> str:
    """A number as a text without an exponent, if it has one."""
    if type(value) is int:
        text = str(value) if abs(value) < 10**_LARGEST else "too many digits"
    elif isinstance(value, Decimal):
        text = _plain(value)
    elif isinstance(value, str):
        text = value
    else:
        raise bad_line(source, f"{what}: not a number: {str(value)[:40]!a}")
    return text[1:] if text[:2] == "-0" and not text.strip("-0.") else text


def _plain(number: Decimal) -> str:
    """Without an exponent; zeros at the end say nothing."""
    if number == 0:
        return "0"
    if not number.is_finite() or abs(number.adjusted()) > _LARGEST:
        return str(number)
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


class Item:
    """
    Typed access to an object of an answer; every complaint is Malformed (`malformed.statement`)
    with the place of the item.
    """

    __slots__ = ("_object", "_where", "source")

    def __init__(self, value: Any, source: Source, where: str = "") -> None:
        if not isinstance(value, dict):
            raise bad_line(source, f"{where or 'item'}: not an object")
        self._object: dict[str, Any] = value
        self.source, self._where = source, f"{where}." if where else ""

    def error(self, name: str, reason: str) -> Malformed:
        """The complaint about a name; the caller raises it."""
        return bad_line(self.source, f"{self._where}{name}: {reason}")

    def only(self, names: Collection[str], optional: Iterable[str] = ()) -> None:
        """
        All of `names`, each given once, maybe some of `optional`, and no others: what is new may be
        money.
        """
        for name in names:
            if name not in self._object:
                raise self.error(name, "missing")
        if len(self._object) > len(names):
            unknown = set(self._object).difference(names, optional)
            if unknown:
                raise self.error(ascii(min(unknown)[:40]), "unknown name")

    def has(self, name: str) -> bool:
        """Whether the name is there with a value; null is none."""
        return self._object.get(name) is not None

    def value(self, name: str) -> Any:
        """The value as it was read; a name that is not there is refused."""
        if name not in self._object:
            raise self.error(name, "missing")
        return self._object[name]

    def text(self, name: str) -> str:
        """At most 256 printable ASCII characters."""
        value = self._object.get(name)
        if not (isinstance(value, str) and len(value) <= 256 and value.isascii()):
            raise self.error(name, f"not a text: {str(self.value(name))[:40]!a}")
        if not value.isprintable():
            raise self.error(name, f"not printable: {value[:40]!a}")
        return value

    def boolean(self, name: str) -> bool:
        """true or false."""
        value = self.value(name)
        if not isinstance(value, bool):
            raise self.error(name, f"neither true nor false: {str(value)[:40]!a}")
        return value

    def whole(self, name: str, least: int = 0, below: int = 1 << 64) -> int:
        """A whole number that JSON has as one."""
        value = self.value(name)
        if type(value) is not int or not least <= value < below:
            raise self.error(name, f"not a whole number of {least} and more: {str(value)[:40]!a}")
        return value

    def time(self, name: str) -> int:
        """Milliseconds since 1970 UTC, in microseconds."""
        return self.whole(name, 0, _MILLISECONDS) * 1_000

    def number(self, name: str, places: int = PLACES) -> int:
        """As `exact`."""
        number = _scaled(self._object.get(name), places)
        if number is None:
            return exact(self.value(name), self.source, f"{self._where}{name}", places)
        return number

    def positive(self, name: str) -> int:
        """As `exact`, in 1e-18, and above 0."""
        number = self.number(name)
        if number <= 0:
            raise self.error(name, f"must be above 0: {str(self.value(name))[:40]!a}")
        return number

    def money(self, name: str) -> int:
        """An amount of USD in u'."""
        return self.number(name, MONEY_PLACES)

    def wallet(self, name: str) -> str:
        """An address in lower case."""
        return parse_wallet(self.text(name), self.source)

    def child(self, name: str) -> Item:
        """The object of that name."""
        return Item(self.value(name), self.source, f"{self._where}{name}")

    def list(self, name: str) -> list[Any]:
        """The list of that name; its items are not looked at."""
        value = self.value(name)
        if not isinstance(value, list):
            raise self.error(name, "not a list")
        return value
