"""
The file of a margin document: strict in, Malformed (`malformed.margin`) with file, field and reason
(docs/explanation/margin.md 1).

Its digest is keccak256 of the file's bytes, as it is one of the files whose digests make the
`rules` of a signed root.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from algebra.errors import Malformed, Refused
from algebra.files import read_file
from algebra.keccak import keccak
from policies import reading
from policies.margin.rules import (
    SHARE,
    Band,
    Bracket,
    Coin,
    Linear,
    Move,
    OptionRule,
    Rate,
    Rules,
    Scenario,
    VolatilityRange,
)
from policies.rule_files import MARGIN, is_name

FORMAT, VERSION = "tierproof/margin", 1
CODE = "malformed.margin"
EXAMPLES = ("hyperliquid", "deribit-standard", "derive", "sample")
_FOLDER = Path(__file__).resolve().parents[1] / "examples" / "margin"

CLOCK_LIMIT = 3_600  # seconds; prices are read at least every hour
DAY_SECONDS = 86_400
RATE_LIMIT = 1 << 32
NOTIONAL_LIMIT = 1 << 60  # whole USD
VOLATILITY_LIMIT = 50_000  # 500 % a year; `attestor.margin.black` holds more than three times that
MOVE_LIMIT = 50_000  # the price times six
SHARE_LIMIT = 10 * SHARE
_TIME = "%Y-%m-%dT%H:%M:%SZ"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class MarginDocument:
    """
    A venue's rules through time.

    Attributes
    ----------
    name : of the document; in a root it is `margin/` and this
    venue : whose rules these are
    clock : seconds; prices are read at every multiple of it
    versions : ascending in `since`; each holds until the next
    sources, not_confirmed, left_out : for people: where the numbers are from, which of them could
        not be confirmed, what the venue charges and this document does not
    digest : keccak256 of the file, 32 bytes
    """

    name: str
    venue: str
    clock: int
    versions: tuple[Rules, ...]
    sources: tuple[str, ...]
    not_confirmed: tuple[str, ...]
    left_out: tuple[str, ...]
    digest: bytes

    @classmethod
    def load(cls, path: Path) -> MarginDocument:
        """Read a file; Malformed (`malformed.margin`), Unavailable (`unavailable.file`)."""
        return cls.from_bytes(read_file(path), path.name)

    @classmethod
    def from_bytes(cls, data: bytes, file: str = "margin document") -> MarginDocument:
        """Read the bytes of a file called `file`; Malformed (`malformed.margin`)."""
        return reading.rule_file(
            data, file, FORMAT, CODE, lambda value: _document(value, keccak(data))
        )

    def at(self, time: int) -> Rules:
        """
        The rules at an instant (microseconds since 1970 UTC).

        Raises
        ------
        Refused
            `refused.margin.version`: the instant is before the first version.
        """
        found = bisect_right(self.versions, time, key=lambda rules: rules.since)
        if found == 0:
            first = datetime.fromtimestamp(self.versions[0].since // 1_000_000, UTC)
            raise Refused(
                "refused.margin.version",
                f"margin document {self.name}: its first version holds from {first:{_TIME}}, the "
                "window begins before that; add the version that held then",
                document=self.name,
            )
        return self.versions[found - 1]


def example(name: str) -> MarginDocument:
    """One of `EXAMPLES`; another name is Unavailable (`unavailable.file`)."""
    return MarginDocument.load(example_path(name))


def example_path(name: str) -> Path:
    """Where the file of an example is."""
    return _FOLDER / f"{name}.json"


# -- the parts -------------------------------------------------------------------------------------
def _document(value: Any, digest: bytes) -> MarginDocument:
    lists = ("sources", "not_confirmed", "left_out")
    names = ("format", "version", "name", "venue", "clock", "versions", *lists)
    top = reading.keys(value, "document", names)
    if type(top["version"]) is not int or top["version"] != VERSION:
        raise _wrong("version", f"want {VERSION}")
    name = reading.text(top["name"], "name")
    if not is_name(MARGIN, name):
        raise _wrong("name", "a root names the document by it: letters, digits and @._- wanted")
    clock = _whole(top["clock"], "clock", 60, CLOCK_LIMIT)
    if DAY_SECONDS % clock:
        raise _wrong("clock", f"{clock} seconds do not divide a day")
    versions = _each(top["versions"], "versions", lambda one, at: _rules(one, at, name))
    if not versions:
        raise _wrong("versions", "there is none")
    _ascending([rules.since for rules in versions], "versions", "from")
    venue = reading.text(top["venue"], "venue")
    sources, unsure, left_out = (_each(top[each], each, reading.sentence) for each in lists)
    return MarginDocument(name, venue, clock, versions, sources, unsure, left_out, digest)


def _rules(value: Any, where: str, document: str) -> Rules:
    names = ("from", "band", "volatility", "collateral", "linear", "option", "scenario")
    part = reading.keys(value, where, names)
    band = _shares(part["band"], f"{where}.band", ("linear", "option"), SHARE)
    edges = reading.integers(part["volatility"], f"{where}.volatility", ("least", "greatest"))
    volatility = VolatilityRange(edges["least"], edges["greatest"])
    if not 1 <= volatility.least < volatility.greatest <= VOLATILITY_LIMIT:
        raise _wrong(
            f"{where}.volatility",
            f"want 1 <= least < greatest <= {VOLATILITY_LIMIT} (1/10^4 a year)",
        )
    coins = _each(part["collateral"], f"{where}.collateral", _coin)
    linear = _each(part["linear"], f"{where}.linear", _linear)
    option = _each(part["option"], f"{where}.option", _option)
    scenario = _each(part["scenario"], f"{where}.scenario", _scenario)
    for field, listed in (
        ("collateral", [each.name for each in coins]),
        ("linear", [each.name for each in coins] + [each.name for each in linear]),
        ("option", [each.underlying for each in option]),
        ("scenario", [each.underlying for each in scenario]),
    ):
        twice = [name for name in listed if listed.count(name) > 1]
        if twice:
            raise _wrong(f"{where}.{field}", f"{twice[0]!r} stands twice")
    if not linear and not option:
        raise _wrong(where, "no rule for any instrument")
    since = _instant(part["from"], f"{where}.from")
    return Rules(document, since, Band(**band), volatility, coins, linear, option, scenario)


def _coin(value: Any, where: str) -> Coin:
    part = reading.keys(value, where, ("name", "underlying", "factor"))
    return Coin(
        reading.text(part["name"], f"{where}.name"),
        reading.text(part["underlying"], f"{where}.underlying"),
        _whole(part["factor"], f"{where}.factor", 0, SHARE),
    )


def _linear(value: Any, where: str) -> Linear:
    part = reading.keys(value, where, ("name", "underlying", "brackets", "slope"))
    brackets = _each(part["brackets"], f"{where}.brackets", _bracket)
    if not brackets or brackets[0].start != 0:
        raise _wrong(f"{where}.brackets", "a gap: the first bracket must begin at 0")
    _ascending([bracket.start for bracket in brackets], f"{where}.brackets", "from")
    for low, high in pairwise(bracket.rate for bracket in brackets):
        if high.numerator * low.denominator < low.numerator * high.denominator:
            raise _wrong(f"{where}.brackets", "the rate falls from one bracket to the next")
    return Linear(
        _pattern(part["name"], f"{where}.name"),
        reading.text(part["underlying"], f"{where}.underlying"),
        brackets,
        _rate(part["slope"], f"{where}.slope", least=0),
    )


def _bracket(value: Any, where: str) -> Bracket:
    part = reading.keys(value, where, ("from", "rate"))
    return Bracket(
        _whole(part["from"], f"{where}.from", 0, NOTIONAL_LIMIT - 1),
        _rate(part["rate"], f"{where}.rate", least=1),
    )


def _option(value: Any, where: str) -> OptionRule:
    names = ("underlying", "call", "put", "put_mark", "long", "spread", "unpaired")
    part = reading.keys(value, where, names)
    if not isinstance(part["spread"], bool):
        raise _wrong(f"{where}.spread", "neither true nor false")
    spread: bool = part["spread"]
    return OptionRule(
        reading.text(part["underlying"], f"{where}.underlying"),
        _whole(part["call"], f"{where}.call", 1, SHARE),
        _whole(part["put"], f"{where}.put", 1, SHARE),
        _whole(part["put_mark"], f"{where}.put_mark", 0, SHARE),
        _whole(part["long"], f"{where}.long", 0, SHARE),
        spread,
        # calls have no greatest loss: with `spread` the short ones that nothing pairs with pay
        _whole(part["unpaired"], f"{where}.unpaired", *((1, SHARE_LIMIT) if spread else (0, 0))),
    )


def _scenario(value: Any, where: str) -> Scenario:
    names = ("underlying", "moves", "up", "down", "least_up", "floor_days", "powers", "factor")
    part = reading.keys(value, where, (*names, "perpetual", "short_option"))
    moves = _each(part["moves"], f"{where}.moves", _move)
    if not any(move.price < 0 for move in moves) or not any(move.price > 0 for move in moves):
        raise _wrong(f"{where}.moves", "want at least one move down and one up")
    powers = _integers(part["powers"], f"{where}.powers", 2)
    return Scenario(
        reading.text(part["underlying"], f"{where}.underlying"),
        moves,
        _whole(part["up"], f"{where}.up", 0, 2 * SHARE),
        _whole(part["down"], f"{where}.down", 0, SHARE),
        _whole(part["least_up"], f"{where}.least_up", 0, VOLATILITY_LIMIT),
        _whole(part["floor_days"], f"{where}.floor_days", 1, 365),
        (
            _whole(powers[0], f"{where}.powers[0]", 0, SHARE),
            _whole(powers[1], f"{where}.powers[1]", 0, SHARE),
        ),
        _whole(part["factor"], f"{where}.factor", 1, SHARE_LIMIT),
        _whole(part["perpetual"], f"{where}.perpetual", 0, SHARE),
        _whole(part["short_option"], f"{where}.short_option", 0, SHARE),
    )


def _move(value: Any, where: str) -> Move:
    price, volatility, damping = _integers(value, where, 3)
    return Move(
        _whole(price, f"{where}[0]", -SHARE, MOVE_LIMIT),
        _whole(volatility, f"{where}[1]", -1, 1),
        _whole(damping, f"{where}[2]", 1, SHARE),
    )


def _rate(value: Any, where: str, *, least: int) -> Rate:
    """[numerator, denominator], a rate below 1; `least` is that of the numerator."""
    numerator, denominator = _integers(value, where, 2)
    if numerator < least:
        raise _wrong(where, "a rate of 0: the position would need no margin")
    _whole(denominator, f"{where}[1]", 1, RATE_LIMIT - 1)
    _whole(numerator, f"{where}[0]", least, denominator - 1)
    return Rate(numerator, denominator)


# -- values ----------------------------------------------------------------------------------------
def _wrong(where: str, reason: str) -> Malformed:
    return Malformed(CODE, f"{where}: {reason}")


def _whole(value: Any, where: str, least: int, greatest: int) -> int:
    if not least <= reading.integer(value, where) <= greatest:
        raise _wrong(where, f"{value} is outside {least}..{greatest}")
    return int(value)


def _shares(value: Any, where: str, names: Sequence[str], greatest: int) -> dict[str, int]:
    numbers = reading.integers(value, where, names)
    return {name: _whole(numbers[name], f"{where}.{name}", 0, greatest) for name in names}


def _integers(value: Any, where: str, length: int) -> list[int]:
    if not isinstance(value, list) or len(value) != length:
        raise _wrong(where, f"not a list of {length} whole numbers")
    return reading.integer_list(value, where)


def _each(value: Any, where: str, read: Callable[[Any, str], T]) -> tuple[T, ...]:
    if not isinstance(value, list):
        raise _wrong(where, "not a list")
    return tuple(read(item, f"{where}[{index}]") for index, item in enumerate(value))


def _pattern(value: Any, where: str) -> str:
    name = reading.text(value, where)
    if "*" in name[:-1] or name == "*":
        raise _wrong(where, "`*` may only end a name that it shortens")
    return name


def _instant(value: Any, where: str) -> int:
    try:
        moment = datetime.strptime(reading.text(value, where), _TIME).replace(tzinfo=UTC)
    except ValueError:
        raise _wrong(where, f"not of the form 2026-01-31T00:00:00Z: {str(value)[:40]!a}") from None
    if moment.strftime(_TIME) != value or moment.year < 1970:
        raise _wrong(where, f"not of the form 2026-01-31T00:00:00Z: {value[:40]!a}")
    return int(moment.timestamp()) * 1_000_000


def _ascending(numbers: Sequence[int], where: str, what: str) -> None:
    for index, (before, after) in enumerate(pairwise(numbers)):
        if after <= before:
            raise _wrong(f"{where}[{index + 1}].{what}", "out of order: not above the one before")
