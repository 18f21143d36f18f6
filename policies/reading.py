"""
Values of a policy document: right types and known keys, or Malformed (`malformed.policy.*`) with
the place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from algebra.errors import Malformed
from algebra.files import parse_json, require_format
from history.dates import day_number

T = TypeVar("T")


def document(data: bytes) -> Any:
    """JSON of integers only; `malformed.policy.json` and `.type`."""
    try:
        return parse_json(data, parse_float=_no_float, parse_int=_short_int)
    except ValueError as error:
        raise Malformed(
            "malformed.policy.json", f"not a JSON document: {type(error).__name__}: {error}"
        ) from None


def rule_file(data: bytes, file: str, wanted: str, code: str, read: Callable[[Any], T]) -> T:
    """
    What `read` makes of the JSON value of a file whose bytes count among the rules of a root.

    Every complaint is Malformed (`code`) with the file's name, and where `read` complains the field
    and the reason; so is a file that is not of the format `wanted`.
    """
    try:
        value = parse_json(data)
    except ValueError as error:
        raise Malformed(code, f"{file}: not JSON: {error}", file=file) from None
    require_format(value, wanted, code, file)
    try:
        return read(value)
    except Malformed as error:
        field, _, reason = error.message.partition(": ")
        raise Malformed(
            code, f"{file}: {error.message}", file=file, field=field, reason=reason
        ) from None


def keys(
    value: object, where: str, names: Sequence[str], optional: Sequence[str] = ()
) -> Mapping[str, Any]:
    """An object with exactly these keys, perhaps the optional ones; `malformed.policy.key`."""
    if not isinstance(value, dict):
        raise Malformed("malformed.policy.type", f"{where}: not an object")
    known = (*names, *optional)
    unknown = [name[:40] for name in sorted(set(value) - set(known))]
    missing = [name for name in names if name not in value]
    if unknown:
        raise Malformed(
            "malformed.policy.key",
            f"{where}: unknown key {unknown[0]!r}; it takes: {', '.join(known)}",
            key=unknown[0],
        )
    if missing:
        raise Malformed(
            "malformed.policy.key", f"{where}: missing key {missing[0]!r}", key=missing[0]
        )
    return value


def integers(value: object, where: str, names: Sequence[str]) -> dict[str, int]:
    """An object of integers with exactly these keys."""
    return {
        name: integer(number, f"{where}: {name}")
        for name, number in keys(value, where, names).items()
    }


def integer_list(value: object, where: str) -> list[int]:
    """A list of integers."""
    if not isinstance(value, list) or not all(_is_integer(number) for number in value):
        raise Malformed("malformed.policy.type", f"{where} is not a list of integers")
    return value


def integer(value: object, where: str) -> int:
    """An integer; true and false are none."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed("malformed.policy.type", f"{where}: not an integer")
    return value


def truth(value: object, where: str) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise Malformed("malformed.policy.type", f"{where}: not true or false")
    return value


def text(value: object, where: str) -> str:
    """A name, 1 to 64 printable characters."""
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= 64:
        raise Malformed(
            "malformed.policy.type", f"{where}: not a printable text of 1 to 64 characters"
        )
    return value


def sentence(value: object, where: str) -> str:
    """A text for people, 1 to 400 printable characters."""
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= 400:
        raise Malformed(
            "malformed.policy.type", f"{where}: not a printable text of 1 to 400 characters"
        )
    return value


def day(value: object, where: str) -> int:
    """An ISO date, as days since 1970-01-01; `malformed.policy.date`."""
    return day_number(text(value, where), "malformed.policy.date")


def bytes32(value: object, where: str) -> bytes:
    """32 bytes as hexadecimal with 0x, lower case."""
    if isinstance(value, str) and len(value) == 66 and value.startswith("0x"):
        digits = value[2:]
        if all(digit in "0123456789abcdef" for digit in digits):
            return bytes.fromhex(digits)
    raise Malformed(
        "malformed.policy.type", f"{where}: not 0x and 64 lower-case hexadecimal digits"
    )


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _no_float(digits: str) -> int:
    raise Malformed("malformed.policy.type", f"policy: {digits[:32]} is not an integer")


def _short_int(digits: str) -> int:
    if len(digits) > 20:  # the largest threshold is 2^60
        raise Malformed("malformed.policy.type", "policy: an integer of more than 20 digits")
    return int(digits)
