"""
Names of Derive: instruments, and the ids and instants beside them (docs/guides/attestor.md).

`ETH-PERP` is a perpetual, `ETH-20260828-3000-C` an option that expires at 08:00 UTC of its day.
Both stand on the index of their currency, which is an instrument here of the currency's name, as a
balance in the coin is.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from attestor.collect.item import Item
from attestor.statement import MICROSECONDS, UNIT, Instrument

USDC = "USDC"
"""What cash is, of which one counts as a dollar."""
EXPIRY_HOUR = 8
"""UTC, of the day in an option's name."""

_COIN = re.compile(r"[A-Z][A-Z0-9]{0,15}", re.ASCII)
_PERPETUAL = re.compile(r"([A-Z][A-Z0-9]{0,15})-PERP", re.ASCII)
_OPTION = re.compile(r"([A-Z][A-Z0-9]{0,15})-(\d{8})-([1-9]\d{0,11})-([CP])", re.ASCII)


class Instruments:
    """Every instrument that a folder names."""

    def __init__(self) -> None:
        self.by_name: dict[str, Instrument] = {}

    def named(self, item: Item, name: str) -> Instrument:
        """
        The instrument of a name; Malformed (`malformed.statement`) unless it is a perpetual or an
        option: how a trade of coins is told, no recording shows.
        """
        text = item.text(name)
        found = None if is_coin(text) else self.by_name.get(text) or _parsed(text)
        if found is None:
            reason = "neither a perpetual (ETH-PERP) nor an option (ETH-20260828-3000-C)"
            raise item.error(name, f"{reason}: {text[:40]!a}")
        self.by_name[text] = found
        self.coin(currency_of(text))
        return found

    def coin(self, name: str) -> Instrument:
        """The index of a currency, and a balance in it."""
        return self.by_name.setdefault(name, Instrument(name))


def currency_of(instrument: str) -> str:
    """`ETH` of `ETH-PERP`; of a coin itself."""
    return instrument.partition("-")[0]


def is_perpetual(name: str) -> bool:
    """Whether a text is the name of a perpetual."""
    return _PERPETUAL.fullmatch(name) is not None


def is_coin(name: str) -> bool:
    """Whether a text is the name of a currency."""
    return _COIN.fullmatch(name) is not None


def _parsed(name: str) -> Instrument | None:
    if is_perpetual(name):
        return Instrument(name)
    match = _OPTION.fullmatch(name)
    if match is None:
        return None
    currency, day, strike, right = match.groups()
    try:
        moment = datetime.strptime(day, "%Y%m%d").replace(hour=EXPIRY_HOUR, tzinfo=UTC)
    except ValueError:
        return None
    expiry = int(moment.timestamp()) * MICROSECONDS
    return Instrument(name, currency, expiry, int(strike) * UNIT, right == "C")
