// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

/// @title Who may call what of the registry of grants
/// @notice OpenZeppelin's AccessManager, compiled here so that its artifact stands beside the rest.
contract Authority is AccessManager {
    /// @notice One admin, who appoints everybody else.
    /// @param admin Meant to be a timelock.
    constructor(address admin) AccessManager(admin) {}
}
