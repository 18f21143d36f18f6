// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Glide} from "./Glide.sol";
import {Feed, Market} from "./Slots.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title The factor that the market's regime puts on every tier's margins
/// @dev At most four bands of volatility, each with a factor. Up is at once, down is slow. A feed
/// that is dead or absurd tightens opening at once and maintenance only after `HOLD`, which is
/// longer than the notice for another feed: so a dead feed liquidates nobody.
///
/// Bands are a word of four times 64 bits, lowest first: the line from which a band is entered (24
/// bits, hundredths of a point), the line below which it is left (24), its factor (16, 1/10^4).
/// The lowest band has no lines and the factor 1.0; bands that are not there are zero.
library Regime {
    /// @dev Seconds for which a dead feed's last band holds for maintenance.
    uint256 internal constant HOLD = 72 hours;

    /// @dev Seconds without sight of a band's upper line after which it may be left.
    uint256 internal constant CALM = 24 hours;

    /// @dev Number of bands, at most.
    uint256 internal constant BANDS = 4;

    /// @dev Greatest factor, 1/10^4.
    uint256 internal constant GREATEST_FACTOR = 30_000;

    /// @dev Factor that opening margins carry: of the band, or of the strictest if the feed is dead.
    /// @param market The market's slot.
    /// @param strictest Factor of the strictest band.
    /// @param time The second asked for.
    /// @return The factor, 1/10^4.
    function openingFactor(Market memory market, uint256 strictest, uint256 time)
        internal
        pure
        returns (uint256)
    {
        return time < market.staleAt ? market.factorTo : strictest;
    }

    /// @dev Factor that maintenance margins carry: of the band, by its clock; `HOLD` after the feed
    /// died a second clock starts, from 1.0, which the first is never below.
    /// @param market The market's slot.
    /// @param strictest Factor of the strictest band.
    /// @param time The second asked for.
    /// @return The factor, 1/10^4.
    function maintenanceFactor(Market memory market, uint256 strictest, uint256 time)
        internal
        pure
        returns (uint256)
    {
        uint256 banded = Glide.ramp(market.factorFrom, market.factorTo, market.factorSince, time);
        unchecked {
            uint256 start = market.staleAt + HOLD;
            if (time <= start) return banded;
            uint256 dead = Glide.ramp(Glide.ONE, strictest, start, time);
            return dead > banded ? dead : banded;
        }
    }

    /// @dev What the maintenance factor is on its way to.
    /// @param market The market's slot.
    /// @param strictest Factor of the strictest band.
    /// @param time The second asked for.
    /// @return The factor, 1/10^4.
    function goal(Market memory market, uint256 strictest, uint256 time)
        internal
        pure
        returns (uint256)
    {
        unchecked {
            return time < market.staleAt + HOLD ? market.factorTo : strictest;
        }
    }

    /// @dev What a reading of the feed changes. Nothing but time makes it loosen: a lower band
    /// comes only from a reading below the band's lower line, `CALM` after its upper line was last
    /// seen, and neither it nor a longer life of the last reading while the sequencer is down.
    /// @param market The market's slot, changed in place.
    /// @param feed The feed's slot, changed in place.
    /// @param bands The bands.
    /// @param strictest Factor of the strictest band.
    /// @param usable Whether the reading counts.
    /// @param volatility What it says, hundredths of a point.
    /// @param updatedAt When it was made.
    /// @param sequencerUp Whether transactions could be sent for long enough.
    /// @param time Now.
    function poke(
        Market memory market,
        Feed memory feed,
        uint256 bands,
        uint256 strictest,
        bool usable,
        uint256 volatility,
        uint256 updatedAt,
        bool sequencerUp,
        uint256 time
    ) internal pure {
        if (!usable) {
            if (market.staleAt > time) market.staleAt = uint32(time);
            return;
        }
        uint256 held = maintenanceFactor(market, strictest, time);
        uint256 band = nextBand(bands, feed.band, feed.seenAt, volatility, sequencerUp, time);
        if (band != feed.band || (band > 0 && volatility >= entered(bands, band))) {
            feed.seenAt = uint32(time);
        }
        feed.band = uint8(band);
        uint256 next = factor(bands, band);
        if (next > market.factorTo || sequencerUp) {
            (uint256 from, uint256 since) = Glide.retarget(
                market.factorFrom, market.factorTo, market.factorSince, next, held, time
            );
            market.factorFrom = uint16(from);
            market.factorTo = uint16(next);
            market.factorSince = uint32(since);
        }
        if (sequencerUp) market.staleAt = uint32(updatedAt + feed.heartbeat + 1);
    }

    /// @dev The band that follows a reading.
    /// @param bands The bands.
    /// @param band The band that held.
    /// @param seenAt When its upper line was last seen.
    /// @param volatility The reading, hundredths of a point.
    /// @param mayLower Whether a lower band may follow.
    /// @param time Now.
    /// @return The highest band that is entered; else, where it may be left, the highest that is
    /// not left; else the one that held, or the last that there is.
    function nextBand(
        uint256 bands,
        uint256 band,
        uint256 seenAt,
        uint256 volatility,
        bool mayLower,
        uint256 time
    ) internal pure returns (uint256) {
        uint256 top = last(bands);
        if (band > top) band = top;
        for (uint256 i = top; i > band; --i) {
            if (volatility >= entered(bands, i)) return i;
        }
        if (!mayLower || time < seenAt + CALM) return band;
        while (volatility < left(bands, band)) --band;
        return band;
    }

    /// @dev Whether four words of 64 bits are bands: lines and factors ascend, each band is left
    /// below where it is entered, the strictest has the factor that the contract was made with.
    /// @param bands The bands.
    /// @param strictest Factor of the strictest band, at most `GREATEST_FACTOR`.
    /// @return Whether they are.
    function valid(uint256 bands, uint256 strictest) internal pure returns (bool) {
        uint256 top = last(bands);
        if (uint64(bands) != Glide.ONE << 48) return false;
        for (uint256 i = 1; i <= top; ++i) {
            if (
                entered(bands, i) <= entered(bands, i - 1) || left(bands, i) <= left(bands, i - 1)
                    || left(bands, i) >= entered(bands, i)
                    || factor(bands, i) <= factor(bands, i - 1)
            ) return false;
        }
        return factor(bands, top) == strictest && strictest <= GREATEST_FACTOR;
    }

    /// @dev Index of the strictest band.
    /// @param bands The bands.
    /// @return 0 to 3.
    function last(uint256 bands) internal pure returns (uint256) {
        return bands == 0 ? 0 : Math.log2(bands) / 64;
    }

    /// @dev Where a band is entered.
    /// @param bands The bands.
    /// @param band Its index.
    /// @return Hundredths of a point.
    function entered(uint256 bands, uint256 band) internal pure returns (uint256) {
        return uint24(bands >> (64 * band));
    }

    /// @dev Below what a band is left.
    /// @param bands The bands.
    /// @param band Its index.
    /// @return Hundredths of a point; zero for the lowest band.
    function left(uint256 bands, uint256 band) internal pure returns (uint256) {
        return uint24(bands >> (64 * band + 24));
    }

    /// @dev Factor of a band.
    /// @param bands The bands.
    /// @param band Its index.
    /// @return The factor, 1/10^4.
    function factor(uint256 bands, uint256 band) internal pure returns (uint256) {
        return uint16(bands >> (64 * band + 48));
    }
}
