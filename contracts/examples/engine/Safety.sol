// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPriceFeed} from "./IPriceFeed.sol";
import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

/// @title When an engine may act on those who cannot act themselves
/// @notice While the sequencer of a layer 2 is down, or the engine pauses, nobody can add margin, but
/// prices and glides run on. So nobody is liquidated, or said to be near it, until an hour after.
abstract contract Safety is Ownable2Step {
    /// @notice How long accounts have after an outage or a pause, in seconds.
    uint256 public constant GRACE = 1 hours;
    /// @notice How long a pause lasts, in seconds.
    uint256 public constant PAUSE = 1 days;
    /// @notice How long no pause can begin after one, in seconds.
    uint256 public constant PAUSE_REST = 3 days;

    /// @notice Chainlink's uptime feed of the sequencer; zero on a layer 1.
    IPriceFeed public immutable sequencer;
    /// @notice The second at which the last pause ends, or ended.
    uint64 public pausedUntil;

    /// @notice A pause began.
    /// @param until The second at which it ends.
    event Paused(uint64 until);
    /// @notice The owner ended a pause.
    event Unpaused();

    /// @notice The engine pauses.
    /// @param until The second at which the pause ends.
    error EnginePaused(uint64 until);
    /// @notice A pause ran a short while ago.
    /// @param freeFrom First second at which another may begin.
    error PauseTooSoon(uint256 freeFrom);
    /// @notice Accounts have their hour still, after an outage or a pause.
    /// @param freeFrom First second at which they can be liquidated; the greatest number if unknown.
    error InGrace(uint256 freeFrom);

    /// @dev Not while the engine pauses.
    modifier whenRunning() {
        if (block.timestamp < pausedUntil) revert EnginePaused(pausedUntil);
        _;
    }

    /// @dev Not while the engine pauses or the sequencer is down, nor within an hour after.
    modifier whenAccountsCanAct() {
        uint256 from = _accountsCanActFrom();
        if (block.timestamp < from) revert InGrace(from);
        _;
    }

    /// @notice Names who governs the engine and who says whether the sequencer is up.
    /// @param owner_ Pauses; moves no collateral.
    /// @param sequencer_ Uptime feed; zero on a layer 1.
    constructor(address owner_, IPriceFeed sequencer_) Ownable(owner_) {
        sequencer = sequencer_;
    }

    /// @notice Stops trades, withdrawals and liquidations for a day; deposits go on.
    function pause() external onlyOwner {
        uint256 freeFrom = uint256(pausedUntil) + PAUSE_REST;
        if (pausedUntil != 0 && block.timestamp < freeFrom) revert PauseTooSoon(freeFrom);
        pausedUntil = uint64(block.timestamp + PAUSE);
        emit Paused(pausedUntil);
    }

    /// @notice Ends a pause before its time; the hour after it begins now.
    function unpause() external onlyOwner {
        if (block.timestamp < pausedUntil) pausedUntil = uint64(block.timestamp);
        emit Unpaused();
    }

    /// @dev First second at which accounts have had their hour. A feed that says nothing says down.
    function _accountsCanActFrom() private view returns (uint256 from) {
        if (pausedUntil != 0) from = uint256(pausedUntil) + GRACE;
        if (address(sequencer) == address(0)) return from;
        try sequencer.latestRoundData() returns (
            uint80, int256 answer, uint256 startedAt, uint256, uint80
        ) {
            // Zero is a round that has not begun.
            if (answer != 0 || startedAt == 0 || startedAt > block.timestamp) {
                return type(uint256).max;
            }
            if (startedAt + GRACE > from) from = startedAt + GRACE;
        } catch {
            return type(uint256).max;
        }
    }
}
