"""
The factor that the market's regime puts on every tier's margins (`Regime.sol`).

At most four bands of volatility, each with a factor. Up is at once, down is slow. A feed that is
dead or absurd tightens opening at once and maintenance only after `HOLD`, which is longer than the
notice for another feed: so a dead feed liquidates nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from policies.effective.glide import ONE, Clock, ramp

HOLD = 72 * 3600  # seconds for which a dead feed's last band holds for maintenance
CALM = 24 * 3600  # seconds without sight of a band's upper line after which it may be left
MAX_BANDS = 4
GREATEST_FACTOR = 30_000
NO_FEED = (1 << 32) - 1
"""`stale_at` where no feed was ever chosen."""
_LINE_BITS, _FACTOR_BITS = 24, 16


@dataclass(frozen=True, slots=True)
class Band:
    """
    A band of volatility.

    Attributes
    ----------
    entered, left : hundredths of a point: it is entered from the first on, left below the second;
        both 0 in the lowest band
    factor : 1/10^4
    """

    entered: int
    left: int
    factor: int


def pack(bands: Sequence[Band]) -> int:
    """Bands as the contract keeps them: a word of four times 64 bits, lowest first."""
    word = 0
    for i, band in enumerate(bands):
        fields = band.entered | band.left << _LINE_BITS | band.factor << 2 * _LINE_BITS
        word |= fields << 64 * i
    return word


def valid(bands: Sequence[Band], strictest: int) -> bool:
    """
    Whether these are bands: one to four, the lowest without lines and with the factor 1.0, lines
    and factors ascending, each left below where it is entered, the last one's factor `strictest`.
    """
    if not 1 <= len(bands) <= MAX_BANDS or bands[0] != Band(0, 0, ONE):
        return False
    ascending = all(
        low.entered < high.entered and low.left < high.left and low.factor < high.factor
        for low, high in pairwise(bands)
    )
    apart = all(band.left < band.entered for band in bands[1:])
    return ascending and apart and bands[-1].factor == strictest <= GREATEST_FACTOR


@dataclass(frozen=True, slots=True)
class Feed:
    """
    What a poke remembers.

    Attributes
    ----------
    heartbeat : seconds after which an answer no longer counts
    band : index of the band that holds
    seen_at : when a poke last saw the upper line of that band, or the band changed
    """

    heartbeat: int
    band: int = 0
    seen_at: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """A feed's answer that counts: hundredths of a point, and when it was made."""

    volatility: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class Regime:
    """
    The market's regime.

    Attributes
    ----------
    factor : 1/10^4
    stale_at : first second at which the feed no longer counts, unless somebody pokes before
    """

    factor: Clock = field(default_factory=lambda: Clock(ONE, ONE, 0))
    stale_at: int = NO_FEED

    def opening_factor(self, strictest: int, time: int) -> int:
        """Factor of opening margins: the band's; the strictest if the feed is dead."""
        return self.factor.target if time < self.stale_at else strictest

    def maintenance_factor(self, strictest: int, time: int) -> int:
        """
        Factor of maintenance margins: the band's by its clock; `HOLD` after the feed died a second
        clock starts, from 1.0, which the first is never below.
        """
        return max(self.factor.at(time), ramp(ONE, strictest, self.stale_at + HOLD, time))

    def goal(self, strictest: int, time: int) -> int:
        """What the maintenance factor is on its way to."""
        return self.factor.target if time < self.stale_at + HOLD else strictest

    def poke(
        self,
        feed: Feed,
        bands: Sequence[Band],
        reading: Reading | None,
        sequencer_up: bool,
        time: int,
    ) -> tuple[Regime, Feed]:
        """
        What a reading changes; None is one that does not count.

        A lower band comes only from a reading below the band's lower line, `CALM` after its upper
        line was last seen; neither it nor a longer life of the last reading while the sequencer is
        down.
        """
        if reading is None:
            return replace(self, stale_at=min(self.stale_at, time)), feed
        band = next_band(bands, feed, reading.volatility, sequencer_up, time)
        seen = band > 0 and reading.volatility >= bands[band].entered
        if band != feed.band or seen:
            feed = replace(feed, band=band, seen_at=time)
        factor, target = self.factor, bands[band].factor
        if target > factor.target or sequencer_up:
            held = self.maintenance_factor(bands[-1].factor, time)
            factor = factor.retarget(target, held, time)
        stale_at = reading.updated_at + feed.heartbeat + 1 if sequencer_up else self.stale_at
        return Regime(factor, stale_at), feed


def next_band(
    bands: Sequence[Band], feed: Feed, volatility: int, may_lower: bool, time: int
) -> int:
    """
    The highest band that is entered; else, where the one that held may be left, the highest that
    is not; else the one that held, or the last that there is.
    """
    band = min(feed.band, len(bands) - 1)
    above = [i for i in range(band + 1, len(bands)) if volatility >= bands[i].entered]
    if above:
        return above[-1]
    if not may_lower or time < feed.seen_at + CALM:
        return band
    return max(i for i in range(band + 1) if volatility >= bands[i].left)
