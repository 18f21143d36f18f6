// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What Derive v2's managers ask of an allow list
/// @dev `IAllowList` of its v2-core, without its events. A manager asks it of the owner of a
/// subaccount: if the answer turns to no, anybody may force that account's liquidation and withdrawal.
interface IAllowList {
    /// @notice Whether somebody may trade.
    /// @param user Owner of a subaccount.
    /// @return True if he may.
    function canTrade(address user) external view returns (bool);
}

/// @title What Derive v2's managers hand data of a trade to
/// @dev `IDataReceiver` of its v2-core. Data rides in a trade's manager data, written by anybody.
interface IDataReceiver {
    /// @notice Takes data.
    /// @param data Whatever the receiver understands.
    function acceptData(bytes calldata data) external;
}
