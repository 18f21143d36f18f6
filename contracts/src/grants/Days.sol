// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGrants} from "./IGrants.sol";

/// @title Days since 1970-01-01 UTC, and windows of them
library Days {
    /// @notice Days of a window, at least and at most.
    uint256 internal constant LEAST_DAYS = 28;
    uint256 internal constant MOST_DAYS = 366;
    /// @notice Days travel in 16 bits.
    uint256 internal constant DAY_LIMIT = 1 << 16;

    /// @dev First second after a day.
    function endOf(uint256 day) internal pure returns (uint256) {
        return (day + 1) * 1 days;
    }

    /// @dev The running day.
    function today() internal view returns (uint16) {
        return uint16(block.timestamp / 1 days);
    }

    /// @dev A window in 32 bits, as it is a key of mappings: first day + 2^16 last day.
    function window(uint256 firstDay, uint256 lastDay) internal pure returns (uint32) {
        return uint32(firstDay | (lastDay << 16));
    }

    /// @dev The same as a public word of a statement: first day + 2^24 last day.
    function statementWord(uint256 firstDay, uint256 lastDay) internal pure returns (uint256) {
        return firstDay | (lastDay << 24);
    }

    /// @dev Days in order, LEAST_DAYS to MOST_DAYS of them.
    function requireWindow(uint256 firstDay, uint256 lastDay) internal pure {
        if (
            firstDay > lastDay || lastDay >= DAY_LIMIT || lastDay - firstDay + 1 < LEAST_DAYS
                || lastDay - firstDay + 1 > MOST_DAYS
        ) revert IGrants.WindowInvalid(firstDay, lastDay);
    }
}
