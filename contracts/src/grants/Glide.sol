// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title The clock of a number that may fall at once and must not rise at once
/// @dev A number that others are liquidated by is kept as (from, target, since): its value is the
/// target if that is lower, else it glides there in `SPAN` seconds from `since`. The default's
/// maintenance margin, the regime's factor and a grant's maintenance margin each have such a clock.
library Glide {
    /// @dev Seconds from where a number stands to a higher target.
    uint256 internal constant SPAN = 24 hours;

    /// @dev 1.0 of a factor or of a margin in basis points.
    uint256 internal constant ONE = 10_000;

    /// @dev Value of a clock. Rounded up: against the account, and reached in whole steps of 1.
    /// Arguments are below 2^32, so that nothing overflows.
    /// @param from Value at `since`.
    /// @param target What it glides to.
    /// @param since When it began.
    /// @param time The second asked for.
    /// @return At most `target`; `target` if that is not above `from`.
    function ramp(uint256 from, uint256 target, uint256 since, uint256 time)
        internal
        pure
        returns (uint256)
    {
        unchecked {
            if (target <= from || time >= since + SPAN) return target;
            if (time <= since) return from;
            return from + ((target - from) * (time - since) + SPAN - 1) / SPAN;
        }
    }

    /// @dev A clock for another target. Only a target that rises sets the clock, to start at what
    /// holds now; else repeated writes would hold a glide back for ever.
    /// @param from Value at `since`.
    /// @param target What it glides to so far.
    /// @param since When it began.
    /// @param next What it is to glide to.
    /// @param held Value that holds now.
    /// @param time Now.
    /// @return The clock's `from` and `since` under the target `next`.
    function retarget(
        uint256 from,
        uint256 target,
        uint256 since,
        uint256 next,
        uint256 held,
        uint256 time
    ) internal pure returns (uint256, uint256) {
        return next > target ? (Math.min(next, held), time) : (from, since);
    }

    /// @dev `amount` times a factor in 1/10^4, rounded up. Arguments are below 2^32.
    /// @param amount Any number.
    /// @param factor 10^4 is 1.0.
    /// @return The least whole number that is not below the product.
    function scaled(uint256 amount, uint256 factor) internal pure returns (uint256) {
        unchecked {
            return (amount * factor + ONE - 1) / ONE;
        }
    }
}
