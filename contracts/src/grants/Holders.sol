// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Days} from "./Days.sol";
import {Glide} from "./Glide.sol";
import {Governed} from "./Governed.sol";
import {Roots} from "./Roots.sol";
import {Series} from "./Series.sol";
import {Grant} from "./Slots.sol";
import {Holder, Pending, TierState, Why} from "./Types.sol";

/// @title Who holds a nullifier, and the grant of each account
/// @notice A nullifier stands for one institution in one series. It is free, held by one account,
/// moved to another, retired or barred. Here is what accounts and the guardian do without a proof.
abstract contract Holders is Governed {
    /// @dev The last grant of each account.
    mapping(address account => Grant) internal _grants;
    /// @dev Who holds each nullifier.
    mapping(uint256 scope => mapping(uint256 nullifier => Holder)) internal _holders;
    /// @dev The move of a nullifier that was announced last.
    mapping(uint256 scope => mapping(uint256 nullifier => Pending)) internal _pending;

    // ---- acts of accounts -----------------------------------------------------------------------

    /// @notice Ends the grant of the caller.
    function relinquish() external {
        _requireRunning(msg.sender);
        _end(msg.sender, Why.Relinquished);
    }

    /// @notice Takes a tier of the same policy that is nowhere better than the caller's.
    /// @param tier Index of the tier.
    function downgrade(uint8 tier) external {
        Grant storage grant = _requireRunning(msg.sender);
        TierState storage held = _series.tiers[grant.tier];
        uint24 serial = Series.requireTier(_series.policies[held.policy], tier);
        if (serial == grant.tier) revert NothingChanges();
        TierState storage taken = _series.tiers[serial];
        if (!Series.nowhereBetter(held.terms, taken.terms)) revert TierBetter(tier);
        (grant.from, grant.since) = _glide(grant, taken.terms.maintenanceMarginBp);
        emit Downgraded(msg.sender, grant.tier, serial);
        grant.tier = serial;
    }

    /// @notice Stops an announced move of a nullifier that the caller holds by a running grant: no
    /// unsigned move counts on a window that ends as early.
    /// @param series The series.
    /// @param nullifier The nullifier.
    function contest(bytes32 series, uint256 nullifier) external {
        uint256 scope = scopeOf(series);
        _requireHolder(scope, nullifier);
        _requireOwn(msg.sender, subjectOf(scope, nullifier));
        Pending storage pending = _pending[scope][nullifier];
        if (pending.account == address(0)) revert NoMove(nullifier);
        pending.account = address(0);
        pending.contested = true;
        emit MoveContested(series, nullifier, pending.lastDay);
    }

    /// @notice Gives up a nullifier that the caller holds, for good, with its grant.
    /// @param series The series.
    /// @param nullifier The nullifier.
    function retire(bytes32 series, uint256 nullifier) external {
        uint256 scope = scopeOf(series);
        Holder storage holder = _requireHolder(scope, nullifier);
        if (holder.retired) revert NullifierRetired(nullifier);
        holder.retired = true;
        _endOwn(msg.sender, subjectOf(scope, nullifier), Why.Retired);
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
        Holder storage holder = _holders[scopeOf(series)][nullifier];
        if (holder.freeFromDay != type(uint16).max) revert NotBarred(nullifier);
        holder.freeFromDay = uint16((_afterNotice() + 1 days - 1) / 1 days);
        emit Barred(series, nullifier, holder.freeFromDay);
    }

    // ---- views ----------------------------------------------------------------------------------

    /// @notice The scope of a series: one of its nullifiers is one identity, and nothing else of
    /// another series.
    /// @param series The series.
    /// @return uint256(keccak256(abi.encode(chainId, registry, series))) >> 8.
    function scopeOf(bytes32 series) public view returns (uint256) {
        return uint256(keccak256(abi.encode(block.chainid, address(this), series))) >> 8;
    }

    /// @notice Who stands behind a grant.
    /// @param scope Of `scopeOf`.
    /// @param nullifier The nullifier.
    /// @return The last 56 bits of keccak256(abi.encode(scope, nullifier)).
    function subjectOf(uint256 scope, uint256 nullifier) public pure returns (uint56) {
        return uint56(uint256(keccak256(abi.encode(scope, nullifier))));
    }

    // ---- inside -----------------------------------------------------------------------------------

    /// @dev From where and since when the maintenance margin of a grant rises to `to`. It starts at
    /// what holds now; a target that does not rise leaves the clock alone, or the glide could be
    /// held back for ever; after an end it is the end's clock that runs.
    function _glide(Grant memory grant, uint256 to) internal view returns (uint16, uint32) {
        uint256 time = block.timestamp;
        if (grant.tier == 0) return (uint16(to), uint32(time));
        uint256 target = _series.tiers[grant.tier].terms.maintenanceMarginBp;
        uint256 end = _endOf(grant);
        uint256 held = Glide.ramp(grant.from, target, grant.since, Math.min(time, end));
        if (time >= end) return (uint16(Math.min(held, to)), uint32(end));
        (uint256 from, uint256 since) =
            Glide.retarget(grant.from, target, grant.since, to, held, time);
        return (uint16(from), uint32(since));
    }

    /// @dev Ends the grant of an account now, unless it ended before; nobody recovers it.
    function _end(address account, Why why) internal {
        Grant storage grant = _grants[account];
        uint32 end = _endOf(grant);
        if (block.timestamp < end) {
            end = uint32(block.timestamp);
            emit GrantEnded(account, grant.subject, why);
        }
        grant.expiry = end;
        grant.root = 0;
    }

    /// @dev The same, if the grant is this nullifier's and not another's who took the account over.
    function _endOwn(address account, uint56 id, Why why) internal {
        if (_grants[account].subject == id) _end(account, why);
    }

    /// @dev See `revoke`.
    function _revoke(bytes32 series, uint256 nullifier) private returns (Holder storage holder) {
        Series.requireSeries(_series, series);
        uint256 scope = scopeOf(series);
        holder = _holders[scope][nullifier];
        if (holder.asOf < Days.today()) holder.asOf = Days.today();
        _endOwn(holder.account, subjectOf(scope, nullifier), Why.Revoked);
        emit Revoked(series, nullifier, holder.asOf);
    }

    /// @dev First second at which a grant does not run: the earliest end of all that it rests on.
    function _endOf(Grant memory grant) internal view returns (uint32 end) {
        end = grant.expiry;
        end = _earlier(end, Roots.endOf(_roots, _sets, uint24(grant.root)));
        end = _earlier(end, _series.tiers[grant.tier].endedAt);
        end = _earlier(end, _router.all[grant.verifier].disabledAt);
        end = _earlier(end, _switches.closedAt);
    }

    /// @dev The earlier of two ends, of which `other` may be none.
    function _earlier(uint32 end, uint32 other) private pure returns (uint32) {
        return other != 0 && other < end ? other : end;
    }

    /// @dev The running grant of an account.
    function _requireRunning(address account) private view returns (Grant storage grant) {
        grant = _grants[account];
        if (block.timestamp >= _endOf(grant)) revert NoRunningGrant(account);
    }

    /// @dev The running grant of an account is this nullifier's.
    function _requireOwn(address account, uint56 id) private view {
        if (_requireRunning(account).subject != id) revert NoRunningGrant(account);
    }

    /// @dev A nullifier that the caller holds.
    function _requireHolder(uint256 scope, uint256 nullifier)
        private
        view
        returns (Holder storage holder)
    {
        holder = _holders[scope][nullifier];
        if (holder.account != msg.sender) revert NotHolder(holder.account);
    }
}
