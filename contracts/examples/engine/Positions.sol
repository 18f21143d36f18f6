// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Markets} from "./Markets.sol";
import {Leg} from "./PortfolioMargin.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";

/// @title Positions, and whose limit they count for
/// @notice A position is made of lots. Each lot keeps the notional at which it was opened and the
/// holder under whom it was: the subject of the account's grant then. It counts for that holder until
/// it is closed, also when the account gets another grant or none. The newest lot is closed first.
abstract contract Positions {
    /// @notice A part of a position, opened under one holder.
    struct Lot {
        /// Subject, or the account itself with the highest bit set where it had none.
        uint256 holder;
        uint128 units;
        /// Notional at spot when opened, USD with 18 decimals.
        uint128 notional;
    }

    /// @notice Largest position: units with 18 decimals.
    uint256 public constant LARGEST = 1 << 96;
    /// @notice Most instruments in which an account can have a position.
    uint256 public constant MAX_HELD = 12;
    /// @notice Most lots of a position.
    uint256 public constant MAX_LOTS = 4;

    /// @notice What can be traded, and its prices.
    Markets public immutable markets;
    /// @notice Open notional of a holder, all accounts together; USD with 18 decimals.
    mapping(uint256 holder => uint256) public openNotional;
    /// @dev Instruments in which an account has a position.
    mapping(address account => uint32[]) private _held;
    /// @dev Units with 18 decimals; negative where it is short.
    mapping(address account => mapping(uint256 instrument => int256)) private _sizes;
    /// @dev What a position is made of; the units add up to its size.
    mapping(address account => mapping(uint256 instrument => Lot[])) private _lots;

    /// @notice A position changed.
    /// @param account Whose.
    /// @param instrument Of what.
    /// @param change Units with 18 decimals.
    /// @param size What it is now.
    event PositionChanged(
        address indexed account, uint256 indexed instrument, int256 change, int256 size
    );

    /// @notice More open notional than the holder's limit.
    /// @param holder Subject, or account.
    /// @param notional What there would be; USD with 18 decimals.
    /// @param limit What may be; the same.
    error OverLimit(uint256 holder, uint256 notional, uint256 limit);
    /// @notice More positions, lots or units than an account can have.
    error TooMany();

    /// @notice Names the markets.
    /// @param markets_ What can be traded.
    constructor(Markets markets_) {
        markets = markets_;
    }

    /// @notice Size of a position.
    /// @param account Whose.
    /// @param instrument Of what.
    /// @return Units with 18 decimals; negative where it is short.
    function sizeOf(address account, uint256 instrument) external view returns (int256) {
        return _sizes[account][instrument];
    }

    /// @notice Instruments in which an account has a position.
    /// @param account Whose.
    /// @return Their numbers, in no order.
    function heldBy(address account) external view returns (uint32[] memory) {
        return _held[account];
    }

    /// @notice What a position is made of.
    /// @param account Whose.
    /// @param instrument Of what.
    /// @return Its lots, the newest last.
    function lotsOf(address account, uint256 instrument) external view returns (Lot[] memory) {
        return _lots[account][instrument];
    }

    /// @dev All positions of an account with the prices of now.
    function _legs(address account) internal view returns (Leg[] memory legs) {
        uint32[] memory numbers = _held[account];
        if (numbers.length == 0) return legs;
        int256[] memory sizes = new int256[](numbers.length);
        for (uint256 i = 0; i < numbers.length; ++i) {
            sizes[i] = _sizes[account][numbers[i]];
        }
        return markets.legs(numbers, sizes);
    }

    /// @dev Whether an account has any position.
    function _isExposed(address account) internal view returns (bool) {
        return _held[account].length > 0;
    }

    /// @dev Instruments of an account's positions.
    function _instrumentsOf(address account) internal view returns (uint32[] memory) {
        return _held[account];
    }

    /// @dev Size of a position.
    function _size(address account, uint256 instrument) internal view returns (int256) {
        return _sizes[account][instrument];
    }

    /// @dev Whether a change takes from a position and no more than there is.
    function _reduces(address account, uint256 instrument, int256 change)
        internal
        view
        returns (bool)
    {
        int256 size = _sizes[account][instrument];
        return
            size != 0 && (size > 0) != (change > 0)
                && SignedMath.abs(change) <= SignedMath.abs(size);
    }

    /// @dev Changes a position: what goes against it closes its newest lots, the rest is opened under
    /// `holder`, within `limit` (USD with 18 decimals) at `spot`.
    function _change(
        address account,
        uint32 instrument,
        int256 change,
        uint256 holder,
        uint256 limit,
        uint256 spot
    ) internal {
        int256 before = _sizes[account][instrument];
        int256 size = before + change;
        uint256 units = SignedMath.abs(change);
        if (SignedMath.abs(size) >= LARGEST) revert TooMany();
        if (before != 0 && (before > 0) != (change > 0)) {
            uint256 closed = Math.min(units, SignedMath.abs(before));
            _close(_lots[account][instrument], closed);
            units -= closed;
        }
        if (units > 0) _open(_lots[account][instrument], units, holder, limit, spot);
        _sizes[account][instrument] = size;
        if (before == 0) {
            if (_held[account].length == MAX_HELD) revert TooMany();
            _held[account].push(instrument);
        } else if (size == 0) {
            _forget(_held[account], instrument);
        }
        emit PositionChanged(account, instrument, change, size);
    }

    /// @dev Adds a lot, or to the newest if it is the same holder's.
    function _open(Lot[] storage lots, uint256 units, uint256 holder, uint256 limit, uint256 spot)
        private
    {
        uint256 notional = Math.ceilDiv(units * spot, 1e18);
        uint256 total = openNotional[holder] + notional;
        if (total > limit) revert OverLimit(holder, total, limit);
        openNotional[holder] = total;
        uint256 count = lots.length;
        if (count > 0 && lots[count - 1].holder == holder) {
            Lot storage newest = lots[count - 1];
            newest.units = SafeCast.toUint128(newest.units + units);
            newest.notional = SafeCast.toUint128(newest.notional + notional);
            return;
        }
        if (count == MAX_LOTS) revert TooMany();
        lots.push(Lot(holder, SafeCast.toUint128(units), SafeCast.toUint128(notional)));
    }

    /// @dev Closes units, newest first; the part of a lot's notional that goes is rounded down.
    function _close(Lot[] storage lots, uint256 units) private {
        while (units > 0) {
            Lot storage newest = lots[lots.length - 1];
            uint256 closed = Math.min(units, newest.units);
            uint256 notional = uint256(newest.notional) * closed / newest.units;
            openNotional[newest.holder] -= notional;
            units -= closed;
            if (closed == newest.units) {
                lots.pop();
            } else {
                newest.units -= uint128(closed);
                newest.notional -= uint128(notional);
            }
        }
    }

    /// @dev Takes an instrument out of a list that has it.
    function _forget(uint32[] storage list, uint32 instrument) private {
        uint256 last = list.length - 1;
        for (uint256 i = 0; i < last; ++i) {
            if (list[i] == instrument) list[i] = list[last];
        }
        list.pop();
    }
}
