// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Effective} from "./Effective.sol";
import {IGrantEvents} from "./IGrantEvents.sol";
import {IGrants} from "./IGrants.sol";
import {Roots} from "./Roots.sol";
import {ConductRecord, Grant} from "./Slots.sol";
import {Book, Why} from "./Types.sol";

/// @title The grant of an account: when it ends, and what a write makes of it
library Grants {
    /// @dev The scope of a series of this registry.
    function scopeOf(bytes32 series) internal view returns (uint256) {
        return uint256(keccak256(abi.encode(block.chainid, address(this), series))) >> 8;
    }

    /// @dev Who stands behind a grant.
    function subjectOf(uint256 scope, uint256 nullifier) internal pure returns (uint56) {
        return uint56(uint256(keccak256(abi.encode(scope, nullifier))));
    }

    /// @dev From now on more is read of a grant than its expiry. The count stops at its greatest
    /// value: nothing that ends may fail for it.
    function alarm(Book storage book) internal {
        if (book.market.alarms < type(uint16).max) ++book.market.alarms;
    }

    /// @dev First second at which a grant does not run: the earliest end of all that it rests on.
    function endOf(Book storage book, Grant memory grant) internal view returns (uint32 over) {
        over = grant.expiry;
        if (book.market.alarms == 0) return over;
        over = _earlier(over, Roots.endOf(book.roots, book.sets, uint24(grant.root)));
        over = _earlier(over, book.series.tiers[grant.tier].endedAt);
        over = _earlier(over, book.router.all[grant.verifier].disabledAt);
        over = _earlier(over, book.switches.closedAt);
    }

    /// @dev Ends the grant of an account now, unless it ended before; nobody recovers it.
    function end(Book storage book, address account, Why why) internal {
        Grant storage grant = book.grants[account];
        uint32 over = endOf(book, grant);
        if (block.timestamp < over) {
            over = uint32(block.timestamp);
            emit IGrantEvents.GrantEnded(account, grant.subject, why);
        }
        grant.expiry = over;
        grant.root = 0;
    }

    /// @dev The same, if the grant is this nullifier's and not another's who took the account over.
    function endOwn(Book storage book, address account, uint56 id, Why why) internal {
        if (book.grants[account].subject == id) end(book, account, why);
    }

    /// @dev Whether an account holds a subject's grant or ever did.
    function everHeld(Book storage book, address account, uint56 id) internal view returns (bool) {
        return book.grants[account].subject == id || book.held[account][id];
    }

    /// @dev The running grant of an account.
    function requireRunning(Book storage book, address account)
        internal
        view
        returns (Grant storage grant)
    {
        grant = book.grants[account];
        if (block.timestamp >= endOf(book, grant)) revert IGrants.NoRunningGrant(account);
    }

    /// @dev The grant of an account with another tier and the conduct of its record, from now on;
    /// nothing is written.
    /// @param book All that is kept.
    /// @param account The account.
    /// @param tier Serial of the tier.
    /// @param strictest Factor of the strictest band, 1/10^4.
    /// @return grant Its slot.
    function retargeted(Book storage book, address account, uint24 tier, uint256 strictest)
        internal
        view
        returns (Grant memory grant)
    {
        grant = book.grants[account];
        ConductRecord memory record = book.conduct[account];
        Effective.retarget(
            grant,
            book.series.tiers[grant.tier].terms,
            book.series.tiers[tier].terms,
            record.level,
            record.until,
            book.market,
            strictest,
            endOf(book, grant),
            block.timestamp
        );
        grant.tier = tier;
    }

    /// @dev The earlier of two ends, of which `other` may be none.
    function _earlier(uint32 over, uint32 other) private pure returns (uint32) {
        return other != 0 && other < over ? other : over;
    }
}
