"""
Names of Deribit's instruments, and what they say (docs/explanation/attestation.md 2.6).

    BTC-PERPETUAL, BTC-26JUN20          inverse: a face in dollars, paid in the coin
    BTC-19FEB21-49200-C                 an option paid in the coin
    SOL_USDC-PERPETUAL, SOL_USDC-26JUN26, SOL_USDC-26JUN26-0d5-P    linear: paid in USDC

Other names (spot pairs, combinations, other currencies of settlement) are refused.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from typing import NamedTuple

from attestor.statement import MICROSECONDS, UNIT, Instrument, Source, bad_line

COINS = ("BTC", "ETH")
"""Currencies of accounts that are coins; a balance in one is a position in it."""
DOLLARS = "USDC"
"""The currency of accounts that counts as dollars."""
LAST_UNIT = 10**10
"""What a figure of the venue's may be rounded by, 1e-8, in 1e-18."""
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_NAME = re.compile(
    r"(?P<base>[A-Z0-9]{2,16}?)(?P<linear>_USDC)?-(?:(?P<perpetual>PERPETUAL)"
    r"|(?P<day>\d{1,2})(?P<month>[A-Z]{3})(?P<year>\d{2})"
    r"(?:-(?P<strike>\d{1,9}(?:d\d{1,9})?)-(?P<right>[CP]))?)",
    re.ASCII,
)
_EXPIRES = 8
"""Hour of the day, UTC, at which contracts expire."""


class Contract(NamedTuple):
    """
    What a name says.

    Attributes
    ----------
    base : the coin that it follows
    currency : the one in which it pays: a coin, or `DOLLARS`
    instrument : as the books have it; an option's underlying is its coin's index, or the linear
        perpetual
    """

    base: str
    currency: str
    instrument: Instrument

    @property
    def name(self) -> str:
        """As the venue spells it."""
        return self.instrument.name

    @property
    def inverse(self) -> bool:
        """Whether a future has a face in dollars and pays in the coin."""
        return self.instrument.coin is not None

    @property
    def option(self) -> bool:
        """An option, not a future or perpetual."""
        return self.instrument.strike is not None

    @property
    def strike(self) -> int:
        """An option's, 1e-18."""
        return self.instrument.strike or 0

    @property
    def future(self) -> str:
        """The future of an option's expiry, by name."""
        return self.name.rsplit("-", 2)[0]


def contract(name: str, source: Source) -> Contract:
    """Read a name; Malformed (`malformed.statement`) at `source`."""
    found = _read(name)
    if found is None:
        raise bad_line(
            source,
            f"instrument_name: {name[:40]!a} is none of an inverse contract of BTC or ETH, an "
            "option in these coins, or a contract in USDC; no recording shows others",
        )
    return found


@cache
def _read(name: str) -> Contract | None:
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    base, linear = match["base"], match["linear"] is not None
    if not linear and base not in COINS:
        return None
    currency = DOLLARS if linear else base
    if match["perpetual"]:
        return Contract(base, currency, Instrument(name, coin=None if linear else base))
    expiry = _expiry(match)
    if expiry is None:
        return None
    if match["strike"] is None:
        future = Instrument(name, expiry=expiry, coin=None if linear else base)
        return Contract(base, currency, future)
    underlying = f"{base}_USDC-PERPETUAL" if linear else base
    option = Instrument(name, underlying, expiry, _strike(match["strike"]), match["right"] == "C")
    return Contract(base, currency, option) if option.strike else None


def _expiry(match: re.Match[str]) -> int | None:
    if match["month"] not in _MONTHS:
        return None
    month = _MONTHS.index(match["month"]) + 1
    try:
        at = datetime(2000 + int(match["year"]), month, int(match["day"]), _EXPIRES, tzinfo=UTC)
    except ValueError:
        return None
    return int(at.timestamp()) * MICROSECONDS


def _strike(text: str) -> int:
    """`d` is the point of a strike below one."""
    whole, _, part = text.partition("d")
    return int(whole) * UNIT + int(part.ljust(18, "0"))
