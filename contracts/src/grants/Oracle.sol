// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Feed} from "./Slots.sol";

/// @title Feeds of the form of Chainlink's AggregatorV3Interface, read so that none can harm
/// @dev Whatever the other contract does, a reading returns: it has a bounded amount of gas, its
/// answer is copied whole and in fixed length, and no word of it is believed before its range.
library Oracle {
    /// @dev Gas that a reading may take.
    uint256 internal constant READ_GAS = 150_000;

    /// @dev Least and greatest volatility that is believed, points.
    uint256 internal constant LEAST_POINTS = 1;

    /// @dev Greatest volatility that is believed, points.
    uint256 internal constant GREATEST_POINTS = 1_000;

    /// @dev Greatest number of decimals of a feed.
    uint256 internal constant GREATEST_DECIMALS = 18;

    /// @dev Longest time for which an answer may count, seconds.
    uint256 internal constant GREATEST_HEARTBEAT = 48 hours;

    /// @dev Seconds after a sequencer's return in which nothing loosens.
    uint256 internal constant GRACE = 1 hours;

    /// @notice The call has too little gas: the feed would look dead without being so.
    error TooLittleGasForFeed();

    /// @notice A feed has too many decimals, or no heartbeat or a longer one than is allowed.
    /// @param source Its contract.
    /// @param decimals Its decimals.
    /// @param heartbeat Its heartbeat, seconds.
    error FeedInvalid(address source, uint256 decimals, uint256 heartbeat);

    /// @dev A feed as it is written when it is chosen.
    /// @param source Its contract; must say its decimals.
    /// @param heartbeat Seconds after which an answer no longer counts.
    /// @param old The feed before it, whose band stays.
    /// @return The slot.
    function chosen(address source, uint256 heartbeat, Feed memory old)
        internal
        view
        returns (Feed memory)
    {
        (bool said, uint256 decimals,,) = _ask(source, 0x313ce567, 32);
        if (
            !said || decimals > GREATEST_DECIMALS || heartbeat == 0
                || heartbeat > GREATEST_HEARTBEAT
        ) revert FeedInvalid(source, decimals, heartbeat);
        return Feed(source, uint8(decimals), uint24(heartbeat), old.band, old.seenAt);
    }

    /// @dev The last answer of a feed of volatility.
    /// @param feed The feed.
    /// @param time Now.
    /// @return usable Whether it answered, within bounds, within its heartbeat, not in the future.
    /// @return volatility Hundredths of a point, rounded up; 0 if it is not usable.
    /// @return updatedAt When the answer was made; 0 if it is not usable.
    function read(Feed memory feed, uint256 time)
        internal
        view
        returns (bool usable, uint256 volatility, uint256 updatedAt)
    {
        (bool said, uint256 answer,, uint256 made) = _ask(feed.source, 0xfeaf968c, 160);
        uint256 unit = 10 ** feed.decimals;
        if (!said || answer < LEAST_POINTS * unit || answer > GREATEST_POINTS * unit) {
            return (false, 0, 0);
        }
        if (made > time || time - made > feed.heartbeat) return (false, 0, 0);
        return (true, (answer * 100 + unit - 1) / unit, made);
    }

    /// @dev Whether a layer's sequencer runs, and has for longer than `GRACE`. It answers 0 while
    /// it runs, with the second at which it began to.
    /// @param source Its feed; zero on a chain without one.
    /// @param time Now.
    /// @return Whether it does; false if the feed says nothing.
    function sequencerUp(address source, uint256 time) internal view returns (bool) {
        if (source == address(0)) return true;
        (bool said, uint256 answer, uint256 startedAt,) = _ask(source, 0xfeaf968c, 160);
        return
            said && answer == 0 && startedAt != 0 && startedAt <= time && time - startedAt > GRACE;
    }

    /// @dev One call without arguments. Of `latestRoundData` the second to fourth words are given;
    /// of an answer of one word, that word.
    /// @param source Whom to ask.
    /// @param selector What to ask.
    /// @param length Bytes that an answer has at least.
    /// @return said Whether it answered.
    /// @return first `answer`, or the only word.
    /// @return second `startedAt`.
    /// @return third `updatedAt`.
    function _ask(address source, uint32 selector, uint256 length)
        private
        view
        returns (bool said, uint256 first, uint256 second, uint256 third)
    {
        if (gasleft() < READ_GAS + READ_GAS / 16) revert TooLittleGasForFeed();
        uint256[5] memory words;
        assembly ("memory-safe") {
            mstore(0, shl(224, selector))
            said := staticcall(READ_GAS, source, 0, 4, words, length)
            said := and(said, iszero(lt(returndatasize(), length)))
        }
        if (!said) return (false, 0, 0, 0);
        if (length == 32) return (true, words[0], 0, 0);
        return (true, words[1], words[2], words[3]);
    }
}
