// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ConductRecord} from "./Slots.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title What an account did on the granted terms, and for how long it costs
/// @dev Only time ends a level: after a report of a level, the account has that level or a higher
/// one until the level's time is over, whatever else is reported and wherever the record goes.
library Conduct {
    /// @dev Near its liquidation.
    uint256 internal constant NEAR = 1;

    /// @dev Near it twice in seven days, or liquidated in part.
    uint256 internal constant PARTLY = 2;

    /// @dev Liquidated.
    uint256 internal constant LIQUIDATED = 3;

    /// @dev From this number on, a word of near days says that no number of days is enough.
    uint256 internal constant NEVER = 4_080;

    /// @dev Near days of which a word speaks: 0 to 15.
    uint256 internal constant WORD = 16;

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

    /// @dev Takes a report into a record. Near and exposed days only rise, exposed days to at most
    /// the days that the record has touched.
    /// @param record The record, changed in place.
    /// @param level What happened, 0 to 3.
    /// @param near Days near the liquidation, of the engine's count.
    /// @param exposed Days with exposure, of the engine's count.
    /// @param word Least exposed days for each number of near days, 16 of 12 bits; zero asks none.
    /// @param engine Index of the engine.
    /// @param time Now.
    function report(
        ConductRecord memory record,
        uint256 level,
        uint256 near,
        uint256 exposed,
        uint256 word,
        uint8 engine,
        uint256 time
    ) internal pure {
        if (record.begun == 0) record.begun = uint32(time);
        uint256 days_ = time / 1 days - record.begun / 1 days + 1;
        record.near = uint16(Math.max(record.near, Math.min(near, type(uint16).max)));
        record.exposed =
            uint16(Math.max(record.exposed, Math.min(Math.min(exposed, days_), type(uint16).max)));
        if (level == 0 && tooNear(record.near, record.exposed, word)) level = NEAR;
        if (level > 0) {
            _worsen(record, level, time + period(level), time);
            record.engine = engine;
        }
    }

    /// @dev Takes another account's record into one: the worse level until the later end, the worse
    /// count, the earlier beginning. Twice is as good as once.
    /// @param record The record, changed in place.
    /// @param other The other one.
    /// @param time Now.
    function join(ConductRecord memory record, ConductRecord memory other, uint256 time)
        internal
        pure
    {
        if (other.begun == 0) return;
        uint256 level = levelAt(other, time);
        if (level > 0) {
            if (_worsen(record, level, other.until, time)) record.engine = other.engine;
        }
        if (
            other.near > record.near
                || (other.near == record.near && other.exposed < record.exposed && other.near > 0)
        ) (record.near, record.exposed) = (other.near, other.exposed);
        if (record.begun == 0 || other.begun < record.begun) record.begun = other.begun;
    }

    /// @dev Takes a level back that an engine gave whose word counts no more; its counts stay.
    /// @param record The record, changed in place.
    /// @param engine Index of the engine.
    function takeBack(ConductRecord memory record, uint8 engine) internal pure {
        if (record.engine == engine) (record.level, record.until) = (0, 0);
    }

    /// @dev Whether so many near days of so many are too many (docs/explanation/metrics.md C3).
    /// @param near Near days.
    /// @param exposed Days with exposure.
    /// @param word Least exposed days for each number of near days, 16 of 12 bits; zero asks none.
    /// @return Whether they are.
    function tooNear(uint256 near, uint256 exposed, uint256 word) internal pure returns (bool) {
        if (near == 0 || word == 0) return false;
        if (near >= WORD) return true;
        uint256 least = (word >> (12 * near)) & 0xfff;
        return exposed < least || least >= NEVER;
    }

    /// @dev The higher of two levels until the later of two ends.
    /// @param record The record, changed in place.
    /// @param level The level that comes.
    /// @param until Its end.
    /// @param time Now.
    /// @return Whether that is more than the record had.
    function _worsen(ConductRecord memory record, uint256 level, uint256 until, uint256 time)
        private
        pure
        returns (bool)
    {
        uint256 had = levelAt(record, time);
        if (level <= had && until <= record.until) return false;
        record.level = uint8(Math.max(level, had));
        record.until = uint32(had == 0 ? until : Math.max(until, record.until));
        return true;
    }
}
