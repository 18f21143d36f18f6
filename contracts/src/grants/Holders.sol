// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Claims} from "./Claims.sol";
import {Days} from "./Days.sol";
import {Governed} from "./Governed.sol";
import {Grants} from "./Grants.sol";
import {ITierGrants} from "./ITierGrants.sol";
import {Series} from "./Series.sol";
import {Holder, Pending, Why} from "./Types.sol";

/// @title Who holds a nullifier, and the grant of each account
/// @notice A nullifier stands for one institution in one series. It is free, held by one account,
/// moved to another, retired or barred. Here is what accounts and the guardian do without a proof.
abstract contract Holders is Governed, ITierGrants {
    // ---- acts of accounts -----------------------------------------------------------------------

    /// @inheritdoc ITierGrants
    function relinquish() external {
        Grants.requireRunning(_book, msg.sender);
        Grants.end(_book, msg.sender, Why.Relinquished);
    }

    /// @inheritdoc ITierGrants
    function downgrade(uint8 tier) external {
        Claims.downgrade(_book, tier, strictest);
    }

    /// @inheritdoc ITierGrants
    function contest(bytes32 series, uint256 nullifier) external {
        uint256 scope = scopeOf(series);
        _requireHolder(scope, nullifier);
        if (Grants.requireRunning(_book, msg.sender).subject != subjectOf(scope, nullifier)) {
            revert NoRunningGrant(msg.sender);
        }
        Pending storage pending = _book.pending[scope][nullifier];
        if (pending.account == address(0)) revert NoMove(nullifier);
        pending.account = address(0);
        pending.contestedDay = pending.lastDay;
        emit MoveContested(series, nullifier, pending.lastDay);
    }

    /// @inheritdoc ITierGrants
    function retire(bytes32 series, uint256 nullifier) external {
        uint256 scope = scopeOf(series);
        Holder storage holder = _requireHolder(scope, nullifier);
        if (holder.retired) revert NullifierRetired(nullifier);
        holder.retired = true;
        Grants.endOwn(_book, msg.sender, subjectOf(scope, nullifier), Why.Retired);
        emit Retired(series, nullifier);
    }

    // ---- acts of the guardian -------------------------------------------------------------------

    /// @notice Ends the grant of a nullifier; only a history that runs past today counts for it.
    /// Guardian only.
    /// @param series The series.
    /// @param nullifier The nullifier.
    function revoke(bytes32 series, uint256 nullifier) external restricted {
        _revoke(series, nullifier);
    }

    /// @notice As `revoke`, and nothing counts for the nullifier until the governor frees it.
    /// Guardian only.
    /// @param series The series.
    /// @param nullifier The nullifier.
    function bar(bytes32 series, uint256 nullifier) external restricted {
        _revoke(series, nullifier).freeFromDay = type(uint16).max;
        emit Barred(series, nullifier, type(uint16).max);
    }

    /// @notice Frees a nullifier from the first day after the notice. Governor only.
    /// @param series The series.
    /// @param nullifier The nullifier.
    function unbar(bytes32 series, uint256 nullifier) external restricted {
        Holder storage holder = _book.holders[scopeOf(series)][nullifier];
        if (holder.freeFromDay != type(uint16).max) revert NotBarred(nullifier);
        holder.freeFromDay = uint16((_afterNotice() + 1 days - 1) / 1 days);
        emit Barred(series, nullifier, holder.freeFromDay);
    }

    // ---- views ----------------------------------------------------------------------------------

    /// @inheritdoc ITierGrants
    function scopeOf(bytes32 series) public view returns (uint256) {
        return Grants.scopeOf(series);
    }

    /// @inheritdoc ITierGrants
    function subjectOf(uint256 scope, uint256 nullifier) public pure returns (uint56) {
        return Grants.subjectOf(scope, nullifier);
    }

    // ---- inside -----------------------------------------------------------------------------------

    /// @dev See `revoke`.
    function _revoke(bytes32 series, uint256 nullifier) private returns (Holder storage holder) {
        Series.requireSeries(_book.series, series);
        uint256 scope = scopeOf(series);
        holder = _book.holders[scope][nullifier];
        if (holder.asOf < Days.today()) holder.asOf = Days.today();
        Grants.endOwn(_book, holder.account, subjectOf(scope, nullifier), Why.Revoked);
        emit Revoked(series, nullifier, holder.asOf);
    }

    /// @dev A nullifier that the caller holds.
    function _requireHolder(uint256 scope, uint256 nullifier)
        private
        view
        returns (Holder storage holder)
    {
        holder = _book.holders[scope][nullifier];
        if (holder.account != msg.sender) revert NotHolder(holder.account);
    }
}
