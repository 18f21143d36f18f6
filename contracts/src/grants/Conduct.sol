// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ConductRecord} from "./Slots.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title What an account did on the granted terms, and for how long it costs
/// @dev Only time ends a level: after a report of a level, the account has that level or a higher
/// one until the level's time is over, whatever else is reported and wherever the record goes. But
/// the word of an engine can be taken back, and that gives back nothing that another one said: a
/// record keeps, beside the level, the engine that raised it there and the level without its word.
library Conduct {
    /// @dev Near its liquidation.
    uint256 internal constant NEAR = 1;

    /// @dev Near it twice in seven days, or liquidated in part.
    uint256 internal constant PARTLY = 2;

    /// @dev Liquidated.
    uint256 internal constant LIQUIDATED = 3;

    /// @dev Level that a record gives.
    /// @param record The record.
    /// @param time The second asked for.
    /// @return 0 to 3.
    function levelAt(ConductRecord memory record, uint256 time) internal pure returns (uint256) {
        return time < record.until ? record.level : 0;
    }

    /// @dev Seconds for which a level holds after its report.
    /// @param level 0 to 3.
    /// @return The seconds.
    function period(uint256 level) internal pure returns (uint256) {
        if (level == NEAR) return 7 days;
        if (level == PARTLY) return 30 days;
        return level == LIQUIDATED ? 90 days : 0;
    }

    /// @dev A record after a report.
    /// @param record The record.
    /// @param level What happened, 0 to 3.
    /// @param engine Index of the engine.
    /// @param time Now.
    /// @return The record from now on.
    function reported(ConductRecord memory record, uint256 level, uint8 engine, uint256 time)
        internal
        pure
        returns (ConductRecord memory)
    {
        uint32 until = uint32(time + period(level));
        return joined(record, ConductRecord(uint8(level), until, engine, 0, 0), time);
    }

    /// @dev A record with another one's: the worse level until the later end. Twice is as good as
    /// once. Who raised the level is its engine; what every other one said is the rest.
    /// @param record The record.
    /// @param other The other one.
    /// @param time Now.
    /// @return The record from now on.
    function joined(ConductRecord memory record, ConductRecord memory other, uint256 time)
        internal
        pure
        returns (ConductRecord memory)
    {
        uint256 level = levelAt(other, time);
        if (level == 0) return record;
        uint256 had = levelAt(record, time);
        if (had == 0) return other;
        (uint8 restLevel, uint32 restUntil) = (record.restLevel, record.restUntil);
        if (level > had && record.engine != other.engine) {
            (restLevel, restUntil) = (record.level, record.until);
            record.engine = other.engine;
        }
        (record.restLevel, record.restUntil) = record.engine == other.engine
            ? _worse(restLevel, restUntil, other.restLevel, other.restUntil, time)
            : _worse(restLevel, restUntil, other.level, other.until, time);
        (record.level, record.until) =
            _worse(record.level, record.until, other.level, other.until, time);
        return record;
    }

    /// @dev A record without the word of its engine.
    /// @param record The record.
    /// @return The rest of it, which is of several engines or of one that is not known.
    function withoutEngine(ConductRecord memory record)
        internal
        pure
        returns (ConductRecord memory)
    {
        return ConductRecord(record.restLevel, record.restUntil, 0, 0, 0);
    }

    /// @dev The higher of two levels until the later of two ends.
    function _worse(uint8 level, uint32 until, uint8 other, uint32 otherUntil, uint256 time)
        private
        pure
        returns (uint8, uint32)
    {
        if (time >= otherUntil || other == 0) return (level, until);
        if (time >= until || level == 0) return (other, otherUntil);
        return (uint8(Math.max(level, other)), uint32(Math.max(until, otherUntil)));
    }
}
