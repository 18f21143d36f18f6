"""
What holds without a grant, and what the market does to every tier: the default's terms, the bands
of volatility and the feed that they are read from (docs/explanation/terms.md).

A registry is made with default and bands, whose strictest factor stays for good; everything may be
announced anew. `tierproof/market` is the file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from algebra.errors import Malformed
from algebra.files import read_file, write_atomic
from policies import reading
from policies.address import address
from policies.effective.glide import ONE
from policies.effective.regime import GREATEST_FACTOR, Band, pack, valid
from policies.rules import (
    BASIS_POINTS,
    LEAST_INITIAL_MARGIN_BP,
    LEAST_MAINTENANCE_MARGIN_BP,
    MOST_FEE,
    MOST_LEVERAGE,
    MOST_MAINTENANCE_MARGIN_BP,
    MOST_MAINTENANCE_PERCENT,
    Rule,
    check,
)
from policies.terms import RATES, Terms

FORMAT, VERSION = "tierproof/market", 1
CODE = "malformed.market"
NO_SOURCE = "0x" + "00" * 20
MOST_HEARTBEAT = 48 * 3_600  # seconds


@dataclass(frozen=True)
class Source:
    """
    Where volatility is read.

    Attributes
    ----------
    feed : address of a feed in points
    heartbeat : seconds after which an answer no longer counts, 1 .. 172,800
    sequencer : feed of a layer's sequencer; the zero address on a chain without one
    """

    feed: str
    heartbeat: int
    sequencer: str = NO_SOURCE


@dataclass(frozen=True)
class MarketRules:
    """
    Attributes
    ----------
    terms : of the default, without limit and validity
    bands : one to four, the calm one first
    source : None without a feed: the calm band holds
    """

    terms: Terms
    bands: tuple[Band, ...] = (Band(0, 0, ONE),)
    source: Source | None = None

    def check(self) -> None:
        """Refused (`refused.market`) naming what a registry would not take."""
        check(RULES, self, "market")

    def born_with(self) -> tuple[tuple[int, ...], int]:
        """The default's terms and the bands, as a registry's constructor takes them."""
        return self.terms.as_tuple(), pack(self.bands)

    def rules(self) -> tuple[object, ...]:
        """As `announceMarket` takes it."""
        source = self.source or Source(NO_SOURCE, 0)
        return (*self.born_with(), source.feed, source.heartbeat, source.sequencer)

    @classmethod
    def load(cls, path: Path) -> MarketRules:
        """
        Read a market file; Malformed (`malformed.market`), Unavailable (`unavailable.market`), and
        Refused as `check`.
        """
        data = read_file(path, absent="unavailable.market")
        market = reading.rule_file(data, path.name, FORMAT, CODE, cls.from_json)
        market.check()
        return market

    def save(self, path: Path) -> None:
        """Write the file whole or not at all."""
        document = {"format": FORMAT, "version": VERSION, **self.as_json()}
        write_atomic(path, json.dumps(document, indent=2).encode() + b"\n")

    def as_json(self) -> dict[str, Any]:
        """The object of the file, without format and version."""
        document: dict[str, Any] = {
            "default": {name: getattr(self.terms, name) for name in RATES},
            "bands": [asdict(band) for band in self.bands],
        }
        return document if self.source is None else {**document, "source": asdict(self.source)}

    @classmethod
    def from_json(cls, value: Any) -> MarketRules:
        """From the object of a file, with format and version or without; Malformed."""
        if isinstance(value, Mapping) and "version" in value:
            if reading.integer(value["version"], "version") != VERSION:
                raise Malformed(CODE, f"version: is not {VERSION}")
            value = {k: v for k, v in value.items() if k not in ("format", "version")}
        held = reading.keys(value, "market", ("default", "bands"), ("source",))
        terms = reading.integers(held["default"], "default", RATES)
        if not isinstance(held["bands"], list) or not held["bands"]:
            raise Malformed(CODE, "bands: not a list of one band at least")
        bands = [
            Band(**reading.integers(each, f"bands[{i}]", ("entered", "left", "factor")))
            for i, each in enumerate(held["bands"])
        ]
        return cls(Terms(**terms, limit=0, validity_days=0), tuple(bands), _source(held))


def _source(held: Mapping[str, Any]) -> Source | None:
    if "source" not in held:
        return None
    of = reading.keys(held["source"], "source", ("feed", "heartbeat"), ("sequencer",))
    return Source(
        address(of["feed"], "source: feed"),
        reading.integer(of["heartbeat"], "source: heartbeat"),
        address(of.get("sequencer", NO_SOURCE), "source: sequencer"),
    )


def _of_default(name: str, **limits: Any) -> Rule[MarketRules]:
    return Rule(
        f"default: {name}",
        lambda market: int(getattr(market.terms, name)),
        "refused.market",
        "DefaultInvalid",
        **limits,
    )


RULES: tuple[Rule[MarketRules], ...] = (
    _of_default(
        "maintenance_margin_bp",
        least=LEAST_MAINTENANCE_MARGIN_BP,
        greatest=MOST_MAINTENANCE_MARGIN_BP,
        why="so a glide to the default takes less than 100 bp an hour",
    ),
    _of_default("initial_margin_bp", least=LEAST_INITIAL_MARGIN_BP, greatest=BASIS_POINTS),
    _of_default(
        "maintenance_margin_bp",
        greatest=lambda market: market.terms.initial_margin_bp * MOST_MAINTENANCE_PERCENT // 100,
        why=f"maintenance is at most {MOST_MAINTENANCE_PERCENT} % of the initial margin",
    ),
    _of_default("max_leverage", least=1, greatest=MOST_LEVERAGE),
    Rule(
        "default: max_leverage * initial_margin_bp",
        lambda market: market.terms.max_leverage * market.terms.initial_margin_bp,
        "refused.market",
        "DefaultInvalid",
        greatest=BASIS_POINTS,
        why="the initial margin covers the leverage",
    ),
    _of_default("taker_fee", least=-MOST_FEE, greatest=MOST_FEE),
    _of_default("maker_fee", least=-MOST_FEE, greatest=MOST_FEE),
    Rule(
        "default: taker_fee + maker_fee",
        lambda market: market.terms.taker_fee + market.terms.maker_fee,
        "refused.market",
        "DefaultInvalid",
        least=0,
        why="a rebate above the other side's fee pays for trading with oneself",
    ),
    Rule(
        "number of bands that can follow each other",
        lambda market: len(market.bands) if valid(market.bands, market.bands[-1].factor) else 0,
        "refused.market",
        "BandsInvalid",
        least=1,
        why=f"lines and factors ascend, to {GREATEST_FACTOR} at most; the first band is calm",
    ),
    Rule(
        "source: heartbeat",
        lambda market: market.source.heartbeat if market.source else 1,
        "refused.market",
        "FeedInvalid",
        least=1,
        greatest=MOST_HEARTBEAT,
    ),
)

STRICT = MarketRules(Terms(5_000, 2_500, 10_000, 10_000, 2, 0, 0))
"""A default that no tier is worse than, and no feed."""
