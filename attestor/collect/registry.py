"""The venues from which `tierproof collect` collects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from algebra.errors import Refused
from attestor.collect import hyperliquid
from attestor.collect.http import Asker
from attestor.collect.writer import Collecting


@dataclass(frozen=True, slots=True)
class Collector:
    """
    Attributes
    ----------
    name : of the venue and of its adapter
    url : of its interface, where none is given
    run : asks and keeps, and finishes the folder; keyword arguments as those of `collect`
    """

    name: str
    url: str
    run: Callable[..., None]


def _hyperliquid(folder: Collecting, asker: Asker, **options: Any) -> None:
    hyperliquid.HyperliquidCollecting(folder, asker, **options).run()


COLLECTORS: tuple[Collector, ...] = (Collector("hyperliquid", hyperliquid.URL, _hyperliquid),)


def collector_of(name: str) -> Collector:
    """The collector of this name; Refused (`refused.venue`)."""
    for collector in COLLECTORS:
        if collector.name == name:
            return collector
    names = ", ".join(collector.name for collector in COLLECTORS)
    raise Refused(
        "refused.venue",
        f"collect: {name[:40]!r} has no collector; there are: {names}. A folder of another venue "
        "is made by hand from saved answers",
    )
