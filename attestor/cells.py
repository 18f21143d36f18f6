"""
The cells of a venue's files: numbers, instants and accounts, strict in
(docs/explanation/metrics.md A7).

All numbers become exact integers in the units of `attestor.statement`; nothing is rounded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from algebra.errors import Malformed
from attestor.by_hand import looks_like
from attestor.statement import MICROSECONDS, MONEY_PLACES, PLACES, Source, bad_line
from policies.address import address

_DECIMAL = re.compile(r"(-?)(\d{1,18})(?:\.(\d+))?", re.ASCII)
_TIME = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?Z", re.ASCII)
_ADDRESS = re.compile(r"0x[0-9a-f]{40}", re.ASCII)
_SUB_ACCOUNT = re.compile(r"[1-9]\d{0,9}", re.ASCII)


def parse_decimal(text: str, source: Source, what: str, places: int = PLACES) -> int:
    """
    A decimal with at most `places` places as an integer of 10^-places.

    Raises
    ------
    Malformed
        `malformed.statement`: empty, plus sign, exponent, blanks, more places, more than 18 digits
        before them.
    """
    match = _DECIMAL.fullmatch(text)
    if match is None:
        hint = "; a point and no thousands marks wanted" if "," in text else ""
        raise bad_line(source, f"{what}: not a plain decimal: {text[:40]!a}{hint}")
    sign: str = match.group(1)
    whole: str = match.group(2)
    fraction: str = match.group(3) or ""
    if len(fraction) > places:
        raise bad_line(source, f"{what}: more than {places} decimals: {text[:60]!a}")
    scale: int = 10**places
    number = int(whole) * scale + int(fraction.ljust(places, "0"))
    if sign and number == 0:
        raise bad_line(source, f"{what}: minus zero")
    return -number if sign else number


def parse_positive(text: str, source: Source, what: str) -> int:
    """As `parse_decimal`, and > 0."""
    number = parse_decimal(text, source, what)
    if number <= 0:
        raise bad_line(source, f"{what}: must be above 0: {text[:40]!a}")
    return number


def parse_money(text: str, source: Source, what: str) -> int:
    """A decimal amount of USD with at most 36 places, in u'."""
    return parse_decimal(text, source, what, MONEY_PLACES)


def parse_time(text: str, source: Source, what: str = "time") -> int:
    """`2023-02-27T15:02:26Z`, up to six decimals of a second, in microseconds since 1970 UTC."""
    match = _TIME.fullmatch(text)
    if match is None:
        hint = looks_like(int(text)) if text.isdecimal() and len(text) <= 18 else ""
        form = "2023-02-27T15:02:26Z (UTC)"
        raise bad_line(source, f"{what}: not of the form {form}: {text[:40]!a}{hint}")
    try:
        moment = datetime.strptime(match.group(1), "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise bad_line(source, f"{what}: no such instant: {text[:40]!a}") from error
    fraction: str = match.group(2) or ""
    return int(moment.timestamp()) * MICROSECONDS + int(fraction.ljust(6, "0"))


def time_text(time: int) -> str:
    """Microseconds since 1970 UTC as `parse_time` reads them."""
    seconds, rest = divmod(time, MICROSECONDS)
    moment = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{moment}{f'.{rest:06}' if rest else ''}Z"


def is_address(text: str) -> bool:
    """Whether a text is an address as statements have it: 20 bytes in lower-case hexadecimal."""
    return _ADDRESS.fullmatch(text) is not None


def parse_wallet(text: str, source: Source) -> str:
    """An address in lower case; a checksum is checked where the text has one (EIP-55)."""
    if is_address(text):
        return text
    try:
        return address(text, "wallet").lower()
    except Malformed as error:
        raise bad_line(source, f"{error.message}: {text[:50]!a}") from None


def parse_account(text: str, source: Source) -> str:
    """A wallet, or `wallet/number` for a sub-account; the number has no zero before it."""
    wallet, slash, number = text.partition("/")
    account = parse_wallet(wallet, source)
    if slash and _SUB_ACCOUNT.fullmatch(number) is None:
        raise bad_line(source, f"wallet: no number of a sub-account, 1 or more: {number[:20]!a}")
    return account + slash + number


def parse_choice(text: str, source: Source, what: str, choices: Mapping[str, bool]) -> bool:
    """One of two words."""
    if text not in choices:
        raise bad_line(source, f"{what}: {text[:40]!a} is none of {', '.join(choices)}")
    return choices[text]
